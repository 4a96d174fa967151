/// Finds bytes within bytes.
enum ByteSearch {
  static func first(of part: [UInt8], in bytes: [UInt8], from start: Int = 0, to end: Int? = nil)
    -> Int?
  {
    let end = end ?? bytes.count
    guard part.count <= end - start else { return nil }
    if part.isEmpty { return start }
    return bytes.withUnsafeBufferPointer { bytes in
      part.withUnsafeBufferPointer { part in
        (start...(end - part.count)).first { offset in
          bytes[offset] == part[0] && (1..<part.count).allSatisfy { bytes[offset + $0] == part[$0] }
        }
      }
    }
  }

  static func last(of part: [UInt8], in bytes: [UInt8], from start: Int = 0, to end: Int? = nil)
    -> Int?
  {
    let end = end ?? bytes.count
    guard part.count <= end - start else { return nil }
    return (start...(end - part.count)).last { Array(bytes[$0..<$0 + part.count]) == part }
  }
}

extension PythonString {
  /// The UTF-8 as an array.
  var utf8: [UInt8] { Array(string.utf8) }

  /// The index of the first occurrence of a part within a range.
  func firstIndex(of part: PythonString, from start: Int = 0, to end: Int? = nil) -> Int? {
    find(part, start, end ?? count, ByteSearch.first)
  }

  /// The index of the last occurrence of a part within a range.
  func lastIndex(of part: PythonString, from start: Int = 0, to end: Int? = nil) -> Int? {
    find(part, start, end ?? count, ByteSearch.last)
  }

  /// Searches in UTF-8, whose sequences never begin within one another.
  private func find(
    _ part: PythonString, _ start: Int, _ end: Int,
    _ search: ([UInt8], [UInt8], Int, Int?) -> Int?
  ) -> Int? {
    guard start <= end, start <= count else { return nil }
    if isASCII { return part.isASCII ? search(part.utf8, utf8, start, end) : nil }
    let slice = self[start..<end].utf8
    guard let offset = search(part.utf8, slice, 0, slice.count) else { return nil }
    return start + slice[..<offset].count { $0 & 0xC0 != 0x80 }
  }
}
