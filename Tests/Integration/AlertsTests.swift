import JSON
import ProgramRunner
import SystemPackage
import Testing

/// A Prometheus with one rule, and the Alertmanager that it tells.
struct MonitoringScene: Sendable {
  let scene: Scene
  let prometheus: Int
  let alertmanager: Int
  /// Where Alertmanager's webhook leads to; nobody listens there by itself.
  let hook: Int

  static let isThere = BackgroundServer.has("prometheus", "prometheus-alertmanager")

  static func play(
    _ body: @escaping @Sendable (MonitoringScene) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let monitoring = MonitoringScene(
        scene: scene, prometheus: try BackgroundServer.freePort(),
        alertmanager: try BackgroundServer.freePort(), hook: try BackgroundServer.freePort())
      try monitoring.writeFiles()
      try await BackgroundServer.running(
        "prometheus-alertmanager",
        [
          "--config.file=alertmanager.yml", "--storage.path=am", "--cluster.listen-address=",
          "--web.listen-address=127.0.0.1:\(monitoring.alertmanager)",
        ], port: monitoring.alertmanager, in: scene.folder
      ) {
        try await BackgroundServer.running(
          "prometheus",
          [
            "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
            "--web.listen-address=127.0.0.1:\(monitoring.prometheus)",
            "--rules.alert.resend-delay=1s",
          ], port: monitoring.prometheus, in: scene.folder
        ) { try await body(monitoring) }
      }
    }
  }

  /// The team's ApplicationDown, with a job that exists, as a rule that can fire and resolve.
  private func writeFiles() throws {
    try scene.write(
      """
      groups:
        - name: application
          rules:
            - alert: ApplicationDown
              expr: up{job="backend"} == 0
              for: 1s
              labels: { severity: critical }
              annotations: { summary: "{{ $labels.job }} does not answer" }
      """, to: "rules.yml")
    try scene.write(
      """
      global: { scrape_interval: 1s, evaluation_interval: 1s }
      alerting: { alertmanagers: [ { static_configs: [ { targets: ["127.0.0.1:\(alertmanager)"] } ] } ] }
      rule_files: [rules.yml]
      scrape_configs:
        - job_name: backend
          file_sd_configs: [ { files: [targets.json], refresh_interval: 1s } ]
      """, to: "prometheus.yml")
    try scene.write(
      """
      route: { receiver: hook, group_by: ["..."], group_wait: 100ms, group_interval: 1s }
      receivers: [ { name: hook, webhook_configs: [ { url: "http://127.0.0.1:\(hook)/" } ] } ]
      """, to: "alertmanager.yml")
    try serve(at: 1)
    try scene.write(
      """
      environments:
        here:
          prometheus: { url: "http://127.0.0.1:\(prometheus)" }
          alertmanager: { url: "http://127.0.0.1:\(alertmanager)/" }
      """, to: "omcops.yaml")
  }

  /// Makes a port the backend's: nobody listens on 1, Prometheus itself does on its own.
  func serve(at port: Int) throws {
    try scene.write("[{\"targets\": [\"127.0.0.1:\(port)\"]}]", to: "targets.json")
  }

  /// What `omcops alerts list` says.
  func alerts() async throws -> [JSON] {
    let listed = try await scene.omcops(["alerts", "list", "--output", "json"])
    try #require(listed.exitCode == 0, "\(listed.errorOutput)")
    return try JSON(parsing: listed.output).array ?? []
  }

  func waitForAlert() async throws {
    try await waitUntil("the alert to fire", within: .seconds(30)) {
      try await !alerts().isEmpty
    }
  }
}

@Suite("alerts", .enabled(if: MonitoringScene.isThere))
struct AlertsTests {
  @Test("an alert fires, its runbook is named and answers it, and it resolves")
  func life() async throws {
    try await MonitoringScene.play { monitoring in
      let scene = monitoring.scene
      try scene.write(
        """
        runbook: v1
        name: backend-down
        description: What a test needs.
        alerts: [ApplicationDown]
        inputs:
          environment: { description: Where, type: environment, required: true }
        on-failure: stop
        steps:
          - id: down
            name: It is down
            uses: prometheus.query
            with: { query: 'up{job="backend"}' }
            outputs: { value: "${{ result.value }}" }
            check: [ { name: down, expect: "${{ steps.down.outputs.value == 0 }}" } ]
          - id: quiet
            name: Keep it quiet
            uses: alertmanager.silence
            with: { matchers: ['alertname="ApplicationDown"'], duration: 1h, comment: being mended }
            outputs: { id: "${{ result.id }}" }
            undo: none
          - id: quiet-now
            name: It is quiet
            check:
              - name: suppressed
                uses: alertmanager.alerts
                with: { alertname: ApplicationDown }
                expect: ${{ result.count == 1 && result.alerts[0].state == 'suppressed' }}
                within: 10s
              - { name: nobody is told, uses: alertmanager.alerts, with: { silenced: false }, expect: "${{ result.count == 0 }}" }
          - id: loud
            name: End the silence
            uses: alertmanager.expire
            with: { id: "${{ steps.quiet.outputs.id }}" }
            undo: none
        """, to: "runbooks/backend-down.yaml")
      try await monitoring.waitForAlert()
      let alert = try #require(try await monitoring.alerts().first)
      #expect(alert["alert"] == "ApplicationDown" && alert["severity"] == "critical")
      #expect(alert["state"] == "active" && alert["summary"] == "backend does not answer")
      #expect(alert["labels"]?["job"] == "backend" && alert["runbooks"] == ["backend-down"])
      #expect(try await scene.omcops(["alerts", "--check"]).exitCode == 3)

      // Killed behind the journal's record of the silence's beginning: one silence, not two.
      let run = ["runbook", "run", "backend-down", "-i", "environment=here"]
      let killed = try await scene.omcops(run, environment: ["OMCOPS_CRASH_AFTER": "7"])
      #expect(killed.signal == 9, "\(killed.errorOutput)")
      let resumed = try await scene.omcops(["runbook", "resume"])
      #expect(resumed.exitCode == 0, "\(resumed.errorOutput)")

      try monitoring.serve(at: monitoring.prometheus)
      try await waitUntil("the alert to resolve", within: .seconds(30)) {
        try await monitoring.alerts().isEmpty
      }
      let quiet = try await scene.omcops(["alerts", "--check"])
      #expect(quiet.exitCode == 0 && quiet.errorOutput.contains("no alert fires"))
    }
  }

