from enum import Enum, IntEnum, StrEnum, Flag, IntFlag, auto, unique
class Color(Enum):
    RED = 1
    GREEN = 2
    ALSO_RED = 1
    def describe(self): return f"{self.name}={self.value}"
    @classmethod
    def default(cls): return cls.GREEN
    @property
    def low(self): return self.name.lower()
print(Color.RED, repr(Color.RED), Color.RED.name, Color.RED.value, Color(2), Color["RED"], Color.ALSO_RED is Color.RED)
print(list(Color), len(Color), [c.value for c in Color], Color.RED.describe(), Color.default(), Color.RED.low, list(Color.__members__))
print(Color.RED == Color.RED, Color.RED == 1, Color.RED != Color.GREEN, Color.RED in Color, isinstance(Color.RED, Color), {Color.RED: 1}[Color.RED], type(Color.RED).__name__)
for fn in (lambda: Color(9), lambda: Color["X"], lambda: Color.RED < Color.GREEN, lambda: setattr(Color, "RED", 5), lambda: setattr(Color.RED, "value", 5)):
    try: print(fn())
    except Exception as e: print(type(e).__name__, e)
class S(str, Enum):
    A = "a"
    B = "b"
print(S.A, repr(S.A), S.A == "a", S.A.value, S.A.upper(), {"a": 1}[S.A], f"{S.A.value}", "%s" % S.A, S("b"), S.A + "x", [e.value for e in S], isinstance(S.A, str), str(S.A), "".join([S.A, S.B]), S.A in ("a",), len(S.A), S.A < S.B)
class N(IntEnum):
    ONE = 1
    TWO = auto()
print(N.ONE, repr(N.TWO), N.ONE + 1, N.TWO > N.ONE, f"{N.ONE}", int(N.TWO), N(2), sorted([N.TWO, N.ONE]), "%d" % N.ONE, [0, 1, 2][N.ONE], N.ONE == 1, str(N.ONE))
class T(StrEnum):
    FOO_BAR = auto()
    X = "xx"
print(T.FOO_BAR, repr(T.X), f"{T.X}", T.FOO_BAR == "foo_bar", T.X.value, T("xx"), "-".join(T))
class A(Enum):
    X = auto()
    Y = auto()
print([(a.name, a.value) for a in A])
class P(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W
print(P.R | P.W, P.RW, P.R in P.RW, P.X in P.RW, list(P), bool(P.R & P.W), (P.R | P.X).value, P(3), ~P.R, repr(P.R | P.X), len(P.RW), list(P.RW), P.R ^ P.RW)
class I(IntFlag):
    A = 1
    B = 2
print(I.A | I.B, (I.A | I.B) == 3, I.A & 1, I(3).value, I.A + 5)
class Planet(Enum):
    EARTH = (5.9, 6.3)
    MARS = (0.6, 3.3)
    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius
print(Planet.EARTH.mass, Planet.MARS.value, Planet((0.6, 3.3)))
class Coded(Enum):
    def __new__(cls, code, label):
        obj = object.__new__(cls)
        obj._value_ = code
        obj.label = label
        return obj
    A = (1, "first")
    B = (2, "second")
    @classmethod
    def _missing_(cls, value): return cls.A
print(Coded.A.label, Coded(2).label, Coded(99))
Dyn = Enum("Dyn", "A B C")
print(list(Dyn), Dyn.B.value)
Dyn2 = Enum("Dyn2", {"x": "1", "y": "2"})
print(list(Dyn2))
try:
    @unique
    class U(Enum):
        A = 1
        B = 1
except ValueError as e: print(e)
try:
    class Ext(Color): BLUE = 3
except TypeError as e: print(e)
class Base(Enum):
    def hi(self): return "hi " + self.name
class Derived(Base): Z = 26
print(Derived.Z.hi(), Color, Color.__name__, Derived.__mro__[1].__name__)
