import Diagnostics
import Quantities
import Runbooks
import Testing

/// A runbook with the given steps and the given other keys.
func file(steps: String, _ head: String = "") -> String {
  let indented = steps.split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  return "runbook: v1\nname: t\ndescription: d\n\(head)steps:\n\(indented)\n"
}

/// A step that is right; its `steps:` line is number 4 without other keys, so it begins in line 5.
let simple = "- id: a\n  name: A\n  run: 'true'\n"

func parseRunbook(_ text: String, file: String = "t.yaml") throws -> Runbook {
  try Runbook(parsing: Array(text.utf8), file: file)
}

/// The problems as `line:column: message`.
func problems(_ text: String, file: String = "t.yaml") -> [String] {
  do {
    _ = try parseRunbook(text, file: file)
    return []
  } catch {
    return (error as? RunbookError)?.problems.map {
      "\($0.location.line):\($0.location.column): \($0.message)"
    } ?? ["\(error)"]
  }
}

@Suite("reading runbooks")
struct FormatParsingTests {
  @Test("everything that a file can say arrives in the model")
  func whole() throws {
    let runbook = try parseRunbook(
      """
      runbook: v1
      name: t
      title: T
      description: d
      owner: o
      tags: [x, y-z]
      alerts: [Down]
      risk: destructive
      requires: {targets: [database], tools: {aws: ">=1.40"}}
      inputs:
        env: {description: e, type: environment, required: true}
        n: {description: e, type: number, default: 2, min: 1, max: 16}
        age: {description: e, type: duration, default: 24h}
        how: {description: e, type: choice, options: [a, b], default: a}
        dry: {description: e, type: boolean, default: false}
      secrets: {token: {from: "env:TOKEN"}, pw: {from: prompt, description: p}}
      env: {LEVEL: 1, NAME: "${{ inputs.env }}"}
      concurrency: {group: "db/${{ inputs.env }}", lock: postgres, wait: 5s}
      timeout: 4h
      on-failure: undo
      guard:
        - {name: G, uses: db.info, expect: "!result.in-recovery", because: b}
      steps:
        - id: a
          name: A
          description: why
          if: ${{ inputs.n > 1 }}
          uses: db.restore
          with: {from: x, into: "${{ inputs.env }}", jobs: "${{ inputs.n }}", analyze: true}
          guard: [{name: g, expect: inputs.n > 0}]
          check:
            - name: c
              run: test -f x
              read-only: true
              within: ${{ inputs.age }}
              every: 1s
              for: 2s
              timeout: 3s
          when-satisfied: run
          undo: {name: U, uses: db.drop, with: {database: x}, until: b, timeout: 1m, if: "true == true"}
          once: true
          timeout: 2h
          retry: {attempts: 3, delay: 2s, backoff: 1.5, max-delay: 10s, if: error.kind == 'timeout'}
          continue-on-error: true
          outputs: {id: "${{ result.id }}", pw: {value: result.pw, secret: true}}
          evidence: [stdout, result]
          measure: m
          drill: simulate
        - id: b
          name: B
          run: echo "$X"
          shell: sh
          env: {X: "${{ steps.a.outputs.id }}"}
      finally: [{id: z, name: Z, run: 'true'}]
      outputs: {x: {value: "${{ steps.a.outputs.id }}_x", description: y}}
      drill:
        targets: {database: throwaway}
        inputs: {env: drill}
        objectives: {rto: 4h, rpo: 24h}
        measure: {rto-from: a, rto-to: b}
      """)
    let step = try #require(runbook.steps.first)
    #expect(runbook.risk == .destructive && runbook.onFailure == .undo)
    #expect(runbook.inputs["age"]?.defaultValue == .duration(.seconds(86400)))
    #expect(runbook.secrets["token"]?.place == .environment("TOKEN"))
    #expect(runbook.concurrency?.lock == "postgres")
    #expect(runbook.guards.count == 1 && runbook.finally.map(\.id) == ["z"])
    #expect(step.isOnce && step.continuesOnError && step.whenSatisfied == .run)
    #expect(step.checks.first?.within?.spelling == "${{ inputs.age }}")
    #expect(step.retry?.attempts == 3 && step.retry?.backoff == 1.5)
    #expect(step.outputs["pw"]?.isSecret == true && step.drill == .simulate)
    guard case .action(let undo) = step.undo else { throw Missing() }
    #expect(undo.until == "b")
    guard case .action(let action)? = step.work else { throw Missing() }
    let scope = Scope(contexts: ["inputs": ["env": "prod", "n": 4]])
    #expect(try action.parameters["jobs"]?.evaluate(in: scope) == 4)
    #expect(try action.parameters["analyze"]?.evaluate(in: scope) == true)
    #expect(try runbook.concurrency?.group.text(in: scope) == "db/prod")
    guard case .script(let script)? = runbook.steps[1].work else { throw Missing() }
    #expect(script.shell == .sh && script.text == "echo \"$X\"" && !script.isReadOnly)
  }

