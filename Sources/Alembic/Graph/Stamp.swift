internal import OrderedCollections

extension RevisionMap {
  /// The steps by which the version rows `heads` come to stand at the targets; nothing is run.
  ///
  /// - Throws: `RevisionError` when a target or a row is no revision of the project.
  public func stampSteps(to targets: [String], from heads: [String]) throws -> [MigrationStep] {
    try worded(multipleHeads: "Multiple heads are present; please specify a single target revision")
    {
      try unwordedStampSteps(to: targets, from: heads)
    }
  }

  private func unwordedStampSteps(
    to targets: [String], from heads: [String]
  ) throws -> [MigrationStep] {
    let rows = try landings(.many(heads)).compactMap { $0?.index }
    var affected: OrderedSet<Int> = []
    for target in targets {
      affected.formUnion(try filter(rows, forLineage: target, includingDependencies: true))
    }
    var destinations = try landings(.many(targets)).map { landing in
      if landing == .base {
        throw RevisionError(.other, "'\(targets.joined(separator: " "))' leads below the base")
      }
      return landing?.index
    }
    if destinations.isEmpty { destinations = [nil] }
    var steps: [MigrationStep] = []
    for destination in destinations {
      guard let destination else {
        steps += affected.map {
          MigrationStep(stampFrom: [revisions[$0].id], to: [], isUpgrade: false, movesBranch: true)
        }
        continue
      }
      if affected.contains(destination) { continue }
      let above = descendants(of: [destination])
      let below = ancestors(of: [destination])
      let id = revisions[destination].id
      let isDowngrade = affected.contains { above.contains($0) }
      if isDowngrade || affected.contains(where: { below.contains($0) }) {
        // As a merge: all rows of the lineage become one.
        steps.append(
          MigrationStep(
            stampFrom: ids(Array(affected)), to: [id], isUpgrade: !isDowngrade, movesBranch: false))
      } else {
        steps.append(MigrationStep(stampFrom: [], to: [id], isUpgrade: true, movesBranch: true))
      }
    }
    return steps
  }
}
