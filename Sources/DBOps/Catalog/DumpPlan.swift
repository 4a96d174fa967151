internal import Archive
internal import Diagnostics

/// The order in which a database's objects are restored, with every loop among them broken.
struct DumpPlan {
  /// The objects in the order of a restore.
  private(set) var objects: [DumpObject]
  /// For each object the places of those it depends on, in the same order.
  private(set) var dependencies: [[Int]]

  /// Plans a restore; throws `UnsupportedObjects` with all that cannot be held in an archive.
  init(_ catalog: Catalog) throws {
    var maker = CatalogObjects(catalog)
    while true {
      let order = DumpOrder(maker.make(), catalog.dependencies)
      if try DumpPlan.postpone(order, &maker) { continue }
      switch order.sorted() {
      case .success(let places):
        (objects, dependencies) = DumpPlan.arrange(order, places)
        return
      case .failure(let loop): try DumpPlan.breakLoop(loop.members, of: order, &maker)
      }
    }
  }

  private static func arrange(
    _ order: DumpOrder, _ places: [Int]
  ) -> ([DumpObject], [[Int]]) {
    var newPlaces = [Int](repeating: 0, count: places.count)
    for (new, old) in places.enumerated() { newPlaces[old] = new }
    return (
      places.map { order.objects[$0] },
      places.map { order.dependencies[$0].map { newPlaces[$0] } }
    )
  }

  /// Objects of an earlier section may lean on those of a later one: a view that groups by a
  /// primary key needs the key, which is made after the data. Says whether anything was changed.
  private static func postpone(
    _ order: DumpOrder, _ maker: inout CatalogObjects
  ) throws -> Bool {
    var isChanged = false
    var stuck: [UnsupportedObject] = []
    for (place, object) in order.objects.enumerated() {
      let late = order.dependencies[place].first {
        order.objects[$0].section.rawValue > object.section.rawValue
      }
      guard let late else { continue }
      switch object.kind {
      case .view: maker.placeholders.insert(object.key.address.oid)
      case .domain where maker.separateDefault(of: object, calling: [order.objects[late]]): break
      case _ where maker.separate(object.checks): break
      case .materializedView, .function, .procedure, .columnDefault, .aggregate, .cast, .operator,
        .operatorFamily, .operatorClass, .transform:
        maker.postponed.insert(object.key)
      default:
        stuck.append(
          object.unsupported(
            "it needs \(order.objects[late].phrase), which is restored after the data"))
        continue
      }
      isChanged = true
    }
    if !stuck.isEmpty { throw UnsupportedObjects(objects: stuck) }
    return isChanged
  }

  /// Breaks a loop at the object where it costs least: a view is made as a placeholder first, a
  /// check apart from its table, a default apart from its domain.
  private static func breakLoop(
    _ members: [Int], of order: DumpOrder, _ maker: inout CatalogObjects
  ) throws {
    let objects = members.sorted().map { order.objects[$0] }
    if let view = objects.first(where: {
      $0.kind == .view && !maker.placeholders.contains($0.key.address.oid)
    }) {
      maker.placeholders.insert(view.key.address.oid)
      return
    }
    if objects.contains(where: { maker.separateDefault(of: $0, calling: objects) }) { return }
    if maker.separate(objects.flatMap(\.checks)) { return }
    let names = objects.map(\.phrase).joined(separator: ", ")
    throw UnsupportedObjects(
      objects: objects.map { $0.unsupported("it is part of a loop of dependencies: \(names)") })
  }
}

extension CatalogObjects {
  /// Has checks made apart from their tables and domains; false where all of them are already.
  fileprivate mutating func separate(_ checks: [UInt32]) -> Bool {
    let before = separateChecks.count
    separateChecks.formUnion(checks)
    return separateChecks.count > before
  }

  /// Has the default of a domain set after it where that calls one of `others`; false where it does
  /// not, or is already.
  fileprivate mutating func separateDefault(
    of domain: DumpObject, calling others: [DumpObject]
  ) -> Bool {
    guard domain.kind == .domain else { return false }
    let needs = Set(needsOfDefault(domain.key.address.oid))
    guard others.contains(where: { !needs.isDisjoint(with: $0.claims) }) else { return false }
    return separateDomainDefaults.insert(domain.key.address.oid).inserted
  }
}

extension DumpObject {
  /// The checks that are made with it.
  fileprivate var checks: [UInt32] {
    guard [.table, .foreignTable, .domain].contains(kind) else { return [] }
    return claims.filter { $0.catalog == .constraint }.map(\.oid)
  }

  /// The object in words: `view public.v`.
  var phrase: String { "\(kind.name.lowercased()) \(identity)" }

  /// Its name in its schema. The tags of casts, transforms and user mappings begin with the kind.
  private var identity: String {
    let word = kind.name + " "
    let name = tag.hasPrefix(word) ? String(tag.dropFirst(word.count)) : tag
    return (schema.map { $0 + "." } ?? "") + name
  }

  func unsupported(_ reason: String) -> UnsupportedObject {
    UnsupportedObject(
      kind: kind.name.lowercased(), identity: identity, reason: reason)
  }
}

/// The database holds what a backup cannot: nothing was written.
struct UnsupportedObjects: Failure {
  var database = ""
  var objects: [UnsupportedObject]

  var message: String {
    let what = objects.count == 1 ? "an object" : "\(objects.count) objects"
    return
      "cannot back up \"\(database)\": it has \(what) that an archive of omcops cannot hold yet"
  }
  var details: [String] { objects.map(\.description) }
  var hint: String? {
    "nothing was written; a backup that leaves them out would not be one of the whole database"
  }
  var status: ExitStatus { .refused }
}
