/// Libraries by which scripts say how far they are: what they say is shown, and changes nothing.
enum ReportingSources {
  /// `loguru`: messages are formatted with braces, and shown from the level DEBUG on.
  static let loguru = #"""
    import logging
    from _omcops import refuse

    _LEVELS = {"TRACE": 5, "SUCCESS": 25}

    _log = logging.getLogger("loguru")
    _log.setLevel(logging.DEBUG)

    class _Logger:
        def _say(self, level, message, args, kwargs):
            text = str(message)
            if args or kwargs:
                text = text.format(*args, **kwargs)
            _log.log(level, "%s", text)

        def trace(self, message, /, *args, **kwargs): self._say(5, message, args, kwargs)
        def debug(self, message, /, *args, **kwargs): self._say(10, message, args, kwargs)
        def info(self, message, /, *args, **kwargs): self._say(20, message, args, kwargs)
        def success(self, message, /, *args, **kwargs): self._say(25, message, args, kwargs)
        def warning(self, message, /, *args, **kwargs): self._say(30, message, args, kwargs)
        def error(self, message, /, *args, **kwargs): self._say(40, message, args, kwargs)
        def exception(self, message, /, *args, **kwargs): self._say(40, message, args, kwargs)
        def critical(self, message, /, *args, **kwargs): self._say(50, message, args, kwargs)

        def log(self, level, message, /, *args, **kwargs):
            if isinstance(level, str):
                level = _LEVELS.get(level) or logging.getLevelName(level)
            self._say(level, message, args, kwargs)

        def bind(self, /, **kwargs): return self
        def opt(self, **kwargs):
            if kwargs.get("lazy"):
                refuse("loguru's opt(lazy=True)")
            return self

        # Where messages go is not the script's to say here.
        def add(self, sink, **kwargs): return 1
        def remove(self, handler_id=None): return None
        def configure(self, **kwargs): return []
        def enable(self, name): return None
        def disable(self, name): return None

        def __getattr__(self, name):
            refuse(f"loguru's logger.{name}")

    logger = _Logger()
    """#

  /// `structlog`: an event with its context.
  static let structlog = #"""
    import logging
    from _omcops import refuse

    class BoundLogger:
        def __init__(self, context):
            self._context = context

        def _say(self, level, event, args, kwargs):
            text = str(event)
            if args:
                text = text % args
            values = {**self._context, **kwargs}
            values.pop("exc_info", None)
            words = [text] + [f"{name}={value!r}" for name, value in values.items()]
            _log.log(level, "%s", " ".join(words))

        def debug(self, event=None, *args, **kw): self._say(10, event, args, kw)
        def info(self, event=None, *args, **kw): self._say(20, event, args, kw)
        def msg(self, event=None, *args, **kw): self._say(20, event, args, kw)
        def warning(self, event=None, *args, **kw): self._say(30, event, args, kw)
        def warn(self, event=None, *args, **kw): self._say(30, event, args, kw)
        def error(self, event=None, *args, **kw): self._say(40, event, args, kw)
        def exception(self, event=None, *args, **kw): self._say(40, event, args, kw)
        def critical(self, event=None, *args, **kw): self._say(50, event, args, kw)
        def fatal(self, event=None, *args, **kw): self._say(50, event, args, kw)
        def log(self, level, event=None, *args, **kw): self._say(level, event, args, kw)

        def bind(self, **new_values):
            return BoundLogger({**self._context, **new_values})

        def new(self, **new_values):
            return BoundLogger(dict(new_values))

        def unbind(self, *keys):
            return BoundLogger({k: v for k, v in self._context.items() if k not in keys})

        def try_unbind(self, *keys):
            return self.unbind(*keys)

        def __getattr__(self, name):
            refuse(f"structlog's {name}()")

    _log = logging.getLogger("structlog")
    _log.setLevel(logging.DEBUG)

    def get_logger(*args, **initial_values):
        return BoundLogger(initial_values)

    getLogger = get_logger

    def configure(**kwargs):
        return None
    """#

  /// `tqdm`: goes through what it is given; the bar itself is not drawn.
  static let tqdm = #"""
    class tqdm:
        def __init__(self, iterable=None, desc=None, total=None, leave=True, **kwargs):
            self.iterable = iterable
            self.desc = desc
            self.total = len(iterable) if total is None and hasattr(iterable, "__len__") else total
            self.n = kwargs.get("initial", 0)

        def __iter__(self):
            for item in self.iterable:
                yield item
                self.n += 1

        def __len__(self):
            return len(self.iterable) if self.iterable is not None else self.total

        def __enter__(self): return self
        def __exit__(self, *args): return None
        def update(self, n=1): self.n += n
        def close(self): return None
        def refresh(self, *args, **kwargs): return None
        def set_description(self, desc=None, refresh=True): self.desc = desc
        def set_description_str(self, desc=None, refresh=True): self.desc = desc
        def set_postfix(self, ordered_dict=None, refresh=True, **kwargs): return None
        def set_postfix_str(self, s="", refresh=True): return None

        @classmethod
        def write(cls, s, file=None, end="\n", nolock=False):
            print(s, end=end)

    def trange(*args, **kwargs):
        return tqdm(range(*args), **kwargs)
    """#

  /// `click`, as far as it prints.
  static let click = #"""
    _COLORS = {
        "black": 30, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36,
        "white": 37, "reset": 39, "bright_black": 90, "bright_red": 91, "bright_green": 92,
        "bright_yellow": 93, "bright_blue": 94, "bright_magenta": 95, "bright_cyan": 96,
        "bright_white": 97,
    }

    def style(text, fg=None, bg=None, bold=None, dim=None, underline=None, overline=None,
              italic=None, blink=None, reverse=None, strikethrough=None, reset=True):
        codes = []
        if fg:
            codes.append(_COLORS[fg])
        if bg:
            codes.append(_COLORS[bg] + 10)
        for flag, on, off in (
            (bold, 1, 22), (dim, 2, 22), (underline, 4, 24), (overline, 53, 55), (italic, 3, 23),
            (blink, 5, 25), (reverse, 7, 27), (strikethrough, 9, 29),
        ):
            if flag is not None:
                codes.append(on if flag else off)
        marks = "".join(f"\033[{code}m" for code in codes)
        return f"{marks}{text}\033[0m" if reset else f"{marks}{text}"

    def echo(message=None, file=None, nl=True, err=False, color=None):
        print("" if message is None else message, end="\n" if nl else "")

    def secho(message=None, file=None, nl=True, err=False, color=None, **styles):
        echo(message, nl=nl)
    """#
}
