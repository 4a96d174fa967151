extension StandardSources {
  /// `collections`.
  static let collections = #"""
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
}
