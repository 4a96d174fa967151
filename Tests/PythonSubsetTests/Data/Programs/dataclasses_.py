from dataclasses import dataclass, field, asdict, astuple, fields, replace, is_dataclass
@dataclass
class P:
    x: int
    y: int = 2
    tags: list = field(default_factory=list)
p = P(1)
print(p, p == P(1), p != P(2), P(1, 3, ["a"]), asdict(p), astuple(p), [f.name for f in fields(P)], replace(p, x=9), is_dataclass(p), P(1).tags is P(1).tags)
@dataclass(frozen=True, order=True)
class F:
    a: int
    b: str = "z"
    def hello(self): return self.b * self.a
print(F(2).hello(), F(1) < F(2), sorted([F(2), F(1)]), len({F(1), F(1)}))
try: F(1).a = 5
except AttributeError as e: print(type(e).__name__, e)
@dataclass
class Q(P):
    z: int = 0
    _hidden: str = field(default="h", repr=False)
    total: int = field(init=False)
    def __post_init__(self): self.total = self.x + self.y + self.z
print(Q(1, z=5), Q(1).total, asdict(Q(1)))
for fn in (lambda: P(), lambda: P(1, 2, 3, 4), lambda: P(1, q=2), lambda: P(1) < P(2), lambda: hash(P(1))):
    try: print(fn())
    except TypeError as e: print(e)
@dataclass(kw_only=True)
class K:
    a: int
    b: int = 1
print(K(a=5))
try: K(5)
except TypeError as e: print(e)
try:
    @dataclass
    class Bad:
        a: int = 1
        b: int
except TypeError as e: print(e)
try:
    @dataclass
    class Mut:
        a: list = []
except ValueError as e: print(e)
match P(5, 6):
    case P(x, y): print(x, y)
print(asdict(P(1, 2, [P(3)])))
