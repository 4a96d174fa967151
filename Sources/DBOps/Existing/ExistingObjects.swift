internal import Archive
internal import Postgres

/// Asks a database which of an archive's objects it has already, by their names.
struct ExistingObjects {
  let connection: Connection

  /// The numbers of the entries whose objects are there. Kinds that no name finds count as absent.
  func present(of entries: [ArchiveEntry]) async throws -> Set<Int> {
    let probes = entries.compactMap { entry in
      ExistingObjects.probe(entry).map { (entry.dumpID, $0.kind, $0.name) }
    }
    if probes.isEmpty { return [] }
    let rows = try await connection.query(
      """
      SELECT n FROM ROWS FROM (
        pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])
      ) WITH ORDINALITY AS p(kind, name, n)
      WHERE CASE kind
        WHEN 'relation' THEN pg_catalog.to_regclass(name) IS NOT NULL
        WHEN 'type' THEN pg_catalog.to_regtype(name) IS NOT NULL
        WHEN 'routine' THEN pg_catalog.to_regprocedure(name) IS NOT NULL
        WHEN 'schema' THEN EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = name)
        WHEN 'extension' THEN EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = name)
        WHEN 'language' THEN EXISTS (SELECT FROM pg_catalog.pg_language WHERE lanname = name)
        WHEN 'collation' THEN EXISTS (SELECT FROM pg_catalog.pg_collation AS c
          JOIN pg_catalog.pg_namespace AS s ON s.oid = c.collnamespace
          WHERE pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.collname)
            = name)
        END
      """,
      [
        SQLValue(array: probes.map { SQLValue($0.1) }),
        SQLValue(array: probes.map { SQLValue($0.2) }),
      ]
    ).rows
    return Set(try rows.map { probes[try $0.decode(0, as: Int.self) - 1].0 })
  }

  private static func probe(_ entry: ArchiveEntry) -> (kind: String, name: String)? {
    switch entry.kind {
    case "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE", "INDEX":
      return ("relation", entry.qualifiedName)
    case "TYPE", "DOMAIN", "SHELL TYPE": return ("type", entry.qualifiedName)
    case "FUNCTION", "PROCEDURE", "AGGREGATE":
      // `DROP FUNCTION s.f(integer);`: the signature stands nowhere else.
      var text = entry.dropStatement.drop { $0 != " " }.dropFirst().drop { $0 != " " }.dropFirst()
      while let last = text.last, last == "\n" || last == ";" { text.removeLast() }
      return text.isEmpty
        ? nil : ("routine", String(text.hasSuffix("(*)") ? text.dropLast(3) + "()" : text))
    case "SCHEMA": return ("schema", entry.tag)
    case "EXTENSION": return ("extension", entry.tag)
    case "PROCEDURAL LANGUAGE": return ("language", entry.tag)
    case "COLLATION": return ("collation", entry.qualifiedName)
    default: return nil
    }
  }
}
