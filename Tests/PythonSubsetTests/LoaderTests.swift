import PythonSubset
import Testing

/// Files by their dotted names; packages end in a dot.
struct Sources: SourceTree {
  var files: [String: String]

  func source(of path: [String]) throws -> SourceFile? {
    let name = path.joined(separator: ".")
    let file = path.joined(separator: "/")
    if let text = files[name + "."] {
      return SourceFile(file: file + "/__init__.py", bytes: Array(text.utf8), isPackage: true)
    }
    return files[name].map {
      SourceFile(file: file + ".py", bytes: Array($0.utf8), isPackage: false)
    }
  }
}

/// Runs a script with the standard library and a project.
struct Project {
  let python: Interpreter
  let loader: ProjectLoader

  init(_ files: [String: String] = [:], _ surroundings: ScriptSurroundings = ScriptSurroundings()) {
    let loader = ProjectLoader(tree: Sources(files: files)) { name, _ in
      StandardModules.module(name, surroundings)
    }
    self.loader = loader
    python = Interpreter(importer: loader)
  }

  /// `repr` of the name `result` after a script has run.
  func result(_ script: String) throws -> String {
    let module = try python.run(parse(script), as: "script")
    return try python.repr(try #require(try module.member("result", python)))
  }
}

@Suite struct LoaderTests {
  @Test func `only what a name needs is evaluated`() throws {
    let project = Project([
      "app.": "raise RuntimeError('the package must not run')",
      "app.models": """
      import fastapi
      from .base import Base, width
      app = fastapi.FastAPI()
      raise RuntimeError('must not run')
      SIZES = [width, width * 2]
      def area(a, b=SIZES[1]):
          return a * b * factor
      factor = 10
      """,
      "app.base": "import sqlmodel\nclass Base(sqlmodel.SQLModel): pass\nwidth = 3",
    ])
    let script = "from app.models import area, SIZES\nresult = (area(2), SIZES)"
    #expect(try project.result(script) == "(120, [3, 6])")
  }

  @Test func `statements that change a name come along, in order`() throws {
    let project = Project([
      "m": """
      x = {}
      unrelated = missing_name
      x['a'] = 1
      for key in ['b', 'c']:
          x[key] = len(x)
      y = [1]
      y.append(2)
      y += [3]
      alias = y
      alias.append(4)
      registry = []
      def register(f):
          registry.append(f.__name__)
          return f
      @register
      def one(): pass
      @register
      def two(): pass
      if True:
          z = 1
      else:
          z = 2
      z = z + 1
      """
    ])
    let script = "from m import x, y, registry, z\nresult = (x, y, registry, z)"
    #expect(
      try project.result(script)
        == "({'a': 1, 'b': 1, 'c': 2}, [1, 2, 3, 4], ['one', 'two'], 2)")
  }

  @Test func `re-exports, cycles and star imports`() throws {
    let project = Project([
      "p.": "from .a import *\nfrom .b import b as renamed\n__all__ = ['f', 'renamed']",
      "p.a":
        "__all__ = ['f']\ndef f(): return g() + 1\ndef g():\n    from .b import b\n    return b",
      "p.b": "from p.a import f\nb = 41\ndef h(): return f()",
    ])
    let script =
      "import p.b\nfrom p import f, renamed\nfrom p import *\nresult = (f(), renamed, p.b.h())"
    #expect(try project.result(script) == "(42, 41, 42)")
  }

