import Archive
import Diagnostics
import Digest
import Glibc
import SeededRandom
import SystemPackage

@testable import DBOps

/// Reads damaged archives as `verify`, `restore` and `archive list` do before they have a server.
final class ArchiveFuzzer {
  /// How a trial ended.
  enum Ending: String, CaseIterable {
    case refused = "refused at once"
    case damaged = "found damaged"
    case whole = "found whole, and the rows are what they were"
    case changed = "found whole, with other rows, which nothing in the format shows"
  }

  private let mutator: ArchiveMutator
  private let folder: FilePath
  /// For each seed the digests of its tables' rows, or what a script holds.
  private var contents: [[String: String]] = []
  /// For a custom archive the place of its first block.
  private var dataStarts: [Int] = []
  private(set) var endings: [Ending: Int] = [:]
  /// What must not be.
  private(set) var findings: [String] = []

  /// Writes the seeds into a folder, which should be in memory, and reads them.
  init(_ seeds: [ArchiveSeed], in folder: FilePath) async throws {
    self.folder = folder
    mutator = ArchiveMutator(seeds: seeds)
    for (place, seed) in seeds.enumerated() {
      if seed.isFolder { mkdir(path(of: place).string, 0o700) }
      for (name, bytes) in seed.files { try write(bytes, name, of: place) }
      contents.append(try rows(of: place))
      dataStarts.append(try dataStart(of: place))
      let report = try await Verify(path: path(of: place), jobs: 1).run()
      if !report.isWhole { findings.append("\(seed.name) is not whole: \(report.problems)") }
    }
  }

  private func path(of seed: Int) -> FilePath {
    let name = mutator.seeds[seed].name
    return folder.appending("seed-\(seed)" + (name.hasSuffix(".sql") ? ".sql" : ""))
  }

  private func file(_ name: String, of seed: Int) -> String {
    name.isEmpty ? path(of: seed).string : path(of: seed).appending(name).string
  }

  /// A file that another process may look at when this one is brought down.
  private func write(_ bytes: [UInt8]?, _ name: String, of seed: Int) throws {
    guard let bytes else {
      unlink(file(name, of: seed))
      return
    }
    let descriptor = try FileDescriptor.open(
      FilePath(file(name, of: seed)), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite])
    _ = try descriptor.closeAfter { try descriptor.writeAll(bytes) }
  }

  /// Tries one mutant.
  func attempt(_ number: Int) async throws {
    let mutant = mutator.mutant(number)
    let seed = mutator.seeds[mutant.seed]
    for (name, bytes) in mutant.files { try write(bytes, name, of: mutant.seed) }
    let ending = try await ending(of: mutant, number)
    endings[ending, default: 0] += 1
    for name in mutant.files.keys { try write(seed.files[name], name, of: mutant.seed) }
  }

  private func ending(of mutant: ArchiveMutator.Mutant, _ number: Int) async throws -> Ending {
    let path = path(of: mutant.seed)
    do {
      try read(path, number)
      let report = try await Verify(path: path, jobs: 1).run()
      guard report.isWhole else { return .damaged }
      return try judge(mutant, number)
    } catch is any Failure {
      return .refused
    } catch {
      findings.append("mutant \(number): \(type(of: error)): \(error)")
      return .refused
    }
  }

  /// What a restore and a listing make of the entries before they have a server.
  private func read(_ path: FilePath, _ number: Int) throws {
    if ScriptFile.isOne(path) {
      _ = try ScriptSurvey(of: path, RoleTreatment(.mapped(["joe": "ann"])))
      return
    }
    let contents = try BackupContents(at: path)
    _ = try ArchiveListing(of: path).text()
    let entries = contents.toc.entries
    var selection = Selection()
    selection.excludedTables = [try ObjectPattern("*.users", of: .relation)]
    if number.isMultiple(of: 2) {
      (selection.tables, selection.excludedTables) = (selection.excludedTables, [])
    }
    _ = try? SelectedEntries(selection, from: entries)
    let (treated, _) = contents.treated(RoleTreatment(.all("ann")))
    guard let plan = try? RestorePlan(treated.toc) else { return }
    var schedule = RestoreSchedule(plan.parallel, tables: [], weights: [:])
    while let entry = schedule.next() { schedule.finish(entry) }
    if !schedule.isDone { findings.append("mutant \(number): the schedule stops") }
  }

  /// Whether what is said to be whole may be said to be.
  private func judge(_ mutant: ArchiveMutator.Mutant, _ number: Int) throws -> Ending {
    let seed = mutator.seeds[mutant.seed]
    if mutant.files.allSatisfy({ seed.files[$0.key] == $0.value }) { return .whole }
    if seed.proof == .manifest {
      findings.append("mutant \(number) of \(seed.name): whole in spite of its manifest")
    }
    if (try? rows(of: mutant.seed)) == contents[mutant.seed] { return .whole }
    // A script that was cut within its first line does not say any more that it is pg_dump's, and
    // verify says that nobody can tell.
    if ScriptFile.isOne(path(of: mutant.seed)),
      try !ScriptSurvey(of: path(of: mutant.seed), RoleTreatment(.keep)).isDump
    {
      return .changed
    }
    // Which file is which table's nothing but the table of contents and a manifest can tell.
    let isOfRows =
      seed.isFolder
      ? mutant.files.count == 1 && mutant.files["toc.dat"] == nil
      : mutant.firstChange >= dataStarts[mutant.seed]
    if mutant.isCut || (seed.proof == .checksums && isOfRows) {
      findings.append("mutant \(number) of \(seed.name): whole with other rows")
    }
    return .changed
  }

  private func dataStart(of seed: Int) throws -> Int {
    guard CustomArchive.isOne(path(of: seed)) else { return 0 }
    let archive = try CustomArchive(opening: path(of: seed), limit: 1 << 24)
    return archive.contents.entries.compactMap { archive.data(of: $0)?.offset }.min()
      .map { Int($0) } ?? 0
  }

  /// The digest of each table's rows, or what a script says.
  private func rows(of seed: Int) throws -> [String: String] {
    let path = path(of: seed)
    if ScriptFile.isOne(path) {
      let survey = try ScriptSurvey(of: path, RoleTreatment(.keep))
      return ["": "\(survey.statements) \(survey.rows)"]
    }
    var digests: [String: String] = [:]
    for table in try BackupContents(at: path).tableData() {
      let reader = try DataFileReader(opening: table.location)
      var rows: [UInt8] = []
      while try reader.next({ rows += $0 }) {}
      while rows.last == 0x0A { rows.removeLast() }
      digests[table.name] = SHA256.hex(of: rows)
    }
    return digests
  }
}
