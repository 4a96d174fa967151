internal import OrderedCollections
internal import PythonSubset

/// What `sqlalchemy.orm`, `sqlalchemy.ext.declarative` and their kin offer.
enum ORMModule {
  typealias Members = OrderedDictionary<String, (Interpreter) throws -> Value>

  /// `sqlalchemy.orm`.
  static var orm: Members {
    declarative.merging(queries, uniquingKeysWith: { $1 }).merging(
      loading, uniquingKeysWith: { $1 })
  }

  /// `sqlalchemy.ext.declarative`, and half of `sqlalchemy.orm`.
  static var declarative: Members {
    [
      "declarative_base": { _ in
        .function(
          "declarative_base",
          "*, metadata=None, mapper=None, cls=None, name='Base', class_registry=None, "
            + "type_annotation_map=None, constructor=..., metaclass=None, bind=None"
        ) { call in
          var members: OrderedDictionary<String, Value> = [:]
          if !call["metadata"].isNone { members["metadata"] = call["metadata"] }
          if !call["type_annotation_map"].isNone {
            members["type_annotation_map"] = call["type_annotation_map"]
          }
          let given = call["cls"]
          let bases = given.asClass.map { [$0] } ?? given.sequence?.compactMap(\.asClass)
          return .object(
            try DeclarativeClass.base(
              ClassBody(
                name: try call.string("name"), module: "sqlalchemy.orm.decl_api",
                bases: bases ?? [], members: members), call.python))
        }
      },
      "declared_attr": { _ in .object(DeclaredAttributeMaker()) },
      "DeclarativeMeta": { _ in .object(PythonClass.type) },
      "as_declarative": { _ in
        .function("as_declarative", "**kw") { call in
          let metadata = call.keywords.first { $0.name == "metadata" }?.value
          return .function("decorate", "cls") { call in
            let cls = try call.cls()
            var members = cls.members
            if let metadata { members["metadata"] = metadata }
            return .object(
              try DeclarativeClass.base(
                ClassBody(name: cls.name, module: cls.module, bases: cls.bases, members: members),
                call.python))
          }
        }
      },
    ]
  }

  private static var queries: Members {
    [
      "DeclarativeBase": { _ in .object(DeclarativeMembers.base) },
      "DeclarativeBaseNoMeta": { _ in .object(DeclarativeMembers.base) },
      "Mapped": { _ in .object(MappedAlias.cls) },
      "WriteOnlyMapped": { _ in .object(MappedAlias.cls) },
      "DynamicMapped": { _ in .object(MappedAlias.cls) },
      "mapped_column": { _ in
        .function("mapped_column", "*args, **kw") { call in try MappedColumn.read(call) }
      },
      "relationship": { _ in
        .function("relationship", RelationshipObject.signature) { try RelationshipObject.read($0) }
      },
      "backref": { _ in
        .function("backref", "name, **kwargs") { call in
          .object(BackReference(try call.string("name")))
        }
      },
      "registry": { _ in
        .function("registry", "*, metadata=None, class_registry=None, type_annotation_map=None") {
          call in
          let metadata = call["metadata"].object(as: MetaDataObject.self)
          let registry = DeclarativeRegistry(metadata ?? MetaDataObject(MetaData()))
          registry.annotationTypes = call["type_annotation_map"].dict
          return .object(RegistryObject(registry))
        }
      },
      "Session": { _ in .object(SessionClasses.session) },
      "sessionmaker": { _ in .object(SessionClasses.maker) },
      "scoped_session": { _ in
        .function("scoped_session", "session_factory, scopefunc=None") { call in
          try SessionMaker.scoped(call)
        }
      },
      "Query": { _ in .object(ORMQuery.cls) },
      "aliased": { _ in
        .function("aliased", "element, alias=None, name=None, flat=False") { call in
          try AliasedClass.make(call)
        }
      },
      "object_session": { _ in
        .function("object_session", "instance") { call in
          call[0].object(as: MappedInstance.self)?.session.map { .object($0) } ?? .null
        }
      },
      "class_mapper": { _ in
        .function("class_mapper", "class_, configure=True") { call in
          try call[0].entity(call.python).map { .object(MapperObject($0.mapper)) } ?? .null
        }
      },
      "configure_mappers": { _ in .function("configure_mappers") { _ in .null } },
      "clear_mappers": { _ in .function("clear_mappers") { _ in .null } },
      "validates": { _ in
        .function("validates", "*names, include_removes=False, include_backrefs=True") { call in
          let names = call.rest.compactMap(\.string)
          return .function("wrap", "fn") { .object(ValidatorFunction(names, $0[0])) }
        }
      },
      "reconstructor": { _ in .function("reconstructor", "fn") { $0[0] } },
      "deferred": { _ in .function("deferred", "column, *extra, **kw") { $0[0] } },
      "column_property": { _ in .function("column_property", "column, *extra, **kw") { $0[0] } },
      "foreign": { _ in .function("foreign", "expr") { $0[0] } },
      "remote": { _ in .function("remote", "expr") { $0[0] } },
    ]
  }