  @Test func `absent packages are refused where they are used, not where they are imported`() throws
  {
    let project = Project(["m": "import redis\nclient = redis.Redis()\nsize = 1"])
    #expect(try project.result("import celery\nfrom m import size\nresult = size") == "1")
    let refusal = #expect(throws: Unsupported.self) {
      try project.result("from m import client\nresult = len(client.keys())")
    }
    #expect(refusal?.construct == "redis.Redis().keys()")
    #expect(refusal?.location?.file == "test.py")
    #expect(throws: Unsupported.self) {
      try project.result(
        "try:\n    import orjson\n    result = orjson.dumps(1)\nexcept Exception:\n    result = 2")
    }
  }

  @Test func `an attribute that a module sets on an absent class stays unknown with it`() throws {
    let project = Project([
      "m": """
      import pendulum
      class Time(pendulum.Time):
          size = 1
      def wrapped(value):
          return value if isinstance(value, pendulum.Time) else Time(value)
      Time.min = wrapped(Time.min)
      Time.zero = 0
      """
    ])
    let read = "from m import Time\ndef f(): return "
    #expect(try project.result("\(read)(Time.size, Time.zero)\nresult = f()") == "(1, 0)")
    for use in ["Time.min + 1", "Time.max", "Time()"] {
      let refusal = #expect(throws: Unsupported.self) {
        try project.result("\(read)\(use)\nresult = f()")
      }
      #expect(refusal?.construct.hasPrefix("pendulum.Time") == true, "\(use)")
    }
  }

  @Test func `a statement that does more to an absent class is refused`() {
    let project = Project([
      "m": """
      import pendulum
      class Time(pendulum.Time):
          pass
      known = []
      def wrapped(value):
          if value: known.append(value)
      Time.min = wrapped(Time.min)
      """
    ])
    #expect(throws: Unsupported.self) { try project.result("from m import known\nresult = known") }
  }

  @Test func `messages and work on files are not needed for a name`() throws {
    let files = [
      "m": """
      import logging, os, shutil
      log = logging.getLogger(__name__)
      path = os.environ.get("DATA", "data")
      if os.path.exists(path):
          log.info("moving %s", path)
          os.rename(path, "old")
          shutil.rmtree(path)
      os.environ["DATA"] = "new"
      later = os.environ["DATA"]
      def f(): log.debug("f")
      """
    ]
    let script = "from m import log, path, later, f\nresult = (path, later, f())"
    #expect(try Project(files).result(script) == "('data', 'new', None)")
    // Of another object such a call may change it.
    let other = ["m": files["m", default: ""] + "\nlog = open('x')"]
    #expect(throws: Unsupported.self) { try Project(other).result("from m import log\nresult = 1") }
  }

  @Test func `what a module makes of an absent package on import stays unknown`() throws {
    let project = Project([
      "m": """
      import fastapi, pydantic
      from celery import shared_task
      app = fastapi.FastAPI(title="x")
      app.state.ready = True
      class Item(pydantic.BaseModel):
          size: int = pydantic.Field(0, ge=0)
          table = "items"
          @pydantic.field_validator("size")
          def check(cls, value): return value
          @classmethod
          def name(cls): return cls.table.upper()
      class Part(Item):
          pass
      @shared_task
      def work(): return 1
      empty = app.state.x is None
      """
    ])
    #expect(
      try project.result("from m import Part\nresult = (Part.name(), Part.table)")
        == "('ITEMS', 'items')")
    let uses = [
      "Part().size", "Part.model_fields", "isinstance(work(), int)", "str(app)", "app == 1",
      "empty",
      "Part(size=1) is None",
    ]
    for use in uses {
      #expect(throws: Unsupported.self) {
        try project.result(
          "from m import Part, work, app, empty\ndef f(): return \(use)\nresult = f()")
      }
    }
    let check = ScriptCheck(python: project.python)
    let refusals = try check.check(
      try parse(
        """
        from m import Part, work, app, empty
        def upgrade():
            print(Part.table, Part)
            Part.name()
            Part(size=1)
            Part.model_fields
            work()
            app.state
        """), entries: ["upgrade"])
    #expect(
      refusals.map(\.message) == [
        "test.py:5:5: pydantic.BaseModel is not supported",
        "test.py:6:5: pydantic.BaseModel.model_fields is not supported",
        "test.py:7:5: celery.shared_task is not supported",
        "test.py:8:5: fastapi.FastAPI.state is not supported",
      ])
  }

  @Test func `an optional import is refused, for its outcome is not known here`() throws {
    let project = Project([
      "m":
        "try:\n    import orjson as json\nexcept ImportError:\n    json = None\nfast = json is not None"
    ])
    #expect(throws: Unsupported.self) { try project.result("from m import fast\nresult = fast") }
  }

  @Test func `missing modules of the project raise as in Python`() throws {
    let project = Project(["p.": "", "p.a": "x = 1"])
    let script = """
      try:
          from p.a import y
      except ImportError as error:
          result = str(error)
      """
    #expect(try project.result(script) == "\"cannot import name 'y' from 'p.a' (p/a.py)\"")
    #expect(
      try project.result("try:\n    import p.b\nexcept ModuleNotFoundError:\n    result = 1") == "1"
    )
  }

  @Test func `a name read between its changes is refused`() throws {
    let project = Project([
      "m": "x = 1\ndef f(): return x\ny = f()\nx = 2\n"
    ])
    #expect(throws: Unsupported.self) { try project.result("from m import y\nresult = y") }
    #expect(try project.result("from m import x\nresult = x") == "2")
  }

  @Test func `the check follows what a script reaches and nothing else`() throws {
    let project = Project([
      "m":
        "import redis\ndef used():\n    return redis.Redis()\ndef unused():\n    return redis.Nothing()"
    ])
    let script = try parse(
      """
      import os, json, celery
      from m import used, unused
      from datetime import datetime
      def upgrade():
          os.environ
          os.fly()
          json.dumps({}, nonsense=1)
          helper()
          if op.get_bind().dialect.name == "sqlite":
              os.swim()
          name = bind.dialect.name
          if name != "postgresql":
              os.crawl()
              return
          used()
          datetime.nonsense
      def helper():
          celery.task
      def never():
          os.jump()
      """)
    let refusals = try ScriptCheck(python: project.python).check(script, entries: ["upgrade"])
    #expect(
      refusals.map(\.message) == [
        "m.py:3:12: redis.Redis is not supported",
        "test.py:6:8: os.fly is not supported",
        "test.py:7:20: json.dumps(nonsense=...) is not supported",
        "test.py:16:14: datetime.datetime.nonsense is not supported",
        "test.py:18:5: celery.task is not supported",
      ])
  }

  @Test func `what the check meets on the way is not hidden`() throws {
    let host = HostModule(
      "host",
      [
        "Refused": { _ in throw Unsupported("host.Refused") },
        "Endless": { _ in throw LimitExceeded(.steps, "too many steps") },
        "Broken": { _ in throw PythonError(.valueError, "broken") },
      ])
    func check(_ name: String) throws -> [String] {
      let loader = ProjectLoader(tree: Sources(files: [:])) { path, _ in
        path == "host" ? host : nil
      }
      let script = try parse("import host\ndef upgrade():\n    host.\(name)")
      let check = ScriptCheck(python: Interpreter(importer: loader))
      return try check.check(script, entries: ["upgrade"]).map(\.message)
    }
    #expect(try check("Refused") == ["test.py:3:10: host.Refused is not supported"])
    #expect(try check("Broken") == [], "the script may handle what it raises")
    #expect(throws: LimitExceeded.self) { try check("Endless") }
  }

  /// What the check says of methods in `upgrade` of a script, with a module of the project beside.
  private func methods(_ script: String, _ module: String = "") throws -> [String] {
    let project = Project(["m": module])
    let names = AttributeVocabulary(project.python).names
    let check = ScriptCheck(python: project.python, methods: KnownMethods { names })
    return try check.check(try parse(script), entries: ["upgrade"])
      .map { "\($0.location.map { "\($0.line):\($0.column)" } ?? "") \($0.construct)" }
  }

  @Test func `a method that no value has is refused by its name and place`() throws {
    let script = """
      import json
      from m import helper
      def upgrade():
          text = json.dumps({}).strip().uper()
          text.frobnicate().fetch()
          helper(text)
      """
    let module = "def helper(text):\n    text.nonsense()\ndef other(text):\n    text.never()"
    #expect(
      try methods(script, module) == [
        "2:10 the method .nonsense()", "4:35 the method .uper()", "5:10 the method .frobnicate()",
        "5:23 the method .fetch()",
      ])
    let project = Project()
    let names = AttributeVocabulary(project.python).names
    let check = ScriptCheck(python: project.python, methods: KnownMethods { names })
    let refusal = try check.check(
      try parse("def upgrade(x):\n    x.stripp()"), entries: ["upgrade"]
    ).first
    #expect(refusal?.hint?.contains("did you mean \"strip\"?") == true)
  }

  @Test(arguments: [
    // Attributes that are only read may be columns of a row.
    "row.whatever\nrow.one.two",
    // What the project's code makes.
    "x.from_class()", "x.from_self()", "x.assigned()", "x.keyword()", "x.first_field()",
    "x.set_name()", "x.text_name()", "x.from_module()", "x.handler()", "x.aliased_import()",
    // The script expects that it may be missing.
    "try:\n    x.missing()\nexcept AttributeError:\n    pass",
    "try:\n    x.missing()\nexcept (KeyError, AttributeError):\n    pass",
    "with suppress(AttributeError):\n    x.missing()",
    // What is never run.
    "if TYPE_CHECKING:\n    x.missing()", "return\nx.missing()",
    "if x.dialect.name == 'sqlite':\n    x.missing()",
    // Values of modules, generators, slices, descriptors.
    "x.getsource()", "(i for i in x).close()", "x.indices(1)", "x.getChild('a')", "x.hexdigest()",
    "x.__anything__()",
  ])
  func `no method that a value may have is refused`(body: String) throws {
    let script = """
      from typing import TYPE_CHECKING
      from contextlib import suppress
      from collections import namedtuple
      from types import SimpleNamespace
      import m
      import json as aliased_import
      class Own:
          from_class = print
          handler: object
          def method(self): self.from_self = 1
      Fields = namedtuple("Fields", "first_field second")
      made = SimpleNamespace(keyword=print)
      setattr(made, "set_name", print)
      parts = {"text_name": print}
      made.assigned = print
      def upgrade(x):
          m.used
          \(body.replacing("\n", with: "\n    "))
      """
    #expect(try methods(script, "used = 1\ndef from_module(): pass") == [])
  }

  @Test(arguments: [
    "def __getattr__(self, name): return print", "setattr(Own, f\"{1}\", print)",
    "import importlib\nmodule = importlib.import_module(\"a\" + \"b\")",
    "globals().update(values)",
  ])
  func `where names are computed, none is taken for wrong`(code: String) throws {
    let script = "class Own: pass\nvalues = {}\n\(code)\ndef upgrade(x):\n    x.missing()"
    #expect(try methods(script) == [])
  }

  @Test func `a package may import its modules from itself`() throws {
    let files = [
      "p.": "from p import a, b\nfrom p import lost", "p.a": "from p import b\nx = b.y + 1",
      "p.b": "y = 1",
    ]
    #expect(try Project(files).result("from p import a\nresult = a.x") == "2")
    for use in ["a.x", "a.b.y", "b.y", "lost"] {
      let project = Project(files)
      let script = try parse("import p\ndef upgrade():\n    p.\(use)")
      #expect(try ScriptCheck(python: project.python).check(script, entries: ["upgrade"]) == [])
    }
  }
}
