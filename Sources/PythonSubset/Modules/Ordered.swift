extension Interpreter {
  /// The values in ascending order, equal ones as they stood: what `sorted` does.
  func ordered(_ values: [Value]) throws -> [Value] {
    guard values.count > 1 else { return values }
    let middle = values.count / 2
    let left = try ordered(Array(values[..<middle]))
    let right = try ordered(Array(values[middle...]))
    var merged: [Value] = []
    merged.reserveCapacity(values.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      try tick()
      if try truth(compare(.less, right[j], left[i])) {
        merged.append(right[j])
        j += 1
      } else {
        merged.append(left[i])
        i += 1
      }
    }
    return merged + left[i...] + right[j...]
  }
}
