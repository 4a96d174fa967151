import Dispatch
import Testing

@testable import PythonSubset

@Suite("What bounds a script")
struct LimitTests {
  /// Runs a program and gives what ended it.
  private static func ending(
    of program: String, limits: Interpreter.Limits = Interpreter.Limits(),
    importer: (any Importer)? = nil
  ) -> (error: (any Error)?, printed: String) {
    var printed = ""
    let python = Interpreter(importer: importer, limits: limits) { printed += $0 }
    do {
      _ = try python.run(try Module.parse(Array(program.utf8), file: "script.py"), as: "script")
      return (nil, printed)
    } catch {
      return (error, printed)
    }
  }

  private static var small: Interpreter.Limits {
    var limits = Interpreter.Limits()
    limits.steps = 20_000
    limits.size = 1 << 20
    return limits
  }

  @Test(
    "endless loops end at the step limit",
    arguments: [
      "while True: pass", "for i in iter(int, 1): pass", "sum(iter(int, 1))",
      "list(map(abs, iter(int, 1)))", "x = [1]\nfor i in x: x.append(i)", "any(iter(int, 1))",
      "def f():\n  while True: yield 1\nfor i in f(): pass", "[0 for i in iter(int, 1)]",
      "max(iter(int, 1))", "5 in iter(int, 1)", "a, b = iter(int, 1)",
      "dict.fromkeys(iter(int, 1))",
      "sum(range(10**12))", "sorted(range(10**12))", "list(zip(iter(int, 1)))",
      "def f():\n  while True:\n    try:\n      yield\n    except BaseException: pass\nlist(f())",
    ])
  func steps(_ program: String) throws {
    let (error, _) = Self.ending(of: program, limits: Self.small)
    if program.contains("a, b") {
      // Unpacking takes no more than it needs.
      #expect((error as? PythonError)?.isA(.valueError) == true)
    } else {
      #expect((error as? LimitExceeded)?.limit == .steps)
    }
  }

  @Test(
    "nothing grows beyond the size limit",
    arguments: [
      "'x' * 10**10", "[0] * 10**10", "b'x' * 10**10", "(0,) * 10**10", "10 ** 10**9",
      "1 << 10**10",
      "'%*d' % (10**9, 1)", "f'{1:10000000000}'", "'x'.ljust(10**10)",
      "'{:{w}}'.format(1, w=10**10)",
      "s = 'x'\nwhile True: s += s", "l = [0]\nwhile True: l += l", "'x'.center(10**10)",
      "x = 'ab' * 1000\nwhile True: x = x.replace('a', x)", "bytes(10**10)",
      "'a\\t'.expandtabs(10**10)",
      "x = 3\nwhile True: x = x * x", "f'{1.5:.{10**9}f}'",
      "','.join('x' * 1000 for i in range(10000))",
      "'5'.zfill(10**10)", "(1).to_bytes(10**10, 'big')", "'x' * 2**100",
    ])
  func sizes(_ program: String) throws {
    let (error, _) = Self.ending(of: program, limits: Self.small)
    let limit = (error as? LimitExceeded)?.limit
    #expect(limit == .size || limit == .steps, "\(String(describing: error))")
  }

  @Test(
    "work on long values counts, however few statements ask for it",
    arguments: [
      "x.upper()", "x.find('b')", "'b' in x", "x == y", "x < y", "hash(x)", "{x: 1}", "x[1:]",
      "x[::2]", "x + ''", "x.encode()", "x.split('b')", "b.find(b'b')", "98 in b", "b == b[:]",
      "l.index(0, -1) and 1 in l", "l.count(1)", "l[:]", "l.copy()", "l.insert(0, 0); l.pop(0)",
      "l.reverse()", "del l[0]", "l[0:0] = [0]", "hash(t)", "1 in t",
    ])
  func longValues(_ statement: String) throws {
    let program = """
      x, y = 'a' * 200000, 'a' * 199999 + 'b'
      b = b'a' * 200000
      l = [0] * 20000
      t = (0,) * 20000
      for i in range(1000): \(statement)
      """
    var limits = Interpreter.Limits()
    limits.steps = 20_000
    #expect((Self.ending(of: program, limits: limits).error as? LimitExceeded)?.limit == .steps)
  }

  static let deep = [
    "def f(n): return f(n + 1)\nf(0)",
    "class A:\n  def __repr__(self): return repr(self)\nrepr(A())",
    "class A:\n  def __eq__(self, o): return self == o\nA() == A()",
    "class A:\n  def __getattr__(self, n): return getattr(self, n + 'x')\nA().y",
    "l = []\nfor i in range(100000): l = [l]\nrepr(l)",
    "l = ()\nfor i in range(100000): l = (l,)\nhash(l)",
    "l = []\nm = []\nfor i in range(100000): l = [l]; m = [m]\nl == m",
    "f = lambda x: sorted([1, 2], key=f)\nf(1)",
    "def g(): yield from g()\nlist(g())",
    "class A:\n  def __str__(self): return '%s' % self\nstr(A())",
    "class A:\n  def __call__(self): return self()\nA()()",
    "def f():\n  try: f()\n  finally: f()\nf()",
    "def f(): return [f() for x in [1]]\nf()",
    "class A:\n  def __iter__(self): return iter(A())\nlist(A())",
    "class A:\n  def __add__(self, o): return self + o\nA() + 1",
    "class A:\n  def __bool__(self): return bool(self)\nbool(A())",
    "class A:\n  def __len__(self): return len(self)\nlen(A())",
    "class A:\n  def __hash__(self): return hash(self)\n{A(): 1}",
    "class A:\n  @property\n  def x(self): return self.x\nA().x",
    "class A:\n  def __init__(self): A()\nA()",
    "class A:\n  def __format__(self, s): return f'{self}'\nf'{A()}'",
    "class A:\n  def __getitem__(self, k): return self[k]\nA()[1]",
    "class A:\n  def __contains__(self, k): return k in self\n1 in A()",
    "class A:\n  def __enter__(self):\n    with self: pass\n  def __exit__(self, *a): pass\nwith A(): pass",
    "async def f(): await f()\nf().send(None)",
    "f = lambda *a: map(f, [1]).__next__()\nf()",
  ]

