import Glibc
import JSON
import ProgramRunner
import Synchronization
import SystemPackage
import TestServer
import Testing

/// A run with every kind of secret, whose steps do their best to let them out.
@Suite("secrets of runbooks", .serialized)
struct SecretLeakTests {
  /// Each has what encoders change: blanks, quotes, a slash, a plus, a dollar, an ampersand, umlauts.
  private static let secrets = [
    "env": #"env se"cret/+$HOME & ümlaut'1"#, "file": #"file\secret "two"/+=&%3"#,
    "kube": "kube-secret?with&query=4/5+6", "prompt": #"typed "secret" 7$8 'x'"#,
    "aws": #"cloud \s3cret'/"9+0" & ß"#,
  ]

  private static let book = #"""
    runbook: v1
    name: leak
    description: Lets out what it can.
    inputs:
      environment: { description: Where, type: environment, required: true }
    secrets:
      env: { from: "env:LEAK_SECRET" }
      file: { from: "file:FOLDER/secret" }
      kube: { from: "kubernetes:NAMESPACE/leak", key: PASSWORD }
      prompt: { from: prompt, description: the one that is typed }
      aws: { from: "aws-secretsmanager:leak", key: PASSWORD }
    on-failure: stop
    steps:
      - id: shout
        name: Print each in the forms that tools give it
        run: |
          echo "cores of $(ulimit -c) bytes"
          url() {
            local LC_ALL=C text=$1 i byte
            for ((i = 0; i < ${#text}; i++)); do
              byte=${text:i:1}
              case $byte in
                [a-zA-Z0-9.~_-]) printf %s "$byte" ;;
                *) printf '%%%02X' $(($(printf %d "'$byte") & 255)) ;;
              esac
            done
          }
          for name in ENV FILE KUBE PROMPT AWS; do
            value=$(eval "printf %s \"\$$name\"")
            printf 'raw %s\n' "$value"
            printf 'base64 %s\n' "$(printf %s "$value" | base64 -w0)"
            printf 'shifted %s\n' "$(printf 'x%s' "$value" | base64 -w0)" "$(printf 'xy%s' "$value" | base64 -w0)"
            printf 'shell %q\n' "$value"
            printf 'single %s\n' "${value//\'/\'\\\'\'}"
            printf 'json %s\n' "$(printf %s "$value" | sed 's/\\/\\\\/g; s/"/\\"/g')"
            printf 'url %s\n' "$(url "$value")"
            printf 'raw %s\n' "$value" >&2
          done
          sleep 1
        env: { ENV: "${{ secrets.env }}", FILE: "${{ secrets.file }}", KUBE: "${{ secrets.kube }}", PROMPT: "${{ secrets.prompt }}", AWS: "${{ secrets.aws }}" }
        check: [{ name: nothing to see, expect: "${{ 1 == 1 }}" }]
        when-satisfied: run
        outputs: { said: "${{ result.stdout }}" }
        undo: none
      - id: put
        name: Give one to the cluster
        uses: kube.secret
        with: { name: copy, create: true, set: [{ key: PASSWORD, value: "${{ secrets.prompt }}" }] }
        undo: none
      - id: fail
        name: Fail with one in the error
        run: |
          echo "cannot log in with $FILE" >&2
          exit 3
        env: { FILE: "${{ secrets.file }}" }
        check: [{ name: never, expect: "${{ 1 == 2 }}" }]
        undo: none
    outputs:
      said: ${{ steps.shout.outputs.said }}
    """#

  @Test(
    "none of any kind is in the journal, the evidence, the report, on the terminal or in ps",
    .enabled(if: KubeCluster.isThere, KubeCluster.word))
  func leaks() async throws {
    try await ProcedureScene.playOnCluster { scene, cluster in
      let folder = scene.scene.folder
      try scene.configure()
      try scene.write(
        SecretLeakTests.book.replacing("FOLDER", with: folder.string)
          .replacing("NAMESPACE", with: cluster.namespace), "leak.yaml")
      try scene.write((Self.secrets["file"] ?? "") + "\n", "secret")
      try scene.write(Self.secrets["prompt"] ?? "", "typed")
      try Self.writeCloud(in: folder)
      try scene.write(
        """
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "leak"}, "stringData": {"PASSWORD": "\(Self.secrets["kube"] ?? "")"}}
        """, "secret.json")
      let made = try await cluster.kube(["apply", "-f", folder.appending("secret.json").string])
      try #require(made.exitCode == 0, "\(made.errorOutput)")

      // The first words of the prompt are waited for: what is typed before is dropped, having been seen.
      let script = """
        omcops=$1; touch screen
        { until grep -q 'Secret prompt' screen; do sleep 0.1; done; cat typed; echo; until grep -q Record: screen; do sleep 0.1; done; } |
          script -qfec "$omcops runbook run leak.yaml -i environment=$2" screen >/dev/null
        """
      let seen = CommandLines()
      let result = try await Program("/bin/bash").run(
        ["-c", script, "bash", Program.omcops.path.string, scene.environment],
        environment: [
          "LEAK_SECRET": Self.secrets["env"] ?? "",
          "PATH": "\(folder)/bin:/usr/bin:/bin",
          "XDG_STATE_HOME": folder.appending("state").string,
        ], in: folder, timeout: .seconds(90)
      ) { program in
        while program.isRunning {
          seen.look()
          try await Task.sleep(for: .milliseconds(30))
        }
      }
      let screen = try Self.text(of: folder.appending("screen"))
      #expect(screen.contains("Give one to the cluster"), "\(result.everything)\(screen)")
      #expect(screen.contains("cannot log in with ***"), "\(screen)")
      let kept = try await Program("/bin/grep").run(
        ["-rlF", "cores of 0 bytes", folder.appending("state").string])
      #expect(kept.exitCode == 0)
      #expect(seen.all.contains { $0.contains("runbook run leak.yaml") })
      for (name, secret) in Self.secrets {
        for form in try await Self.forms(of: secret) {
          for place in ["screen", "state"] {
            let found = try await Program("/bin/grep").run(
              ["-rlF", "--", form, folder.appending(place).string])
            #expect(found.exitCode == 1, "\(name) as \(form) in \(found.output)")
          }
          #expect(!seen.all.contains { $0.contains(form) }, "\(name) in a command line")
        }
      }
    }
  }

  @Test("a run that is killed amid its secrets leaves no core file, and neither does its script")
  func cores() async throws {
    try await ScratchFolder.with { folder in
      // A machine that hands its cores to a program, or writes none, shows nothing.
      let control = try await Program("/bin/bash").run(
        ["-c", "ulimit -c unlimited && kill -ABRT $$"], in: folder)
      let made = Self.cores(in: folder)
      guard control.signal == SIGABRT, made.count == 1 else {
        try Test.cancel("this machine leaves core files elsewhere, or none")
      }
      unlink(folder.appending(made[0]).string)

      try StandIns.write(
        """
        runbook: v1
        name: core
        description: Has a secret while it dies.
        inputs: { environment: { description: Where, type: environment, default: here } }
        secrets: { env: { from: "env:LEAK_SECRET" } }
        on-failure: stop
        steps:
          - id: script
            name: Die with a secret
            run: kill -ABRT $$
            env: { LEAK: "${{ secrets.env }}" }
            continue-on-error: true
            undo: { none: nothing was done }
          - id: wait
            name: Have a secret for a while
            run: touch begun; sleep 5
            env: { LEAK: "${{ secrets.env }}" }
            undo: { none: nothing was done }
        """, to: folder.appending("core.yaml"))
      try StandIns.write(
        "environments: { here: { values: { a: 1 } } }\n", to: folder.appending("omcops.yaml"))
      let secret = Self.secrets["env"] ?? ""
      let killed = try await Program("/bin/bash").run(
        [
          "-c", "ulimit -c unlimited && exec \"$1\" runbook run core.yaml", "bash",
          Program.omcops.path.string,
        ],
        environment: [
          "LEAK_SECRET": secret, "XDG_STATE_HOME": folder.appending("state").string,
          // A toolchain's own handler would take the signal.
          "SWIFT_BACKTRACE": "enable=no",
        ], in: folder, timeout: .seconds(60)
      ) { program in
        try await waitUntil("the script to have begun") {
          access(folder.appending("begun").string, F_OK) == 0
        }
        program.send(SIGABRT)
      }
      #expect(killed.signal == SIGABRT, "\(killed.everything)")
      #expect(killed.errorOutput.contains("Have a secret for a while"), "\(killed.everything)")
      #expect(Self.cores(in: folder) == [])
      let found = try await Program("/bin/grep").run(["-rlF", "--", secret, folder.string])
      #expect(found.exitCode == 1, "\(found.output)")
    }
  }

  private static func cores(in folder: FilePath) -> [String] {
    ScratchFolder.names(in: folder).filter { $0.hasPrefix("core") && $0 != "core.yaml" }
  }

  /// An AWS CLI that knows one secret.
  private static func writeCloud(in folder: FilePath) throws {
    mkdir(folder.appending("bin").string, 0o755)
    let answer: JSON = [
      "Name": "leak", "VersionId": "v1",
      "SecretString": .string(JSON.object(["PASSWORD": .string(secrets["aws"] ?? "")]).text()),
    ]
    try StandIns.write(answer.text(), to: folder.appending("bin/answer"))
    try StandIns.write(
      """
      #!/bin/sh
      case "$*" in
      *get-secret-value*--secret-id=leak*) exec cat "${0%/*}/answer" ;;
      *) echo '{"Account": "123456789012"}' ;;
      esac
      """, to: folder.appending("bin/aws"))
    chmod(folder.appending("bin/aws").string, 0o755)
  }

  /// What the script of the runbook prints of a secret.
  private static func forms(of secret: String) async throws -> [String] {
    var forms = [secret]
    // What the neighbours decide of base64's first and last characters is no secret.
    for shift in ["", "x", "xy"] {
      let encoded = try await Program("/usr/bin/base64").run(["-w0"], input: shift + secret)
      forms.append(String(encoded.output.dropFirst(shift.isEmpty ? 0 : 4).dropLast(4)))
    }
    let quoted = try await Program("/bin/bash").run(
      ["-c", "printf %q \"$1\"", "bash", secret])
    forms.append(quoted.output)
    forms.append(secret.replacing("'", with: "'\\''"))
    forms.append(secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
    let digits = Array("0123456789ABCDEF")
    let url = secret.utf8.map { byte -> String in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains(scalar))
      return isPlain ? String(scalar) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
    forms.append(url.joined())
    return forms
  }

  private static func text(of path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
}

/// The command lines of every process of the machine, as anybody may read them, over some time.
private final class CommandLines: Sendable {
  private let seen = Mutex<Set<String>>([])

  var all: Set<String> { seen.withLock { $0 } }

  func look() {
    for name in ScratchFolder.names(in: "/proc") where name.allSatisfy(\.isNumber) {
      guard let file = try? FileDescriptor.open(FilePath("/proc/\(name)/cmdline"), .readOnly) else {
        continue
      }
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count =
        (try? file.closeAfter { try bytes.withUnsafeMutableBytes { try file.read(into: $0) } })
      let text = String(decoding: bytes[..<(count ?? 0)], as: UTF8.self).replacing("\0", with: " ")
      seen.withLock { _ = $0.insert(text) }
    }
  }
}
