try:
    1 / 0
except ZeroDivisionError as e:
    print(type(e).__name__, e, e.args)
try:
    e
except NameError as x:
    print(x)
class My(Exception):
    def __init__(self, code, msg="m"):
        super().__init__(msg)
        self.code = code
class Sub(My): pass
for exc in (My(1), Sub(2, "s"), KeyError("k"), IndexError(), ValueError("a", "b"), OSError(2, "No such")):
    try:
        raise exc
    except Sub as e: print("Sub", e.code, e)
    except My as e: print("My", e.code, e)
    except (KeyError, IndexError) as e: print("lookup", repr(e), str(e))
    except Exception as e: print("other", repr(e), str(e))
    else: print("never")
    finally: print("finally")
def chain():
    try:
        try:
            raise ValueError("inner")
        except ValueError as e:
            raise RuntimeError("outer") from e
    except RuntimeError as e:
        print(repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
    try:
        try: {}["x"]
        except KeyError: raise TypeError("t")
    except TypeError as e:
        print(repr(e.__cause__), repr(e.__context__))
    try:
        try: {}["x"]
        except KeyError: raise TypeError("t") from None
    except TypeError as e:
        print(repr(e.__cause__), e.__suppress_context__)
chain()
def reraise():
    try:
        raise ValueError("again")
    except ValueError:
        raise
try: reraise()
except ValueError as e: print(e)
try: raise
except RuntimeError as e: print(e)
try: raise 5
except TypeError as e: print(e)
try: raise ValueError
except ValueError as e: print(repr(e), e.args)
def noexc():
    try: pass
    except: print("no")
    else: print("else")
    finally: print("fin")
noexc()
def bare():
    try: None.x
    except: print("bare")
bare()
try:
    try: raise KeyError(1)
    finally: print("inner finally")
except KeyError as e: print("outer", e)
errors = [
    lambda: [][1], lambda: {}["a"], lambda: int("x"), lambda: float("y"), lambda: "a" + 1, lambda: 1 + "a",
    lambda: [1] + (2,), lambda: None + 1, lambda: len(5), lambda: iter(5), lambda: "abc".foo, lambda: undefined,
    lambda: (1).real.x, lambda: [1, 2].index(5), lambda: (1, 2).index(5), lambda: "abc".index("z"), lambda: {1}.remove(2),
    lambda: [].pop(), lambda: {}.popitem(), lambda: next(iter([])), lambda: max([]), lambda: 5 % 0, lambda: 5 // 0, lambda: 5.0 // 0,
    lambda: 1.0 % 0, lambda: "abc"[10], lambda: (1,)[5], lambda: "a" < 1, lambda: [] < {}, lambda: {[]: 1}, lambda: hash({}), lambda: -"a",
    lambda: "%d" % "x", lambda: "%s %s" % (1,), lambda: "%s" % (1, 2), lambda: "{}".format(), lambda: "{x}".format(), lambda: int([]),
    lambda: [1][ "a"], lambda: "a"["b"], lambda: {1: 2}[3], lambda: 5(), lambda: "x" * "y", lambda: [1] * 1.5, lambda: 1 in 5, lambda: "a" in "b" in 3,
    lambda: 1 in "abc", lambda: ",".join([1]), lambda: chr(-1), lambda: ord("ab"), lambda: int("12", 40), lambda: range(1, 2, 0), lambda: [1, 2, 3][::0],
    lambda: sum(["a"]), lambda: sorted([1, "a"]), lambda: round("x"), lambda: abs("x"), lambda: bytes([300]), lambda: b"\xff".decode(), lambda: "é".encode("ascii"),
    lambda: setattr(5, "x", 1), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: isinstance(1, 5), lambda: (lambda x: x)(), lambda: 2 ** -1 / 0,
    lambda: zip([1], [1, 2], strict=True).__next__() and list(zip([1], [1, 2], strict=True)), lambda: "a".encode("nope"), lambda: 1 << -1, lambda: ~1.5, lambda: [].remove(1), lambda: [1].insert("a", 1),
    lambda: float("inf").__int__(), lambda: int(float("nan")), lambda: f"{'a':d}", lambda: f"{1.5:d}", lambda: format("a", "=5"), lambda: f"{None:5}", lambda: object() + 1, lambda: {}["x"]["y"],
]
for i, fn in enumerate(errors):
    try:
        print(i, "value", fn())
    except Exception as e:
        print(i, type(e).__name__, e)
class Ctx:
    def __init__(self, n, swallow=False): self.n, self.swallow = n, swallow
    def __enter__(self): print("enter", self.n); return self
    def __exit__(self, t, v, tb):
        print("exit", self.n, t.__name__ if t else None, v)
        return self.swallow
with Ctx(1) as c, Ctx(2) as d: print(c.n + d.n)
with Ctx(3, True): raise ValueError("gone")
try:
    with Ctx(4), Ctx(5): raise KeyError("up")
except KeyError: print("caught")
def ret():
    with Ctx(6): return "r"
print(ret())
for i in range(2):
    with Ctx(7 + i): continue
try:
    with 5: pass
except (TypeError, AttributeError) as e: print(e)
e = ValueError("n"); e.add_note("note"); print(e.__notes__)
print(issubclass(KeyError, LookupError), ValueError.__mro__[1].__name__, isinstance(OSError(), EnvironmentError))
print(repr(OSError(2, "No such", "f")), str(OSError(2, "No such", "f")), OSError(2, "x").errno)
print(str(KeyError("a b")), str(KeyError()), repr(Exception("a", 1)), StopIteration(5).value, repr(SystemExit(3).code))
