/// A small generator of pseudo-random numbers (SplitMix64), so that every run tries the same.
public struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  /// Starts a sequence of its own for each seed.
  public init(state: UInt64) { self.state = state }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, a bound; 0 where the bound is no more than that.
  public mutating func below(_ bound: Int) -> Int {
    Int.random(in: 0..<max(1, bound), using: &self)
  }

  /// Some of the choices, one of which always is.
  public mutating func pick<Choice>(_ choices: [Choice], or other: Choice) -> Choice {
    choices.randomElement(using: &self) ?? other
  }
}
