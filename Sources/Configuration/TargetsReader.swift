internal import Diagnostics
internal import OrderedCollections
internal import YAML

/// Reads what `omcops.yaml` says about monitoring, the cloud, the repository and names.
struct TargetsReader {
  let texts: TextSourceReader

  private var problems: YAMLProblems { texts.problems }

  func read(_ reader: MappingReader, of environment: String) -> TargetsConfiguration {
    var targets = TargetsConfiguration()
    func section(_ key: String) -> MappingReader? {
      reader.mapping(key, as: "the \(key) of \"\(environment)\"")
    }
    targets.prometheus = section("prometheus").map { server($0, "prometheus") }
    targets.alertmanager = section("alertmanager").map { server($0, "alertmanager") }
    if let loki = section("loki") {
      targets.logLabels = labels(loki)
      targets.loki = server(loki, "loki")
    }
    targets.aws = section("aws").map(aws)
    targets.github = section("github").flatMap(github)
    targets.terraform = section("terraform").flatMap(terraform)
    targets.values = values(reader.entries("values") ?? [])
    return targets
  }

  private func server(_ reader: MappingReader, _ name: String) -> ServerConfiguration {
    var server = ServerConfiguration()
    server.url = texts.text("url", reader)
    server.service = service(reader)
    if let service = server.service, server.url != nil {
      problems.report(
        "\(name) has a url and a service; only one can be meant", at: service.location)
    } else if !reader.has("service"), server.url == nil, !reader.has("url") {
      problems.report("\(name) has neither a url nor a service", at: reader.location)
    }
    for entry in reader.entries("headers") ?? [] {
      if !ServerConfiguration.isFieldName(entry.key) {
        problems.report("\"\(entry.key)\" is no name of a field", at: entry.location)
      }
      server.headers[entry.key] = texts.text(entry.value, named: entry.key, allowsNumber: true)
    }
    server.token = texts.text("token", reader)
    server.authorities = texts.path("ca", reader)
    reader.finish()
    return server
  }

  private func labels(_ reader: MappingReader) -> LogLabels {
    var labels = LogLabels()
    guard let reader = reader.mapping("labels", as: "the labels of loki") else { return labels }
    labels.namespace = label("namespace", reader)
    labels.pod = label("pod", reader)
    labels.container = label("container", reader)
    reader.finish()
    return labels
  }

  private func label(_ key: String, _ reader: MappingReader) -> Located<String>? {
    guard let name = reader.word(key) else { return nil }
    if !LogLabels.isName(name.value) {
      problems.report(
        "\"\(name.value)\" cannot be the name of a label", at: name.location,
        hint: "Loki's labels have letters, digits and underscores, no digit first.")
    }
    return name
  }

  private func service(_ reader: MappingReader) -> Located<ClusterService>? {
    guard let text = reader.word("service") else { return nil }
    guard let service = ClusterService(parsing: text.value) else {
      problems.report(
        "\"\(text.value)\" names no port of a Service", at: text.location,
        hint: "Write NAMESPACE/NAME:PORT, as monitoring/prometheus:9090.")
      return nil
    }
    return Located(service, at: text.location)
  }

  private func aws(_ reader: MappingReader) -> AWSConfiguration {
    var aws = AWSConfiguration()
    aws.profile = reader.word("profile")
    aws.region = reader.word("region")
    aws.endpoint = texts.text("endpoint-url", reader)
    aws.account = account(reader)
    reader.finish()
    return aws
  }

  /// Twelve digits, which YAML takes for a number where they have no quotes.
  private func account(_ reader: MappingReader) -> Located<String>? {
    guard let node = reader.node("account") else { return nil }
    let digits = node.scalar?.text ?? ""
    guard digits.utf8.count == 12, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      problems.report(
        "\"account\" must be the twelve digits of an account, but is \(node.kind)",
        at: node.location)
      return nil
    }
    return Located(digits, at: node.location)
  }

  private func github(_ reader: MappingReader) -> GitHubConfiguration? {
    _ = reader.requiredNode("repository")
    let repository = reader.word("repository")
    let token = texts.text("token", reader)
    let api = texts.text("api", reader)
    reader.finish()
    guard let repository else { return nil }
    let parts = repository.value.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count != 2 || parts.contains(where: \.isEmpty) {
      problems.report(
        "\"\(repository.value)\" names no repository", at: repository.location,
        hint: "Write OWNER/NAME.")
    }
    return GitHubConfiguration(repository: repository, token: token, api: api)
  }

  private func terraform(_ reader: MappingReader) -> TerraformConfiguration? {
    _ = reader.requiredNode("folder")
    let folder = texts.path("folder", reader)
    let binary = texts.program("binary", reader)
    reader.finish()
    return folder.map { TerraformConfiguration(folder: $0, binary: binary) }
  }

  private func values(
    _ entries: [YAMLMapping.Entry]
  ) -> OrderedDictionary<String, Located<TargetsConfiguration.Scalar>> {
    var values: OrderedDictionary<String, Located<TargetsConfiguration.Scalar>> = [:]
    for entry in entries {
      if !TargetsConfiguration.isValueName(entry.key) {
        problems.report(
          "\"\(entry.key)\" cannot be the name of a value", at: entry.location,
          hint: "Use small letters, digits and hyphens, a letter first.")
      }
      guard let scalar = entry.value.scalar, let value = TargetsConfiguration.Scalar(scalar) else {
        problems.report(
          "\"\(entry.key)\" must be text, a number or a boolean, but is \(entry.value.kind)",
          at: entry.value.location)
        continue
      }
      values[entry.key] = Located(value, at: entry.value.location)
    }
    return values
  }
}

extension ServerConfiguration {
  /// Whether a text can be the name of a header field (RFC 9110, 5.6.2).
  fileprivate static func isFieldName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || "!#$%&'*+-.^_`|~".utf8.contains($0)
      }
  }
}

extension LogLabels {
  fileprivate static func isName(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    return text.utf8.first.map(isLetter) == true
      && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
  }
}

extension TargetsConfiguration {
  /// Whether expressions can name it: `target.values.NAME`.
  fileprivate static func isValueName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
  }
}

extension TargetsConfiguration.Scalar {
  /// Nil for null.
  fileprivate init?(_ scalar: YAMLScalar) {
    switch scalar.value {
    case .null: return nil
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string: self = .string(scalar.text)
    }
  }
}
