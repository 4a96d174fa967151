internal import Archive
internal import Quantities

extension Verify {
  /// Reads a script of SQL to its end: every quote, comment and COPY must have one, and the last line
  /// must be there where the first is pg_dump's.
  ///
  /// Throws `ScriptError` of status `refused` for one that a restore would not run.
  func verifyScript() throws -> VerifyReport {
    let size = try DurableFile.size(path)
    let meter = ProgressMeter(phase: "verifying", bytesTotal: size, handler: progress)
    let position = ReadingPosition()
    var report = VerifyReport(
      manifest: nil, files: 1, bytes: ByteCount(size), rows: 0, problems: [], notes: [])
    do {
      let survey = try ScriptSurvey(of: path, RoleTreatment(.keep)) { bytes in
        meter.add(bytes: position.advance(to: bytes))
      }
      report.rows = survey.rows
      report.notes.append(
        survey.isDump
          ? "a script has no manifest: it is whole by pg_dump's last line alone"
          : "the file is not pg_dump's, so that nobody can tell whether it is whole")
    } catch let error as ScriptError where error.status == .failed {
      report.problems.append(
        BackupProblem(file: "\(error.file):\(error.line)", reason: error.reason))
    } catch let error as ArchiveError where error.status == .failed {
      report.problems.append(BackupProblem(file: path.string, reason: error.reason))
    }
    return report
  }
}
