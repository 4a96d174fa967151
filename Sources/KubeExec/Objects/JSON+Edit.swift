internal import JSON
internal import OrderedCollections

extension JSON {
  /// The object with these members set; null leaves one as it is.
  func merging(_ members: OrderedDictionary<String, JSON>) -> JSON {
    guard case .object(var object) = self else { return self }
    for (key, value) in members where value != .null { object[key] = value }
    return .object(object)
  }

  /// The object without what stands at the end of a path of keys.
  func removing(_ path: String...) -> JSON { removing(path[...]) }

  private func removing(_ path: ArraySlice<String>) -> JSON {
    guard case .object(var object) = self, let key = path.first, let member = object[key] else {
      return self
    }
    if path.count == 1 {
      object.removeValue(forKey: key)
    } else {
      object[key] = member.removing(path.dropFirst())
    }
    return .object(object)
  }

  /// Whether it says all that another one says; members that it has besides, as those that a server
  /// fills in, do not matter, and null means that there is no such member.
  func holds(_ wanted: JSON) -> Bool {
    switch (self, wanted) {
    case (.object(let mine), .object(let theirs)):
      theirs.allSatisfy { key, value in mine[key].map { $0.holds(value) } ?? value.saysNothing }
    case (.array(let mine), .array(let theirs)):
      mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.holds($1) }
    default: self == wanted
    }
  }

  /// Null, or an object of nothing else: what a merge takes away or leaves away.
  private var saysNothing: Bool {
    switch self {
    case .null: true
    case .object(let members): members.values.allSatisfy(\.saysNothing)
    default: false
    }
  }
}
