class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
class Color: RED = 1
def m(v):
    match v:
        case 0: return "zero"
        case 1 | 2: return "one or two"
        case -5: return "neg"
        case "a" | "b" as s: return f"str {s}"
        case None: return "none"
        case True: return "true"
        case [x]: return f"one {x}"
        case [1, *rest]: return f"rest {rest}"
        case (a, b) if a == b: return f"same {a}"
        case [a, [b, *_]]: return f"nested {a} {b}"
        case {"k": kv, **others}: return f"map {kv} {others}"
        case {"z": int(n)}: return f"intmap {n}"
        case Point(0, y=yy): return f"point0 {yy}"
        case Point(x=px, y=py) if px > py: return f"point {px}>{py}"
        case Point(): return "a point"
        case str(): return "other str"
        case float(f): return f"float {f}"
        case Color.RED: return "red"
        case _: return "default"
for v in [0, 1, 2, -5, "a", "b", "c", None, True, [5], [1, 2, 3], (4, 4), [1], [9, [8, 7]], {"k": 1, "q": 2}, {"z": 5}, {"z": "s"}, Point(0, 3), Point(5, 2), Point(1, 2), 2.5, 99, set()]:
    print(m(v))
def cap(cmd):
    match cmd.split():
        case ["go", ("n" | "s") as d]: return d
        case ["get", *items]: return items
        case [] | [_]: return "short"
    return "none"
print(cap("go n"), cap("get a b"), cap(""), cap("x"), cap("go x"))
match 5:
    case x if x > 10: print("big")
    case x: print("x", x)
try:
    match Point(1, 2):
        case Point(1, 2, 3): pass
except TypeError as e: print(e)
