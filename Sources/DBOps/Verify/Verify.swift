internal import Archive
internal import Diagnostics
public import Quantities
public import SystemPackage

/// One thing that is wrong with a backup.
public struct BackupProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file's name in the backup's folder.
  public var file: String
  /// What is wrong with it.
  public var reason: String

  /// The file and what is wrong with it.
  public var description: String { "\(file): \(reason)" }
}

/// What a verification found.
public struct VerifyReport: Hashable, Sendable {
  /// The backup's manifest, where it has one that can be read.
  public var manifest: Manifest?
  /// How many files were read.
  public var files: Int
  /// How many bytes they have.
  public var bytes: ByteCount
  /// How many rows were counted; 0 where only digests were asked for.
  public var rows: Int64
  /// Everything that is wrong; a whole backup has nothing here.
  public var problems: [BackupProblem]
  /// What weakens the proof.
  public var notes: [String]

  /// Whether the backup is what it says it is.
  public var isWhole: Bool { problems.isEmpty }

  /// Throws `DBError` that names the first file that is wrong, and the others below.
  public func requireWhole(_ backup: String) throws {
    guard let first = problems.first else { return }
    throw DBError(
      .backupDamaged, "the backup \(backup) is damaged: \(first)",
      hint: "restore another backup; omcops db list shows what there is",
      details: problems.dropFirst().map(\.description))
  }
}

/// Reads a backup and says what is wrong with it.
public struct Verify: Sendable {
  /// How much is read.
  public enum Depth: String, Sendable {
    /// Every file against its size and digest.
    case digests
    /// The same, and every data file is decompressed, its rows counted.
    case full
  }

  /// The backup's folder.
  public var path: FilePath
  /// How much is read.
  public var depth: Depth
  /// How many files are read at once.
  public var jobs: Int
  /// Is told how far it is.
  public var progress: ProgressHandler?
  /// Files that need not be read, since their digests in the manifest have just been taken of them.
  var known: Set<String> = []

  /// Describes a verification.
  public init(
    path: FilePath, depth: Depth = .full, jobs: Int = 2, progress: ProgressHandler? = nil
  ) {
    self.path = path
    self.depth = depth
    self.jobs = jobs
    self.progress = progress
  }

  /// Reads everything, however much is wrong.
  ///
  /// Throws `DBError` when there is no such backup; what is wrong with one is in the report.
  public func run() async throws -> VerifyReport {
    if ScriptFile.isOne(path) { return try verifyScript() }
    let contents: BackupContents
    do {
      contents = try BackupContents(at: path)
    } catch let error as DBError where error.code != .backupNotFound {
      return refusal(error, fallback: Manifest.fileName)
    } catch let error as ArchiveError where error.status == .failed {
      return refusal(error, fallback: TableOfContents.fileName)
    }
    return try await verify(contents)
  }

  /// - Parameter names: the data files that are read; nil for all.
  func verify(
    _ contents: BackupContents, only names: Set<String>? = nil
  ) async throws -> VerifyReport {
    let structure = try BackupStructure(contents)
    // The largest first, so that no long one is left for the end.
    let files = structure.files.filter { file in
      !known.contains(file.name) && (names?.contains(file.name) ?? true || !file.holdsRows)
    }.sorted { $0.bytesOnDisk > $1.bytesOnDisk }
    let sizes = files.reduce(0) { $0 + $1.bytesOnDisk }
    let meter = ProgressMeter(
      phase: "verifying", bytesTotal: sizes, itemsTotal: files.count, handler: progress)
    let results = try await concurrently(files, jobs: jobs) { [depth] file in
      try Task.checkCancellation()
      meter.begin(file.name)
      defer { meter.finishItem() }
      return try BackupFileCheck(file: file, depth: depth, meter: meter).run()
    }
    var notes: [String] = []
    if contents.manifest == nil {
      notes.append(
        "there is no \(Manifest.fileName): sizes, digests and row counts cannot be compared")
    }
    if let selection = contents.manifest?.selection {
      notes.append("it is a partial backup: \(selection.joined(separator: " "))")
    }
    let problems = (structure.problems + results.compactMap(\.problem)).sorted { $0.file < $1.file }
    let others = problems.filter { Verify.isElsewhere($0, than: names) }
    notes += others.map { "not needed here, but damaged: \($0)" }
    return VerifyReport(
      manifest: contents.manifest, files: files.count, bytes: ByteCount(sizes),
      rows: results.reduce(0) { $0 + $1.rows },
      problems: problems.filter { !Verify.isElsewhere($0, than: names) }, notes: notes)
  }

  /// Whether a problem is with the rows of a table that nobody asked for.
  private static func isElsewhere(_ problem: BackupProblem, than names: Set<String>?) -> Bool {
    guard let names else { return false }
    return ![Manifest.fileName, TableOfContents.fileName].contains(problem.file)
      && !names.contains(problem.file)
  }

  /// A backup that cannot even be opened; the message begins with the file's name.
  private func refusal(_ failure: any Failure, fallback: String) -> VerifyReport {
    let text = failure.message
    let known = [Manifest.fileName, TableOfContents.fileName]
    let file = known.first { text.hasPrefix("\($0): ") }
    let reason = file.map { String(text.dropFirst($0.count + 2)) } ?? text
    return VerifyReport(
      manifest: nil, files: 0, bytes: ByteCount(0), rows: 0,
      problems: [BackupProblem(file: file ?? fallback, reason: reason)], notes: [])
  }
}
