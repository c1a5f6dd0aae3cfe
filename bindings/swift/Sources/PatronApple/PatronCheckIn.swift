public import Foundation

/// Finds a check-in code in what a shopper scanned: text, a link, or a tag. Whether the code is good, Patron says
/// (`PlaceFacet.checkIn(_:)`).
///
/// ```swift
/// .onOpenURL { url in
///   guard let code = PatronCheckIn.code(from: url) else { return }
///   Task { try await patron.place.checkIn(code) }
/// }
/// ```
public enum PatronCheckIn {
  /// What every code begins with.
  private static let mark = "PC1/"

  /// The code in a text, as a QR scanner reads it: the text itself, or a link as in ``code(from:)-(URL)``.
  public static func code(from text: String) -> String? {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if text.hasPrefix(mark) { return text }
    // A text that is no link has no scheme, and Foundation takes almost anything for a path.
    return URL(string: text).flatMap { $0.scheme == nil ? nil : code(from: $0) }
  }

  /// The code in a link: its query's `code`, its fragment, or the end of its path.
  ///
  /// A poster whose QR code is such a link opens the app from the system's own camera:
  /// `https://shop.example/here?code=PC1/-/…/market`.
  public static func code(from url: URL) -> String? {
    guard let parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else { return nil }
    let query = parts.queryItems?.first { $0.name == "code" }?.value
    let path = parts.path.range(of: "/" + mark).map { String(parts.path[$0.lowerBound...].dropFirst()) }
    return [query, parts.fragment, path].compactMap { $0 }.first { $0.hasPrefix(mark) }
  }

  /// The code on an NFC tag, from the payload of an NDEF record of type `T` (text): UTF-8 or UTF-16, in any language.
  ///
  /// ```swift
  /// let code = message.records.lazy.compactMap { PatronCheckIn.code(fromTextPayload: $0.payload) }.first
  /// ```
  public static func code(fromTextPayload payload: Data) -> String? {
    guard let status = payload.first else { return nil }
    // Bit 7 tells the encoding, bits 0 to 5 how long the language's name is, which comes first.
    let text = payload.dropFirst(1 + Int(status & 0x3F))
    let encoding: String.Encoding = status & 0x80 == 0 ? .utf8 : .utf16
    // Without a mark of its order UTF-16 is big-endian, by the specification.
    let marked = text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE])
    let read = String(data: Data(text), encoding: encoding == .utf16 && !marked ? .utf16BigEndian : encoding)
    return read.flatMap(code(from:))
  }

  /// The code on an NFC tag, from the payload of an NDEF record of type `U` (a link).
  public static func code(fromURIPayload payload: Data) -> String? {
    guard let start = payload.first, let rest = String(data: Data(payload.dropFirst()), encoding: .utf8) else {
      return nil
    }
    // The first byte abbreviates how the link begins; the others of the 35 lead to no page.
    let starts: [UInt8: String] = [0: "", 1: "http://www.", 2: "https://www.", 3: "http://", 4: "https://"]
    return starts[start].flatMap { code(from: $0 + rest) }
  }
}
