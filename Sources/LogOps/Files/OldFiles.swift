internal import Archive
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Closed parts of logs, `CONTAINER.log.20261129T021600Z`, and their compression.
final class OldFiles: Sendable {
  private let waiting = Mutex<[FilePath]>([])

  /// Gives a log's file the name of a closed one.
  func close(_ log: FilePath) throws {
    let stamp = OldFiles.stamp(LogTime.now())
    var target = FilePath("\(log).\(stamp)")
    var number = 1
    while access(target.string, F_OK) == 0 || access("\(target).gz", F_OK) == 0 {
      number += 1
      target = FilePath("\(log).\(stamp)-\(number)")
    }
    guard rename(log.string, target.string) == 0 else {
      throw OutputLost(file: log.string, reason: "\(Errno(rawValue: errno))")
    }
    waiting.withLock { $0.append(target) }
  }

  /// `20261129T021600Z`
  static func stamp(_ time: LogTime) -> String {
    var second = time_t(time.seconds)
    var fields = tm()
    gmtime_r(&second, &fields)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(fields.tm_year + 1900)\(two(fields.tm_mon + 1))\(two(fields.tm_mday))"
      + "T\(two(fields.tm_hour))\(two(fields.tm_min))\(two(fields.tm_sec))Z"
  }

  /// Takes over what an earlier run closed and did not come to compress.
  func adopt(of log: FilePath) {
    guard let name = log.lastComponent?.string,
      let folder = opendir(log.removingLastComponent().string)
    else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let found = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let path = log.removingLastComponent().appending(found)
      if found.hasPrefix("\(name)."), OldFiles.isStamp(found.dropFirst(name.count + 1)) {
        waiting.withLock { if !$0.contains(path) { $0.append(path) } }
      }
    }
  }

  private static func isStamp(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count >= 16 && bytes[8] == UInt8(ascii: "T") && bytes[15] == UInt8(ascii: "Z")
      && bytes[..<8].allSatisfy(\.isDigit) && bytes[9..<15].allSatisfy(\.isDigit)
      && (bytes.count == 16
        || bytes[16] == UInt8(ascii: "-") && bytes[17...].allSatisfy(\.isDigit))
  }

  /// Compresses what waits.
  func compress() async throws {
    while let path = waiting.withLock({ $0.first }) {
      try await OldFiles.compress(path)
      waiting.withLock { $0.removeAll { $0 == path } }
    }
  }

  /// Writes the compressed file aside; the plain one goes when it has its name.
  private static func compress(_ path: FilePath) async throws {
    guard let name = path.lastComponent?.string else { return }
    let target = FilePath("\(path).gz")
    let folder = path.removingLastComponent()
    if access(target.string, F_OK) != 0 {
      let aside = "\(name).part"
      let part = folder.appending(aside + ".gz")
      unlink(part.string)
      do {
        let writer = try DataFileWriter(creating: aside, in: folder)
        let reader = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? reader.close() }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { piece.deallocate() }
        while case let count = try reader.read(into: piece), count > 0 {
          try writer.append(Bytes(rebasing: piece[..<count]))
          try Task.checkCancellation()
          await Task.yield()
        }
        _ = try writer.finish()
        try DurableFile.rename(part, to: target)
      } catch let error as Errno {
        unlink(part.string)
        throw OutputLost(file: target.string, reason: "\(error)")
      } catch {
        unlink(part.string)
        throw error
      }
    }
    unlink(path.string)
  }
}
