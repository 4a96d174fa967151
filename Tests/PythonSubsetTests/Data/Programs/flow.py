for i in range(3):
    if i == 1: continue
    print(i)
else:
    print("else")
for i in range(3):
    if i == 1: break
else:
    print("not reached")
print(i)
n = 0
while n < 3:
    n += 1
    if n == 2: continue
    print("n", n)
else:
    print("done")
while True:
    break
else:
    print("no")
def f():
    for i in range(10):
        try:
            if i == 3: return i
            if i == 1: continue
        finally:
            print("fin", i)
print(f())
def g():
    try:
        return 1
    finally:
        print("cleanup")
print(g())
def h():
    while True:
        try:
            raise ValueError
        except ValueError:
            break
        finally:
            print("f")
    return "out"
print(h())
def k():
    try:
        return "try"
    finally:
        return "finally"
print(k())
for x, (y, z) in [(1, (2, 3)), (4, (5, 6))]:
    print(x + y + z)
for i, c in enumerate("ab", start=1):
    print(i, c)
print("yes" if n else "no", n and 5, 0 or "x", not n, None or 0 or [])
print(1 < 2 < 3, 1 < 2 > 5, 1 == 1.0 == True)
def side(v, log=[]):
    log.append(v); return v
print(side(1) < side(5) < side(3), side.__defaults__)
assert True, "fine"
try:
    assert 1 == 2, "message"
except AssertionError as e:
    print(repr(e))
try:
    assert []
except AssertionError as e:
    print(repr(e))
def early(n):
    if n < 0:
        return "neg"
    elif n == 0:
        return "zero"
    elif n < 10:
        return "small"
    else:
        return "big"
print([early(n) for n in (-1, 0, 5, 50)])
