internal import ArgumentParser
internal import DBOps
internal import Diagnostics

/// Who owns what is restored, and who has rights on it.
struct RoleOptions: ParsableArguments {
  @Option(
    help: """
      keep: objects belong to whom they did, and every role must be there; map: the same but for \
      those of --map-role; target: to --role, the environment's owner or whoever is connected, and \
      rights of roles that the server lacks are left out.
      """)
  var owner: OwnerChoice?

  @Option(
    name: .customLong("map-role"),
    help: ArgumentHelp(
      "A role in another's place, wherever it is named; may be given again.",
      valueName: "old=new"))
  var mappings: [String] = []

  @Option(help: "With --owner target: the role that everything belongs to.")
  var role: String?

  @Flag(inversion: .prefixedNo, help: "Restore rights (GRANT, REVOKE, default privileges).")
  var privileges = true

  func validate() throws {
    if role != nil, owner != .target {
      throw ValidationError("--role goes with --owner target")
    }
    if owner == .map, mappings.isEmpty {
      throw ValidationError("--owner map needs --map-role OLD=NEW")
    }
    if !mappings.isEmpty, let owner, owner != .map {
      throw ValidationError("--map-role goes with --owner map, not \(owner.rawValue)")
    }
    _ = try successors()
  }

  /// The same as the library takes it.
  func ownership(_ target: DatabaseTarget) throws -> Restore.Ownership {
    switch owner {
    case nil where !mappings.isEmpty, .map: .mapped(try successors())
    case nil, .keep: .keep
    case .target: .all(role ?? target.owner)
    }
  }

  private func successors() throws -> [String: String] {
    var successors: [String: String] = [:]
    for text in mappings {
      let (old, new) = try RoleOptions.pair(text, of: "--map-role")
      guard successors.updateValue(new, forKey: old) == nil else {
        throw ValidationError("--map-role gives \"\(old)\" two successors")
      }
    }
    return successors
  }

  /// The two names of `OLD=NEW`.
  static func pair(_ text: String, of option: String) throws -> (old: String, new: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw ValidationError("\(option) is \"\(text)\"; it must be OLD=NEW")
    }
    return (String(parts[0]), String(parts[1]))
  }
}

/// Who owns what is restored.
enum OwnerChoice: String, ExpressibleByArgument, CaseIterable {
  case keep
  case map
  case target
}
