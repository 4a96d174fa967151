internal import PythonSubset

/// Reads the arguments of `sa.Enum` and `postgresql.ENUM`.
enum EnumReader {
  static func read(_ call: Call) throws -> SQLType {
    let object: TypeObject = try call.receiver()
    let python = call.python
    var labels: [String] = []
    var name = try call.optionalName("name")
    if let cls = call.rest.first?.asClass, call.rest.count == 1 {
      let members = try self.members(of: cls, call["values_callable"], python)
      object.enumeration = EnumerationMembers(cls: cls, members: members)
      labels = members.map(\.stored)
      name = name ?? SQLName(cls.name.lowercased())
    } else {
      labels = try call.rest.map { value in
        guard let label = value.string else { throw call.mismatch(0, "str labels") }
        return label
      }
    }
    let metadata = call["metadata"].object(as: MetaDataObject.self)?.metadata
    return .enumeration(
      EnumType(
        labels, name: name, schema: try call.optionalName("schema"),
        isNative: try call.truth("native_enum"), createsType: try call.truth("create_type"),
        hasCheck: try call.truth("create_constraint"), length: try call.optionalInt("length"),
        inheritsSchema: try call.truth("inherit_schema"), metadata: metadata,
        validatesStrings: try call.truth("validate_strings")))
  }

  /// The members of a Python enumeration, stored by name or by what `values_callable` says.
  private static func members(
    of cls: PythonClass, _ valuesCallable: Value, _ python: Interpreter
  ) throws -> [(stored: String, name: String, member: Value)] {
    guard let table = try python.attribute(of: .object(cls), "__members__") else {
      throw PythonError(
        SQLAlchemyErrors.argument, "\(cls.name) is no enumeration and no label")
    }
    let names = try python.items(table)
    let stored =
      valuesCallable.isNone
      ? names : try python.items(python.call(valuesCallable, [.object(cls)]))
    return try zip(names, stored).map { name, stored in
      (try python.str(stored), try python.str(name), try python.item(of: table, name))
    }
  }
}

/// Reads the arguments of `postgresql.DOMAIN`.
enum DomainReader {
  static func read(_ call: Call) throws -> SQLType {
    .domain(
      DomainType(
        SQLName(try call.string("name")), try TypeCoercion.type(call["data_type"], call.python),
        schema: try call.optionalName("schema"), collation: try call.optionalString("collation"),
        defaultText: try sql(call["default"], isDefault: true),
        constraintName: try call.optionalName("constraint_name"),
        notNull: call["not_null"].bool, check: try sql(call["check"], isDefault: false),
        createsType: try call.truth("create_type")))
  }

  private static func sql(_ value: Value, isDefault: Bool) throws -> String? {
    if let text = value.string { return isDefault ? LiteralWriter.quoted(text) : text }
    return try value.object(as: ExpressionObject.self).map {
      try SQLCompiler.ddl($0.expression)
    }
  }
}

extension Call {
  /// A name as a script gives it: a text, a `quoted_name`, or what `op.f()` made; nil for None.
  func optionalName(_ parameter: String) throws -> SQLName? {
    let value = self[parameter]
    if let name = value.object(as: NameObject.self) { return name.name }
    return try optionalString(parameter).map { SQLName($0) }
  }

  /// A name that must be there.
  func name(_ parameter: String) throws -> SQLName {
    if let name = try optionalName(parameter) { return name }
    return SQLName(try string(parameter))
  }
}
