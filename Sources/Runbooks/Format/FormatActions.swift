/// The actions that the format knows, whether or not a program offers them.
///
/// Where the schema of the format says which fields `with` has, they stand here; where it does
/// not, any are taken.
enum FormatActions {
  typealias Entry = ActionCatalog.Entry

  static let all: [Entry] =
    database + sessions + cluster + tests + observation + monitoring + cloud + people

  private static let optionalText = Shape.optional(.string)

  private static let database: [Entry] = [
    Entry(
      "sql.query", .read,
      [
        text("query", isRequired: true, allowsExpressions: false), list("params"),
        ActionParameter("identifiers", .map(.any)), text("database"), text("host"), text("role"),
        number("max-rows"), ActionParameter("timeout", .duration),
      ], result: .object(["rows": .array(.map(.any)), "row-count": .number, "truncated": .bool])),
    Entry(
      "sql.exec", .write,
      [
        text("sql", isRequired: true, allowsExpressions: false), list("params"),
        ActionParameter("identifiers", .map(.any)), text("database"),
        text("role"), ActionParameter("transaction", .bool),
        ActionParameter("lock-timeout", .duration), ActionParameter("timeout", .duration),
        ActionParameter("expect-rows", .any),
      ], result: .object(["affected": .number, "command": .string])),
    Entry("db.info", .read),
    Entry(
      "db.role", .write,
      [
        text("role", isRequired: true), ActionParameter("login", .bool), text("password-from"),
        text("group"), text("namespace"),
      ]),
    Entry(
      "db.login", .read,
      [
        text("user"), text("user-from"), text("password-from", isRequired: true),
        text("database"), text("namespace"),
      ]),
    Entry(
      "db.decrypt", .read,
      [
        text("table", isRequired: true), text("column", isRequired: true), text("schema"),
        text("key-from", isRequired: true), number("sample"), text("database"), text("host"),
        text("namespace"),
      ], result: .object(["values": .number, "decrypted": .number, "failed": .number])),
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

  private static let objects = [
    text("kind", isRequired: true), text("name"), text("namespace"), text("selector"),
    text("field-selector"),
  ]

  private static let workloads = [
    text("namespace"), text("target"), ActionParameter("deployments", .array(.string)),
  ]

  private static let cluster: [Entry] = [
    Entry(
      "kube.get", .read,
      objects + [
        ActionParameter("where", .any, isDeferred: true), ActionParameter("given", .map(.any)),
      ]),
    Entry(
      "kube.wait", .read,
      objects + [
        ActionParameter("until", .any, isRequired: true, isDeferred: true),
        ActionParameter("timeout", .duration),
      ]),
    Entry(
      "kube.events", .read,
      [
        text("namespace"), text("target"), text("reason"), text("type"),
        ActionParameter("since", .any), text("involved-selector"),
      ]),
    Entry("kube.rollout.status", .read, workloads),
    Entry(
      "kube.apply", .write,
      [
        ActionParameter("manifest", .any, isRequired: true), text("namespace"),
        ActionParameter("force-conflicts", .bool),
      ]),
    Entry("kube.delete", .destroy, objects + [ActionParameter("wait", .duration)]),
    Entry(
      "kube.scale", .write,
      workloads + [
        number("replicas"), ActionParameter("to", .any), ActionParameter("wait", .duration),
      ]),
    Entry(
      "kube.suspend", .write,
      [
        text("namespace"), text("selector"), ActionParameter("cron-jobs", .array(.string)),
        ActionParameter("suspend", .bool), ActionParameter("to", .any), text("empty"),
      ]),
    Entry(
      "kube.rollout", .write,
      workloads + [
        text("action"), text("image"), text("container"), number("to-revision"),
        ActionParameter("to", .any), ActionParameter("wait", .duration),
        ActionParameter("annotations", .map(.string)),
      ]),
    Entry(
      "kube.rollout.history", .read,
      [text("namespace"), text("target", isRequired: true), number("revision")]),
    Entry(
      "kube.annotate", .write,
      [
        text("target", isRequired: true), text("namespace"), text("name", isRequired: true),
        text("value"),
      ]),
    Entry(
      "kube.secret", .write,
      [
        text("name", isRequired: true), text("namespace"),
        ActionParameter("set", .array(.any), isRequired: true, takesSecrets: true),
        ActionParameter("create", .bool),
      ]),
    Entry(
      "kube.secret.keys", .read,
      [
        text("name", isRequired: true), text("namespace"),
        ActionParameter("keys", .array(.string)),
      ]),
    Entry(
      "kube.exec", .write,
      [
        text("target", isRequired: true), text("namespace"), text("container"),
        ActionParameter("command", .array(.string), isRequired: true),
      ]),
    Entry(
      "kube.cordon", .write,
      [text("node"), ActionParameter("cordon", .bool), ActionParameter("to", .any)]),
    Entry(
      "kube.drain", .destroy,
      [
        text("node", isRequired: true), text("daemon-sets"), text("empty-dirs"),
        text("unmanaged"), ActionParameter("timeout", .duration),
      ]),
    Entry(
      "kube.job", .write,
      [
        ActionParameter("manifest", .any), text("from"), text("name"), text("namespace"),
        ActionParameter("timeout", .duration), ActionParameter("delete", .bool),
      ]),
  ]

  private static let tests: [Entry] = [
    Entry(
      "test.run", .write,
      [
        text("suite"), text("where"), text("target"), number("shards"), text("image"),
        number("workers"), text("only"), ActionParameter("failed", .bool), number("retries"),
        ActionParameter("timeout", .duration), ActionParameter("arguments", .array(.string)),
        ActionParameter("allow-failures", .bool),
      ])
  ]

  private static let observation: [Entry] = [
    Entry(
      "logs.expect", .read,
      [
        text("namespace"), text("target"), text("selector"), text("name"), text("container"),
        ActionParameter("since", .any), text("match"), text("absent"),
      ]),
    Entry(
      "http", .read,
      [
        text("url", isRequired: true), text("method"), ActionParameter("headers", .map(.string)),
        ActionParameter("status", .any), text("through"),
      ],
      result: .object([
        "status": .number, "headers": .map(.any), "json": .any, "text": .string, "ms": .number,
      ])),
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

  static func text(
    _ name: String, isRequired: Bool = false, allowsExpressions: Bool = true
  ) -> ActionParameter {
    ActionParameter(
      name, isRequired ? .string : optionalText, isRequired: isRequired,
      allowsExpressions: allowsExpressions)
  }

  static func number(_ name: String) -> ActionParameter { ActionParameter(name, .number) }

  private static func list(_ name: String) -> ActionParameter {
    ActionParameter(name, .array(.any))
  }
}
