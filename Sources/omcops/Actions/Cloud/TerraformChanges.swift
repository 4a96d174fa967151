internal import JSON
internal import OrderedCollections
internal import Runbooks

/// What a plan would change, out of `terraform show -json`, as expressions see it; what is sensitive
/// is masked.
struct TerraformChanges {
  private let plan: JSON

  init(_ plan: JSON) { self.plan = plan }

  /// The result of `terraform.plan`.
  func value(hasChanges: Bool, path: String) -> Value {
    let changes = (plan["resource_changes"]?.array ?? []).compactMap(change)
    let drift = (plan["resource_drift"]?.array ?? []).compactMap(change)
    func count(_ action: String) -> Value {
      .int(Int64(changes.count { $0["action"]?.string == action }))
    }
    let destroys = changes.filter { ["delete", "replace"].contains($0["action"]?.string) }
    return [
      "has-changes": .bool(hasChanges), "create": count("create"), "update": count("update"),
      "delete": count("delete"), "replace": count("replace"),
      "drifted": .int(Int64(drift.count)), "changes": .array(changes), "drift": .array(drift),
      "destroys": .array(destroys.compactMap { $0["address"] }), "plan": .string(path),
      "terraform-version": .string(plan["terraform_version"]?.string ?? ""),
    ]
  }

  /// Nil for what stays as it is, and for data that is only read.
  private func change(_ resource: JSON) -> Value? {
    let change = resource["change"]
    let actions = (change?["actions"]?.array ?? []).compactMap(\.string)
    let action: String
    switch actions {
    case [], ["no-op"], ["read"]: return nil
    case let words where words.count > 1: action = "replace"
    default: action = actions[0]
    }
    let before = masked(change?["before"], change?["before_sensitive"])
    var after = masked(change?["after"], change?["after_sensitive"])
    after = TerraformChanges.marked(after, unknown: change?["after_unknown"])
    let attributes = TerraformChanges.differences(before, after)
    let isPart = action == "update" || action == "replace"
    return [
      "address": .string(resource["address"]?.string ?? ""),
      "type": .string(resource["type"]?.string ?? ""), "action": .string(action),
      "attributes": .array(attributes.map(Value.string)),
      "before": Value(isPart ? TerraformChanges.part(before, attributes) : before),
      "after": Value(isPart ? TerraformChanges.part(after, attributes) : after),
    ]
  }

  static let mask = JSON.string("********")

  private func masked(_ value: JSON?, _ sensitive: JSON?) -> JSON {
    guard let value else { return .null }
    switch (value, sensitive) {
    case (.null, _): return .null
    case (_, .bool(true)): return TerraformChanges.mask
    case (.object(let members), .object(let marks)):
      var shown: OrderedDictionary<String, JSON> = [:]
      for (name, member) in members { shown[name] = masked(member, marks[name]) }
      return .object(shown)
    case (.array(let items), .array(let marks)):
      return .array(
        items.enumerated().map { index, item in
          masked(item, marks.indices.contains(index) ? marks[index] : nil)
        })
    default: return value
    }
  }

  /// The same with a word in the place of what only applying will tell.
  private static func marked(_ value: JSON, unknown: JSON?) -> JSON {
    switch (value, unknown) {
    case (_, .bool(true)): return "(known after apply)"
    case (.object(var members), .object(let marks)):
      for (name, mark) in marks {
        let member = marked(members[name] ?? .null, unknown: mark)
        if member != .null { members[name] = member }
      }
      return .object(members)
    default: return value
    }
  }

  private static func differences(_ before: JSON, _ after: JSON) -> [String] {
    let (old, new) = (before.object ?? [:], after.object ?? [:])
    var names = Array(old.keys)
    for name in new.keys where old[name] == nil { names.append(name) }
    return names.filter { (old[$0] ?? .null) != (new[$0] ?? .null) }.sorted()
  }

  private static func part(_ value: JSON, _ names: [String]) -> JSON {
    guard case .object(let members) = value else { return value }
    return .object(members.filter { names.contains($0.key) })
  }
}
