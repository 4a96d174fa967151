import Configuration
import Diagnostics
import JSON
import SystemPackage
import Testing

/// The schema that editors use knows what the reader knows.
@Suite struct SchemaTests {
  private let schema: JSON

  init() throws {
    let path = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .removingLastComponent().appending("schemas/config-v1.schema.json")
    let file = try FileDescriptor.open(path, .readOnly)
    schema = try file.closeAfter {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      return try JSON(parsing: String(decoding: buffer.prefix(count), as: UTF8.self))
    }
  }

  /// The keys of a mapping, as the schema has them.
  private func keys(_ definition: JSON?) throws -> [String] {
    let properties = try #require(definition?["properties"]?.object)
    #expect(definition?["additionalProperties"] == false)
    return properties.keys.sorted()
  }

  /// The keys of a mapping, as the reader lists them when it meets one that it does not know.
  private func known(_ text: String) throws -> [String] {
    do {
      _ = try Configuration(parsing: Array(text.utf8), file: "/c/omcops.yaml", home: nil)
    } catch {
      let hint = try #require((error as? any Failure)?.hint)
      let list = hint.dropFirst("Known keys: ".count).dropLast()
      return list.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }
    Issue.record("\(text) was understood")
    return []
  }

  @Test("every mapping has the keys that are read, and no other")
  func keysAgree() throws {
    let definitions = schema["$defs"]
    #expect(try keys(schema) == known("zzzzz: 1"))
    #expect(try keys(schema["properties"]?["tools"]) == known("tools: { zzzzz: 1 }"))
    let alembic = schema["properties"]?["alembic"]
    #expect(try keys(alembic) == known("alembic: { zzzzz: 1 }"))
    #expect(
      try keys(alembic?["properties"]?["naming-convention"])
        == known("alembic: { naming-convention: { zzzzz: 1 } }"))
    #expect(
      try keys(definitions?["environment"]) == known("environments: { e: { zzzzz: 1 } }"))
    #expect(
      try keys(definitions?["database"])
        == known("environments: { e: { database: { zzzzz: 1 } } }"))
    #expect(
      try keys(definitions?["relay"])
        == known(
          "environments: { e: { kubernetes: { }, database: { tunnel: relay, relay: { zzzzz: 1 } } } }"
        ))
    #expect(
      try keys(definitions?["kubernetes"])
        == known("environments: { e: { kubernetes: { zzzzz: 1 } } }"))
    for (name, section) in [
      ("server", "prometheus: { url: u, zzzzz: 1 }"), ("loki", "loki: { url: u, zzzzz: 1 }"),
      ("aws", "aws: { zzzzz: 1 }"),
      ("github", "github: { repository: a/b, zzzzz: 1 }"),
      ("terraform", "terraform: { folder: f, zzzzz: 1 }"),
    ] {
      #expect(
        try keys(definitions?[name]) == known("environments: { e: { \(section) } }"), "\(name)")
    }
    #expect(
      try keys(definitions?["loki"]?["properties"]?["labels"])
        == known("environments: { e: { loki: { url: u, labels: { zzzzz: 1 } } } }"))
    #expect(
      try keys(definitions?["suite"]) == known("tests: { s: { runner: pytest, zzzzz: 1 } }"))
    #expect(
      try keys(definitions?["testDatabase"])
        == known("tests: { s: { runner: pytest, database: { kind: none, zzzzz: 1 } } }"))
    #expect(
      try keys(definitions?["testSetup"])
        == known("tests: { s: { runner: pytest, setup: { requirements: r, zzzzz: 1 } } }"))
    #expect(
      try keys(definitions?["testService"])
        == known(
          "tests: { s: { runner: pytest, services: { a: { command: [b], port: 1, zzzzz: 1 } } } }"))
    #expect(
      try keys(definitions?["testWhere"])
        == known("tests: { s: { runner: pytest, where: { zzzzz: 1 } } }"))
    #expect(
      try keys(definitions?["environment"]?["properties"]?["backups"])
        == known("environments: { e: { backups: { path: p, zzzzz: 1 } } }"))
  }
}
