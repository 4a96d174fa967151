internal import Processes

/// How a worker's interpreter came to its end.
enum WorkerEnd: Hashable, Sendable {
  /// By itself, with this code.
  case exited(Int32)
  /// By a signal.
  case signaled(Int32)
  /// With the pod that it ran in, or with the connection to it; why, as the end of a sentence that
  /// begins with the worker.
  case lost(String)
  /// It could not be started where it was meant to be, which may pass; why, as a sentence.
  case unable(String)

  init(_ end: GroupProcess.End) {
    switch end {
    case .exited(let code): self = .exited(code)
    case .signaled(let signal): self = .signaled(signal)
    }
  }

  /// `ended with exit code 3`.
  var phrase: String {
    switch self {
    case .exited(WorkerProgram.lostLine): "closed file descriptors that were not its own"
    case .exited(let code): "ended with exit code \(code)"
    case .signaled(let signal): ProcessEndWords.phrase(signal: signal)
    case .lost(let reason), .unable(let reason): reason
    }
  }
}

extension GroupProcess.End {
  /// `ended with exit code 3`.
  var phrase: String { WorkerEnd(self).phrase }
}
