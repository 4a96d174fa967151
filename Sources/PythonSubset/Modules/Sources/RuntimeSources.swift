extension StandardSources {
  /// `contextvars`: a script runs in one context.
  static let contextvars = #"""
    _missing = object()

    class Token:
        MISSING = _missing

        def __init__(self, var, old_value):
            self.var = var
            self.old_value = old_value

    class ContextVar:
        def __init__(self, name, *, default=_missing):
            self.name = name
            self._default = default
            self._value = _missing

        def __class_getitem__(cls, item):
            return cls

        def get(self, default=_missing, /):
            for value in (self._value, default, self._default):
                if value is not _missing:
                    return value
            raise LookupError(self)

        def set(self, value, /):
            token = Token(self, self._value)
            self._value = value
            return token

        def reset(self, token, /):
            self._value = token.old_value

    class Context:
        def run(self, callable, /, *args, **kwargs):
            return callable(*args, **kwargs)

    def copy_context():
        return Context()
    """#

  /// `threading`: a script runs on one thread, so its locks are never waited for.
  static let threading = #"""
    from _omcops import refuse

    class _Lock:
        def __init__(self):
            self._depth = 0

        def acquire(self, blocking=True, timeout=-1):
            if self._depth and not self._reentrant:
                if blocking and timeout < 0:
                    refuse("waiting for a lock that this thread holds")
                return False
            self._depth += 1
            return True

        def release(self):
            if not self._depth:
                raise RuntimeError("release unlocked lock")
            self._depth -= 1

        def locked(self):
            return self._depth > 0

        def __enter__(self):
            return self.acquire()

        def __exit__(self, *error):
            self.release()

        _reentrant = False

    class Lock(_Lock):
        pass

    class RLock(_Lock):
        _reentrant = True

    class local:
        pass

    class Event:
        def __init__(self):
            self._flag = False

        def is_set(self):
            return self._flag

        def set(self):
            self._flag = True

        def clear(self):
            self._flag = False

        def wait(self, timeout=None):
            if not self._flag:
                refuse("threading.Event.wait()")
            return True

    class Thread:
        def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *,
                     daemon=None):
            self.name = name or "Thread"
            self.daemon = bool(daemon)

        def start(self):
            refuse("threading.Thread.start()")

        def is_alive(self):
            return False

    class _MainThread:
        name = "MainThread"
        ident = 1
        daemon = False

        def is_alive(self):
            return True

    _main = _MainThread()

    def current_thread():
        return _main

    def main_thread():
        return _main

    def get_ident():
        return _main.ident

    def active_count():
        return 1
    """#

  /// `traceback`: what can be said of an exception without the lines of the files.
  static let traceback = #"""
    from _omcops import refuse

    def format_exception_only(exc, value=None, /):
        error = exc if value is None else value
        name = type(error).__qualname__
        module = type(error).__module__
        if module not in ("builtins", "__main__"):
            name = module + "." + name
        text = str(error)
        return [f"{name}: {text}\n" if text else f"{name}\n"]

    def format_exception(exc, /, value=None, tb=None, limit=None, chain=True):
        refuse("traceback.format_exception()")

    def format_exc(limit=None, chain=True):
        refuse("traceback.format_exc()")

    def print_exc(limit=None, file=None, chain=True):
        refuse("traceback.print_exc()")

    def format_stack(f=None, limit=None):
        refuse("traceback.format_stack()")

    def print_exception(exc, /, value=None, tb=None, limit=None, file=None, chain=True):
        refuse("traceback.print_exception()")
    """#

  /// `inspect`, as far as kinds of values and documentation go.
  static let inspect = #"""
    import functools, types
    from _omcops import function_kind, refuse

    def isclass(object):
        return isinstance(object, type)

    def isfunction(object):
        return isinstance(object, types.FunctionType)

    def ismethod(object):
        return isinstance(object, types.MethodType)

    def ismodule(object):
        return isinstance(object, types.ModuleType)

    def isroutine(object):
        return isfunction(object) or ismethod(object) or (
            callable(object) and not isclass(object) and hasattr(object, "__name__"))

    def isabstract(object):
        return isclass(object) and bool(getattr(object, "__abstractmethods__", ()))

    def isgenerator(object):
        return hasattr(object, "send") and hasattr(object, "throw") and hasattr(object, "gi_frame")

    def isawaitable(object):
        return hasattr(object, "__await__")

    def iscoroutinefunction(obj):
        return _kind(obj) == "coroutine"

    def isgeneratorfunction(obj):
        return _kind(obj) == "generator"

    def isasyncgenfunction(obj):
        return _kind(obj) == "async generator"

    def _kind(obj):
        while isinstance(obj, functools.partial):
            obj = obj.func
        return function_kind(obj)

    def getmro(cls):
        return cls.__mro__

    def getmembers(object, predicate=None):
        found = []
        for name in sorted(dir(object)):
            try:
                value = getattr(object, name)
            except AttributeError:
                continue
            if predicate is None or predicate(value):
                found.append((name, value))
        return found

    def cleandoc(doc):
        lines = doc.expandtabs().split("\n")
        rest = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
        margin = min(rest, default=0)
        lines = [lines[0].lstrip()] + [line[margin:] for line in lines[1:]]
        while lines and not lines[-1].strip():
            lines.pop()
        while lines and not lines[0].strip():
            lines.pop(0)
        return "\n".join(lines)

    def getdoc(object):
        doc = getattr(object, "__doc__", None)
        return cleandoc(doc) if isinstance(doc, str) else None

    def unwrap(func, *, stop=None):
        while hasattr(func, "__wrapped__") and not (stop is not None and stop(func)):
            func = func.__wrapped__
        return func

    def signature(obj, **kwargs):
        refuse("inspect.signature()")

    def getsource(object):
        refuse("inspect.getsource()")

    def currentframe():
        refuse("inspect.currentframe()")

    def stack(context=1):
        refuse("inspect.stack()")
    """#

  /// `numbers`: the tower of abstract number types.
  static let numbers = #"""
    from _omcops import number_class

    Number = number_class("Number")
    Complex = number_class("Complex")
    Real = number_class("Real")
    Rational = number_class("Rational")
    Integral = number_class("Integral")
    """#
}

extension StandardSources {
  /// `weakref`: what is referred to lives on, which a migration cannot tell.
  static let weakref = #"""
    from _omcops import refuse

    class ref:
        def __init__(self, object, callback=None, /):
            self._object = object

        def __class_getitem__(cls, item):
            return cls

        def __call__(self):
            return self._object

        def __eq__(self, other):
            return self._object == other._object if isinstance(other, ref) else NotImplemented

        def __hash__(self):
            return hash(self._object)

    class WeakValueDictionary(dict):
        pass

    class WeakKeyDictionary(dict):
        pass

    class WeakSet(set):
        pass

    def proxy(object, callback=None, /):
        return object

    def finalize(obj, func, /, *args, **kwargs):
        refuse("weakref.finalize()")
    """#
}
