internal import Diagnostics
internal import Digest
internal import OrderedCollections
internal import Quantities
internal import Text
internal import YAML

extension Runbook {
  /// Reads a runbook and reports everything that is wrong in it.
  ///
  /// - Parameters:
  ///   - file: the path as the user named it; its base name must be the runbook's name.
  ///   - catalog: the actions that `uses:` may name.
  public init(
    parsing bytes: [UInt8], file: String, catalog: ActionCatalog = ActionCatalog()
  ) throws(RunbookError) {
    let problems = YAMLProblems()
    do throws(YAMLError) {
      let document = try YAMLDocument(parsing: bytes, file: file)
      let source = RunbookSource(file: file, bytes: bytes, sha256: SHA256.hex(of: bytes))
      let parser = RunbookParser(problems: problems, catalog: catalog, source: source)
      let runbook = parser.runbook(document.root)
      try problems.throwIfAny(showing: document.source)
      guard let runbook else {
        throw YAMLError(YAMLProblem("this is no runbook", at: document.root.location))
      }
      self = runbook
    } catch {
      throw RunbookError(error)
    }
  }
}

/// Turns nodes into the model; what is wrong goes to `problems`, and reading goes on.
struct RunbookParser {
  let problems: YAMLProblems
  let catalog: ActionCatalog
  let source: RunbookSource

  func runbook(_ root: YAMLNode) -> Runbook? {
    guard let reader = MappingReader(root, as: "the runbook", problems: problems) else {
      return nil
    }
    _ = reader.choice("runbook", of: ["v1"], required: true)
    let name = identifier("name", in: reader, required: true)
    checkName(name, reader)
    let description = text("description", in: reader, required: true)
    let steps = reader.sequence("steps", required: true)
    if let steps, steps.isEmpty {
      problems.report("\"steps\" has no step", at: reader.location(of: "steps"))
    }
    let runbook = Runbook(
      name: name ?? "", title: reader.string("title") ?? name ?? "",
      description: description ?? "", owner: reader.string("owner"),
      tags: unique("tags", in: reader, identifiers: true), alerts: unique("alerts", in: reader),
      alertsLocation: reader.has("alerts") ? reader.location(of: "alerts") : reader.location,
      risk: choice("risk", in: reader) ?? .low, requirements: requirements(reader),
      inputs: named("inputs", in: reader) { input($0) },
      secrets: named("secrets", in: reader) { secret($0) },
      environment: environment(reader), concurrency: concurrency(reader),
      timeout: span("timeout", in: reader), onFailure: choice("on-failure", in: reader) ?? .ask,
      guards: assertions("guard", in: reader), steps: (steps ?? []).compactMap { step($0) },
      finally: (reader.sequence("finally") ?? []).compactMap { step($0) },
      outputs: named("outputs", in: reader) { output($0) }, drill: drill(reader), source: source)
    reader.finish()
    checkReferences(runbook)
    return runbook
  }

  private func checkName(_ name: String?, _ reader: MappingReader) {
    guard let name else { return }
    let base = source.file.split(separator: "/").last.map(String.init) ?? source.file
    let stem = [".yaml", ".yml"].first { base.hasSuffix($0) }.map { base.dropLast($0.count) }
    guard let stem, stem != name else { return }
    problems.report(
      "\"name\" is \"\(name)\", but the file is \(base)",
      at: reader.node("name")?.location ?? reader.location,
      hint: "A runbook's name is its file's base name, so that one leads to the other.")
  }

  private func requirements(_ reader: MappingReader) -> Requirements {
    var result = Requirements(targets: [], tools: [:])
    guard let requires = reader.mapping("requires") else { return result }
    result.targets = unique("targets", in: requires)
    let known = [
      "database", "kubernetes", "aws", "prometheus", "alertmanager", "loki", "github", "terraform",
    ]
    for (index, target) in result.targets.enumerated() where !known.contains(target) {
      problems.report(
        "there is no kind of target \"\(target)\"\(Suggestion.phrase(for: target, among: known))",
        at: requires.node("targets")?.sequence?[index].location ?? requires.location,
        hint: "Kinds: \(known.joined(separator: ", ")).")
    }
    for entry in requires.entries("tools") ?? [] {
      let isVersion = entry.value.string.map(NameShape.isVersion) ?? false
      let isTool = NameShape.isTool(entry.key)
      guard isTool, isVersion, let version = entry.value.string else {
        problems.report(
          isTool
            ? "the version of \"\(entry.key)\" must be written as \">=1.40\" or \"=1.40\", in quotes"
            : "\"\(entry.key)\" is no name of a tool",
          at: isTool ? entry.value.location : entry.location)
        continue
      }
      result.tools[entry.key] = version
    }
    requires.finish()
    return result
  }

  private func concurrency(_ reader: MappingReader) -> Concurrency? {
    guard let concurrency = reader.mapping("concurrency") else { return nil }
    let group = concurrency.requiredNode("group").flatMap { template($0) }
    if let group, case .literal(.string) = group.form {
    } else if let group, case .literal = group.form {
      problems.report("\"group\" must be text", at: group.location)
    }
    let lock = concurrency.choice("lock", of: ["postgres", "kubernetes", "file"]) ?? "file"
    let wait = span("wait", in: concurrency) ?? .fixed(.zero)
    concurrency.finish()
    return group.map { Concurrency(group: $0, lock: lock, wait: wait) }
  }

  // MARK: Inputs, secrets and outputs

