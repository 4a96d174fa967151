extension StandardSources {
  /// `pprint`: what fits on a line is written as CPython writes it; what does not is printed as it is
  /// written on one line, and refused as a value or for a stream that keeps it.
  static let pprint = #"""
    from _omcops import refuse
    import sys

    def _line(object, sort_dicts):
        if type(object) is dict:
            items = object.items()
            if sort_dicts:
                items = sorted(items, key=lambda item: (str(type(item[0])), item[0]))
            inner = [f"{_line(k, sort_dicts)}: {_line(v, sort_dicts)}" for k, v in items]
            return "{" + ", ".join(inner) + "}"
        if type(object) is list:
            return "[" + ", ".join(_line(item, sort_dicts) for item in object) + "]"
        if type(object) is tuple:
            inner = ", ".join(_line(item, sort_dicts) for item in object)
            return f"({inner},)" if len(object) == 1 else f"({inner})"
        return repr(object)

    class PrettyPrinter:
        def __init__(self, indent=1, width=80, depth=None, stream=None, *, compact=False,
                     sort_dicts=True, underscore_numbers=False):
            if depth is not None:
                refuse("depth= of pprint")
            if underscore_numbers:
                refuse("underscore_numbers=True of pprint")
            self._width = width
            self._stream = stream
            self._sort_dicts = sort_dicts

        def pformat(self, object):
            text = _line(object, self._sort_dicts)
            if len(text) > self._width:
                refuse("pprint of more than fits on a line", "Use json.dumps or repr for it.")
            return text

        def pprint(self, object):
            shown = self._stream is None or self._stream in (sys.stdout, sys.stderr)
            text = _line(object, self._sort_dicts) if shown else self.pformat(object)
            print(text, file=self._stream)

    def pformat(object, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True,
                underscore_numbers=False):
        return PrettyPrinter(indent, width, depth, compact=compact, sort_dicts=sort_dicts,
                             underscore_numbers=underscore_numbers).pformat(object)

    def pprint(object, stream=None, indent=1, width=80, depth=None, *, compact=False,
               sort_dicts=True, underscore_numbers=False):
        PrettyPrinter(indent, width, depth, stream, compact=compact, sort_dicts=sort_dicts,
                      underscore_numbers=underscore_numbers).pprint(object)

    def pp(object, *args, sort_dicts=False, **kwargs):
        pprint(object, *args, sort_dicts=sort_dicts, **kwargs)
    """#
}
