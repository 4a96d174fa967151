import JSON
import Testing
import YAML

@testable import KubeExec

struct YAMLTextTests {
  @Test("what is written is read back as it was, by YAML 1.1 too")
  func roundTrip() throws {
    let texts = [
      "", " ", "a", "a b", "yes", "No", "on", "~", "null", "true", "0644", "12", "1.5", "1e3",
      "0x1F",
      "1:30", "2026-01-02", "2026-01-02T03:04:05Z", "1_000", "- a", "a: b", "a:", "a #b", "#a",
      "*a",
      "&a", "!a", "%a", "@a", "`a", "{a}", "[a]", "a]", "'a'", "\"a\"", "a\\b", ">", "|", "?", "-",
      "--",
      "=", "<<", ".inf", "line\nline", "line\n", "line\n\n", "\nline", " a\nb", "a\n  b\n\tc\n",
      "a\r\nb", "tab\there", "\u{1}\u{7F}\u{85}\u{2028}\u{FEFF}", "ä€😀", "a\u{202E}b", "x ", "e1",
      "key: |\n  block\n", "127.0.0.1", "10.0.0.0/8", "1Gi", "500m", "$(VAR)", "/bin/sh", "a,b",
    ]
    let value: JSON = [
      "texts": .array(texts.map(JSON.string)),
      "map": .object(.init(uniqueKeysWithValues: texts.map { ($0, .string($0)) })),
      "more": [
        ["a": 1, "b": [true, nil, -2, .double(1.5), [:], [], ["x", ["y"]]]],
        [["z": [["q": "text\nmore\n"]]]],
      ],
    ]
    let text = YAMLText.document(value)
    let limits = YAMLLimits(bytes: 1 << 20, depth: 50, nodes: 10_000)
    let documents = try YAMLDocument.all(parsing: Array(text.utf8), file: "t", limits: limits)
    try #require(documents.count == 1)
    #expect(JSON(yaml: documents[0].root).text(sortedKeys: true) == value.text(sortedKeys: true))
    // kubectl and the cluster read YAML 1.1.
    let manifest =
      "apiVersion: v1\nkind: T\nmetadata: {name: t}\nvalue:\n"
      + text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
    let read = try Manifest.read(Array(manifest.utf8), file: "t")[0].object
    #expect(read["value"]?.text(sortedKeys: true) == value.text(sortedKeys: true))
  }

  @Test("it looks as people know it")
  func look() {
    let value: JSON = [
      "spec": ["containers": [["name": "app", "args": ["-c", "a b"]]], "empty": [:]],
      "apiVersion": "v1", "data": ["file": "one\ntwo\n", "port": "80"],
    ]
    #expect(
      YAMLText.document(value) == """
        apiVersion: v1
        data:
          file: |
            one
            two
          port: "80"
        spec:
          containers:
          - args:
            - "-c"
            - a b
            name: app
          empty: {}

        """)
  }
}
