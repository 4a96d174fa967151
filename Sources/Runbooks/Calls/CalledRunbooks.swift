internal import Diagnostics
internal import OrderedCollections
internal import SystemPackage

/// The runbooks that a runbook calls, and those that they call in turn, by their names.
struct CalledRunbooks: Sendable {
  private var runbooks: OrderedDictionary<String, Runbook> = [:]

  /// Reads them from the folder of the caller's file.
  ///
  /// - Parameter kept: the folder of a run that goes on: they are taken as they were when it began.
  /// - Throws: `RunbookError` for one that is not there or cannot be used, `RunError` for a circle.
  init(of runbook: Runbook, catalog: ActionCatalog, kept: RunFolder? = nil) throws {
    try read(callsOf: runbook, path: [runbook.name], catalog, kept)
  }

  /// All of them, each before those that it calls.
  var all: [Runbook] { Array(runbooks.values) }

  /// One that is called somewhere below.
  subscript(name: String) -> Runbook? { runbooks[name] }

  /// Those of them that a runbook of theirs calls, and that these call in turn.
  func below(_ runbook: Runbook) -> CalledRunbooks {
    var below = CalledRunbooks()
    below.take(callsOf: runbook, from: self)
    return below
  }

  private init() {}

  private mutating func take(callsOf runbook: Runbook, from all: CalledRunbooks) {
    for name in runbook.calls.compactMap(\.calledRunbook) where runbooks[name] == nil {
      guard let called = all[name] else { continue }
      runbooks[name] = called
      take(callsOf: called, from: all)
    }
  }

  /// The SHA-256 of each file.
  var digests: [String: String] {
    Dictionary(runbooks.map { ($0, $1.source.sha256) }, uniquingKeysWith: { $1 })
  }

  private mutating func read(
    callsOf runbook: Runbook, path: [String], _ catalog: ActionCatalog, _ kept: RunFolder?
  ) throws {
    for call in runbook.calls {
      guard let name = call.calledRunbook else { continue }
      if path.contains(name) {
        throw RunError(
          .input, "\(call.location): \(CalledRunbooks.circle(path, name))",
          hint: "A runbook cannot call one that is calling it.")
      }
      guard runbooks[name] == nil else { continue }
      let called = try CalledRunbooks.load(name, near: runbook, catalog, kept)
      if kept == nil { try called.requireSense(catalog: catalog) }
      runbooks[name] = called
      try read(callsOf: called, path: path + [name], catalog, kept)
    }
  }

  /// What is said of a circle of calls.
  static func circle(_ path: [String], _ name: String) -> String {
    let round = path.drop { $0 != name } + [name]
    return "\(name) calls itself: \(round.joined(separator: " → "))"
  }

  /// Reads one from beside the file of its caller.
  static func load(
    _ name: String, near caller: Runbook, _ catalog: ActionCatalog, _ kept: RunFolder? = nil
  ) throws -> Runbook {
    let folder = FilePath(caller.source.file).removingLastComponent()
    if let kept, let bytes = try? DurableFile.read(kept.called(name)) {
      return try Runbook(
        parsing: bytes, file: folder.appending("\(name).yaml").string, catalog: catalog)
    }
    let place = RunbookFolder(folder.isEmpty ? "." : folder)
    return try Runbook.load(place.file(of: name), catalog: catalog)
  }
}

extension Runbook {
  /// Every place where it calls another runbook, in the order of the file.
  var calls: [ActionReference] {
    allSteps.flatMap { step -> [Work] in
      var works = [step.work].compactMap(\.self)
      if case .action(let undo) = step.undo { works.append(undo.work) }
      return works
    }.compactMap(\.call)
  }
}

extension Work {
  /// What it calls, where it is a run of another runbook.
  var call: ActionReference? {
    guard case .action(let reference) = self, reference.calledRunbook != nil else { return nil }
    return reference
  }
}
