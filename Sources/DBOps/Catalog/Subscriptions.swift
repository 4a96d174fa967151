internal import Postgres

/// A subscription of this database's to publications elsewhere.
struct Subscription: Sendable {
  var oid: UInt32
  var name: String
  var owner: String
  var publications: String
  var options: String
  /// Where the publisher is and how to log in there.
  var connection: String

  /// Which subscriptions there are, and whether this session's role may read all of them. Merely to
  /// name the other columns takes a right to them.
  static let namesQuery = """
    SELECT subname, has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') AS isreadable
    FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    """

  /// All about this database's subscriptions, for a role that may read it.
  static func query(_ version: Int) -> String {
    func since(_ first: Int, _ sql: String) -> String { version >= first ? sql : "NULL" }
    let streaming =
      version >= 160000
      ? "CASE s.substream WHEN 'p' THEN 'parallel' WHEN 't' THEN 'on' ELSE 'off' END"
      : since(140000, "CASE WHEN s.substream THEN 'on' ELSE 'off' END")
    return """
      SELECT s.oid, s.subname, pg_get_userbyid(s.subowner) AS owner,
        s.subconninfo,
        (SELECT string_agg(quote_ident(p.name), ', ' ORDER BY p.place)
          FROM unnest(s.subpublications) WITH ORDINALITY AS p(name, place)) AS publications,
        concat_ws(', ', 'slot_name = ' || coalesce(quote_literal(s.subslotname), 'NONE'),
          CASE WHEN s.subsynccommit <> 'off'
            THEN 'synchronous_commit = ' || quote_literal(s.subsynccommit) END,
          \(since(140000, "CASE WHEN s.subbinary THEN 'binary = true' END")),
          'streaming = ' || \(streaming),
          \(since(150000, "CASE WHEN s.subtwophasestate <> 'd' THEN 'two_phase = on' END")),
          \(since(150000, "CASE WHEN s.subdisableonerr THEN 'disable_on_error = true' END")),
          \(since(160000, "CASE WHEN NOT s.subpasswordrequired THEN 'password_required = false' END")),
          \(since(160000, "CASE WHEN s.subrunasowner THEN 'run_as_owner = true' END")),
          \(since(160000, "CASE WHEN s.suborigin <> 'any' THEN 'origin = ' || s.suborigin END")),
          \(since(170000, "CASE WHEN s.subfailover THEN 'failover = true' END"))) AS options
      FROM pg_subscription AS s
      WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("subname")
    owner = try row.text("owner")
    publications = try row.text("publications")
    options = try row.text("options")
    connection = try row.text("subconninfo")
  }

  /// The entry. A restore must not make the publisher send to two databases, or contact it at all:
  /// whether and when to go on from there is the operator's to say.
  var dumpObject: DumpObject {
    let subscription = quoteIdentifier(name)
    return DumpObject(
      ObjectKey(.subscription, oid), .subscription, tag: name, owner: owner,
      definition: """
        CREATE SUBSCRIPTION \(subscription) CONNECTION \(quoteLiteral(connection)) \
        PUBLICATION \(publications) \
        WITH (connect = false, \(options));

        """,
      dropStatement: "DROP SUBSCRIPTION \(subscription);\n")
  }

  /// One that this session's role cannot back up.
  static func unreadable(_ name: String) -> UnsupportedObject {
    UnsupportedObject(
      kind: "subscription", identity: quoteIdentifier(name),
      reason: "only superusers may read its connection string")
  }
}
