internal import Diagnostics
internal import OrderedCollections
internal import Processes
internal import Quantities

/// Performs what a step, an assertion or an undo does: a native action or a script.
struct Performer: Sendable {
  let surroundings: Surroundings
  let masker: Masker
  let run: RunIdentity
  let workingDirectory: String
  /// The runbook's own variables for scripts.
  let environment: OrderedDictionary<String, Template>
  let catalog: ActionCatalog
  /// Addresses a command that a person would type to the environment of the run.
  let addressed: @Sendable (_ command: String) -> String
  /// What the programs that scripts call go by.
  var variables: [String: String] = [:]

  /// What some work gave.
  struct Performance: Sendable {
    var result: Value
    /// Names of evidence files and their hashes.
    var evidence: OrderedDictionary<String, String> = [:]
  }

  /// Where raw output is kept; nil keeps nothing.
  struct Keeping: Sendable {
    var folder: RunFolder
    /// What the files' names begin with: `swap.1`.
    var prefix: String
    /// The streams to keep: `stdout`, `stderr`.
    var channels: [String]

    /// The streams that were kept and their hashes, of work that did not come to say so itself.
    func found() -> OrderedDictionary<String, String> {
      var hashes: OrderedDictionary<String, String> = [:]
      for name in channels.map({ "\(prefix).\($0)" }) {
        guard let bytes = try? DurableFile.read(folder.evidence(name)) else { continue }
        hashes[name] = JournalContents.digest(of: bytes)
      }
      return hashes
    }
  }

  /// What the work does to the world; a step without work only looks.
  func effect(of work: Work?) -> Effect { catalog.effect(of: work) }

  /// The name of the work in the journal.
  func name(of work: Work) -> String { work.name }

  /// Whether this program can do it; the engine's own actions and scripts it always can.
  func offers(_ work: Work?) -> Bool {
    guard case .action(let action)? = work else { return true }
    // That a called runbook is there was found out before the first step.
    return action.calledRunbook != nil || Performer.builtIn.contains(action.name)
      || surroundings.actions[action.name] != nil
  }

  /// The first thing that a step needs and this program cannot do, in the step itself or in what
  /// looks before and after it and takes it back; nil when there is none.
  func missing(in step: Step, _ scope: Scope) -> String? {
    var works = [step.work]
    var assertions = step.guards + step.checks
    if case .action(let undo) = step.undo {
      works.append(undo.work)
      assertions += undo.checks
    }
    works += assertions.filter { isAsked($0, scope) }.map(\.probe)
    return works.lazy.compactMap(\.self).first { !offers($0) }.map(name)
  }

  private func isAsked(_ assertion: Assertion, _ scope: Scope) -> Bool {
    guard let condition = assertion.condition else { return true }
    return (try? condition.isTrue(in: scope)) ?? true
  }

  static let builtIn: Set<String> = ["confirm", "manual", "sleep"]

  // MARK: The three phases

  /// What is there before.
  func observe(_ work: Work, in scope: Scope) async throws -> Value {
    guard case .action(let reference) = work,
      let action = surroundings.actions[reference.name]
    else { return .null }
    return try await action.observe(call(reference, of: action, in: scope))
  }

  /// Whether the effect is there already.
  func recall(_ work: Work, in scope: Scope, before: Value) async throws -> Recollection {
    guard case .action(let reference) = work,
      let action = surroundings.actions[reference.name]
    else { return .unknown }
    return try await action.recall(call(reference, of: action, in: scope, before: before))
  }

  /// What it would change, a line each, masked.
  func changes(_ work: Work, in scope: Scope) async throws -> [String] {
    guard case .action(let reference) = work,
      let action = surroundings.actions[reference.name]
    else { return [] }
    return try await action.changes(call(reference, of: action, in: scope)).map(masker.mask)
  }

