internal import JSON

/// A line of a watch.
enum WatchEvent: Sendable {
  case changed(KubeObject)
  case deleted(KubeObject)
  /// Nothing happened until this state.
  case bookmark(resourceVersion: String)
  case failed(APIStatus)

  /// Reads a line; nil for types that nobody knows yet.
  init?(_ line: [UInt8]) throws(JSONError) {
    let json = try JSON(parsing: line)
    var object = json["object"] ?? .null
    if object["kind"]?.string == "Table" {
      // A table of the one object that the line is about; without it, of where the watch stands.
      object = object["rows"]?.array?.first.map { KubeObject(row: $0).json } ?? object
    }
    switch json["type"]?.string {
    case "ADDED", "MODIFIED": self = .changed(KubeObject(object))
    case "DELETED": self = .deleted(KubeObject(object))
    case "BOOKMARK": self = .bookmark(resourceVersion: KubeObject(object).resourceVersion ?? "")
    case "ERROR": self = .failed(APIStatus(object) ?? APIStatus(code: 0, text: object.text()))
    default: return nil
    }
  }
}

/// Cuts a watch into its lines, whatever their lengths up to the greatest object that a server
/// holds and then some.
struct LineCutter {
  static let limit = 64 << 20
  private var rest: [UInt8] = []

  /// A line is longer than any object may be.
  struct TooLong: Error {}

  /// Takes bytes and gives the lines that end in them.
  mutating func add(
    _ bytes: UnsafeRawBufferPointer, line: ([UInt8]) throws -> Void
  ) throws {
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      rest += bytes[start..<end]
      if !rest.isEmpty { try line(rest) }
      rest.removeAll(keepingCapacity: true)
      start = end + 1
    }
    rest += bytes[start...]
    if rest.count > LineCutter.limit { throw TooLong() }
  }
}
