/// `simplejson`: the standard module, with what differs: NaN is refused or null, named tuples are
/// objects, decimals are numbers (which are not written here).
enum SimpleJSONSource {
  static let text = #"""
    import json
    from json import JSONDecodeError
    from decimal import Decimal
    from _omcops import refuse

    def _plain(value, allow_nan, ignore_nan, named):
        def inner(item):
            return _plain(item, allow_nan, ignore_nan, named)
        if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
            if ignore_nan:
                return None
            if not allow_nan:
                raise ValueError(f"Out of range float values are not JSON compliant: {value!r}")
            return value
        if isinstance(value, Decimal):
            refuse("simplejson.dumps() of a Decimal")
        if isinstance(value, dict):
            return {inner(key): inner(item) for key, item in value.items()}
        if named and isinstance(value, tuple) and hasattr(value, "_asdict"):
            return inner(value._asdict())
        if isinstance(value, (list, tuple)):
            return [inner(item) for item in value]
        return value

    def dumps(obj, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=False,
              cls=None, indent=None, separators=None, encoding="utf-8", default=None,
              use_decimal=True, namedtuple_as_object=True, sort_keys=False, ignore_nan=False):
        if cls is not None:
            refuse("simplejson.dumps(cls=...)")
        def plain(value):
            return _plain(value, allow_nan, ignore_nan, namedtuple_as_object)
        made = None if default is None else (lambda value: plain(default(value)))
        return json.dumps(plain(obj), skipkeys=skipkeys, ensure_ascii=ensure_ascii, indent=indent,
                          separators=separators, default=made, sort_keys=sort_keys)

    def loads(s, encoding=None, cls=None, object_hook=None, parse_float=None, parse_int=None,
              parse_constant=None, object_pairs_hook=None, use_decimal=False, allow_nan=False):
        if cls is not None:
            refuse("simplejson.loads(cls=...)")
        if use_decimal:
            parse_float = Decimal
        return json.loads(s, object_hook=object_hook, parse_float=parse_float, parse_int=parse_int,
                          parse_constant=parse_constant, object_pairs_hook=object_pairs_hook)
    """#
}
