extension Interpreter {
  /// An iterator over a value: `iter(value)`.
  public func iterator(of value: Value) throws -> PythonIterator {
    if let iterator = try optionalIterator(of: value) { return iterator }
    throw PythonError(.typeError, "'\(value.typeName)' object is not iterable")
  }

  /// An iterator over a value; nil when the value is not iterable.
  public func optionalIterator(of value: Value) throws -> PythonIterator? {
    switch value {
    case .list(let list):
      var position = 0
      return ClosureIterator("list_iterator") { _ in
        guard position < list.items.count else { return nil }
        position += 1
        return list.items[position - 1]
      }
    case .tuple(let items): return ClosureIterator("tuple_iterator", over: items)
    case .str(let text):
      var position = 0
      return ClosureIterator("str_iterator") { _ in
        guard position < text.count else { return nil }
        position += 1
        return .str(text[position - 1..<position])
      }
    case .bytes(let bytes):
      return ClosureIterator("bytes_iterator", over: bytes.map { .int(Int($0)) })
    case .dict(let dict): return dict.iterator("dict_keyiterator") { $0.key }
    case .set(let set): return set.iterator()
    case .object(let object): return try nested { try object.iterator(self) }
    default: return nil
    }
  }

  /// Goes through the items of an iterable, counting a step for each.
  public func iterate(_ value: Value, _ body: (Value) throws -> Void) throws {
    switch value {
    case .tuple(let items):
      for item in items { try body(item) }
    default:
      let iterator = try iterator(of: value)
      while let item = try iterator.next(self) {
        try tick()
        try body(item)
      }
    }
  }

  /// All items of an iterable.
  public func items(_ value: Value) throws -> [Value] {
    switch value {
    case .tuple(let items): return items
    case .list(let list): return list.items
    default: break
    }
    var items: [Value] = []
    try iterate(value) {
      items.append($0)
      if items.count & 0xFFFF == 0 { try charge(items.count * 16) }
    }
    return items
  }

  /// `len(value)`; nil when the value has no length.
  public func optionalLength(_ value: Value) throws -> Int? {
    switch value {
    case .str(let text): text.count
    case .bytes(let bytes): bytes.count
    case .tuple(let items): items.count
    case .list(let list): list.items.count
    case .dict(let dict): dict.count
    case .set(let set): set.count
    case .object(let object): try object.length(self)
    default: nil
    }
  }

  /// `len(value)`; throws `TypeError`.
  public func length(_ value: Value) throws -> Int {
    if let length = try optionalLength(value) { return length }
    throw PythonError(.typeError, "object of type '\(value.typeName)' has no len()")
  }

  /// `item in container`.
  public func contains(_ container: Value, _ item: Value) throws -> Bool {
    func among(_ items: [Value]) throws -> Bool {
      try items.contains {
        try tick()
        return try $0.isIdentical(to: item) || equal($0, item)
      }
    }
    switch container {
    case .str(let text):
      guard let part = item.pythonString else {
        throw PythonError(
          .typeError,
          "'in <string>' requires string as left operand, not \(item.typeName)")
      }
      try tick(bytes: text.string.utf8.count)
      return text.firstIndex(of: part) != nil
    case .bytes(let bytes):
      try tick(bytes: bytes.count)
      if let byte = item.int { return bytes.contains { Int($0) == byte } }
      guard let part = item.bytes else {
        throw PythonError(
          .typeError, "a bytes-like object is required, not '\(item.typeName)'")
      }
      return ByteSearch.first(of: part, in: bytes) != nil
    case .tuple(let items): return try among(items)
    case .list(let list): return try among(list.items)
    case .dict(let dict): return try dict.value(for: item, self) != nil
    case .set(let set):
      if let inner = item.set, !inner.isFrozen {
        return try set.contains(.set(inner.copy(isFrozen: true)), self)
      }
      return try set.contains(item, self)
    case .object(let object):
      if let result = try object.contains(item, self) { return result }
    default: break
    }
    guard let iterator = try optionalIterator(of: container) else {
      throw PythonError(
        .typeError, "argument of type '\(container.typeName)' is not iterable")
    }
    while let candidate = try iterator.next(self) {
      try tick()
      if try candidate.isIdentical(to: item) || equal(candidate, item) { return true }
    }
    return false
  }

  /// `value[key]`.
  public func item(of value: Value, _ key: Value) throws -> Value {
    let slice = key.object(as: PythonSlice.self)
    switch value {
    case .list(let list):
      if let slice {
        return .list(try slice.positions(length: list.items.count, self).map { list.items[$0] })
      }
      return list.items[try position(key, list.items.count, "list")]
    case .tuple(let items):
      if let slice {
        return .tuple(try slice.positions(length: items.count, self).map { items[$0] })
      }
      return items[try position(key, items.count, "tuple")]
    case .str(let text): return .str(try substring(text, key, slice))
    case .bytes(let bytes):
      if let slice {
        return .bytes(try slice.positions(length: bytes.count, self).map { bytes[$0] })
      }
      return .int(Int(bytes[try position(key, bytes.count, "byte", noun: "")]))
    case .dict(let dict):
      guard let found = try dict.value(for: key, self) else {
        throw PythonError(.keyError, arguments: [key])
      }
      return found
    case .object(let object):
      if let result = try object.item(key, self) { return result }
    default: break
    }
    throw PythonError(.typeError, "'\(value.typeName)' object is not subscriptable")
  }

