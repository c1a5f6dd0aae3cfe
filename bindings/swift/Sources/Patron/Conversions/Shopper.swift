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
      onlyWhenAsked: side.onlyWhenAsked, refused: side.refused.map(Refusal.init), isUnseen: side.unseen)
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
