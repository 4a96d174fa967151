internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube whoami`.
struct KubeWhoami: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Show which cluster is meant, and whom it takes you for.",
    discussion: discussion(
      """
      Asks the server. One before 1.26 does not say whom it sees: then the name is what the \
      certificate or the token says, and 'from' says so. --can 'VERB KIND' asks whether you may do \
      something, as in --can 'delete pods' or --can 'create pods/exec': it ends with status 3 when \
      you may not.
      """, exits: [.done, .failed, .usage, .blocked]))

  @Option(
    help: ArgumentHelp("Ask whether this is allowed; may be given again.", valueName: "verb kind"))
  var can: [String] = []

  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for question in can where question.split(separator: " ").count != 2 {
      throw ValidationError("--can is \"\(question)\"; write it as 'get pods'")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let identity = try await session.client.identity()
    let access = session.client.access
    var record = Record()
    record.add("context", JSON(access.context))
    record.add("server", .string("\(access.server)"))
    record.add("namespace", .string(access.namespace))
    record.add("user", .string(identity.user))
    record.add(
      "groups", .array(identity.groups.map(JSON.string)),
      text: identity.groups.isEmpty ? "-" : identity.groups.joined(separator: ", "))
    record.add("from", .string(identity.source.rawValue))
    let answers = try await answers(session)
    if !answers.isEmpty {
      let json = answers.map { answer -> JSON in
        ["question": .string(answer.question), "allowed": .bool(answer.isAllowed)]
      }
      let text = answers.map { "\($0.question): \($0.isAllowed ? "yes" : "no")" }
      record.add("can", .array(json), text: text.joined(separator: ", "))
    }
    output.emit(record, to: context)
    if answers.contains(where: { !$0.isAllowed }) { throw Ended(status: .blocked) }
  }

  private func answers(
    _ session: KubeSession
  ) async throws -> [(question: String, isAllowed: Bool)] {
    var answers: [(question: String, isAllowed: Bool)] = []
    for question in can {
      let words = question.split(separator: " ").map(String.init)
      let parts = words[1].split(separator: "/", maxSplits: 1).map(String.init)
      let permission = Permission(
        verb: words[0], resource: try await session.client.resource(named: parts[0]),
        subresource: parts.count > 1 ? parts[1] : nil, namespace: session.namespace)
      answers.append((question, try await session.client.isAllowed(permission).isAllowed))
    }
    return answers
  }
}
