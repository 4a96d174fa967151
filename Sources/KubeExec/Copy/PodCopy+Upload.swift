extension PodCopy {
  /// Copies a file or folder into the container.
  ///
  /// - Throws: a `KubeError`; then nothing stands in the target's place that was not there before,
  ///   unless the container's own cp failed half way.
  public func upload(
    _ local: String, to remote: String, isPlan: Bool
  ) async throws -> Summary {
    let packer = try TreePacker(local)
    let counts = try packer.survey()
    let name = PathName(Array(local.utf8)).last.map { String(decoding: $0, as: UTF8.self) }
    let (target, isMerge) = try await target(
      Self.argument(remote), name, isFolder: packer.packsFolder)
    let children = isMerge ? try names(in: packer) : []
    var summary = Summary(target: target, isMerge: isMerge, counts: counts)
    if isPlan { return summary }
    let place = isMerge ? target : PathName(Array(target.utf8)).parent
    let stage = "\(place)/.omcops-cp-\(UInt64.random(in: 0 ... .max))"
    try await commands.must(["mkdir", "-m", "700", stage])
    do {
      summary.counts = try await send(packer, to: stage)
      try await put(stage, target, children, isMerge: isMerge)
    } catch {
      await remove(stage)
      throw error
    }
    try await commands.must(["rm", "-rf", stage])
    return summary
  }

  /// What `cp -r` would write to.
  private func target(
    _ remote: String, _ name: String?, isFolder: Bool
  ) async throws -> (target: String, isMerge: Bool) {
    var target = remote
    var isThere = try await commands.holds(["test", "-d", target])
    if isThere, let name {
      target += (target.hasSuffix("/") ? "" : "/") + name
      isThere = try await commands.holds(["test", "-d", target])
    } else if !isThere, target.hasSuffix("/"), !isFolder {
      throw KubeError(.hopeless, "\(commands.name) has no folder \"\(target)\"")
    }
    if isThere, !isFolder {
      throw KubeError(
        .refused, "\"\(target)\" in \(commands.name) is a folder, and \"\(name ?? "")\" is none")
    }
    if !isThere, isFolder, try await commands.holds(["test", "-e", target]) {
      throw KubeError(
        .refused,
        "\"\(target)\" in \(commands.name) is no folder, and a folder would be copied there")
    }
    return (target, isThere)
  }

  /// The names that go into a folder that is there, as arguments of a command.
  private func names(in packer: TreePacker) throws -> [String] {
    try packer.children().map { name in
      guard let text = String(validating: name, as: UTF8.self) else {
        throw KubeError(
          .refused,
          "\"\(String(decoding: name, as: UTF8.self))\" is no UTF-8, and cannot be put into a folder "
            + "that is there",
          hint: "copy the folder under a new name")
      }
      return text
    }
  }

  private enum Half: Sendable {
    case sent(CopyCounts)
    case sendingBroke
    case ended(ExecOutcome, ErrorLines)
  }

  private func send(_ packer: TreePacker, to stage: String) async throws -> CopyCounts {
    // Owners of this machine mean nothing there; modes do; times are the copy's own.
    let command = ["tar", "-xpmof", "-", "-C", stage]
    let session = try await ExecSession.start(
      commands.request(command, hasInput: true), with: commands.client)
    return try await withThrowingTaskGroup(of: Half.self) { group in
      defer { group.cancelAll() }
      let local = packer.path
      group.addTask {
        do {
          var archive = try TreePacker(local).archive(as: PodCopy.root)
          while let piece = try archive.next() {
            // A tar that has ended early says why.
            guard try await session.send(piece) else { return .sendingBroke }
          }
          try await session.endInput()
          return .sent(archive.counts)
        } catch let error as KubeError {
          throw error
        } catch {
          // The connection: how the command ended says more.
          return .sendingBroke
        }
      }
      group.addTask {
        var errors = ErrorLines()
        let outcome = try await session.run { _, bytes in errors.add(bytes) }
        return .ended(outcome, errors)
      }
      var sent: CopyCounts?
      while let half = try await group.next() {
        switch half {
        case .sent(let counts): sent = counts
        case .sendingBroke: break
        case .ended(let outcome, let errors):
          guard outcome == .exited(0) else { throw commands.trouble(outcome, command, errors) }
          // Only an archive that was sent to its end was read to its end.
          guard let sent else { throw cut() }
          return sent
        }
      }
      throw cut()
    }
  }

  private func cut() -> KubeError {
    KubeError(
      .unreachable,
      "the connection to \(commands.name) broke off while files were sent; nothing was changed")
  }

  private func put(_ stage: String, _ target: String, _ children: [String], isMerge: Bool)
    async throws
  {
    let copy = stage + "/" + String(decoding: PodCopy.root, as: UTF8.self)
    var rest = children[...]
    guard isMerge else { return try await commands.must(["mv", "-f", copy, target]) }
    while !rest.isEmpty {
      // Arguments travel in a URL.
      let some = rest.prefix(16)
      rest = rest.dropFirst(some.count)
      try await commands.must(["cp", "-a"] + some.map { "\(copy)/\($0)" } + ["\(target)/"])
    }
  }

  /// Removes what did not become whole, also when somebody interrupts.
  private func remove(_ stage: String) async {
    let commands = commands
    await Task { try? await commands.must(["rm", "-rf", stage]) }.value
  }
}
