internal import ArgumentParser
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import JSON
internal import SystemPackage
internal import Terminal

/// `omcops sandbox`: a throwaway PostgreSQL server.
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Start and stop a throwaway PostgreSQL server.",
    subcommands: [
      SandboxStart.self, SandboxStop.self, SandboxStatus.self, SandboxURL.self, SandboxClean.self,
    ])
}

/// Which sandbox a command means.
struct SandboxOptions: ParsableArguments {
  @Option(
    help: "Folder of the sandbox; the default is one in /tmp for each user.",
    completion: .directory)
  var path: String?

  /// The whole path, as others have to write it.
  func folder(_ context: Context) -> FilePath {
    FilePath(context.workingDirectory)
      .pushing(FilePath(path ?? "/tmp/omcops-sandbox-\(geteuid())")).lexicallyNormalized()
  }
}

/// `omcops sandbox start`.
struct SandboxStart: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start a throwaway server and print its URL.",
    discussion: discussion(
      "The server listens on a Unix socket only and keeps nothing: stopping removes all of it.",
      exits: [.done, .failed, .usage, .locked, .interrupted]))

  @OptionGroup var sandbox: SandboxOptions
  @OptionGroup var global: GlobalOptions

  @Option(
    help: """
      Folder of the server's programs; the default is that of tools.postgres in omcops.yaml, then \
      the newest installed.
      """, completion: .directory)
  var bindir: String?

  func run(_ context: Context) async throws {
    let options = Sandbox.Options(binaries: try binaries(context))
    let started = try await Sandbox.start(in: sandbox.folder(context), options)
    context.output.write(started.settings.redacted + "\n")
  }

  private func binaries(_ context: Context) throws -> FilePath? {
    if let bindir { return FilePath(bindir) }
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    return configuration.tools["postgres"].map {
      FilePath($0.value).removingLastComponent()
    }
  }
}

/// `omcops sandbox stop`.
struct SandboxStop: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End the server and remove all that it had.",
    discussion: discussion(
      "It is no error when none runs.", exits: [.done, .failed, .usage, .locked]))

  @OptionGroup var sandbox: SandboxOptions

  func run(_ context: Context) async throws {
    let found = try await Sandbox.stop(in: sandbox.folder(context))
    let said =
      found
      ? "stopped and removed \(sandbox.folder(context))"
      : "no sandbox in \(sandbox.folder(context))"
    context.error.write(said + "\n")
  }
}

/// `omcops sandbox status`.
struct SandboxStatus: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say whether a server runs.",
    discussion: discussion(
      "A stale sandbox is what is left of a crash; stop removes it.",
      exits: [.done, .failed, .usage, .blocked]))

  @OptionGroup var sandbox: SandboxOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    var record = Record()
    let status = try Sandbox.status(in: sandbox.folder(context))
    switch status {
    case .absent: record.add("state", "absent")
    case .stale: record.add("state", "stale")
    case .running: record.add("state", "running")
    }
    record.add("folder", .string(sandbox.folder(context).string))
    if case .running(let details, let settings) = status {
      record.add("url", .string(settings.redacted))
      record.add("started-at", .string(details.startedAt.rfc3339()))
      record.add("binaries", .string(details.binaries))
    }
    output.emit(record, to: context)
    if case .running = status { return }
    throw Ended(status: .blocked)
  }
}

/// `omcops sandbox url`.
struct SandboxURL: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "url", abstract: "Print the URL of the running server.",
    discussion: discussion(exits: [.done, .failed, .usage, .blocked]))

  @OptionGroup var sandbox: SandboxOptions

  func run(_ context: Context) async throws {
    guard case .running(_, let settings) = try Sandbox.status(in: sandbox.folder(context)) else {
      throw NoSandbox(folder: sandbox.folder(context).string)
    }
    context.output.write(settings.redacted + "\n")
  }
}

/// `omcops sandbox clean`.
struct SandboxClean: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove what killed drills left.",
    discussion: discussion(
      "A drill removes its server itself, and the next drill what a killed one left.",
      exits: [.done, .failed, .usage]))

  func run(_ context: Context) async throws {
    let cleaned = try await DrillSite.clean()
    for folder in cleaned { context.output.write("\(folder)\n") }
    if cleaned.isEmpty { context.error.write("nothing was left\n") }
  }
}

/// No server runs in the folder.
private struct NoSandbox: Failure {
  var folder: String
  var message: String { "no sandbox runs in \(folder)" }
  var hint: String? { "`omcops sandbox start` starts one" }
  var status: ExitStatus { .blocked }
}
