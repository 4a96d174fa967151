/// The actions that the format knows, whether or not a program offers them.
///
/// Where the schema of the format says which fields `with` has, they stand here; where it does
/// not, any are taken.
enum FormatActions {
  typealias Entry = ActionCatalog.Entry

  static let all: [Entry] = database + cluster + observation + cloud + people

  private static let optionalText = Shape.optional(.string)

  private static let database: [Entry] = [
    Entry(
      "sql.query", .read,
      [
        text("query", isRequired: true, allowsExpressions: false), list("params"),
        ActionParameter("identifiers", .map(.any)), text("database"), text("role"),
        number("max-rows"),
      ], result: .object(["rows": .array(.map(.any)), "row-count": .number, "truncated": .bool])),
    Entry(
      "sql.exec", .write,
      [
        text("sql", isRequired: true, allowsExpressions: false), list("params"),
        ActionParameter("identifiers", .map(.any)), text("database"),
        ActionParameter("transaction", .bool), ActionParameter("lock-timeout", .duration),
        ActionParameter("expect-rows", .any),
      ], result: .object(["affected": .number, "command": .string])),
    Entry("db.info", .read),
    Entry("db.backup.find", .read),
    Entry("db.backup.verify", .read),
    Entry(
      "db.backup", .write,
      [
        text("database"), text("label"), text("to"), text("format"), number("jobs"),
        number("compress"), text("encrypt-to"), text("verify"),
      ]),
    Entry(
      "db.restore", .destroy,
      [
        text("from", isRequired: true), text("into", isRequired: true), number("jobs"),
        text("owner"), ActionParameter("analyze", .bool),
      ]),
    Entry("db.compare", .read),
    Entry(
      "db.swap", .destroy,
      [
        text("live", isRequired: true), text("incoming", isRequired: true),
        text("keep-as", isRequired: true), text("mark"),
      ]),
    Entry("db.drop", .destroy),
    Entry("db.migrate.status", .read, migration + [ActionParameter("plan", .bool)]),
    Entry(
      "db.migrate", .write,
      migration + [
        ActionParameter("lock-wait", .duration), ActionParameter("lock-timeout", .duration),
        ActionParameter("retry-for", .duration), ActionParameter("statement-timeout", .duration),
      ]),
  ]

  private static let migration = [
    text("to"), text("direction"), text("project"), text("image-of"), text("database"),
  ]

  private static let cluster: [Entry] = [
    Entry(
      "kube.get", .read,
      [
        text("kind"), text("name"), text("namespace"), text("selector"), text("field-selector"),
      ]),
    Entry(
      "kube.wait", .read,
      [
        text("kind", isRequired: true), text("name"), text("namespace"), text("selector"),
        ActionParameter("until", .any, isRequired: true, isDeferred: true),
      ]),
    Entry("kube.events", .read),
    Entry("kube.rollout.status", .read),
    Entry("kube.apply", .write),
    Entry("kube.delete", .destroy),
    Entry(
      "kube.scale", .write,
      [
        text("namespace"), ActionParameter("deployments", .array(.string)),
        number("replicas"), ActionParameter("to", .any),
      ]),
    Entry("kube.suspend", .write),
    Entry("kube.rollout", .write),
    Entry("kube.exec", .write),
    Entry("kube.cordon", .write),
    Entry("kube.drain", .destroy),
    Entry("kube.job", .write),
  ]

  private static let observation: [Entry] = [
    Entry(
      "logs.expect", .read,
      [
        text("namespace"), text("selector"), text("name"), text("container"),
        ActionParameter("since", .any), text("match"), text("absent"),
      ]),
    Entry(
      "http", .read,
      [
        text("url", isRequired: true), text("method"), ActionParameter("headers", .map(.string)),
        ActionParameter("status", .any),
      ],
      result: .object([
        "status": .number, "headers": .map(.any), "json": .any, "text": .string, "ms": .number,
      ])),
    Entry(
      "prometheus.query", .read, [text("query", isRequired: true), text("empty")],
      result: .object(["type": .string, "samples": .array(.any), "value": .any])),
    Entry("alertmanager.alerts", .read),
    Entry("alertmanager.silence", .write),
    Entry("alertmanager.expire", .write),
    Entry("loki.query", .read),
    Entry("tls.certificate", .read),
    Entry("command.version", .read),
  ]

  private static let cloud: [Entry] = [
    Entry("aws.read", .read, amazon),
    Entry("aws.call", .write, amazon),
    Entry("terraform.plan", .read),
    Entry("terraform.apply", .destroy),
    Entry("github.dispatch", .write),
    Entry("secret.put", .write),
  ]

  private static let amazon = [
    text("service", isRequired: true), text("operation", isRequired: true),
    ActionParameter("arguments", .map(.any)), text("region"),
  ]

  private static let people: [Entry] = [
    Entry(
      "confirm", .human,
      [
        text("message", isRequired: true), text("phrase"), number("approvers"),
        ActionParameter("other-person", .bool), ActionParameter("timeout", .duration),
      ]),
    Entry("manual", .human),
    Entry("sleep", .write),
  ]

  private static func text(
    _ name: String, isRequired: Bool = false, allowsExpressions: Bool = true
  ) -> ActionParameter {
    ActionParameter(
      name, isRequired ? .string : optionalText, isRequired: isRequired,
      allowsExpressions: allowsExpressions)
  }

  private static func number(_ name: String) -> ActionParameter { ActionParameter(name, .number) }

  private static func list(_ name: String) -> ActionParameter {
    ActionParameter(name, .array(.any))
  }
}