  struct Missing: Error {}

  @Test("a step's digest is of what it says, not of how it is written")
  func digests() throws {
    let a = try parseRunbook(file(steps: "- id: a\n  name: 'A'\n  run: 'true' # note\n"))
    let b = try parseRunbook(file(steps: "- {name: A, id: a, run: \"true\"}\n", "title: x\n"))
    let c = try parseRunbook(file(steps: "- {name: A, id: a, run: \"false\"}\n"))
    #expect(a.steps[0].digest == b.steps[0].digest)
    #expect(a.steps[0].digest != c.steps[0].digest)
    #expect(a.source.sha256 != b.source.sha256)
  }

  @Test(
    "what is wrong in a runbook is said with its place",
    arguments: [
      ("runbook: v2\n", "runbook: v1\n", "1:10: \"runbook\" is \"v2\"; did you mean \"v1\"?"),
      ("name: x\n", "name: t\n", "2:7: \"name\" is \"x\", but the file is t.yaml"),
      ("name: T\n", "name: t\n", "2:7: \"T\" is no name"),
      (
        "descripton: d\n", "description: d\n",
        "3:1: the runbook has no key \"descripton\"; did you mean \"description\"?"
      ),
      ("description: ''\n", "description: d\n", "3:1: \"description\" is empty"),
      (
        "description: 5\n", "description: d\n",
        "3:14: \"description\" must be text, but is the number 5"
      ),
      (
        "description: d\nrisk: hihg\n", "description: d\n",
        "4:7: \"risk\" is \"hihg\"; did you mean \"high\"?"
      ),
      (
        "description: d\ntimeout: 5\n", "description: d\n",
        "4:10: \"timeout\" must be a duration, but is the number 5"
      ),
      (
        "description: d\ntimeout: 5 min\n", "description: d\n",
        "4:10: \"timeout\" is \"5 min\", no duration"
      ),
      (
        "description: d\ntags: [a, a]\n", "description: d\n", "4:11: \"a\" stands twice in \"tags\""
      ),
      (
        "description: d\nsecrets: {x: {from: vault}}\n", "description: d\n",
        "4:15: a secret cannot come from \"vault\""
      ),
      (
        "description: d\nconcurrency: {lock: file}\n", "description: d\n",
        "4:14: \"concurrency\" has no \"group\""
      ),
      (
        "description: d\nrequires: {targets: [databse]}\n", "description: d\n",
        "4:22: there is no kind of target \"databse\"; did you mean \"database\"?"
      ),
      (
        "description: d\nrequires: {tools: {aws: 1.4}}\n", "description: d\n",
        "4:25: the version of \"aws\" must be written as"
      ),
      (
        "description: d\noutputs: {x: '1 +'}\n", "description: d\n",
        "4:18: the end stands where a value was expected"
      ),
      (
        "description: d\nenv: {a-b: c}\n", "description: d\n",
        "4:7: \"a-b\" is no name of a variable"
      ),
      (
        "description: d\ndrill: {inputs: {}}\n", "description: d\n",
        "4:8: \"drill\" has no \"targets\""
      ),
      (
        "description: d\ndrill: {targets: {database: throw}}\n", "description: d\n",
        "4:29: \"database\" is \"throw\""
      ),
      (
        "description: d\non-failure: retry\n", "description: d\n",
        "4:13: \"on-failure\" is \"retry\""
      ),
    ])
  func head(_ wrong: String, _ right: String, _ expected: String) throws {
    let text = file(steps: simple).replacing(right, with: wrong)
    #expect(problems(text).contains { $0.hasPrefix(expected) }, "\(problems(text))")
  }

