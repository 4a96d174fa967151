extension UserType {
  /// SQL for what `CREATE TYPE` says of a base type: how its values are stored and which functions
  /// read and write them.
  static func baseOptions(_ version: Int) -> String {
    let options: [(name: String, value: String)] =
      [
        ("INTERNALLENGTH", "CASE WHEN t.typlen >= 0 THEN t.typlen::text ELSE 'variable' END")
      ]
      + functions(version).map { name, column in
        (name, "CASE WHEN t.\(column) <> 0 THEN t.\(column)::regproc::text END")
      } + [
        ("COLLATABLE", "CASE WHEN t.typcollation <> 0 THEN 'true' END"),
        ("DEFAULT", "quote_literal(t.typdefault)"),
        ("ELEMENT", "CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END"),
        ("CATEGORY", "CASE WHEN t.typcategory <> 'U' THEN quote_literal(t.typcategory::text) END"),
        ("PREFERRED", "CASE WHEN t.typispreferred THEN 'true' END"),
        ("DELIMITER", "CASE WHEN t.typdelim <> ',' THEN quote_literal(t.typdelim::text) END"),
        (
          "ALIGNMENT",
          "CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' "
            + "ELSE 'double' END"
        ),
        (
          "STORAGE",
          "CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' "
            + "WHEN 'x' THEN 'extended' ELSE 'main' END"
        ),
      ]
    let parts = options.map { "'    \($0.name) = ' || \($0.value)" }
    return """
      concat_ws(E',\\n', \(parts.joined(separator: ",\n")),
        CASE WHEN t.typbyval THEN '    PASSEDBYVALUE' END)
      """
  }

  private static func functions(_ version: Int) -> [(name: String, column: String)] {
    let always = [
      ("INPUT", "typinput"), ("OUTPUT", "typoutput"), ("RECEIVE", "typreceive"),
      ("SEND", "typsend"), ("TYPMOD_IN", "typmodin"), ("TYPMOD_OUT", "typmodout"),
      ("ANALYZE", "typanalyze"),
    ]
    return version >= 140000 ? always + [("SUBSCRIPT", "typsubscript")] : always
  }
}
