internal import Synchronization

/// Services that are there.
final class RunningServices: Sendable {
  private struct State {
    var processes: [ServiceProcess] = []
    var variables: [String: String] = [:]
  }

  private let state = Mutex(State())

  /// What tests have to know of them.
  var variables: [String: String] { state.withLock(\.variables) }

  func add(_ process: ServiceProcess) {
    state.withLock {
      $0.processes.append(process)
      $0.variables.merge(process.variables) { $1 }
    }
  }

  /// Ends them, the last one first.
  ///
  /// - Returns: what befell them meanwhile.
  func stop() async -> [Trouble] {
    let processes = state.withLock { state in
      defer { state.processes = [] }
      return state.processes
    }
    var troubles: [Trouble] = []
    for process in processes.reversed() {
      if let trouble = await process.stop() { troubles.append(trouble) }
    }
    return troubles
  }
}
