internal import Configuration
internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Text

/// One operation of a service, done by the AWS CLI as the environment tells it to.
struct AWSCommand: Sendable {
  /// `eks`.
  let service: String
  /// `describe-cluster`.
  let operation: String
  /// By their names of the command line (`role-name`) or of the API (`RoleName`).
  let arguments: OrderedDictionary<String, Value>
  private let aws: AWSConfiguration?
  private let region: String?
  private let profile: String?
  private let limit: Duration
  private let environment: [String: String]
  private let folder: String

  /// - Throws: where the names are none of services and operations.
  init(_ call: ActionCall, _ targets: EnvironmentTargets) throws {
    self.init(
      call.with["service"]?.string ?? "", call.with["operation"]?.string ?? "",
      call.with["arguments"]?.object ?? [:], targets, region: call.with["region"]?.string,
      profile: call.with["profile"]?.string, limit: call.duration("timeout"))
    for word in [service, operation] where !AWSCommand.isWord(word) {
      throw ActionError(.other, "\"\(word)\" is no name of a service or an operation")
    }
  }

  init(
    _ service: String, _ operation: String, _ arguments: OrderedDictionary<String, Value>,
    _ targets: EnvironmentTargets, region: String? = nil, profile: String? = nil,
    limit: Duration? = nil
  ) {
    self.service = service
    self.operation = operation
    self.arguments = arguments
    self.limit = limit ?? .seconds(120)
    aws = targets.targets.aws
    self.region = region ?? aws?.region?.value
    self.profile = profile ?? aws?.profile?.value
    environment = targets.context.environment
    folder = targets.context.workingDirectory
  }

  private static func isWord(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
  }

  /// Does it and gives what the CLI prints; nothing is an empty object.
  ///
  /// - Parameter writes: whether its arguments stay off the command line, where everybody on this
  ///   machine could read them, and whether a lost connection leaves it open if it happened.
  func run(writes: Bool) async throws -> JSON {
    var words = [service, operation, "--output", "json"]
    var input: [UInt8] = []
    if !writes, let flags = AWSArguments(arguments).flags {
      words += flags
    } else if !arguments.isEmpty {
      let named = try AWSArguments(arguments).named(by: await skeleton(), of: "\(self)")
      input = Array(JSON(.object(named)).text().utf8)
      words += ["--cli-input-json", "file:///dev/stdin"]
    }
    let end = try await run(words, input)
    guard end.exitCode == 0 else {
      throw AWSFailure(end, of: "\(self)").actionError(writes: writes)
    }
    let text = String(decoding: end.output, as: UTF8.self)
    if text.allSatisfy(\.isWhitespace) { return [:] }
    do {
      return try JSON(parsing: end.output)
    } catch {
      throw ActionError(.other, "\(self): the AWS CLI prints no JSON: \(text.prefix(80))")
    }
  }

  /// What the operation takes, by its names of the API. The CLI knows that without asking anybody.
  private func skeleton() async throws -> JSON {
    let end = try await run([service, operation, "--generate-cli-skeleton", "input"], [])
    guard end.exitCode == 0, let skeleton = try? JSON(parsing: end.output) else {
      throw AWSFailure(end, of: "\(self)").actionError(writes: false)
    }
    return skeleton
  }

  private func run(_ words: [String], _ input: [UInt8]) async throws -> ToolRun.End {
    guard let program = ToolRun.find("aws", in: environment) else {
      throw ActionError(
        .refused, "there is no AWS CLI (aws) in PATH, which \(self) needs",
        hint: "Install it: the package awscli, or `pip install awscli`.")
    }
    var variables = environment
    variables["AWS_PAGER"] = ""
    variables["AWS_CLI_AUTO_PROMPT"] = "off"
    if let region {
      variables["AWS_REGION"] = region
      variables["AWS_DEFAULT_REGION"] = region
    }
    if let profile { variables["AWS_PROFILE"] = profile }
    var words = words
    if let endpoint = try aws?.resolvedEndpoint(variables: environment) {
      words += ["--endpoint-url", endpoint]
    }
    return try await ToolRun(
      program: program, arguments: words, environment: variables, folder: folder, input: input,
      limit: limit
    ).run()
  }
}

extension AWSCommand: CustomStringConvertible {
  /// `aws eks describe-cluster`.
  var description: String { "aws \(service) \(operation)" }
}

/// The arguments of an operation.
struct AWSArguments {
  let arguments: OrderedDictionary<String, Value>

