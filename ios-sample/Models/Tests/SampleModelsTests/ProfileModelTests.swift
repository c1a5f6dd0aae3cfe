import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct ProfileModelTests {
  let fake = FakePatron(town: .demo)

  @Test func whatTheAppTellsHoldsWithTheYesAndGoesWithIt() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.profile.tell(likesCoffee: true)
      #expect(model.profile.failure == .notPermitted(purpose: .personalisation) && !model.profile.likesCoffee)
      try await fake.consent.grant(.personalisation)
      await model.profile.tell(likesCoffee: true)
      #expect(model.profile.failure == nil && model.profile.likesCoffee)
      #expect(try fake.profile.current().affinities == ["coffee": 80])
      await model.profile.tell(runs: true)
      #expect(try fake.profile.current().segments == ["runners": true] && model.profile.runs)
      await model.profile.tell(runs: false)
      #expect(try fake.profile.current().segments.isEmpty && !model.profile.runs && model.profile.likesCoffee)
      try await fake.consent.withdraw(.personalisation)
      await until { !model.profile.likesCoffee }
    }
  }
}
