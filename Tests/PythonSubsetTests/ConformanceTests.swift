import Testing

@testable import PythonSubset

/// The modules whose classes are part of the evaluator's own work.
private final class RuntimeModules: Importer {
  func module(_ name: String, _ python: Interpreter) throws -> PythonModule? {
    switch name {
    case "enum": EnumModule.make()
    case "dataclasses": DataclassesModule.make()
    case "contextlib": ContextlibModule.make()
    default: nil
    }
  }
}

/// Runs a program and gives what it printed.
func output(of program: String, file: String = "program.py") throws -> String {
  var printed = ""
  let modules = RuntimeModules()
  let python = Interpreter(importer: modules) { printed += $0 }
  do {
    _ = try python.run(try Module.parse(Array(program.utf8), file: file), as: "__main__")
  } catch let error as PythonError {
    let failure = ScriptFailure(error, python)
    printed += "\(failure.message)\n\(failure.details.joined(separator: "\n"))"
  }
  return printed
}

@Suite("Programs print what CPython 3.11 prints")
struct ConformanceTests {
  /// Each is a program in Data/Programs, with CPython's output beside it.
  static let programs = [
    "assignment", "asynchronous", "classes", "comprehensions", "containers", "contexts",
    "dataclasses_", "enums", "exceptions", "flow", "functions", "generators", "matching",
    "nesting", "numbers_", "strings",
  ]

  @Test(arguments: programs)
  func conforms(_ name: String) throws {
    let printed = try output(of: goldenFile("Programs/\(name).py"))
    let expected = try goldenFile("Programs/\(name).out")
    let lines = printed.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, pair) in zip(lines, wanted).enumerated() where pair.0 != pair.1 {
      Issue.record("line \(number + 1) is \(pair.0), not \(pair.1)")
    }
    #expect(lines.count == wanted.count)
  }
}
