import Foundation
import PatronAPI
internal import PatronFFI

extension TimeOfDay {
  /// `HH:MM`; what is no time of day stays none.
  var inCore: String {
    [hour, minute].map { (0..<10).contains($0) ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  /// From the core's `HH:MM`.
  init?(fromCore text: String) {
    let parts = text.split(separator: ":").compactMap { Int($0) }
    guard parts.count == 2 else { return nil }
    self.init(hour: parts[0], minute: parts[1])
  }
}

extension QuietHours {
  init?(from: String?, to: String?) {
    guard let from = from.flatMap(TimeOfDay.init(fromCore:)), let to = to.flatMap(TimeOfDay.init(fromCore:)) else {
      return nil
    }
    self.init(from: from, to: to)
  }
}

extension Moments {
  init(_ side: ShopperSide) {
    self.init(
      quiet: QuietHours(from: side.quietFrom, to: side.quietTo),
      snoozedUntil: side.snoozedUntilMs.map(Date.init(milliseconds:)), daily: side.daily.map(Int.init),
      onlyWhenAsked: side.onlyWhenAsked, refused: side.refused.map(Refusal.init), isUnseen: side.unseen,
      resting: side.resting.map { RestingOffer(offer: $0.offer, until: Date(milliseconds: $0.untilMs)) })
  }
}

extension Refusal {
  init(_ refused: Refused) {
    self =
      switch refused {
      case .partner(let partner): .partner(partner)
      case .offer(let offer): .offer(offer)
      case .topic(let topic): .topic(topic)
      }
  }
}

extension Refused {
  init(_ refusal: Refusal) {
    self =
      switch refusal {
      case .partner(let partner): .partner(partner: partner)
      case .offer(let offer): .offer(offer: offer)
      case .topic(let topic): .topic(topic: topic)
      }
  }
}

extension PatronAPI.Wish {
  init(_ wish: PatronFFI.Wish) {
    self.init(id: wish.id, text: wish.text, topics: wish.topics, until: wish.untilMs.map(Date.init(milliseconds:)))
  }
}

extension PatronAPI.SavedOffer {
  init(_ kept: KeptOffer) {
    self.init(
      id: kept.offer, savedAt: Date(milliseconds: kept.savedAtMs), whenHere: kept.whenHere,
      hoursBeforeEnd: kept.beforeEndH.map(Int.init))
  }
}

extension PatronAPI.Notice {
  init(_ notice: PatronFFI.Notice) {
    self.init(
      title: notice.title, body: notice.body, deepLink: notice.deepLink, offer: notice.offer,
      at: Date(milliseconds: notice.atMs), reminder: notice.reminder.map(Reminder.init))
  }
}

extension PatronAPI.Notice.Reminder {
  init(_ due: Due) {
    self =
      switch due {
      case .here: .here
      case .expiring: .expiring
      }
  }
}

extension Trait {
  init(_ told: ProfileTrait) {
    self =
      switch told {
      case .segment(let id, let isMember): .segment(id: id, member: isMember)
      // What does not fit is beyond the core's bounds, too, and it says so.
      case .affinity(let topic, let percent): .affinity(topic: topic, percent: percent.map { Int32(clamping: $0) })
      case .variable(let name, let value): .variable(name: name, value: value.map { .init($0) })
      case .clear: .clear
      }
  }
}

extension PatronFFI.Scalar {
  init(_ scalar: PatronAPI.Scalar) {
    self =
      switch scalar {
      case .flag(let value): .flag(value)
      case .number(let value): .number(value)
      case .text(let value): .text(value)
      }
  }
}

extension PatronAPI.Scalar {
  init(_ scalar: PatronFFI.Scalar) {
    self =
      switch scalar {
      case .flag(let value): .flag(value)
      case .number(let value): .number(value)
      case .text(let value): .text(value)
      }
  }
}

extension PatronAPI.Profile {
  init(_ profile: PatronFFI.Profile) {
    self.init(
      segments: profile.segments, affinities: profile.affinities.mapValues(Int.init),
      variables: profile.variables.mapValues { .init($0) })
  }
}
