import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

/// `omcops kube get --watch` and its formats against a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeWatchTests {
  @Test(
    "what comes, changes and goes has a line each, aligned below the columns",
    arguments: ["table", "json"])
  func watch(_ format: String) async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(Self.map("a", "1"))
      let result = try await cluster.watch(["cm", "-l", "of=test", "--output", format]) { seen in
        try await seen("ADDED", "a")
        _ = try await cluster.apply(Self.map("longer-name", "1"))
        try await seen("MODIFIED", "longer-name")
        _ = try await cluster.kube(["delete", "cm/a"])
        try await seen("DELETED", "a")
      }
      #expect(result.exitCode == 130, "\(result.errorOutput)")
      let lines = result.output.split(separator: "\n").map(String.init)
      if format == "json" {
        let events = try lines.map { try JSON(parsing: $0) }
        #expect(events.map { $0["type"] } == ["ADDED", "MODIFIED", "DELETED"])
        #expect(events.last?["object"]?["data"]?["k"] == "1")
      } else {
        #expect(lines.count == 4)
        #expect(lines.first?.hasPrefix("event  name  data  age") == true, "\(result.output)")
        #expect(lines.dropFirst().first?.hasPrefix("ADDED  a     1     ") == true)
        #expect(lines.last?.hasPrefix("DELETED   a            1     ") == true)
      }
    }
  }

  @Test("yaml is what apply takes, and name what other commands take")
  func formats() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(Self.map("a", "one\\ntwo\\n"))
      let yaml = try await cluster.kube(["get", "cm/a", "--output", "yaml"])
      #expect(yaml.exitCode == 0, "\(yaml.errorOutput)")
      let beginning = "apiVersion: v1\ndata:\n  k: |\n    one\n    two\nkind: ConfigMap\n"
      #expect(yaml.output.hasPrefix(beginning))
      let same = try await cluster.kube(
        ["apply", "-f", "-", "--plan", "--force-conflicts"], input: yaml.output)
      #expect(same.output.contains("stays as it is"), "\(same.output)\(same.errorOutput)")
      let list = try await cluster.kube(["get", "cm", "-l", "of=test", "-o", "yaml"])
      #expect(list.output.hasPrefix("apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n"))
      let name = try await cluster.kube(["get", "cm", "-l", "of=test", "-o", "name"])
      #expect(name.output == "configmap/a\n")
    }
  }

  private static func map(_ name: String, _ value: String) -> String {
    """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: \(name), labels: {of: test}}
    data: {k: "\(value)"}
    """
  }
}

extension KubeCluster {
  /// Watches, and interrupts it when `body` is done, which can wait for a line with some words.
  fileprivate func watch(
    _ words: [String],
    _ body: @escaping @Sendable ((String, String) async throws -> Void) async throws -> Void
  ) async throws -> ProgramResult {
    let output = folder.appending("output")
    let command =
      ["kube", "get"] + words
      + ["--watch", "--output-watch-events", "--context", "admin", "-n", namespace]
    var result = try await Program("/bin/sh").run(
      ["-c", "exec \"$0\" \"$@\" > output", Program.omcops.path.string] + command,
      environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], in: folder
    ) { program in
      try await body { event, name in
        while program.isRunning {
          let lines = try read(output).split(separator: "\n")
          if lines.contains(where: { $0.contains(event) && $0.contains(name) }) { return }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      program.send(SIGINT)
    }
    result.output = try read(output)
    return result
  }

  private func read(_ path: FilePath) throws -> String {
    guard let file = try? FileDescriptor.open(path, .readOnly) else { return "" }
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}
