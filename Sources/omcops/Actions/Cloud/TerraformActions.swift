internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Text

/// `terraform.plan`: what Terraform would change, and what has changed behind its back.
///
/// The plan stands in the run's folder, which only the operator can read, until it is applied or the
/// run is at its end.
struct TerraformPlanAction: Action {
  let targets: RunTargets

  let name = "terraform.plan"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let module = try TerraformModule(call, try targets.chosen())
    let lock =
      "-lock-timeout=\((call.duration("lock-timeout") ?? .seconds(60)).milliseconds / 1000)s"
    if call.with["init"]?.bool == true {
      call.progress("terraform init")
      let end = try await module.run(
        ["init", "-input=false", "-no-color", lock], limit: .seconds(600))
      guard end.exitCode == 0 else { throw module.failure(end, in: "init") }
    }
    let kept = module.planFile()
    let file = try kept ?? TemporaryPlan.path()
    defer { unlink(file) }
    var words = ["plan", "-input=false", "-no-color", "-detailed-exitcode", lock, "-out=\(file)"]
    if call.with["refresh-only"]?.bool == true { words.append("-refresh-only") }
    words += (call.with["variable-files"]?.array ?? []).map { "-var-file=\($0.text ?? "")" }
    call.progress("terraform plan")
    let end = try await module.run(words, variables: variables(call), limit: .seconds(1800))
    // 2: there are changes.
    guard [0, 2].contains(end.exitCode) else { throw module.failure(end, in: "plan") }
    let shown = try await module.run(["show", "-json", "-no-color", file], limit: .seconds(300))
    guard shown.exitCode == 0, let plan = try? JSON(parsing: shown.output) else {
      throw module.failure(shown, in: "show")
    }
    let path = try kept.map(module.keep) ?? "(the plan of the run)"
    return ActionOutcome(
      result: TerraformChanges(plan).value(hasChanges: end.exitCode == 2, path: path),
      stdout: end.output, stderr: end.error)
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "terraform \(TerraformWords.place(with, targets))plan -detailed-exitcode -out=PLAN"
    if with["refresh-only"]?.bool == true { words += " -refresh-only" }
    for file in with["variable-files"]?.array ?? [] {
      words += " -var-file=\(shellQuoted(file.text ?? ""))"
    }
    return words
  }

  /// Texts as they are, all else as JSON, which Terraform reads in variables of the environment.
  private func variables(_ call: ActionCall) -> [String: String] {
    var variables: [String: String] = [:]
    for (name, value) in call.with["variables"]?.object ?? [:] where value != .null {
      variables[name] = value.text ?? JSON(value).text()
    }
    return variables
  }
}

/// `terraform.apply`: applies a plan of this run, and no other.
struct TerraformApplyAction: Action {
  let targets: RunTargets

  let name = "terraform.apply"
  /// Nobody can tell by the state alone whether a plan was applied.
  let isObservable = false

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let module = try TerraformModule(call, try targets.chosen())
    let plan = call.with["plan"]?.string ?? ""
    try module.requireOwn(plan, maximumAge: call.duration("max-age"))
    let lock =
      "-lock-timeout=\((call.duration("lock-timeout") ?? .seconds(60)).milliseconds / 1000)s"
    call.progress("terraform apply")
    let end = try await module.run(
      ["apply", "-input=false", "-no-color", lock, plan], limit: .seconds(4 * 3600))
    guard end.exitCode == 0 else { throw module.failure(end, in: "apply") }
    // It has done its work, and may hold secrets.
    unlink(plan)
    let said = String(decoding: end.output, as: UTF8.self)
    return ActionOutcome(
      result: [
        "create": .int(TerraformWords.count("added", in: said)),
        "update": .int(TerraformWords.count("changed", in: said)),
        "delete": .int(TerraformWords.count("destroyed", in: said)),
      ], stdout: end.output, stderr: end.error)
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "terraform \(TerraformWords.place(with, targets))apply PLAN"
  }
}

private enum TerraformWords {
  static func place(
    _ with: OrderedDictionary<String, Value>, _ targets: RunTargets
  ) -> String {
    let folder =
      with["folder"]?.text ?? (try? targets.chosen())?.targets.terraform?.folder.value
    return folder.map { "-chdir=\(shellQuoted($0)) " } ?? ""
  }

  /// `Apply complete! Resources: 1 added, 2 changed, 0 destroyed.`
  static func count(_ word: String, in text: String) -> Int64 {
    guard let start = text.lastRange(ofText: "Apply complete! Resources:")?.upperBound else {
      return 0
    }
    for part in text[start...].prefix(while: { $0 != "\n" }).split(separator: ",") {
      let words = part.split { $0 == " " || $0 == "." }
      if words.count == 2, words[1] == word { return Int64(words[0]) ?? 0 }
    }
    return 0
  }
}

/// A plan that is only looked at.
private enum TemporaryPlan {
  static func path() throws -> String {
    var template = Array("/tmp/omcops-plan-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw ActionError(.other, "cannot make a file for the plan") }
    close(descriptor)
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