  @Test("silences are made, shown and ended by hand")
  func silences() async throws {
    try await MonitoringScene.play { monitoring in
      let scene = monitoring.scene
      try await monitoring.waitForAlert()
      let silenced = try await scene.omcops([
        "alerts", "silence", "alertname=\"ApplicationDown\"", "--for", "1h", "--comment", "known",
        "--output", "json",
      ])
      #expect(silenced.exitCode == 0, "\(silenced.errorOutput)")
      let silence = try JSON(parsing: silenced.output)
      #expect(silence["alerts"] == ["ApplicationDown"])
      let id = try #require(silence["id"]?.string)
      try await waitUntil("the silence to count") {
        try await monitoring.alerts().first?["silenced-by"] == [.string(id)]
      }
      #expect(try await scene.omcops(["alerts", "list", "--check"]).exitCode == 0)
      #expect(try await scene.omcops(["alerts", "list", "--active"]).output.isEmpty)
      let ended = try await scene.omcops(["alerts", "expire", id])
      #expect(ended.exitCode == 0 && ended.output.contains("ended"), "\(ended.errorOutput)")
      let again = try await scene.omcops(["alerts", "expire", id])
      #expect(again.exitCode == 0 && again.output.contains("was over"), "\(again.errorOutput)")
      let unknown = try await scene.omcops([
        "alerts", "expire", "00000000-0000-0000-0000-000000000000",
      ])
      expectFailure(unknown, .failed, naming: "there is no silence")
    }
  }

  @Test("a test alert is followed to its receiver, and what keeps it away is told")
  func followed() async throws {
    try await MonitoringScene.play { monitoring in
      let scene = monitoring.scene
      let heard = try await scene.omcops([
        "alerts", "test", "--listen", "127.0.0.1:\(monitoring.hook)", "--timeout", "30s",
        "--output", "json",
      ])
      #expect(heard.exitCode == 0, "\(heard.errorOutput)")
      let report = try JSON(parsing: heard.output)
      #expect(report["receivers"] == ["hook"])
      #expect(report["evidence"]?.string?.contains("127.0.0.1:\(monitoring.hook)") == true)

      // Nobody listens now.
      let lost = try await scene.omcops(["alerts", "test", "--timeout", "3s"])
      expectFailure(lost, .blocked, naming: "")
      let silence = try await scene.omcops([
        "alerts", "silence", "alertname=OmcopsTest", "--for", "1h", "--comment", "x",
      ])
      #expect(silence.exitCode == 0, "\(silence.errorOutput)")
      let kept = try await scene.omcops(["alerts", "test", "--timeout", "10s"])
      expectFailure(kept, .blocked, naming: "a silence keeps the test alert quiet")
    }
  }

  @Test("a question that proves nothing, or cannot be asked, stops the run, in words")
  func words() async throws {
    let cases = [
      (
        "prometheus.query", "{ query: no_such_metric }", "the query gives nothing: no_such_metric",
        1
      ),
      ("prometheus.query", "{ query: 'sum(' }", "parse error", 1),
      ("alertmanager.alerts", "{ filter: ['=x'] }", "\"=x\" is no matcher", 1),
      ("loki.query", "{ query: '{a=\"b\"}' }", "says nothing of loki", 4),
    ]
    try await MonitoringScene.play { monitoring in
      let scene = monitoring.scene
      for (action, with, words, code) in cases {
        try scene.writeSteps(
          "- id: a\n  name: A\n  uses: \(action)\n  with: \(with)", to: "ask")
        let result = try await scene.omcops([
          "runbook", "run", "ask.yaml", "-i", "environment=here",
        ])
        #expect(result.exitCode == Int32(code), "\(result.errorOutput)")
        #expect(result.errorOutput.contains(words), "\(result.errorOutput)")
      }
    }
  }

  @Test("an empty answer may be one, and a range has values")
  func queries() async throws {
    try await MonitoringScene.play { monitoring in
      let scene = monitoring.scene
      try await monitoring.waitForAlert()
      try scene.writeSteps(
        """
        - id: none
          name: Nothing
          check:
            - { name: none, uses: prometheus.query, with: { query: no_such_metric, empty: ok }, expect: "${{ result.count == 0 && result.value == null }}" }
        - id: range
          name: A range
          check:
            - { name: values, uses: prometheus.query, with: { query: 'up{job="backend"}', range: 1m, step: 1s }, expect: "${{ result.type == 'matrix' && length(result.samples[0].values) > 0 && result.samples[0].labels.job == 'backend' }}" }
        - id: firing
          name: It fires
          check:
            - { name: fires, uses: prometheus.query, with: { query: 'ALERTS{alertstate="firing"}' }, expect: "${{ result.samples[0].labels.alertname == 'ApplicationDown' && result.value == 1 }}" }
        """, to: "ask")
      let result = try await scene.omcops(["runbook", "run", "ask.yaml", "-i", "environment=here"])
      #expect(result.exitCode == 0, "\(result.errorOutput)")
    }
  }
}
