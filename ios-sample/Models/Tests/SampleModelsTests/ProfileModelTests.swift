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
      try await fake.consent.withdraw(.personalisation)
      await until { !model.profile.likesCoffee }
    }
  }
}
