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
}
