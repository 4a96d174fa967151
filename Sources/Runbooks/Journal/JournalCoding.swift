internal import JSON
internal import OrderedCollections
internal import Quantities

/// One line of a journal.
struct JournalRecord: Sendable {
  var sequence: Int
  var time: Timestamp
  var event: JournalEvent
}

// Free text and values pass the masker; ids, statuses and hashes do not, because a resume reads
// them again and no secret can stand there.
extension JournalEvent {
  func fields(_ masker: Masker) -> OrderedDictionary<String, JSON> {
    func text(_ text: String?) -> JSON { JSON(text.map(masker.mask)) }
    func value(_ value: Value) -> JSON { masker.mask(ValueCoding.encode(value)) }
    switch self {
    case .runStart(let start):
      return [
        "runbook": .string(start.runbook), "file": .string(start.file),
        "sha256": .string(start.sha256), "id": .string(start.id), "user": .string(start.user),
        "host": .string(start.host), "folder": .string(start.workingDirectory),
        "version": .string(start.version),
        "mode": start.mode == .run ? .null : .string(start.mode.rawValue),
        "caller": start.caller.map { ["run": .string($0.run), "step": .string($0.step)] } ?? .null,
        "identities": JSON(start.identities),
      ]
    case .plan(let sha256, let summary):
      return ["sha256": .string(sha256), "summary": text(summary)]
    case .lock(let group, let kind): return ["group": text(group), "kind": .string(kind)]
    case .guards(let step, let name, let ok, let detail):
      return ["step": JSON(step), "name": text(name), "ok": .bool(ok), "detail": text(detail)]
    case .stepStart(let step, let attempt, let digest, let before):
      return [
        "step": .string(step), "attempt": JSON(attempt), "step-sha256": .string(digest),
        "before": value(before),
      ]
    case .action(let action): return action.fields(masker)
    case .check(let step, let phase, let name, let ok, let detail):
      return [
        "step": .string(step), "phase": .string(phase.rawValue), "name": text(name),
        "ok": .bool(ok), "detail": text(detail),
      ]
    case .confirm(let step, let by, let how, let answer, let shown):
      var fields: OrderedDictionary<String, JSON> = [
        "step": .string(step), "by": .string(by), "how": .string(how), "answer": .string(answer),
      ]
      if let shown { fields["shown-sha256"] = .string(shown) }
      return fields
    case .stepFinish(let finish): return finish.fields(masker)
    case .undoStart(let step): return ["step": .string(step)]
    case .undoFinish(let step, let ok, let detail):
      return ["step": .string(step), "ok": .bool(ok), "detail": text(detail)]
    case .signal(let signal, let abandons):
      return ["signal": .int(Int64(signal)), "abandons": abandons ? true : .null]
    case .resume(let resume):
      return [
        "user": .string(resume.user), "host": .string(resume.host),
        "undo": .bool(resume.isUndo), "sha256": .string(resume.sha256),
        "recheck": .bool(resume.rechecks),
        "finally-again": .array(resume.finallyAgain.map(JSON.string)),
      ]
    case .resolve(let step, let resolution, let by):
      return ["step": .string(step), "as": .string(resolution.rawValue), "by": .string(by)]
    case .runFinish(let status, let exit, let detail):
      return ["status": .string(status), "exit": .int(Int64(exit)), "detail": text(detail)]
    case .called(let step, let run, let runbook, let isUndo):
      return [
        "step": .string(step), "called": .string(run), "runbook": .string(runbook),
        "undo": isUndo ? true : .null,
      ]
    case .approval(let step, let by, let host, let at, let shown):
      return [
        "step": .string(step), "by": .string(by), "host": .string(host),
        "at": .string(at.rfc3339(fractionDigits: 6)), "shown-sha256": .string(shown),
      ]
    case .outputs(let outputs):
      return ["outputs": .object(outputs.mapValues { value($0) })]
    case .abort(let by, let host): return ["by": .string(by), "host": .string(host)]
    }
  }
}

