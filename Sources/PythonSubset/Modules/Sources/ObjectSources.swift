extension StandardSources {
  /// `operator`.
  static let operators = #"""
    def itemgetter(*items):
        if len(items) == 1:
            return lambda obj: obj[items[0]]
        return lambda obj: tuple(obj[item] for item in items)

    def attrgetter(*names):
        def one(obj, name):
            for part in name.split("."):
                obj = getattr(obj, part)
            return obj
        if len(names) == 1:
            return lambda obj: one(obj, names[0])
        return lambda obj: tuple(one(obj, name) for name in names)

    def methodcaller(name, /, *args, **kwargs):
        return lambda obj: getattr(obj, name)(*args, **kwargs)

    def add(a, b): return a + b
    def sub(a, b): return a - b
    def mul(a, b): return a * b
    def truediv(a, b): return a / b
    def floordiv(a, b): return a // b
    def mod(a, b): return a % b
    def pow(a, b): return a ** b
    def neg(a): return -a
    def eq(a, b): return a == b
    def ne(a, b): return a != b
    def lt(a, b): return a < b
    def le(a, b): return a <= b
    def gt(a, b): return a > b
    def ge(a, b): return a >= b
    def and_(a, b): return a & b
    def or_(a, b): return a | b
    def xor(a, b): return a ^ b
    def not_(a): return not a
    def truth(a): return bool(a)
    def is_(a, b): return a is b
    def is_not(a, b): return a is not b
    def contains(a, b): return b in a
    def getitem(a, b): return a[b]
    def setitem(a, b, c): a[b] = c
    def delitem(a, b): del a[b]
    def concat(a, b): return a + b
    def index(a): return a.__index__()
    """#

  /// `copy`.
  static let copy = #"""
    import datetime, decimal, enum, types, uuid

    _UNCHANGING = (
        bool, int, float, str, bytes, tuple, frozenset, type, range, enum.Enum,
        datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, decimal.Decimal,
        uuid.UUID, types.FunctionType,
    )

    def copy(x):
        if isinstance(x, (list, dict, set)) and type(x) in (list, dict, set):
            return x.copy()
        if hasattr(x, "__copy__"):
            return x.__copy__()
        return _plain(x, lambda value: value)

    def deepcopy(x, memo=None):
        if memo is None:
            memo = {}
        key = id(x)
        if key in memo:
            return memo[key][0]
        if type(x) is list:
            result = []
            memo[key] = (result, x)
            for item in x:
                result.append(deepcopy(item, memo))
            return result
        if type(x) is dict:
            result = {}
            memo[key] = (result, x)
            for name, item in x.items():
                result[deepcopy(name, memo)] = deepcopy(item, memo)
            return result
        if type(x) is tuple:
            return tuple(deepcopy(item, memo) for item in x)
        if type(x) is set:
            return {deepcopy(item, memo) for item in x}
        if hasattr(x, "__deepcopy__"):
            return x.__deepcopy__(memo)
        return _plain(x, lambda value: deepcopy(value, memo))

    def _plain(x, inner):
        if x is None or isinstance(x, _UNCHANGING):
            return x
        if callable(x) and not hasattr(x, "__dict__"):
            return x
        if not hasattr(x, "__dict__"):
            return x
        if isinstance(x, (list, dict, set)):
            raise TypeError(f"cannot copy an instance of {type(x).__name__}")
        result = object.__new__(type(x))
        for name, value in x.__dict__.items():
            object.__setattr__(result, name, inner(value))
        return result
    """#
}
