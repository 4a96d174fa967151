import Glibc
import ProgramRunner
import SystemPackage
import Testing

@Suite("steps on programs and servers")
struct OutsideStepTests {
  private static let hasTerraform = BackgroundServer.has("terraform")

  @Test("what a server shows is told: names, days left, and why it is not believed")
  func certificate() async throws {
    try await Scene.play { scene in
      let port = try BackgroundServer.freePort()
      let made = try await Program("/usr/bin/openssl").run(
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-keyout", "key.pem", "-out", "cert.pem", "-days", "20", "-subj", "/CN=shop.test",
          "-addext", "subjectAltName=DNS:shop.test,DNS:www.shop.test",
        ], in: scene.folder)
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      try scene.writeSteps(
        """
        - id: look
          name: Look
          check:
            - name: Not believed, and told all the same
              uses: tls.certificate
              with: { host: 127.0.0.1, port: \(port) }
              expect: ${{ !result.verified && result.problem != null && contains(result.names, 'www.shop.test') && result.days-left == 19 && length(result.fingerprint) == 64 && result.not-after > now() }}
            - name: Believed by its name and authority
              uses: tls.certificate
              with: { host: 127.0.0.1, port: \(port), server-name: shop.test, ca: "\(scene.folder)/cert.pem" }
              expect: ${{ result.verified && result.problem == null && length(result.chain) == 1 }}
        """, to: "look")
      try await BackgroundServer.running(
        "openssl",
        [
          "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "cert.pem", "-key", "key.pem",
          "-quiet",
        ],
        port: port, in: scene.folder
      ) {
        let result = try await scene.omcops([
          "runbook", "run", "look.yaml", "-i", "environment=here",
        ])
        #expect(result.exitCode == 0, "\(result.errorOutput)")
      }
    }
  }

  @Test("a program's version is asked, and its lack told")
  func version() async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      try scene.write("#!/bin/sh\necho tool 2.15.3\n", to: "bin/tool")
      chmod(scene.folder.appending("bin/tool").string, 0o755)
      try scene.writeSteps(
        """
        - id: look
          name: Look
          check:
            - { name: new enough, uses: command.version, with: { command: tool, at-least: "2.15" }, expect: "${{ result.version == '2.15.3' && result.numbers[1] == 15 }}" }
            - { name: knows no --version, uses: command.version, with: { command: openssl, at-least: "1.1" } }
            - { name: may be missing, uses: command.version, with: { command: nothing, missing: ok }, expect: "${{ result.version == null }}" }
            - { name: too old, uses: command.version, with: { command: tool, at-least: "3.0" } }
        """, to: "look")
      let result = try await scene.omcops(
        ["runbook", "run", "look.yaml", "-i", "environment=here"],
        environment: ["PATH": "\(scene.folder)/bin:/usr/bin:/bin"])
      #expect(result.exitCode == 3)
      #expect(
        result.errorOutput.contains("tool is 2.15.3, and at least 3.0 is needed"),
        "\(result.errorOutput)")
    }
  }

  @Test("a plan is made, applied once, and nothing but it", .enabled(if: hasTerraform))
  func terraform() async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("terraform: { folder: infra }", hasDatabase: false)
      try scene.write(
        """
        variable "size" { default = 1 }
        variable "password" {
          type      = string
          sensitive = true
        }
        resource "terraform_data" "group" { input = { size = var.size, password = var.password } }
        """, to: "infra/main.tf")
      try scene.writeSteps(
        """
        - id: plan
          name: Plan
          uses: terraform.plan
          with: { init: true, variables: { password: "${{ secrets.new }}" } }
          outputs: { plan: "${{ result.plan }}", create: "${{ result.create }}", changes: "${{ result.changes }}" }
          check:
            - { name: one is made, expect: "${{ steps.plan.outputs.create == 1 && steps.plan.outputs.changes[0].address == 'terraform_data.group' }}" }
        - id: apply
          name: Apply
          uses: terraform.apply
          with: { plan: "${{ steps.plan.outputs.plan }}", max-age: 10m }
          outputs: { created: "${{ result.create }}" }
          check:
            - { name: nothing is left, uses: terraform.plan, with: { variables: { password: "${{ secrets.new }}" } }, expect: "${{ !result.has-changes && length(result.destroys) == 0 }}" }
          undo: none
        - id: applied
          name: One was made
          check: [ { name: one, expect: "${{ steps.apply.outputs.created == 1 }}" } ]
        - id: again
          name: Apply it again
          uses: terraform.apply
          with: { plan: "${{ steps.plan.outputs.plan }}" }
          check: [ { name: n, expect: "${{ 1 == 2 }}" } ]
          undo: none
        """, to: "infra-apply", more: "secrets: { new: { from: \"env:NEW\" } }")
      let path = getenv("PATH").map { String(cString: $0) } ?? ""
      let result = try await scene.omcops(
        ["runbook", "run", "infra-apply.yaml", "-i", "environment=here"],
        environment: ["NEW": "t3rraform-secret", "PATH": path], timeout: .seconds(120))
      #expect(result.exitCode == 4, "\(result.errorOutput)")
      #expect(result.errorOutput.contains("is not there"), "\(result.errorOutput)")
      #expect(!result.errorOutput.contains("t3rraform-secret"))

      // A plan that nobody applies may hold secrets; it is kept no longer than the run.
      let look =
        "- { id: look, name: Look, uses: terraform.plan, with: { variables: { password: x } }, outputs: { plan: \"${{ result.plan }}\" } }"
      func plans() async throws -> String {
        try await Program("/usr/bin/find").run(
          [scene.folder.appending("state").string, "-name", "*.tfplan"]).output
      }
      try scene.writeSteps(
        look + "\n- { id: fail, name: Fail, run: \"false\", undo: none }", to: "infra-look")
      let looks = ["runbook", "run", "infra-look.yaml", "-i", "environment=here"]
      let stopped = try await scene.omcops(looks, environment: ["PATH": path])
      #expect(stopped.exitCode == 1, "\(stopped.errorOutput)")
      #expect(try await !plans().isEmpty)
      let aborted = try await scene.omcops(["runbook", "abort", "infra-look"])
      #expect(aborted.exitCode == 0, "\(aborted.errorOutput)")
      try scene.writeSteps(look, to: "infra-look")
      let done = try await scene.omcops(looks, environment: ["PATH": path])
      #expect(done.exitCode == 0, "\(done.errorOutput)")
      #expect(try await !plans().contains("infra-look"))
    }
  }

  @Test("a workflow is started, its run found by our mark, and its end waited for")
  func workflow() async throws {
    try await Scene.play { scene in
      let port = try BackgroundServer.freePort()
      try scene.write(gitHub, to: "github.py")
      try scene.writeConfiguration(
        "github: { repository: o/n, token: { from-env: T }, api: \"http://127.0.0.1:\(port)\" }",
        hasDatabase: false)
      let step = """
        - id: deploy
          name: Deploy
          uses: github.dispatch
          with: { workflow: WORKFLOW, ref: main, mark: omcops-run, inputs: { version: 7 }, wait: 30s }
          outputs: { url: "${{ result.url }}" }
          undo: none
        """
      try await BackgroundServer.running(
        "python3", ["github.py", "\(port)"], port: port, in: scene.folder
      ) {
        for (workflow, code, words) in [
          ("deploy.yml", 0, "done"), ("bad.yml", 1, "ended with failure"),
          ("none.yml", 1, "answers /repos/o/n/actions/workflows/none.yml"),
        ] {
          try scene.writeSteps(step.replacing("WORKFLOW", with: workflow), to: "deploy")
          let result = try await scene.omcops(
            ["runbook", "run", "deploy.yaml", "-i", "environment=here"],
            environment: ["T": "gh-t0ken"])
          #expect(result.exitCode == Int32(code), "\(result.errorOutput)")
          #expect(result.errorOutput.contains(words), "\(result.errorOutput)")
          #expect(!result.errorOutput.contains("gh-t0ken"))
        }
      }
    }
  }
}

