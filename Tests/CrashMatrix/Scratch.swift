internal import Glibc
internal import Postgres
internal import ProgramRunner
internal import Subprocess
internal import SystemPackage

/// Runs `body` with an empty folder that is gone afterwards.
func withScratchFolder<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
  var template = Array("/tmp/omcops-integration-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
  let folder = FilePath(
    String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  do {
    let result = try await body(folder)
    try await remove(folder)
    return result
  } catch {
    try await remove(folder)
    throw error
  }
}

private func remove(_ folder: FilePath) async throws {
  _ = try await Program("/bin/rm").run(["-rf", folder.string])
}

/// The root of the repository, found from this file's own place.
var repository: FilePath {
  FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
}

/// Makes a folder; its parent is there.
func makeFolder(_ path: FilePath) throws {
  if mkdir(path.string, 0o755) != 0 { throw Errno(rawValue: errno) }
}

/// Writes a new file.
func write(_ text: String, to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
  try file.closeAfter { _ = try file.writeAll(text.utf8) }
}

/// A file's bytes.
func read(_ path: FilePath) throws -> [UInt8] {
  let file = try FileDescriptor.open(path, .readOnly)
  return try file.closeAfter {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = try piece.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }
}

/// The names in a folder, sorted; none when there is no such folder.
func entries(of folder: FilePath) throws -> [String] {
  guard let stream = opendir(folder.string) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The program did not end as it should have; says what it said.
struct UnexpectedEnd: Error, CustomStringConvertible {
  var description: String
}

/// Throws when a program ended with another exit code.
func require(_ result: ProgramResult, is exitCode: Int32) throws {
  guard result.exitCode == exitCode else {
    throw UnexpectedEnd(
      description: "ended with \(result.status)\n\(result.errorOutput)\n\(result.output)")
  }
}

/// Runs `body` for each value, a few at once.
func eachOf<Values: Sequence & Sendable>(
  _ values: Values, atOnce width: Int,
  _ body: @escaping @Sendable (Values.Element) async throws -> Void
) async throws where Values.Element: Sendable {
  try await withThrowingTaskGroup(of: Void.self) { group in
    var running = 0
    for value in values {
      if running == width {
        try await group.next()
        running -= 1
      }
      group.addTask { try await body(value) }
      running += 1
    }
    try await group.waitForAll()
  }
}

/// A server's address as text for `--url`; the test servers have no passwords.
func address(of settings: ConnectionSettings) -> String {
  settings.parameters.sorted { $0.key < $1.key }
    .map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
}

/// The positions at which a matrix kills: so many of them, drawn by lot, or all of them with
/// OMCOPS_TEST_WHOLE_MATRIX.
func positions(_ all: some Sequence<Int>, byLot count: Int) -> [Int] {
  if getenv("OMCOPS_TEST_WHOLE_MATRIX") != nil { return Array(all) }
  return all.shuffled().prefix(count).sorted()
}
