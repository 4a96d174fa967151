public import OrderedCollections
internal import Text

/// The variables of a suite's tests and its server, with every value looked up.
public struct ResolvedTestSuite: Sendable {
  /// Variables of the tests.
  public var environment: OrderedDictionary<String, String> = [:]
  /// Variables of each service's own.
  public var services: [String: [String: String]] = [:]
  /// The server that databases are made on, for kind `url`.
  public var url: String?
  /// What must never be seen.
  public var secrets: [String] = []
  /// Values of the cluster that were not given: these are left out above.
  public var unread: [Located<KubernetesKey>] = []
}

extension TestSuiteConfiguration {
  /// Looks its values up.
  ///
  /// - Parameter values: what was read from the cluster of `valuesOf`.
  /// - Throws: `ConfigurationError` where a variable is not set or a file cannot be read.
  public func resolve(
    variables: [String: String], values: [KubernetesKey: String] = [:]
  ) throws -> ResolvedTestSuite {
    var lookup = Lookup(variables: variables, values: values)
    var resolved = ResolvedTestSuite()
    if let file = environmentFile {
      resolved.environment = try EnvironmentFile.read(file)
      // Such files are where passwords are kept.
      resolved.secrets = Array(resolved.environment.values)
    }
    for (name, source) in environment {
      guard let value = try lookup.text(source)?.value else { continue }
      resolved.environment[name] = value
      if case .literal = source.value { continue }
      resolved.secrets.append(value)
    }
    for service in services {
      var variables: [String: String] = [:]
      for (name, source) in service.environment {
        guard let value = try lookup.text(source)?.value else { continue }
        variables[name] = value
        if case .literal = source.value { continue }
        resolved.secrets.append(value)
      }
      resolved.services[service.name.value] = variables
    }
    resolved.url = try database.url.flatMap { try lookup.text($0) }?.value
    if let url = resolved.url, let password = SecretMask.password(ofURL: url) {
      resolved.secrets.append(password)
    }
    // What is short stands everywhere, and masking it would hide what the tests say.
    resolved.secrets.removeAll { $0.utf8.count < 6 }
    resolved.unread = lookup.unread
    return resolved
  }
}

/// A file of `NAME=value` lines, as `docker run --env-file` and python-dotenv read them.
enum EnvironmentFile {
  static func read(
    _ path: Located<String>
  ) throws(ConfigurationError) -> OrderedDictionary<String, String> {
    let text: String
    do throws(ConfigurationError) {
      text = String(decoding: try Configuration.bytes(of: path.value), as: UTF8.self)
    } catch {
      throw ConfigurationError("\(path.location): \(error.message)", hint: error.hint)
    }
    var values: OrderedDictionary<String, String> = [:]
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      var rest = line.trimmed
      if rest.isEmpty || rest.hasPrefix("#") { continue }
      if rest.hasPrefix("export ") { rest = rest.dropFirst("export ".count).trimmed }
      guard let equals = rest.firstIndex(of: "="), equals > rest.startIndex else {
        throw ConfigurationError(
          "\(path.value):\(number):1: the line is no NAME=value",
          hint: "put a # before it if it is a remark")
      }
      values[String(rest[..<equals].trimmed)] = value(rest[rest.index(after: equals)...].trimmed)
    }
    return values
  }

  /// In double quotes `\n`, `\"` and `\\` are read; in single ones nothing is; without any a ` #` begins
  /// a remark.
  private static func value(_ text: Substring) -> String {
    if text.count >= 2, text.first == "'", text.last == "'" {
      return String(text.dropFirst().dropLast())
    }
    guard text.count >= 2, text.first == "\"", text.last == "\"" else {
      let end = text.firstRange(ofText: " #")?.lowerBound ?? text.endIndex
      return String(text[..<end].trimmed)
    }
    var result = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if isEscaped {
        result.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var rest = self
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}
