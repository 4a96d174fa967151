internal import Archive

/// Puts objects into the order of a restore.
///
/// Objects are first ranked by section, kind, schema and name, so that two backups of one schema
/// list it alike; then each is put behind what it depends on, and moved no further than that asks.
struct DumpOrder {
  private(set) var objects: [DumpObject]
  /// For each object the places of those it depends on.
  private(set) var dependencies: [[Int]]

  /// Ranks `objects` and works out who depends on whom.
  init(_ objects: [DumpObject], _ edges: [Dependency]) {
    self.objects = objects.sorted(by: DumpOrder.precedes)
    dependencies = DumpOrder.link(self.objects, edges)
  }

  private static func precedes(_ a: DumpObject, _ b: DumpObject) -> Bool {
    if a.section != b.section { return a.section.rawValue < b.section.rawValue }
    if a.kind.priority != b.kind.priority { return a.kind.priority < b.kind.priority }
    let (aSchema, bSchema) = (a.schema ?? "", b.schema ?? "")
    if aSchema != bSchema { return aSchema < bSchema }
    if a.sortName != b.sortName { return a.sortName < b.sortName }
    return a.key < b.key
  }

  private static func link(_ objects: [DumpObject], _ edges: [Dependency]) -> [[Int]] {
    var places: [ObjectKey: Int] = [:]
    var owners: [ObjectAddress: Int] = [:]
    for (place, object) in objects.enumerated() {
      places[object.key] = place
      for address in object.claims { owners[address] = place }
    }
    let wholes = wholes(edges)
    func owner(_ address: ObjectAddress) -> Int? {
      var address = address
      // The catalogs allow no loops here; the bound is for those that are damaged.
      for _ in 0..<8 {
        if let owner = owners[address] { return owner }
        guard let whole = wholes[address] else { return nil }
        address = whole
      }
      return nil
    }
    var links = objects.map { object in
      object.requires.compactMap { key in
        places[key] ?? (key.facet == .definition ? owner(key.address) : nil)
      }
    }
    var seen = links.map(Set.init)
    let shells = shellUsers(edges, places)
    for edge in edges where edge.form != "e" {
      guard let from = owners[edge.dependent],
        let to = shells[edge] ?? owner(edge.referenced), from != to,
        !objects[from].needsNot.contains(edge.referenced)
      else { continue }
      if seen[from].insert(to).inserted { links[from].append(to) }
    }
    return links
  }

  /// A type's own functions, which the type needs, need no more of it than its name.
  private static func shellUsers(
    _ edges: [Dependency], _ places: [ObjectKey: Int]
  ) -> [Dependency: Int] {
    var users: [Dependency: Int] = [:]
    for edge in edges where edge.dependent.catalog == .type {
      guard let shell = places[ObjectKey(edge.dependent, .shell)] else { continue }
      users[Dependency(of: edge.referenced, on: edge.dependent)] = shell
    }
    return users
  }

  /// What each part belongs to: an extension's member to the extension, an array type to its
  /// element, a row type to its table. The part is there as soon as the whole is.
  private static func wholes(_ edges: [Dependency]) -> [ObjectAddress: ObjectAddress] {
    var wholes: [ObjectAddress: ObjectAddress] = [:]
    for edge in edges where edge.form == "i" { wholes[edge.dependent] = edge.referenced }
    for edge in edges where edge.form == "e" { wholes[edge.dependent] = edge.referenced }
    return wholes
  }

  /// The objects' places in the order of a restore, or those of one loop that stands in the way.
  ///
  /// Works from the end: of all objects that nothing left depends on, the one that ranks last goes
  /// to the end. So everything stands as late as its rank and its dependents let it.
  func sorted() -> Result<[Int], Loop> {
    var dependents = [Int](repeating: 0, count: objects.count)
    for links in dependencies { for link in links { dependents[link] += 1 } }
    var ready = MaximumHeap(dependents.indices.filter { dependents[$0] == 0 })
    var order: [Int] = []
    while let last = ready.popMax() {
      order.append(last)
      for link in dependencies[last] {
        dependents[link] -= 1
        if dependents[link] == 0 { ready.insert(link) }
      }
    }
    guard order.count == objects.count else { return .failure(Loop(members: loop(dependents))) }
    return .success(order.reversed())
  }

  /// Objects that depend on one another.
  struct Loop: Error {
    var members: [Int]
  }

  /// One loop among the objects that still have dependents: walks along dependencies until it
  /// comes back to where it has been.
  private func loop(_ dependents: [Int]) -> [Int] {
    // From an object that something depends on, those that depend on it are walked: each of them
    // has a dependent too, or it would have been taken.
    var users: [[Int]] = Array(repeating: [], count: objects.count)
    for (place, links) in dependencies.enumerated() where dependents[place] > 0 {
      for link in links where dependents[link] > 0 { users[link].append(place) }
    }
    guard var place = users.indices.first(where: { !users[$0].isEmpty }) else { return [] }
    var path: [Int] = []
    while !path.contains(place) {
      path.append(place)
      guard let next = users[place].first else { return path }
      place = next
    }
    return Array(path[(path.firstIndex(of: place) ?? 0)...])
  }
}

/// A binary heap that gives the largest number first.
private struct MaximumHeap {
  private var items: [Int] = []

  init(_ items: [Int]) {
    // A descending array is a heap.
    self.items = items.sorted(by: >)
  }

  mutating func insert(_ item: Int) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2] < items[child] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popMax() -> Int? {
    guard let largest = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return largest }
    items[0] = last
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < items.count else { return largest }
      if child + 1 < items.count, items[child + 1] > items[child] { child += 1 }
      if items[parent] >= items[child] { return largest }
      items.swapAt(parent, child)
      parent = child
    }
  }
}
