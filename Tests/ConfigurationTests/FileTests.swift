import Configuration
import Diagnostics
import Glibc
import SystemPackage
import Testing

@Suite struct FileTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func load(
    _ path: String? = nil, from folder: String? = nil, _ variables: [String: String] = [:]
  ) throws -> Configuration {
    try Configuration.load(
      path: path, from: folder ?? scratch.path.string, variables: variables)
  }

  private let one = "environments: { one: { database: { url: postgres://db/app } } }\n"

  @Test("the nearest file above counts, omcops.yaml before omcops.yml")
  func upward() throws {
    let deep = try scratch.folder("a/b/c")
    // Nothing in the scratch folder yet: whatever stands above it is not this test's.
    #expect(try load(from: deep).file?.hasPrefix(scratch.path.string) != true)
    let top = try scratch.write(one, to: "omcops.yaml")
    #expect(try load(from: deep).file == top)
    let near = try scratch.write(one, to: "a/b/omcops.yml")
    #expect(try load(from: deep).file == near)
    let nearer = try scratch.write(one, to: "a/b/omcops.yaml")
    #expect(try load(from: deep).file == nearer)
    #expect(try load(from: scratch.path.string).file == top)
  }

  @Test("--config stands above OMCOPS_CONFIG, and that above the search")
  func named() throws {
    _ = try scratch.write(one, to: "omcops.yaml")
    let first = try scratch.write(one, to: "first.yaml")
    let second = try scratch.write(one, to: "second.yaml")
    #expect(try load("first.yaml", ["OMCOPS_CONFIG": second]).file == first)
    #expect(try load(nil, ["OMCOPS_CONFIG": "second.yaml"]).file == second)
    let missing = try #require(throws: ConfigurationError.self) { try load("none.yaml") }
    #expect(missing.message.contains("none.yaml"))
    #expect(missing.status == .usage)
  }

  @Test("from-file reads a secret without the newline at its end, and says what is wrong with it")
  func secrets() throws {
    let file = try scratch.write(
      "environments: { e: { database: { host: h, password: { from-file: secret } } } }",
      to: "omcops.yaml")
    let secret = try scratch.write("s3cret \n", to: "secret")
    let found = try load(file).resolve(Selection(), variables: [:])
    #expect(found.parameters["password"]?.value == "s3cret ")
    #expect(found.parameters["password"]?.origin == .contents(secret))
    _ = try scratch.write("\n", to: "secret")
    let empty = try #require(throws: ConfigurationError.self) {
      try load(file).resolve(Selection(), variables: [:])
    }
    #expect(empty.message.hasPrefix("\(file):1:"))
    #expect(empty.message.contains("is empty"))
    unlink(secret)
    let missing = try #require(throws: ConfigurationError.self) {
      try load(file).resolve(Selection(), variables: [:])
    }
    #expect(missing.message.contains("cannot read \(secret)"))
  }

  @Test("a password that others can read is warned about")
  func readablePassword() throws {
    let file = try scratch.write(
      "environments: { e: { database: { url: 'postgres://u:hunter2@h/d' } } }", to: "omcops.yaml")
    chmod(file, 0o644)
    let warnings = try load(file).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("chmod 600") == true)
    #expect(warnings.first?.contains("hunter2") == false)
    chmod(file, 0o600)
    #expect(try load(file).warnings.isEmpty)
  }
}