/// The part of GitHub's API that dispatches workflows: runs begin late, and take two questions to end.
private let gitHub = """
  import http.server, json, sys
  runs = {"deploy.yml": [], "bad.yml": []}
  asked = {}
  class Handler(http.server.BaseHTTPRequestHandler):
      def log_message(self, *words): pass
      def answer(self, status, body=None):
          data = json.dumps(body).encode() if body is not None else b""
          self.send_response(status)
          self.send_header("Content-Length", str(len(data)))
          self.end_headers()
          self.wfile.write(data)
      def allowed(self):
          if self.headers.get("Authorization") == "Bearer gh-t0ken": return True
          self.answer(401, {"message": "Bad credentials"})
      def do_POST(self):
          if not self.allowed(): return
          name = self.path.split("/")[6]
          body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
          if name not in runs: return self.answer(404, {"message": "Not Found"})
          number = 100 + sum(len(r) for r in runs.values())
          runs[name].append({"id": number, "html_url": "https://github.test/%d" % number,
              "status": "queued", "conclusion": None, "head_branch": body["ref"],
              "display_title": "Deploy %s by %s" % (body["inputs"]["version"], body["inputs"]["omcops-run"])})
          self.answer(204)
      def do_GET(self):
          if not self.allowed(): return
          parts = self.path.split("?")[0].split("/")
          if parts[5] == "workflows":
              if parts[6] not in runs: return self.answer(404, {"message": "Not Found"})
              return self.answer(200, {"workflow_runs": runs[parts[6]][::-1]})
          number = int(parts[6])
          for name, all in runs.items():
              for run in all:
                  if run["id"] != number: continue
                  asked[number] = asked.get(number, 0) + 1
                  if asked[number] > 1:
                      run["status"] = "completed"
                      run["conclusion"] = "success" if name == "deploy.yml" else "failure"
                  return self.answer(200, run)
          self.answer(404, {"message": "Not Found"})
  http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
  """
