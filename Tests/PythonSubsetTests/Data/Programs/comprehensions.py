print([x * y for x in range(3) for y in range(3) if x != y if y], {x % 3 for x in range(10)} == {0, 1, 2}, {k: v for k, v in zip("ab", [1, 2])})
x = "outer"
print([x for x in range(3)], x)
print([[j for j in range(i)] for i in range(4)])
n = 2
print([n * i for i in range(3)], (lambda: [n + i for i in range(2)])())
class K:
    vals = [1, 2]
    doubled = [v * 2 for v in vals]
print(K.doubled)
print([(a, b) for a, b in [(1, 2), (3, 4)]], [a for a, *b in ["abc"]], [f for f in [lambda: 1]][0]())
print({**{"a": 1}, "b": 2, **{"a": 3}}, [*range(2), *"ab"], (*[1], 2), {*[1], *[2]} == {1, 2})
print([y := 1, y ** 2], [last := i for i in range(3)], last)
def f():
    total = 0
    vals = [total := total + v for v in [1, 2, 3]]
    return total, vals
print(f())
print([c for c in "hello" if c not in "l"], sorted({c: None for c in "hello"}))
print(dict(a=1, **{"b": 2}), dict([("x", 1)], y=2), dict.fromkeys("ab", 0))
print(list(zip(*[(1, 2), (3, 4)])), list(filter(None, [0, 1, "", "a"])), list(map(str, [1, 2])))
print(any(x > 2 for x in [1, 2, 3]), all(x > 2 for x in [1, 2, 3]), any([]), all([]))
print(sorted("banana", key=lambda c: (-ord(c), c)), sorted([3, 1, 2], reverse=True), sorted([("a", 2), ("b", 1), ("c", 2)], key=lambda t: t[1], reverse=True))
print(min(3, 1, 2), max("abc"), min([], default="d"), max([1, -5], key=abs), list(reversed([1, 2])), list(reversed("ab")), list(reversed(range(3))))
print(sum([[1], [2]], []), divmod(-7, 2), divmod(7.5, 2), pow(2, 10), pow(3, 4, 5), abs(-3.5))
