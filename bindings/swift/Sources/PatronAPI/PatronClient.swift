/// Patron as an app sees it: one handle, with a facet for each concern.
///
/// Take `any PatronClient` wherever you use Patron: the app passes `Patron`, its tests pass `FakePatron`.
///
/// Every member may be called from any thread or actor. What suspends does not block a thread; what does not suspend
/// reads memory and returns at once, except ``close()``. Cancelling a task that awaits a call loses nothing: what was
/// handed over is finished, and the call returns when it is. After ``close()`` every call throws
/// ``PatronError/closed`` and every stream ends.
public protocol PatronClient: AnyObject, Sendable {
  /// What the shopper allows.
  var consent: any ConsentFacet { get }
  /// Where the shopper is, as far as that was granted.
  var place: any PlaceFacet { get }
  /// What to show.
  var offers: any OfferFacet { get }
  /// When offers may come, how many, and which never: the shopper's own rules.
  var moments: any MomentFacet { get }
  /// What the shopper looks for.
  var wishes: any WishFacet { get }
  /// What the app knows of the shopper, under ``Purpose/personalisation``.
  var profile: any ProfileFacet { get }
  /// What the shopper does.
  var events: any EventFacet { get }
  /// The way to the backend.
  var sync: any SyncFacet { get }
  /// What is known of the shopper, and the end of it.
  var me: any MeFacet { get }

  /// Returns when the database is open.
  ///
  /// Needs no call: everything that suspends waits for it. Throws ``PatronError/storage(why:)`` when the database cannot
  /// be opened.
  func ready() async throws(PatronError)

  /// Why nothing is shown, each with what would change it; empty when nothing is in the way. At a placement (`nil` for
  /// anywhere), for a shopper who asked (``OfferFacet/at(_:)``) or for what comes by itself
  /// (``OfferFacet/suggest(_:)``), which quiet hours and the like hold back too: ask it what you asked for the cards.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for a placement that is empty or longer than 64 bytes.
  func blockers(placement: String?, asked: Bool) throws(PatronError) -> [Blocker]

  /// The account, sizes and last errors, for a support screen. On a full disk it is the account of what the disk has, and
  /// ``Diagnostics/lastError`` says so.
  func diagnostics() async throws(PatronError) -> Diagnostics

  /// Says who the shopper is, with a token of the app's backend. Works offline; sync delivers it. Called again, it renews
  /// the token of the same shopper. Another shopper's comes behind ``signOut()`` alone.
  ///
  /// `account` is the retailer's own name for the account, such as a customer's number: by it a shopper is known again.
  /// It stays on the device, as a salted hash. Named once, name it each time. Without it, a JWT's subject says whose the
  /// token is; an opaque token that was renewed needs it.
  ///
  /// Throws ``PatronError/anotherShopper`` while another shopper is signed in, or one whom nothing shows to be the same;
  /// ``PatronError/invalidInput(what:why:)`` for an empty or oversized token or account.
  func identify(token: String, account: String?) async throws(PatronError)

  /// Leaves nothing of this shopper to the next: what was removed. ``MeFacet/erase()`` asks the backend to forget, too.
  ///
  /// An age that was declared (``ConsentFacet/declare(_:)``) was theirs: declare the next one's.
  func signOut() async throws(PatronError) -> SignedOut

  /// Closes the store. What was handed over is stored. Takes milliseconds; a second call does nothing.
  ///
  /// A transport of the app's is asked to let go of a request under way, and waited for: two seconds at most.
  func close()
}

extension PatronClient {
  /// Says who the shopper is, as far as the token does.
  public func identify(token: String) async throws(PatronError) {
    try await identify(token: token, account: nil)
  }

  /// Why nothing comes by itself, anywhere in the app; empty when nothing is in the way.
  public func blockers() throws(PatronError) -> [Blocker] {
    try blockers(placement: nil, asked: false)
  }

  /// Why nothing comes by itself at a placement; empty when nothing is in the way.
  public func blockers(placement: String) throws(PatronError) -> [Blocker] {
    try blockers(placement: placement, asked: false)
  }
}

