internal import Glibc
internal import OrderedCollections
public import Quantities
public import SystemPackage

/// The runs of this machine and user.
public struct RunHistory: Sendable {
  private let runs: FilePath

  /// The runs in a folder, `$XDG_STATE_HOME/omcops/runs`.
  public init(_ runs: FilePath) { self.runs = runs }

  /// One run.
  public struct Entry: Sendable {
    /// The run's id.
    public var id: String
    /// The last part of the id, which is enough to name the run.
    public var shortID: String { String(id.split(separator: "-").last ?? "") }
    /// The runbook's name.
    public var runbook: String
    /// Who began it.
    public var user: String
    /// When it began.
    public var startedAt: Timestamp?
    /// `done`, `failed`, `undone`, ..., `running`, or `cut-off` when its process died.
    public var status: String
    /// The step that it stands at.
    public var step: String?
    /// The run whose step called this one; nil for one that a person began.
    public var caller: String?
    /// `run`, `walk` or `drill`.
    public var kind: String
    /// Whether it can be resumed; a drill cannot.
    public var isUnfinished: Bool

    /// The status of one whose journal cannot be read.
    static let damaged = "damaged"
    var isDamaged: Bool { status == Entry.damaged }
  }

  /// Every run, the oldest first; one whose journal cannot be read is `damaged`.
  public func entries() throws -> [Entry] {
    try RunFolder.all(in: runs).map(entry)
  }

  private func entry(_ folder: RunFolder) -> Entry {
    guard let contents = try? JournalContents(reading: folder.journal) else {
      return Entry(
        id: folder.id, runbook: folder.name?.runbook ?? "", user: "", startedAt: nil,
        status: Entry.damaged, step: nil, caller: nil, kind: "run", isUnfinished: false)
    }
    let state = RunState(contents.records)
    let open = state.steps.first { _, step in
      !step.status.isSettled && step.status != .undone && step.decision != .goOn
    }
    return Entry(
      id: folder.id, runbook: state.start?.runbook ?? "", user: state.start?.user ?? "",
      startedAt: state.startedAt,
      status: state.finish?.status ?? (RunFolderLock.isHeld(folder) ? "running" : "cut-off"),
      step: open?.key, caller: state.start?.caller?.run,
      kind: (state.start?.mode ?? .run).rawValue,
      isUnfinished: state.start.map { $0.mode != .drill } ?? false
        && !["done", "undone", "aborted"].contains(state.finish?.status ?? ""))
  }

  /// The run with an id, a short id, or the latest one, or the latest of a runbook.
  func find(_ name: String?, unfinished: Bool) throws -> RunFolder {
    let folders = try RunFolder.all(in: runs)
    if let exact = folders.first(where: { $0.id == name || $0.shortID == name }) { return exact }
    let candidates = folders.filter { folder in
      guard name == nil || folder.name?.runbook == name else { return false }
      let entry = entry(folder)
      // Nobody knows how one stands whose journal was changed: that has to be said, not passed over.
      if entry.isDamaged { return access(folder.journal.string, F_OK) == 0 }
      // A run that another one called, and a drill, are only meant where they are named by their ids.
      return entry.caller == nil && entry.kind != "drill" && (!unfinished || entry.isUnfinished)
    }
    if let latest = candidates.last { return latest }
    throw RunError(
      .notFound,
      name.map { "there is no \(unfinished ? "unfinished " : "")run \"\($0)\"" }
        ?? "there is no \(unfinished ? "unfinished " : "")run",
      hint: "`omcops runbook history` lists the runs.")
  }

  /// Checks the chain of a run's journal and the hashes of its evidence.
  ///
  /// - Returns: the number of records and the hash of the last one.
  public func verify(_ name: String?) throws -> (id: String, records: Int, head: String) {
    let folder = try find(name, unfinished: false)
    let contents = try JournalContents(reading: folder.journal)
    for record in contents.records {
      for (file, hash) in record.event.evidence {
        let found = JournalContents.digest(of: try DurableFile.read(folder.evidence(file)))
        guard found == hash else {
          throw RunError(
            .journal, "\(folder.evidence(file)) is not what the journal recorded",
            hint: "The evidence was changed after the run; compare it with a copy.")
        }
      }
    }
    return (folder.id, contents.records.count, contents.head)
  }
}

extension JournalEvent {
  /// Files of `evidence/` that the record vouches for, and their SHA-256.
  var evidence: OrderedDictionary<String, String> {
    switch self {
    case .action(let action): action.evidence
    case .stepFinish(let finish): finish.evidence
    default: [:]
    }
  }
}

extension RunFolder {
  /// Takes away the folder of a run that was refused before its first record.
  func removeUnbegun(called: some Sequence<String> = [String]()) {
    for file in [runbook, inputs, identities, target, lock] { unlink(file.string) }
    for name in called { unlink(self.called(name).string) }
    rmdir(calledFolder.string)
    rmdir(path.appending("evidence").string)
    rmdir(path.string)
  }
}
