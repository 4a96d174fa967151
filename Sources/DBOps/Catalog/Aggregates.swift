internal import Postgres

/// An aggregate function of a user's.
struct UserAggregate: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  /// The arguments as `CREATE`, `DROP` and `ALTER` need them; `*` where there are none.
  var arguments: String
  var argumentTypes: String
  var options: [String]

  /// Functions print with their schema, since the search path is empty.
  static func query(_ version: Int) -> String {
    """
    SELECT p.oid, n.nspname, p.proname, pg_get_userbyid(p.proowner) AS owner, p.proparallel,
      pg_get_function_arguments(p.oid) AS arguments,
      (SELECT string_agg(format_type(t.oid, NULL), ', ' ORDER BY t.place)
        FROM unnest(p.proargtypes) WITH ORDINALITY AS t(oid, place)) AS types,
      g.aggkind, g.aggtransfn, format_type(g.aggtranstype, NULL) AS stype, g.aggtransspace,
      g.agginitval, nullif(g.aggfinalfn, 0)::regproc AS finalfn, g.aggfinalextra, g.aggfinalmodify,
      nullif(g.aggcombinefn, 0)::regproc AS combinefn, nullif(g.aggserialfn, 0)::regproc AS serialfn,
      nullif(g.aggdeserialfn, 0)::regproc AS deserialfn, nullif(g.aggmtransfn, 0)::regproc AS mtransfn,
      nullif(g.aggminvtransfn, 0)::regproc AS minvtransfn, nullif(g.aggmfinalfn, 0)::regproc AS mfinalfn,
      g.aggmfinalextra, g.aggmfinalmodify,
      CASE WHEN g.aggmtranstype <> 0 THEN format_type(g.aggmtranstype, NULL) END AS mstype,
      g.aggmtransspace, g.aggminitval,
      \(UserOperator.reference(to: "g.aggsortop")) AS sortop
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    JOIN pg_aggregate AS g ON g.aggfnoid = p.oid
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_proc", "p.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("proname"))
    owner = try row.text("owner")
    let list = row.orEmpty("arguments")
    arguments = list.isEmpty ? "*" : list
    argumentTypes = row.orEmpty("types")
    options = [
      "SFUNC = \(try row.text("aggtransfn"))", "STYPE = \(try row.text("stype"))",
    ]
    addSpace("SSPACE", row.optional("aggtransspace"))
    add("INITCOND", row.optional("agginitval").map(quoteLiteral))
    addFinal("FINALFUNC", row.optional("finalfn"), row.flag("aggfinalextra"))
    if row.optional("finalfn") != nil {
      add("FINALFUNC_MODIFY", UserAggregate.modify(row.code("aggfinalmodify")))
    }
    add("COMBINEFUNC", row.optional("combinefn"))
    add("SERIALFUNC", row.optional("serialfn"))
    add("DESERIALFUNC", row.optional("deserialfn"))
    add("MSFUNC", row.optional("mtransfn"))
    add("MINVFUNC", row.optional("minvtransfn"))
    add("MSTYPE", row.optional("mstype"))
    addSpace("MSSPACE", row.optional("aggmtransspace"))
    add("MINITCOND", row.optional("aggminitval").map(quoteLiteral))
    addFinal("MFINALFUNC", row.optional("mfinalfn"), row.flag("aggmfinalextra"))
    if row.optional("mfinalfn") != nil {
      add("MFINALFUNC_MODIFY", UserAggregate.modify(row.code("aggmfinalmodify")))
    }
    add("SORTOP", row.optional("sortop"))
    switch row.code("proparallel") {
    case "s": add("PARALLEL", "SAFE")
    case "r": add("PARALLEL", "RESTRICTED")
    default: break
    }
    if row.code("aggkind") == "h" { options.append("HYPOTHETICAL") }
  }

  private mutating func add(_ option: String, _ value: String?) {
    if let value { options.append("\(option) = \(value)") }
  }

  private mutating func addSpace(_ option: String, _ value: String?) {
    if value != "0" { add(option, value) }
  }

  private mutating func addFinal(_ option: String, _ function: String?, _ isExtra: Bool) {
    add(option, function)
    if function != nil, isExtra { options.append("\(option)_EXTRA") }
  }

  private static func modify(_ code: Character) -> String {
    switch code {
    case "s": "SHAREABLE"
    case "w": "READ_WRITE"
    default: "READ_ONLY"
    }
  }

  var dumpObject: DumpObject {
    let signature = "\(name.sql)(\(arguments))"
    var object = DumpObject(
      ObjectKey(.procedure, oid), .aggregate, schema: name.schema,
      tag: "\(name.name)(\(argumentTypes.isEmpty ? "*" : argumentTypes))", owner: owner,
      definition: """
        CREATE AGGREGATE \(signature) (
            \(options.joined(separator: ",\n    "))
        );

        """,
      dropStatement: "DROP AGGREGATE \(signature);\n")
    object.sortName = "\(name.name) \(argumentTypes)"
    return object
  }
}