  private func substring(
    _ text: PythonString, _ key: Value, _ slice: PythonSlice?
  ) throws -> PythonString {
    guard let slice else {
      let index = try position(key, text.count, "string")
      return text[index..<index + 1]
    }
    let (first, last, by) = try slice.indices(length: text.count, self)
    if by == 1 {
      try tick(bytes: max(0, last - first))
      return text[first..<max(first, last)]
    }
    return try PythonString(scalars: slice.positions(length: text.count, self).map { text[$0] })
  }

  /// A key as a position in a sequence; negative ones count from the end.
  private func position(
    _ key: Value, _ count: Int, _ type: String, noun: String = " index"
  ) throws -> Int {
    guard let index = try optionalIndex(key)?.int else {
      throw PythonError(
        .typeError,
        type == "string" && key.typeName != "int"
          ? "string indices must be integers, not '\(key.typeName)'"
          : "\(type) indices must be integers or slices, not \(key.typeName)")
    }
    let position = index < 0 ? index + count : index
    guard position >= 0, position < count else {
      throw PythonError(
        .indexError,
        noun.isEmpty ? "index out of range" : "\(type)\(noun) out of range")
    }
    return position
  }

  /// `value[key] = new`.
  public func setItem(of value: Value, _ key: Value, to new: Value) throws {
    switch value {
    case .list(let list):
      if let slice = key.object(as: PythonSlice.self) {
        return try assign(slice, of: list, items(new))
      }
      do {
        list.items[try position(key, list.items.count, "list")] = new
      } catch let error as PythonError where error.isA(.indexError) {
        throw PythonError(.indexError, "list assignment index out of range")
      }
    case .dict(let dict): try dict.set(key, to: new, self)
    case .object(let object) where try object.setItem(key, to: new, self): break
    default:
      throw PythonError(
        .typeError, "'\(value.typeName)' object does not support item assignment")
    }
  }

  private func assign(_ slice: PythonSlice, of list: PythonList, _ new: [Value]) throws {
    let (first, last, by) = try slice.indices(length: list.items.count, self)
    if by == 1 {
      try charge((new.count + list.items.count - first) * 16)
      list.items.replaceSubrange(first..<max(first, last), with: new)
      return
    }
    let positions = try slice.positions(length: list.items.count, self)
    guard positions.count == new.count else {
      throw PythonError(
        .valueError,
        "attempt to assign sequence of size \(new.count) to extended slice of size "
          + "\(positions.count)")
    }
    for (position, item) in zip(positions, new) { list.items[position] = item }
  }

  /// `del value[key]`.
  public func deleteItem(of value: Value, _ key: Value) throws {
    switch value {
    case .list(let list):
      if let slice = key.object(as: PythonSlice.self) {
        try tick(list.items.count)
        let doomed = Set(try slice.positions(length: list.items.count, self))
        list.items = list.items.enumerated().filter { !doomed.contains($0.offset) }.map(\.element)
        return
      }
      do {
        let position = try position(key, list.items.count, "list")
        try tick(bytes: (list.items.count - position) * 16)
        list.items.remove(at: position)
      } catch let error as PythonError where error.isA(.indexError) {
        throw PythonError(.indexError, "list assignment index out of range")
      }
    case .dict(let dict):
      guard try dict.remove(key, self) != nil else {
        throw PythonError(.keyError, arguments: [key])
      }
    case .object(let object) where try object.deleteItem(key, self): break
    default:
      throw PythonError(
        .typeError, "'\(value.typeName)' object doesn't support item deletion")
    }
  }
}

extension PythonDict {
  /// An iterator over the entries, which ends with CPython's error when keys come or go meanwhile.
  func iterator(
    _ name: String, _ map: @escaping ((key: Value, value: Value)) -> Value
  ) -> PythonIterator {
    var position = 0
    let version = table.version
    return ClosureIterator(name) { [self] _ in
      if table.version != version {
        throw PythonError(.runtimeError, "dictionary changed size during iteration")
      }
      while position < table.entries.count {
        let entry = table.entries[position]
        position += 1
        if entry.isLive { return map((entry.key, entry.value)) }
      }
      return nil
    }
  }
}

extension PythonSet {
  func iterator() -> PythonIterator {
    var position = 0
    let version = table.version
    return ClosureIterator("set_iterator") { [self] _ in
      if table.version != version {
        throw PythonError(.runtimeError, "Set changed size during iteration")
      }
      while position < table.entries.count {
        position += 1
        if table.entries[position - 1].isLive { return table.entries[position - 1].key }
      }
      return nil
    }
  }
}