  /// Does it.
  func perform(
    _ work: Work, in scope: Scope, before: Value = .null, keeping: Keeping? = nil,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Performance {
    switch work {
    case .script(let script):
      if let result = try await surroundings.machine?.run(try call(script, in: scope)) {
        return Performance(result: result)
      }
      return try await ScriptRun(
        script: script, performer: self, scope: scope, keeping: keeping, progress: progress
      ).run()
    case .action(let reference):
      if reference.name == "sleep" { return try await sleep(reference, in: scope) }
      let action = try offered(reference)
      var call = try call(reference, of: action, in: scope, before: before)
      let masker = masker
      call.progress = { progress(masker.mask($0)) }
      let outcome: ActionOutcome
      do {
        outcome = try await action.run(call)
      } catch let error as ActionError where !error.stdout.isEmpty {
        // `Keeping.found` tells the record of it.
        var unused = Performance(result: .null)
        if let keeping { try keep(error.stdout, "stdout", keeping, in: &unused) }
        throw error
      }
      var performance = Performance(result: Performer.adding(before, to: outcome.result))
      if let keeping {
        try keep(outcome.stdout, "stdout", keeping, in: &performance)
        try keep(outcome.stderr, "stderr", keeping, in: &performance)
      }
      return performance
    }
  }

  /// `result.before` is there for every action, whatever it gives itself.
  static func adding(_ before: Value, to result: Value) -> Value {
    guard before != .null else { return result }
    guard case .object(var members) = result else {
      return result == .null ? ["before": before] : result
    }
    if members["before"] == nil { members["before"] = before }
    return .object(members)
  }

  private func keep(
    _ bytes: [UInt8], _ channel: String, _ keeping: Keeping, in performance: inout Performance
  ) throws {
    guard !bytes.isEmpty, keeping.channels.contains(channel) else { return }
    let file = try EvidenceFile(
      "\(keeping.prefix).\(channel)", in: keeping.folder, masker: masker)
    bytes.withUnsafeBytes { file.append($0) }
    if let hash = try file.finish() { performance.evidence[file.name] = hash }
  }

  private func sleep(_ reference: ActionReference, in scope: Scope) async throws -> Performance {
    let fields = try evaluate(reference, in: scope)
    let given = fields["duration"] ?? fields["for"] ?? .null
    guard case .duration(let duration)? = Shape.duration.admit(given) else {
      throw ActionError(
        .other, "sleep needs \"duration\", such as 5s", hint: "Write with: { duration: 5s }.")
    }
    try await surroundings.clock.pause(duration)
    return Performance(result: ["slept": .duration(duration)])
  }

  // MARK: Fields

  private func offered(_ reference: ActionReference) throws -> any Action {
    if let action = surroundings.actions[reference.name] { return action }
    throw RunError(
      .unsupported, "\(reference.location): this program does not offer \"\(reference.name)\"")
  }

  private func call(
    _ reference: ActionReference, of action: any Action, in scope: Scope, before: Value = .null
  ) throws -> ActionCall {
    var with = try evaluate(reference, in: scope)
    for parameter in action.parameters {
      guard let value = with[parameter.name] else {
        if parameter.isRequired {
          throw ActionError(.other, "\(action.name) needs \"\(parameter.name)\"")
        }
        continue
      }
      // A null is a field that was left out, so that an expression can leave it out.
      if value == .null, !parameter.isRequired {
        with[parameter.name] = nil
        continue
      }
      guard let admitted = parameter.shape.admit(value) else {
        throw ActionError(
          .other,
          "\(action.name): \"\(parameter.name)\" must be \(parameter.shape.phrase), but is \(value.typeName)"
        )
      }
      with[parameter.name] = admitted
    }
    return ActionCall(
      with: with, run: run, place: Performer.place(of: reference.location), before: before)
  }

  private func call(_ script: Script, in scope: Scope) throws -> ScriptCall {
    var variables: OrderedDictionary<String, String> = [:]
    for (name, template) in environment { variables[name] = try template.text(in: scope) }
    for (name, template) in script.environment { variables[name] = try template.text(in: scope) }
    return ScriptCall(
      shell: script.shell.rawValue, text: script.text, environment: variables,
      place: Performer.place(of: script.location), run: run)
  }

  /// The name of a place in a runbook, the same wherever the file lies.
  static func place(of location: SourceLocation) -> String {
    let file = location.file.split(separator: "/").last ?? ""
    return "\(file):\(location.line):\(location.column)"
  }

  /// The fields of `with` in a scope.
  func evaluate(
    _ reference: ActionReference, in scope: Scope
  ) throws -> OrderedDictionary<String, Value> {
    var fields: OrderedDictionary<String, Value> = [:]
    for (name, template) in reference.parameters {
      fields[name] = try template.evaluate(in: scope)
    }
    return fields
  }

  /// What a person would type to do the same, masked; what is not known in the scope yet stands as
  /// the file writes it. Nil for what only a person can do.
  func command(for work: Work, knownIn scope: Scope) -> String? {
    switch work {
    case .script(let script): return masker.mask(script.text)
    case .action(let reference):
      func known(_ template: Template) -> Value {
        (try? template.evaluate(in: scope)) ?? .string(template.spelling)
      }
      if let runbook = reference.calledRunbook {
        let inputs = reference.parameters.map { ($0, known($1)) }.filter { $1 != .null }
          .map { " -i " + ShellText.quoted("\($0)=\($1.text ?? $1.json.text())") }
        return masker.mask(addressed("omcops runbook run \(runbook)\(inputs.joined())"))
      }
      return catalog.command(for: reference, value: known).map { masker.mask(addressed($0)) }
    }
  }
}

/// One run of a script.
struct ScriptRun: Sendable {
  let script: Script
  let performer: Performer
  let scope: Scope
  let keeping: Performer.Keeping?
  let progress: @Sendable (String) -> Void

