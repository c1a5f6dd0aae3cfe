import Foundation

/// The shopper's own rules: when offers may come, how many, and which never.
///
/// They are the shopper's acts on the shopper's device: no consent is needed, and they hold at once, offline, and after a
/// restart. *When and how many* holds back what comes by itself
/// (``OfferFacet/suggest(_:)``, ``OfferFacet/notices``); who asks (``OfferFacet/at(_:)``) is answered. *Which* holds
/// always. ``PatronClient/signOut()`` forgets all of it.
///
/// While signed in, and under ``Purpose/personalisation`` alone, they hold on the account's other devices too, but for
/// ``unseen()``, which stays here: told with the next request, heard by the others when they start, with each look for a
/// new catalogue and with ``SyncFacet/refresh()``. Of two changes that did not know of each other, what lets less come
/// stands.
///
/// What makes no sense or is too much is ``PatronError/invalidInput(what:why:)``, and changes nothing.
public protocol MomentFacet: Sendable {
  /// What holds now.
  func current() throws(PatronError) -> Moments

  /// Nothing comes by itself between these times of each day; past midnight too. In place of the quiet hours before.
  func quiet(from: TimeOfDay, to: TimeOfDay) async throws(PatronError)

  /// There are no quiet hours any more.
  func noQuiet() async throws(PatronError)

  /// Nothing comes by itself until then, within a year.
  func snooze(until: Date) async throws(PatronError)

  /// The snooze ends.
  func endSnooze() async throws(PatronError)

  /// So many different offers a day come by themselves, 1 to 100; `nil` for as many as fit.
  func daily(_ most: Int?) async throws(PatronError)

  /// Offers come only when the shopper asks, or by themselves again.
  func onlyWhenAsked(_ only: Bool) async throws(PatronError)

  /// No more of this.
  func refuse(_ refusal: Refusal) async throws(PatronError)

  /// This again. Of an offer, also that it was seen too often.
  func welcome(_ refusal: Refusal) async throws(PatronError)

  /// This offer was seen too often: it rests for thirty days.
  func rest(offer: String) async throws(PatronError)

  /// The visits that go on are not recorded, and what of them waits to be sent is removed. Ends with each visit.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` where the shopper is at no place.
  func unseen() async throws(PatronError)

  /// Where the shopper's clock stands from now on, an IANA name such as `Europe/Helsinki`: quiet hours, days, hours in
  /// rules. ``PatronConfig/timeZone`` is where it stood when Patron was opened; `PatronForeground` tells when the system's
  /// changes. Holds until Patron is closed.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for one that is not known here, which a newer system may have: the
  /// zone of before stays.
  func setTimeZone(_ name: String) async throws(PatronError)
}

/// What the shopper looks for. Matched on the device; as ``MomentFacet`` in all else, on the account's other devices too.
/// A wish that was taken back there is gone here.
///
/// An offer that meets a wish goes before all others, and ``Why/parts`` says so.
public protocol WishFacet: Sendable {
  /// All of them, in the order in which they were added; of those that have ended some.
  func current() throws(PatronError) -> [Wish]

  /// Looks for `words`, a line of at most 120 characters, or for one of at most five `topics`, until then. The same
  /// words again change their topics and their end.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for words that say nothing, an end that is past, and from 20 wishes
  /// on.
  func add(_ words: String, topics: [String], until: Date?) async throws(PatronError)

  /// The wish is taken back. One that is gone already is no error.
  func remove(id: UInt32) async throws(PatronError)
}

extension WishFacet {
  /// Looks for `words`, or for one of at most five `topics`, until it is taken back.
  public func add(_ words: String, topics: [String]) async throws(PatronError) {
    try await add(words, topics: topics, until: nil)
  }

  /// Looks for `words`, until then or until it is taken back.
  public func add(_ words: String, until: Date? = nil) async throws(PatronError) {
    try await add(words, topics: [], until: until)
  }
}
