internal import Diagnostics

extension RevisionMap {
  /// The steps from the version rows `heads` up to a target, in the order in which they run.
  ///
  /// - Parameter target: what `alembic upgrade` takes: an identifier or the beginning of one,
  ///   `head`, `heads`, `label@head`, `+2`, `abc+1`.
  /// - Throws: `RevisionError` in Alembic's words.
  public func upgradeSteps(to target: String, from heads: [String]) throws -> [MigrationStep] {
    try known(heads)
    return try worded(
      ancestor: "Destination \(target) is not a valid upgrade target from current head(s)",
      end: target
    ) {
      var options = RangeOptions()
      options.implicitBase = true
      return try range(from: .one(target), downTo: .many(heads), options).reversed()
        .map(upgradeStep)
    }
  }

  /// The steps from the version rows `heads` down to a target, in the order in which they run.
  ///
  /// - Parameter target: what `alembic downgrade` takes: as for an upgrade, and `base` and `-1`.
  /// - Throws: `RevisionError` in Alembic's words.
  public func downgradeSteps(to target: String, from heads: [String]) throws -> [MigrationStep] {
    try known(heads)
    return try worded(
      ancestor: "Destination \(target) is not a valid downgrade target from current head(s)",
      end: target
    ) {
      try downgradeRange(from: .many(heads), downTo: .one(target)).map(downgradeStep)
    }
  }

  /// The revisions between two ends, from the newest to the oldest, both ends included.
  ///
  /// - Throws: `RevisionError` in Alembic's words.
  public func history(
    from base: RevisionNames = .one("base"), to head: RevisionNames = .one("heads")
  ) throws -> [RevisionView] {
    try worded(start: base.text, end: head.text) {
      var options = RangeOptions()
      options.isInclusive = true
      options.assertsLength = false
      return try range(from: head, downTo: base, options).map(view)
    }
  }

  /// The revisions that words stand for; nothing for `base`.
  ///
  /// - Throws: `RevisionError` in Alembic's words.
  public func views(of names: RevisionNames) throws -> [RevisionView] {
    try worded { try landings(names).compactMap { $0?.index }.map(view) }
  }

  /// The applied revisions that no applied one follows.
  ///
  /// - Throws: `RevisionError` when a row of the version table is no revision of the project.
  public func currentViews(of heads: [String]) throws -> [RevisionView] {
    try known(heads)
    return try worded { try allCurrent(heads).map(view) }
  }

  /// Throws for a version row that no script has: the database is ahead of the files.
  private func known(_ heads: [String]) throws {
    for head in heads where names[head] == nil {
      // Alembic takes a beginning here as anywhere else.
      if (try? index(forIdentifier: head)) ?? nil != nil { continue }
      throw RevisionError(
        .resolution(argument: head), "Can't locate revision identified by '\(head)'",
        hint: "the database stands at a revision that these files do not have: "
          + "use the files of the release that migrated it", status: .blocked)
    }
  }

  /// Runs `body` and words its errors as Alembic's commands do.
  func worded<Result>(
    ancestor: String? = nil, multipleHeads: String? = nil, start: String? = nil,
    end: String? = nil, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch var error as RevisionError {
      switch error.kind {
      case .rangeNotAncestor(let lower, let upper):
        error.message =
          ancestor
          ?? "Requested range \(start ?? lower):\(end ?? upper) does not refer to "
          + "ancestor/descendant revisions along the same branch"
      case .multipleHeads(let heads, let argument):
        let name = end ?? argument
        error.message =
          multipleHeads
          ?? "Multiple head revisions are present for given argument '\(name)'; please specify a "
          + "specific target revision, '<branchname>@\(name)' to narrow to a specific head, or "
          + "'heads' for all heads"
        error.hint = "the heads are \(heads.joined(separator: ", "))"
      case .resolution(let argument):
        if error.message.hasPrefix("Multiple") { error.hint = error.message }
        error.message = "Can't locate revision identified by '\(argument)'"
      default: break
      }
      throw error
    }
  }
}
