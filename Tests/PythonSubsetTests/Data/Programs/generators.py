def count(n):
    i = 0
    while i < n:
        got = yield i
        if got: print("got", got)
        i += 1
    return "done"
g = count(3)
print(next(g), g.send("hello"), next(g))
try: next(g)
except StopIteration as e: print("stop", e.value)
print(list(count(3)), next(count(0), "default"))
def deleg():
    r = yield from count(2)
    print("r", r)
    yield from "ab"
    yield from [1, 2]
print(list(deleg()))
def fin():
    try:
        yield 1
        yield 2
    except ValueError as e:
        print("in gen", e)
        yield "recovered"
    finally:
        print("finally")
g = fin(); print(next(g)); print(g.throw(ValueError("boom")))
print(list(g))
g = fin(); next(g); g.close()
def ignore():
    try: yield 1
    except GeneratorExit: yield 2
g = ignore(); next(g)
try: g.close()
except RuntimeError as e: print(e)
g = count(1)
try: g.send(1)
except TypeError as e: print(e)
def loops():
    for i in range(3):
        if i == 1: continue
        for j in range(3):
            if j == 2: break
            yield i, j
        else: yield "never"
    else: yield "else"
print(list(loops()))
def withs():
    class C:
        def __enter__(self): print("in"); return 1
        def __exit__(self, *a): print("out", a[0] and a[0].__name__); return True
    with C() as c:
        yield c
        raise KeyError("x")
    yield "after"
print(list(withs()))
def stop(): 
    yield 1
    raise StopIteration
try: list(stop())
except RuntimeError as e: print(e, repr(e.__cause__))
ge = (x * x for x in range(5) if x % 2)
print(next(ge), list(ge), list(ge))
print(sum(x for x in range(4)), max((len(w) for w in ["a", "bbb"]), default=0))
lazy = (print("eval", x) or x for x in [1, 2])
print("before"); print(next(lazy))
def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)
print(list(tree(3)))
def args(*a, **k):
    yield a
    yield k
print(list(args(1, 2, z=3)))
def expr():
    x = [1, (yield "a"), 3]
    print(x)
    y = (yield "b") + 1
    print(y)
    print((yield), "p")
    return (yield "c")
g = expr()
print(next(g), g.send(2), g.send(10), g.send("q"), sep=",")
try: g.send("ret")
except StopIteration as e: print(e.value)
def inner_ret():
    for i in range(3):
        if i == 1: return
        yield i
print(list(inner_ret()))
def nested_try():
    try:
        try:
            yield 1
        finally:
            print("f1")
            yield "in finally"
    finally: print("f2")
print(list(nested_try()))
def handler_yield():
    try: 1 / 0
    except ZeroDivisionError as e:
        yield str(e)
        try: raise
        except ZeroDivisionError as e2: yield "re " + str(e2)
print(list(handler_yield()))
def match_yield(v):
    match v:
        case [a, b]: yield a; yield b
        case _: yield "none"
print(list(match_yield([1, 2])), list(match_yield(3)))
