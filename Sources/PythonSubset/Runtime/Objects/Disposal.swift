internal import Glibc

/// Frees what objects hold without recursion.
///
/// A list within a list within a list… would be freed by as many nested deinitializers, and a script
/// can make the chain longer than any stack. Objects that can be links of such a chain hand over
/// what they hold when they go; the outermost one frees it in a loop. Tuples, which are plain
/// arrays, cannot do that and have a bound instead (``Interpreter/tuple(_:)``).
final class Disposal {
  private var pending: [[Value]] = []
  private var holders: [Any] = []
  private var isRunning = false

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { disposal in
      if let disposal { Unmanaged<Disposal>.fromOpaque(disposal).release() }
    }
    return key
  }()

  /// That of the current thread.
  private static var current: Disposal {
    if let known = pthread_getspecific(key) {
      return Unmanaged<Disposal>.fromOpaque(known).takeUnretainedValue()
    }
    let made = Disposal()
    pthread_setspecific(key, Unmanaged.passRetained(made).toOpaque())
    return made
  }

  /// Takes values that a deinitializing object holds, which then holds them no longer.
  static func take(_ values: inout [Value]) {
    guard values.contains(where: \.canNest) else { return }
    let disposal = current
    disposal.push(&values)
    disposal.drain()
  }

  /// Takes anything else that holds values: the iterators behind an iterator, a closure.
  static func take<Holder>(holder: inout Holder?) {
    if holder == nil { return }
    let disposal = current
    disposal.push(&holder)
    disposal.drain()
  }

  // The pushes are swaps, and functions of their own: no copy may outlive them, or it would be
  // freed by the object that goes after all.
  @inline(never)
  private func push(_ values: inout [Value]) {
    pending.append([])
    swap(&pending[pending.count - 1], &values)
  }

  @inline(never)
  private func push<Holder>(_ holder: inout Holder?) {
    if let held = holder { holders.append(held) }
    holder = nil
  }

  private func drain() {
    if isRunning { return }
    isRunning = true
    while !pending.isEmpty || !holders.isEmpty { releaseLast() }
    isRunning = false
  }

  @inline(never)
  private func releaseLast() {
    if holders.isEmpty { _ = pending.popLast() } else { _ = holders.popLast() }
  }
}

extension Value {
  /// Whether freeing the value may free others.
  var canNest: Bool {
    switch self {
    case .list, .dict, .set, .object, .tuple: true
    default: false
    }
  }

  /// How deep tuples lie within the value, counted up to a bound.
  func tupleDepth(upTo bound: Int) -> Int {
    guard case .tuple(let items) = self else { return 0 }
    if bound == 0 { return 1 }
    return 1 + (items.lazy.map { $0.tupleDepth(upTo: bound - 1) }.max() ?? 0)
  }
}

extension Interpreter {
  /// How deep tuples may lie within one another.
  private static let tupleDepth = 500

  /// A tuple of items; refuses one that would nest too deeply.
  func tuple(_ items: [Value]) throws -> Value {
    for case .tuple(let inner) in items where !inner.isEmpty {
      let depth = Value.tuple(items).tupleDepth(upTo: Interpreter.tupleDepth)
      if depth > Interpreter.tupleDepth {
        throw LimitExceeded(
          .depth, "the script nests tuples more than \(Interpreter.tupleDepth) deep",
          at: frame?.location)
      }
      break
    }
    return .tuple(items)
  }
}