/// What the shopper does. All of it works offline.
public protocol EventFacet: Sendable {
  /// Records an event, at once: never blocks, never waits for disk or network.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for an event that can never be recorded, naming the field
  /// (`event.lines[2].quantity`); a missing grant and a full queue are answers, not errors.
  @discardableResult
  func track(_ event: Engagement) throws(PatronError) -> Tracked

  /// Records an event and returns when it survives a loss of power.
  ///
  /// Where that cannot be had it is recorded all the same, and the answer is ``Tracked/notYetDurable``: do not track it
  /// again. Throws as ``track(_:)`` does, each time before anything was recorded.
  @discardableResult
  func trackDurable(_ event: Engagement) async throws(PatronError) -> Tracked

  /// The events that the backend will never take and that were given up last, newest first, at most `limit` of them; the
  /// device keeps the last thousand.
  ///
  /// For developers and QA: nothing brings them back. Each goes when its purpose is withdrawn, and all of them at
  /// ``PatronClient/signOut()`` and ``MeFacet/erase()``. A `limit` below 0 is 0.
  func deadLetters(limit: Int) async throws(PatronError) -> [DeadLetter]
}

extension EventFacet {
  /// The last hundred events that the backend will never take, newest first; see ``deadLetters(limit:)``.
  public func deadLetters() async throws(PatronError) -> [DeadLetter] {
    try await deadLetters(limit: 100)
  }
}

/// The way to the backend. Patron uses it by itself; these are what the app knows better, and for background jobs.
public protocol SyncFacet: Sendable {
  /// Sends what is queued until nothing is left, the deadline has passed or so many bytes were sent.
  ///
  /// Returns at once when the app said that it is offline, and when the network that it was begun on gives way to a
  /// metered one. Cancelling its task does not end it: give it the time that the system gives. What could not be sent
  /// stays queued, on a full disk too. Decisions of consent go in any case, whatever `bytes` says.
  @discardableResult
  func drain(deadline: Duration, bytes: UInt64?) async throws(PatronError) -> Drained

  /// The app's word on the network, ``NetworkState/unmetered`` until told otherwise.
  ///
  /// What is not ``NetworkState/offline`` ends the wait after a failure: sync tries now. `PatronNetwork` says it for the
  /// app. Throws ``PatronError/busy`` when too many calls wait; say it again shortly.
  func setNetwork(_ network: NetworkState) throws(PatronError)

  /// The app's word on whether the shopper looks at it. Works offline.
  ///
  /// Leaving it sends what is queued without waiting for company; coming back after half an hour or more begins a new
  /// ``Diagnostics/session``. `PatronForeground` says it for the app. Throws ``PatronError/busy`` when too many calls
  /// wait; say it again shortly.
  func setForeground(_ foreground: Bool) throws(PatronError)

  /// Another key, from the next request on, for a backend that rotates them.
  ///
  /// Ends the pause that a refused key began (``Blocker/Kind/keyRefused``): what was kept meanwhile is sent. Lives as
  /// long as the handle: the next one opens with its ``PatronConfig``. In the sandbox it changes nothing. Throws
  /// ``PatronError/invalidInput(what:why:)`` for what cannot be a key (1 to 512 printable ASCII characters, no spaces),
  /// and ``PatronError/busy`` when too many calls wait.
  func renewKey(_ key: String) throws(PatronError)

  /// Fetches the offer catalogue now.
  ///
  /// Throws ``PatronError/unavailable(why:retryAfter:)`` without network; the stored catalogue stays.
  func refresh() async throws(PatronError)
}

extension SyncFacet {
  /// ``setNetwork(_:)`` for an app that knows no more than this: `false` means do not try, `true` means try now.
  public func setOnline(_ online: Bool) throws(PatronError) {
    try setNetwork(online ? .unmetered : .offline)
  }

  /// Sends what is queued, for at most 20 s: what a background job has.
  @discardableResult
  public func drain() async throws(PatronError) -> Drained {
    try await drain(deadline: .seconds(20), bytes: nil)
  }

  /// Sends what is queued until nothing is left or the deadline has passed.
  @discardableResult
  public func drain(deadline: Duration) async throws(PatronError) -> Drained {
    try await drain(deadline: deadline, bytes: nil)
  }
}
