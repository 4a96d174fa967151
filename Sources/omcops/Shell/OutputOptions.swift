public import ArgumentParser
public import Terminal

extension OutputFormat: ExpressibleByArgument {}

/// How a command prints its data.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How to print.", valueName: "format"))
  var output = OutputFormat.table

  /// Prints a list: one row for each thing.
  func emit(_ rows: RowSet, to context: Context) {
    context.output.write(rows.text(as: output, width: context.output.columns))
  }

  /// Prints one thing: as lines of `name  value` for people, as an object in JSON.
  func emit(_ record: Record, to context: Context) { output.emit(record, to: context) }
}

extension OutputFormat {
  /// Prints one thing: as lines of `name  value` for people, as an object in JSON.
  func emit(_ record: Record, to context: Context) {
    context.output.write(record.text(as: self, width: context.output.columns))
  }
}
