/// A type that values of a result can be read as.
public protocol PostgresDecodable: Sendable {
  /// Reads a value in PostgreSQL's text form.
  ///
  /// - Throws: `Mismatch` with the reason when it is not of this type.
  static func decode(_ field: Field) throws -> Self
}

/// A value as it came: its bytes in text form, nil for NULL.
public struct Field {
  /// The bytes, which live only as long as the call that was given them.
  public let bytes: UnsafeRawBufferPointer?
  /// The type's object id; 0 for an element of an array.
  public let typeOID: UInt32

  /// The bytes of a value that is not NULL.
  public func present() throws -> UnsafeRawBufferPointer {
    guard let bytes else { throw Mismatch("it is NULL") }
    return bytes
  }

  /// The text of a value that is not NULL.
  public func text() throws -> String {
    guard let text = String(validating: try present(), as: UTF8.self) else {
      throw Mismatch("it is not UTF-8")
    }
    return text
  }
}

/// Why a value is not of the type that was asked for.
public struct Mismatch: Error {
  /// The reason, as the end of a sentence.
  public let reason: String

  /// Creates a reason.
  public init(_ reason: String) { self.reason = reason }

  /// For a value that cannot be read, which it shows the beginning of.
  static func unreadable(_ text: String) -> Mismatch {
    Mismatch(text.count > 40 ? "it is \"\(text.prefix(40))...\"" : "it is \"\(text)\"")
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  /// nil for NULL.
  public static func decode(_ field: Field) throws -> Wrapped? {
    field.bytes == nil ? nil : try Wrapped.decode(field)
  }
}

extension String: PostgresDecodable {
  /// The text form of any type, which has to be UTF-8.
  public static func decode(_ field: Field) throws -> String { try field.text() }
}

extension Int64: PostgresDecodable {
  /// An integer of any width.
  public static func decode(_ field: Field) throws -> Int64 {
    let bytes = try field.present()
    var digits = bytes[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    var value: Int64 = 0
    for byte in digits {
      let digit = Int64(byte) - 0x30
      let (scaled, tooWide) = value.multipliedReportingOverflow(by: 10)
      // Negative all along, as the most negative number has no positive counterpart.
      let (sum, tooLarge) = scaled.subtractingReportingOverflow(digit)
      guard (0...9).contains(digit), !tooWide, !tooLarge else {
        throw Mismatch.unreadable(try field.text())
      }
      value = sum
    }
    guard !digits.isEmpty, isNegative || value != .min else {
      throw Mismatch.unreadable(try field.text())
    }
    return isNegative ? value : -value
  }
}

extension Int: PostgresDecodable {
  /// An integer of any width.
  public static func decode(_ field: Field) throws -> Int { Int(try Int64.decode(field)) }
}

extension Double: PostgresDecodable {
  /// A number of any type; `NaN` and the infinities are read.
  public static func decode(_ field: Field) throws -> Double {
    let text = try field.text()
    guard let value = Double(text) else { throw Mismatch.unreadable(text) }
    return value
  }
}

extension Bool: PostgresDecodable {
  /// A `boolean`.
  public static func decode(_ field: Field) throws -> Bool {
    switch try field.text() {
    case "t": true
    case "f": false
    case let text: throw Mismatch.unreadable(text)
    }
  }
}

extension UUID: PostgresDecodable {
  /// A `uuid`.
  public static func decode(_ field: Field) throws -> UUID {
    let text = try field.text()
    guard let value = UUID(text) else { throw Mismatch.unreadable(text) }
    return value
  }
}

/// An exact decimal number, kept as PostgreSQL writes it so that no digit is lost.
public struct Numeric: Hashable, Sendable, CustomStringConvertible, PostgresDecodable {
  /// The digits, as `-12.340`; `NaN`, `Infinity` and `-Infinity` are numerics too.
  public let description: String

  /// A `numeric`, or any other number.
  public static func decode(_ field: Field) throws -> Numeric {
    let text = try field.text()
    guard Double(text) != nil else { throw Mismatch.unreadable(text) }
    return Numeric(description: text)
  }
}

/// A `json` or `jsonb` value as the text that the server gave.
public struct JSONText: Hashable, Sendable, CustomStringConvertible, PostgresDecodable {
  /// The document.
  public let description: String

  /// A JSON document; the server has checked it.
  public static func decode(_ field: Field) throws -> JSONText {
    JSONText(description: try field.text())
  }
}
