internal import ArgumentParser
internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Terminal

/// `omcops alerts test`.
struct AlertsTest: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send a synthetic alert and follow it to its receiver.",
    discussion: discussion(
      """
      Gives Alertmanager an alert that nobody else has, waits until it is listed, and until somebody \
      was told of it; takes it back at the end. What counts as told: with --listen, that a webhook \
      brings it to this address; with --receiver-url, that the answer of that address holds the \
      alert's id; else that Alertmanager counts one more notification, which another alert of the \
      same moment could have caused. Ends with status 3 when that is not so in time, or when a \
      silence or another alert keeps it quiet. Its route is chosen by its labels: alertname, \
      severity, and those of --label.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Option(help: "The alert's name.")
  var name = "OmcopsTest"

  @Option(help: "Its severity.")
  var severity = "warning"

  @Option(help: ArgumentHelp("A label more, may be given again.", valueName: "name=value"))
  var label: [String] = []

  @Option(help: ArgumentHelp("Wait here for a webhook.", valueName: "address:port"))
  var listen: String?

  @Option(help: ArgumentHelp("Ask here whether it has come.", valueName: "url"))
  var receiverUrl: String?

  @Option(help: ArgumentHelp("How long all of it may take.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 120)

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var server: AlertmanagerOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if listen != nil, receiverUrl != nil {
      throw ValidationError("--listen and --receiver-url are two ways; only one can be meant")
    }
    if timeout.duration <= .zero { throw ValidationError("--timeout must be more than nothing") }
    for text in label where !text.contains("=") || text.hasPrefix("=") {
      throw ValidationError("--label is \"\(text)\"; write it as name=value")
    }
    if let listen, AlertsTest.address(listen) == nil {
      throw ValidationError("--listen is \"\(listen)\"; write it as 127.0.0.1:5001")
    }
  }

  func run(_ context: Context) async throws {
    let chosen = try await server.choose(context)
    if let environment = chosen.protected {
      try confirmation.given.require(
        environment, for: "send a test alert to the receivers of \(environment)", context)
    }
    let id = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    var labels: OrderedDictionary<String, String> = ["alertname": name, "severity": severity]
    for text in label {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      labels[String(parts[0])] = String(parts[1])
    }
    labels[AlertProbe.label] = id
    let probe = AlertProbe(
      alertmanager: chosen.alertmanager, id: id, labels: labels,
      annotations: [
        "summary": "A test by \(context.user)@\(context.host): nothing is wrong",
        "description": "omcops alerts test \(id)",
      ], proof: try proof(context), limit: timeout.duration)
    let report = try await probe.run { context.error.write("\($0)\n") }
    var record = Record()
    record.add("alert", .string(name))
    record.add("id", .string(id))
    record.add(
      "receivers", .array(report.receivers.map(JSON.string)),
      text: report.receivers.joined(separator: ", "))
    record.add(
      "listed-after-ms", .int(report.listedAfter.milliseconds))
    record.add("delivered-after-ms", .int(report.deliveredAfter.milliseconds))
    record.add("evidence", .string(report.evidence))
    output.emit(record, to: context)
  }

  private func proof(_ context: Context) throws -> AlertProbe.Proof {
    if let (host, port) = listen.flatMap(AlertsTest.address) {
      return .listener(try LocalListener(host, port: port))
    }
    guard let receiverUrl else { return .counters }
    var settings = HTTPConfiguration()
    settings.proxies = HTTPProxies(environment: context.environment)
    return .page(ServerClient("the receiver", base: receiverUrl, settings))
  }

  private static func address(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    return (host.isEmpty ? "127.0.0.1" : String(host), port)
  }
}
