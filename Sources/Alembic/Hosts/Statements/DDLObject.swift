internal import OrderedCollections
internal import PythonSubset
internal import Text

/// DDL that a script runs by itself: `DDL(...)`, `CreateSchema(...)`, `CreateTable(...)`.
final class DDLObject: PythonObject {
  private let cls: PythonClass
  private let make: () throws -> [String]

  init(_ cls: PythonClass, _ make: @escaping () throws -> [String]) {
    self.cls = cls
    self.make = make
  }

  override var pythonClass: PythonClass { cls }

  /// The statements.
  func statements(_ python: Interpreter) throws -> [String] {
    try translatingErrors { try make() }
  }

  override func text(_ python: Interpreter) throws -> String {
    try statements(python).joined(separator: ";\n")
  }

  /// The members of `sqlalchemy.schema` that are DDL.
  static var classes: [PythonClass] {
    [
      ddl, createTable, dropTable, createSchema, dropSchema, createIndex, dropIndex, addConstraint,
      dropConstraint, createSequence, dropSequence, setTableComment,
    ]
  }

  nonisolated(unsafe) static let element = PythonClass(
    host: "ExecutableDDLElement", module: "sqlalchemy.sql.ddl",
    members: [
      "execute_if": .method("self, dialect=None, callable_=None, state=None") { call in call[0] },
      "execution_options": .method("self, **kw") { call in call[0] },
      "compile": .method("self, bind=None, dialect=None, **kw") { call in
        .object(CompiledObject(call[0], try call.python.str(call[0])))
      },
    ])

  private static func kind(
    _ name: String, _ signature: String, _ make: @escaping (Call) throws -> [String]
  ) -> PythonClass {
    PythonClass(
      host: name, module: "sqlalchemy.schema", bases: [element],
      members: [
        "__new__": .new("cls, " + signature) { call in
          .object(DDLObject(try call.cls()) { try make(call) })
        },
        "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      ])
  }

  nonisolated(unsafe) static let ddl = kind("DDL", "statement, context=None") { call in
    // A percent sign stands for itself when it is doubled, as in the format that this is.
    let values = call["context"]
    let text = try call.string("statement")
    if values.isNone { return [text.replacing(text: "%%", with: "%")] }
    return [
      try call.python.str(call.python.binary(.modulo, .string(text), values))
    ]
  }

  private static func table(_ call: Call) throws -> Table {
    guard let table = call["element"].object(as: FromObject.self)?.table else {
      throw call.mismatch(1, "Table")
    }
    return table
  }

  nonisolated(unsafe) static let createTable = kind(
    "CreateTable", "element, include_foreign_key_constraints=None, if_not_exists=False"
  ) { call in
    [try TableWriter.create(table(call), ifNotExists: try call.truth("if_not_exists"))]
  }

  nonisolated(unsafe) static let dropTable = kind(
    "DropTable", "element, if_exists=False"
  ) { call in [TableWriter.drop(try table(call), ifExists: try call.truth("if_exists"))] }

  nonisolated(unsafe) static let createSchema = kind(
    "CreateSchema", "name, if_not_exists=False"
  ) { call in
    let guardWord = try call.truth("if_not_exists") ? "IF NOT EXISTS " : ""
    return ["CREATE SCHEMA \(guardWord)\(IdentifierPreparer.quote(try call.name("name")))"]
  }

  nonisolated(unsafe) static let dropSchema = kind(
    "DropSchema", "name, cascade=False, if_exists=False"
  ) { call in
    let guardWord = try call.truth("if_exists") ? "IF EXISTS " : ""
    let cascade = try call.truth("cascade") ? " CASCADE" : ""
    return ["DROP SCHEMA \(guardWord)\(IdentifierPreparer.quote(try call.name("name")))\(cascade)"]
  }

  nonisolated(unsafe) static let createIndex = kind(
    "CreateIndex", "element, if_not_exists=False"
  ) { call in
    let object: IndexObject = try call.object(1)
    return [
      try IndexWriter.create(object.index, ifNotExists: try call.truth("if_not_exists"))
    ]
  }

  nonisolated(unsafe) static let dropIndex = kind(
    "DropIndex", "element, if_exists=False"
  ) { call in
    let object: IndexObject = try call.object(1)
    guard let name = object.index.name else { return [] }
    return [
      try IndexWriter.drop(
        name, schema: object.index.table?.schema, ifExists: try call.truth("if_exists"))
    ]
  }

  nonisolated(unsafe) static let addConstraint = kind(
    "AddConstraint", "element, *, isolate_from_table=True"
  ) { call in
    let object: ConstraintObject = try call.object(1)
    let recorder = RecordingSink()
    try SchemaOperations(sink: recorder).add(object.constraint)
    return recorder.statements
  }

  nonisolated(unsafe) static let dropConstraint = kind(
    "DropConstraint", "element, *, cascade=False, if_exists=False, isolate_from_table=True"
  ) { call in
    let object: ConstraintObject = try call.object(1)
    let recorder = RecordingSink()
    try SchemaOperations(sink: recorder).drop(
      object.constraint, ifExists: try call.truth("if_exists"))
    let cascade = try call.truth("cascade") ? " CASCADE" : ""
    return recorder.statements.map { $0 + cascade }
  }

  nonisolated(unsafe) static let createSequence = kind(
    "CreateSequence", "element, if_not_exists=False"
  ) { call in
    let object: SequenceObject = try call.object(1)
    return [
      try TypeWriter.create(object.sequence, ifNotExists: try call.truth("if_not_exists"))
    ]
  }

  nonisolated(unsafe) static let dropSequence = kind(
    "DropSequence", "element, if_exists=False"
  ) { call in
    let object: SequenceObject = try call.object(1)
    return [TypeWriter.drop(object.sequence, ifExists: try call.truth("if_exists"))]
  }

  nonisolated(unsafe) static let setTableComment = kind("SetTableComment", "element") { call in
    let table = try table(call)
    return [TypeWriter.comment(onTable: table.name, schema: table.schema, table.comment)]
  }
}

/// Keeps statements for somebody who runs them himself.
final class RecordingSink: StatementSink {
  private(set) var statements: [String] = []
  func execute(_ sql: String) throws { statements.append(sql) }
}
