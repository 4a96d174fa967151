l = []
for i in range(20000): l = [l]
l = None
d = {}
for i in range(20000): d = {"a": d}
d = None
class A: pass
a = None
for i in range(20000):
    b = A(); b.x = a; a = b
a = b = None
f = None
for i in range(20000): f = (lambda g: lambda: g)(f)
f = None
it = iter([])
for i in range(20000): it = map(abs, it)
it = None
g = (x for x in [])
for i in range(20000): g = (x for x in g)
g = None
e = None
for i in range(20000):
    n = ValueError(e); n.__cause__ = e; e = n
e = n = None
s = slice(1)
x = int
for i in range(20000): x = list[x]
x = None
print("ok")
