import Diagnostics
import JSON
import KubeExec
import Testing

@Suite struct ManifestTests {
  private func read(_ text: String) throws -> [Manifest] {
    try Manifest.read(Array(text.utf8), file: "m.yaml")
  }

  @Test("documents, lists and JSON give objects with their places")
  func documents() throws {
    let yaml = try read(
      """
      ---
      # nothing
      ---
      kind: ConfigMap
      apiVersion: v1
      metadata: {name: a}
      ---
      kind: List
      apiVersion: v1
      items:
      - {kind: Secret, apiVersion: v1, metadata: {name: b}}
      - {kind: Secret, apiVersion: v1, metadata: {name: c}}
      """)
    #expect(yaml.map(\.object.name) == ["a", "b", "c"])
    #expect(yaml.first?.place == "m.yaml:4:1")
    let json = try read(
      "{\n\t\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"p\"}}")
    #expect(json.map(\.object.kind) == ["Pod"])
  }

  @Test("plain words are read as kubectl reads them: octal modes, yes and no")
  func scalars() throws {
    let object = try #require(
      try read(
        """
        kind: X
        apiVersion: v1
        metadata: {name: a}
        mode: 0644
        quoted: "0644"
        big: 1234567890123
        flag: yes
        other: off
        text: "yes"
        zero: 0
        float: 1.5
        """
      ).first?.object)
    #expect(object["mode"] == 420)
    #expect(object["quoted"] == "0644")
    #expect(object["big"] == 1_234_567_890_123)
    #expect(object["flag"] == true)
    #expect(object["other"] == false)
    #expect(object["text"] == "yes")
    #expect(object["zero"] == 0)
    #expect(object["float"] == .double(1.5))
  }

  @Test(
    "what is no object is refused with its place",
    arguments: [
      ("- a\n", "m.yaml:1:1: this is no object of Kubernetes"),
      ("a: 1\n", "m.yaml:1:1: the object has no kind"),
      ("kind: Pod\n", "m.yaml:1:1: the object has no apiVersion"),
      ("kind: Pod\napiVersion: v1\n", "m.yaml:1:1: the Pod has no metadata.name"),
      ("a: [\n", "m.yaml:2:1"),
      ("{\"a\":", "m.yaml: "),
    ])
  func refused(_ text: String, _ message: String) {
    let error = #expect(throws: (any Error).self) { try read(text) }
    #expect(
      (error as? any Failure)?.message.hasPrefix(message) == true, "\(String(describing: error))")
    #expect((error as? any Failure)?.status == .usage)
  }

  @Test("fields are compared by name where they have one; what the server keeps does not count")
  func changes() throws {
    let old = KubeObject(
      try JSON(
        parsing: """
          {"kind":"Pod","metadata":{"name":"p","resourceVersion":"1","managedFields":[1]},"spec":
          {"containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}],"args":["1","2"]},
          "status":{"phase":"Running"}}
          """))
    let new = KubeObject(
      try JSON(
        parsing: """
          {"kind":"Pod","metadata":{"name":"p","resourceVersion":"2","labels":{"a.b/c":"d"}},"spec":
          {"containers":[{"name":"b","image":"z"},{"name":"a","image":"x"}],"args":["1"]}}
          """))
    let changes = FieldChange.between(old, new)
    #expect(
      Set(changes.map(\.path)) == [
        ".metadata.labels['a.b/c']", ".spec.containers[name=b].image", ".spec.args[1]",
      ])
    #expect(FieldChange.between(new, new).isEmpty)
  }

  @Test("the values of a Secret are not shown, its keys are")
  func secrets() throws {
    let secret = KubeObject(
      try JSON(
        parsing: """
          {"kind":"Secret","metadata":{"name":"s","annotations":
          {"kubectl.kubernetes.io/last-applied-configuration":"hunter2"}},
          "data":{"k":"aHVudGVyMg=="},"stringData":{"p":"hunter2"}}
          """))
    let changes = FieldChange.between(nil, secret)
    #expect(changes.contains { $0.path == ".data.k" && $0.new == "********" })
    #expect(!"\(changes)".contains("hunter2"))
    #expect(!"\(changes)".contains("aHVu"))
  }
}
