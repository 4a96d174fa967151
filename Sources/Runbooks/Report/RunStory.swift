internal import OrderedCollections
internal import Quantities

/// What happened in a run, step by step and with its times: the journal as a report tells it.
struct RunStory: Sendable {
  /// Something that was asked before or after.
  struct Question: Sendable {
    /// `guard`, or the phase of a check: `before`, `after`, `undo`, `recover`, `recheck`.
    var phase: String
    /// The sentence that is true when it holds.
    var name: String
    var holds: Bool
    /// What was seen, or why it does not hold.
    var detail: String?
    var at: Timestamp
  }

  /// One try of a step's action, or of its undo.
  struct Attempt: Sendable {
    var number: Int
    /// The action or the shell; nil where the step has none, or the process died over it.
    var uses: String?
    var startedAt: Timestamp
    /// Nil when it never came to its end.
    var endedAt: Timestamp?
    var milliseconds: Int64?
    /// Nil when nobody knows: the process died over it.
    var isDone: Bool?
    var error: String?
    var isInDoubt = false
  }

  /// What a person said.
  struct Answer: Sendable {
    var by: String
    /// `terminal`, `--approve`, ...
    var how: String
    /// `approved`, `retry`, `undo`, `stop`; of a step in doubt `done`, `again`, `undo`.
    var answer: String
    var at: Timestamp
  }

  /// A stretch of time and what it went to.
  struct Span: Sendable {
    enum Kind: String, Sendable, CaseIterable {
      /// Guards, and whether it is done already.
      case looking
      case working
      /// Checks, and waiting until they hold.
      case proving
      /// Waiting for a person.
      case person
      /// Waiting before another try.
      case pausing
      case undoing
    }

    var kind: Kind
    var from: Timestamp
    var to: Timestamp
    /// Whether it ended with an error of the action.
    var hasFailed = false
  }

  /// One step.
  struct Step: Sendable {
    var id: String
    var questions: [Question] = []
    var attempts: [Attempt] = []
    var undos: [Attempt] = []
    var answers: [Answer] = []
    var spans: [Span] = []
    /// Runs of other runbooks that it began, and whether they were to take it back.
    var calls: [(run: String, runbook: String, isUndo: Bool)] = []
    /// Files of evidence and their SHA-256, as the journal has them.
    var evidence: OrderedDictionary<String, String> = [:]

    /// How long it took, waits and undo included, gaps between two legs not.
    var milliseconds: Int64 { spans.reduce(0) { $0 + ($1.to - $1.from).milliseconds } }
  }

  /// A stretch of the run by one process.
  struct Leg: Sendable {
    enum Kind: String, Sendable {
      case run, walk, resume, undo, abort
    }

    var kind: Kind
    var user: String
    var host: String
    var from: Timestamp
    var to: Timestamp
    /// How it ended; nil when its process died, or goes on.
    var status: String?
    var exit: Int32?
    /// Signals that came.
    var signals: [Int32] = []
  }

  private(set) var legs: [Leg] = []
  /// The runbook's own guards.
  private(set) var guards = Step(id: "")
  /// The steps in the order in which they were first heard of.
  private(set) var steps: OrderedDictionary<String, Step> = [:]
  private(set) var lock: (group: String, kind: String)?
  /// The plan that the run was held to.
  private(set) var plan: (sha256: String, summary: String)?
  private(set) var state = RunState()

  /// Whether the steps ask a person, by their ids: their time is that of the person.
  private let asksPerson: Set<String>
  /// The last moment that is accounted for.
  private var last: Timestamp?
  /// The step that was last heard of.
  private var current: String?

  init(_ records: [JournalRecord], asksPerson: Set<String>) {
    self.asksPerson = asksPerson
    for record in records { take(record) }
  }

  /// The time from a leg's begin to its end, all legs together.
  var active: Duration {
    legs.reduce(.zero) { $0 + ($1.to - $1.from) }
  }

  private mutating func take(_ record: JournalRecord) {
    state.apply(record)
    let time = record.time
    switch record.event {
    case .runStart(let start):
      let kind: Leg.Kind = start.mode == .walk ? .walk : .run
      legs.append(Leg(kind: kind, user: start.user, host: start.host, from: time, to: time))
    case .resume(let resume):
      let kind: Leg.Kind = resume.isUndo ? .undo : .resume
      legs.append(Leg(kind: kind, user: resume.user, host: resume.host, from: time, to: time))
    case .lock(let group, let kind): lock = (group, kind)
    case .plan(let sha256, let summary): plan = (sha256, summary)
    case .outputs: break
    case .abort(let by, let host):
      legs.append(Leg(kind: .abort, user: by, host: host, from: time, to: time))
    case .runFinish(let status, let exit, _):
      if !legs.isEmpty {
        legs[legs.count - 1].status = status
        legs[legs.count - 1].exit = exit
      }
    case .signal(let signal, _):
      if !legs.isEmpty { legs[legs.count - 1].signals.append(signal) }
      if let current, let last { add(Span(kind: .working, from: last, to: time), to: current) }
    default: takeStep(record)
    }
    last = time
    if !legs.isEmpty { legs[legs.count - 1].to = time }
  }

