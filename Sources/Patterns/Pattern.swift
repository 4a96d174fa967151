internal import CPCRE2
public import Diagnostics
internal import Text

/// A regular expression in Perl's language (PCRE2), compiled to machine code.
///
/// One that takes too many steps gives up instead of hanging.
public final class Pattern: @unchecked Sendable {
  // Sendable: the compiled code never changes after init; the match data is used by one thread at a
  // time: the one that made it, or the one that holds the lock of the pipeline it is part of.
  private let code: OpaquePointer
  private let match: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?

  /// The expression as it was typed.
  public let text: String

  /// What an expression is about.
  public enum Subject: Sendable {
    /// Records of logs, which need not be UTF-8: expressions of ASCII alone match bytes, others
    /// match characters and pass over bytes that are none. `^` and `$` are those of lines.
    case records
    /// Texts: expressions match characters, `\w` and `\d` those of all scripts. `^` and `$` are the
    /// text's own, and `.` is no line end of any kind.
    case texts
  }

  /// How many steps one match may take: some tenths of a second.
  private static let matchLimit: UInt32 = 5_000_000

  /// Compiles an expression.
  ///
  /// Throws `PatternError` with the place of what is wrong.
  public init(_ text: String, for subject: Subject = .records) throws(PatternError) {
    self.text = text
    code = try Pattern.compiled(text, for: subject)
    guard let match = pcre2_match_data_create_8(1, nil),
      let context = pcre2_match_context_create_8(nil)
    else { preconditionFailure("no memory for a regular expression") }
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

  private static func compiled(
    _ text: String, for subject: Subject
  ) throws(PatternError) -> OpaquePointer {
    let characters = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF
    var options: UInt32
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    switch subject {
    case .records:
      options = PCRE2_MULTILINE
      let isUnicode =
        text.utf8.contains { $0 >= 0x80 }
        || ["\\p", "\\P", "\\x{", "\\X"].contains { text.contains(text: $0) }
      if isUnicode { options |= characters }
    case .texts:
      options = characters | PCRE2_DOLLAR_ENDONLY
      pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_ANY))
    }
    var error: Int32 = 0
    var place = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &place, context) else {
      let before = String(decoding: bytes.prefix(place), as: UTF8.self)
      throw PatternError(pattern: text, reason: message(error), place: before.unicodeScalars.count)
    }
    return code
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_match_data_free_8(match)
    pcre2_match_context_free_8(context)
    if let stack { pcre2_jit_stack_free_8(stack) }
  }

  /// How a search ended.
  public enum Outcome: Equatable, Sendable {
    /// The bytes of the match.
    case found(Range<Int>)
    /// There is none.
    case absent
    /// Too many steps: nobody knows.
    case gaveUp
  }

  /// The first match at or behind `start`.
  public func search(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Outcome {
    search(bytes, from: start, options: 0)
  }

  /// Whether the bytes are a match from the first to the last.
  public func search(whole bytes: UnsafeRawBufferPointer) -> Outcome {
    search(bytes, from: 0, options: PCRE2_ANCHORED | PCRE2_ENDANCHORED)
  }

  /// Whether it occurs; true where nobody knows, so that nothing is hidden by a pattern that gave up.
  public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool { search(bytes) != .absent }

  private func search(
    _ bytes: UnsafeRawBufferPointer, from start: Int, options: UInt32
  ) -> Outcome {
    guard start <= bytes.count else { return .absent }
    let subject = bytes.bindMemory(to: UInt8.self).baseAddress
    let status = pcre2_match_8(code, subject, bytes.count, start, options, match, context)
    if status >= 0, let vector = pcre2_get_ovector_pointer_8(match) {
      // \K may put the start behind the end.
      return .found(min(vector[0], vector[1])..<max(vector[0], vector[1]))
    }
    return status == PCRE2_ERROR_NOMATCH ? .absent : .gaveUp
  }

  private static func message(_ error: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(error, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }
}

/// A regular expression cannot be used.
public struct PatternError: Failure {
  var pattern: String
  /// What is wrong with it, in PCRE2's words.
  public var reason: String
  /// How many of its characters stand before the wrong one.
  public var place: Int

  /// Which, why and where.
  public var message: String {
    "the regular expression \"\(pattern)\" is wrong at character \(place + 1): \(reason)"
  }
  /// How they are written.
  public var hint: String? { "expressions are Perl's (PCRE2); (?i) at the start ignores case" }
  /// Wrong usage.
  public var status: ExitStatus { .usage }
}
