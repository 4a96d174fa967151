internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import JSON
internal import Terminal

/// `omcops config show`: every value that is in force, and where it came from.
struct ConfigShow: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the values in force for an environment, and where each came from.",
    discussion: discussion(
      "What stands in the cluster is read there. Secrets are masked.", exits: [.done, .usage]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let configuration = try database.configuration(context)
    let environment = try await configuration.resolved(database.selection, context)
    let rows = environment.explained(in: configuration, variables: context.environment)
    output.emit(
      RowSet(["key", "value", "from"], rows: rows.map { [.text($0), .text($1), .text($2)] }),
      to: context)
  }
}
