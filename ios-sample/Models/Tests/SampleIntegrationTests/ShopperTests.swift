import Foundation
import Patron
import SampleModels
import Testing

/// What a shopper says and does, over the real core in the demo town.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct ShopperTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "patron-\(UUID().uuidString)")
  private let defaults: UserDefaults

  init() throws {
    defaults = try #require(UserDefaults(suiteName: folder.lastPathComponent))
  }

  @Test func aReceiptAReviewAndAWordToTheShopAreKeptOnceTheyAreAllowed() async throws {
    let (patron, model) = try await open()
    let cards = try patron.offers.now(OffersModel.placement)
    let card = try #require(cards.first)
    let (till, say) = (model.till(with: card), model.say(of: card))
    (say.rating, say.words) = (4, "Worth the way")
    await till.pay()
    await say.say()
    #expect(till.noted == .notPermitted(.engagement) && say.noted == .notPermitted(.dialogue))

    try await patron.consent.grant(.engagement, .dialogue)
    let before = try await patron.diagnostics().account.accepted
    till.currency = "EURO"
    await till.pay()
    guard case .invalidInput("event.total.currency", _) = till.failure else {
      Issue.record("\(String(describing: till.failure))")
      return
    }
    till.currency = "JPY"
    await till.pay()
    #expect(till.noted == .recorded && till.failure == nil)
    await say.say()
    say.words = "Open on Sundays?"
    await say.say()
    await say.use()
    #expect(say.noted == .recorded && say.failure == nil)
    #expect(try await patron.diagnostics().account.accepted == before + 5, "paid, redeemed, judged, said, used")
    patron.close()
  }

  @Test func aGPPStringAndARegionLowerWhatTheySpeakOfAndTheFlagsFollow() async throws {
    let (patron, model) = try await open()
    let run = Task { await model.run() }
    let (signals, effects) = (model.signals, model.signals.effects)
    await until { signals.age == .is(.adult) && effects.mode != nil }
    await model.consent.allowAll()
    await until { effects.mode?.flags.allSatisfy(\.isGranted) == true }
    #expect(effects.lowered.isEmpty)
    // Opted out of sale, sharing and targeted advertising.
    signals.gpp.state = .text
    signals.gpp.text = "DBABLA~BVVVkkkklWA.YA"
    signals.region = .is(.us)
    await signals.declare()
    #expect(signals.failure == nil && signals.region == .is(.us))
    let gpp = try #require(effects.lowered.first { $0.signal == .gpp })
    #expect(gpp.purposes.contains { $0.partner == effects.partner })
    await until { effects.mode?.adUserData == false }
    #expect(effects.mode?.analyticsStorage == true && effects.mode?.adStorage == false)
    // Where a TC string is expected, one that was never kept takes away all that it speaks of.
    signals.gpp.state = .none
    signals.tcf.state = .silent
    signals.region = .is(.other)
    await signals.declare()
    #expect(effects.lowered.isEmpty && signals.failure == nil, "and elsewhere it takes nothing")
    signals.region = .is(.eea)
    await signals.declare()
    #expect(effects.lowered.map(\.signal) == [.tcf])
    await until { effects.mode?.analyticsStorage == false }
    signals.tcf.state = .none
    signals.region = .notDeclared
    await signals.declare()
    await until { effects.mode?.flags.allSatisfy(\.isGranted) == true }
    patron.close()
    await run.value
  }

  @Test func whoSignsOutLeavesNothingToWhoSignsIn() async throws {
    let (patron, model) = try await open()
    let identity = model.identity
    identity.name = "Anna"
    await identity.signIn()
    try await patron.consent.grant(.engagement)
    try patron.sync.setNetwork(.offline)
    _ = try await patron.events.trackDurable(.feedback(text: "not allowed"))
    let card = try #require(try patron.offers.now(OffersModel.placement).first)
    _ = try await patron.events.trackDurable(.saved(offer: card.id))
    model.signals.age = .is(.child)
    await model.signals.declare()
    let installation = try await patron.diagnostics().installation

    identity.name = "Ben"
    await identity.signIn()
    #expect(identity.shopper == .named("Anna") && identity.newcomer == "Ben" && identity.waiting == 1)
    await identity.change(deliverFirst: false)
    #expect(identity.shopper == .named("Ben") && identity.failure == nil)
    #expect(identity.receipt?.purgedEvents == 1 && identity.waiting == 0)
    let diagnostics = try await patron.diagnostics()
    #expect(diagnostics.installation != installation && diagnostics.account.isBalanced)
    #expect(try patron.consent.states().allSatisfy { $0.status == .notAsked })
    #expect(try patron.consent.signals().age == .is(.adult), "the child was Anna")
    patron.close()
  }

  @Test func whatWasNotedIsKeptOrGoesAsTheShopperSays() async throws {
    for (policy, queued) in [(WithdrawPolicy.keepCaptured, UInt64(1)), (.purge, 0)] {
      let (patron, model) = try await open("\(policy)")
      let run = Task { await model.run() }
      await until { !model.consent.states.isEmpty }
      try patron.sync.setNetwork(.offline)
      await model.consent.set(.dialogue, to: true)
      _ = try await patron.events.trackDurable(.feedback(text: "Open on Sundays?"))
      model.consent.policy = policy
      await model.consent.set(.dialogue, to: false)
      #expect(!model.consent.isGranted(.dialogue) && model.consent.failure == nil)
      #expect((model.consent.outcome == .kept([.dialogue], offers: 0)) == (policy == .keepCaptured))
      #expect(try await patron.diagnostics().account.queued == queued, "\(policy)")
      await model.consent.deleteKept()
      #expect(try await patron.diagnostics().account.queued == 0, "after all")
      patron.close()
      await run.value
    }
  }

  private func open(_ name: String = "store") async throws -> (Patron, SampleModel) {
    let patron = try Patron.open(.sandbox(folder: folder.appending(path: name)))
    try await patron.ready()
    return (patron, SampleModel(patron: patron, folder: folder, defaults: defaults))
  }
}
