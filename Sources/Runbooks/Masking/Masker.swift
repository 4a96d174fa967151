internal import JSON
internal import OrderedCollections
internal import Synchronization

/// Replaces secret values wherever they could be seen: terminal, journal, evidence, errors.
///
/// A secret has to be registered before it is used. From then on it is replaced in its raw form
/// and in the forms that tools give it: base64, URL-encoded, JSON-escaped, quoted for a shell.
public final class Masker: Sendable {
  /// What stands in the place of a secret.
  public static let replacement = "***"

  private let patterns = Mutex(PatternTable())

  /// Creates a masker that knows no secret.
  public init() {}

  /// Registers a secret; the empty text is none.
  public func register(_ secret: String) {
    let forms = SecretForms.all(of: secret)
    patterns.withLock { table in
      for form in forms { table.insert(form) }
    }
  }

  /// Registers every text in a value, and numbers and moments as they are spelt.
  func register(_ secret: Value) {
    switch secret {
    case .array(let items): items.forEach(register)
    case .object(let members): members.values.forEach(register)
    case .null, .bool: break
    case .string, .int, .double, .timestamp, .duration: secret.text.map(register)
    }
  }

  /// The text without secrets.
  public func mask(_ text: String) -> String {
    let table = patterns.withLock { $0 }
    if table.isEmpty { return text }
    return String(decoding: table.mask(Array(text.utf8)[...], isFinal: true).output, as: UTF8.self)
  }

  /// The bytes without secrets.
  public func mask(_ bytes: [UInt8]) -> [UInt8] {
    let table = patterns.withLock { $0 }
    return table.isEmpty ? bytes : table.mask(bytes[...], isFinal: true).output
  }

  /// The value without secrets, in its members' names too.
  public func mask(_ value: Value) -> Value {
    switch value {
    case .string(let text): return .string(mask(text))
    case .array(let items): return .array(items.map(mask))
    case .object(let members):
      var masked: OrderedDictionary<String, Value> = [:]
      for (key, member) in members { masked[mask(key)] = mask(member) }
      return .object(masked)
    case .null, .bool, .int, .double, .timestamp, .duration: return value
    }
  }

  /// The JSON without secrets, in its members' names too.
  func mask(_ json: JSON) -> JSON {
    switch json {
    case .string(let text): return .string(mask(text))
    case .array(let items): return .array(items.map(mask))
    case .object(let members):
      var masked: OrderedDictionary<String, JSON> = [:]
      for (key, member) in members { masked[mask(key)] = mask(member) }
      return .object(masked)
    case .null, .bool, .int, .double: return json
    }
  }

  /// A filter for a stream that comes in chunks: finds secrets across their borders.
  public func stream() -> MaskingStream { MaskingStream(patterns.withLock { $0 }) }
}

/// Masks a stream chunk by chunk, holding back the shortest tail that could begin a secret.
public struct MaskingStream: Sendable {
  private let table: PatternTable
  private var held: [UInt8] = []

  init(_ table: PatternTable) { self.table = table }

  /// Takes a chunk and gives what can be shown of the stream so far.
  public mutating func push(_ chunk: some Sequence<UInt8>) -> [UInt8] {
    held += chunk
    return drain(isFinal: false)
  }

  /// Ends the stream and gives the rest of it.
  public mutating func finish() -> [UInt8] { drain(isFinal: true) }

  private mutating func drain(isFinal: Bool) -> [UInt8] {
    let (output, consumed) = table.mask(held[...], isFinal: isFinal)
    held.removeFirst(consumed)
    return output
  }
}