  private func input(_ entry: YAMLMapping.Entry) -> Input? {
    guard let reader = MappingReader(entry.value, as: "input \"\(entry.key)\"", problems: problems)
    else { return nil }
    var input = Input(
      name: entry.key, description: reader.string("description", required: true) ?? "",
      kind: choice("type", in: reader) ?? .string, isRequired: reader.bool("required") ?? false,
      defaultValue: nil, options: unique("options", in: reader),
      pattern: reader.string("pattern"), minimum: reader.number("min"),
      maximum: reader.number("max"), location: entry.location)
    let standard = reader.node("default")
    reader.finish()
    if input.kind == .choice, input.options.isEmpty {
      problems.report("a choice needs \"options\"", at: reader.location(of: "type"))
    }
    misplaced("options", in: reader, unless: input.kind == .choice, "belongs to type: choice")
    for key in ["min", "max"] {
      misplaced(key, in: reader, unless: input.kind == .number, "belongs to type: number")
    }
    misplaced(
      "pattern", in: reader, unless: [.string, .path, .environment].contains(input.kind),
      "belongs to inputs that are text")
    misplaced(
      "default", in: reader, unless: !input.isRequired, "makes no sense beside required: true")
    if let low = input.minimum, let high = input.maximum, low > high {
      problems.report("\"min\" is above \"max\"", at: reader.location(of: "min"))
    }
    if let pattern = input.pattern { checkPattern(pattern, at: reader.location(of: "pattern")) }
    if let standard { setDefault(standard, of: &input) }
    return input
  }

  private func setDefault(_ node: YAMLNode, of input: inout Input) {
    guard let value = literal(node), node.scalar != nil, value != .null else {
      problems.report("\"default\" must be a text, a number or a boolean", at: node.location)
      return
    }
    do throws(InputError) {
      input.defaultValue = try input.accept(value)
    } catch {
      problems.report("the default of \(error.message)", at: node.location, hint: error.hint)
    }
  }

  private func checkPattern(_ pattern: String, at location: SourceLocation) {
    do throws(BoundedPattern.Refusal) {
      _ = try BoundedPattern(pattern)
    } catch {
      problems.report(error.reason, at: location)
    }
  }

  func misplaced(_ key: String, in reader: MappingReader, unless allowed: Bool, _ why: String) {
    guard !allowed, reader.has(key) else { return }
    problems.report("\"\(key)\" \(why)", at: reader.location(of: key))
  }

  private func secret(_ entry: YAMLMapping.Entry) -> SecretSource? {
    guard let reader = MappingReader(entry.value, as: "secret \"\(entry.key)\"", problems: problems)
    else { return nil }
    let from = reader.string("from", required: true)
    let description = reader.string("description")
    let key = reader.string("key")
    reader.finish()
    guard let from else { return nil }
    let parts = from.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    let place: SecretSource.Place
    switch (parts[0], rest.isEmpty) {
    case ("env", false): place = .environment(rest)
    case ("file", false): place = .file(rest)
    case ("aws-secretsmanager", false): place = .awsSecretsManager(rest)
    case ("kubernetes", false): place = .kubernetes(rest)
    case ("prompt", true): place = .prompt
    default:
      problems.report(
        "a secret cannot come from \"\(from)\"", at: reader.location(of: "from"),
        hint: "Write env:NAME, file:/path, aws-secretsmanager:id, kubernetes:namespace/name or "
          + "prompt.")
      return nil
    }
    return SecretSource(
      name: entry.key, description: description, place: place, key: key, location: entry.location)
  }

  func output(_ entry: YAMLMapping.Entry) -> Output? {
    if entry.value.mapping == nil {
      return outputValue(entry.value, "output \"\(entry.key)\"").map {
        Output(value: $0, isSecret: false, description: nil)
      }
    }
    guard let reader = MappingReader(entry.value, as: "output \"\(entry.key)\"", problems: problems)
    else { return nil }
    let value = reader.requiredNode("value").flatMap { outputValue($0, "\"value\"") }
    let isSecret = reader.bool("secret") ?? false
    let description = reader.string("description")
    reader.finish()
    return value.map { Output(value: $0, isSecret: isSecret, description: description) }
  }

  /// One expression with or without braces, or a text with expressions in it.
  private func outputValue(_ node: YAMLNode, _ what: String) -> Template? {
    if node.string?.contains(text: "${{") ?? false { return template(node) }
    return expression(node, what).map { Template(.expression($0), at: node.location) }
  }

  private func drill(_ reader: MappingReader) -> Drill? {
    guard let drill = reader.mapping("drill") else { return nil }
    var result = Drill(
      targets: [:], inputs: [:], seed: drill.string("seed"), revision: drill.string("revision"),
      every: span("every", in: drill),
      location: reader.location(of: "drill"))
    let kinds = ["throwaway", "simulated"]
    if drill.requiredNode("targets") != nil, let targets = drill.mapping("targets") {
      for key in targets.keys { result.targets[key] = targets.choice(key, of: kinds) }
    }
    for entry in drill.entries("inputs") ?? [] {
      if let value = literal(entry.value) { result.inputs[entry.key] = value }
    }
    if let objectives = drill.mapping("objectives") {
      result.recoveryTime = span("rto", in: objectives)
      result.recoveryPoint = span("rpo", in: objectives)
      objectives.finish()
    }
    if let measure = drill.mapping("measure") {
      result.measureFrom = identifier("rto-from", in: measure)
      result.measureTo = identifier("rto-to", in: measure)
      result.measuredLoss = measure.node("rpo").flatMap { expression($0, "\"rpo\"") }
      measure.finish()
    }
    drill.finish()
    return result
  }
}
