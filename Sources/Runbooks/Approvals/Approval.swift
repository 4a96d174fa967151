internal import Digest
internal import JSON
public import Quantities

/// What a `confirm` asks of other people while its run waits for them.
public struct ApprovalRequest: Sendable, Hashable {
  /// The run's id, and the step that asks.
  public var run: String
  /// The id of the step.
  public var step: String
  /// What the approver is shown, masked: what runs where, with which inputs, and the question.
  public var shown: String
  /// What has to be typed.
  public var phrase: String
  /// Who began the run.
  public var startedBy: String
  /// Whether that person's own word does not count.
  public var needsOtherPerson: Bool
  /// How many people have to say it.
  public var needed: Int

  /// The SHA-256 of what is shown: an approval names it, so that one of something else is none.
  var digest: String { SHA256.hex(of: shown) }
}

/// Somebody's word, as it lies in the run's folder.
public struct Approval: Sendable, Hashable {
  /// The login name.
  public var by: String
  /// The machine on which it was given.
  public var host: String
  /// When.
  public var at: Timestamp
  /// The SHA-256 of what was shown.
  public var shown: String
}

extension ApprovalRequest {
  var json: JSON {
    [
      "run": .string(run), "step": .string(step), "shown": .string(shown),
      "phrase": .string(phrase), "started-by": .string(startedBy),
      "other-person": .bool(needsOtherPerson), "approvers": JSON(needed),
    ]
  }

  init?(_ json: JSON) {
    guard let run = json["run"]?.string, let step = json["step"]?.string,
      let shown = json["shown"]?.string, let phrase = json["phrase"]?.string,
      let startedBy = json["started-by"]?.string, let needed = json["approvers"]?.int
    else { return nil }
    self.init(
      run: run, step: step, shown: shown, phrase: phrase, startedBy: startedBy,
      needsOtherPerson: json["other-person"]?.bool ?? false, needed: Int(needed))
  }
}

extension Approval {
  var json: JSON {
    [
      "by": .string(by), "host": .string(host), "at": .string(at.rfc3339(fractionDigits: 6)),
      "shown-sha256": .string(shown),
    ]
  }

  init?(_ json: JSON) {
    guard let by = json["by"]?.string, let host = json["host"]?.string,
      let at = json["at"]?.string.flatMap(Timestamp.init(parsing:)),
      let shown = json["shown-sha256"]?.string
    else { return nil }
    self.init(by: by, host: host, at: at, shown: shown)
  }
}
