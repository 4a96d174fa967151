internal import Glibc
internal import Subprocess
internal import SystemPackage

/// One run of a credential plugin.
struct PluginRun {
  let plugin: CredentialPlugin
  let info: PluginClusterInfo?
  /// Whom the credential is for, for messages.
  let owner: String
  let surroundings: AccessSurroundings

  /// Runs the program to its end. What it prints on standard error goes to ours: it may ask the
  /// operator for something, and knows best what went wrong.
  func answer() async throws -> PluginExchange.Answer {
    let isInteractive = try mayAsk()
    guard let path = lookUp() else { throw notFound }
    let outcome: (status: TerminationStatus, output: [UInt8])
    do {
      outcome = try await run(path, isInteractive: isInteractive)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw failure("could not be run: \(error)")
    }
    switch outcome.status {
    case .exited(0): break
    case .exited(let code): throw failure("ended with status \(code)")
    case .signaled(let signal): throw failure("was ended by signal \(signal)")
    }
    do throws(PluginExchange.Unusable) {
      return try PluginExchange.answer(outcome.output, to: plugin)
    } catch {
      throw failure(error.reason)
    }
  }

  private func run(
    _ path: String, isInteractive: Bool
  ) async throws -> (TerminationStatus, [UInt8]) {
    if isInteractive {
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: Arguments(plugin.arguments),
        environment: environment(isInteractive),
        workingDirectory: FilePath(surroundings.workingDirectory),
        input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
        output: .bytes(limit: 1 << 20),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
      return (result.terminationStatus, result.standardOutput)
    }
    let result = try await Subprocess.run(
      .path(FilePath(path)), arguments: Arguments(plugin.arguments),
      environment: environment(isInteractive),
      workingDirectory: FilePath(surroundings.workingDirectory), input: .none,
      output: .bytes(limit: 1 << 20),
      error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
    return (result.terminationStatus, result.standardOutput)
  }

  private func environment(_ isInteractive: Bool) -> Environment {
    var variables = surroundings.variables
    for (name, value) in plugin.variables { variables[name] = value }
    variables["KUBERNETES_EXEC_INFO"] = PluginExchange.question(
      plugin, info: info, isInteractive: isInteractive)
    let keyed = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
    return .custom(Dictionary(keyed, uniquingKeysWith: { $1 }))
  }

  private func mayAsk() throws -> Bool {
    switch plugin.interactiveMode {
    case .never: return false
    case .ifAvailable: return surroundings.isInteractive
    case .always:
      guard surroundings.isInteractive else {
        throw failure("needs a terminal (interactiveMode: Always), and standard input is none")
      }
      return true
    }
  }

  /// The program's path: as it stands, or by `PATH`.
  private func lookUp() -> String? {
    if plugin.command.contains("/") {
      return access(plugin.command, X_OK) == 0 ? plugin.command : nil
    }
    for folder in (surroundings.variables["PATH"] ?? "").split(separator: ":") {
      let path = "\(folder)/\(plugin.command)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  private var notFound: KubeError {
    let place = plugin.command.contains("/") ? "" : " on the path"
    var error = failure("is not\(place.isEmpty ? " there, or not executable" : place)")
    // The text is the kubeconfig's: it must not be able to speak to the terminal.
    error.hint = plugin.installHint.map { hint in
      String(String.UnicodeScalarView(hint.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }
    return error
  }

  private func failure(_ what: String) -> KubeError {
    KubeError(.noCredential, "the credential plugin \"\(plugin.command)\" of \(owner) \(what)")
  }
}
