internal import PythonSubset

/// The few functions of NumPy that revisions use on single numbers.
enum NumericLibrary {
  static var members: MemberTable {
    [
      "float32": { _ in .object(FloatFormat(maximum: Double(Float.greatestFiniteMagnitude))) },
      "float64": { _ in .object(FloatFormat(maximum: .greatestFiniteMagnitude)) },
      "finfo": { _ in .function("finfo", "dtype") { $0[0] } },
      "inf": { _ in .float(.infinity) }, "nan": { _ in .float(.nan) },
      "isnan": test("isnan") { $0.isNaN }, "isinf": test("isinf") { $0.isInfinite },
      "isfinite": test("isfinite") { $0.isFinite },
      "isposinf": test("isposinf") { $0 == .infinity },
      "isneginf": test("isneginf") { $0 == -.infinity },
      "isclose": { _ in
        .function("isclose", "a, b, rtol=..., atol=..., equal_nan=False") { call in
          guard let a = call[0].double, let b = call[1].double else { throw refusal("isclose") }
          let relative = call.optional("rtol")?.double ?? 1e-5
          let absolute = call.optional("atol")?.double ?? 1e-8
          if a == b { return .bool(true) }
          guard a.isFinite, b.isFinite else {
            return .bool(try call.truth("equal_nan") && a.isNaN && b.isNaN)
          }
          return .bool(abs(a - b) <= absolute + relative * abs(b))
        }
      },
    ]
  }

  private static func test(
    _ name: String, _ body: @escaping (Double) -> Bool
  ) -> (Interpreter) throws -> Value {
    { _ in
      .function(name, "x") { call in
        guard let number = call[0].double else { throw refusal(name) }
        return .bool(body(number))
      }
    }
  }

  private static func refusal(_ name: String) -> Unsupported {
    Unsupported(
      "numpy.\(name)() of something else than a number",
      hint: "Run this project with --engine python.")
  }
}

/// `numpy.float32`, and what `numpy.finfo` says of it.
private final class FloatFormat: PythonObject {
  private let maximum: Double

  init(maximum: Double) { self.maximum = maximum }

  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let number = arguments.positional.first?.double else {
      throw Unsupported("a NumPy number of something else than a number")
    }
    return .float(maximum < 1e39 ? Double(Float(number)) : number)
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "max": .float(maximum)
    case "min": .float(-maximum)
    default: try super.attribute(name, python)
    }
  }

  override var attributeNames: [String] { ["max", "min"] }
}
