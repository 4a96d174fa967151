internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import TestOps

/// Where tests are run, on the command line: each option stands above what `where:` of the suite says.
struct TestPlaceOptions: ParsableArguments {
  /// The words of the command line.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case local, pod, job
  }

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Where the tests are run: on this machine, in a pod that runs, or in pods of a Job.",
      valueName: "local|pod|job"))
  var kind: Kind?

  @Option(
    help: ArgumentHelp(
      "With pod: where; with job: what the pods are like. A component, kind/name or selector.",
      valueName: "target"))
  var target: String?

  @Option(help: ArgumentHelp("With job: how many pods share the tests.", valueName: "number"))
  var shards: Int?

  @Option(
    help: ArgumentHelp("With job: the image, instead of the target's.", valueName: "image"))
  var image: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "With pod or job: the environment of omcops.yaml, whose cluster is meant.",
      valueName: "name"))
  var environment: String?

  @OptionGroup var confirmation: ConfirmationOptions

  func validate() throws {
    if let shards, !(1...100).contains(shards) {
      throw ValidationError("--shards is \(shards); it must be 1 to 100")
    }
  }

  /// Where the tests of a suite are run.
  func kind(of suite: TestSuiteConfiguration) -> TestWhereConfiguration.Kind {
    switch kind {
    case .local: .local
    case .pod: .pod
    case .job: .job
    case nil: suite.place?.kind?.value ?? .local
    }
  }

  /// Throws where an option says something of another place than the one that is meant.
  func check(_ kind: TestWhereConfiguration.Kind) throws {
    let ofJobs = [("--shards", shards != nil), ("--image", image != nil)]
    let ofPods = [
      ("--target", target != nil), ("--environment", environment != nil),
      ("--confirm", confirmation.confirm != nil),
    ]
    let idle = (kind == .job ? [] : ofJobs) + (kind == .local ? ofPods : [])
    if let (option, _) = idle.first(where: { $0.1 }) {
      throw TestFailure(
        "\(option) means nothing where the tests are run \(kind == .pod ? "in a pod" : "locally")",
        status: .usage)
    }
  }
}
