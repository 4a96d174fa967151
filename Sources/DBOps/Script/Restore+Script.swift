internal import Archive
internal import Diagnostics
internal import Postgres
internal import Quantities

extension Restore {
  /// Whether a path has the name of a script of SQL, such as `dump.sql.gz`.
  public static func isScript(named path: String) -> Bool { ScriptFile.isNamedLikeOne(path) }

  /// Makes a database from a script, which is read to its end before anything is made.
  func restoreScript() async throws -> RestoreSummary {
    guard options.selection.isEverything, !options.isIntoExisting,
      options.renamedTables.isEmpty, options.renamedSchemas.isEmpty
    else {
      throw DBError(
        .invalidRequest,
        "of a script nothing can be selected or renamed, nor can it be put into a database that is "
          + "there: it has no table of contents",
        hint: "restore all of it into a scratch database, or dump with pg_dump -Fc")
    }
    let clock = ContinuousClock()
    let started = clock.now
    let size = try DurableFile.size(options.path)
    let survey = try await survey(size)
    var tally = ScriptRun.Tally()
    let maintenance = try await Maintenance.connect(options.server, options.applicationName)
    let staging = StagingDatabase(
      for: options.database, on: options.server, maintenance: maintenance)
    var treatment = treatment
    do {
      let preconditions = RolePreconditions(options: options)
      try await preconditions.require(
        survey.neededRoles.union(explicitRoles), maintenance)
      treatment.absent = try await preconditions.absent(survey.wantedRoles, maintenance)
      treatment.isLimited = try await preconditions.isLimited(maintenance)
      try await staging.claim()
    } catch {
      await maintenance.close()
      throw error
    }
    do {
      try await create(staging, survey)
      let meter = ProgressMeter(phase: "loading", bytesTotal: size, handler: options.progress)
      tally = try await ScriptRun(
        options: options, survey: survey, treatment: treatment, database: staging.name
      ).run(meter)
      try await finish(staging, survey, treatment, &tally.notes)
      await maintenance.close()
    } catch {
      let leftover = await discard(maintenance)
      throw Restore.adding(leftover, to: error)
    }
    return RestoreSummary(
      database: options.database, manifest: nil, tables: survey.tables, rows: tally.rows,
      statements: tally.statements, bytes: ByteCount(size), duration: clock.now - started,
      notes: survey.notes + tally.notes + [honesty(survey)])
  }

  /// What nobody can know of a script.
  private func honesty(_ survey: ScriptSurvey) -> String {
    survey.isDump
      ? "a script has no manifest: the file is whole by pg_dump's last line, and \(survey.rows) "
        + "rows of it were counted on both sides; what pg_dump left out nobody can tell"
      : "the file is not pg_dump's, so that nobody can tell whether it is whole"
  }

  private func survey(_ size: Int64) async throws -> ScriptSurvey {
    let meter = ProgressMeter(phase: "reading", bytesTotal: size, handler: options.progress)
    let position = ReadingPosition()
    do {
      return try ScriptSurvey(of: options.path, treatment) { bytes in
        meter.add(bytes: position.advance(to: bytes))
      }
    } catch let error as ArchiveError where error.status == .failed {
      throw DBError(
        .backupDamaged, "the script \(options.path) is damaged: \(error.message)",
        hint: "take the dump again; nothing was restored")
    }
  }

  private var explicitRoles: Set<String> {
    var roles: Set<String> = []
    if case .all(let role?) = options.ownership { roles.insert(role) }
    if let owner = options.databaseOwner { roles.insert(owner) }
    return roles
  }

  private func create(_ staging: StagingDatabase, _ survey: ScriptSurvey) async throws {
    let encoding = survey.encoding.flatMap { name in
      // Text in any other encoding goes into one of the server's own choice without loss.
      ["utf8", "unicode", "utf-8", "sql_ascii"].contains(name.lowercased()) ? name : nil
    }
    let plain = DatabaseStatements([], encoding: encoding).create(as: staging.name)
    guard let creation = survey.creation, let text = creation.text else {
      return try await staging.create(plain)
    }
    do {
      try await staging.create(DatabaseStatements.renaming(text, to: staging.name))
    } catch let error as PostgresError where error.kind == .server {
      throw ScriptError(error, in: creation, of: options.path.string)
    }
  }

  /// Gives the database its name, with what the script says about the database itself.
  private func finish(
    _ staging: StagingDatabase, _ survey: ScriptSurvey, _ treatment: RoleTreatment,
    _ notes: inout [String]
  ) async throws {
    var statements: [String] = []
    var comment = DatabaseStatements([], encoding: nil).comment(options.database)
    for text in survey.databaseStatements {
      let statement = ScriptStatement(bytes: Array(text.utf8), line: 0)
      if !options.keepsLabels, statement.isLabel { continue }
      var treated: String? = text
      if let form = ScriptSurvey.form(ofDatabaseStatement: statement) {
        if form == .owner, options.databaseOwner != nil { continue }
        for role in treatment.leftOut(in: text, form).sorted() {
          notes.append("left out: what the database has for the role \"\(role)\"")
        }
        treated = treatment.text(text, form)
      }
      guard let treated else { continue }
      let renamed = DatabaseStatements.renaming(treated, to: options.database)
      if statement.verb == "comment" { comment = renamed } else { statements.append(renamed) }
    }
    var owner = options.databaseOwner
    if owner == nil, case .all(let role) = options.ownership { owner = role }
    try await staging.finish(statements, owner: owner, comment: comment)
  }
}
