internal import Configuration
internal import OrderedCollections
internal import Runbooks

extension Target {
  /// The same with what the environment says of servers, the cloud, the repository and names:
  /// `target.prometheus` and so on, null where it says nothing.
  ///
  /// What has to be looked up and cannot be stops only the steps that need it.
  func with(_ environment: EnvironmentTargets?) -> Target {
    guard case .object(var members) = value else { return self }
    let targets = environment?.targets ?? TargetsConfiguration()
    let variables = environment?.context.environment ?? [:]
    var target = self
    for kind in ["prometheus", "alertmanager", "loki"] { members[kind] = .null }
    for (name, server) in targets.servers {
      let resolved = try? server.resolve(variables: variables)
      target.secrets += resolved?.secrets ?? []
      members[name] = [
        "url": Value(resolved?.url.map(SecretMask.url)),
        "service": Value(server.service.map { "\($0.value)" }),
      ]
    }
    members["aws"] = targets.aws.map { aws -> Value in
      [
        "profile": Value(aws.profile?.value), "region": Value(aws.region?.value),
        "account": Value(aws.account?.value),
        "endpoint-url": Value(
          (try? aws.resolvedEndpoint(variables: variables)).flatMap(\.self).map(SecretMask.url)),
      ]
    }
    members["github"] = targets.github.map { github -> Value in
      let resolved = try? github.resolve(variables: variables)
      if let token = resolved?.token { target.secrets.append(token) }
      return [
        "repository": .string(github.repository.value),
        "api": Value(resolved.map { SecretMask.url($0.api) }),
      ]
    }
    members["terraform"] = targets.terraform.map { terraform -> Value in
      [
        "folder": .string(terraform.folder.value),
        "binary": .string(terraform.binary?.value ?? "terraform"),
      ]
    }
    members["values"] = targets.valuesMember
    target.value = .object(members)
    target.identities.merge(targets.identities) { $1 }
    target.variables = targets.programVariables(variables)
    return target
  }
}

extension Target {
  /// An environment that says nothing of a database.
  init(withoutDatabase environment: ResolvedEnvironment) {
    let name = environment.name?.value ?? ""
    self.init(
      name: name,
      value: [
        "name": .string(name), "protected": .bool(environment.isProtected.value), "database": nil,
        "kubernetes": nil,
        "api": environment.api.map { ["url": .string($0.value)] } ?? .null,
      ], identities: [:])
  }
}

extension ResolvedEnvironment {
  /// Whether it names no database, and nothing else would do so for libpq.
  func hasNoDatabase(_ variables: [String: String]) -> Bool {
    let libpq = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"]
    return name != nil && url == nil && parameters.isEmpty
      && libpq.allSatisfy { variables[$0]?.isEmpty ?? true }
  }
}

extension TargetsConfiguration {
  /// The member `values` of `target`.
  var valuesMember: Value { .object(values.mapValues { Value($0.value) }) }

  /// What the AWS CLI, and what goes by its variables, must have to meet this environment's account.
  fileprivate func programVariables(_ variables: [String: String]) -> [String: String] {
    guard let aws else { return [:] }
    var own: [String: String] = [:]
    own["AWS_PROFILE"] = aws.profile?.value
    own["AWS_REGION"] = aws.region?.value
    own["AWS_DEFAULT_REGION"] = aws.region?.value
    own["AWS_ENDPOINT_URL"] = (try? aws.resolvedEndpoint(variables: variables)).flatMap(\.self)
    return own
  }

  /// What must be the same when a run is resumed.
  fileprivate var identities: [String: String] {
    var identities: [String: String] = [:]
    if let account = aws?.account { identities["aws"] = account.value }
    if let github { identities["github"] = github.repository.value }
    return identities
  }
}

extension Value {
  /// A value of omcops.yaml.
  fileprivate init(_ scalar: TargetsConfiguration.Scalar) {
    switch scalar {
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    }
  }
}