  private mutating func takeStep(_ record: JournalRecord) {
    let time = record.time
    let kind = kind(of: record.event)
    guard let id = record.event.step else {
      if case .guards(_, let name, let ok, let detail) = record.event {
        guards.questions.append(
          Question(phase: "guard", name: name, holds: ok, detail: detail, at: time))
        if let last { guards.add(Span(kind: .looking, from: last, to: time)) }
      }
      return
    }
    if let last {
      add(Span(kind: kind, from: last, to: time, hasFailed: record.event.isFailure), to: id)
    }
    current = id
    steps[id, default: Step(id: id)].take(record)
  }

  private mutating func add(_ span: Span, to id: String) {
    steps[id, default: Step(id: id)].add(span)
  }

  /// What the time before a record went to.
  private func kind(of event: JournalEvent) -> Span.Kind {
    switch event {
    case .guards, .resolve: return .looking
    case .stepStart(let step, _, _, _):
      return steps[step]?.attempts.last?.isDone == false && current == step ? .pausing : .looking
    case .action(let action): return action.isUndo ? .undoing : .working
    case .check(_, let phase, _, _, _):
      return phase == .after ? .proving : phase == .undo ? .undoing : .looking
    case .confirm, .approval: return .person
    case .undoStart, .undoFinish: return .undoing
    case .stepFinish(let finish):
      guard let step = steps[finish.step], let attempt = step.attempts.last else {
        return .looking
      }
      if asksPerson.contains(finish.step) { return .person }
      return attempt.endedAt == nil ? .working : .proving
    default: return .looking
    }
  }
}

extension RunStory.Step {
  fileprivate mutating func add(_ span: RunStory.Span) {
    guard span.to > span.from else { return }
    if let last = spans.last, last.kind == span.kind, last.to == span.from,
      last.hasFailed == span.hasFailed
    {
      spans[spans.count - 1].to = span.to
    } else {
      spans.append(span)
    }
  }

  fileprivate mutating func take(_ record: JournalRecord) {
    let time = record.time
    evidence.merge(record.event.evidence) { $1 }
    switch record.event {
    case .guards(_, let name, let ok, let detail):
      questions.append(.init(phase: "guard", name: name, holds: ok, detail: detail, at: time))
    case .check(_, let phase, let name, let ok, let detail):
      questions.append(
        .init(phase: phase.rawValue, name: name, holds: ok, detail: detail, at: time))
    case .stepStart(_, let number, _, _):
      attempts.append(.init(number: number, startedAt: time))
    case .undoStart:
      undos.append(.init(number: undos.count + 1, startedAt: time))
    case .action(let action):
      if action.isUndo { end(&undos, action, at: time) } else { end(&attempts, action, at: time) }
    case .undoFinish(_, let ok, let detail):
      guard !undos.isEmpty else { break }
      undos[undos.count - 1].isDone = ok
      undos[undos.count - 1].endedAt = time
      undos[undos.count - 1].error = undos[undos.count - 1].error ?? detail
    case .confirm(_, let by, let how, let answer, _):
      answers.append(.init(by: by, how: how, answer: answer, at: time))
    case .approval(_, let by, let host, _, _):
      answers.append(.init(by: by, how: "approve on \(host)", answer: "approved", at: time))
    case .called(_, let run, let runbook, let isUndo): calls.append((run, runbook, isUndo))
    case .resolve(_, let resolution, let by):
      answers.append(.init(by: by, how: "--resolve", answer: resolution.rawValue, at: time))
    default: break
    }
  }

  private func end(
    _ attempts: inout [RunStory.Attempt], _ action: JournalEvent.ActionRecord, at time: Timestamp
  ) {
    guard !attempts.isEmpty else { return }
    let last = attempts.count - 1
    attempts[last].uses = action.uses
    attempts[last].endedAt = time
    attempts[last].milliseconds = action.milliseconds
    attempts[last].isDone = action.ok
    attempts[last].error = action.error
    attempts[last].isInDoubt = action.isInDoubt
  }
}

extension JournalEvent {
  /// Whether the record tells of an action, or an undo, that ended with an error.
  fileprivate var isFailure: Bool {
    switch self {
    case .action(let action): !action.ok
    case .undoFinish(_, let ok, _): !ok
    default: false
    }
  }

  /// The step that the record is about.
  var step: String? {
    switch self {
    case .guards(let step, _, _, _): step
    case .stepStart(let step, _, _, _), .check(let step, _, _, _, _),
      .confirm(let step, _, _, _, _),
      .undoStart(let step), .undoFinish(let step, _, _), .resolve(let step, _, _):
      step
    case .called(let step, _, _, _), .approval(let step, _, _, _, _): step
    case .action(let action): action.step
    case .stepFinish(let finish): finish.step
    case .runStart, .plan, .lock, .signal, .resume, .runFinish, .outputs, .abort: nil
    }
  }
}
