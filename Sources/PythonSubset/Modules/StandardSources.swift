/// Standard modules that are written in Python, and evaluated name by name as a project's are.
enum StandardSources {
  private static let packages: Set = ["collections", "packaging", "urllib"]

  static func source(of name: String) -> SourceFile? {
    let text: String
    switch name {
    case "functools": text = functools
    case "itertools": text = itertools
    case "collections": text = collections
    case "operator": text = operators
    case "copy": text = copy
    case "bisect": text = bisect
    case "contextvars": text = contextvars
    case "heapq": text = heapq
    case "inspect": text = inspect
    case "numbers": text = numbers
    case "packaging", "urllib": text = ""
    case "packaging.version": text = packagingVersion
    case "pathlib": text = pathlib
    case "threading": text = threading
    case "traceback": text = traceback
    case "urllib.parse": text = urllibParse
    case "weakref": text = weakref
    default: return nil
    }
    return SourceFile(
      file: "<\(name)>", bytes: Array(text.utf8), isPackage: packages.contains(name))
  }

  private static let functools = #"""
    def wraps(wrapped, assigned=(), updated=()):
        def decorate(wrapper):
            return update_wrapper(wrapper, wrapped)
        return decorate

    def update_wrapper(wrapper, wrapped, assigned=(), updated=()):
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            try:
                setattr(wrapper, name, getattr(wrapped, name))
            except AttributeError:
                pass
        wrapper.__wrapped__ = wrapped
        return wrapper

    class partial:
        def __init__(self, func, /, *args, **keywords):
            self.func = func
            self.args = args
            self.keywords = keywords
        def __call__(self, /, *args, **keywords):
            return self.func(*self.args, *args, **{**self.keywords, **keywords})

    _missing = object()

    def reduce(function, sequence, initial=_missing, /):
        iterator = iter(sequence)
        if initial is _missing:
            try:
                value = next(iterator)
            except StopIteration:
                raise TypeError("reduce() of empty iterable with no initial value") from None
        else:
            value = initial
        for item in iterator:
            value = function(value, item)
        return value

    def lru_cache(maxsize=128, typed=False):
        if callable(maxsize):
            return _cached(maxsize)
        return _cached

    def cache(function, /):
        return _cached(function)

    def _cached(function):
        results = {}
        def wrapper(*args, **kwargs):
            key = (args, tuple(sorted(kwargs.items()))) if kwargs else args
            if key not in results:
                results[key] = function(*args, **kwargs)
            return results[key]
        wrapper.cache_clear = results.clear
        return update_wrapper(wrapper, function)

    class cached_property:
        def __init__(self, func):
            self.func = func
            self.name = None
        def __set_name__(self, owner, name):
            self.name = name
        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            value = self.func(instance)
            instance.__dict__[self.name] = value
            return value

    class _Key:
        def __init__(self, obj, compare):
            self.obj = obj
            self.compare = compare
        def __lt__(self, other):
            return self.compare(self.obj, other.obj) < 0
        def __eq__(self, other):
            return self.compare(self.obj, other.obj) == 0

    def cmp_to_key(mycmp):
        return lambda obj: _Key(obj, mycmp)

    def total_ordering(cls):
        if hasattr(cls, "__lt__"):
            cls.__gt__ = lambda self, other: not (self < other or self == other)
            cls.__le__ = lambda self, other: self < other or self == other
            cls.__ge__ = lambda self, other: not self < other
        return cls
    """#

  private static let itertools = #"""
    class chain:
        def __init__(self, *iterables):
            self._items = _chain(iterables)
        def __iter__(self):
            return self
        def __next__(self):
            return next(self._items)
        @classmethod
        def from_iterable(cls, iterables):
            return _chain(iterables)

    def _chain(iterables):
        for iterable in iterables:
            for item in iterable:
                yield item

    def count(start=0, step=1):
        while True:
            yield start
            start += step

    def repeat(object, times=None):
        if times is None:
            while True:
                yield object
        for _ in range(times):
            yield object

    def cycle(iterable):
        saved = []
        for item in iterable:
            yield item
            saved.append(item)
        while saved:
            for item in saved:
                yield item

    def islice(iterable, *args):
        s = slice(*args)
        start, stop, step = s.start or 0, s.stop, s.step or 1
        if start < 0 or step < 1 or (stop is not None and stop < 0):
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        wanted = start
        if stop is not None and wanted >= stop:
            return
        index = 0
        for item in iterable:
            if index == wanted:
                yield item
                wanted += step
            index += 1
            if stop is not None and (index >= stop or wanted >= stop):
                return

