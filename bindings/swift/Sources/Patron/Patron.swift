@_exported import PatronAPI
internal import PatronFFI
