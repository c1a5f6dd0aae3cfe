@_exported import PatronAPI

/// Patron: offers for the shopper who allowed them, and nothing of the shopper who did not.
///
/// ```swift
/// let patron = try Patron.open(.sandbox(folder: folder))
/// try await patron.consent.grant(.partnerOffers, .preciseLocation, .engagement)
/// for await cards in patron.offers.at("home") { show(cards) }
/// ```
///
/// Keep it as long as you use it: it closes when it is released. Its facets stay valid and then answer
/// `PatronError.closed`. See `PatronClient` for threads, waiting and cancellation.
public final class Patron: PatronClient {
  private let core: Core

  /// Takes the store's lock and returns; the database opens behind it.
  ///
  /// Events can be tracked at once, under the consent of the last run. What is wrong with the database is told by
  /// ``ready()`` and by everything that suspends. Touches the disk for about a millisecond.
  ///
  /// - Parameters:
  ///   - config: Where the store is and whom to talk to.
  ///   - logLevel: The least important lines that `log` is to see.
  ///   - transport: Carries Patron's requests; `nil` for Patron's own HTTP. The sandbox takes none.
  ///   - vault: Keeps the key that this installation's secret is wrapped with, for example `PatronKeychain`; `nil` to
  ///     leave the secret as it is in the store's files.
  ///   - log: Takes Patron's log lines; `nil` for silence.
  /// - Throws: `PatronError.invalidInput(what:why:)` for a bad configuration,
  ///   `PatronError.unavailable(why:retryAfter:)` when the store is open elsewhere, `PatronError.storage(why:)` when
  ///   the folder cannot be written or the disk is full.
  public static func open(
    _ config: PatronConfig, transport: (any PatronTransport)? = nil, vault: (any KeyVault)? = nil,
    logLevel: LogLevel = .info, log: PatronLog? = nil
  ) throws(PatronError) -> Patron {
    Patron(core: try Core(config, transport: transport, vault: vault, logLevel: logLevel, log: log))
  }

  private init(core: Core) {
    self.core = core
  }

  deinit {
    core.close()
  }

  /// What the shopper allows.
  public var consent: any ConsentFacet { Consent(core: core) }
  /// Where the shopper is, as far as that was granted.
  public var place: any PlaceFacet { Place(core: core) }
  /// What to show.
  public var offers: any OfferFacet { Offers(core: core) }
  /// When offers may come, how many, and which never: the shopper's own rules.
  public var moments: any MomentFacet { ShopperMoments(core: core) }
  /// What the shopper looks for.
  public var wishes: any WishFacet { ShopperWishes(core: core) }
  /// What the app knows of the shopper, under `Purpose.personalisation`.
  public var profile: any ProfileFacet { ShopperProfile(core: core) }
  /// What the shopper does.
  public var events: any EventFacet { Events(core: core) }
  /// The way to the backend.
  public var sync: any SyncFacet { Sync(core: core) }
  /// What is known of the shopper, and the end of it.
  public var me: any MeFacet { Me(core: core) }

  /// See `PatronClient.ready()`.
  public func ready() async throws(PatronError) {
    try await core.asking { handle in try await handle.ready() }
  }

  /// See `PatronClient.blockers(placement:asked:)`.
  public func blockers(placement: String?, asked: Bool) throws(PatronError) -> [Blocker] {
    try core.reading { handle in try handle.blockers(placement: placement, asked: asked).map(Blocker.init) }
  }

  /// See `PatronClient.diagnostics()`.
  public func diagnostics() async throws(PatronError) -> Diagnostics {
    try await core.asking { handle in Diagnostics(try await handle.diagnostics()) }
  }

  /// See `PatronClient.identify(token:account:)`.
  public func identify(token: String, account: String?) async throws(PatronError) {
    try await core.asking { handle in try await handle.identify(token: token, account: account) }
  }

  /// See `PatronClient.signOut()`.
  public func signOut() async throws(PatronError) -> SignedOut {
    try await core.asking { handle in SignedOut(try await handle.signOut()) }
  }

  /// See `PatronClient.close()`.
  public func close() {
    core.close()
  }
}
