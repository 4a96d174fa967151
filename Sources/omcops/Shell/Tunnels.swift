internal import KubeExec
internal import Postgres
internal import Synchronization

/// The tunnels of this process, which are used until it ends: a tunnel to each server, and behind some
/// of them a pod that has to be deleted.
final class Tunnels: Sendable {
  /// The process's own.
  static let live = Tunnels()

  /// A way to a server, and what has to be cleared away after it.
  struct Opened: Sendable {
    var detour: Detour
    var tunnel: LocalTunnel
    var pod: RelayPod?
    /// Tells a person what could not be cleared away.
    var warn: @Sendable (String) -> Void
  }

  private struct Way {
    var server: String
    var task: Task<Opened?, any Error>
  }

  private let ways = Mutex<[Way]>([])

  /// The way to a server: the one that is there, or a new one; nil where it is reached directly.
  func detour(
    to server: String, _ open: @escaping @Sendable () async throws -> Opened?
  ) async throws -> Detour? {
    // A task of its own, which several may wait for; who is cancelled takes it along.
    let task = ways.withLock { ways in
      if let known = ways.first(where: { $0.server == server }) { return known.task }
      let task = Task { try await open() }
      ways.append(Way(server: server, task: task))
      return task
    }
    do {
      return try await withTaskCancellationHandler {
        try await task.value?.detour
      } onCancel: {
        task.cancel()
      }
    } catch {
      ways.withLock { $0.removeAll { $0.server == server } }
      throw error
    }
  }

  /// Ends all tunnels and deletes their pods.
  func close() async {
    let all = ways.withLock { ways in
      defer { ways = [] }
      return ways.map(\.task)
    }
    if all.isEmpty { return }
    // A task of its own: the pods have to go when this one was cancelled, too.
    await Task {
      for task in all {
        guard let opened = try? await task.value else { continue }
        await opened.tunnel.close()
        guard let pod = opened.pod else { continue }
        do {
          try await pod.delete()
        } catch {
          opened.warn(
            "pod \(pod.name) in namespace \(pod.namespace) could not be deleted, and ends by itself: "
              + "\(error)")
        }
      }
    }.value
  }
}
