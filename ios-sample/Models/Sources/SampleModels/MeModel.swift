public import Foundation
import Observation
public import PatronAPI

/// What is known about the shopper: to be looked at, taken along, and erased.
@MainActor
@Observable
public final class MeModel {
  /// What is known; `nil` before the first look, and when it cannot be read.
  public private(set) var known: Known?
  /// The same as a file, to be passed on; `nil` while there is none.
  public private(set) var file: URL?
  /// What the last erasure removed.
  public private(set) var erased: Erased?
  /// What is asked of the backend and not done yet.
  public private(set) var pending: UInt32 = 0
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient
  private let folder: URL
  private let gone: @MainActor () async -> Void

  /// `gone` is told when everything was erased: the shopper's name too.
  init(patron: any PatronClient, folder: URL, gone: @escaping @MainActor () async -> Void) {
    self.patron = patron
    self.folder = folder
    self.gone = gone
  }

  /// Looks at what is known now.
  public func look() async {
    failure = nil
    do throws(PatronError) {
      let export = try await patron.me.export()
      known = try? Known(export: export)
      file = keep(export)
      pending = try await patron.diagnostics().pendingRights
    } catch {
      failure = error
    }
  }

  /// Asks the backend for its part too, and tries to bring it at once.
  public func askBackend() async {
    failure = nil
    do throws(PatronError) {
      try await patron.me.requestExport()
      // Without a network it is asked later.
      _ = try await patron.sync.drain(deadline: .seconds(10))
    } catch {
      failure = error
      return
    }
    await look()
  }

  /// Erases everything. The screen has asked the shopper whether they mean it.
  public func erase() async {
    failure = nil
    do throws(PatronError) {
      erased = try await patron.me.erase()
    } catch {
      failure = error
      return
    }
    await gone()
    await look()
  }

  /// The screen is gone, and so is the file: it is the shopper's, and no one else's to find.
  public func leave() {
    if let file {
      try? FileManager.default.removeItem(at: file)
    }
    file = nil
    known = nil
  }

  private func keep(_ export: String) -> URL? {
    let file = folder.appending(path: "patron-export.json")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(export.utf8).write(to: file, options: .atomic)
      return file
    } catch {
      return nil
    }
  }
}
