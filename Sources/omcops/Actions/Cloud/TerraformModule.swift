internal import Configuration
internal import Diagnostics
internal import Digest
internal import Glibc
internal import Quantities
internal import Runbooks
internal import SystemPackage
internal import Text

/// A root module of Terraform, and the program that plans and applies it.
struct TerraformModule: Sendable {
  /// The folder of its files.
  let folder: String
  private let program: String
  private let environment: [String: String]
  /// Where the run keeps its plans until its end.
  private let plans: PendingFiles

  /// The module that a call means: its own `folder`, or that of the environment.
  init(_ call: ActionCall, _ targets: EnvironmentTargets) throws {
    let terraform = targets.targets.terraform
    let context = targets.context
    guard let folder = call.with["folder"]?.string ?? terraform?.folder.value else {
      throw ActionError(NoTarget(environment: targets.environment, section: "terraform"))
    }
    self.folder =
      FilePath(context.workingDirectory).pushing(FilePath(folder)).lexicallyNormalized().string
    guard access(self.folder, R_OK | X_OK) == 0 else {
      throw ActionError(.refused, "there is no folder \(self.folder) that Terraform could work in")
    }
    let binary = terraform?.binary?.value ?? "terraform"
    guard let program = ToolRun.find(binary, in: context.environment) else {
      throw ActionError(
        .refused, "there is no \(binary) in PATH, which plans and applies need",
        hint: "Install Terraform, or name its program as terraform.binary in omcops.yaml.")
    }
    self.program = program
    plans = PendingFiles(of: FilePath(runsFolder(context)).appending(call.run.id))
    var environment = context.environment
    environment["TF_IN_AUTOMATION"] = "1"
    environment["TF_INPUT"] = "0"
    environment["CHECKPOINT_DISABLE"] = "1"
    if let profile = targets.targets.aws?.profile { environment["AWS_PROFILE"] = profile.value }
    if let region = targets.targets.aws?.region { environment["AWS_REGION"] = region.value }
    if let workspace = call.with["workspace"]?.string { environment["TF_WORKSPACE"] = workspace }
    self.environment = environment
  }

  /// Runs the program in the module's folder. When it is to end early it has the time to write its
  /// state and give its lock back.
  ///
  /// - Parameter variables: values of the module's variables: they go by the environment, so that no
  ///   command line shows them.
  func run(
    _ words: [String], variables: [String: String] = [:], limit: Duration
  ) async throws -> ToolRun.End {
    var environment = environment
    for (name, value) in variables { environment["TF_VAR_\(name)"] = value }
    return try await ToolRun(
      program: program, arguments: ["-chdir=\(folder)"] + words, environment: environment,
      folder: folder, limit: limit, grace: .seconds(120)
    ).run()
  }

  /// The error for a run that failed, in Terraform's own words.
  func failure(_ end: ToolRun.End, in command: String) -> ActionError {
    let said = end.errorText + String(decoding: end.output, as: UTF8.self)
    let lines = said.split(whereSeparator: \.isNewline).map { line in
      String(line.drop { " │╷╵|".contains($0) })
    }.filter { !$0.isEmpty }
    let start = lines.firstIndex { $0.hasPrefix("Error: ") } ?? lines.startIndex
    var words = lines[start...].prefix(3).joined(separator: " ").prefix(400)
    var hint: String?
    if said.contains(text: "Error acquiring the state lock") {
      let facts = ["ID:", "Who:", "Operation:", "Created:"].compactMap { key in
        lines.first { $0.hasPrefix(key) }
      }
      words = ("Error acquiring the state lock: " + facts.joined(separator: ", "))[...]
      hint = "Wait for its holder; if that process is gone, see to its lock first."
    } else if ["initialization required", "terraform init", "not installed"].contains(
      where: said.contains(text:))
    {
      hint = "Run `terraform init` in \(folder), or say init: true."
    } else if said.contains(text: "Saved plan is stale") {
      hint = "The state has changed since the plan: plan again."
    }
    return ActionError(
      .exit, "terraform \(command): \(words)", hint: hint, exitCode: end.exitCode)
  }

  /// A file of this run's for a plan that is about to be made; nil where there is no run, but only
  /// a question what it would do.
  func planFile() -> String? {
    plans.make() ? "\(plans.folder)/.terraform-\(getpid()).tfplan" : nil
  }

  /// Names a plan by what is in it, so that `apply` can tell it from any other; gives its path.
  func keep(_ file: String) throws -> String {
    guard chmod(file, 0o600) == 0 else {
      throw ActionError(.other, "cannot keep the plan \(file): \(Errno(rawValue: errno))")
    }
    let path = "\(plans.folder)/terraform-\(try TerraformModule.digest(of: file)).tfplan"
    guard rename(file, path) == 0 else {
      throw ActionError(.other, "cannot keep the plan as \(path): \(Errno(rawValue: errno))")
    }
    return path
  }

  /// Throws unless a file is a plan that this run has made, as it was made.
  func requireOwn(_ path: String, maximumAge: Duration?) throws {
    let name = FilePath(path).lastComponent?.string ?? ""
    let expected = name.dropFirst("terraform-".count).dropLast(".tfplan".count)
    guard path == "\(plans.folder)/\(name)", name.hasPrefix("terraform-"), name.hasSuffix(".tfplan")
    else {
      throw ActionError(
        .refused, "\(path) is no plan of this run",
        hint: "Give `plan` the result of a terraform.plan step of this runbook.")
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw ActionError(
        .refused, "the plan \(path) is not there", hint: "It was applied already, or taken away.")
    }
    guard try TerraformModule.digest(of: path) == expected else {
      throw ActionError(.refused, "the plan \(path) was changed after it was made")
    }
    let age = Timestamp.now() - Timestamp(microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000)
    if let maximumAge, age > maximumAge {
      throw ActionError(
        .refused,
        "the plan is \(Duration.seconds(Int64(age.seconds)).canonical) old, more than "
          + maximumAge.canonical, hint: "Plan again.")
    }
  }

  private static func digest(of path: String) throws -> String {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return try file.closeAfter {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
          if count == 0 { break }
          buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return hash.hex()
      }
    } catch let error as Errno {
      throw ActionError(.other, "cannot read the plan \(path): \(error)")
    }
  }
}
