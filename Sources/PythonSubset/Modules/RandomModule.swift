internal import Digest
internal import OrderedCollections

/// The Mersenne Twister as CPython seeds and reads it.
struct MersenneTwister {
  private var state = [UInt32](repeating: 0, count: 624)
  private var index = 624

  /// `init_by_array`
  init(key: [UInt32]) {
    state[0] = 19_650_218
    for i in 1..<624 {
      state[i] = 1_812_433_253 &* (state[i - 1] ^ state[i - 1] >> 30) &+ UInt32(i)
    }
    let key = key.isEmpty ? [0] : key
    var (i, j) = (1, 0)
    for _ in 0..<max(624, key.count) {
      state[i] =
        (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_664_525) &+ key[j] &+ UInt32(j)
      i += 1
      j += 1
      if i >= 624 {
        state[0] = state[623]
        i = 1
      }
      if j >= key.count { j = 0 }
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_566_083_941) &- UInt32(i)
      i += 1
      if i >= 624 {
        state[0] = state[623]
        i = 1
      }
    }
    state[0] = 0x8000_0000
  }

  mutating func next() -> UInt32 {
    if index >= 624 {
      for i in 0..<624 {
        let y = state[i] & 0x8000_0000 | state[(i + 1) % 624] & 0x7FFF_FFFF
        state[i] = state[(i + 397) % 624] ^ y >> 1 ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
      }
      index = 0
    }
    var y = state[index]
    index += 1
    y ^= y >> 11
    y ^= y << 7 & 0x9D2C_5680
    y ^= y << 15 & 0xEFC6_0000
    return y ^ y >> 18
  }

  /// `random()`
  mutating func unit() -> Double {
    let a = next() >> 5
    let b = next() >> 6
    return (Double(a) * 67_108_864 + Double(b)) / 9_007_199_254_740_992
  }

  /// `getrandbits(count)` up to 64.
  mutating func bits(_ count: Int) -> UInt64 {
    if count == 0 { return 0 }
    if count <= 32 { return UInt64(next() >> UInt32(32 - count)) }
    let low = UInt64(next())
    return UInt64(next() >> UInt32(64 - count)) << 32 | low
  }

  /// `_randbelow`
  mutating func below(_ bound: Int) -> Int {
    let width = Int.bitWidth - bound.leadingZeroBitCount
    while true {
      let number = bits(width)
      if number < UInt64(bound) { return Int(number) }
    }
  }
}

/// `random`: the same numbers as CPython's for the same seed.
enum RandomModule {
  /// A generator: `random.Random`.
  final class Generator: PythonInstance {
    var twister: MersenneTwister
    let surroundings: ScriptSurroundings

    init(_ surroundings: ScriptSurroundings) {
      self.surroundings = surroundings
      twister = Self.unseeded(surroundings)
      super.init(RandomModule.random)
    }

