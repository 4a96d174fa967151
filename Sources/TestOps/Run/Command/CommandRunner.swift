/// A program that runs tests by itself and tells of them in JUnit files, or in the Test Anything Protocol
/// on its standard output.
public enum CommandRunner: String, Sendable, CaseIterable {
  /// `swift test`, XCTest and Swift Testing.
  case swift
  case vitest, playwright
  /// Any command that writes JUnit files.
  case junit
  /// Any command that speaks the Test Anything Protocol.
  case tap

  /// What may be asked of a run, and not every runner can do.
  public enum Wish: String, Sendable, CaseIterable {
    case expression = "-k"
    case failed = "--failed"
    case changed = "--changed"
    case failFast = "--fail-fast"
    case retries = "--retries"
    case seed = "--seed"
    case timeout = "--timeout"
    case shards
  }

  /// Whether it can do it.
  ///
  /// - Parameter words: its command and arguments: a seed is handed on where they have a place for it.
  public func can(_ wish: Wish, with words: [String] = []) -> Bool {
    switch (self, wish) {
    case (.swift, .expression), (.swift, .failed), (.swift, .retries): true
    case (.swift, _): false
    case (.vitest, _): true
    case (.playwright, .seed): false
    case (.playwright, _): true
    case (.junit, .shards), (.tap, .shards): true
    case (.junit, .seed), (.tap, .seed):
      words.contains { Placeholders.names(in: $0).contains("seed") }
    case (.junit, _), (.tap, _): false
    }
  }

  /// Why it cannot do it.
  public func refusal(_ wish: Wish) -> TestFailure {
    let words =
      switch wish {
      case .expression: "has no way to choose tests by their names"
      case .failed, .retries: "has no way to run some of its tests again"
      case .changed: "has no way to choose tests by changed files"
      case .failFast: "has no way to end at the first failure"
      case .seed: "has no way to run its tests in another order"
      case .timeout: "has no time for a single test"
      case .shards: "runs all of its tests at once"
      }
    let hint: String? =
      switch wish {
      case .timeout: "run-timeout: 10m, or --run-timeout, ends a run of the whole command"
      case .seed where self == .junit || self == .tap: "write ${seed} where the command takes it"
      case .shards: "leave shards and workers out"
      default: nil
      }
    let name = wish == .shards ? "shards" : wish.rawValue
    return TestFailure("runner \(rawValue) \(words): \(name)", hint: hint, status: .usage)
  }

  /// The command of those that have one of their own, as it is found from the suite's folder; nil where it
  /// has to be named.
  func ownCommand(in folder: String) throws -> [String]? {
    switch self {
    case .swift: return ["swift", "test"]
    case .vitest: return [try CommandRunner.nodeProgram("vitest", from: folder), "run"]
    case .playwright: return [try CommandRunner.nodeProgram("playwright", from: folder), "test"]
    case .junit, .tap: return nil
    }
  }

  /// In `node_modules` of the folder, or of one above it, as npm's own commands look.
  private static func nodeProgram(_ name: String, from folder: String) throws -> String {
    var place = folder[...]
    while true {
      let path = "\(place)/node_modules/.bin/\(name)"
      if StepProgram.find(path, in: [:], folder: "/") != nil { return path }
      guard let slash = place.lastIndex(of: "/") else { break }
      place = place[..<slash]
    }
    throw TestFailure(
      "there is no node_modules/.bin/\(name) in \(folder) or above it",
      hint: "install it there, or name it: command: [...]", status: .usage)
  }
}

/// `${name}` in texts.
enum Placeholders {
  /// The names that stand in a text.
  static func names(in text: String) -> [String] { pieces(text).compactMap(\.name) }

  /// Puts values where their names stand. What has no value stays: it may be a shell's.
  static func fill(_ text: String, _ values: [String: String]) -> String {
    pieces(text).map { piece in piece.name.flatMap { values[$0] } ?? String(piece.text) }.joined()
  }

  private static func pieces(_ text: String) -> [(text: Substring, name: String?)] {
    var pieces: [(text: Substring, name: String?)] = []
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      if dollar > rest.startIndex { pieces.append((rest[..<dollar], nil)) }
      rest = rest[dollar...]
      if rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") {
        pieces.append((rest[...end], String(rest[..<end].dropFirst(2))))
        rest = rest[rest.index(after: end)...]
      } else {
        pieces.append((rest.prefix(1), nil))
        rest = rest.dropFirst()
      }
    }
    if !rest.isEmpty { pieces.append((rest, nil)) }
    return pieces
  }
}
