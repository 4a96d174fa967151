import Glibc
import PythonSubset
import Testing

/// Renders real sources for `Benchmarks/python-syntax/compare.py`, which compares them with
/// CPython's trees. Runs only when that script asks for it.
@Suite struct TreeComparison {
  @Test(.enabled(if: getenv("OMCOPS_PYTHON_SOURCES") != nil))
  func `renders the sources that the comparison names`() throws {
    guard let named = getenv("OMCOPS_PYTHON_SOURCES") else { return }
    let list = try #require(Self.contents(of: String(cString: named)))
    for line in list.split(separator: 10) {
      let sides = line.split(separator: 9)
      let source = String(decoding: sides[0], as: UTF8.self)
      let destination = String(decoding: sides[1], as: UTF8.self)
      let bytes = try #require(Self.contents(of: source))
      var text: String
      do {
        text = TreeDump.render(try Module.parse(bytes, file: source), positions: true)
      } catch {
        text = "failure: \(error.message)"
      }
      try #require(Self.write(text, to: destination))
    }
  }

  static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  static func write(_ text: String, to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
  }
}
