import Foundation
import PatronAPI

/// A notice as the system takes it: ``PatronNotices`` without Apple's frameworks.
struct NoticeRequest: Equatable, Sendable {
  /// By these Patron's notices are told from the app's own.
  static let prefix = "patron.offer."
  private static let key = "patron.deep_link"
  private static let start = "patron://offer/"

  /// One for each offer: a reminder of it takes the place of what stood there.
  let id: String
  let title: String
  let body: String
  let deepLink: String

  init(_ notice: Notice) {
    id = Self.prefix + notice.offer
    title = notice.title
    body = notice.body
    deepLink = notice.deepLink
  }

  /// What the system keeps with it, until it is tapped.
  var userInfo: [String: String] { [Self.key: deepLink] }

  /// Where a tap leads; `nil` for a notice that is not Patron's.
  static func link(in userInfo: [AnyHashable: Any]) -> URL? {
    (userInfo[key] as? String).flatMap { URL(string: $0) }
  }

  /// The offer of such a link; `nil` for a link that is none.
  static func offer(in link: URL) -> String? {
    // By its text: what Foundation makes of a path undoes its escapes too early.
    let text = link.absoluteString
    guard text.hasPrefix(start) else { return nil }
    let id = text.dropFirst(start.count).removingPercentEncoding
    return id.flatMap { $0.isEmpty ? nil : $0 }
  }
}
