@_spi(_Unicode) internal import Swift

/// Which characters names are made of, and their normal form (Unicode annex 31, as CPython applies
/// it).
enum Identifiers {
  static func canStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isXIDStart
  }

  static func canContinue(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isXIDContinue }

  /// The name in NFKC.
  static func normalized(_ name: String) -> String {
    Normalization.compose(name, isCompatible: true)
  }
}
