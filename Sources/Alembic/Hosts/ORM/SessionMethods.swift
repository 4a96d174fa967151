internal import OrderedCollections
internal import PythonSubset

/// The classes `Session` and `sessionmaker`.
enum SessionClasses {
  private static let options =
    "bind=None, *, autoflush=True, future=True, expire_on_commit=True, autobegin=True, "
    + "twophase=False, binds=None, enable_baked_queries=True, info=None, query_cls=None, "
    + "autocommit=False, join_transaction_mode='conditional_savepoint', close_resets_only=..."

  nonisolated(unsafe) static let session = PythonClass(
    host: "Session", module: "sqlalchemy.orm.session",
    members: making.merging(SessionMethods.all, uniquingKeysWith: { $1 }))

  private static var making: OrderedDictionary<String, Value> {
    [
      "__new__": .new { call in .object(SessionObject(try call.cls(), call.python)) },
      "__init__": .method("self, \(options)") { call in
        let session: SessionObject = try call.receiver()
        if !call["bind"].isNone {
          session.bind = try ConnectionObject.of(call["bind"], call.python)
        }
        session.flushesByItself = try call.truth("autoflush")
        session.expiresOnCommit = try call.truth("expire_on_commit")
        return .null
      },
    ]
  }

  nonisolated(unsafe) static let maker = PythonClass(
    host: "sessionmaker", module: "sqlalchemy.orm.session",
    members: [
      "__new__": .new(
        "cls, bind=None, *, class_=None, autoflush=True, expire_on_commit=True, info=None, **kw"
      ) {
        call in
        .object(
          SessionMaker(
            call["class_"].asClass ?? session, bind: call["bind"],
            [
              ("autoflush", call["autoflush"]), ("expire_on_commit", call["expire_on_commit"]),
            ]))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "configure": .method("self, **new_kw") { call in
        let maker: SessionMaker = try call.receiver()
        for (name, value) in call.keywords where name == "bind" { maker.bind = value }
        return .null
      },
      "begin": .method("self") { call in
        let maker: SessionMaker = try call.receiver()
        let session = try maker.call(Arguments([]), call.python)
        return .object(SessionBegin(session, closes: true))
      },
    ])
}

/// What `sessionmaker(...)` gives; `scoped_session` gives the same session every time.
final class SessionMaker: PythonObject {
  private let cls: PythonClass
  private let keywords: [(name: String, value: Value)]
  private let isScoped: Bool
  private var current: Value?
  fileprivate(set) var bind: Value

  init(
    _ cls: PythonClass, bind: Value, _ keywords: [(name: String, value: Value)],
    isScoped: Bool = false
  ) {
    self.cls = cls
    self.bind = bind
    self.keywords = keywords
    self.isScoped = isScoped
  }

  /// `scoped_session(maker)`.
  static func scoped(_ call: Call) throws -> Value {
    guard let maker = call[0].object(as: SessionMaker.self) else {
      throw call.mismatch(0, "sessionmaker")
    }
    return .object(
      SessionMaker(maker.cls, bind: maker.bind, maker.keywords, isScoped: true))
  }

  override var pythonClass: PythonClass { SessionClasses.maker }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    if isScoped, let current { return current }
    var all = arguments
    if all.positional.isEmpty, !all.keywords.contains(where: { $0.name == "bind" }), !bind.isNone {
      all.keywords.append(("bind", bind))
    }
    for keyword in keywords where !all.keywords.contains(where: { $0.name == keyword.name }) {
      all.keywords.append(keyword)
    }
    let session = try python.call(.object(cls), all)
    if isScoped { current = session }
    return session
  }

  override class var ownMethods: [String] { ["remove"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if isScoped {
      if name == "remove" {
        return .function("remove") { [self] call in
          if let current { _ = try call.python.callMethod("close", of: current) }
          current = nil
          return .null
        }
      }
      return try python.attribute(of: call(Arguments([]), python), name)
    }
    return try super.attribute(name, python)
  }
}

/// `with session.begin():`.
final class SessionBegin: PythonObject {
  private let session: Value
  private let closes: Bool

