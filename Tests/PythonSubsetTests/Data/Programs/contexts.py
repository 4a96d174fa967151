from contextlib import contextmanager, suppress, nullcontext, ExitStack, closing
@contextmanager
def ctx(n):
    print("enter", n)
    try:
        yield n * 2
    except ValueError as e:
        print("swallow", e)
    finally:
        print("exit", n)
with ctx(1) as v: print(v)
with ctx(2): raise ValueError("v")
try:
    with ctx(3): raise KeyError("k")
except KeyError as e: print("out", e)
with suppress(KeyError, IndexError): {}["x"]
with nullcontext(5) as n: print(n)
with ctx(4) as a, ctx(5) as b: print(a, b)
with ExitStack() as st:
    print(st.enter_context(ctx(6)))
    st.callback(print, "callback", 1)
class C:
    def close(self): print("closed")
with closing(C()) as c: print("in")
@contextmanager
def bad():
    if False: yield
try:
    with bad(): pass
except RuntimeError as e: print(e)
@contextmanager
def twice():
    yield 1
    yield 2
try:
    with twice(): pass
except RuntimeError as e: print(e)
@ctx(7)
def decorated(x): print("body", x); return x
print(decorated(5))
def f():
    with ctx(8) as x:
        return x
print(f())
class K:
    @contextmanager
    def m(self): yield "method"
with K().m() as m: print(m)