  @Test("recursion ends at a limit, not in a crash", arguments: deep)
  func depth(_ program: String) throws {
    #expect((Self.ending(of: program).error as? LimitExceeded)?.limit == .depth)
  }

  @Test("the thread of a connection, one of Dispatch, has stack for the depth of CPython's limit")
  func dispatchThread() async {
    let program = "def f(n): return n and 1 + f(n - 1)\nprint(f(300))"
    let results: [String] = await withCheckedContinuation { continuation in
      DispatchQueue(label: "test.connection").async { @Sendable in
        let ends = Self.deep.map {
          (Self.ending(of: $0).error as? LimitExceeded)?.limit.rawValue ?? "none"
        }
        continuation.resume(returning: ends + [Self.ending(of: program).printed])
      }
    }
    #expect(results == Self.deep.map { _ in "depth" } + ["300\n"])
  }

  @Test(
    "a refusal is never swallowed",
    arguments: [
      "try: open('x')\nexcept: print('swallowed')", "try: open('x')\nfinally: print('swallowed')",
      "def f():\n  try: open('x')\n  finally: return 1\nprint(f())",
      "class C:\n  def __enter__(self): pass\n  def __exit__(self, *a):\n    print('s')\n    return True\nwith C(): open('x')",
      "def g():\n  try: yield open('x')\n  except BaseException: print('s')\nlist(g())",
      "try:\n  [open(x) for x in 'ab']\nexcept Exception: print('s')",
      "class A:\n  def __getattr__(self, n): open('x')\nprint(hasattr(A(), 'x'), getattr(A(), 'y', 1))",
      "class A:\n  def __eq__(self, o): open('x')\nprint(A() in [1])",
      "class A:\n  def __repr__(self): open('x')\ntry: print(A())\nexcept: print('s')",
      "def f(*a): open('x')\ntry: print(sorted([1, 2], key=f))\nexcept: print('s')",
      "class A:\n  def __iter__(self): open('x')\ntry: f = (lambda *a: a)(*A())\nexcept: print('s')",
      "class A:\n  def __iter__(self): open('x')\ntry: 1 in A()\nexcept: print('s')",
    ])
  func refusals(_ program: String) throws {
    let (error, printed) = Self.ending(of: program)
    let refusal = try #require(error as? Unsupported)
    #expect(refusal.construct == "open()")
    #expect(refusal.location?.file == "script.py")
    #expect(printed == "")
  }

  @Test(
    "of classes without instances none is made, and none is taken for bytes",
    arguments: ["memoryview(b'')", "bytearray(2)", "complex(1)", "isinstance(b'', memoryview)"])
  func withoutInstances(_ program: String) {
    #expect(Self.ending(of: program).error is Unsupported)
  }

  /// The standard modules alone.
  private static var library: ProjectLoader {
    ProjectLoader(tree: Sources(files: [:])) { name, _ in
      StandardModules.module(name, ScriptSurroundings())
    }
  }

  @Test("what a library function meets in a script's annotation is not swallowed either")
  func annotations() throws {
    let (error, _) = Self.ending(
      of: "from dataclasses import dataclass\n@dataclass\nclass A:\n  x: open('x') = 1",
      importer: Self.library)
    #expect((error as? Unsupported)?.construct == "open()")
    let (limit, _) = Self.ending(
      of: "from dataclasses import dataclass\ndef f(): f()\n@dataclass\nclass A:\n  x: f() = 1",
      importer: Self.library)
    #expect((limit as? LimitExceeded)?.limit == .depth)
    let (none, printed) = Self.ending(
      of: "from dataclasses import dataclass\n@dataclass\nclass A:\n  x: Missing = 1\nprint(A())",
      importer: Self.library)
    #expect(none == nil)
    #expect(printed == "A(x=1)\n")
  }

  @Test("a construct that is lacking is named with its place, run or not")
  func lacking() throws {
    let source = "x = 1\nif x:\n  def f():\n    try: pass\n    except* ValueError: pass\n"
    let module = try Module.parse(Array(source.utf8), file: "script.py")
    let refusals = Interpreter.refusals(in: module.body, file: module.file)
    #expect(refusals.map(\.message) == ["script.py:4:5: except* is not supported"])
    #expect(Self.ending(of: source).error == nil)
    let (error, _) = Self.ending(of: source + "f()")
    #expect((error as? Unsupported)?.message == "script.py:4:5: except* is not supported")
  }
}
