internal import Glibc

/// `math`.
enum MathModule {
  static func make() -> HostModule {
    .describing("math") { table in
      table.value("pi") { .float(.pi) }
      table.value("e") { .float(M_E) }
      table.value("tau") { .float(2 * .pi) }
      table.value("inf") { .float(.infinity) }
      table.value("nan") { .float(.nan) }
      addRounding(&table)
      addReal(&table)
      addInteger(&table)
    }
  }

  static func double(_ call: Call, _ index: Int) throws -> Double {
    if let number = call[index].double { return number }
    if let converted = try call.python.optionalAttribute(of: call[index], "__float__") {
      return try call.python.call(converted).double ?? .nan
    }
    throw PythonError(.typeError, "must be real number, not \(call[index].typeName)")
  }

  private static func addRounding(_ table: inout ModuleTable) {
    for (name, special, rule) in [
      ("floor", "__floor__", FloatingPointRoundingRule.down), ("ceil", "__ceil__", .up),
      ("trunc", "__trunc__", .towardZero),
    ] {
      table.function(name, "x, /") { call in
        switch call[0].unwrapped {
        case .int, .big: return call[0].unwrapped
        case .bool(let flag): return .int(flag ? 1 : 0)
        default: break
        }
        if case .object = call[0],
          let method = try call.python.optionalAttribute(of: call[0], special)
        {
          return try call.python.call(method)
        }
        let number = try double(call, 0).rounded(rule)
        guard number.isFinite else {
          throw number.isNaN
            ? PythonError(.valueError, "cannot convert float NaN to integer")
            : PythonError(.overflowError, "cannot convert float infinity to integer")
        }
        return try IntegerText.truncated(number)
      }
    }
  }

  private static func addReal(_ table: inout ModuleTable) {
    let functions: [(String, (Double) -> Double)] = [
      ("sqrt", { $0.squareRoot() }), ("exp", exp), ("sin", sin), ("cos", cos), ("tan", tan),
      ("asin", asin), ("acos", acos), ("atan", atan), ("sinh", sinh), ("cosh", cosh),
      ("tanh", tanh), ("log2", log2), ("log10", log10), ("log1p", log1p), ("expm1", expm1),
      ("fabs", fabs), ("degrees", { $0 * 180 / .pi }), ("radians", { $0 * .pi / 180 }),
      ("cbrt", cbrt), ("gamma", tgamma),
    ]
    for (name, function) in functions {
      table.function(name, "x, /") { call in
        let argument = try double(call, 0)
        let result = function(argument)
        if result.isNaN, !argument.isNaN { throw PythonError(.valueError, "math domain error") }
        if result.isInfinite, argument.isFinite {
          throw name.hasPrefix("log")
            ? PythonError(.valueError, "math domain error")
            : PythonError(.overflowError, "math range error")
        }
        return .float(result)
      }
    }
    table.function("log", "x, base=None, /") { call in
      let number = try double(call, 0)
      guard number > 0 else { throw PythonError(.valueError, "math domain error") }
      if call[1].isNone { return .float(log(number)) }
      return .float(log(number) / log(try double(call, 1)))
    }
    let binary: [(String, (Double, Double) -> Double)] = [
      ("pow", pow), ("atan2", atan2), ("fmod", fmod), ("copysign", copysign),
    ]
    for (name, function) in binary {
      table.function(name, "x, y, /") { .float(function(try double($0, 0), try double($0, 1))) }
    }
    table.function("hypot", "*coordinates") { call in
      let sum = try call.rest.reduce(0.0) { sum, value in
        guard let number = value.double else {
          throw PythonError(.typeError, "must be real number, not \(value.typeName)")
        }
        return sum + number * number
      }
      return .float(sum.squareRoot())
    }
    let tests: [(String, (Double) -> Bool)] = [
      ("isnan", \.isNaN), ("isinf", \.isInfinite), ("isfinite", \.isFinite),
    ]
    for (name, test) in tests {
      table.function(name, "x, /") { .bool(test(try double($0, 0))) }
    }
    table.function("isclose", "a, b, *, rel_tol=..., abs_tol=0") { call in
      let (a, b) = (try double(call, 0), try double(call, 1))
      let relative = call.optional("rel_tol")?.double ?? 1e-9
      let absolute = call["abs_tol"].double ?? 0
      if a == b { return true }
      guard a.isFinite, b.isFinite else { return false }
      return .bool(abs(a - b) <= max(relative * max(abs(a), abs(b)), absolute))
    }
    table.function("fsum", "seq, /") { call in
      // Shewchuk's exact partial sums.
      var partials: [Double] = []
      for item in try call.python.items(call[0]) {
        guard var x = item.double else {
          throw PythonError(.typeError, "must be real number, not \(item.typeName)")
        }
        var kept: [Double] = []
        for var y in partials {
          if abs(x) < abs(y) { swap(&x, &y) }
          let high = x + y
          let low = y - (high - x)
          if low != 0 { kept.append(low) }
          x = high
        }
        partials = kept + [x]
      }
      return .float(partials.reduce(0, +))
    }
    table.function("modf", "x, /") { call in
      let number = try double(call, 0)
      let whole = number.rounded(.towardZero)
      return .tuple([.float(number - whole), .float(whole)])
    }
  }

  private static func addInteger(_ table: inout ModuleTable) {
    table.function("gcd", "*integers") { call in
      var result: UInt = 0
      for value in call.rest {
        var (a, b) = (result, try call.python.index(value).magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        result = a
      }
      return .int(Int(clamping: result))
    }
    table.function("lcm", "*integers") { call in
      var result: Value = 1
      for value in call.rest {
        let number = try call.python.index(value)
        if number == 0 { return 0 }
        var (a, b) = (try call.python.index(result).magnitude, number.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        result = try call.python.binary(
          .multiply, result, .int(Int(number.magnitude / a)))
      }
      return result
    }
    table.function("factorial", "x, /") { call in
      let number = try call.int(0)
      guard number >= 0 else {
        throw PythonError(.valueError, "factorial() not defined for negative values")
      }
      guard number <= 20_000 else { throw Unsupported("math.factorial() of \(number)") }
      var result: Value = 1
      for factor in stride(from: 2, through: number, by: 1) {
        result = try call.python.binary(.multiply, result, .int(factor))
      }
      return result
    }
    table.function("isqrt", "n, /") { call in
      let number = try call.int(0)
      guard number >= 0 else {
        throw PythonError(.valueError, "isqrt() argument must be nonnegative")
      }
      var root = Int(Double(number).squareRoot())
      while root * root > number { root -= 1 }
      while (root + 1) * (root + 1) <= number { root += 1 }
      return .int(root)
    }
    table.function("comb", "n, k, /") { call in
      let (n, k) = (try call.int(0), try call.int(1))
      guard n >= 0, k >= 0 else {
        throw PythonError(.valueError, "n must be a non-negative integer")
      }
      if k > n { return 0 }
      var result: Value = 1
      for step in stride(from: 1, through: min(k, n - k), by: 1) {
        result = try call.python.binary(.multiply, result, .int(n - step + 1))
        result = try call.python.binary(.floorDivide, result, .int(step))
      }
      return result
    }
    table.function("prod", "iterable, /, *, start=1") { call in
      var result = call["start"]
      try call.python.iterate(call[0]) {
        result = try call.python.binary(.multiply, result, $0)
      }
      return result
    }
  }
}