  fileprivate static let loadOptions = [
    "joinedload", "selectinload", "subqueryload", "lazyload", "noload", "raiseload",
    "contains_eager", "load_only", "defer", "undefer", "defaultload", "immediateload",
    "undefer_group", "defer_group", "selectin_polymorphic",
  ]

  /// Options that say when related rows are read, which changes nothing in what they are.
  private static var loading: Members {
    var members: Members = [:]
    for name in loadOptions {
      members[name] = { _ in .function(name, "*args, **kw") { _ in .object(LoadOption()) } }
    }
    members["Load"] = { _ in .function("Load", "entity") { _ in .object(LoadOption()) } }
    return members
  }

  /// `sqlalchemy.orm.exc`.
  static var exceptions: Members {
    [
      "NoResultFound": { _ in .object(SQLAlchemyErrors.noResult) },
      "MultipleResultsFound": { _ in .object(SQLAlchemyErrors.multipleResults) },
      "ObjectDeletedError": { _ in .object(ORMErrors.objectDeleted) },
      "StaleDataError": { _ in .object(ORMErrors.staleData) },
      "DetachedInstanceError": { _ in .object(ORMErrors.detached) },
      "UnmappedInstanceError": { _ in .object(ORMErrors.unmapped) },
    ]
  }

  /// `sqlalchemy.orm.attributes`.
  static var attributes: Members {
    [
      "flag_modified": { _ in
        .function("flag_modified", "instance, key") { call in
          call[0].object(as: MappedInstance.self)?.touched.insert(try call.string("key"))
          return .null
        }
      },
      "set_attribute": { _ in
        .function("set_attribute", "instance, key, value, initiator=None") { call in
          try call.python.setAttribute(of: call[0], try call.string("key"), to: call["value"])
          return .null
        }
      },
    ]
  }

  /// `sqlalchemy.ext.hybrid`: on instances they are properties and methods as usual.
  static var hybrid: Members {
    [
      "hybrid_property": { _ in
        .function("hybrid_property", "fget, fset=None, fdel=None, expr=None, **kw") { call in
          .object(HybridProperty(call["fget"]))
        }
      },
      "hybrid_method": { _ in .function("hybrid_method", "func, expr=None") { $0[0] } },
    ]
  }

  /// `sqlalchemy.ext.mutable`.
  static var mutable: Members {
    var members: Members = [:]
    for name in ["MutableDict", "MutableList", "MutableSet"] {
      members[name] = { _ in
        .object(
          PythonClass(
            host: name, module: "sqlalchemy.ext.mutable",
            members: [
              "as_mutable": .classMethod("cls, sqltype") { call in
                .object(try TypeCoercion.object(call["sqltype"], call.python))
              }
            ]))
      }
    }
    return members
  }
}

/// An option that says when related rows are read.
final class LoadOption: PythonObject {
  override class var ownMethods: [String] { ORMModule.loadOptions + ["options"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    .function(name, "*args, **kw") { [self] _ in .object(self) }
  }
}

/// `@declared_attr` and `@declared_attr.directive`.
final class DeclaredAttributeMaker: PythonObject {
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    let given = arguments.positional.first ?? .null
    return .object(DeclaredAttribute(given.object(as: ClassMethod.self)?.function ?? given))
  }

  override class var ownMethods: [String] { ["directive", "cascading"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "directive" || name == "cascading" ? .object(self) : try super.attribute(name, python)
  }
}

/// `@hybrid_property`: computed of an instance, or of the class for an expression.
final class HybridProperty: PythonObject {
  private let getter: Value
  private var expression: Value?
  private var setter: Value?

  init(_ getter: Value) { self.getter = getter }

  override var isDataDescriptor: Bool { true }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    if let instance { return try python.call(getter, [instance]) }
    return try python.call(expression ?? getter, [.object(owner)])
  }

  override func bindAssignment(
    of value: Value?, to instance: Value, name: String, _ python: Interpreter
  ) throws -> Bool {
    guard let value, let setter else { return false }
    _ = try python.call(setter, [instance, value])
    return true
  }

  override class var ownMethods: [String] { ["expression", "inplace", "setter"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "expression", "inplace":
      .function(name, "fn") { [self] call in
        expression = call[0].object(as: ClassMethod.self)?.function ?? call[0]
        return .object(self)
      }
    case "setter":
      .function(name, "fn") { [self] call in
        setter = call[0]
        return .object(self)
      }
    default: try super.attribute(name, python)
    }
  }
}
