def f(a, b=2, *args, c, d=4, **kw):
    return (a, b, args, c, d, kw)
print(f(1, c=3))
print(f(1, 5, 6, 7, c=3, x=9))
print(f(*[1, 2, 3], **{"c": 4, "z": 5}))
def g(a, /, b, *, c=0): return a, b, c
print(g(1, 2), g(1, b=2, c=3))
def err(fn, *a, **k):
    try:
        print(fn(*a, **k))
    except TypeError as e:
        print(e)
err(f)
err(f, 1)
err(g)
err(g, 1, 2, 3)
err(g, a=1, b=2)
err(g, 1, 2, d=3)
err(g, 1, 2, b=3)
def one(x): pass
def two(x, y=1): pass
def three(x, y, z): pass
def kwonly(*, p, q): pass
err(one, 1, 2)
err(two, 1, 2, 3)
err(three)
err(three, 1)
err(kwonly)
err(kwonly, 1)
err(kwonly, p=1)
err(lambda: 1, 5)
err(one, **{"x": 1, "y": 2})
err(5)
def outer():
    x = 1
    def inc():
        nonlocal x
        x += 1
        return x
    def get(): return x
    return inc, get
inc, get = outer()
inc(); inc()
print(get())
fs = [lambda: i for i in range(3)]
print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]
print([f() for f in fs])
total = 0
def addg(n):
    global total
    total += n
addg(5); addg(6)
print(total)
def rec(n): return 1 if n == 0 else n * rec(n - 1)
print(rec(20), rec(25))
def deco(tag):
    def wrap(fn):
        def inner(*a, **k):
            return f"<{tag}>{fn(*a, **k)}</{tag}>"
        inner.__name__ = fn.__name__
        return inner
    return wrap
@deco("b")
@deco("i")
def hello(name="x"):
    "Doc."
    return "hi " + name
print(hello(), hello("y"), hello.__name__)
def doc():
    """Text."""
print(doc.__doc__, doc.__name__, doc.__qualname__)
class K:
    def m(self): pass
print(K.m.__qualname__, outer()[0].__qualname__)
def unbound():
    print(q)
    q = 1
try:
    unbound()
except UnboundLocalError as e:
    print(e)
def free():
    def inner(): return zz
    try:
        inner()
    except NameError as e:
        print(e)
    zz = 1
    return inner()
print(free())
def mutable(x, acc=[]):
    acc.append(x); return acc
mutable(1); print(mutable(2))
print((lambda *a, **k: (a, k))(1, 2, z=3))
def annotated(a: int, b: "str" = "x") -> None: ...
print(annotated(1), annotated.__annotations__)
print(list(map(lambda x, y: x + y, [1, 2], [3, 4])))
def gen_default(x=[y for y in range(3)]): return x
print(gen_default())
def attrs(): pass
attrs.tag = 5
print(attrs.tag, hasattr(attrs, "nope"))
def nested():
    def a():
        def b():
            return v
        return b
    v = 10
    return a()()
print(nested())
x = "global"
def shadow():
    class A:
        x = "class"
        def m(self): return x
        y = [x for _ in range(1)]
    return A().m(), A.y, A.x
print(shadow())
print(callable(f), callable(5), callable(K))
