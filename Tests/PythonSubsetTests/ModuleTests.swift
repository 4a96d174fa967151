import PythonSubset
import Testing

@Suite struct ModuleTests {
  @Test func `a module's documentation is its first plain string`() {
    let here = Position(line: 1, column: 1)
    let text = Statement(.expression(Expression(.string("Adds a table."), at: here)), at: here)
    let nothing = Statement(.pass, at: here)
    #expect(Module(file: "a.py", body: [text, nothing]).documentation == "Adds a table.")
    #expect(Module(file: "a.py", body: [nothing, text]).documentation == nil)
    #expect(Module(file: "a.py", body: []).documentation == nil)
  }

  @Test func `a place in a module names its file`() {
    let module = Module(file: "versions/a.py", body: [])
    #expect("\(module.location(of: Position(line: 3, column: 7)))" == "versions/a.py:3:7")
  }
}
