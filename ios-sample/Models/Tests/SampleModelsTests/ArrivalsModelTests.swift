import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct ArrivalsModelTests {
  let fake = FakePatron(town: .demo)

  @Test func aCodeChecksInAndSaysWhoSawIt() async throws {
    let model = SampleModel(patron: fake).arrivals
    model.code = "PC1/-/00/lumi-market"
    await model.checkIn()
    #expect(model.checkedIn?.placeName == "Lumi Coffee, Market Square" && model.code.isEmpty)
    #expect(model.visits.map(\.by) == [.checkIn])
  }

  @Test func aRefusedCodeStaysToBeCorrectedWithItsReason() async {
    let model = SampleModel(patron: fake).arrivals
    model.takeTownsCode()
    await model.checkIn()
    #expect(model.refused == "is no check-in code" && model.failure == nil && model.checkedIn == nil)
    #expect(model.code == SandboxTown.marketCode)
  }

  @Test func theBeaconIsHeardAsQASaysAndItsSilenceEndsTheVisit() async throws {
    let model = SampleModel(patron: fake).arrivals
    await model.hear(.near)
    #expect(model.failure == .notPermitted(purpose: .beacons) && model.pretends == .near)
    try await fake.consent.grant(.beacons)
    for (strength, zone) in [(ArrivalsModel.Strength.near, Proximity.near), (.immediate, .immediate), (.far, .far)] {
      await model.hear(strength)
      #expect(model.nearest?.zone == zone && model.failure == nil)
    }
    #expect(model.visits.map(\.by) == [.beacon])
    await model.hear(.silence)
    #expect(model.nearest == nil && model.visits.isEmpty)
    await model.hear(nil)
    #expect(model.pretends == nil)
  }

  @Test func whoComesNearIsToldOfUntilThere() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      try await fake.consent.grant(.preciseLocation)
      try await fake.place.update(Fix(latitude: 60.16615, longitude: 24.9525))
      await until { model.arrivals.nearby == ["lumi-market"] }
      try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
      await until { model.arrivals.nearby.isEmpty && model.arrivals.visits.count == 1 }
    }
  }

  @Test func whatOthersSeeAndWhatIsWithdrawnIsFollowed() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      try await fake.consent.grant(.preciseLocation)
      try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
      await until { model.arrivals.visits.map(\.by) == [.position] }
      try await fake.consent.withdraw(.preciseLocation)
      await until { model.arrivals.visits.isEmpty }
    }
  }
}
