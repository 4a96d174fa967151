// The actions of the format that ask or change services beside the database and the cluster.
extension FormatActions {
  static let monitoring: [Entry] = [
    Entry(
      "prometheus.query", .read,
      [
        text("query", isRequired: true), text("empty"), moment("at"), duration("range"),
        duration("step"), duration("timeout"),
      ],
      result: .object([
        "type": .string, "samples": .array(sample), "value": .any, "count": .number,
        "warnings": .array(.string),
      ])),
    Entry(
      "alertmanager.alerts", .read,
      [
        texts("filter"), text("alertname"), text("receiver"), flag("active"), flag("silenced"),
        flag("inhibited"),
      ],
      result: .object(["alerts": .array(alert), "count": .number])),
    Entry(
      "alertmanager.silence", .write,
      [
        texts("matchers", isRequired: true), duration("duration", isRequired: true),
        text("comment"),
      ],
      result: .object([
        "id": .string, "ends-at": .timestamp, "comment": .string,
        "matchers": .array(.string),
      ])),
    Entry(
      "alertmanager.expire", .write, [text("id", isRequired: true)],
      result: .object(["id": .string, "state": .string])),
    Entry(
      "loki.query", .read,
      [
        text("query", isRequired: true), text("empty"), moment("at"),
        ActionParameter("since", .any),
        moment("until"), duration("step"), number("limit"), text("direction"), duration("timeout"),
      ],
      result: .object([
        "type": .string, "lines": .array(line), "samples": .array(sample), "value": .any,
        "count": .number, "truncated": .bool,
      ])),
    Entry(
      "tls.certificate", .read,
      [
        text("host", isRequired: true), number("port"), text("server-name"), text("ca"),
        duration("timeout"),
      ],
      result: .object([
        "subject": .string, "issuer": .string, "names": .array(.string),
        "not-before": .timestamp, "not-after": .timestamp, "days-left": .number,
        "fingerprint": .string, "verified": .bool, "problem": .optional(.string),
        "chain": .array(
          .object([
            "subject": .string, "issuer": .string, "not-after": .timestamp, "days-left": .number,
          ])),
      ])),
    Entry(
      "command.version", .read,
      [
        text("command", isRequired: true), texts("arguments"), text("at-least"), text("missing"),
      ],
      result: .object([
        "version": .optional(.string), "numbers": .array(.number), "path": .optional(.string),
        "text": .string,
      ])),
  ]

  static let cloud: [Entry] = [
    // What is read goes to the command line as it is, so that no secret may be in it.
    Entry("aws.read", .read, amazon + [ActionParameter("arguments", .map(.any))]),
    Entry(
      "aws.call", .write,
      amazon + [ActionParameter("arguments", .map(.any), takesSecrets: true)]),
    Entry(
      "terraform.plan", .read,
      rootModule + [
        ActionParameter("variables", .map(.any), takesSecrets: true), texts("variable-files"),
        flag("refresh-only"), flag("init"), duration("lock-timeout"),
      ], result: plan),
    Entry(
      "terraform.apply", .destroy,
      rootModule + [
        text("plan", isRequired: true), duration("lock-timeout"), duration("max-age"),
      ],
      result: .object(["create": .number, "update": .number, "delete": .number])),
    Entry(
      "github.dispatch", .write,
      [
        text("workflow", isRequired: true), text("ref", isRequired: true),
        ActionParameter("inputs", .map(.any)), text("repository"), text("mark"),
        duration("wait"), duration("timeout"),
      ],
      result: .object([
        "run-id": .number, "url": .string, "status": .string,
        "conclusion": .optional(.string), "title": .string,
      ])),
    Entry(
      "secret.put", .write,
      [
        text("to", isRequired: true),
        ActionParameter("values", .map(.any), takesSecrets: true),
        ActionParameter("value", .optional(.string), takesSecrets: true), text("previous"),
        text("new-keys"), flag("create"),
      ],
      result: .object([
        "version": .optional(.string), "previous": .optional(.string),
        "keys": .array(.string), "changed": .array(.string), "created": .bool,
      ])),
  ]

  static let sessions: [Entry] = [
    Entry(
      "db.sessions", .read, sessionFilter + [number("limit")],
      result: .object([
        "sessions": .array(session), "count": .number, "connections": .number,
        "max-connections": .number,
      ])),
    Entry(
      "db.cancel", .write,
      sessionFilter + [flag("terminate"), number("max"), duration("wait")],
      result: .object(["ended": .array(.number), "left": .array(.number)])),
  ]

  private static let amazon = [
    text("service", isRequired: true), text("operation", isRequired: true), text("region"),
    text("profile"), duration("timeout"),
  ]

  private static let rootModule = [text("folder"), text("workspace")]

  private static let sessionFilter = [
    text("database"), text("user"), text("application"), text("state"),
    duration("running-for"), duration("idle-in-transaction-for"), duration("transaction-for"),
    flag("blocking"), flag("waiting"), ActionParameter("pids", .array(.number)),
  ]

  private static let session = Shape.object([
    "pid": .number, "user": .optional(.string), "application": .string,
    "client": .optional(.string), "database": .optional(.string), "state": .optional(.string),
    "wait": .optional(.string), "started-at": .timestamp,
    "transaction-for": .optional(.duration), "state-for": .optional(.duration),
    "blocked-by": .array(.number), "blocks": .number, "query": .string, "query-sha256": .string,
  ])

  private static let sample = Shape.object([
    "labels": .map(.string), "value": .any, "at": .timestamp,
    "values": .array(.object(["at": .timestamp, "value": .any])),
  ])

  private static let line = Shape.object([
    "at": .timestamp, "labels": .map(.string), "line": .string,
  ])

  private static let alert = Shape.object([
    "name": .string, "state": .string, "since": .timestamp, "labels": .map(.string),
    "annotations": .map(.string), "receivers": .array(.string),
    "silenced-by": .array(.string), "inhibited-by": .array(.string), "fingerprint": .string,
  ])

  private static let change = Shape.object([
    "address": .string, "type": .string, "action": .string, "attributes": .array(.string),
    "before": .any, "after": .any,
  ])

  private static let plan = Shape.object([
    "has-changes": .bool, "create": .number, "update": .number, "delete": .number,
    "replace": .number, "drifted": .number, "changes": .array(change), "drift": .array(change),
    "destroys": .array(.string), "plan": .string, "terraform-version": .string,
  ])

  private static func duration(_ name: String, isRequired: Bool = false) -> ActionParameter {
    ActionParameter(name, .duration, isRequired: isRequired)
  }

  private static func moment(_ name: String) -> ActionParameter {
    ActionParameter(name, .timestamp)
  }

  private static func flag(_ name: String) -> ActionParameter { ActionParameter(name, .bool) }

  private static func texts(_ name: String, isRequired: Bool = false) -> ActionParameter {
    ActionParameter(name, .array(.string), isRequired: isRequired)
  }
}
