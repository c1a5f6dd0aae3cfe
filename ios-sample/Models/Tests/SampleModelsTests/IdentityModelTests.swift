import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct IdentityModelTests {
  let fake = FakePatron(town: .demo)
  private let defaults = UserDefaults(suiteName: "identity-\(UUID().uuidString)") ?? .standard

  @Test func whoSignsInIsKnownByNameInTheNextProcessToo() async {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    await identity.look()
    #expect(identity.shopper == .nobody)
    identity.name = " Anna "
    await identity.signIn()
    #expect(identity.shopper == .named("Anna") && fake.identifiedAs == "Anna" && identity.name.isEmpty)
    identity.name = "Anna"
    await identity.signIn()
    #expect(identity.newcomer == nil && identity.failure == nil, "it is the same shopper, whose token is renewed")
    let next = SampleModel(patron: fake, defaults: defaults).identity
    await next.look()
    #expect(next.shopper == .named("Anna"))
  }

  @Test func signingOutTellsWhatWasRemovedAndLeavesNoName() async throws {
    let model = SampleModel(patron: fake, defaults: defaults)
    try await fake.consent.grant(.engagement)
    model.identity.name = "Anna"
    await model.identity.signIn()
    try fake.events.track(.saved(offer: "own-repair"))
    model.signals.age = .is(.child)
    await model.signals.declare()
    await model.identity.look()
    #expect(model.identity.waiting == 1)
    await model.identity.signOut(deliverFirst: false)
    #expect(model.identity.receipt == SignedOut(purgedEvents: 1, inDoubt: 0, purgedVisits: 0))
    #expect(model.identity.shopper == .nobody && fake.identifiedAs == nil && model.identity.waiting == 0)
    #expect(try fake.consent.signals().age == .is(.unknown), "the age was Anna's")
    model.identity.name = "Ben"
    await model.identity.signIn()
    #expect(try fake.consent.signals().age == .is(.adult), "Ben's account says so")
    await model.identity.signOut(deliverFirst: false)
    #expect(defaults.dictionaryRepresentation().values.allSatisfy { !"\($0)".contains("Anna") })
  }

  @Test func whatWaitsCanBeDeliveredBefore() async throws {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    await identity.signOut(deliverFirst: true)
    #expect(identity.receipt?.purgedEvents == 0 && fake.recorded.count == 1)
    #expect(try await fake.diagnostics().account == Account(accepted: 1, delivered: 1))
  }

  @Test func whatCannotBeDeliveredIsNotRemovedWithoutAFurtherWord() async throws {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    identity.name = "Anna"
    await identity.signIn()
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    try fake.sync.setNetwork(.offline)
    await identity.signOut(deliverFirst: true)
    #expect(identity.isUndelivered && identity.receipt == nil && identity.failure == nil)
    #expect(identity.shopper == .named("Anna") && fake.identifiedAs == "Anna" && identity.waiting == 1)
    await identity.goOn()
    #expect(!identity.isUndelivered && identity.shopper == .nobody && identity.receipt?.purgedEvents == 1)
  }

  @Test func whoWantedToSignInDoesOnceTheShopperGoesOnWithout() async throws {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    identity.name = "Anna"
    await identity.signIn()
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    try fake.sync.setNetwork(.offline)
    identity.name = "Ben"
    await identity.signIn()
    await identity.change(deliverFirst: true)
    #expect(identity.isUndelivered && identity.shopper == .named("Anna") && !identity.isAsking)
    await identity.goOn()
    #expect(!identity.isUndelivered && identity.shopper == .named("Ben") && identity.receipt?.purgedEvents == 1)
    // Who was asked about once, and stayed out, is not signed in by a later signing out.
    identity.name = "Cleo"
    await identity.signIn()
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    await identity.signOut(deliverFirst: true)
    await identity.goOn()
    #expect(identity.shopper == .nobody && fake.identifiedAs == nil)
  }

  @Test func behindSomeoneElseTheScreenAsksAndNobodyIsSignedInUnawares() async throws {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    identity.name = "Anna"
    await identity.signIn()
    identity.name = "Ben"
    await identity.signIn()
    #expect(identity.newcomer == "Ben" && fake.identifiedAs == "Anna" && identity.shopper == .named("Anna"))
    #expect(identity.isAsking)
    identity.isAsking = false
    fake.failNext(.signOut, with: .busy)
    await identity.change(deliverFirst: false)
    #expect(identity.failure == .busy && fake.identifiedAs == "Anna" && identity.receipt == nil)
    await identity.signIn()
    await identity.change(deliverFirst: false)
    #expect(fake.identifiedAs == "Ben" && identity.shopper == .named("Ben") && identity.receipt != nil)
    #expect(identity.newcomer == nil && identity.failure == nil)
  }

  @Test func someoneWhoseNameIsNotKnownIsSomeoneElseToo() async throws {
    try await fake.identify(token: "of another app")
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    identity.name = "Ben"
    await identity.signIn()
    #expect(identity.shopper == .someone && identity.newcomer == "Ben" && fake.identifiedAs == "of another app")
  }

  @Test func aNameThatIsNoneIsRefusedInWords() async {
    let identity = SampleModel(patron: fake, defaults: defaults).identity
    identity.name = "  "
    await identity.signIn()
    #expect(identity.failure == .invalidInput(what: "token", why: "is empty") && identity.shopper == .nobody)
  }

  @Test func anErasureForgetsTheNameToo() async throws {
    let model = SampleModel(
      patron: fake, folder: FileManager.default.temporaryDirectory.appending(path: UUID().uuidString),
      defaults: defaults)
    model.identity.name = "Anna"
    await model.identity.signIn()
    await model.me.erase()
    #expect(model.identity.shopper == .nobody)
    #expect(defaults.dictionaryRepresentation().values.allSatisfy { !"\($0)".contains("Anna") })
  }
}
