a, b = 1, 2
print(a, b)
a, b = b, a
print(a, b)
[x, (y, z)] = [1, (2, 3)]
print(x, y, z)
first, *rest = range(5)
print(first, rest)
*init, last = "abc"
print(init, last)
h, *m, t = [1, 2]
print(h, m, t)
for bad in (lambda: (lambda v: v)(*[1, 2]), ):
    pass
def unpack(n, v):
    try:
        if n == 2:
            p, q = v
        elif n == 3:
            p, q, *r = v
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
unpack(2, [1])
unpack(2, [1, 2, 3])
unpack(3, [1])
unpack(2, 5)
unpack(2, None)
x = y = []
x.append(1)
print(y, x is y)
n = 5
n += 2; n -= 1; n *= 3; n //= 2; n **= 2; n %= 50; n <<= 2; n >>= 1; n |= 1; n &= 0xff; n ^= 3
print(n)
f = 1
f /= 4
print(f)
lst = [1]
alias = lst
lst += (2, 3)
print(alias)
t = (1,)
t += (2,)
print(t)
s = {1}
s2 = s
s |= {2}
print(s2)
d = {}
d["k"] = d.get("k", 0) + 1
d["k"] += 10
print(d)
class C: pass
c = C()
c.v = 1
c.v += 1
print(c.v)
v: int = 3
print(v)
del v
try:
    v
except NameError as e:
    print(e)
l = [0, 1, 2, 3, 4, 5]
del l[0], l[-1]
print(l)
del l[::2]
print(l)
l[1:1] = [7, 8]
print(l)
l[::2] = ["a", "b"]
print(l)
try:
    l[::2] = [1]
except ValueError as e:
    print(e)
l[10:] = [9]
l[:0] = "xy"
print(l)
print(l[::-1], l[-2:], l[5:2], l[5:2:-1], l[-100:100])
if (w := len(l)) > 3:
    print(w)
print([y for x in range(4) if (y := x * x) > 1], y)
