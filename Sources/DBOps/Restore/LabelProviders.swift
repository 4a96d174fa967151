internal import Archive
internal import Postgres

extension BackupContents {
  /// The same without security labels.
  var withoutLabels: BackupContents {
    restricted(to: toc.entries.filter { $0.kind != "SECURITY LABEL" })
  }
}

/// The providers of security labels, which a server has loaded or not; it has no list of them.
enum LabelProviders {
  /// The providers that entries' labels name.
  static func named(in entries: some Sequence<ArchiveEntry>) -> Set<String> {
    var providers: Set<String> = []
    for entry in entries where entry.kind == "SECURITY LABEL" {
      let tokens = SQLTokens.tokens(of: entry.definition)
      for (index, token) in tokens.enumerated().dropFirst(2)
      where token.isKeyword("for") && tokens[index - 1].isKeyword("label") {
        if index + 1 < tokens.count, let name = tokens[index + 1].name { providers.insert(name) }
      }
    }
    return providers
  }

  /// The providers that a session must have before anything is made.
  ///
  /// `CREATE EXTENSION` loads the library of an extension, and perhaps a provider with it, in the
  /// session that makes the objects; the database itself gets its labels in another.
  static func needed(by entries: [ArchiveEntry]) -> Set<String> {
    let loadsMore = entries.contains { $0.kind == "EXTENSION" }
    return named(in: entries.filter { !loadsMore || DatabaseStatements.concerns($0) })
  }

  /// Those of the providers that a session has not loaded.
  static func absent(_ providers: Set<String>, _ connection: Connection) async throws -> [String] {
    var absent: [String] = []
    for provider in providers.sorted() {
      do {
        // No schema can have such a name, so that nothing is labelled; the provider comes first.
        try await connection.execute(
          "SECURITY LABEL FOR \(quoteIdentifier(provider)) ON SCHEMA pg_omcops_nowhere IS NULL")
      } catch let error as PostgresError where error.sqlState == "22023" {
        absent.append(provider)
      } catch let error as PostgresError where error.sqlState == "3F000" {
        continue
      }
    }
    return absent
  }
}
