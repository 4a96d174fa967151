internal import OrderedCollections
internal import PythonSubset

/// `mapped_column(...)`: a column whose type and nullability an annotation may complete.
final class MappedColumn: PythonObject, ClauseProviding {
  /// The column.
  private(set) var column: ColumnObject
  private let nullable: Value?

  init(_ column: ColumnObject, nullable: Value?) {
    self.column = column
    self.nullable = nullable
  }

  /// Reads the call: what concerns instances and not the table is left out.
  static func read(_ call: Call) throws -> Value {
    let aboutInstances: Set = [
      "init", "repr", "default_factory", "compare", "kw_only", "hash", "use_existing_column",
      "deferred", "deferred_group", "deferred_raiseload", "active_history", "dataclass_metadata",
    ]
    let keywords = call.keywords.filter { !aboutInstances.contains($0.name) }
    let made = try call.python.call(
      .object(ColumnReading.cls), Arguments(call.rest, keywords: keywords))
    guard let column = made.object(as: ColumnObject.self) else { return made }
    return .object(
      MappedColumn(column, nullable: keywords.first { $0.name == "nullable" }?.value))
  }

  func clause(_ python: Interpreter) throws -> SQLExpression { column.expression }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "column" ? .object(column) : try column.attribute(name, python)
  }

  /// Takes type and nullability from `Mapped[...]` where the call does not say them.
  func complete(
    _ annotation: Value?, _ registry: DeclarativeRegistry, _ python: Interpreter
  ) throws {
    guard let alias = annotation?.object(as: MappedAlias.self) else { return }
    let reading = AnnotationReading(registry, python)
    let (inner, isOptional) = try reading.optional(alias.argument)
    if let given = try reading.column(in: inner) {
      column = ColumnReading.copy(of: given.column.column)
    }
    let item = column.column
    if nullable == nil, item.nullability == nil, !item.isPrimaryKey {
      item.nullability = isOptional
    }
    if case .null = item.type, item.foreignKeys.isEmpty || column.typeObject == nil {
      if let type = try reading.type(of: inner) {
        column.typeObject = type
        item.type = type.resolved
      } else if item.foreignKeys.isEmpty {
        throw PythonError(
          SQLAlchemyErrors.argument,
          "Could not locate SQLAlchemy Core type for Python type \(try python.repr(inner))")
      }
    }
    column.refresh()
  }
}

/// `Mapped[X]`.
final class MappedAlias: PythonObject {
  let argument: Value
  init(_ argument: Value) { self.argument = argument }

  /// `Mapped` and its kin, which are only ever subscripted.
  nonisolated(unsafe) static let cls = PythonClass(
    host: "Mapped", module: "sqlalchemy.orm.base",
    members: ["__class_getitem__": .classMethod("cls, key") { .object(MappedAlias($0["key"])) }])
}

/// Finds the types that annotations mean.
struct AnnotationReading {
  private let registry: DeclarativeRegistry
  private let python: Interpreter

  init(_ registry: DeclarativeRegistry, _ python: Interpreter) {
    self.registry = registry
    self.python = python
  }

  /// `X` and true of `Optional[X]` and `X | None`.
  func optional(_ annotation: Value) throws -> (Value, Bool) {
    guard let arguments = try arguments(of: annotation), try isUnion(annotation) else {
      return (annotation, false)
    }
    let others = arguments.filter { !isNone($0) }
    guard others.count == 1, let only = others.first else { return (annotation, true) }
    return (only, others.count < arguments.count)
  }

  private func isNone(_ value: Value) -> Bool {
    value.isNone || value.asClass === PythonClass.noneType
  }

  private func isUnion(_ annotation: Value) throws -> Bool {
    if annotation.typeName.hasSuffix("UnionType") || annotation.typeName.hasSuffix("Union") {
      return true
    }
    let text = try python.repr(annotation)
    return text.hasPrefix("typing.Optional") || text.hasPrefix("typing.Union")
  }

  private func arguments(of annotation: Value) throws -> [Value]? {
    try python.optionalAttribute(of: annotation, "__args__")?.tuple
  }

  /// The `mapped_column()` that an `Annotated[...]` brings.
  func column(in annotation: Value) throws -> MappedColumn? {
    guard let metadata = try python.optionalAttribute(of: annotation, "__metadata__")?.tuple else {
      return nil
    }
    return metadata.lazy.compactMap { $0.object(as: MappedColumn.self) }.first
  }

  /// The SQL type of a Python type.
  func type(of annotation: Value) throws -> TypeObject? {
    if let known = try registry.annotationTypes.flatMap({ try find(annotation, in: $0) }) {
      return try TypeCoercion.object(known, python)
    }
    if try python.optionalAttribute(of: annotation, "__metadata__") != nil,
      let origin = try python.optionalAttribute(of: annotation, "__origin__")
    {
      return try type(of: origin)
    }
    guard let cls = annotation.asClass else { return nil }
    for ancestor in cls.mro {
      if let name = AnnotationReading.names[ancestor.qualifiedName] {
        return try TypeCoercion.object(.object(TypeClasses.named(name)), python)
      }
      if ancestor.qualifiedName == "enum.Enum" {
        let made = try python.call(.object(TypeClasses.named("Enum")), [annotation])
        return made.object(as: TypeObject.self)
      }
    }
    return nil
  }

  private func find(_ annotation: Value, in types: PythonDict) throws -> Value? {
    for (key, value) in types.items {
      if key.isIdentical(to: annotation) { return value }
      if try python.repr(key) == python.repr(annotation) { return value }
    }
    return nil
  }

  private static let names = [
    "int": "Integer", "str": "String", "bool": "Boolean", "float": "Float",
    "bytes": "LargeBinary", "datetime.datetime": "DateTime", "datetime.date": "Date",
    "datetime.time": "Time", "datetime.timedelta": "Interval", "decimal.Decimal": "Numeric",
    "uuid.UUID": "Uuid",
  ]
}

/// `@declared_attr`: a member that is computed for each class.
final class DeclaredAttribute: PythonObject {
  let function: Value
  init(_ function: Value) { self.function = function }

  /// Asked of a class, it computes the member.
  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    try python.call(function, [.object(owner)])
  }
}

/// A function that `@validates` marks.
final class ValidatorFunction: PythonObject {
  let names: [String]
  let function: Value

  init(_ names: [String], _ function: Value) {
    self.names = names
    self.function = function
  }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    guard case .object(let object) = function else { return function }
    return try object.bind(to: instance, class: owner, python)
  }
}
