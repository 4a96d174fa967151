internal import Diagnostics

// Calls of other runbooks: they have to be there, take what they are given, and not run in a circle.
extension Lint {
  /// The runbooks beside the file that it names; those that cannot be read are found again by
  /// `checkCalls`.
  static func called(by runbook: Runbook, _ catalog: ActionCatalog) -> [String: Runbook] {
    var called: [String: Runbook] = [:]
    for name in runbook.calls.compactMap(\.calledRunbook) where called[name] == nil {
      called[name] = try? CalledRunbooks.load(name, near: runbook, catalog)
    }
    return called
  }

  func checkCalls() {
    for call in runbook.calls {
      guard let name = call.calledRunbook else { continue }
      guard let other = called[name] else {
        unreadable(name, call.location)
        continue
      }
      for problem in call.problems(calling: other) {
        findings.add(.error, .call, problem.message, at: problem.location, hint: problem.hint)
      }
      if let circle = circle(from: other, path: [runbook.name, name]) {
        findings.add(
          .error, .call, circle, at: call.location,
          hint: "A runbook cannot call one that is calling it.")
      }
    }
  }

  private func unreadable(_ name: String, _ location: SourceLocation) {
    if name == runbook.name {
      return findings.add(
        .error, .call, CalledRunbooks.circle([name], name), at: location,
        hint: "A runbook cannot call one that is calling it.")
    }
    do {
      _ = try CalledRunbooks.load(name, near: runbook, catalog)
    } catch let error as any Failure {
      findings.add(.error, .call, error.message, at: location, hint: error.hint)
    } catch {
      findings.add(.error, .call, "\(error)", at: location)
    }
  }

  /// The circle that the calls of a runbook lead into, in words; only one through the first of the
  /// path is this file's fault.
  private func circle(from runbook: Runbook, path: [String]) -> String? {
    for call in runbook.calls {
      guard let name = call.calledRunbook else { continue }
      if name == path[0] { return CalledRunbooks.circle(path, name) }
      if path.contains(name) { continue }
      guard let next = try? CalledRunbooks.load(name, near: runbook, catalog) else { continue }
      if let circle = circle(from: next, path: path + [name]) { return circle }
    }
    return nil
  }
}