    def takewhile(predicate, iterable):
        for item in iterable:
            if not predicate(item):
                return
            yield item

    def dropwhile(predicate, iterable):
        dropping = True
        for item in iterable:
            if dropping and predicate(item):
                continue
            dropping = False
            yield item

    def filterfalse(predicate, iterable):
        for item in iterable:
            if not (predicate(item) if predicate is not None else item):
                yield item

    def compress(data, selectors):
        for item, wanted in zip(data, selectors):
            if wanted:
                yield item

    def starmap(function, iterable):
        for arguments in iterable:
            yield function(*arguments)

    def accumulate(iterable, func=None, *, initial=None):
        total = initial
        iterator = iter(iterable)
        if initial is None:
            try:
                total = next(iterator)
            except StopIteration:
                return
        yield total
        for item in iterator:
            total = total + item if func is None else func(total, item)
            yield total

    def pairwise(iterable):
        iterator = iter(iterable)
        try:
            before = next(iterator)
        except StopIteration:
            return
        for item in iterator:
            yield before, item
            before = item

    def zip_longest(*iterables, fillvalue=None):
        columns = [list(iterable) for iterable in iterables]
        for index in range(max((len(column) for column in columns), default=0)):
            yield tuple(column[index] if index < len(column) else fillvalue for column in columns)

    def batched(iterable, n):
        if n < 1:
            raise ValueError("n must be at least one")
        batch = []
        for item in iterable:
            batch.append(item)
            if len(batch) == n:
                yield tuple(batch)
                batch = []
        if batch:
            yield tuple(batch)

    def groupby(iterable, key=None):
        group, current, started = [], None, False
        for item in iterable:
            value = item if key is None else key(item)
            if started and value != current:
                yield current, iter(group)
                group = []
            current, started = value, True
            group.append(item)
        if started:
            yield current, iter(group)

    def product(*iterables, repeat=1):
        results = [()]
        for pool in [tuple(pool) for pool in iterables] * repeat:
            results = [result + (item,) for result in results for item in pool]
        for result in results:
            yield result

    def permutations(iterable, r=None):
        pool = tuple(iterable)
        size = len(pool) if r is None else r
        def extend(chosen):
            if len(chosen) == size:
                yield tuple(pool[index] for index in chosen)
                return
            for index in range(len(pool)):
                if index not in chosen:
                    for result in extend(chosen + (index,)):
                        yield result
        return extend(())

    def combinations(iterable, r):
        pool = tuple(iterable)
        def extend(start, chosen):
            if len(chosen) == r:
                yield chosen
                return
            for index in range(start, len(pool)):
                for result in extend(index + 1, chosen + (pool[index],)):
                    yield result
        return extend(0, ())

    def combinations_with_replacement(iterable, r):
        pool = tuple(iterable)
        def extend(start, chosen):
            if len(chosen) == r:
                yield chosen
                return
            for index in range(start, len(pool)):
                for result in extend(index, chosen + (pool[index],)):
                    yield result
        return extend(0, ())

    def tee(iterable, n=2):
        items = list(iterable)
        return tuple(iter(items) for _ in range(n))
    """#

  private static let collections = #"""
    class OrderedDict(dict):
        def move_to_end(self, key, last=True):
            value = self.pop(key)
            if last:
                self[key] = value
            else:
                rest = list(self.items())
                self.clear()
                self[key] = value
                self.update(rest)
        def __repr__(self):
            return "OrderedDict(" + (dict.__repr__(self) if self else "") + ")"

    class defaultdict(dict):
        def __init__(self, default_factory=None, /, *args, **kwargs):
            self.default_factory = default_factory
            dict.__init__(self, *args, **kwargs)
        def __missing__(self, key):
            if self.default_factory is None:
                raise KeyError(key)
            value = self.default_factory()
            self[key] = value
            return value
        def __repr__(self):
            return "defaultdict(" + repr(self.default_factory) + ", " + dict.__repr__(self) + ")"

