#if canImport(UserNotifications) && !os(tvOS)
  public import Foundation
  public import PatronAPI
  public import UserNotifications

  /// Shows what Patron has to say while the app is not looked at (`OfferFacet.notices`) as notifications of the system,
  /// silently unless told otherwise. Which, and when, Patron decides: never without the shopper's yes to
  /// `Purpose.notifications`, and never against the shopper's rules.
  ///
  /// It never asks for the system's permission; without it nothing is shown. When the yes is taken back, what stands in
  /// the notification centre goes too.
  ///
  /// ```swift
  /// init() {  // of the App: a place that wakes the app may be worth a notice
  ///   Task { await PatronNotices().follow(patron) }
  /// }
  ///
  /// func userNotificationCenter(
  ///   _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse
  /// ) async {
  ///   if let link = PatronNotices.link(from: response), let offer = PatronNotices.offer(in: link) { open(offer) }
  /// }
  /// ```
  public struct PatronNotices: Sendable {
    private let keeper: NoticeKeeper

    /// Shows them with the system's sound, or without any.
    public init(sound: Bool = false) {
      keeper = NoticeKeeper(phone: SystemNotices(sound: sound))
    }

    /// Follows until the task is cancelled or Patron is closed. Once for each process.
    public func follow(_ patron: any PatronClient) async {
      await keeper.follow(patron)
    }

    /// Where a tap on one of Patron's notices leads; `nil` for a notice of the app's own.
    public static func link(from response: UNNotificationResponse) -> URL? {
      NoticeRequest.link(in: response.notification.request.content.userInfo)
    }

    /// The offer that a link of the form `patron://offer/…` leads to; `nil` for another link.
    public static func offer(in link: URL) -> String? {
      NoticeRequest.offer(in: link)
    }
  }

  /// The notification centre.
  private struct SystemNotices: NoticePhone {
    let sound: Bool

    func isAllowed() async -> Bool {
      let settings = await UNUserNotificationCenter.current().notificationSettings()
      return SystemWords.notifications(settings.authorizationStatus.rawValue) == .is(.granted)
    }

    func show(_ request: NoticeRequest) async {
      let content = UNMutableNotificationContent()
      content.title = request.title
      content.body = request.body
      content.userInfo = request.userInfo
      if sound { content.sound = .default }
      // The system refuses where the permission went in between.
      try? await UNUserNotificationCenter.current()
        .add(UNNotificationRequest(identifier: request.id, content: content, trigger: nil))
    }

    func standing() async -> [String] {
      await UNUserNotificationCenter.current().deliveredNotifications().map(\.request.identifier)
    }

    func remove(_ ids: [String]) {
      UNUserNotificationCenter.current().removeDeliveredNotifications(withIdentifiers: ids)
    }
  }
#endif
