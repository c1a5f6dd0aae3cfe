import PatronAPI
internal import PatronFFI

extension HandleConfig {
  init(_ config: PatronConfig, logLevel: PatronAPI.LogLevel) {
    let backend: BackendAddress? =
      switch config.backend {
      case .remote(let endpoint, let key): BackendAddress(endpoint: endpoint, key: key, pins: config.pins)
      case .sandbox: nil
      }
    self.init(
      folder: config.folder.path, backend: backend, locale: config.locale, timeZone: config.timeZone,
      maxEvents: config.maxEvents, maxBytes: config.maxBytes, consentCatalogue: config.consentCatalogue,
      logLevel: PatronFFI.LogLevel(logLevel))
  }
}

extension PatronFFI.LogLevel {
  init(_ level: PatronAPI.LogLevel) {
    self =
      switch level {
      case .error: .error
      case .warn: .warn
      case .info: .info
      case .debug: .debug
      }
  }
}

extension PatronAPI.LogLevel {
  init(_ level: PatronFFI.LogLevel) {
    self =
      switch level {
      case .error: .error
      case .warn: .warn
      case .info: .info
      case .debug: .debug
      }
  }
}
