import JSON
import ProgramRunner
import SystemPackage
import Testing

/// What Alembic 1.20 prints for random graphs: `Tests/AlembicTests/Data/commands.jsonl`.
@Suite("omcops db history, heads, branches, show, current")
struct MigrateListTests {
  @Test("the lists are Alembic's, letter for letter", arguments: 0..<2)
  func lists(_ number: Int) async throws {
    let data = try text(
      of: FilePath(#filePath).removingLastComponent()
        .pushing("../AlembicTests/Data/commands.jsonl").lexicallyNormalized())
    let graph = try JSON(parsing: String(data.split(separator: "\n")[number]))
    try await MigrationScene.play(env: "context.configure(connection=c)\n", []) { project in
      for line in graph["revs"]?.array?.compactMap(\.string) ?? [] {
        try write(line.split(separator: " ").map(String.init), project)
      }
      let stamp = try await project.db("stamp", graph["stamped"]?.string ?? "")
      try #require(stamp.exitCode == 0, "\(stamp.errorOutput)")
      for item in graph["cases"]?.array ?? [] {
        let command = item[0]?.array?.compactMap(\.string) ?? []
        try await compare(command, item[1]?.string ?? "", item[2]?.string, project)
      }
    }
  }

  private func compare(
    _ command: [String], _ output: String, _ error: String?, _ project: MigrationScene
  ) async throws {
    let asksDatabase = ["current", "history", "show"].contains(command[0])
    let url = asksDatabase ? ["--url", project.scene.database.conninfo] : []
    let result = try await project.scene.omcops(["db"] + command + url)
    let expected = output.split(separator: "{F}", omittingEmptySubsequences: false)
      .joined(separator: project.scene.folder.string)
    #expect(result.output == expected, "\(command)")
    if let error {
      #expect(
        result.exitCode != 0 && result.errorOutput.hasPrefix("omcops: \(error)\n"), "\(command)")
    } else {
      #expect(result.exitCode == 0, "\(command): \(result.errorOutput)")
    }
  }

  /// As the script that was put to Alembic.
  private func write(_ fields: [String], _ project: MigrationScene) throws {
    func names(_ field: String) -> String {
      field == "-"
        ? "None"
        : "(" + field.split(separator: ",").map { "'\($0)'," }.joined(separator: " ") + ")"
    }
    try project.write(
      "mig/versions/\(fields[0])_x.py",
      """
      \"\"\"message \(fields[0])

      second paragraph
        indented
      \"\"\"
      revision = '\(fields[0])'
      down_revision = \(names(fields[1]))
      branch_labels = \(names(fields[3]))
      depends_on = \(names(fields[2]))
      def upgrade(): pass
      def downgrade(): pass

      """)
  }

  private func text(of path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
}
