public import Diagnostics
public import SystemPackage
internal import YAML

/// The names of the alerts in a file of Prometheus rules, and where each stands.
public struct AlertRules: Sendable {
  /// The alerts in the order of the file; of equal names each stands here.
  public private(set) var alerts: [(name: String, location: SourceLocation)] = []

  /// Reads `groups[].rules[].alert`; recording rules are passed over.
  ///
  /// - Throws: `RunbookError` where the file cannot be read or is no file of rules.
  public init(reading path: FilePath) throws(RunbookError) {
    try self.init(parsing: Runbook.bytes(of: path), file: path.string)
  }

  init(parsing bytes: [UInt8], file: String) throws(RunbookError) {
    let document: YAMLDocument
    do throws(YAMLError) {
      document = try YAMLDocument(parsing: bytes, file: file)
    } catch {
      throw RunbookError(error)
    }
    // A rule may be wrapped as the Prometheus operator wants it: under `spec`.
    let root = document.root
    let groups = root.mapping?["groups"] ?? root.mapping?["spec"]?.mapping?["groups"]
    guard let groups = groups?.sequence else {
      throw RunbookError(
        .invalid, "\(file): this is no file of alert rules: it has no \"groups\"")
    }
    for rule in groups.flatMap({ $0.mapping?["rules"]?.sequence ?? [] }) {
      guard let node = rule.mapping?["alert"], let name = node.string else { continue }
      alerts.append((name, node.location))
    }
  }
}

extension Lint {
  /// What only several files show: alerts that two runbooks answer, alerts that no rule raises, and
  /// alerts that no runbook answers.
  ///
  /// - Parameters:
  ///   - rules: the rules that raise alerts; empty where none were named, and then only runbooks are
  ///     compared with each other.
  ///   - isWhole: whether these are all the runbooks that there are.
  public static func findings(
    across runbooks: [Runbook], rules: [AlertRules], isWhole: Bool
  ) -> [Finding] {
    let findings = FindingList()
    var answers: [String: Runbook] = [:]
    for runbook in runbooks {
      for alert in runbook.alerts {
        if let other = answers[alert] {
          findings.add(
            .error, .alert, "alert \"\(alert)\" is answered by \(other.name) too",
            at: runbook.alertsLocation,
            hint: "Whoever is woken by it has to know which one to take.")
        } else {
          answers[alert] = runbook
        }
      }
    }
    let raised = rules.flatMap(\.alerts)
    guard !rules.isEmpty else { return findings.sorted }
    let names = raised.map(\.name)
    for runbook in runbooks {
      for alert in runbook.alerts where !names.contains(alert) {
        findings.add(
          .error, .alert,
          "no rule raises the alert \"\(alert)\"\(Suggestion.phrase(for: alert, among: names))",
          at: runbook.alertsLocation)
      }
    }
    for (name, location) in raised where isWhole && answers[name] == nil {
      findings.add(
        .warning, .alert, "no runbook answers the alert \"\(name)\"", at: location,
        hint: "Name it under \"alerts\" of the runbook to take.")
    }
    return findings.sorted
  }
}
