import SeededRandom

/// Damages the files of archives: bits that flipped, parts that are missing, and what somebody
/// writes who wants to bring the reader down.
struct ArchiveMutator {
  /// What was changed.
  struct Mutant {
    var seed: Int
    /// The files that differ; nil for one that is gone.
    var files: [String: [UInt8]?]
    /// Whether nothing was done but to cut off ends or take away files.
    var isCut: Bool
    /// The first byte that differs, where a single file was changed.
    var firstChange: Int
  }

  let seeds: [ArchiveSeed]
  private let names: [[String]]

  init(seeds: [ArchiveSeed]) {
    self.seeds = seeds
    names = seeds.map { $0.files.keys.sorted() }
  }

  /// The mutant of a number; the same in every run over the same seeds.
  func mutant(_ number: Int) -> Mutant {
    var random = SeededRandom(state: UInt64(number))
    let place = random.below(seeds.count)
    let seed = seeds[place]
    let name = random.pick(names[place], or: "")
    let original = seed.files[name] ?? []
    if seed.isFolder, random.below(40) == 0 { return whole(place, name, &random) }
    if random.below(8) == 0 {
      let cut = Array(original.prefix(random.below(original.count)))
      return Mutant(seed: place, files: [name: cut], isCut: true, firstChange: cut.count)
    }
    var bytes = original
    for _ in 0...random.below(3) { damage(&bytes, &random) }
    let same = zip(bytes, original).prefix { $0 == $1 }.count
    return Mutant(seed: place, files: [name: bytes], isCut: false, firstChange: same)
  }

  /// A file that is gone, another's, or one too many.
  private func whole(_ place: Int, _ name: String, _ random: inout SeededRandom) -> Mutant {
    let seed = seeds[place]
    let other = random.pick(names[place], or: name)
    switch random.below(3) {
    case 0: return Mutant(seed: place, files: [name: nil], isCut: true, firstChange: 0)
    case 1 where other != name:
      let files = [name: seed.files[other], other: seed.files[name]]
      return Mutant(seed: place, files: files, isCut: false, firstChange: 0)
    default:
      let files: [String: [UInt8]?] = [name + random.pick([".gz", ".zst", "x"], or: "x"): [1, 2]]
      return Mutant(seed: place, files: files, isCut: false, firstChange: 0)
    }
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(random.below(256))) }
    // Most of what a reader decides by stands at the start.
    let span = random.below(2) == 0 ? bytes.count : min(bytes.count, 300)
    let place = random.below(span)
    let length = min(bytes.count - place, 1 + random.below(random.below(4) == 0 ? 600 : 12))
    switch random.below(10) {
    case 0...1: bytes[place] ^= 1 << UInt8(random.below(8))
    case 2: bytes[place] = random.pick([0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x0A, 0x27, 0x5C], or: 0)
    case 3: bytes.removeSubrange(place..<(place + length))
    case 4: bytes.insert(contentsOf: Array(bytes[place..<(place + length)]), at: place)
    case 5: bytes.replaceSubrange(place..<(place + length), with: noise(length, &random))
    case 6: bytes.insert(contentsOf: integer(&random), at: place)
    case 7: overwrite(&bytes, at: place, with: integer(&random))
    case 8: splice(&bytes, at: place, &random)
    default:
      let text = random.pick(ArchiveMutator.texts, or: "")
      bytes.replaceSubrange(place..<min(bytes.count, place + text.utf8.count), with: text.utf8)
    }
  }

  private func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// A number as archives write it: the sort that makes readers allocate, loop or overflow.
  private func integer(_ random: inout SeededRandom) -> [UInt8] {
    let value: UInt32 = random.pick(
      [0, 1, 2, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000_0000, 400], or: 0)
    return [UInt8(random.below(2))] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with other: [UInt8]) {
    for (offset, byte) in other.enumerated() where place + offset < bytes.count {
      bytes[place + offset] = byte
    }
  }

  private func splice(_ bytes: inout [UInt8], at place: Int, _ random: inout SeededRandom) {
    let other = random.below(seeds.count)
    let source = seeds[other].files[random.pick(names[other], or: "")] ?? []
    guard !source.isEmpty else { return }
    let start = random.below(source.count)
    let part = source[start..<min(source.count, start + 1 + random.below(400))]
    bytes.insert(contentsOf: Array(part), at: place)
  }

  private static let texts = [
    "TABLE DATA", "BLOBS", "BLOB METADATA", "ENCODING", "STDSTRINGS", "../../etc/passwd",
    "\\.\n", "$$", "/*", "--", "';", "\"", "\\connect x\n", "COPY t FROM stdin;\n", "-1", "\u{0}",
    "9223372036854775808", "18446744073709551615", "e+308", "\u{FF}", "{\"", "null", "[[[[",
  ]
}
