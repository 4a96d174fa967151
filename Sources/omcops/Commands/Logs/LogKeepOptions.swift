internal import ArgumentParser
internal import LogOps
internal import Quantities

/// Whether logs are kept in files, and how large and old those become.
struct LogKeepOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write each container's log to NAMESPACE/POD/CONTAINER.log in this folder instead of printing it. "
        + "A later run goes on where the last one stopped.", valueName: "folder"),
    completion: .directory)
  var to: String?

  @Option(
    help: ArgumentHelp(
      "With --to: begin a new file at this size (default 100MiB); older ones are compressed.",
      valueName: "size"))
  var rotateSize: String?

  @Option(
    help: ArgumentHelp(
      "With --to: begin a new file after so long (default 24h).", valueName: "duration"))
  var rotateEvery: String?

  func validate() throws {
    if to == nil, rotateSize ?? rotateEvery != nil {
      throw ValidationError("--rotate-size and --rotate-every go with --to")
    }
    if to == "" { throw ValidationError("--to names no folder") }
    _ = try rotation()
  }

  private func rotation() throws -> LogFolder.Rotation {
    var rotation = LogFolder.Rotation()
    if let rotateSize {
      guard let size = ByteCount(parsing: rotateSize), size.bytes >= 4096 else {
        throw ValidationError(
          "--rotate-size is \"\(rotateSize)\"; it must be like 100MiB, and at least 4KiB")
      }
      rotation.size = size
    }
    if let rotateEvery {
      guard let every = Duration(parsing: rotateEvery), every >= .seconds(1) else {
        throw ValidationError(
          "--rotate-every is \"\(rotateEvery)\"; it must be like 24h, and at least 1s")
      }
      rotation.every = every
    }
    return rotation
  }

  /// The folder; nil where logs are printed.
  func folder(since: LogTime?) throws -> LogFolder? {
    guard let to else { return nil }
    return try LogFolder(to, since: since, rotation: try rotation())
  }
}
