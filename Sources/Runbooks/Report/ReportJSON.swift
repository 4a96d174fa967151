public import JSON
internal import OrderedCollections
internal import Quantities

// The report as schemas/report-v1.schema.json describes it.
extension RunRecord {
  /// The report for programs.
  public var json: JSON {
    let state = story.state
    let start = state.start
    return [
      "report": "v1", "run": .string(id), "runbook": JSON(start?.runbook ?? folder.name?.runbook),
      "title": .string(title), "status": .string(status),
      "exit": state.finish.map { .int(Int64($0.exit)) } ?? .null, "changed": .bool(isChanged),
      "environment": JSON(environment), "user": JSON(start?.user), "host": JSON(start?.host),
      "started-at": JSON(state.startedAt?.rfc3339()), "finished-at": JSON(state.time?.rfc3339()),
      "ms": .int(story.active.milliseconds), "version": JSON(start?.version),
      "file": JSON(start?.file), "sha256": JSON(start?.sha256),
      "identities": .object(identities.mapValues(JSON.string)),
      "inputs": .object(inputs.mapValues(\.json)),
      "lock": story.lock.map { ["group": .string($0.group), "kind": .string($0.kind)] } ?? .null,
      "plan": story.plan.map { ["sha256": .string($0.sha256), "summary": .string($0.summary)] }
        ?? .null,
      "guards": .array(story.guards.questions.map(\.json)),
      "legs": .array(story.legs.map(\.json)),
      "steps": .array(steps.map { json(of: $0.id, $0.name, $0.number, $0.step) }),
      "outputs": .object(outputs.mapValues(\.json)),
      "measures": .object(measures.mapValues { .string($0.canonical) }),
      "objectives": .array(objectives.map(\.json)), "drill": drill?.json ?? .null,
      "journal": [
        "records": JSON(chain.records), "head": .string(chain.head),
        "whole": .bool(chain.damage == nil), "damage": JSON(chain.damage),
        "torn-bytes": JSON(chain.tornBytes),
      ],
    ]
  }

  private func json(of id: String, _ name: String, _ number: Int?, _ step: Step?) -> JSON {
    let now = story.state[id]
    let told = story.steps[id] ?? RunStory.Step(id: id)
    return [
      "id": .string(id), "name": .string(name), "number": number.map { JSON($0) } ?? .null,
      "uses": JSON(step?.work?.name), "status": .string(now.status.rawValue),
      "ms": .int(now.milliseconds), "detail": JSON(now.detail),
      "started-at": JSON(now.startedAt?.rfc3339()), "finished-at": JSON(now.finishedAt?.rfc3339()),
      "measure": JSON(step?.measure), "called": JSON(now.called),
      "questions": .array(told.questions.map(\.json)),
      "attempts": .array(told.attempts.map(\.json)), "undo": .array(told.undos.map(\.json)),
      "answers": .array(told.answers.map(\.json)),
      "outputs": .object((now.outputs ?? [:]).mapValues(\.json)),
      "withheld": .array(now.withheld.map(JSON.string)),
      "evidence": .array(evidence.filter { $0.step == id }.map(\.json)),
    ]
  }
}

extension RunStory.Question {
  fileprivate var json: JSON {
    [
      "phase": .string(phase), "name": .string(name), "holds": .bool(holds),
      "detail": JSON(detail), "at": .string(at.rfc3339()),
    ]
  }
}

extension RunStory.Attempt {
  fileprivate var json: JSON {
    [
      "number": JSON(number), "uses": JSON(uses), "started-at": .string(startedAt.rfc3339()),
      "ms": JSON(milliseconds ?? endedAt.map { ($0 - startedAt).milliseconds }),
      "ok": JSON(isDone), "error": JSON(error), "in-doubt": .bool(isInDoubt),
    ]
  }
}

extension RunStory.Answer {
  fileprivate var json: JSON {
    [
      "by": .string(by), "how": .string(how), "answer": .string(answer),
      "at": .string(at.rfc3339()),
    ]
  }
}

extension RunStory.Leg {
  fileprivate var json: JSON {
    [
      "kind": .string(kind.rawValue), "user": .string(user), "host": .string(host),
      "started-at": .string(from.rfc3339()), "finished-at": .string(to.rfc3339()),
      "status": JSON(status), "exit": exit.map { .int(Int64($0)) } ?? .null,
      "signals": .array(signals.map { .int(Int64($0)) }),
    ]
  }
}

extension RunRecord.Evidence {
  fileprivate var json: JSON {
    [
      "file": .string(name), "bytes": JSON(bytes), "sha256": .string(sha256),
      "condition": .string(condition.rawValue),
    ]
  }
}
