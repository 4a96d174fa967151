internal import Diagnostics
internal import Text
internal import YAML

/// What of a suite's keys its runner has a use for, and what it needs.
struct SuiteCheck {
  let problems: YAMLProblems
  let reader: MappingReader
  let suite: TestSuiteConfiguration

  func run() {
    for (keys, hint) in useless {
      for key in keys where reader.has(key) {
        problems.report(
          "runner \(suite.runner.rawValue) has no use for \"\(key)\"", at: reader.location(of: key),
          hint: hint)
      }
    }
    switch suite.runner {
    case .junit, .tap:
      if suite.command.isEmpty {
        problems.report(
          "runner \(suite.runner.rawValue) needs a \"command\"", at: reader.location,
          hint: "It is a list: command: [make, check].")
      }
      if suite.runner == .junit { checkResults() }
    case .pytest, .swift, .vitest, .playwright: break
    }
  }

  private var useless: [(keys: [String], hint: String?)] {
    let time = "run-timeout says how long one run of the command may take."
    let python = ["python", "setup", "coverage"]
    return switch suite.runner {
    case .pytest: [(["command", "results", "shards", "run-timeout"], nil)]
    case .swift: [(python + ["results", "shards", "workers"], nil), (["timeout"], time)]
    case .vitest, .playwright: [(python + ["results"], nil)]
    case .junit: [(python + ["retries"], nil), (["timeout"], time)]
    case .tap: [(python + ["results", "retries"], nil), (["timeout"], time)]
    }
  }

  private func checkResults() {
    let hasPlace = (suite.command + suite.arguments).contains {
      $0.value.contains(text: "${results}")
    }
    if suite.results.isEmpty {
      guard !hasPlace else { return }
      problems.report(
        "runner junit needs \"results\": the files that its command writes", at: reader.location,
        hint:
          "Name them: results: [build/junit-*.xml]; or write ${results} where the command takes a file."
      )
      return
    }
    let count = max(suite.shards?.value ?? 1, suite.workers?.value ?? 1)
    guard count > 1, let first = suite.results.first,
      !suite.results.contains(where: { $0.value.contains(text: "${shard}") })
    else { return }
    problems.report(
      "\(count) shards would write the same results", at: first.location,
      hint: "Give each its own: results: [out/junit-${shard}.xml].")
  }
}
