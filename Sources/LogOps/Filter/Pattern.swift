internal import CPCRE2
public import Diagnostics

/// A regular expression in Perl's language (PCRE2), compiled to machine code.
///
/// Patterns of ASCII alone match bytes, so that a log need not be UTF-8; others match characters, and
/// pass over bytes that are none. One that takes too many steps gives up instead of hanging.
public final class Pattern: @unchecked Sendable {
  // Sendable: the compiled code never changes after init; the match data is used by the one thread
  // that holds the pipeline's lock.
  private let code: OpaquePointer
  private let match: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?

  /// The expression as it was typed.
  public let text: String

  /// How many steps one match may take: some tenths of a second.
  private static let matchLimit: UInt32 = 5_000_000

  /// Compiles an expression.
  ///
  /// Throws `PatternError` with the place of what is wrong.
  public init(_ text: String, ignoringCase: Bool = false) throws {
    self.text = text
    var options: UInt32 = 0
    let isUnicode =
      text.utf8.contains { $0 >= 0x80 } || text.contains("\\p") || text.contains("\\P")
      || text.contains("\\x{") || text.contains("\\X")
    if isUnicode { options |= PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF }
    if ignoringCase { options |= PCRE2_CASELESS }
    // Records may have several lines: ^ and $ are those of lines.
    options |= PCRE2_MULTILINE
    var error: Int32 = 0
    var place = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &place, nil) else {
      throw PatternError(pattern: text, reason: Pattern.message(error), place: place)
    }
    guard let match = pcre2_match_data_create_8(1, nil),
      let context = pcre2_match_context_create_8(nil)
    else { preconditionFailure("no memory for a regular expression") }
    self.code = code
    self.match = match
    self.context = context
    pcre2_set_match_limit_8(context, Pattern.matchLimit)
    // Where the machine has no translator, the interpreter does the same.
    if pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0,
      let stack = pcre2_jit_stack_create_8(32 << 10, 1 << 20, nil)
    {
      pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
      self.stack = stack
    } else {
      stack = nil
    }
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_match_data_free_8(match)
    pcre2_match_context_free_8(context)
    if let stack { pcre2_jit_stack_free_8(stack) }
  }

  /// How a search ended.
  enum Outcome: Equatable {
    case found(Range<Int>)
    case absent
    /// Too many steps: nobody knows.
    case gaveUp
  }

  /// The first match at or behind `start`.
  func search(_ bytes: Bytes, from start: Int = 0) -> Outcome {
    guard start <= bytes.count else { return .absent }
    let subject = bytes.bindMemory(to: UInt8.self).baseAddress
    let status = pcre2_match_8(code, subject, bytes.count, start, 0, match, context)
    if status >= 0, let vector = pcre2_get_ovector_pointer_8(match) {
      // \K may put the start behind the end.
      return .found(min(vector[0], vector[1])..<max(vector[0], vector[1]))
    }
    return status == PCRE2_ERROR_NOMATCH ? .absent : .gaveUp
  }

  /// Whether it occurs; true where nobody knows, so that nothing is hidden by a pattern that gave up.
  func matches(_ bytes: Bytes) -> Bool { search(bytes) != .absent }

  private static func message(_ error: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(error, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }
}

/// A regular expression cannot be used.
public struct PatternError: Failure {
  var pattern: String
  var reason: String
  var place: Int

  /// Which, why and where.
  public var message: String {
    "the regular expression \"\(pattern)\" is wrong at character \(place + 1): \(reason)"
  }
  /// How they are written.
  public var hint: String? { "expressions are Perl's (PCRE2); (?i) at the start ignores case" }
  /// Wrong usage.
  public var status: ExitStatus { .usage }
}
