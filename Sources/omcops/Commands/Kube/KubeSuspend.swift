internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// What `suspend` and `resume` take.
struct SuspendOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Names of CronJobs, with or without cronjob/.", valueName: "name"))
  var names: [String] = []

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp("The CronJobs with these labels.", valueName: "selector"))
  var selector: String?

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard names.isEmpty == (selector != nil) else {
      throw ValidationError("say which CronJobs: their names, or --selector")
    }
  }

  func run(_ context: Context, isSuspended: Bool) async throws {
    let session = try kube.session(context)
    // batch/v1 has them since 1.21, batch/v1beta1 had them to 1.24: the server knows.
    let resource = try await session.client.resource(named: "cronjobs")
    let objects = try await objects(resource, session)
    var before: [Bool] = []
    for object in objects { before.append(try await session.client.isSuspended(object)) }
    let due = zip(objects, before).filter { $1 != isSuspended }.map(\.0)
    if !plan, !due.isEmpty {
      let names = due.map { "\($0)" }.joined(separator: ", ")
      try session.require(
        confirmation.given, for: "\(isSuspended ? "suspend" : "resume") \(names)", context)
    }
    for object in due {
      try await session.client.suspend(object, isSuspended, isDryRun: plan)
    }
    let rows = zip(objects, before).map { object, was -> [Cell] in
      [
        .text("\(object)"), Cell(object.namespace), .bool(was), .bool(isSuspended),
        .bool(!plan && was != isSuspended),
      ]
    }
    output.emit(
      RowSet(["object", "namespace", "was-suspended", "suspended", "changed"], rows: rows),
      to: context)
  }

  private func objects(
    _ resource: KubeResource, _ session: KubeSession
  ) async throws -> [ObjectReference] {
    guard let selector else {
      return names.map { name in
        let plain = name.split(separator: "/").last.map(String.init) ?? name
        return ObjectReference(resource, plain, in: session.namespace)
      }
    }
    let found = try await session.client.list(
      ObjectQuery(resource, namespace: session.namespace, labelSelector: selector)
    ).items
    guard !found.isEmpty else {
      throw NothingMatches(what: "cronjob", selector: selector, place: session.namespace)
    }
    return found.map { ObjectReference(resource, $0.name, in: $0.namespace) }
  }
}

/// `omcops kube suspend`.
struct KubeSuspend: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Let CronJobs start no more Jobs.",
    discussion: discussion(
      "Jobs that run already go on. `omcops kube resume` takes it back.",
      exits: [.done, .failed, .usage, .blocked, .refused]))

  @OptionGroup var options: SuspendOptions

  func run(_ context: Context) async throws { try await options.run(context, isSuspended: true) }
}

/// `omcops kube resume`.
struct KubeResume: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let CronJobs start Jobs again.",
    discussion: discussion(exits: [.done, .failed, .usage, .blocked, .refused]))

  @OptionGroup var options: SuspendOptions

  func run(_ context: Context) async throws { try await options.run(context, isSuspended: false) }
}
