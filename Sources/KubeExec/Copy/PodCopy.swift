/// Copies files and folders to and from a container, as `cp -r` does: the container's tar packs and
/// unpacks, and a copy stands in its place only when it is whole.
public struct PodCopy: Sendable {
  /// What was copied, or would be.
  public struct Summary: Hashable, Sendable {
    /// Where the copy stands.
    public var target: String
    /// Whether a folder that was there takes more.
    public var isMerge: Bool
    /// What it consists of; nil where that was not looked at.
    public var counts: CopyCounts?
  }

  let commands: ContainerCommands
  /// What the copy is called in the archive and in the folder where it becomes whole.
  static let root = Array("copy".utf8)

  /// Copies with a container; nil is the pod's own.
  public init(_ client: KubeClient, pod: String, namespace: String, container: String?) {
    commands = ContainerCommands(
      client: client, pod: pod, namespace: namespace, container: container)
  }

  /// Copies a file or folder out of the container.
  ///
  /// - Throws: a `KubeError`; then nothing stands in the target's place that was not there before.
  public func download(
    _ remote: String, to local: String, isPlan: Bool
  ) async throws -> Summary {
    let remote = Self.argument(remote)
    let source = PathName(Array(remote.utf8))
    if isPlan {
      let isThere = try await commands.holds(["test", "-e", remote])
      let isLink = isThere ? true : try await commands.holds(["test", "-L", remote])
      guard isThere || isLink else {
        throw KubeError(.hopeless, "\(commands.name) has no \"\(remote)\"")
      }
      do {
        let (target, isMerge) = try TreePlacement.target(local, source.last)
        return Summary(target: target, isMerge: isMerge, counts: nil)
      } catch {
        throw KubeError(.invalidRequest, "cannot write to \"\(local)\": \(error)")
      }
    }
    let placement = try TreePlacement(local, name: source.last)
    defer { placement.discard() }
    let unpacker = TreeUnpacker(placement.stage)
    do {
      try await receive(source, unpacker)
      try placement.commit(PodCopy.root, unpacker.folders)
    } catch let error as KubeError {
      throw error
    } catch let error as TarError {
      throw KubeError(
        .refused,
        "cannot copy \"\(remote)\" of \(commands.name): \(error.message); nothing was changed")
    } catch let error where !(error is CancellationError) {
      throw KubeError(.hopeless, "cannot write \"\(placement.target)\": \(error)")
    }
    return Summary(
      target: placement.target, isMerge: placement.isMerge, counts: unpacker.counts)
  }

  private func receive(_ source: PathName, _ unpacker: TreeUnpacker) async throws {
    let name = source.last.map { "./" + String(decoding: $0, as: UTF8.self) } ?? "."
    let command = ["tar", "-cf", "-", "-C", source.parent, name]
    let session = try await ExecSession.start(commands.request(command), with: commands.client)
    var reader = TarReader()
    var errors = ErrorLines()
    let top = source.last.map { [$0] } ?? []
    let outcome = try await session.run { channel, bytes in
      guard channel == .output else { return errors.add(bytes) }
      try reader.read(bytes) { event in
        guard case .entry(var entry) = event else { return try unpacker.take(event) }
        entry.path = try Self.renamed(entry.path, below: top)
        if entry.kind == .hardLink { entry.target = try Self.renamed(entry.target, below: top) }
        try unpacker.take(.entry(entry))
      }
    }
    guard outcome == .exited(0) else { throw commands.trouble(outcome, command, errors) }
    guard reader.isComplete else {
      throw KubeError(
        .unreachable, "the archive from \(commands.name) was cut; nothing was changed",
        details: errors.lines)
    }
  }

  /// A path that no command takes for an option.
  static func argument(_ path: String) -> String { path.hasPrefix("-") ? "./" + path : path }

  /// A member's name below the copy's; only what was asked for may be there.
  private static func renamed(_ path: [UInt8], below top: [[UInt8]]) throws -> [UInt8] {
    let parts = try TarPath.parts(of: path)
    guard parts.starts(with: top) else { throw TarError("was not asked for", path) }
    return Array(
      ([root] + parts.dropFirst(top.count)).joined(separator: [UInt8(ascii: "/")]))
  }
}
