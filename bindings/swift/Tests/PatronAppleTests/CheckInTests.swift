import Foundation
import PatronApple
import Testing

@Suite struct CheckInTests {
  private static let code = "PC1/-/\(String(repeating: "AB", count: 64))/lumi/market"
  private static let good = [
    code, "  \(code)\n", "https://shop.example/here?code=\(code)", "https://shop.example/here?lang=fi&code=\(code)",
    "https://shop.example/here?code=\(code.replacing("/", with: "%2F"))", "https://shop.example/#\(code)",
    "https://shop.example/in/\(code)", "shop-app://here?code=\(code)",
  ]
  private static let bad = [
    "", " ", "https://shop.example", "https://shop.example/?code=", "https://shop.example/?code=PC2/x",
    "https://shop.example/?voucher=\(code)", "see \(code)", "/\(code)", "pc1/-/ab/market", "🍒",
  ]

  @Test(arguments: good) func aCodeIsFoundInATextAndInALink(_ text: String) {
    #expect(PatronCheckIn.code(from: text) == Self.code)
  }

  @Test(arguments: bad) func whatIsNoneIsNone(_ text: String) {
    #expect(PatronCheckIn.code(from: text) == nil)
  }

  @Test func aTagTellsItsCodeAsText() {
    func payload(_ status: UInt8, _ language: String, _ text: Data) -> Data {
      Data([status]) + Data(language.utf8) + text
    }
    let utf8 = Data(Self.code.utf8)
    let bigEndian = Data(Self.code.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    let littleEndian = Data([0xFF, 0xFE] + Self.code.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    for payload in [
      payload(2, "en", utf8), payload(5, "fi-FI", utf8), payload(0, "", utf8), payload(0x82, "de", bigEndian),
      payload(0x82, "de", Data([0xFE, 0xFF]) + bigEndian), payload(0x82, "de", littleEndian),
      // A slice, whose first index is not zero.
      (Data([9, 9]) + payload(2, "en", utf8)).dropFirst(2),
    ] {
      #expect(PatronCheckIn.code(fromTextPayload: payload) == Self.code, "\(payload.prefix(8).map { $0 })")
    }
  }

  @Test func aTagTellsItsCodeAsALink() {
    let link = Data([4]) + Data("shop.example/here?code=\(Self.code)".utf8)
    #expect(PatronCheckIn.code(fromURIPayload: link) == Self.code)
    #expect(PatronCheckIn.code(fromURIPayload: Data([0]) + Data(Self.code.utf8)) == Self.code)
    #expect(PatronCheckIn.code(fromURIPayload: Data([5]) + Data("123".utf8)) == nil)
  }

  @Test func whateverIsOnATagItIsNoCrash() {
    var random = Noise(state: 7)
    for payload in [
      Data(), Data([0x3F]), Data([0xBF, 0x65]), Data([2, 0x65, 0x6E, 0xFF, 0xFE]), Data([0x82, 0x65, 0x6E, 0xFF]),
    ] {
      #expect(PatronCheckIn.code(fromTextPayload: payload) == nil)
    }
    for length in 0..<512 {
      let noise = Data((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) })
      _ = (PatronCheckIn.code(fromTextPayload: noise), PatronCheckIn.code(fromURIPayload: noise))
    }
  }
}

/// The same noise each time.
private struct Noise: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    // Knuth's MMIX.
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 32)
  }
}
