extension ArchiveContents {
  /// The part that a selection wants, and what is left out for lack of what it does not want.
  func selecting(
    _ selection: Selection
  ) throws -> (contents: ArchiveContents, leftOut: [String]) {
    if selection.isEverything { return (self, []) }
    let selected = try SelectedEntries(selection, from: entries)
    let places = Dictionary(
      uniqueKeysWithValues: selected.entries.enumerated().map { ($1.dumpID, $0) })
    var contents = self
    contents.entries = selected.entries
    contents.rows = rows.compactMap { row in
      places[entries[row.entry].dumpID].map { (entry: $0, source: row.source) }
    }
    contents.roles = RoleNames.needed(by: selected.entries, owners: true).sorted()
    return (contents, selected.leftOut)
  }
}
