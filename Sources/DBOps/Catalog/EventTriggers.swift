internal import Postgres

/// An event trigger, which is restored last: it would fire during the restore.
struct EventTrigger: SelfContainedObject {
  var oid: UInt32
  var name: String
  var owner: String
  var event: String
  var function: String
  var tags: String?
  var state: Character

  static func query(_ version: Int) -> String {
    """
    SELECT e.oid, e.evtname, pg_get_userbyid(e.evtowner) AS owner, e.evtevent,
      e.evtfoid::regproc AS function, e.evtenabled,
      (SELECT string_agg(quote_literal(t), ', ') FROM unnest(e.evttags) AS t) AS tags
    FROM pg_event_trigger AS e
    WHERE \(CatalogFilter.notMember("pg_event_trigger", "e.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("evtname")
    owner = try row.text("owner")
    event = try row.text("evtevent")
    function = try row.text("function")
    tags = row.optional("tags")
    state = row.code("evtenabled")
  }

  var dumpObject: DumpObject {
    let trigger = quoteIdentifier(name)
    let filter = tags.map { " WHEN TAG IN (\($0))" } ?? ""
    let states: [Character: String] = [
      "D": "DISABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA",
    ]
    let change = states[state].map { "ALTER EVENT TRIGGER \(trigger) \($0);\n" } ?? ""
    return DumpObject(
      ObjectKey(.eventTrigger, oid), .eventTrigger, tag: name, owner: owner,
      definition: """
        CREATE EVENT TRIGGER \(trigger) ON \(quoteIdentifier(event))\(filter) \
        EXECUTE FUNCTION \(function)();
        \(change)
        """,
      dropStatement: "DROP EVENT TRIGGER \(trigger);\n")
  }
}
