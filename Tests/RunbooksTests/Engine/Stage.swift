import Glibc
import OrderedCollections
import Quantities
import Synchronization
import SystemPackage

@testable import Runbooks

/// A folder, a clock and a world in which runbooks run without any server.
struct Stage {
  let folder: FilePath
  let clock = SimulatedClock()
  let world = World()
  /// Signals that come to the present process.
  var interrupts = RunInterrupts()
  let events = Shared<[String]>([])
  var operators: ScriptedOperator?
  var identities = ["postgres": "7001"]
  var environment: [String: String] = [:]
  var target: Value = ["name": "test", "protected": false]
  var targetSecrets: [String] = []
  var locks: [String: any LockKind] = [:]
  var user = "ada"

  var surroundings: Surroundings {
    let target = Target(
      name: "test", value: target, identities: identities, secrets: targetSecrets)
    return Surroundings(
      actions: [
        WorldAction("world.do", .write, world), WorldAction("world.make", .write, world),
        WorldAction("world.undo", .write, world), WorldAction("world.look", .read, world),
      ],
      target: { _ in target }, locks: locks, operators: operators, interrupts: interrupts,
      now: { [clock] in clock.now }, clock: clock, environment: environment, user: user,
      host: "here", runsFolder: folder.appending("runs").string)
  }

  func engine() -> Engine {
    Engine(surroundings, version: "test") { [events] event in
      events.change { $0.append(Stage.word(event)) }
    }
  }

  /// Reads a runbook of the given steps, written into the stage's folder.
  func runbook(_ body: String, name: String = "play") throws -> Runbook {
    let text = "runbook: v1\nname: \(name)\ndescription: d\n" + body
    let path = folder.appending("\(name).yaml")
    try DurableFile.write(Array(text.utf8), to: path)
    let catalog = ActionCatalog(offering: Array(surroundings.actions.values))
    return try Runbook.load(path, catalog: catalog)
  }

  @discardableResult
  func run(
    _ body: String, inputs: [String: String] = [:], options: RunOptions = RunOptions()
  ) async throws -> RunReport {
    try await engine().run(try runbook(body), inputs: inputs, options: options)
  }

  @discardableResult
  func resume(undo: Bool = false, options: RunOptions = RunOptions()) async throws -> RunReport {
    try await engine().resume(nil, undo: undo, options: options)
  }

  private static func word(_ event: RunEvent) -> String {
    switch event {
    case .begins: "begins"
    case .stepBegins(let name, _, _): "step \(name)"
    case .stepSkipped(let name, _, _): "skipped \(name)"
    case .progress(let text): "progress \(text)"
    case .message(let text): "message \(text)"
    case .assertion(let name, let holds, let detail):
      "\(holds ? "holds" : "fails") \(name) \(detail ?? "")"
    case .stepEnds(let status, _, let detail): "\(status) \(detail ?? "")"
    case .undoBegins(let name): "undo \(name)"
    case .undoEnds(let failed): "undo ends \(failed ?? "")"
    case .interrupted(let finally): "interrupted \(finally)"
    case .asks(let name): "asks \(name)"
    case .prompts: "prompts"
    case .called(let event): "called \(word(event))"
    case .finished(let ending):
      "finished \(ending.status) \(ending.stoppedAt?.reason ?? "") \(ending.advice)"
    }
  }
}

// MARK: - What a run leaves behind

extension Stage {
  /// The folder of the only run.
  func runFolder() throws -> RunFolder {
    try RunFolder.all(in: folder.appending("runs"))[0]
  }

  func records() throws -> [JournalRecord] {
    try JournalContents(reading: runFolder().journal).records
  }

