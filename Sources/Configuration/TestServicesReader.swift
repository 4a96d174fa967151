internal import Diagnostics
internal import Quantities
internal import Text
internal import YAML

// The programs that are there while a suite's tests run.
extension TestsReader {
  func services(
    _ reader: MappingReader, of suite: TestSuiteConfiguration
  ) -> [TestServiceConfiguration] {
    var services: [TestServiceConfiguration] = []
    for entry in reader.entries("services") ?? [] {
      checkName(entry)
      let subject = "service \"\(entry.key)\""
      guard let inner = MappingReader(entry.value, as: subject, problems: problems) else {
        continue
      }
      services.append(service(inner, entry, suite))
    }
    checkNeeds(services)
    return services
  }

  private func checkName(_ entry: YAMLMapping.Entry) {
    let isPlain = entry.key.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
        || "-_".utf8.contains(byte)
    }
    if entry.key.isEmpty || !isPlain {
      problems.report(
        "\"\(entry.key)\" cannot be the name of a service", at: entry.location,
        hint: "Letters, digits, - and _ can.")
    }
  }

  private func service(
    _ reader: MappingReader, _ entry: YAMLMapping.Entry, _ suite: TestSuiteConfiguration
  ) -> TestServiceConfiguration {
    var service = TestServiceConfiguration(
      name: Located(entry.key, at: entry.location),
      folder: texts.path("folder", reader) ?? suite.folder)
    service.command = list("command", reader)
    if service.command.isEmpty {
      problems.report("service \"\(entry.key)\" needs a \"command\"", at: reader.location)
    }
    for variable in reader.entries("environment") ?? [] {
      checkVariable(variable)
      service.environment[variable.key] = texts.text(
        variable.value, named: variable.key, allowsNumber: true)
    }
    if let port = reader.int("port") {
      let place = reader.node("port")?.location ?? reader.location(of: "port")
      if !(1...65535).contains(port) {
        problems.report("\"port\" is \(port); it must be 1 to 65535", at: place)
      }
      service.port = Located(Int(clamping: port), at: place)
    }
    service.startTimeout = duration("start-timeout", reader)
    let scopes = TestServiceConfiguration.Scope.allCases.map(\.rawValue)
    if let word = reader.choice("each", of: scopes),
      let scope = TestServiceConfiguration.Scope(rawValue: word)
    {
      service.scope = scope
    }
    service.needs = list("needs", reader)
    readVariables(reader, &service)
    readReadiness(reader, &service)
    reader.finish()
    if service.scope == .worker, let port = service.port {
      problems.report(
        "one service for each worker cannot have one port for all", at: port.location,
        hint: "Leave \"port\" out, and write ${port} where the service takes it.")
    }
    return service
  }

  private func readVariables(_ reader: MappingReader, _ service: inout TestServiceConfiguration) {
    for entry in reader.entries("variables") ?? [] {
      checkVariable(entry)
      let parts = TestServiceConfiguration.parts
      guard let word = entry.value.string, parts.contains(word) else {
        problems.report(
          "\"\(entry.key)\" must be a part of the service's address", at: entry.value.location,
          hint: "It can be \(parts.joined(separator: ", ")).")
        continue
      }
      service.variables[entry.key] = Located(word, at: entry.value.location)
    }
  }

  // MARK: Readiness

  private func readReadiness(_ reader: MappingReader, _ service: inout TestServiceConfiguration) {
    guard let node = reader.node("ready") else {
      guard service.port == nil, !service.hasPlaceForPort else { return }
      problems.report(
        "service \"\(service.name.value)\" does not say how it is known to be ready",
        at: reader.location,
        hint: "Write ${port} where it takes its port, or ready: { log: \"listening\" }.")
      return
    }
    if node.string == "port" { return }
    guard node.mapping != nil,
      let inner = MappingReader(node, as: "\"ready\"", problems: problems)
    else {
      problems.report(
        "\"ready\" must be port, {http: PATH}, {log: TEXT} or {command: [...]}, but is \(node.kind)",
        at: node.location)
      return
    }
    var found: [TestServiceConfiguration.Readiness] = []
    if let path = inner.word("http") {
      if !path.value.hasPrefix("/") {
        problems.report(
          "\"\(path.value)\" is no path of a service", at: path.location, hint: "It begins with /.")
      }
      found.append(.http(path.value))
    }
    if let words = inner.word("log") { found.append(.log(words.value)) }
    let command = list("command", inner).map(\.value)
    if !command.isEmpty { found.append(.command(command)) }
    inner.finish()
    if found.count == 1 {
      service.readiness = found[0]
    } else {
      problems.report(
        "\"ready\" has \(found.isEmpty ? "none" : "more than one") of http, log and command",
        at: node.location)
    }
  }

  // MARK: Needs

  private func checkNeeds(_ services: [TestServiceConfiguration]) {
    let names = services.map(\.name.value)
    for service in services {
      for need in service.needs {
        guard let other = services.first(where: { $0.name.value == need.value }) else {
          problems.report(
            "there is no service \"\(need.value)\""
              + Suggestion.phrase(for: need.value, among: names),
            at: need.location)
          continue
        }
        if service.scope == .run, other.scope == .worker {
          problems.report(
            "\"\(service.name.value)\" serves the whole run, and cannot need \"\(need.value)\" of one worker",
            at: need.location, hint: "Say each: worker of it, too.")
        }
      }
    }
    checkCircles(services)
  }

  private func checkCircles(_ services: [TestServiceConfiguration]) {
    var left = services
    while !left.isEmpty {
      let open = Set(left.map(\.name.value))
      let rest = left.filter { service in
        service.needs.contains { open.contains($0.value) }
      }
      if rest.count == left.count, let first = left.first {
        problems.report(
          "services need each other in a circle: "
            + left.map(\.name.value).joined(separator: ", "), at: first.name.location)
        return
      }
      left = rest
    }
  }
}

extension TestServiceConfiguration {
  fileprivate var hasPlaceForPort: Bool {
    let texts =
      command.map(\.value)
      + environment.values.map { if case .literal(let text) = $0.value { text } else { "" } }
    return texts.contains { $0.contains(text: "${port}") }
  }
}
