internal import OrderedCollections
internal import PythonSubset

/// Types of packages that revisions import beside SQLAlchemy: what each is on PostgreSQL.
///
/// The classes are immutable once made (see PythonClass).
enum LibraryTypes {
  /// Makes a class whose instances are of a type that the arguments say.
  static func cls(
    _ name: String, _ module: String, _ signature: String = "*args, **kwargs",
    above base: PythonClass? = nil, _ make: @escaping (Call) throws -> SQLType
  ) -> PythonClass {
    PythonClass(
      host: name, module: module, bases: [base ?? TypeClasses.engine],
      members: [
        "__init__": .method("self, \(signature)") { call in
          let object: TypeObject = try call.receiver()
          object.type = try make(call)
          return .null
        }
      ])
  }

  private static func text(_ keyword: String, _ length: Int? = nil) -> SQLType {
    .string(.init(keyword, length: length))
  }

  // MARK: SQLModel and FastAPI

  /// `sqlmodel.sql.sqltypes`.
  nonisolated(unsafe) static let sqlmodel: [PythonClass] = [
    cls("AutoString", "sqlmodel.sql.sqltypes", "length=None, collation=None, **kwargs") { call in
      text("VARCHAR", try call.optionalInt("length"))
    },
    cls("GUID", "sqlmodel.sql.sqltypes") { _ in .uuid(.init()) },
  ]

  /// `fastapi_users_db_sqlalchemy.generics`.
  nonisolated(unsafe) static let fastapiUsers: [PythonClass] = [
    cls("GUID", "fastapi_users_db_sqlalchemy.generics") { _ in .uuid(.init()) },
    cls("TIMESTAMPAware", "fastapi_users_db_sqlalchemy.generics", "timezone=False, **kwargs") {
      call in .timestamp(.init(timezone: try call.truth("timezone")))
    },
  ]

  /// `fastapi_utils.guid_type`.
  nonisolated(unsafe) static let fastapiUtils: [PythonClass] = [
    cls("GUID", "fastapi_utils.guid_type") { _ in .uuid(.init()) }
  ]

  /// `pgvector.sqlalchemy`.
  nonisolated(unsafe) static let pgvector: [PythonClass] = [
    vector("Vector", "VECTOR"), vector("VECTOR", "VECTOR"), vector("HALFVEC", "HALFVEC"),
    vector("SPARSEVEC", "SPARSEVEC"),
  ]

  private static func vector(_ name: String, _ keyword: String) -> PythonClass {
    cls(name, "pgvector.sqlalchemy", "dim=None") { call in
      .named(keyword + (try call.optionalInt("dim").map { "(\($0))" } ?? ""))
    }
  }

  /// `citext`.
  nonisolated(unsafe) static let citext = cls("CIText", "citext") { _ in .named("CITEXT") }

  // MARK: SQLAlchemy-Utils

  /// What encrypts, in `sqlalchemy_utils.types.encrypted.encrypted_type`.
  nonisolated(unsafe) static let engines = ["AesEngine", "AesGcmEngine", "FernetEngine"].map {
    PythonClass(host: $0, module: "sqlalchemy_utils.types.encrypted.encrypted_type")
  }

  /// `sqlalchemy_utils`, each with the module below `sqlalchemy_utils.types` that defines it.
  nonisolated(unsafe) static let utilities: [(module: String, cls: PythonClass)] =
    utilityTexts + utilityOthers + utilityRanges

  private static func utility(
    _ name: String, _ module: String, _ signature: String = "*args, **kwargs",
    _ make: @escaping (Call) throws -> SQLType
  ) -> (module: String, cls: PythonClass) {
    (module, cls(name, "sqlalchemy_utils.types.\(module)", signature, make))
  }

  nonisolated(unsafe) private static let utilityTexts = [
    utility("EmailType", "email", "length=255, *args, **kwargs") { call in
      text("VARCHAR", try call.optionalInt("length"))
    },
    utility("URLType", "url") { _ in text("TEXT") },
    utility("IPAddressType", "ip_address", "max_length=50, *args, **kwargs") { call in
      text("VARCHAR", try call.optionalInt("max_length"))
    },
    utility("TimezoneType", "timezone") { _ in text("VARCHAR", 50) },
    utility("LocaleType", "locale") { _ in text("VARCHAR", 10) },
    utility("CountryType", "country") { _ in text("VARCHAR", 2) },
    utility("CurrencyType", "currency") { _ in text("VARCHAR", 3) },
    utility("ColorType", "color", "max_length=20, *args, **kwargs") { call in
      text("VARCHAR", try call.optionalInt("max_length"))
    },
    utility("PhoneNumberType", "phone_number", "region='US', max_length=20, *args, **kwargs") {
      call in text("VARCHAR", try call.optionalInt("max_length"))
    },
    utility("ScalarListType", "scalar_list", "coerce_func=None, separator=None") { _ in
      text("TEXT")
    },
    utility("StringEncryptedType", "encrypted.encrypted_type") { call in
      text("VARCHAR", try length(call))
    },
    utility("ChoiceType", "choice", "choices, impl=None") { call in
      let impl = call["impl"]
      return impl.isNone ? text("VARCHAR", 255) : try TypeCoercion.type(impl, call.python)
    },
  ]

  private static func length(_ call: Call) throws -> Int? {
    call.keywords.first { $0.name == "length" }?.value.int
  }

  nonisolated(unsafe) private static let utilityOthers = [
    utility("UUIDType", "uuid", "binary=True, native=True") { call in
      if try call.truth("native") { return .uuid(.init()) }
      return try call.truth("binary") ? .binary(.init("BINARY", length: 16)) : text("CHAR", 32)
    },
    utility("ArrowType", "arrow") { call in
      let zone = call.keywords.first { $0.name == "timezone" }?.value.bool ?? false
      return .timestamp(.init(timezone: zone))
    },
    utility("EnrichedDateTimeType", "enriched_datetime") { _ in .timestamp(.init()) },
    utility("JSONType", "json") { _ in .json(.init()) },
    utility("TSVectorType", "ts_vector") { _ in .named("TSVECTOR") },
    utility("LtreeType", "ltree") { _ in .named("LTREE") },
    utility("LQUERY", "ltree") { _ in .named("LQUERY") },
    utility("PasswordType", "password") { _ in .binary(.init()) },
    utility("EncryptedType", "encrypted.encrypted_type") { _ in .binary(.init()) },
    utility("WeekDaysType", "weekdays") { _ in .bit(length: 7, varying: false) },
  ]

  nonisolated(unsafe) private static let utilityRanges = [
    ("DateRangeType", "DATERANGE"), ("DateTimeRangeType", "TSRANGE"), ("IntRangeType", "INT4RANGE"),
    ("Int8RangeType", "INT8RANGE"), ("NumericRangeType", "NUMRANGE"),
  ].map { name, keyword in utility(name, "range") { _ in .range(keyword) } }
}
