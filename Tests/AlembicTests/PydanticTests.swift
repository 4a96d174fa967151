import PythonSubset
import Testing

@testable import Alembic

/// The models of `Data/pydantic.py` give what pydantic 2.14 gives: each line of `Data/pydantic.txt`
/// is an expression and the `repr` of its value, errors as (type, loc, msg).
@Suite("models of pydantic") struct PydanticTests {
  @Test func `models validate and write values as pydantic does`() throws {
    let models = try dataFile("pydantic.py")
    for line in try dataFile("pydantic.txt").split(separator: "\n") {
      let sides = line.split(separator: "\t", maxSplits: 1)
      let script = models + "\nresult = attempt(lambda: (\(sides[0])))\n"
      let result = try Self.result(of: script)
      #expect(result == sides[1], "\(sides[0])")
    }
  }

  @Test func `what a model is asked that it cannot do is refused`() throws {
    let cases = [
      "TypeAdapter(complex).validate_python(1j)", "Item.model_json_schema()",
      "TypeAdapter('Item').validate_python(1)", "TypeAdapter(StrictInt).validate_python('1')",
      "TypeAdapter(EmailStr).validate_python('nobody')", "validate_call(lambda n: n)('1')",
      "Item.model_validate({}, strict=True)",
    ]
    let models = try dataFile("pydantic.py")
    for source in cases {
      let script =
        "\(models)\nfrom pydantic import EmailStr, StrictInt, validate_call\nresult = \(source)\n"
      #expect(throws: Unsupported.self, "\(source)") { try Self.result(of: script) }
    }
  }

  private static func result(of script: String) throws -> String {
    let loader = ProjectLoader(tree: NoFiles(), library: LibrarySources.source) { name, _ in
      StandardModules.module(name, ScriptSurroundings())
    }
    let python = Interpreter(importer: loader)
    let module = try python.run(Module.parse(Array(script.utf8), file: "models.py"), as: "models")
    return try python.repr(try #require(try module.member("result", python)))
  }
}

private struct NoFiles: SourceTree {
  func source(of path: [String]) throws -> SourceFile? { nil }
}