    class Counter(dict):
        def __init__(self, iterable=None, /, **kwargs):
            dict.__init__(self)
            self.update(iterable, **kwargs)
        def __missing__(self, key):
            return 0
        def update(self, iterable=None, /, **kwargs):
            if iterable is not None:
                if isinstance(iterable, dict):
                    for key, count in iterable.items():
                        self[key] = self.get(key, 0) + count
                else:
                    for key in iterable:
                        self[key] = self.get(key, 0) + 1
            for key, count in kwargs.items():
                self[key] = self.get(key, 0) + count
        def most_common(self, n=None):
            items = sorted(self.items(), key=lambda item: item[1], reverse=True)
            return items if n is None else items[:n]
        def elements(self):
            for key, count in self.items():
                for _ in range(count):
                    yield key
        def total(self):
            return sum(self.values())
        def subtract(self, iterable):
            for key, count in Counter(iterable).items():
                self[key] = self.get(key, 0) - count

    class ChainMap:
        def __init__(self, *maps):
            self.maps = list(maps) or [{}]
        def __getitem__(self, key):
            for mapping in self.maps:
                if key in mapping:
                    return mapping[key]
            raise KeyError(key)
        def get(self, key, default=None):
            return self[key] if key in self else default
        def __contains__(self, key):
            return any(key in mapping for mapping in self.maps)
        def __iter__(self):
            merged = {}
            for mapping in reversed(self.maps):
                merged.update(dict.fromkeys(mapping))
            return iter(merged)
        def __len__(self):
            return len(set().union(*self.maps))
        def __setitem__(self, key, value):
            self.maps[0][key] = value
        def keys(self):
            return list(self)
        def items(self):
            return [(key, self[key]) for key in self]

    class deque(list):
        def __init__(self, iterable=(), maxlen=None):
            list.__init__(self)
            self.maxlen = maxlen
            for item in iterable:
                self.append(item)
        def append(self, item):
            list.append(self, item)
            if self.maxlen is not None and len(self) > self.maxlen:
                del self[0]
        def appendleft(self, item):
            list.insert(self, 0, item)
            if self.maxlen is not None and len(self) > self.maxlen:
                del self[-1]
        def extend(self, items):
            for item in items:
                self.append(item)
        def extendleft(self, items):
            for item in items:
                self.appendleft(item)
        def popleft(self):
            if not self:
                raise IndexError("pop from an empty deque")
            return list.pop(self, 0)
        def rotate(self, n=1):
            if self:
                n %= len(self)
                items = list(self)
                self[:] = items[-n:] + items[:-n]
        def __repr__(self):
            tail = "" if self.maxlen is None else ", maxlen=" + repr(self.maxlen)
            return "deque(" + list.__repr__(self) + tail + ")"

    def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
        if isinstance(field_names, str):
            field_names = field_names.replace(",", " ").split()
        fields = tuple(field_names)
        given = tuple(defaults or ())
        values = dict(zip(fields[len(fields) - len(given):], given))
        def __new__(cls, /, *args, **kwargs):
            if len(args) > len(fields):
                raise TypeError(
                    f"{typename}.__new__() takes {len(fields) + 1} positional arguments "
                    f"but {len(args) + 1} were given")
            named = dict(zip(fields, args))
            for name, value in kwargs.items():
                if name not in fields:
                    raise TypeError(
                        f"{typename}.__new__() got an unexpected keyword argument '{name}'")
                if name in named:
                    raise TypeError(
                        f"{typename}.__new__() got multiple values for argument '{name}'")
                named[name] = value
            missing = [name for name in fields if name not in named and name not in values]
            if missing:
                raise TypeError(
                    f"{typename}.__new__() missing {len(missing)} required positional "
                    f"argument{'s' if len(missing) > 1 else ''}: "
                    + " and ".join(repr(name) for name in missing))
            return tuple.__new__(
                cls, [named[name] if name in named else values[name] for name in fields])
        def __repr__(self):
            parts = ", ".join(f"{name}={value!r}" for name, value in zip(fields, self))
            return f"{typename}({parts})"
        def _asdict(self):
            return dict(zip(fields, self))
        def _replace(self, /, **kwargs):
            return type(self)(**{**dict(zip(fields, self)), **kwargs})
        def _make(cls, iterable):
            return cls(*iterable)
        members = {
            "__new__": __new__, "__repr__": __repr__, "_asdict": _asdict, "_replace": _replace,
            "_make": classmethod(_make), "_fields": fields, "_field_defaults": values,
        }
        for position, name in enumerate(fields):
            members[name] = property(lambda self, position=position: self[position])
        return type(typename, (tuple,), members)
    """#

  private static let operators = #"""
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

  private static let copy = #"""
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
        if x is None or isinstance(x, (bool, int, float, str, bytes, tuple, frozenset, type)):
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
