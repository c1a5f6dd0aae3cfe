/// A call that ``FakePatron/failNext(_:with:)`` can make fail.
public enum FakeCall: Hashable, Sendable, CaseIterable {
  /// `PatronClient.ready()`
  case ready
  /// `PatronClient.blockers(placement:asked:)`
  case blockers
  /// `PatronClient.diagnostics()`
  case diagnostics
  /// `PatronClient.identify(token:account:)`
  case identify
  /// `PatronClient.signOut()`
  case signOut
  /// `ConsentFacet.states()`
  case consentStates
  /// `ConsentFacet.grant(_:surface:)`
  case grant
  /// `ConsentFacet.deny(_:surface:)`
  case deny
  /// `ConsentFacet.withdraw(_:policy:surface:)`
  case withdraw
  /// `ConsentFacet.texts()`
  case consentTexts
  /// `ConsentFacet.prompts()`
  case consentPrompts
  /// `ConsentFacet.prompted(_:)`
  case prompted
  /// `ConsentFacet.declare(_:)`
  case declare
  /// `ConsentFacet.signals()`
  case signals
  /// `ConsentFacet.mode(for:)`
  case consentMode
  /// `ConsentFacet.verify()`
  case verify
  /// `ConsentFacet.record()`
  case record
  /// `MeFacet.export()`
  case export
  /// `MeFacet.requestExport()`
  case requestExport
  /// `MeFacet.erase()`
  case erase
  /// `PlaceFacet.update(_:)`
  case placeUpdate
  /// `PlaceFacet.current()`
  case placeCurrent
  /// `PlaceFacet.hear(_:)`
  case hear
  /// `PlaceFacet.nearestBeacon()`
  case nearestBeacon
  /// `PlaceFacet.checkIn(_:)`
  case checkIn
  /// `PlaceFacet.plan(_:)`
  case plan
  /// `PlaceFacet.woke(_:)`
  case woke
  /// `PlaceFacet.nextFix()`
  case nextFix
  /// `PlaceFacet.nearby()`
  case nearby
  /// `OfferFacet.now(_:)`, and so the streams of `OfferFacet.at(_:)`
  case offersNow
  /// `OfferFacet.suggested(_:)`, and so the streams of `OfferFacet.suggest(_:)`
  case suggested
  /// `OfferFacet.why(_:placement:asked:)`
  case offersWhy
  /// `OfferFacet.keepDecision(_:asked:)`
  case keepDecision
  /// `OfferFacet.image(of:index:evenMetered:)`
  case image
  /// `OfferFacet.viewing(_:visibleFraction:asked:)`
  case viewing
  /// `OfferFacet.save(_:whenHere:hoursBeforeEnd:)` and `OfferFacet.unsave(_:)`
  case save
  /// `OfferFacet.saved()`
  case saved
  /// `MomentFacet.current()`
  case moments
  /// Whatever of `MomentFacet` changes something
  case changeMoments
  /// `WishFacet.current()`
  case wishes
  /// `WishFacet.add(_:topics:until:)` and `WishFacet.remove(id:)`
  case changeWishes
  /// `ProfileFacet.tell(_:)` and `ProfileFacet.clear()`
  case tell
  /// `ProfileFacet.current()`
  case profile
  /// `EventFacet.track(_:)` and `EventFacet.trackDurable(_:)`
  case track
  /// `EventFacet.deadLetters(limit:)`
  case deadLetters
  /// `SyncFacet.drain(deadline:bytes:)`
  case drain
  /// `SyncFacet.setNetwork(_:)` and `SyncFacet.setOnline(_:)`
  case setNetwork
  /// `SyncFacet.setForeground(_:)`
  case setForeground
  /// `SyncFacet.renewKey(_:)`
  case renewKey
  /// `SyncFacet.refresh()`
  case refresh
}
