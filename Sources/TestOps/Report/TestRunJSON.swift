public import Diagnostics
public import JSON
internal import OrderedCollections
internal import Quantities

// A run as schemas/test-run-v1.schema.json describes it. The file of one run is what the next one is
// compared with.
extension TestRun {
  /// The run for programs.
  public var json: JSON {
    let counts = counts
    let numbers = TestResult.Outcome.allCases.map { ($0.rawValue, JSON(counts[$0] ?? 0)) }
    return [
      "test-run": "v1", "suite": .string(suite), "verdict": .string(verdict.rawValue),
      "started-at": TestRun.time(start), "seconds": TestRun.seconds(duration),
      "workers": JSON(workers),
      "counts": .object(OrderedDictionary(numbers, uniquingKeysWith: { $1 })),
      "flaky": .array(flaky.map(JSON.string)), "results": .array(results.map(\.json)),
      "troubles": .array(troubles.map(\.json)), "notes": .array(notes.map(JSON.string)),
      "coverage": coverage?.json ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `RunFileError` where it is something else.
  public init(json: JSON) throws {
    guard json["test-run"]?.string == "v1" else {
      throw RunFileError(message: "it is not the record of a run of tests, version 1")
    }
    guard let suite = json["suite"]?.string, let results = json["results"]?.array,
      let troubles = json["troubles"]?.array
    else {
      throw RunFileError(message: "the record of the run lacks its suite, results or troubles")
    }
    self.init(
      suite: suite, start: TestRun.seconds(json["started-at"]),
      duration: json["seconds"]?.double ?? 0, workers: json["workers"]?.int.map { Int($0) } ?? 1,
      results: try results.map { try TestResult(json: $0) },
      troubles: try troubles.map { try Trouble(json: $0) },
      notes: json["notes"]?.array?.compactMap(\.string) ?? [])
    coverage = json["coverage"].flatMap { Coverage(json: $0) }
  }

  fileprivate static func time(_ seconds: Double) -> JSON {
    guard seconds > 0, seconds < 1e11 else { return .null }
    return .string(
      Timestamp(microseconds: Int64((seconds * 1e6).rounded())).rfc3339(fractionDigits: 6))
  }

  fileprivate static func seconds(_ time: JSON?) -> Double {
    (time?.string).flatMap { Timestamp(parsing: $0) }.map { Double($0.microseconds) / 1e6 } ?? 0
  }

  /// No finer than a microsecond.
  fileprivate static func seconds(_ duration: Double) -> JSON {
    .double(duration.isFinite ? (duration * 1e6).rounded() / 1e6 : 0)
  }
}

extension Coverage {
  fileprivate var json: JSON {
    [
      "percent": .double(percent), "statements": JSON(statements), "missing": JSON(missing),
      "branches": JSON(branches), "missing-branches": JSON(missingBranches),
      "required": required.map { .double($0) } ?? .null,
    ]
  }

  fileprivate init?(json: JSON) {
    guard let percent = json["percent"]?.double else { return nil }
    func number(_ key: String) -> Int { json[key]?.int.map { Int($0) } ?? 0 }
    self.init(
      percent: percent, statements: number("statements"), missing: number("missing"),
      branches: number("branches"), missingBranches: number("missing-branches"),
      required: json["required"]?.double)
  }
}

/// A file that is not the record of a run.
public struct RunFileError: Failure {
  /// What it is not.
  public let message: String
  /// The input is wrong.
  public var status: ExitStatus { .usage }
}

extension TestResult {
  fileprivate var json: JSON {
    [
      "id": .string(id), "file": JSON(file), "line": line.map { JSON($0) } ?? .null,
      "suite": .string(suite), "name": .string(name), "outcome": .string(outcome.rawValue),
      "started-at": TestRun.time(start), "seconds": TestRun.seconds(duration),
      "worker": JSON(worker), "attempt": JSON(attempt), "round": JSON(round),
      "message": JSON(message), "details": JSON(details), "output": JSON(output),
      "errors": JSON(errors), "warnings": .array(warnings.map(JSON.string)),
    ]
  }

  fileprivate init(json: JSON) throws {
    guard let id = json["id"]?.string,
      let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:))
    else {
      throw RunFileError(message: "a result in the record of the run lacks its id or outcome")
    }
    self.init(
      id: id, suite: json["suite"]?.string ?? "", name: json["name"]?.string ?? id,
      outcome: outcome, file: json["file"]?.string, line: json["line"]?.int.map { Int($0) },
      start: TestRun.seconds(json["started-at"]), duration: json["seconds"]?.double ?? 0,
      worker: Int(json["worker"]?.int ?? 0), attempt: Int(json["attempt"]?.int ?? 1),
      round: Int(json["round"]?.int ?? 1), message: json["message"]?.string,
      details: json["details"]?.string, output: json["output"]?.string,
      errors: json["errors"]?.string,
      warnings: json["warnings"]?.array?.compactMap(\.string) ?? [])
  }
}

extension Trouble {
  fileprivate var json: JSON {
    [
      "kind": .string(kind.rawValue), "message": .string(message), "details": JSON(details),
      "during": JSON(during), "worker": worker.map { JSON($0) } ?? .null,
      "recovered": .bool(isRecovered),
    ]
  }

  fileprivate init(json: JSON) throws {
    guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)) else {
      throw RunFileError(message: "a trouble in the record of the run is of no known kind")
    }
    self.init(
      kind, json["message"]?.string ?? "", details: json["details"]?.string,
      during: json["during"]?.string, worker: json["worker"]?.int.map { Int($0) },
      isRecovered: json["recovered"]?.bool ?? false)
  }
}

// Secrets are taken out of a run once, before anything is written of it.
extension TestRun {
  /// The run with every text as `mask` gives it back.
  public func masked(by mask: (String) -> String) -> TestRun {
    var run = self
    run.notes = notes.map(mask)
    run.results = results.map { result in
      var result = result
      result.id = mask(result.id)
      result.file = result.file.map(mask)
      result.suite = mask(result.suite)
      result.name = mask(result.name)
      result.message = result.message.map(mask)
      result.details = result.details.map(mask)
      result.output = result.output.map(mask)
      result.errors = result.errors.map(mask)
      result.warnings = result.warnings.map(mask)
      return result
    }
    run.troubles = troubles.map { trouble in
      var trouble = trouble
      trouble.message = mask(trouble.message)
      trouble.details = trouble.details.map(mask)
      trouble.during = trouble.during.map(mask)
      return trouble
    }
    return run
  }
}
