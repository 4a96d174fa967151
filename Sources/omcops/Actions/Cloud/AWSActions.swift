internal import JSON
internal import OrderedCollections
internal import Runbooks

/// `aws.read`: what an operation that changes nothing gives, as the AWS CLI prints it, secrets
/// hidden.
///
/// An empty list is no error of any operation: who asks for something has to check that it came.
struct AWSReadAction: Action {
  let targets: RunTargets

  let name = "aws.read"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let operation = call.with["operation"]?.string ?? ""
    guard ActionCatalog.isReading(operation) else {
      throw ActionError(
        .refused, "aws.read cannot take the operation \"\(operation)\"",
        hint:
          "It takes operations that begin with \(ActionCatalog.readingVerbs.joined(separator: "-, "))-."
      )
    }
    return try await targets.aws(call, writes: false)
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    AWSWords.command(with)
  }
}

/// `aws.call`: does an operation of a service.
struct AWSCallAction: Action {
  let targets: RunTargets

  let name = "aws.call"
  /// What an operation does can be read by another one only, which its check has to name.
  let isObservable = false

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await targets.aws(call, writes: true)
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    AWSWords.command(with)
  }
}

extension RunTargets {
  fileprivate func aws(_ call: ActionCall, writes: Bool) async throws -> ActionOutcome {
    let command = try AWSCommand(call, try chosen())
    if command.operation != "get-caller-identity" { try await proveAccount() }
    let answer = try await command.run(writes: writes)
    return ActionOutcome(result: Value(AWSSecrets.masked(answer, of: command.service)))
  }

  /// Throws where the credentials are those of another account than the environment's. Asked once.
  func proveAccount() async throws {
    let targets = try chosen()
    guard let account = targets.targets.aws?.account, !hasProvenAccount else { return }
    let answer = try await AWSCommand("sts", "get-caller-identity", [:], targets).run(writes: false)
    let found = answer["Account"]?.string ?? "no account"
    guard found == account.value else {
      throw ActionError(
        .refused,
        "the AWS credentials are those of account \(found), and environment "
          + "\"\(targets.environment)\" is account \(account.value)",
        hint: "Choose the right profile: aws.profile in omcops.yaml, or AWS_PROFILE.")
    }
    noteProvenAccount()
  }
}

/// What a person would type.
private enum AWSWords {
  static func command(_ with: OrderedDictionary<String, Value>) -> String {
    var words = ["aws", with["service"]?.text ?? "", with["operation"]?.text ?? ""]
    let arguments = with["arguments"]?.object ?? [:]
    for (name, value) in arguments where value != .null {
      let flag = name.contains(where: \.isUppercase) ? kebab(name) : name
      switch value {
      case .bool(let isOn): words.append(isOn ? "--\(flag)" : "--no-\(flag)")
      case .array(let items) where items.allSatisfy { $0.text != nil }:
        words.append(
          "--\(flag) " + items.compactMap(\.text).map(shellQuoted).joined(separator: " "))
      case .array, .object: words.append("--\(flag) \(shellQuoted(JSON(value).text()))")
      default: words.append("--\(flag) \(shellQuoted(value.text ?? ""))")
      }
    }
    if let region = with["region"]?.text { words.append("--region \(shellQuoted(region))") }
    if let profile = with["profile"]?.text { words.append("--profile \(shellQuoted(profile))") }
    return words.joined(separator: " ")
  }

  private static func kebab(_ name: String) -> String {
    var text = ""
    for character in name {
      if character.isUppercase, !text.isEmpty { text += "-" }
      text += character.lowercased()
    }
    return text
  }
}
