internal import Quantities

/// A plan as lines for a person.
public struct MigrationPlanText: Sendable {
  /// What a line is about, for its colour.
  public enum Role: Sendable {
    /// Begins a part.
    case heading
    /// A statement.
    case statement
    /// Harms nobody.
    case quiet
    /// To know before saying yes.
    case caution
    /// Keeps users waiting, or loses something.
    case danger
  }

  /// One line.
  public struct Line: Hashable, Sendable {
    /// What it is about.
    public var role: Role
    /// The text.
    public var text: String
  }

  /// The lines, in order.
  public private(set) var lines: [Line] = []

  /// Writes a plan.
  ///
  /// - Parameter width: the columns to write statements in; longer ones are shortened.
  public init(_ plan: MigrationPlan, width: Int = 100) {
    for (index, part) in plan.parts.enumerated() {
      add(.heading, MigrationPlanText.heading(part, index + 1))
      let undo = MigrationPlanText.undo(part)
      if let undo { add(part.losesSomething ? .danger : .caution, "   " + undo) }
      for gap in part.revision.gaps { add(.caution, "   may send other statements: \(gap)") }
      for step in part.steps { add(step, width) }
      if part.steps.isEmpty { add(.quiet, "   sends nothing") }
    }
    add(plan.obstacles)
    add(.heading, MigrationPlanText.summary(plan))
  }

  /// All lines as one text.
  public var text: String { lines.map { $0.text + "\n" }.joined() }

  private mutating func add(_ role: Role, _ text: String) {
    lines.append(Line(role: role, text: text))
  }

  private static func heading(_ part: MigrationPlan.Part, _ number: Int) -> String {
    let revision = part.revision
    let name = [revision.id, revision.message].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: "  ")
    let file = revision.file.map { name.isEmpty ? $0 : "  (\($0))" } ?? ""
    return "\(number)  \(name)\(file)"
  }

  private static func undo(_ part: MigrationPlan.Part) -> String? {
    switch part.revision.downgrade {
    case .unknown: nil
    case .missing: "cannot be undone: it has no downgrade"
    case .empty: part.steps.isEmpty ? nil : "cannot be undone: its downgrade does nothing"
    case .present:
      part.canBeUndone ? nil : "a downgrade does not bring back what is lost below"
    }
  }

  private mutating func add(_ step: MigrationPlan.Step, _ width: Int) {
    let sql = step.statement.sql.split { $0.isWhitespace }.joined(separator: " ")
    let room = max(20, width - step.number.count - 5)
    let shown = sql.count > room ? String(sql.prefix(room - 1)) + "…" : sql
    add(.statement, "   \(step.number) \(shown)")
    for loss in step.losses { add(.danger, "       LOST: \(MigrationPlanText.loss(loss))") }
    for lock in step.locks where lock.lock.mode >= .shareUpdateExclusive || lock.isLong {
      add(lock.isDangerous ? .danger : .quiet, "       \(MigrationPlanText.lock(lock))")
    }
    for work in step.effects.work
    where !step.locks.contains(where: {
      $0.lock.relation == work.relation && ($0.isLong || $0.size?.isEmpty == true)
    }) {
      add(.caution, "       \(work.relation): \(work.reason)")
    }
    for lock in step.heldMeanwhile {
      add(
        .danger,
        "       \(lock.mode.sql) on \(lock.relation), taken before, lasts until this is done: "
          + "\(lock.mode.consequence) meanwhile")
    }
    if let reason = step.effects.irreversible { add(.caution, "       \(reason)") }
    if case .outside(let reason) = step.effects.transactionUse {
      let isWrong = step.statement.transaction != nil
      add(
        isWrong ? .danger : .caution,
        "       \(reason)" + (isWrong ? ", but this one would be sent in one: it fails" : ""))
    }
    if let unknown = step.effects.unknown { add(.caution, "       not known: \(unknown)") }
  }

  private static func lock(_ lock: MigrationPlan.Lock) -> String {
    let size = lock.size.flatMap(MigrationPlanText.size).map { " (\($0))" } ?? ""
    let mode = lock.lock.mode
    var text = "\(mode.sql) on \(lock.lock.relation)\(size): "
    let reasons = lock.work.map(\.reason).joined(separator: "; ")
    if lock.isLong {
      text += "\(mode.consequence) while \(reasons)"
    } else if lock.work.isEmpty {
      text += "\(mode.consequence), for a moment"
    } else {
      text += "reads and writes go on; \(reasons)"
    }
    return text
  }

  static func size(_ size: MigrationPlan.Size) -> String? {
    if size.isEmpty { return "empty" }
    var parts = size.bytes.map { [ByteCount($0).readable] } ?? []
    if let rows = size.rows {
      parts.append((size.isCounted ? "" : "about ") + MigrationPlanText.count(rows, "row"))
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private static func loss(_ loss: MigrationPlan.Loss) -> String {
    let noun = loss.loss.kind == .column || loss.loss.kind == .values ? "value" : "row"
    guard let rows = loss.rows else { return loss.loss.description }
    let count = MigrationPlanText.count(rows, noun)
    return "\(loss.loss.description): \(loss.isCounted ? "" : "about ")\(count)"
  }

  /// `12,345 rows`.
  static func count(_ number: Int64, _ noun: String) -> String {
    var digits = String(number)
    var place = digits.endIndex
    while let next = digits.index(place, offsetBy: -3, limitedBy: digits.startIndex),
      next > digits.startIndex
    {
      digits.insert(",", at: next)
      place = next
    }
    return "\(digits) \(noun)\(number == 1 ? "" : "s")"
  }

  private mutating func add(_ obstacles: [BlockingSession]) {
    if obstacles.isEmpty { return }
    add(.heading, "in the way right now")
    for holder in obstacles {
      add(.danger, "   \(holder.summary)")
      let places = holder.blocks.joined(separator: ", ")
      if let lock = holder.lock {
        add(.caution, "       holds \(lock.mode.sql) on \(lock.relation): \(places) would wait")
      } else {
        add(.caution, "       an old transaction: \(places) would wait for its end")
      }
      if let statement = holder.statement, !statement.isEmpty {
        add(.quiet, "       \(statement)")
      }
    }
  }

  private static func summary(_ plan: MigrationPlan) -> String {
    let steps = plan.steps
    let revisions = count(Int64(plan.parts.count), "revision")
    var parts = ["\(revisions), \(count(Int64(steps.count), "statement"))"]
    let long = numbers(
      steps.filter { $0.locks.contains(where: \.isDangerous) || !$0.heldMeanwhile.isEmpty })
    parts.append(long.map { "users wait for \($0)" } ?? "no user waits for more than a moment")
    if let losing = numbers(steps.filter { !$0.losses.isEmpty }) {
      parts.append("data is lost in \(losing)")
    }
    if let unknown = numbers(steps.filter { $0.effects.unknown != nil }) {
      parts.append("not all is known of \(unknown)")
    }
    return parts.joined(separator: "; ")
  }

  private static func numbers(_ steps: [MigrationPlan.Step]) -> String? {
    steps.isEmpty ? nil : steps.map(\.number).joined(separator: ", ")
  }
}

extension MigrationPlan.Part {
  fileprivate var losesSomething: Bool { steps.contains { !$0.losses.isEmpty } }
}

extension MigrationPlan.Lock {
  /// Whether the lock keeps users waiting for longer than a moment.
  public var isDangerous: Bool {
    isLong && (size?.bytes.map { $0 > MigrationPlan.smallTable } ?? true)
  }
}
