import PatronAPI

/// The system's side of notices.
protocol NoticePhone: Sendable {
  /// Whether the shopper lets the app notify.
  func isAllowed() async -> Bool
  /// Shows it at once.
  func show(_ request: NoticeRequest) async
  /// The ids of all that stand, the app's own among them.
  func standing() async -> [String]
  func remove(_ ids: [String])
}

/// Shows Patron's notices, and takes them back when consent goes: ``PatronNotices`` without Apple's frameworks.
///
/// Decides nothing of whether there is a notice: that is the core's.
struct NoticeKeeper: Sendable {
  let phone: any NoticePhone

  /// Follows until the task is cancelled or Patron is closed.
  func follow(_ patron: any PatronClient) async {
    let (notices, consents) = (patron.offers.notices, patron.consent.changes)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.show(notices) }
      group.addTask { await self.takeBack(consents, patron) }
      // Either ends only when the task is cancelled or Patron is closed.
      await group.next()
      group.cancelAll()
    }
  }

  /// What the system does not let through is dropped: tomorrow it is no news.
  private func show(_ notices: AsyncStream<Notice>) async {
    for await notice in notices {
      guard await phone.isAllowed() else { continue }
      await phone.show(NoticeRequest(notice))
    }
  }

  private func takeBack(_ consents: AsyncStream<[ConsentState]>, _ patron: any PatronClient) async {
    // Before the database is open nothing is granted, and what was shown yesterday would go; where it does not open, too.
    guard (try? await patron.ready()) != nil, !Task.isCancelled else { return }
    for await _ in consents {
      guard let states = try? patron.consent.states() else { return }
      guard !states.contains(where: { $0.purpose == .notifications && $0.isEffective }) else { continue }
      let ours = await phone.standing().filter { $0.hasPrefix(NoticeRequest.prefix) }
      if !ours.isEmpty { phone.remove(ours) }
    }
  }
}
