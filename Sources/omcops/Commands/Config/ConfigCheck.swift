internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Postgres
internal import Terminal

/// `omcops config check`: whether the configuration can be used.
struct ConfigCheck: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the configuration file and name every problem.",
    discussion: discussion(
      """
      Reads the whole file, and looks up every variable and secret file that the environment \
      needs; without --environment that of all environments; and, where the file has a section \
      alembic, the options of the project. Connects to nothing: what stands in a cluster is not \
      looked up.
      """, exits: [.done, .usage]))

  @OptionGroup var database: DatabaseOptions

  func run(_ context: Context) async throws {
    let configuration = try database.configuration(context)
    guard let file = configuration.file else {
      throw ConfigurationProblems(
        message: "no omcops.yaml in \(context.workingDirectory) or above it",
        hint: "write one, or name it with --config")
    }
    let names = database.environment.map { [$0] } ?? Array(configuration.environments.keys)
    var problems = names.compactMap { problem(with: $0, in: configuration, context) }
    if configuration.alembic != nil {
      do {
        _ = try ProjectSource(configuration.alembic, context).project()
      } catch let failure as any Failure {
        problems.append(failure)
      }
    }
    guard let first = problems.first else {
      let count = names.count == 1 ? "1 environment" : "\(names.count) environments"
      context.error.write("\(file): nothing is wrong; \(count)\n")
      return
    }
    throw ConfigurationProblems(
      message: first.message, hint: first.hint, details: problems.dropFirst().map(\.message))
  }

  private func problem(
    with name: String, in configuration: Configuration, _ context: Context
  ) -> (any Failure)? {
    do {
      let environment = try configuration.resolve(
        Selection(environment: name), variables: context.environment)
      // What stands in the cluster is checked where it is used.
      if environment.unread.isEmpty { _ = try environment.connectionSettings() }
      try configuration.environments[name]?.targets.check(variables: context.environment)
      return nil
    } catch let failure as any Failure {
      return failure
    } catch {
      return ConfigurationProblems(message: "environment \"\(name)\": \(error)")
    }
  }
}

/// What `config check` found.
private struct ConfigurationProblems: Failure {
  var message: String
  var hint: String?
  var details: [String] = []
  var status: ExitStatus { .usage }
}
