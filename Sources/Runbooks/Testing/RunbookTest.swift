public import Diagnostics
internal import OrderedCollections
internal import Quantities

/// The test cases of one runbook, as their file describes them.
public struct RunbookTest: Sendable {
  /// The runbook that is tested.
  public let runbook: Runbook
  /// The file of the test, as the user named it.
  public let file: String
  /// The cases in the order of the file.
  public let cases: [TestCase]
  /// Every place where something is called.
  let sites: CallSites
  /// What all cases share.
  let shared: TestSetting
  /// When the simulated time begins.
  let start: Timestamp
}

/// One case.
public struct TestCase: Sendable {
  /// Its name, a sentence.
  public let name: String
  /// Where it stands.
  public let location: SourceLocation
  /// Whether the run is cut off at every record of its journal, too.
  let hasCrashMatrix: Bool
  let setting: TestSetting
  let expectation: TestExpectation
  /// What is done after the run, in order.
  let legs: [TestLeg]
}

/// What a run meets.
struct TestSetting: Sendable {
  var inputs: OrderedDictionary<String, String> = [:]
  /// Members of the `target` context, over the usual ones.
  var target: OrderedDictionary<String, Value> = [:]
  var secrets: OrderedDictionary<String, String> = [:]
  var answers: [TestAnswer] = []
  /// What the operator is asked; nil where nobody sits at a terminal.
  var questions: [TestQuestion]?
  /// The phrases of `--approve`.
  var approvals: [String: String] = [:]
  var user: String?
}

/// What is done after the run, or after another leg of it.
struct TestLeg: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case resume, undo
  }

  let kind: Kind
  let location: SourceLocation
  let setting: TestSetting
  let resolutions: [String: Resolution]
  let expectation: TestExpectation
}

/// What an action, a script or a probe answers.
struct TestAnswer: Sendable {
  /// What happens at one call.
  struct Outcome: Sendable {
    var result: Template?
    var error: Problem?
    /// How long it takes, in simulated time.
    var takes: Duration?
    var location: SourceLocation
  }

  /// The error of a call.
  struct Problem: Sendable {
    var kind: ActionError.Kind
    var message: String
    var hint: String?
    var exitCode: Int?
    var sqlState: String?
    var isInDoubt: Bool
    /// Whether the action had its effect all the same.
    var takesEffect: Bool
  }

  /// Whether the action finds its own effect.
  enum Recall: String, Sendable, CaseIterable {
    case there, absent, unknown
  }

  /// Counts the answers of a file.
  let id: Int
  let location: SourceLocation
  /// The action's name, or `bash` and `sh` for scripts.
  let uses: String
  /// `guard`, `STEP`, `STEP.guard`, `STEP.check`, `STEP.undo`, `STEP.undo.check`; nil is anywhere.
  let place: String?
  /// The name of the guard or check; nil is any.
  let assertion: String?
  /// Fields that the call must have.
  let with: OrderedDictionary<String, Template>
  /// Steps whose effects must be there.
  let after: [String]
  /// One after the other; the last one stays.
  let outcomes: [Outcome]
  /// What the action sees before it acts.
  let before: Template?
  let recall: Recall?
  /// Whether it may stay unused.
  let isOptional: Bool
}

/// A question to the operator, and what is typed.
struct TestQuestion: Sendable {
  let id: Int
  let location: SourceLocation
  /// What the operator must have been shown.
  let text: [String]
  /// What is typed; nil is the end of the input.
  let answer: String?
  /// How long it takes.
  let takes: Duration?
}

/// How a leg is to end.
struct TestExpectation: Sendable {
  struct Step: Sendable {
    var status: StepStatus
    /// Words that its failure says.
    var detail: String?
    var outputs: OrderedDictionary<String, Value>
    var location: SourceLocation
  }

  var location: SourceLocation
  var exit: Int32 = 0
  /// Whether the report says that something was changed.
  var changed: Bool?
  var steps: OrderedDictionary<String, Step> = [:]
  var outputs: OrderedDictionary<String, Value> = [:]
  /// The name of the runbook's own guard that blocks.
  var blockedBy: String?
}

/// What was not as a case says.
public struct TestFailure: Sendable, Hashable {
  /// Where the case says it.
  public let location: SourceLocation
  /// What is wrong, one line.
  public let message: String
  /// What the case says.
  public let expected: String?
  /// What was.
  public let seen: String?
  /// More, a line each: a call ready to be pasted.
  public let details: [String]

  init(
    _ message: String, at location: SourceLocation, expected: String? = nil, seen: String? = nil,
    details: [String] = []
  ) {
    self.message = message
    self.location = location
    self.expected = expected
    self.seen = seen
    self.details = details
  }
}