  @Test(
    "what is wrong in an input is said with its place",
    arguments: [
      ("{type: string}", "5:6: input \"x\" has no \"description\""),
      ("{description: d, type: text}", "5:29: \"type\" is \"text\""),
      ("{description: d, type: choice}", "5:23: a choice needs \"options\""),
      ("{description: d, options: [a]}", "5:23: \"options\" belongs to type: choice"),
      ("{description: d, min: 1}", "5:23: \"min\" belongs to type: number"),
      (
        "{description: d, type: number, pattern: a}",
        "5:37: \"pattern\" belongs to inputs that are text"
      ),
      (
        "{description: d, required: true, default: a}",
        "5:39: \"default\" makes no sense beside required: true"
      ),
      (
        "{description: d, type: number, default: a}",
        "5:46: the default of input \"x\" is \"'a'\"; it must be a number"
      ),
      (
        "{description: d, type: number, default: 9, max: 5}",
        "5:46: the default of input \"x\" is \"9\"; it must be at most 5"
      ),
      (
        "{description: d, default: 5}", "5:32: the default of input \"x\" is \"5\"; it must be text"
      ),
      (
        "{description: d, type: duration, default: soon}",
        "5:48: the default of input \"x\" is \"soon\"; it must be a duration"
      ),
      (
        "{description: d, pattern: 'a(', default: b}",
        #"5:23: the regular expression "a(" is wrong at character 3: missing"#
      ),
      (
        "{description: d, pattern: 'a+', default: b}",
        "5:47: the default of input \"x\" is \"b\"; it must be a text that matches"
      ),
      (
        "{description: d, type: choice, options: [a], default: b}",
        "5:60: the default of input \"x\" is \"b\"; it must be one of \"a\""
      ),
      ("{description: d, type: number, min: 3, max: 2}", "5:37: \"min\" is above \"max\""),
      ("{description: d, wrong: 1}", "5:23: input \"x\" has no key \"wrong\""),
    ])
  func inputs(_ input: String, _ expected: String) throws {
    let found = problems(file(steps: simple, "inputs:\n  x: \(input)\n"))
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test(
    "what is wrong in a step is said with its place",
    arguments: [
      ("- name: A\n  run: x\n", "5:5: the step has no \"id\""),
      ("- id: a\n  run: x\n", "5:5: step \"a\" has no \"name\""),
      ("- id: A\n  name: A\n  run: x\n", "5:9: \"A\" is no name"),
      ("- id: a\n  name: A\n", "5:5: step \"a\" does nothing"),
      (
        "- id: a\n  name: A\n  uses: db.info\n  run: x\n",
        "8:5: \"uses\" and \"run\" stand together"
      ),
      (
        "- id: a\n  name: A\n  uses: sql.qurey\n",
        "7:11: there is no action \"sql.qurey\"; did you mean \"sql.query\"?"
      ),
      ("- id: a\n  name: A\n  run: x\n  with: {a: b}\n", "8:5: \"with\" belongs to \"uses\""),
      ("- id: a\n  name: A\n  uses: db.info\n  env: {A: b}\n", "8:5: \"env\" belongs to \"run\""),
      (
        "- id: a\n  name: A\n  run: x\n  chekc: []\n",
        "8:5: step \"a\" has no key \"chekc\"; did you mean \"check\"?"
      ),
      ("- id: a\n  name: A\n  run: x\n  check: []\n", "8:5: \"check\" has no entry"),
      ("- id: a\n  name: A\n  run: x\n  shell: zsh\n", "8:12: \"shell\" is \"zsh\""),
      (
        "- id: a\n  name: A\n  run: echo ${{ inputs.x }}\n",
        "7:15: an expression stands inside of shell text"
      ),
      (
        "- id: a\n  name: A\n  run: |\n    echo\n    x ${{ inputs.x }}\n",
        "9:9: an expression stands inside of shell text"
      ),
      (
        "- id: a\n  name: A\n  uses: sql.query\n  with: {query: \"select '${{ inputs.x }}'\"}\n",
        "8:28: an expression stands inside of SQL"
      ),
      ("- id: a\n  name: A\n  uses: sql.query\n", "7:5: sql.query needs \"query\" in \"with\""),
      (
        "- id: a\n  name: A\n  uses: sql.query\n  with: {qeury: x}\n",
        "8:12: sql.query has no key \"qeury\"; did you mean \"query\"?"
      ),
      (
        "- id: a\n  name: A\n  uses: db.restore\n  with: {from: a, into: b, jobs: many}\n",
        "8:36: \"jobs\" must be a number, but is a text"
      ),
      (
        "- id: a\n  name: A\n  uses: db.drop\n  with: {database: x}\n",
        "7:11: db.drop takes something away, but step \"a\" has no \"undo\""
      ),
      ("- id: a\n  name: A\n  run: x\n  undo: nothing\n", "8:11: \"undo\" is \"nothing\""),
      (
        "- id: a\n  name: A\n  run: x\n  undo: {name: n}\n",
        "8:11: the undo has neither \"uses\" nor \"run\""
      ),
      (
        "- id: a\n  name: A\n  run: x\n  undo: {run: y, until: b}\n",
        "8:11: \"until\" names no step: \"b\""
      ),
      (
        "- id: a\n  name: A\n  run: x\n  undo: {run: y, until: a}\n",
        "8:11: \"until\" names \"a\", which does not come after"
      ),
      (
        "- id: a\n  name: A\n  run: x\n  retry: {attempts: 1}\n",
        "8:13: \"attempts\" is 1; it must be from 2 to 100"
      ),
      (
        "- id: a\n  name: A\n  run: x\n  retry: {delay: 1s}\n",
        "8:12: \"retry\" has no \"attempts\""
      ),
      (
        "- id: a\n  name: A\n  run: x\n  once: yes\n",
        "8:11: \"once\" must be true or false, but is text"
      ),
      (
        "- id: a\n  name: A\n  run: x\n  if: inputs.x ==\n",
        "8:20: the end stands where a value was expected"
      ),
      (
        "- id: a\n  name: A\n  run: x\n  if: true\n",
        "8:9: \"if\" must be an expression, but is the boolean true"
      ),
      ("- id: a\n  name: A\n  run: x\n  evidence: [all]\n", "8:5: there is no evidence \"all\""),
      (
        "- id: a\n  name: A\n  run: x\n  evidence: [after]\n",
        "8:5: \"before\" and \"after\" are what an action sees, but step \"a\" has none"
      ),
      (
        "- id: a\n  name: A\n  run: x\n- id: a\n  name: B\n  run: x\n",
        "8:5: two steps have the id \"a\""
      ),
      (
        "- id: a\n  name: A\n  uses: aws.read\n  with: {service: s3, operation: delete-bucket}\n",
        "8:25: aws.read cannot take the operation"
      ),
      ("- id: a\n  name: A\n  uses: runbook/Other\n", "7:11: there is no action \"runbook/Other\""),
    ])
  func steps(_ step: String, _ expected: String) throws {
    let found = problems(file(steps: step))
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test("an undo that is none says why, and nothing else")
  func noUndo() throws {
    func undo(_ text: String) throws -> Undo? {
      try Runbook(
        parsing: Array(file(steps: "- id: a\n  name: A\n  run: x\n  undo: \(text)\n").utf8),
        file: "t.yaml"
      ).steps.first?.undo
    }
    guard case .none("it stays")? = try undo("{ none: it stays }") else {
      Issue.record("no reason")
      return
    }
    guard case .none(nil)? = try undo("none") else {
      Issue.record("a reason")
      return
    }
    for text in ["{ none: '' }", "{ none: x, run: y }", "{ none: [a] }", "nothing"] {
      #expect(throws: RunbookError.self, "\(text)") { try undo(text) }
    }
  }

  @Test(
    "what is wrong in a guard or a check is said with its place",
    arguments: [
      ("{expect: 'true'}", "8:13: the check has no \"name\""),
      ("{name: n}", "8:13: the check \"n\" asks nothing"),
      ("{name: n, uses: db.drop}", "8:29: db.drop cannot stand in a guard or a check"),
      ("{name: n, uses: confirm, with: {message: m}}", "8:29: confirm cannot stand in"),
      ("{name: n, run: x}", "8:23: a \"run\" in a guard or a check must say read-only: true"),
      ("{name: n, run: x, read-only: false}", "8:23: a \"run\" in a guard or a check must say"),
      ("{name: n, expect: x, undo: none}", "8:34: the check \"n\" has no key \"undo\""),
      ("{name: n, expect: x, within: soon}", "8:42: \"within\" is \"soon\", no duration"),
      ("{name: n, expect: '1 + '}", "8:36: the end stands where a value was expected"),
      (
        "{name: n, uses: db.info, run: x, read-only: true}",
        "8:38: \"uses\" and \"run\" stand together"
      ),
    ])
  func assertions(_ check: String, _ expected: String) throws {
    let found = problems(file(steps: "- id: a\n  name: A\n  run: x\n  check: [\(check)]\n"))
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test("all problems of a file are reported, in its order")
  func collected() throws {
    let found = problems(
      file(steps: "- id: a\n  name: A\n  uses: nothing\n- id: b\n  run: x\n", "risk: x\n"))
    #expect(found.count == 3)
    #expect(found.map { $0.prefix(2) } == ["4:", "8:", "9:"])
  }

  @Test("what an operator types is read by its type")
  func typedInputs() throws {
    let runbook = try parseRunbook(
      file(
        steps: simple,
        "inputs:\n  n: {description: d, type: number, min: 1}\n  t: {description: d, type: duration}\n"
          + "  b: {description: d, type: boolean}\n  s: {description: d, pattern: '.{5,}'}\n"))
    let n = try #require(runbook.inputs["n"])
    #expect(try n.value(parsing: "3") == 3)
    #expect(throws: InputError.self) { try n.value(parsing: "0") }
    #expect(throws: InputError.self) { try n.value(parsing: "x") }
    #expect(try runbook.inputs["t"]?.value(parsing: "5m") == .duration(.seconds(300)))
    #expect(throws: InputError.self) { try runbook.inputs["t"]?.value(parsing: "5") }
    #expect(throws: InputError.self) { try runbook.inputs["b"]?.value(parsing: "yes") }
    #expect(throws: InputError.self) { try runbook.inputs["s"]?.value(parsing: "abcd") }
    #expect(try runbook.inputs["s"]?.value(parsing: "abcde") == "abcde")
  }

  @Test("mutated runbooks are read or refused, never more")
  func fuzz() throws {
    let path = packageFolder.appending("runbooks/database-restore.yaml")
    let seed = try Runbook.load(path).source.bytes
    var generator = SplitMix(state: 5)
    for _ in 0..<80 {
      var bytes = seed
      for _ in 0...Int.random(in: 0..<6, using: &generator) {
        let at = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 32...126, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(seed.randomElement(using: &generator) ?? 0, at: at)
        default:
          let length = Swift.min(40, bytes.count - at)
          bytes.removeSubrange(at..<at + length)
        }
      }
      _ = try? Runbook(parsing: bytes, file: "database-restore.yaml")
    }
  }
}
