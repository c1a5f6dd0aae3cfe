import PatronAPI
internal import PatronFFI

extension PatronFFI.Signals {
  init(_ signals: PatronAPI.Signals) {
    self.init(
      location: .init(signals.location), bluetooth: .init(signals.bluetooth),
      notifications: .init(signals.notifications), att: .init(signals.att), gpc: signals.gpc, tcf: .init(signals.tcf),
      tcfVendor: signals.tcfVendor, gpp: .init(signals.gpp), age: .init(signals.age), region: .init(signals.region))
  }
}

extension PatronAPI.Signals {
  init(_ signals: PatronFFI.Signals) {
    self.init(
      location: .init(signals.location), bluetooth: .init(signals.bluetooth),
      notifications: .init(signals.notifications), att: .init(signals.att), gpc: signals.gpc, tcf: .init(signals.tcf),
      tcfVendor: signals.tcfVendor, gpp: .init(signals.gpp), age: .init(signals.age), region: .init(signals.region))
  }
}

extension PatronFFI.LocationSignal {
  init(_ declared: PatronAPI.Declared<PatronAPI.Signals.Location>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(.refused): .refused
      case .is(.coarse): .coarse
      case .is(.precise): .precise
      }
  }
}

extension PatronAPI.Declared<PatronAPI.Signals.Location> {
  init(_ signal: PatronFFI.LocationSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .refused: .is(.refused)
      case .coarse: .is(.coarse)
      case .precise: .is(.precise)
      }
  }
}

extension PatronFFI.PermissionSignal {
  init(_ declared: PatronAPI.Declared<PatronAPI.Signals.Permission>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(.denied): .denied
      case .is(.granted): .granted
      }
  }
}

extension PatronAPI.Declared<PatronAPI.Signals.Permission> {
  init(_ signal: PatronFFI.PermissionSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .denied: .is(.denied)
      case .granted: .is(.granted)
      }
  }
}

extension PatronFFI.AttSignal {
  init(_ declared: PatronAPI.Declared<PatronAPI.Signals.Tracking>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(.notDetermined): .notDetermined
      case .is(.restricted): .restricted
      case .is(.denied): .denied
      case .is(.authorized): .authorized
      }
  }
}

extension PatronAPI.Declared<PatronAPI.Signals.Tracking> {
  init(_ signal: PatronFFI.AttSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .notDetermined: .is(.notDetermined)
      case .restricted: .is(.restricted)
      case .denied: .is(.denied)
      case .authorized: .is(.authorized)
      }
  }
}

extension PatronFFI.AgeSignal {
  init(_ declared: PatronAPI.Declared<PatronAPI.Signals.Age>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(.unknown): .unknown
      case .is(.child): .child
      case .is(.adult): .adult
      }
  }
}

extension PatronAPI.Declared<PatronAPI.Signals.Age> {
  init(_ signal: PatronFFI.AgeSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .unknown: .is(.unknown)
      case .child: .is(.child)
      case .adult: .is(.adult)
      }
  }
}

extension PatronFFI.RegionSignal {
  init(_ declared: PatronAPI.Declared<PatronAPI.Signals.Region>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(.eea): .eea
      case .is(.us): .us
      case .is(.other): .other
      }
  }
}

extension PatronAPI.Declared<PatronAPI.Signals.Region> {
  init(_ signal: PatronFFI.RegionSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .eea: .is(.eea)
      case .us: .is(.us)
      case .other: .is(.other)
      }
  }
}

extension PatronFFI.StringSignal {
  init(_ declared: PatronAPI.Declared<String>) {
    self =
      switch declared {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .is(let text): .text(value: text)
      }
  }
}

extension PatronAPI.Declared<String> {
  init(_ signal: PatronFFI.StringSignal) {
    self =
      switch signal {
      case .notDeclared: .notDeclared
      case .unset: .unset
      case .text(let text): .is(text)
      }
  }
}