extension JournalEvent.ActionRecord {
  fileprivate func fields(_ masker: Masker) -> OrderedDictionary<String, JSON> {
    [
      "step": .string(step), "attempt": JSON(attempt), "uses": .string(uses),
      "undo": .bool(isUndo), "ok": .bool(ok), "ms": .int(milliseconds),
      "error": JSON(error.map(masker.mask)), "in-doubt": .bool(isInDoubt),
      "evidence": evidenceField(evidence),
      "result-is-whole": .bool(resultIsWhole),
    ]
  }
}

extension JournalEvent.StepFinish {
  fileprivate func fields(_ masker: Masker) -> OrderedDictionary<String, JSON> {
    var fields: OrderedDictionary<String, JSON> = [
      "step": .string(step), "status": .string(status.rawValue), "ms": .int(milliseconds),
      "outputs": .object(outputs.mapValues { masker.mask(ValueCoding.encode($0)) }),
    ]
    if !withheld.isEmpty { fields["withheld"] = .array(withheld.map(JSON.string)) }
    if let before { fields["before"] = masker.mask(ValueCoding.encode(before)) }
    if !evidence.isEmpty { fields["evidence"] = evidenceField(evidence) }
    if let detail { fields["detail"] = .string(masker.mask(detail)) }
    if exit != 0 { fields["exit"] = .int(Int64(exit)) }
    if let decision { fields["decision"] = .string(decision.rawValue) }
    return fields
  }
}

extension JournalEvent {
  /// Reads an event; nil when a field is missing or the type is unknown.
  init?(type: String, fields: JSON) {
    func text(_ key: String) -> String? { fields[key]?.string }
    guard let event = JournalEvent.read(type, fields, text) else { return nil }
    self = event
  }

  private static func read(
    _ type: String, _ fields: JSON, _ text: (String) -> String?
  ) -> JournalEvent? {
    let step = text("step")
    let ok = fields["ok"]?.bool
    switch type {
    case "run.start": return RunStart(fields).map { .runStart($0) }
    case "action": return ActionRecord(fields).map { .action($0) }
    case "step.finish": return StepFinish(fields).map { .stepFinish($0) }
    case "resume": return ResumeRecord(fields).map { .resume($0) }
    case "plan":
      return text("sha256").map { .plan(sha256: $0, summary: text("summary") ?? "") }
    case "lock":
      return text("group").map { .lock(group: $0, kind: text("kind") ?? "") }
    case "guard":
      guard let name = text("name"), let ok else { return nil }
      return .guards(step: step, name: name, ok: ok, detail: text("detail"))
    case "outputs":
      return .outputs(fields["outputs"]?.object?.mapValues(ValueCoding.decode) ?? [:])
    case "abort": return text("by").map { .abort(by: $0, host: text("host") ?? "") }
    case "signal":
      return fields["signal"]?.int.map {
        .signal(Int32(clamping: $0), abandons: fields["abandons"]?.bool ?? false)
      }
    case "run.finish":
      guard let status = text("status"), let exit = fields["exit"]?.int else { return nil }
      return .runFinish(status: status, exit: Int32(clamping: exit), detail: text("detail"))
    default:
      return step.flatMap { read(type, of: $0, ok: ok, fields, text) }
    }
  }

  private static func read(
    _ type: String, of step: String, ok: Bool?, _ fields: JSON, _ text: (String) -> String?
  ) -> JournalEvent? {
    switch type {
    case "step.start":
      guard let attempt = fields["attempt"]?.int, let digest = text("step-sha256") else {
        return nil
      }
      return .stepStart(
        step: step, attempt: Int(attempt), digest: digest,
        before: fields["before"].map(ValueCoding.decode) ?? .null)
    case "check":
      guard let phase = text("phase").flatMap(CheckPhase.init), let name = text("name"), let ok
      else { return nil }
      return .check(step: step, phase: phase, name: name, ok: ok, detail: text("detail"))
    case "confirm":
      guard let by = text("by"), let how = text("how"), let answer = text("answer") else {
        return nil
      }
      return .confirm(step: step, by: by, how: how, answer: answer, shown: text("shown-sha256"))
    case "call":
      guard let run = text("called"), let runbook = text("runbook") else { return nil }
      return .called(
        step: step, run: run, runbook: runbook, isUndo: fields["undo"]?.bool ?? false)
    case "approval":
      guard let by = text("by"), let host = text("host"), let shown = text("shown-sha256"),
        let at = text("at").flatMap(Timestamp.init(parsing:))
      else { return nil }
      return .approval(step: step, by: by, host: host, at: at, shown: shown)
    case "undo.start": return .undoStart(step: step)
    case "undo.finish":
      return ok.map { .undoFinish(step: step, ok: $0, detail: text("detail")) }
    case "resolve":
      guard let resolution = text("as").flatMap(Resolution.init), let by = text("by") else {
        return nil
      }
      return .resolve(step: step, resolution: resolution, by: by)
    default: return nil
    }
  }
}

