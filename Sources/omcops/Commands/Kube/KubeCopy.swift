internal import ArgumentParser
internal import Diagnostics
internal import KubeExec
internal import Terminal

/// `omcops kube cp`.
struct KubeCopy: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp", abstract: "Copy files and folders to and from a container.",
    discussion: discussion(
      """
      One of FROM and TO is TARGET:PATH, where TARGET is a pod by name or pod/name, what makes pods \
      (the pod that is ready, and has been longest), a selector, or a component of omcops.yaml. A \
      path here with a colon in it is written with / or ./ before it. Copies as 'cp -r' does: into \
      a folder that is there, else under the new name; 'dir/.' is all that is in dir.

      Links are copied as links, with permission bits; times come along from a container, and \
      owners never. The copy becomes whole in a hidden folder beside its place first. The \
      container needs tar, and to copy into it mkdir, test, mv, cp and rm.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: ArgumentHelp("What to copy: PATH, or TARGET:PATH.", valueName: "from"))
  var from: CopyPlace

  @Argument(help: ArgumentHelp("Where to: TARGET:PATH, or PATH.", valueName: "to"))
  var to: CopyPlace

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Container; the default is the pod's own, or its first.", valueName: "name"))
  var container: String?

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (from.target == nil) != (to.target == nil) else {
      throw ValidationError(
        from.target == nil
          ? "neither side is in a cluster: write one as TARGET:PATH"
          : "one side has to be on this machine: a path with a colon is written with ./ before it")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let word = from.target ?? to.target ?? ""
    let pod = try await PodTarget(session: session, word: word).pod()
    let name = pod.object.name
    if to.target != nil, !plan {
      try session.require(confirmation.given, for: "copy to pod \"\(name)\"", context)
    }
    let copy = PodCopy(
      session.client, pod: name, namespace: pod.object.namespace ?? session.namespace,
      container: try PodChoice.container(of: pod.object, named: container ?? pod.container))
    let summary =
      to.target == nil
      ? try await copy.download(from.path, to: to.path, isPlan: plan)
      : try await copy.upload(from.path, to: to.path, isPlan: plan)
    let source = from.target == nil ? from.path : "\(name):\(from.path)"
    let target = to.target == nil ? summary.target : "\(name):\(summary.target)"
    let counts = summary.counts
    output.emit(
      RowSet(
        [
          "from", "to", "action", .init("files", isNumeric: true),
          .init("folders", isNumeric: true), .init("links", isNumeric: true),
          .init("bytes", isNumeric: true), "done",
        ],
        rows: [
          [
            .text(source), .text(target), .text(summary.isMerge ? "merge" : "copy"),
            Cell(counts?.files), Cell(counts?.folders), Cell(counts?.links), Cell(counts?.bytes),
            .bool(!plan),
          ]
        ]), to: context)
  }
}

/// A path here, or one in a container.
struct CopyPlace: ExpressibleByArgument, Sendable {
  /// What names the container's pod; nil for a path here.
  var target: String?
  /// The path.
  var path: String

  init?(argument: String) {
    if let colon = argument.firstIndex(of: ":"), !argument.hasPrefix("/"), !argument.hasPrefix(".")
    {
      target = String(argument[..<colon])
      path = String(argument[argument.index(after: colon)...])
      if target == "" { return nil }
    } else {
      path = argument
    }
    if path.isEmpty { return nil }
  }
}
