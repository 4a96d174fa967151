internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import Quantities

/// An alert as Alertmanager has it.
struct Alert: Sendable {
  /// The labels, the name of its rule (`alertname`) among them.
  var labels: OrderedDictionary<String, String>
  /// What is said about it.
  var annotations: OrderedDictionary<String, String>
  /// `active`; `suppressed` by a silence or another alert; `unprocessed`.
  var state: String
  /// Since when it fires.
  var since: Timestamp
  /// Who is told of it.
  var receivers: [String]
  /// The ids of the silences that keep it quiet.
  var silencedBy: [String]
  /// The fingerprints of the alerts that keep it quiet.
  var inhibitedBy: [String]
  /// What tells it from others.
  var fingerprint: String

  /// The name of its rule.
  var name: String { labels["alertname"] ?? "" }
  /// How bad it is, in the team's word.
  var severity: String? { labels["severity"] }

  init?(_ json: JSON) {
    guard let labels = json["labels"]?.object, let status = json["status"],
      let since = json["startsAt"]?.string.flatMap({ Timestamp(parsing: $0) })
    else { return nil }
    self.labels = labels.compactMapValues(\.string)
    annotations = (json["annotations"]?.object ?? [:]).compactMapValues(\.string)
    self.since = since
    state = status["state"]?.string ?? "unprocessed"
    receivers = (json["receivers"]?.array ?? []).compactMap { $0["name"]?.string }
    silencedBy = (status["silencedBy"]?.array ?? []).compactMap(\.string)
    inhibitedBy = (status["inhibitedBy"]?.array ?? []).compactMap(\.string)
    fingerprint = json["fingerprint"]?.string ?? ""
  }
}

/// A silence as Alertmanager has it.
struct Silence: Sendable {
  /// Its id.
  var id: String
  /// `pending`, `active`, `expired`.
  var state: String
  /// Which alerts it keeps quiet.
  var matchers: [AlertMatcher]
  /// When it ends.
  var endsAt: Timestamp
  /// Who made it.
  var author: String
  /// Why.
  var comment: String

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let state = json["status"]?["state"]?.string,
      let endsAt = json["endsAt"]?.string.flatMap({ Timestamp(parsing: $0) })
    else { return nil }
    self.id = id
    self.state = state
    self.endsAt = endsAt
    matchers = (json["matchers"]?.array ?? []).compactMap { AlertMatcher($0) }
    author = json["createdBy"]?.string ?? ""
    comment = json["comment"]?.string ?? ""
  }
}

/// Speaks with an Alertmanager by version 2 of its API.
struct Alertmanager: Sendable {
  let server: ServerClient

  /// Which alerts are asked for.
  struct Question: Sendable {
    /// All of these must hold.
    var matchers: [AlertMatcher] = []
    /// Those that are told to somebody.
    var includesActive = true
    /// Those that a silence keeps quiet.
    var includesSilenced = true
    /// Those that another alert keeps quiet.
    var includesInhibited = true
    /// A regular expression of receivers.
    var receiver: String?
  }

  /// The alerts that fire now, the latest first.
  func alerts(_ question: Question = Question()) async throws -> [Alert] {
    var query: ServerClient.Query = [
      ("active", "\(question.includesActive)"), ("silenced", "\(question.includesSilenced)"),
      ("inhibited", "\(question.includesInhibited)"),
      ("unprocessed", "\(question.includesActive)"),
    ]
    query += question.matchers.map { ("filter", "\($0)") }
    if let receiver = question.receiver { query.append(("receiver", receiver)) }
    let answer = try await server.json(.get, "/api/v2/alerts", query)
    guard let items = answer.array else { throw notTheAPI("/api/v2/alerts") }
    return items.compactMap { Alert($0) }.sorted {
      $0.since == $1.since ? $0.fingerprint < $1.fingerprint : $0.since > $1.since
    }
  }

  /// The silences, those that are over among them.
  func silences() async throws -> [Silence] {
    let answer = try await server.json(.get, "/api/v2/silences")
    guard let items = answer.array else { throw notTheAPI("/api/v2/silences") }
    return items.compactMap { Silence($0) }
  }

  /// A silence; nil where there is none of that id.
  func silence(_ id: String) async throws -> Silence? {
    let path = "/api/v2/silence/\(PercentEncoding.encode(id))"
    let answer = try await server.send(.get, path)
    if answer.status == 404 || answer.status == 422 || answer.status == 400 { return nil }
    guard answer.status == 200, let json = answer.json, let silence = Silence(json) else {
      throw server.refusal(answer, path)
    }
    return silence
  }

  /// Makes a silence and gives its id.
  func silence(
    _ matchers: [AlertMatcher], until end: Timestamp, by author: String, comment: String
  ) async throws -> String {
    let path = "/api/v2/silences"
    let answer = try await server.json(
      .post, path, [],
      body: [
        "matchers": .array(matchers.map(\.json)),
        "startsAt": .string(Timestamp.now().rfc3339()), "endsAt": .string(end.rfc3339()),
        "createdBy": .string(author), "comment": .string(comment),
      ])
    guard let id = answer["silenceID"]?.string else { throw notTheAPI(path) }
    return id
  }

  /// Ends a silence now.
  func expire(_ id: String) async throws {
    let path = "/api/v2/silence/\(PercentEncoding.encode(id))"
    let answer = try await server.send(.delete, path)
    guard answer.status == 200 else { throw server.refusal(answer, path) }
  }

  /// Gives an alert in, as Prometheus does; it is over at `end` unless it is given in again.
  func give(
    _ labels: OrderedDictionary<String, String>, annotations: OrderedDictionary<String, String>,
    from start: Timestamp, until end: Timestamp
  ) async throws {
    let path = "/api/v2/alerts"
    let alert: JSON = [
      "labels": .object(labels.mapValues(JSON.string)),
      "annotations": .object(annotations.mapValues(JSON.string)),
      "startsAt": .string(start.rfc3339()), "endsAt": .string(end.rfc3339()),
    ]
    let answer = try await server.send(.post, path, [], body: [alert])
    guard answer.status == 200 else { throw server.refusal(answer, path) }
  }

  private func notTheAPI(_ path: String) -> ServerFailure {
    ServerFailure(
      .http, "\(server.title) answers \(path) with something else than Alertmanager does",
      hint: "Is the address in omcops.yaml that of an Alertmanager, 0.16 or newer?")
  }
}
