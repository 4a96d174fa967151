internal import Diagnostics
internal import Glibc
internal import KubeExec
internal import Runbooks
internal import Terminal

/// Where a run's secrets come from beside variables and files: the environment's cluster and account, and
/// the person at the terminal.
struct LiveSecrets: SecretReader {
  let cluster: RunCluster
  let targets: RunTargets
  let context: Context

  /// Lets neither this process nor the scripts of its run leave a core file, which would hold their
  /// secrets.
  static func keepOutOfCoreFiles() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }

  func read(_ source: SecretSource) async throws -> String? {
    switch source.place {
    case .kubernetes(let place): try await kubernetes(place, source)
    case .awsSecretsManager(let id): try await account(id, source)
    case .prompt: try await prompt(source)
    case .environment, .file: nil
    }
  }

  /// `kubernetes:namespace/name`, or `kubernetes:name` in the environment's namespace.
  private func kubernetes(_ place: String, _ source: SecretSource) async throws -> String {
    let parts = place.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, !parts.contains(""), let name = parts.last, let key = source.key else {
      throw UnreadableSecret(
        message:
          "\(source.location): a secret of Kubernetes is named as kubernetes:NAMESPACE/NAME, "
          + "with the key in it as key")
    }
    do {
      var session = try cluster.session()
      if parts.count == 2 { session.namespace = parts[0] }
      return try await SecretKey("secret/\(name)/\(key)", in: session, field: "from").text()
    } catch let error as KubeError {
      throw UnreadableSecret(message: "\(source.location): \(error.message)", hint: error.hint)
    } catch let error as ActionError {
      throw UnreadableSecret(message: "\(source.location): \(error.message)", hint: error.hint)
    }
  }

  /// `aws-secretsmanager:ID`, in the environment's account: all of its text.
  private func account(_ id: String, _ source: SecretSource) async throws -> String {
    do {
      return try await AWSSecretStore(id: id, targets: targets).text()
    } catch let error as ActionError {
      throw UnreadableSecret(message: "\(source.location): \(error.message)", hint: error.hint)
    }
  }

  /// Asks at the terminal, which shows nothing of what is typed.
  private func prompt(_ source: SecretSource) async throws -> String {
    guard context.canPrompt, let terminal = SilentTerminal() else {
      throw UnreadableSecret(
        message: "secret \"\(source.name)\" is asked for at a terminal, and there is none",
        hint: "run it where somebody can type, or let it come from env:, file:, kubernetes: or "
          + "aws-secretsmanager:")
    }
    defer { terminal.restore() }
    let what = source.description.map { " (\($0))" } ?? ""
    context.error.write("Secret \(source.name)\(what), which is not shown: ")
    let line = try await context.input.nextLine()
    context.error.write("\n")
    guard let line, !line.isEmpty else {
      throw UnreadableSecret(message: "secret \"\(source.name)\" was not given")
    }
    return line
  }
}

/// The operator's terminal for as long as it shows nothing of what is typed.
private final class SilentTerminal {
  private let before: termios

  /// Takes effect at once, and drops what was typed before anybody asked: it was shown.
  init?() {
    var state = termios()
    guard tcgetattr(0, &state) == 0 else { return nil }
    before = state
    state.c_lflag &= ~tcflag_t(ECHO)
    guard tcsetattr(0, TCSAFLUSH, &state) == 0 else { return nil }
  }

  /// Shows again what is typed.
  func restore() {
    var state = before
    tcsetattr(0, TCSADRAIN, &state)
  }
}

/// A secret that cannot be had.
private struct UnreadableSecret: Failure {
  var message: String
  var hint: String?
  var status: Diagnostics.ExitStatus { .usage }
}