  /// The journal, a word or three for each record.
  func journal() throws -> [String] {
    try records().map { record in
      switch record.event {
      case .guards(let step, let name, let ok, _): "guard \(step ?? "run") \(name) \(ok)"
      case .stepStart(let step, let attempt, _, _): "start \(step) \(attempt)"
      case .action(let action): "\(action.isUndo ? "undo-" : "")action \(action.step) \(action.ok)"
      case .check(let step, let phase, _, let ok, _): "check \(step) \(phase.rawValue) \(ok)"
      case .stepFinish(let finish): "finish \(finish.step) \(finish.status.rawValue)"
      case .undoStart(let step): "undo.start \(step)"
      case .undoFinish(let step, let ok, _): "undo.finish \(step) \(ok)"
      case .runFinish(let status, let exit, _): "run.finish \(status) \(exit)"
      case .confirm(let step, _, let how, let answer, _): "confirm \(step) \(how) \(answer)"
      case .called(let step, _, let runbook, _): "call \(step) \(runbook)"
      case .resolve(let step, let resolution, _): "resolve \(step) \(resolution.rawValue)"
      default: record.event.type
      }
    }
  }

  /// Cuts the journal off behind a record, as a crash right after it does.
  func crash(after word: String) throws {
    let position = try journal().firstIndex(of: word).map { $0 + 1 }
    guard let position else { throw Missing(what: "\(word) in \(try journal())") }
    try crash(afterRecord: position)
  }

  func crash(afterRecord count: Int) throws {
    try cut(runFolder().journal, after: count)
  }

  func cut(_ path: FilePath, after count: Int) throws {
    let lines = try DurableFile.read(path).split(separator: 0x0A).prefix(count)
    let file = try FileDescriptor.open(path, .writeOnly, options: [.truncate])
    try file.closeAfter { _ = try file.writeAll(lines.joined(separator: [0x0A]) + [0x0A]) }
  }

  /// Everything that the run wrote, as one text: nothing secret may stand in it.
  func everythingWritten() throws -> String {
    let run = try runFolder()
    var text = ""
    for folder in [run.path, run.path.appending("evidence")] {
      for name in try entries(of: folder) {
        guard let bytes = try? DurableFile.read(folder.appending(name)) else { continue }
        text += String(decoding: bytes, as: UTF8.self)
      }
    }
    return text
  }
}

struct Missing: Error { var what: String }

/// Runs `body` on an empty stage whose folder is gone afterwards.
func withStage<Result>(_ body: (inout Stage) async throws -> Result) async throws -> Result {
  // In memory where that is possible: a journal is synced after every record.
  let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  var template = Array("\(base)/omcops-stage-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
  let name = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  var stage = Stage(folder: FilePath(name))
  let result: Swift.Result<Result, any Error>
  do { result = .success(try await body(&stage)) } catch { result = .failure(error) }
  try remove(FilePath(name))
  return try result.get()
}

/// Removes a folder and what is in it.
private func remove(_ folder: FilePath) throws {
  for name in try entries(of: folder) {
    let path = folder.appending(name)
    if unlink(path.string) != 0 { try remove(path) }
  }
  if rmdir(folder.string) != 0 { throw Errno(rawValue: errno) }
}

/// The names in a folder, in order.
func entries(of folder: FilePath) throws -> [String] {
  guard let stream = opendir(folder.string) else { throw Errno(rawValue: errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

// MARK: - Steps

/// The lines of a step that makes a fact of its own name, proves it, and can take it back.
func step(
  _ id: String, uses: String = "world.do", isChecked: Bool = true, hasUndo: Bool = false,
  _ more: String...
) -> String {
  var lines = ["- id: \(id)", "  name: \(id)", "  uses: \(uses)", "  with: { key: \(id) }"]
  if isChecked {
    lines.append(
      "  check: [{ name: \(id) is there, uses: world.look, with: { key: \(id) }, "
        + "expect: result.there }]")
  }
  if hasUndo { lines.append("  undo: { name: no \(id), uses: world.undo, with: { key: \(id) } }") }
  return (lines + more.map { "  " + $0 }).map { "  " + $0 + "\n" }.joined()
}
