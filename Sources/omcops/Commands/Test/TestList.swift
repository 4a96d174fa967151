internal import ArgumentParser
internal import Configuration
internal import Terminal
internal import TestOps

/// `omcops test list`.
struct TestList: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the suites of omcops.yaml.",
    discussion: discussion(exits: [.done, .usage]))

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    var rows = RowSet([
      "name", "runner", "database", "folder", .init("tests", isNumeric: true),
      .init("failed", isNumeric: true),
    ])
    for suite in configuration.tests.values {
      let record = RunRecord(at: recordFile(suite, configuration, context))
      let cells: [Cell] = [
        .text(suite.name.value), .text(suite.runner.rawValue),
        .text(suite.database.kind.rawValue), .text(suite.folder.value),
        Cell(record?.durations.count), Cell(record?.failed.count),
      ]
      rows.rows.append(cells)
    }
    output.emit(rows, to: context)
  }
}
