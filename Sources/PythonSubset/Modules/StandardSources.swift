/// Standard modules that are written in Python, and evaluated name by name as a project's are.
enum StandardSources {
  private static let packages: Set = ["collections", "packaging", "urllib"]

  private static let texts = [
    "functools": functools,
    "itertools": itertools,
    "collections": collections,
    "operator": operators,
    "copy": copy,
    "bisect": bisect,
    "contextvars": contextvars,
    "heapq": heapq,
    "inspect": inspect,
    "numbers": numbers,
    "packaging": "",
    "urllib": "",
    "packaging.version": packagingVersion,
    "pathlib": pathlib,
    "pprint": pprint,
    "threading": threading,
    "traceback": traceback,
    "urllib.parse": urllibParse,
    "weakref": weakref,
  ]

  /// The names of the modules.
  static var names: [String] { Array(texts.keys) }

  static func source(of name: String) -> SourceFile? {
    guard let text = texts[name] else { return nil }
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
}
