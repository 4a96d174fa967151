internal import JSON

/// Whether text that looks like JSON is: only what is may stand in output as JSON.
enum JSONCheck {
  /// Whether the bytes are one JSON object (RFC 8259).
  static func isObject(_ bytes: Bytes) -> Bool {
    guard let value = try? JSON(parsing: bytes), case .object = value else { return false }
    return true
  }
}
