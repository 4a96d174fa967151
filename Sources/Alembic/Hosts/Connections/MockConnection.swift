internal import OrderedCollections
internal import PythonSubset

/// What `op.get_bind()` gives where statements are written down: SQLAlchemy's mock connection,
/// which knows its dialect, writes what it is given to execute, and has no results.
enum MockConnection {
  nonisolated(unsafe) static let cls = PythonClass(
    host: "MockConnection", module: "sqlalchemy.engine.mock", members: members)

  private static var members: OrderedDictionary<String, Value> {
    [
      // SQLAlchemy's looks at no parameters and writes places that nobody fills; what they would
      // have been is written here, each set in a statement of its own.
      "execute": .method("self, obj, parameters=None, execution_options=None") { call in
        let object: ConnectionObject = try call.receiver()
        if call["obj"].string != nil {
          throw PythonError(
            .attributeError, "'str' object has no attribute 'compile'")
        }
        let rows = try Execution(object, call.python).rows(call["parameters"])
        for sql in try OfflineText(call.python).statements(call["obj"], rows) {
          try object.run(sql)
        }
        return .null
      },
      "connect": .method("self, **kwargs") { $0[0] },
      "execution_options": .method("self, **kw") { $0[0] },
      "schema_for_object": .method("self, obj") { call in
        try call.python.get("schema", of: call["obj"])
      },
    ]
  }

  /// `engine`, `dialect` and `name`; nil for others.
  static func attribute(_ name: String, of connection: ConnectionObject) -> Value? {
    switch name {
    case "engine": .object(connection)
    case "dialect": .object(DialectObject.shared)
    case "name": .string("postgresql")
    default: nil
    }
  }
}
