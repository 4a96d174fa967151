internal import PythonSubset

extension Relationship {
  /// What an instance's relationship leads to, read from the database if need be.
  func load(for instance: MappedInstance, _ python: Interpreter) throws -> Value {
    let resolution = try resolved()
    guard let session = instance.session, instance.key != nil || isManyToOne(resolution) else {
      return try isMany ? .list([]) : .null
    }
    var values: [Value] = []
    for pair in resolution.pairs {
      guard let name = instance.mapper.attribute(of: pair.own) else { return try empty }
      values.append(try instance.attribute(name, python) ?? .null)
    }
    guard !values.contains(where: \.isNone) else { return try empty }
    let found: [Value]
    switch resolution.direction {
    case .manyToOne:
      found = try referred(resolution, values, session, python)
    case .oneToMany:
      let criteria = try zip(resolution.pairs, values).map {
        try Coercion(python).comparison($0.other.expression, .equal, $1)
      }
      found = try session.instances(
        of: resolution.target, where: criteria, order: orderItems(python))
    case .manyToMany(let middle):
      found = try through(middle, resolution, values, session, python)
    }
    let result: Value = try isMany ? .list(found) : found.first ?? .null
    instance.remember(name, try isMany ? .list(found) : result)
    return result
  }

  private var empty: Value {
    get throws { try isMany ? .list([]) : .null }
  }

  private func isManyToOne(_ resolution: Resolution) -> Bool {
    if case .manyToOne = resolution.direction { true } else { false }
  }

  private func orderItems(_ python: Interpreter) throws -> [OrderItem] {
    if order.isNone { return [] }
    if let text = order.string {
      return try OrderReading.items(namedOrder(text, python), python)
    }
    return try OrderReading.items(order.sequence ?? [order], python)
  }

  /// The order that a text names: `"Line.number"`, `"Line.at.desc()"`, `"desc(Line.at), Line.id"`.
  private func namedOrder(_ text: String, _ python: Interpreter) throws -> [Value] {
    try text.filter { !" []".contains($0) }.split(separator: ",").map { part in
      var words = part.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
      var direction: String?
      if part.contains("(") {
        let isCall = part.hasSuffix(".desc()") || part.hasSuffix(".asc()")
        direction = isCall ? words.removeLast() : words.removeFirst()
      }
      guard words.count == 2, direction == nil || direction == "desc" || direction == "asc",
        let column = try declaringRegistry.mapper(named: words[0]).columns[words[1]]
      else { throw Unsupported("the order \"\(text)\" of relationship \(name)") }
      let value = Value.object(ColumnObject.of(column))
      return try direction.map { try python.call(python.get($0, of: value)) } ?? value
    }
  }

  private func referred(
    _ resolution: Resolution, _ values: [Value], _ session: SessionObject, _ python: Interpreter
  ) throws -> [Value] {
    let target = resolution.target
    let isByKey =
      resolution.pairs.count == target.keys.count
      && zip(resolution.pairs, target.keys).allSatisfy { $0.other === $1.column }
    if isByKey {
      return try session.get(target, values).map { [.object($0)] } ?? []
    }
    let criteria = try zip(resolution.pairs, values).map {
      try Coercion(python).comparison($0.other.expression, .equal, $1)
    }
    return try session.instances(of: target, where: criteria, order: [])
  }

  private func through(
    _ middle: Table, _ resolution: Resolution, _ values: [Value], _ session: SessionObject,
    _ python: Interpreter
  ) throws -> [Value] {
    let coercion = Coercion(python)
    var criteria = try zip(resolution.pairs, values).map {
      try coercion.comparison($0.other.expression, .equal, $1)
    }
    criteria += try resolution.far.map {
      try coercion.comparison(
        $0.other.expression, .equal, .object(ColumnObject.of($0.middle)))
    }
    return try session.instances(
      of: resolution.target, where: criteria, order: orderItems(python), from: [middle])
  }

  /// Keeps the other side of a relationship in step with this one.
  func connect(
    _ instance: MappedInstance, from old: Value, to new: Value, _ python: Interpreter
  ) throws {
    let resolution = try resolved()
    guard let mirror = opposite(resolution.target) else { return }
    let before = members(old)
    let after = members(new)
    for other in before where !after.contains(where: { $0 === other }) {
      try mirror.forget(instance, in: other)
    }
    for other in after where !before.contains(where: { $0 === other }) {
      try mirror.note(instance, in: other, python)
    }
  }

  func members(_ value: Value) -> [MappedInstance] {
    (value.list?.items ?? [value]).compactMap { $0.object(as: MappedInstance.self) }
  }

  private func note(
    _ instance: MappedInstance, in other: MappedInstance, _ python: Interpreter
  ) throws {
    guard try isMany else {
      other.note(name, other.attributes[name] ?? .null)
      other.attributes[name] = .object(instance)
      return
    }
    // A list that was not read yet will hold the instance when it is.
    guard other.key == nil || other.attributes[name] != nil else { return }
    let list = other.attributes[name]?.list ?? PythonList([])
    if !members(.list(list)).contains(where: { $0 === instance }) {
      list.items.append(.object(instance))
    }
    other.attributes[name] = .list(list)
  }

  private func forget(_ instance: MappedInstance, in other: MappedInstance) throws {
    if let list = other.attributes[name]?.list {
      list.items.removeAll { $0.object(as: MappedInstance.self) === instance }
    } else if other.attributes[name]?.object(as: MappedInstance.self) === instance {
      other.note(name, .object(instance))
      other.attributes[name] = .null
    }
  }
}
