import Archive
import Digest
import Testing

@Suite("Hashes of contents")
struct ContentHashTests {
  private func hash(_ rows: [String]) -> ContentHash {
    var hash = ContentHash()
    for row in rows { Array(row.utf8).withUnsafeBytes { hash.add($0) } }
    return hash
  }

  @Test(
    "one row's is MurmurHash3 x64_128, whatever its length leaves over of a block",
    arguments: [
      ("", "00000000000000000000000000000000"),
      ("hello", "cbd8a7b341bd9b025b1e906a48ae1d19"),
      ("01234567", "8236039b7387354dc3369387d8964920"),
      ("012345678", "4c1e87519fe738ba72a17af899d597f1"),
      ("0123456789abcdef", "4be06d94cf4ad1a787c35b5c63a708da"),
      ("The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347"),
    ])
  func vectors(_ text: String, _ expected: String) throws {
    #expect(hash([text]).description == expected)
    #expect(try #require(ContentHash(expected)) == hash([text]))
  }

  @Test("the order of rows does not matter, their number and texts do")
  func multiset() {
    let rows = (0..<50).map { "\($0)\tname \($0 * 7919 % 1000)\n" }
    let whole = hash(rows)
    #expect(hash(rows.reversed()) == whole)
    var parts = hash(Array(rows[..<20]))
    parts.combine(hash(Array(rows[20...])))
    #expect(parts == whole)
    // A XOR would not see this one.
    #expect(hash(rows + [rows[7], rows[7]]) != whole)
    #expect(hash(Array(rows.dropLast())) != whole)
    #expect(hash(rows.dropLast() + ["49\tname 32\n"]) != whole)
    #expect(hash(["a\tb\n", "c\td\n"]) != hash(["a\td\n", "c\tb\n"]))
    #expect(hash(["\n", "\n"]) != hash([]))
  }

  @Test(
    "only 32 lower-case digits are read",
    arguments: ["", "0", "CBD8A7B341BD9B025B1E906A48AE1D19", "-0000000000000000000000000000001"])
  func refused(_ text: String) { #expect(ContentHash(text) == nil) }

  @Test("a file's rows have the same hash however the file is cut into pieces")
  func pieces() {
    let long = "333\t" + String(repeating: "x", count: 100) + "\n"
    let rows = ["1\tone\n", "\n", "22\t\\\\.\n", long]
    let bytes = Array((rows.joined() + "\\.\n\n\n").utf8)
    for size in [1, 2, 3, 7, 16, 50, bytes.count] {
      var counter = CopyRowCounter()
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { counter.add($0) }
      }
      #expect(counter.content == hash(rows))
      #expect(counter.rows == 4)
      #expect(counter.isEnded && !counter.isCut && !counter.hasTrailingData)
    }
  }
}