  init(_ session: Value, closes: Bool) {
    self.session = session
    self.closes = closes
  }

  override func enter(_ python: Interpreter) throws -> Value? { session }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    _ = try python.callMethod(error == nil ? "commit" : "rollback", of: session)
    if closes { _ = try python.callMethod("close", of: session) }
    return false
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "commit", "rollback": try python.get(name, of: session)
    case "session": session
    default: try super.attribute(name, python)
    }
  }
}

/// The methods of `Session`.
enum SessionMethods {
  static var all: OrderedDictionary<String, Value> {
    instances.merging(statements, uniquingKeysWith: { $1 })
      .merging(bulk, uniquingKeysWith: { $1 })
      .merging(transactions, uniquingKeysWith: { $1 })
  }

  private static func session(_ call: Call) throws -> SessionObject { try call.receiver() }

  private static func mapped(_ value: Value) throws -> MappedInstance {
    guard let instance = value.object(as: MappedInstance.self) else {
      throw PythonError(ORMErrors.unmapped, "Class '\(value.typeName)' is not mapped")
    }
    return instance
  }

  private static var instances: OrderedDictionary<String, Value> {
    [
      "add": .method("self, instance, _warn=True") { call in
        try session(call).add(mapped(call["instance"]))
        return .null
      },
      "add_all": .method("self, instances") { call in
        for value in try call.items("instances") { try session(call).add(mapped(value)) }
        return .null
      },
      "delete": .method("self, instance") { call in
        let session = try session(call)
        let instance = try mapped(call["instance"])
        guard instance.key != nil else {
          throw PythonError(
            SQLAlchemyErrors.invalidRequest,
            "Instance '\(try call.python.repr(call["instance"]))' is not persisted")
        }
        instance.session = session
        if !session.deleted.contains(where: { $0 === instance }) {
          session.deleted.append(instance)
        }
        return .null
      },
      "merge": .method("self, instance, *, load=True, options=None") { call in
        .object(try merge(mapped(call["instance"]), into: session(call), call.python))
      },
      "get": .method(
        "self, entity, ident, *, options=None, populate_existing=False, with_for_update=None, "
          + "identity_token=None, execution_options=None, bind_arguments=None"
      ) { call in
        guard let entity = try call["entity"].entity(call.python) else {
          throw call.mismatch(1, "a mapped class")
        }
        return try session(call).get(entity.mapper, key(call["ident"], entity.mapper))
          .map { .object($0) } ?? .null
      },
      "refresh": .method("self, instance, attribute_names=None, with_for_update=None") { call in
        let session = try session(call)
        let instance = try mapped(call["instance"])
        try session.autoflush()
        instance.expire(
          try call["attribute_names"].orNil.map { try call.python.items($0).compactMap(\.string) })
        try session.load(instance)
        return .null
      },
      "expire": .method("self, instance, attribute_names=None") { call in
        let names = try call["attribute_names"].orNil.map {
          try call.python.items($0).compactMap(\.string)
        }
        try mapped(call["instance"]).expire(names)
        return .null
      },
      "expire_all": .method { call in
        try session(call).expireAll()
        return .null
      },
      "expunge": .method("self, instance") { call in
        try session(call).release(mapped(call["instance"]))
        return .null
      },
      "expunge_all": .method { call in
        try session(call).close()
        return .null
      },
      "is_modified": .method("self, instance, include_collections=True") { call in
        .bool(try !mapped(call["instance"]).changes.isEmpty)
      },
    ]
  }

  static func key(_ value: Value, _ mapper: Mapper) -> [Value] {
    if let dict = value.dict {
      return mapper.keys.map { pair in
        dict.items.first { $0.key.string == pair.name }?.value ?? .null
      }
    }
    return value.sequence ?? [value]
  }

  private static func merge(
    _ given: MappedInstance, into session: SessionObject, _ python: Interpreter
  ) throws -> MappedInstance {
    if given.session === session { return given }
    var key: [Value] = []
    for (name, _) in given.mapper.keys { key.append(given.attributes[name] ?? .null) }
    let known = try key.contains(where: \.isNone) ? nil : session.get(given.mapper, key)
    let target = known ?? MappedInstance(given.mapper)
    for name in given.mapper.columns.keys {
      if let value = given.attributes[name] {
        try python.setAttribute(of: .object(target), name, to: value)
      }
    }
    if known == nil { try session.add(target) }
    return target
  }

