internal import OrderedCollections

/// The actions that a runbook may name: those of the format, and those that this program offers.
///
/// An action of the format that the program does not offer is no error of the file: the step may
/// never run. `offers(_:)` tells the two apart.
public struct ActionCatalog: Sendable {
  /// What is known of an action before it runs.
  public struct Entry: Sendable {
    /// The name after `uses:`.
    public var name: String
    /// What running it does to the world.
    public var effect: Effect
    /// The fields of `with:`; nil when they are not known.
    public var parameters: [ActionParameter]?
    /// The shape of its result.
    public var result: Shape
    /// Whether this program can run it.
    public var isOffered: Bool
    /// Whether it can find its own effect again.
    public var isObservable: Bool
    /// The shell command for evaluated fields; nil where this program does not offer the action.
    var command: (@Sendable (OrderedDictionary<String, Value>) -> String)?

    init(
      _ name: String, _ effect: Effect, _ parameters: [ActionParameter]? = nil,
      result: Shape = .any, isOffered: Bool = false, isObservable: Bool = true
    ) {
      self.name = name
      self.effect = effect
      self.parameters = parameters
      self.result = result
      self.isOffered = isOffered
      self.isObservable = isObservable
    }
  }

  /// What the format itself says, whoever offers it.
  public static let format = ActionCatalog()

  /// What the names of AWS operations begin with that only read.
  public static let readingVerbs = [
    "describe", "get", "list", "simulate", "head", "batch-get", "filter", "lookup",
  ]

  /// Whether the name of an AWS operation says that it only reads.
  public static func isReading(_ operation: String) -> Bool {
    readingVerbs.contains { operation.hasPrefix($0 + "-") }
  }

  private var entries: [String: Entry]
  /// Whether a program offers anything at all; the catalog of the format alone is of no program.
  let hasOffers: Bool

  /// The format's own actions, and on top of them what a program offers.
  public init(offering actions: some Sequence<any Action> = [any Action]()) {
    entries = Dictionary(FormatActions.all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    var count = 0
    for action in actions {
      count += 1
      entries[action.name] = Entry(
        action.name, action.effect, action.parameters, result: action.result, isOffered: true,
        isObservable: action.isObservable)
      entries[action.name]?.command = { action.command(for: $0) }
    }
    hasOffers = count > 0
    // The engine itself does these, so that every program offers them.
    for name in ["confirm", "manual", "sleep"] { entries[name]?.isOffered = true }
  }

  /// What is known of an action; nil for names that nobody knows.
  public subscript(name: String) -> Entry? {
    if let entry = entries[name] { return entry }
    guard name.hasPrefix("runbook/") else { return nil }
    return Entry(name, .write)
  }

  /// What a person would type to do what an action does; nil for what this program does not offer.
  ///
  /// - Parameter value: what a field holds, as far as it is known; null leaves the field out.
  func command(for reference: ActionReference, value: (Template) -> Value) -> String? {
    guard let entry = entries[reference.name], let command = entry.command else { return nil }
    var with: OrderedDictionary<String, Value> = [:]
    for (name, template) in reference.parameters {
      let given = value(template)
      if given == .null { continue }
      let parameter = entry.parameters?.first { $0.name == name }
      with[name] = parameter.flatMap { $0.shape.admit(given) } ?? given
    }
    return command(with)
  }

  /// What work does to the world; a step without work only looks.
  func effect(of work: Work?) -> Effect {
    switch work {
    case nil: .read
    case .script(let script): script.isReadOnly ? .read : .write
    case .action(let action):
      // A pause leaves no trace: it can be repeated as a read can.
      action.name == "sleep" ? .read : self[action.name]?.effect ?? .write
    }
  }

  /// Whether this program can run it.
  public func offers(_ name: String) -> Bool { entries[name]?.isOffered ?? false }

  /// Every name, in order.
  public var names: [String] { entries.keys.sorted() }

  /// The names of those that change nothing, in order.
  public var readNames: [String] {
    entries.values.filter { $0.effect == .read }.map(\.name).sorted()
  }
}
