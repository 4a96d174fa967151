import PythonSubset
import Testing

/// The standard modules against CPython: golden data from `Benchmarks/python-syntax/library.py`.
@Suite struct StandardLibraryTests {
  @Test func `expressions give what CPython gives`() throws {
    let surroundings = ScriptSurroundings(environment: ["HOME": "/root"])
    let project = Project([:], surroundings)
    let lines = try goldenFile("library.txt").split(separator: "\n")
    #expect(lines.count > 120)
    for line in lines {
      let sides = line.split(separator: "\t", maxSplits: 1)
      let source = String(sides[0])
      let script = """
        import ast, base64, binascii, collections, copy, dataclasses, datetime, decimal, enum
        import functools, hashlib, pprint
        import itertools, json, math, operator, os, random, re, string, textwrap, uuid
        from datetime import date, time, timedelta, timezone
        import bisect, contextvars, heapq, importlib, inspect, numbers, threading, traceback, typing
        from decimal import Decimal
        from packaging.version import Version
        from pathlib import Path, PurePosixPath
        from urllib import parse as url
        from zoneinfo import ZoneInfo
        dt = datetime.datetime
        def attempt(f):
            try:
                return f()
            except Exception as error:
                return type(error).__name__ + ": " + str(error)
        result = attempt(lambda: (\(source)))
        """
      do {
        let result = try project.result(script)
        #expect(result == sides[1], "\(source)")
      } catch {
        Issue.record("\(source): \(error)")
      }
    }
  }

  @Test func `pprint writes to the stream that it is given`() throws {
    let script = """
      import pprint
      class Stream:
          text = ""
          def write(self, text):
              self.text += text
      stream = Stream()
      pprint.pprint({"b": 1, "a": (2,)}, stream)
      pprint.pp([1], stream, width=9)
      pprint.PrettyPrinter(stream=stream).pprint("x")
      result = stream.text
      """
    #expect(try Project().result(script) == #""{'a': (2,), 'b': 1}\n[1]\n'x'\n""#)
  }

  @Test(arguments: [
    "pformat([[1]], depth=1)", "pprint([[1]], depth=1)", "pp(1000, underscore_numbers=True)",
    "PrettyPrinter(depth=2)", "pprint([1] * 99, Stream())",
  ])
  func `what pprint would write otherwise is refused`(_ call: String) {
    let script = """
      import pprint
      class Stream:
          def write(self, text): pass
      result = pprint.\(call)
      """
    let refusal = #expect(throws: Unsupported.self) { try Project().result(script) }
    #expect(refusal?.construct.contains("pprint") == true)
  }

  @Test func `inspect tells kinds of functions apart`() throws {
    let script = """
      import functools, inspect
      async def a(): pass
      async def b(): yield
      def c(): yield
      class D:
          async def e(self): pass
      def kinds(f):
          return (inspect.iscoroutinefunction(f), inspect.isasyncgenfunction(f),
                  inspect.isgeneratorfunction(f))
      values = (a, b, c, D().e, functools.partial(a, 1), kinds, len, 1)
      result = [kinds(value).index(True) if any(kinds(value)) else None for value in values]
      """
    #expect(try Project().result(script) == "[0, 1, 2, 0, 0, None, None, None]")
  }
}