  private static let execution =
    "self, statement, params=None, *, execution_options=None, bind_arguments=None, "
    + "_parent_execute_state=None, _add_event=None"

  private static var statements: OrderedDictionary<String, Value> {
    [
      "query": .method("self, *entities, **kwargs") { call in
        .object(try ORMQuery(call.rest, try session(call), call.python))
      },
      "execute": .method(execution) { call in
        try ORMExecution(session(call), call.python).run(call["statement"], call["params"])
      },
      "scalars": .method(execution) { call in
        let result = try ORMExecution(session(call), call.python)
          .run(call["statement"], call["params"])
        return try call.python.callMethod("scalars", of: result)
      },
      "scalar": .method(execution) { call in
        let result = try ORMExecution(session(call), call.python)
          .run(call["statement"], call["params"])
        return try call.python.callMethod("scalar", of: result)
      },
      "exec": .method(execution) { call in
        let result = try ORMExecution(session(call), call.python)
          .run(call["statement"], call["params"])
        let select = call["statement"].object(as: SelectObject.self)
        return select?.entities.count == 1
          ? try call.python.callMethod("scalars", of: result) : result
      },
      "connection": .method("self, bind_arguments=None, execution_options=None") { call in
        .object(try session(call).connection())
      },
      "get_bind": .method("self, mapper=None, *, clause=None, bind=None, **kw") { call in
        .object(try session(call).connection())
      },
    ]
  }

  private static var bulk: OrderedDictionary<String, Value> {
    [
      "bulk_save_objects": .method(
        "self, objects, return_defaults=False, update_changed_only=True, preserve_order=True"
      ) { call in
        for value in try call.items("objects") {
          try BulkWriting(session(call), call.python).save(mapped(value))
        }
        return .null
      },
      "bulk_insert_mappings": .method(
        "self, mapper, mappings, return_defaults=False, render_nulls=False"
      ) { call in
        guard let entity = try call["mapper"].entity(call.python) else {
          throw call.mismatch(1, "a mapped class")
        }
        let writing = try BulkWriting(session(call), call.python)
        let rendersNulls = try call.truth("render_nulls")
        for row in try call.items("mappings") {
          try writing.insert(entity.mapper, row.dict ?? PythonDict(), rendersNulls: rendersNulls)
        }
        return .null
      },
      "bulk_update_mappings": .method("self, mapper, mappings") { call in
        guard let entity = try call["mapper"].entity(call.python) else {
          throw call.mismatch(1, "a mapped class")
        }
        for row in try call.items("mappings") {
          try BulkWriting(session(call), call.python).update(
            entity.mapper, row.dict ?? PythonDict())
        }
        return .null
      },
    ]
  }

  private static var transactions: OrderedDictionary<String, Value> {
    func action(_ body: @escaping (SessionObject) throws -> Void) -> Value {
      .method { call in
        try body(session(call))
        return .null
      }
    }
    return [
      "flush": .method("self, objects=None") { call in
        try session(call).flush()
        return .null
      },
      "commit": action { try $0.commit() },
      "rollback": action { try $0.rollback() },
      "close": action { $0.close() },
      "reset": action { $0.close() },
      "invalidate": action { $0.close() },
      "begin": .method("self, nested=False, **kw") { call in
        if try call.truth("nested") { return .object(try SessionSavepoint(session(call))) }
        return .object(SessionBegin(call[0], closes: false))
      },
      "begin_nested": .method { call in .object(try SessionSavepoint(session(call))) },
      "in_nested_transaction": .method { call in .bool(try session(call).savepoint != nil) },
      "get_nested_transaction": .method { call in
        try session(call).savepoint.map { .object($0) } ?? .null
      },
      "in_transaction": .method { call in
        .bool(try session(call).bind?.connection.transaction != nil)
      },
    ]
  }
}