    static func unseeded(_ surroundings: ScriptSurroundings) -> MersenneTwister {
      let bytes = surroundings.randomBytes(64)
      return MersenneTwister(
        key: stride(from: 0, to: 64, by: 4).map { start in
          bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        })
    }
  }

  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    let shared = Generator(surroundings)
    return .describing("random") { table in
      for name in random.members.keys where !name.hasPrefix("__") {
        table.computed(name) { python in
          try python.get(name, of: .object(shared))
        }
      }
      for name in ["Random", "SystemRandom"] {
        table.function(name, "x=None") { call in
          let generator = Generator(surroundings)
          if name == "Random", !call[0].isNone { try seed(generator, call[0], call.python) }
          return .object(generator)
        }
      }
      table.refused(
        "gauss", "normalvariate", "betavariate", "expovariate", "gammavariate", "triangular",
        "getstate", "setstate", in: "random")
    }
  }

  private static func seed(_ generator: Generator, _ value: Value, _ python: Interpreter) throws {
    var number: BigInteger?
    switch value.unwrapped {
    case .null:
      generator.twister = Generator.unseeded(generator.surroundings)
      return
    case .int(let word): number = BigInteger(word)
    case .bool(let flag): number = BigInteger(flag ? 1 : 0)
    case .big(let big): number = big
    case .str, .bytes:
      let bytes = value.bytes ?? Array((value.string ?? "").utf8)
      number = BigInteger(
        UUIDModule.hex(bytes + MessageDigest.sha512.digest(bytes)), radix: 16)
    default: throw Unsupported("random.seed() of a \(value.typeName)")
    }
    generator.twister = MersenneTwister(key: number?.digits ?? [])
  }

  private static func generator(_ call: Call) throws -> Generator { try call.receiver() }

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let random = PythonClass(
    host: "Random", module: "random",
    members: [
      "seed": .method("self, a=None, version=2") { call in
        try seed(generator(call), call[1], call.python)
        return .null
      },
      "random": .method { .float(try generator($0).twister.unit()) },
      "getrandbits": .method("self, k, /") { call in
        let count = try call.int(1)
        guard (0...62).contains(count) else { throw Unsupported("random.getrandbits(\(count))") }
        return .int(Int(try generator(call).twister.bits(count)))
      },
      "randrange": .method("self, start, stop=None, step=1") { call in
        let (start, step) = (try call.int(1), try call.int(3))
        guard let stop = try call.optionalInt("stop") else {
          guard start > 0 else {
            throw PythonError(.valueError, "empty range for randrange()")
          }
          return .int(try generator(call).twister.below(start))
        }
        let count = PythonRange(start, stop, step == 0 ? 1 : step).count
        guard step != 0, count > 0 else {
          throw PythonError(.valueError, "empty range for randrange() (\(start), \(stop), \(step))")
        }
        return .int(start + step * (try generator(call).twister.below(count)))
      },
      "randint": .method("self, a, b") { call in
        let (low, high) = (try call.int(1), try call.int(2))
        guard low <= high, high < .max else {
          throw PythonError(.valueError, "empty range for randrange() (\(low), \(high + 1), 1)")
        }
        return .int(low + (try generator(call).twister.below(high - low + 1)))
      },
      "uniform": .method("self, a, b") { call in
        let (low, high) = (try MathModule.double(call, 1), try MathModule.double(call, 2))
        return .float(low + (high - low) * (try generator(call).twister.unit()))
      },
      "choice": .method("self, seq") { call in
        let count = try call.python.length(call[1])
        guard count > 0 else {
          throw PythonError(.indexError, "Cannot choose from an empty sequence")
        }
        return try call.python.item(
          of: call[1], .int(generator(call).twister.below(count)))
      },
      "choices": .method("self, population, weights=None, *, cum_weights=None, k=1") { call in
        guard call["weights"].isNone, call["cum_weights"].isNone else {
          throw Unsupported("random.choices() with weights")
        }
        let items = try call.python.items(call[1])
        guard !items.isEmpty else {
          throw PythonError(.indexError, "Cannot choose from an empty sequence")
        }
        let generator = try generator(call)
        return .list(
          (0..<max(0, try call.int("k"))).map { _ in
            items[Int((generator.twister.unit() * Double(items.count)).rounded(.down))]
          })
      },
      "shuffle": .method("self, x") { call in
        guard let list = call[1].list else { throw Unsupported("random.shuffle() of no list") }
        for index in stride(from: list.items.count - 1, to: 0, by: -1) {
          list.items.swapAt(index, try generator(call).twister.below(index + 1))
        }
        return .null
      },
      "sample": .method("self, population, k, *, counts=None") { call in
        let items = try call.python.items(call[1])
        let count = try call.int(2)
        guard (0...items.count).contains(count) else {
          throw PythonError(.valueError, "Sample larger than population or is negative")
        }
        return .list(try sample(items, count, generator(call)))
      },
    ])

  private static func sample(_ items: [Value], _ count: Int, _ generator: Generator) throws
    -> [Value]
  {
    var setSize = 21
    if count > 5 {
      // 4 ** ceil(log(count * 3, 4))
      var power = 1
      while power < count * 3 { power *= 4 }
      setSize += power
    }
    var result: [Value] = []
    if items.count <= setSize {
      var pool = items
      for index in 0..<count {
        let chosen = generator.twister.below(items.count - index)
        result.append(pool[chosen])
        pool[chosen] = pool[items.count - index - 1]
      }
    } else {
      var chosen: Set<Int> = []
      for _ in 0..<count {
        var index = generator.twister.below(items.count)
        while !chosen.insert(index).inserted { index = generator.twister.below(items.count) }
        result.append(items[index])
      }
    }
    return result
  }
}
