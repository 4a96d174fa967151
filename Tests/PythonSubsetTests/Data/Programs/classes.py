class A:
    kind = "a"
    def __init__(self, v): self.v = v
    def show(self): return f"A({self.v})"
    @property
    def double(self): return self.v * 2
    @double.setter
    def double(self, x): self.v = x // 2
    @staticmethod
    def stat(x): return x + 1
    @classmethod
    def make(cls, *a): return cls(*a)
    def __repr__(self): return f"{type(self).__name__}<{self.v}>"
    def __eq__(self, o): return isinstance(o, A) and self.v == o.v
    def __hash__(self): return hash(self.v)
    def __lt__(self, o): return self.v < o.v
    def __add__(self, o): return A(self.v + (o.v if isinstance(o, A) else o))
    def __radd__(self, o): return A(o + self.v)
    def __len__(self): return self.v
    def __bool__(self): return self.v > 0
    def __contains__(self, x): return x == self.v
    def __getitem__(self, k): return (self.v, k)
    def __call__(self, *a, **k): return ("called", a, k)
    def __iter__(self): yield from range(self.v)
    def __neg__(self): return A(-self.v)
class B(A):
    kind = "b"
    def show(self): return "B+" + super().show()
a, b = A(3), B(4)
print(a, b, a.show(), b.show(), b.kind, A.kind)
print(a.double); a.double = 20; print(a.v)
try:
    del a.double
except AttributeError as e: print(e)
print(A.stat(1), a.stat(2), B.make(5), isinstance(B.make(1), B))
print(A(1) == B(1), A(1) != A(2), len({A(1), A(1), A(2)}), sorted([A(3), A(1)]))
print(a + 1, 1 + a, a + b, -a)
print(len(a), bool(A(0)), 10 in a, a["k"], a[1:2], a(1, z=2), list(A(3)))
try:
    a < 5
except AttributeError as e: print(e)
try:
    a > 5
except (TypeError, AttributeError) as e: print(e)
try:
    a * 2
except TypeError as e: print(e)
class G:
    def __getattr__(self, n):
        if n.startswith("x"): return n * 2
        raise AttributeError(f"no {n}")
    def __setattr__(self, n, v): object.__setattr__(self, n, v + 1)
g = G(); g.y = 1
print(g.y, g.xa, hasattr(g, "q"), getattr(g, "q", "dflt"))
try: g.q
except AttributeError as e: print(e)
class D1:
    def m(self): return "D1"
class D2(D1):
    def m(self): return "D2>" + super().m()
class D3(D1):
    def m(self): return "D3>" + super().m()
class D4(D2, D3):
    def m(self): return "D4>" + super().m()
print(D4().m(), [c.__name__ for c in D4.__mro__])
try:
    class Bad(D1, D2): pass
except TypeError as e: print(str(e).split(" for ")[0])
class P:
    def __init_subclass__(cls, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.tag = tag
class Q(P, tag="t"): pass
print(Q.tag)
class Desc:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, obj, owner=None):
        if obj is None: return self
        return getattr(obj, self.name, None)
    def __set__(self, obj, value): setattr(obj, self.name, value * 10)
class Uses:
    f = Desc()
u = Uses(); u.f = 3
print(u.f, u.__dict__, type(Uses.f).__name__)
class New:
    def __new__(cls, *a):
        self = super().__new__(cls)
        self.a = a
        return self
    def __init__(self, *a): self.n = len(a)
print(New(1, 2).a, New(1, 2).n)
class S(str):
    def shout(self): return self.upper() + "!"
s = S("hey")
print(s, repr(s), s.shout(), len(s), s + "x", s == "hey", {s: 1}["hey"], isinstance(s, str), type(s + "x").__name__)
class MyD(dict):
    def __missing__(self, k): return k * 2
    def __setitem__(self, k, v): super().__setitem__(k, v + 1)
d = MyD(a=1); d["b"] = 1
print(d, d["zz"], d.get("q"), len(d), list(d))
class L(list):
    def total(self): return sum(self)
l = L([1, 2]); l.append(3)
print(l, l.total(), l[0], l[1:], len(l))
class I(int):
    def __add__(self, o): return I(int(self) + o + 100)
print(I(5) + 1, I(5) * 2, I(7) > 3, I(3) == 3)
class T(tuple): pass
print(T([1, 2]), T((1,))[0])
try: A()
except TypeError as e: print(e)
try: object().x = 1
except AttributeError as e: print(e)
class Empty: pass
try: Empty(1)
except TypeError as e: print(e)
try: Empty().foo
except AttributeError as e: print(e)
try: Empty.foo
except AttributeError as e: print(e)
try: (5).foo
except AttributeError as e: print(e)
try: int.foo = 1
except TypeError as e: print(e)
e = Empty()
e.x = 1
setattr(e, "y", 2)
print(e.__dict__, vars(e), hasattr(e, "x"), getattr(e, "z", 0))
e.__dict__["z"] = 5
e.__dict__.update(w=6)
print(e.z, e.w)
delattr(e, "x")
print(sorted(e.__dict__))
print(Empty.__name__, Empty.__module__, type(e) is Empty, isinstance(e, (int, Empty)), issubclass(B, A), issubclass(B, (int, str)))
print(type("Dyn", (A,), {"extra": 1})(3).extra)
class Cls:
    items = []
    n = 0
    for i in range(3): n += i
    if n: flag = True
    def __class_getitem__(cls, k): return f"{cls.__name__}[{k}]"
print(Cls.n, Cls.flag, Cls["x"], Cls.i)
class Unhash:
    def __eq__(self, o): return True
try: hash(Unhash())
except TypeError as e: print(e)
class Str:
    def __str__(self): return "str!"
print(str(Str()), f"{Str()}", "%s" % Str(), "{}".format(Str()))
class Fmt:
    def __format__(self, spec): return f"<{spec}>"
print(f"{Fmt():abc}", format(Fmt(), "q"), "{:zz}".format(Fmt()))
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
print(list(It()), sum(It()), [*It()], dict(zip("abc", It())))
class Old:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * i
print(list(Old()), 4 in Old())
print(A.show(a), A.__init__.__qualname__)
class Outer:
    class Inner:
        z = 1
    def get(self): return self.Inner.z
print(Outer().get(), Outer.Inner.__qualname__)
class Idx:
    def __index__(self): return 2
print([1, 2, 3][Idx()], "abc"[Idx()], hex(Idx()), list(range(Idx())))
class Rev:
    def __rsub__(self, o): return ("rsub", o)
    def __iadd__(self, o): self.v = o; return self
    def __mul__(self, o): return NotImplemented
r = Rev()
print(5 - r); r += 4; print(r.v)
try: r * 2
except TypeError as e: print(e)
print(Empty.__doc__, Empty.__bases__)
for value in ("text", 1, None, [1]):
    print(isinstance(value, memoryview), isinstance(value, (bytearray, complex)))
print(issubclass(str, bytearray), memoryview.__name__)
