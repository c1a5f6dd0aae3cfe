public import Foundation
public import PatronAPI

extension Money {
  /// In the currency's own unit: 12.90 of 1,290 cents.
  public var amount: Decimal {
    Decimal(sign: .plus, exponent: -digits, significand: Decimal(minor))
  }

  /// As the shopper's language writes it.
  public var inWords: String {
    amount.formatted(.currency(code: currency).precision(.fractionLength(digits)))
  }

  /// Digits behind the point by ISO 4217. What formatters know is another list: it leaves out coins that nobody uses any
  /// more, and amounts are counted in them all the same.
  private var digits: Int {
    Self.otherwise.first { $0.currencies.contains(currency) }?.digits ?? 2
  }

  private static let otherwise: [(digits: Int, currencies: Set<String>)] = [
    (
      0,
      [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF",
      ]
    ),
    (3, ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, ["CLF", "UYW"]),
  ]
}
