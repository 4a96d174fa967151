internal import Digest
internal import Glibc
internal import OrderedCollections
internal import Synchronization
internal import SystemPackage

/// A masked stream on its way into a file of `evidence/`, hashed as it is written.
///
/// A file takes at most `limit` bytes; what follows is read and dropped, so that a script that
/// babbles fills no disk.
final class EvidenceFile: Sendable {
  static let limit = 64 << 20

  private struct State: Sendable {
    var stream: MaskingStream
    var file: FileDescriptor?
    var written = 0
    var failure: RunError?
  }

  let name: String
  private let path: FilePath
  private let state: Mutex<State>

  init(_ name: String, in folder: RunFolder, masker: Masker) throws(RunError) {
    self.name = name
    path = folder.evidence(name)
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite])
      state = Mutex(State(stream: masker.stream(), file: file))
    } catch {
      throw DurableFile.failure("write", path, error)
    }
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    state.withLock { state in
      let shown = state.stream.push(bytes)
      write(shown, &state)
    }
  }

  private func write(_ bytes: [UInt8], _ state: inout State) {
    guard state.failure == nil, let file = state.file else { return }
    let room = max(0, EvidenceFile.limit - state.written)
    do {
      try file.writeAll(bytes.prefix(room))
      state.written += min(room, bytes.count)
    } catch {
      state.failure = DurableFile.failure("write", path, error)
    }
  }

  /// Ends the file and gives the SHA-256 of what it holds; nil where it holds nothing.
  func finish() throws(RunError) -> String? {
    let (written, failure) = state.withLock { state in
      let rest = state.stream.finish()
      write(rest, &state)
      if let file = state.file {
        do {
          try DurableFile.sync(file)
          try file.close()
        } catch {
          state.failure = state.failure ?? DurableFile.failure("write", path, error)
        }
        state.file = nil
      }
      return (state.written, state.failure)
    }
    if let failure { throw failure }
    if written == 0 {
      unlink(path.string)
      return nil
    }
    return SHA256.hex(of: try DurableFile.read(path))
  }
}

/// The first part of a stream, for `result`.
final class BoundedCapture: Sendable {
  static let limit = 1 << 20

  private let bytes = Mutex<[UInt8]>([])

  func append(_ chunk: UnsafeRawBufferPointer) {
    bytes.withLock { $0 += chunk.prefix(max(0, BoundedCapture.limit - $0.count)) }
  }

  /// As `$(...)` gives it: without the line breaks at its end.
  var text: String {
    bytes.withLock { bytes in
      let end = bytes.lastIndex { $0 != 0x0A }.map { $0 + 1 } ?? 0
      return String(decoding: bytes[..<end], as: UTF8.self)
    }
  }
}
