/// The protocol that a server answered with.
public enum HTTPVersion: String, Sendable, Hashable {
  case http1_0 = "HTTP/1.0"
  case http1_1 = "HTTP/1.1"
  case http2 = "HTTP/2"
}

/// What comes before the body of an answer.
public struct HTTPHead: Sendable, Hashable {
  /// The status code: 200, 404, ..
  public let status: Int
  /// The protocol that the server speaks.
  public let version: HTTPVersion
  /// The fields, among them whatever warnings the server gives (`Warning: 299 - ".."`).
  public let headers: HTTPHeaders

  /// Whether the status is one of success.
  public var isSuccess: Bool { (200..<300).contains(status) }
}

/// A whole answer.
public struct HTTPResponse: Sendable, Hashable {
  /// Status, protocol and fields.
  public let head: HTTPHead
  /// The body, unpacked if the request accepted a packed one.
  public let body: [UInt8]
  /// Whether an attempt before had been sent, so that the answer may be about what that one has done.
  public var isRepeat = false

  /// The status code.
  public var status: Int { head.status }
  /// The fields.
  public var headers: HTTPHeaders { head.headers }
  /// Whether the status is one of success.
  public var isSuccess: Bool { head.isSuccess }
}

/// Puts the lines of a head together, as libcurl or a bare connection gives them.
///
/// Heads of interim answers (status 1xx) are dropped, except that of a protocol change (101).
struct HeadParser {
  /// What all lines of all heads of one answer may take.
  static let maximumSize = 256 << 10

  enum Progress: Equatable {
    case needsMore
    case complete(HTTPHead)
    /// After the head: the trailer of a chunked body.
    case trailer
    /// Not HTTP, or too much of it.
    case malformed(String)
  }

  private var size = 0
  private var start: (status: Int, version: HTTPVersion)?
  private var headers = HTTPHeaders()
  private var isComplete = false

  /// Adds one line with its end.
  mutating func add(_ line: UnsafeRawBufferPointer) -> Progress {
    if isComplete { return .trailer }
    size += line.count
    guard size <= HeadParser.maximumSize else {
      return .malformed("the header fields take more than 256 KiB")
    }
    let text = String(decoding: line, as: UTF8.self).trimmingBlanks
    guard let start else {
      guard let start = HeadParser.statusLine(text) else {
        return .malformed("this is not HTTP: \"\(text.prefix(40).escapedForErrors)\"")
      }
      self.start = start
      return .needsMore
    }
    if !text.isEmpty {
      // A line without a colon says nothing; servers that send one are tolerated, as by libcurl.
      if let colon = text.firstIndex(of: ":") {
        headers.add(
          String(text[..<colon].trimmingBlanks),
          String(text[text.index(after: colon)...].trimmingBlanks))
      }
      return .needsMore
    }
    let head = HTTPHead(status: start.status, version: start.version, headers: headers)
    (self.start, headers) = (nil, HTTPHeaders())
    if (100..<200).contains(head.status), head.status != 101 { return .needsMore }
    isComplete = true
    return .complete(head)
  }

  private static func statusLine(_ text: Substring) -> (Int, HTTPVersion)? {
    let words = text.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), status >= 100
    else { return nil }
    switch words[0] {
    case "HTTP/2", "HTTP/2.0": return (status, .http2)
    case "HTTP/1.1": return (status, .http1_1)
    case "HTTP/1.0": return (status, .http1_0)
    default: return nil
    }
  }
}

extension Substring {
  /// Without characters that would do something to a terminal.
  var escapedForErrors: String {
    String(
      unicodeScalars.map {
        $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? "?" : Character($0)
      })
  }
}