/// Files of evidence by name, each with how its hash was made.
private func evidenceField(_ evidence: OrderedDictionary<String, String>) -> JSON {
  .object(evidence.mapValues { .string("sha256:" + $0) })
}

private func evidenceFiles(in fields: JSON) -> OrderedDictionary<String, String> {
  var evidence: OrderedDictionary<String, String> = [:]
  for (name, hash) in fields["evidence"]?.object ?? [:] {
    evidence[name] = hash.string.map { String($0.dropFirst("sha256:".count)) }
  }
  return evidence
}

extension JournalEvent.RunStart {
  fileprivate init?(_ fields: JSON) {
    guard let runbook = fields["runbook"]?.string, let file = fields["file"]?.string,
      let sha256 = fields["sha256"]?.string, let id = fields["id"]?.string,
      let user = fields["user"]?.string, let host = fields["host"]?.string,
      let folder = fields["folder"]?.string
    else { return nil }
    self.init(
      runbook: runbook, file: file, sha256: sha256, id: id, user: user, host: host,
      workingDirectory: folder, version: fields["version"]?.string ?? "",
      mode: fields["mode"]?.string.flatMap(RunMode.init) ?? .run,
      caller: fields["caller"].flatMap { caller in
        guard let run = caller["run"]?.string, let step = caller["step"]?.string else { return nil }
        return JournalEvent.CallerReference(run: run, step: step)
      },
      identities: (fields["identities"]?.object ?? [:]).reduce(into: [:]) {
        $0[$1.key] = $1.value.string
      })
  }
}

extension JournalEvent.ActionRecord {
  fileprivate init?(_ fields: JSON) {
    guard let step = fields["step"]?.string, let uses = fields["uses"]?.string,
      let attempt = fields["attempt"]?.int, let ok = fields["ok"]?.bool
    else { return nil }
    self.init(
      step: step, attempt: Int(attempt), uses: uses, isUndo: fields["undo"]?.bool ?? false, ok: ok,
      milliseconds: fields["ms"]?.int ?? 0, error: fields["error"]?.string,
      isInDoubt: fields["in-doubt"]?.bool ?? false, evidence: evidenceFiles(in: fields),
      resultIsWhole: fields["result-is-whole"]?.bool ?? false)
  }
}

extension JournalEvent.StepFinish {
  fileprivate init?(_ fields: JSON) {
    guard let step = fields["step"]?.string,
      let status = fields["status"]?.string.flatMap(StepStatus.init)
    else { return nil }
    self.init(
      step: step, status: status, milliseconds: fields["ms"]?.int ?? 0,
      outputs: fields["outputs"]?.object?.mapValues(ValueCoding.decode) ?? [:],
      withheld: fields["withheld"]?.array?.compactMap(\.string) ?? [],
      before: fields["before"].map(ValueCoding.decode), evidence: evidenceFiles(in: fields),
      detail: fields["detail"]?.string,
      exit: Int32(clamping: fields["exit"]?.int ?? 0),
      decision: fields["decision"]?.string.flatMap(FailureDecision.init))
  }
}

extension JournalEvent.ResumeRecord {
  fileprivate init?(_ fields: JSON) {
    guard let user = fields["user"]?.string, let host = fields["host"]?.string,
      let sha256 = fields["sha256"]?.string
    else { return nil }
    self.init(
      user: user, host: host, isUndo: fields["undo"]?.bool ?? false, sha256: sha256,
      rechecks: fields["recheck"]?.bool ?? false,
      finallyAgain: fields["finally-again"]?.array?.compactMap(\.string) ?? [])
  }
}
