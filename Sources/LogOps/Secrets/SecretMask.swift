/// Finds secrets in the text of records: `password=...`, tokens, bearer credentials, cloud keys,
/// passwords in URLs, private keys.
///
/// It works on whole lines, so that a secret that came in two pieces is found too. Three quarters of
/// the bytes of a log are passed over by one look into a table; the rest ask a question or two.
final class SecretMask {
  /// What stands for a secret.
  static let mask = Array("********".utf8)

  /// What a byte may be the mark of.
  private static let marks: [UInt8] = {
    var table = [UInt8](repeating: 0, count: 256)
    for (text, kind) in [
      ("=:", 1), ("@", 2), ("K", 3), ("S", 3), ("J", 4), ("bB", 5), ("_", 6), ("-", 7),
    ] {
      for byte in text.utf8 { table[Int(byte)] = UInt8(kind) }
    }
    return table
  }()

  /// A pointer spares the array's checks for every byte.
  private let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)

  init() { table.initialize(from: SecretMask.marks, count: 256) }

  deinit { table.deallocate() }

  /// Adds the text with its secrets hidden to a buffer; false, and nothing is added, where it holds
  /// none.
  func hide(in text: Bytes, to output: ByteBuffer) -> Bool {
    guard var secret = next(in: text, from: 0) else { return false }
    var shown = 0
    while true {
      output.append(text.part(shown..<secret.lowerBound))
      output.append(SecretMask.mask)
      shown = secret.upperBound
      guard let following = next(in: text, from: shown) else { break }
      secret = following
    }
    output.append(text.part(shown..<text.count))
    return true
  }

  /// The first secret that begins at or behind a place.
  func next(in text: Bytes, from start: Int) -> Range<Int>? {
    guard let base = text.bindMemory(to: UInt8.self).baseAddress else { return nil }
    var place = start
    let count = text.count
    while place < count {
      // Four at a time, as long as none of them is a mark.
      while place &+ 4 <= count,
        table[Int(base[place])] | table[Int(base[place &+ 1])] | table[Int(base[place &+ 2])]
          | table[Int(base[place &+ 3])] == 0
      {
        place &+= 4
      }
      guard place < count else { return nil }
      let kind = table[Int(base[place])]
      if kind != 0, let secret = candidate(kind, text, place), secret.lowerBound >= start,
        !secret.isEmpty
      {
        return secret
      }
      place &+= 1
    }
    return nil
  }

  @inline(__always)
  private func candidate(_ kind: UInt8, _ text: Bytes, _ place: Int) -> Range<Int>? {
    switch kind {
    case 1: AssignedSecret.value(in: text, behind: place)
    case 2: KnownSecret.userInfo(in: text, before: place)
    case 3: KnownSecret.accessKey(in: text, around: place)
    case 4: KnownSecret.webToken(in: text, around: place)
    case 5: KnownSecret.bearer(in: text, at: place)
    case 6: KnownSecret.vendorToken(in: text, around: place)
    default:
      KnownSecret.vendorToken(in: text, around: place)
        ?? KnownSecret.privateKey(in: text, at: place)
    }
  }
}
