internal import OrderedCollections
internal import PythonSubset

/// The classes of connections and engines.
enum ConnectionClasses {
  nonisolated(unsafe) static let connection = PythonClass(
    host: "Connection", module: "sqlalchemy.engine.base", members: methods)
  nonisolated(unsafe) static let engine = PythonClass(
    host: "Engine", module: "sqlalchemy.engine.base",
    members: methods.merging(
      [
        "connect": .method("self") { call in .object(try plain(call)) },
        "begin": .method("self") { call in
          .object(EngineBeginObject(try plain(call)))
        },
        "dispose": .method("self, close=True") { _ in .null },
        "raw_connection": .method("self") { _ in
          throw Unsupported("engine.raw_connection()")
        },
      ], uniquingKeysWith: { $1 }))

  private static func plain(_ call: Call) throws -> ConnectionObject {
    let engine: ConnectionObject = try call.receiver()
    return ConnectionObject(engine.connection, library: engine.library)
  }

  private static var methods: OrderedDictionary<String, Value> {
    executing.merging(transactions, uniquingKeysWith: { $1 })
  }

  private static var executing: OrderedDictionary<String, Value> {
    [
      "execute": .method("self, statement, parameters=None, *, execution_options=None") { call in
        try Execution(call).run(call["statement"], call["parameters"])
      },
      "scalar": .method("self, statement, parameters=None, *, execution_options=None") { call in
        let result = try Execution(call).run(call["statement"], call["parameters"])
        return try call.python.callMethod("scalar", of: result)
      },
      "scalars": .method("self, statement, parameters=None, *, execution_options=None") { call in
        let result = try Execution(call).run(call["statement"], call["parameters"])
        return try call.python.callMethod("scalars", of: result)
      },
      "exec_driver_sql": .method(
        "self, statement, parameters=None, execution_options=None"
      ) { call in
        try Execution(call).runDriverSQL(try call.string("statement"), call["parameters"])
      },
      "execution_options": .method("self, **opt") { call in
        let object: ConnectionObject = try call.receiver()
        if let level = call.keywords.first(where: { $0.name == "isolation_level" })?.value.string {
          guard level == "AUTOCOMMIT" else {
            throw Unsupported("isolation_level \(level)")
          }
          object.connection.isAutocommit = true
        }
        return call[0]
      },
      "run_callable": .method("self, callable_, *args, **kwargs") { call in
        try call.python.call(
          call["callable_"], Arguments([call[0]] + call.rest, keywords: call.keywords))
      },
      "close": .method("self") { _ in .null },
      "detach": .method("self") { _ in throw Unsupported("connection.detach()") },
      "get_isolation_level": .method("self") { _ in .string("READ COMMITTED") },
      "connect": .method("self") { call in call[0] },
      "connection": .property { _ in
        throw Unsupported("the driver's own connection (connection.connection)")
      },
      "_run_ddl_visitor": .method("self, *args, **kwargs") { _ in
        throw Unsupported("connection._run_ddl_visitor()")
      },
    ]
  }

  private static var transactions: OrderedDictionary<String, Value> {
    [
      "begin": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        return try translatingErrors {
          .object(TransactionObject(try object.connection.begin()))
        }
      },
      "begin_nested": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        return try translatingErrors {
          .object(TransactionObject(try object.connection.beginNested()))
        }
      },
      "commit": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        try translatingErrors { try object.connection.commit() }
        return .null
      },
      "rollback": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        try translatingErrors { try object.connection.rollback() }
        return .null
      },
      "in_transaction": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        return .bool(object.connection.transaction != nil)
      },
      "in_nested_transaction": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        return .bool(object.connection.transaction?.hasNested ?? false)
      },
      "get_transaction": .method("self") { call in
        let object: ConnectionObject = try call.receiver()
        return object.connection.transaction.map { .object(TransactionObject($0)) } ?? .null
      },
    ]
  }
}

/// A transaction or savepoint that a script began.
final class TransactionObject: PythonObject {
  let transaction: ScriptTransaction

  init(_ transaction: ScriptTransaction) { self.transaction = transaction }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Transaction", module: "sqlalchemy.engine.base",
    members: [
      "commit": .method("self") { call in
        let object: TransactionObject = try call.receiver()
        try translatingErrors { try object.transaction.commit() }
        return .null
      },
      "rollback": .method("self") { call in
        let object: TransactionObject = try call.receiver()
        try translatingErrors { try object.transaction.rollback() }
        return .null
      },
      "close": .method("self") { call in
        let object: TransactionObject = try call.receiver()
        try translatingErrors { try object.transaction.rollback() }
        return .null
      },
    ])

  override var pythonClass: PythonClass { TransactionObject.cls }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "is_active", "is_valid": .bool(transaction.isActive)
    default: try super.attribute(name, python)
    }
  }

  override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    try translatingErrors {
      if error == nil, transaction.isActive {
        try transaction.commit()
      } else {
        try transaction.rollback()
      }
    }
    return false
  }
}

/// `with engine.begin() as connection:`, over the run's own connection.
final class EngineBeginObject: PythonObject {
  private let connection: ConnectionObject
  private var savepoint: ScriptTransaction?

  init(_ connection: ConnectionObject) { self.connection = connection }

  /// The run has a transaction already, in which this one is a savepoint.
  override func enter(_ python: Interpreter) throws -> Value? {
    savepoint = try translatingErrors { try connection.connection.beginNested() }
    return .object(connection)
  }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    try translatingErrors {
      if error == nil { try savepoint?.commit() } else { try savepoint?.rollback() }
    }
    return false
  }
}