  func run() async throws -> Performer.Performance {
    let process = GroupProcess(
      executable: script.shell == .bash ? "/bin/bash" : "/bin/sh", arguments: arguments,
      environment: try variables(), workingDirectory: performer.workingDirectory)
    var files: [String: EvidenceFile] = [:]
    if let keeping {
      for channel in keeping.channels {
        files[channel] = try EvidenceFile(
          "\(keeping.prefix).\(channel)", in: keeping.folder, masker: performer.masker)
      }
    }
    let kept = files
    let captures = [BoundedCapture(), BoundedCapture()]
    let ended: Result<GroupProcess.End, any Error>
    do {
      ended = .success(
        try await process.runInAction { channel, bytes in
          let index = channel == .output ? 0 : 1
          captures[index].append(bytes)
          kept[index == 0 ? "stdout" : "stderr"]?.append(bytes)
        })
    } catch {
      ended = .failure(error)
    }
    var evidence: OrderedDictionary<String, String> = [:]
    for file in kept.values.sorted(by: { $0.name > $1.name }) {
      if let hash = try file.finish() { evidence[file.name] = hash }
    }
    let end = try ended.get()
    try Task.checkCancellation()
    return Performer.Performance(
      result: [
        "exit-code": .int(end.exitCode), "stdout": .string(captures[0].text),
        "stderr": .string(captures[1].text),
      ], evidence: evidence)
  }

  /// Every command counts, in a pipe too, and unset variables are errors.
  private var arguments: [String] {
    switch script.shell {
    case .bash:
      ["bash", "--noprofile", "--norc", "-e", "-u", "-o", "pipefail", "-c", script.text, "bash"]
    case .sh: ["sh", "-e", "-u", "-c", script.text, "sh"]
    }
  }

  private func variables() throws -> [String: String] {
    var variables = performer.surroundings.environment.merging(performer.variables) { $1 }
    // A run inside of a step is not the one that a test wants to see die.
    variables["OMCOPS_CRASH_AFTER"] = nil
    variables["OMCOPS_RUN_ID"] = performer.run.id
    for (name, template) in performer.environment { variables[name] = try template.text(in: scope) }
    for (name, template) in script.environment { variables[name] = try template.text(in: scope) }
    return variables
  }
}

extension GroupProcess.End {
  /// As a shell gives it in `$?`.
  fileprivate var exitCode: Int64 {
    switch self {
    case .exited(let code): Int64(code)
    case .signaled(let signal): 128 + Int64(signal)
    }
  }
}

extension Performer.Performance {
  /// The failure that the result of a script tells of.
  func failure(of work: Work) -> ActionError? {
    guard case .script = work, let code = result["exit-code"]?.int, code != 0 else { return nil }
    let lines = result["stderr"]?.string?.split(separator: "\n") ?? []
    let last = lines.last.map { ": \($0.prefix(300))" } ?? ""
    return ActionError(
      .exit, "the script ended with exit code \(code)\(last)", exitCode: Int(clamping: code))
  }

  /// Throws where the result is that of a script which failed.
  func requireSuccess(of work: Work) throws {
    if let failure = failure(of: work) { throw failure }
  }
}
