import PatronAPI
internal import PatronFFI

extension PatronAPI.PatronError {
  /// From whatever a generated call threw.
  init(_ error: any Error) {
    guard let error = error as? PatronFFI.PatronError else {
      // The generated code throws its own errors only when the library and it do not fit together.
      self = .unavailable(why: "a fault inside Patron: \(error)", retryAfter: nil)
      return
    }
    self =
      switch error {
      case .InvalidInput(let what, let why): .invalidInput(what: what, why: why)
      case .NotPermitted(let purpose): .notPermitted(purpose: PatronAPI.Purpose(purpose))
      case .Busy: .busy
      case .Unavailable(let why, let retryAfter):
        .unavailable(why: why, retryAfter: retryAfter.map { .seconds($0) })
      case .Storage(let why): .storage(why: why)
      case .Tampered(let why): .tampered(why: why)
      case .AnotherShopper: .anotherShopper
      case .Closed: .closed
      }
  }
}
