internal import Digest
internal import KubeExec
internal import Quantities
internal import Runbooks

/// `lock: kubernetes`: a Lease in the environment's namespace, renewed as long as the run lives.
struct KubernetesLock: LockKind {
  let cluster: RunCluster

  func acquire(group: String, holder: LockHolder, wait: Duration) async throws -> any HeldLock {
    let session = try cluster.session()
    let attempt = try await Lease.take(
      name(of: group), in: session.namespace,
      as: Lease.Holder(
        // A process that comes again by the same number is another holder.
        identity: "\(holder.run)/\(holder.pid)@\(holder.host)/\(holder.since.microseconds)",
        notes: [
          "group": group, "user": holder.user, "host": holder.host, "pid": "\(holder.pid)",
          "run": holder.run, "since": holder.since.rfc3339(),
        ]), wait: wait, with: session.client)
    switch attempt {
    case .taken(let lease): return HeldLease(lease: lease)
    case .busy(let other): throw LockBusy(group: group, holder: LockHolder(other))
    }
  }

  /// A group is any text; a name is 63 letters of the alphabet, digits and `-`.
  private func name(of group: String) -> String {
    var readable = String(
      group.lowercased().unicodeScalars.map { scalar -> Character in
        let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
        return isPlain ? Character(scalar) : "-"
      }.prefix(40))
    while readable.hasSuffix("-") { readable.removeLast() }
    return "omcops-\(readable)\(readable.isEmpty ? "" : "-")\(SHA256.hex(of: group).prefix(8))"
  }
}

private struct HeldLease: HeldLock {
  let lease: Lease

  func isHeld() async -> Bool { await lease.check() }
  func release() async { await lease.release() }
}

extension LockHolder {
  /// Nil for a lease that another program keeps.
  fileprivate init?(_ holder: Lease.Holder) {
    guard let user = holder.notes["user"], let host = holder.notes["host"],
      let pid = holder.notes["pid"].flatMap(Int32.init), let run = holder.notes["run"],
      let since = holder.notes["since"].flatMap(Timestamp.init(parsing:))
    else { return nil }
    self.init(user: user, host: host, pid: pid, run: run, since: since)
  }
}