  init(_ arguments: OrderedDictionary<String, Value>) { self.arguments = arguments }

  /// As words of the command line; nil where that would not say the same: names of the API, and
  /// texts that the CLI would take for the place of the value.
  var flags: [String]? {
    var words: [String] = []
    for (name, value) in arguments where value != .null {
      guard !name.contains(where: \.isUppercase), !AWSArguments.isPlace(value) else { return nil }
      switch value {
      case .bool(let flag): words.append(flag ? "--\(name)" : "--no-\(name)")
      case .array, .object: words.append("--\(name)=\(JSON(value).text())")
      default: words.append("--\(name)=\(value.text ?? "")")
      }
    }
    return words
  }

  private static func isPlace(_ value: Value) -> Bool {
    guard let text = value.string else { return false }
    return ["file://", "fileb://", "http://", "https://"].contains { text.hasPrefix($0) }
  }

  /// By the names of the API, which a skeleton of the operation has: `role-name` is `RoleName`.
  func named(
    by skeleton: JSON, of operation: String
  ) throws -> OrderedDictionary<String, Value> {
    let known = Dictionary(
      (skeleton.object ?? [:]).keys.map { (AWSArguments.bare($0), $0) },
      uniquingKeysWith: { first, _ in first })
    var named: OrderedDictionary<String, Value> = [:]
    for (name, value) in arguments where value != .null {
      guard let member = known[AWSArguments.bare(name)] else {
        throw ActionError(
          .other,
          "\(operation) has no argument \"\(name)\""
            + Suggestion.phrase(for: name, among: known.values),
          hint: "It has \(known.values.sorted().joined(separator: ", ")).")
      }
      named[member] = value
    }
    return named
  }

  private static func bare(_ name: String) -> String {
    name.lowercased().filter { $0 != "-" && $0 != "_" }
  }
}

/// Why the AWS CLI did not do it.
struct AWSFailure {
  /// `AccessDenied`; nil where the service did not say anything.
  let code: String?
  private let text: String
  private let exitCode: Int
  private let operation: String

  init(_ end: ToolRun.End, of operation: String) {
    self.operation = operation
    exitCode = end.exitCode
    // Of an answer in XML where the CLI reads JSON it prints all, with the status in the place of the code.
    if let said = AWSFailure.element("Message", of: end.errorText),
      let word = AWSFailure.element("Code", of: end.errorText)
    {
      (code, text) = (String(word), "\(word): \(said)")
      return
    }
    let lines = end.errorText.split(whereSeparator: \.isNewline).map(String.init)
    let said = lines.first { $0.contains(text: "An error occurred (") } ?? lines.last ?? ""
    // An error occurred (CODE) when calling the OPERATION operation: text
    if let open = said.firstIndex(of: "("), said.contains(text: "An error occurred ("),
      let close = said[open...].firstIndex(of: ")")
    {
      code = String(said[said.index(after: open)..<close])
      let mark = said.firstRange(ofText: "operation").map { said[$0.upperBound...] } ?? ""
      let rest = mark.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
      text = rest.isEmpty ? code ?? "" : "\(code ?? ""): \(rest)"
    } else {
      code = nil
      text = said.isEmpty ? "exit code \(end.exitCode)" : said
    }
  }

  /// The text of an element of XML that holds no other.
  private static func element(_ name: String, of text: String) -> Substring? {
    guard let start = text.firstRange(ofText: "<\(name)>")?.upperBound,
      let end = text[start...].firstRange(ofText: "</\(name)>")?.lowerBound
    else { return nil }
    return text[start..<end]
  }

  func actionError(writes: Bool) -> ActionError {
    let words = text.lowercased()
    let message = "\(operation): \(text.prefix(500))"
    if words.contains(text: "could not connect") || words.contains(text: "connection was closed")
      || words.contains(text: "connect timeout") || words.contains(text: "read timeout")
    {
      return ActionError(
        .connection, message, exitCode: exitCode,
        isInDoubt: writes && !words.contains(text: "could not"))
    }
    let login = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"]
    if code.map(login.contains) ?? words.contains(text: "credentials")
      || words.contains(text: "sso session")
    {
      return ActionError(
        .refused, message, hint: "Log in, as with `aws sso login`, or set the profile's keys.",
        exitCode: exitCode)
    }
    return ActionError(.exit, message, exitCode: exitCode)
  }
}
