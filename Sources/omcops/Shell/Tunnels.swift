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

  private let opened = Mutex<[String: Task<Opened?, any Error>]>([:])

  /// The way to a server: the one that is there, or a new one; nil where it is reached directly.
  func detour(
    to server: String, _ open: @escaping @Sendable () async throws -> Opened?
  ) async throws -> Detour? {
    // A task of its own, which several may wait for; who is cancelled takes it along.
    let task = opened.withLock { opened in
      let task = opened[server] ?? Task { try await open() }
      opened[server] = task
      return task
    }
    do {
      return try await withTaskCancellationHandler {
        try await task.value?.detour
      } onCancel: {
        task.cancel()
      }
    } catch {
      opened.withLock { $0[server] = nil }
      throw error
    }
  }

  /// Ends all tunnels and deletes their pods.
  func close() async {
    let all = opened.withLock { opened in
      defer { opened = [:] }
      return Array(opened.values)
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
