extension PydanticSources {
  /// How values become what an annotation asks for, and how they are written down.
  static let validation = #"""
    import base64, datetime, decimal, enum, re, uuid
    from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin
    from _omcops import positional_count, refuse
    from pydantic._markers import (
        AfterValidator, AliasChoices, BeforeValidator, FieldInfo, PlainSerializer, PlainValidator,
        ValidationInfo, _MISSING, _Rule, _Unchecked, _Url, _Secret, WrapValidator,
    )

    class PydanticCustomError(ValueError):
        def __init__(self, error_type, message_template, context=None, /):
            self.type = error_type
            super().__init__(message_template.format(**(context or {})))

    class ValidationError(ValueError):
        def __init__(self, title, lines):
            self.title = title
            self._lines = lines

        def error_count(self):
            return len(self._lines)

        def errors(self, **kwargs):
            return [{"type": kind, "loc": place, "msg": text, "input": value}
                    for place, kind, text, value in self._lines]

        def __str__(self):
            count = len(self._lines)
            text = f"{count} validation error{'' if count == 1 else 's'} for {self.title}"
            for place, kind, message, value in self._lines:
                if place:
                    text += "\n" + ".".join(str(part) for part in place)
                shown = repr(value)
                if len(shown) > 50:
                    shown = shown[:25] + "..." + shown[-24:]
                text += (f"\n  {message} [type={kind}, input_value={shown}, "
                         f"input_type={type(value).__name__}]")
                text += ("\n    For further information visit "
                         f"https://errors.pydantic.dev/2.11/v/{kind}")
            return text

    class _Aliases:
        """The names under which a field's value is given."""

        def __init__(self, name, field, config):
            alias = field.validation_alias or field.alias
            if alias is not None and not isinstance(alias, (str, AliasChoices)):
                refuse("pydantic's AliasPath")
            choices = alias.choices if isinstance(alias, AliasChoices) else (alias,)
            if alias is None and config.get("alias_generator"):
                refuse("pydantic's alias_generator")
            self.names = [name] if alias is None else list(choices)
            by_name = config.get("populate_by_name") or config.get("validate_by_name")
            if alias is not None and by_name:
                self.names.append(name)
            self.shown = self.names[0]

        def key(self, data):
            for name in self.names:
                if name in data:
                    return name
            return None

    def is_class_variable(annotation):
        return annotation is ClassVar or get_origin(annotation) is ClassVar

    def fail(place, kind, text, value):
        raise ValidationError("", [(place, kind, text, value)])

    def check(annotation, value, place, owner, field):
        """The value as a value of the annotated type."""
        if field is not None and field.strict:
            refuse("pydantic's strict validation")
        try:
            value = _check(annotation, value, place, owner)
            for rule in field.rules if field is not None else ():
                value = _apply(rule, value, place)
            return value
        except ValidationError as error:
            if not error.title:
                error.title = owner.__name__ if owner is not None else _shown(annotation)
            raise

    def _shown(annotation):
        return getattr(annotation, "__name__", None) or str(annotation)

    def _check(annotation, value, place, owner):
        if isinstance(annotation, str):
            refuse(f"a pydantic field of the type that the text {annotation!r} names")
        if annotation is Any or isinstance(annotation, TypeVar) or annotation is object:
            return value
        if annotation is None or annotation is type(None):
            return value if value is None else fail(
                place, "none_required", "Input should be None", value)
        origin = get_origin(annotation)
        if origin is Annotated:
            return _annotated(get_args(annotation), value, place, owner)
        if origin is Union:
            return _union(get_args(annotation), value, place, owner)
        if origin is Literal:
            return _literal(get_args(annotation), value, place)
        if origin is not None:
            return _generic(origin, get_args(annotation), value, place, owner)
        if isinstance(annotation, _Rule):
            return _apply(annotation, _check(annotation.base, value, place, owner), place)
        if not isinstance(annotation, type):
            refuse(f"validating a pydantic field of type {annotation}")
        return _class(annotation, value, place, owner)

    def _annotated(arguments, value, place, owner):
        before = [rule for rule in arguments[1:] if isinstance(rule, BeforeValidator)]
        for rule in reversed(before):
            value = _call(rule.func, value, place)
        for rule in arguments[1:]:
            if isinstance(rule, (PlainValidator, WrapValidator, PlainSerializer)):
                refuse(f"pydantic's {type(rule).__name__}")
            if isinstance(rule, _Unchecked):
                refuse(f"a value of pydantic's {rule.name}")
        value = _check(arguments[0], value, place, owner)
        for rule in arguments[1:]:
            if isinstance(rule, AfterValidator):
                value = _call(rule.func, value, place)
            elif isinstance(rule, FieldInfo):
                for inner in rule.rules:
                    value = _apply(inner, value, place)
            elif isinstance(rule, _Rule):
                value = _apply(rule, value, place)
        return value

    def _call(function, value, place):
        try:
            if positional_count(function) > 1:
                return function(value, ValidationInfo(None, {}, None))
            return function(value)
        except ValidationError:
            raise
        except ValueError as error:
            fail(place, "value_error", f"Value error, {error}", value)
        except AssertionError as error:
            fail(place, "assertion_error", f"Assertion failed, {error}", value)

    def _union(choices, value, place, owner):
        # The type that the value has already wins over one that it could be turned into.
        for choice in choices:
            if choice is type(value) or choice is None and value is None:
                return _check(choice, value, place, owner)
        lines = []
        for choice in choices:
            try:
                return _check(choice, value, place, owner)
            except ValidationError as error:
                lines += [(line[0] + (_shown(choice),), *line[1:]) for line in error._lines]
        if type(None) in choices and len(choices) == 2:
            lines = [(line[0][:-1], *line[1:]) for line in lines if line[1] != "none_required"]
        raise ValidationError("", lines)

    def _literal(choices, value, place):
        for choice in choices:
            if choice == value and type(choice) is type(value):
                return choice
        texts = [repr(choice) for choice in choices]
        text = " or ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))
        fail(place, "literal_error", f"Input should be {text}", value)

    def _generic(origin, arguments, value, place, owner):
        name = getattr(origin, "__name__", None) or str(origin).rpartition(".")[2]
        if origin is dict or name in ("Mapping", "MutableMapping"):
            if not isinstance(value, dict):
                fail(place, "dict_type", "Input should be a valid dictionary", value)
            return {_check(arguments[0], key, place + (key, "[key]"), owner):
                    _check(arguments[1], item, place + (key,), owner)
                    for key, item in value.items()}
        if origin is tuple and not (len(arguments) == 2 and arguments[1] is ...):
            if not isinstance(value, (list, tuple)) or len(value) != len(arguments):
                fail(place, "tuple_type", "Input should be a valid tuple", value)
            return tuple(_check(kind, item, place + (index,), owner)
                         for index, (kind, item) in enumerate(zip(arguments, value)))
        kinds = {list: "list", set: "set", frozenset: "frozenset", tuple: "tuple"}
        kind = kinds.get(origin) or {"Sequence": "list", "Iterable": "list", "Collection": "list",
                                     "MutableSequence": "list", "AbstractSet": "set"}.get(name)
        if kind is None:
            if isinstance(origin, type):
                return _class(origin, value, place, owner)
            refuse(f"validating a pydantic field of type {name}")
        if not isinstance(value, (list, tuple, set, frozenset)):
            fail(place, f"{kind}_type", f"Input should be a valid {kind}", value)
        items = [_check(arguments[0], item, place + (index,), owner)
                 for index, item in enumerate(value)]
        return {"list": list, "set": set, "frozenset": frozenset, "tuple": tuple}[kind](items)

    def _class(cls, value, place, owner):
        if hasattr(cls, "model_validate"):
            try:
                return cls.model_validate(value)
            except ValidationError as error:
                raise ValidationError("", [(place + line[0], *line[1:]) for line in error._lines])
        if issubclass(cls, enum.Enum):
            return _member(cls, value, place)
        if cls in _READERS:
            return _READERS[cls](value, place)
        if issubclass(cls, (_Url, _Secret)):
            return value if isinstance(value, cls) else cls(_text(value, place))
        if cls in (list, dict, set, tuple, frozenset):
            return _generic(cls, (Any, Any) if cls is dict else (Any, ...), value, place, owner)
        if isinstance(value, cls):
            return value
        config = owner.model_config if owner is not None else {}
        if config.get("arbitrary_types_allowed"):
            fail(place, "is_instance_of", f"Input should be an instance of {cls.__name__}", value)
        refuse(f"validating a pydantic field of type {cls.__name__}")

    def _member(cls, value, place):
        if isinstance(value, cls):
            return value
        for member in cls:
            if member.value == value:
                return member
        texts = [repr(member.value) for member in cls]
        text = " or ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))
        fail(place, "enum", f"Input should be {text}", value)

    def _text(value, place):
        if isinstance(value, str):
            return value.value if isinstance(value, enum.Enum) else value
        fail(place, "string_type", "Input should be a valid string", value)

    def _integer(value, place):
        if isinstance(value, (int, bool)):
            return int(value)
        if isinstance(value, float):
            if value == int(value):
                return int(value)
            fail(place, "int_from_float", "Input should be a valid integer, got a number with a "
                 "fractional part", value)
        if isinstance(value, str):
            if re.fullmatch(r"\s*[+-]?\d+(_\d+)*(\.0*)?\s*", value):
                return int(value.partition(".")[0])
            fail(place, "int_parsing", "Input should be a valid integer, unable to parse string as "
                 "an integer", value)
        if isinstance(value, decimal.Decimal) and value == int(value):
            return int(value)
        fail(place, "int_type", "Input should be a valid integer", value)

    def _float(value, place):
        if isinstance(value, (int, float, decimal.Decimal)):
            return float(value)
        if isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                fail(place, "float_parsing", "Input should be a valid number, unable to parse "
                     "string as a number", value)
        fail(place, "float_type", "Input should be a valid number", value)

    def _boolean(value, place):
        if isinstance(value, bool):
            return value
        word = value.lower() if isinstance(value, str) else value
        if isinstance(word, (str, int, float)):
            if word in (1, "1", "on", "t", "true", "y", "yes"):
                return True
            if word in (0, "0", "off", "f", "false", "n", "no"):
                return False
            fail(place, "bool_parsing", "Input should be a valid boolean, unable to interpret input",
                 value)
        fail(place, "bool_type", "Input should be a valid boolean", value)

    def _bytes(value, place):
        if isinstance(value, (bytes, str)):
            return value.encode() if isinstance(value, str) else value
        fail(place, "bytes_type", "Input should be a valid bytes", value)

    def _decimal(value, place):
        try:
            if isinstance(value, (int, str, decimal.Decimal)) and not isinstance(value, bool):
                return decimal.Decimal(value)
            if isinstance(value, float):
                return decimal.Decimal(str(value))
        except decimal.InvalidOperation:
            pass
        fail(place, "decimal_parsing", "Input should be a valid decimal", value)

    def _uuid(value, place):
        if isinstance(value, uuid.UUID):
            return value
        try:
            return uuid.UUID(value)
        except (ValueError, AttributeError, TypeError):
            fail(place, "uuid_parsing", "Input should be a valid UUID", value)

    def _moment(cls, kind):
        def read(value, place):
            if isinstance(value, cls) and (
                cls is not datetime.date or not isinstance(value, datetime.datetime)
            ):
                return value
            if isinstance(value, str):
                text = value[:-1] + "+00:00" if value.endswith("Z") else value
                try:
                    return cls.fromisoformat(text)
                except ValueError:
                    fail(place, f"{kind}_parsing", f"Input should be a valid {kind}", value)
            if isinstance(value, (int, float, datetime.date)):
                refuse(f"a pydantic {kind} given as {type(value).__name__}")
            fail(place, f"{kind}_type", f"Input should be a valid {kind}", value)
        return read

    def _duration(value, place):
        if isinstance(value, datetime.timedelta):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.timedelta(seconds=value)
        refuse("a pydantic timedelta given as text")

    _READERS = {
        str: _text, int: _integer, float: _float, bool: _boolean, bytes: _bytes,
        decimal.Decimal: _decimal, uuid.UUID: _uuid, datetime.datetime: _moment(
            datetime.datetime, "datetime"), datetime.date: _moment(datetime.date, "date"),
        datetime.time: _moment(datetime.time, "time"), datetime.timedelta: _duration,
    }

    def _apply(rule, value, place):
        if value is None and not rule.strict:
            return value
        found = rule.fault(value)
        if found is not None:
            fail(place, found[0], found[1], value)
        return rule.changed(value)

    def plain(value, mode="python", **options):
        """A value without models; with mode="json", of JSON's types only."""
        if hasattr(type(value), "model_dump"):
            return value.model_dump(mode=mode, **options)
        inside = lambda item: plain(item, mode, **options)
        if isinstance(value, dict):
            return {_key(key, mode): inside(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            items = [inside(item) for item in value]
            return items if mode == "json" else type(value)(items)
        return value if mode != "json" else _json(value)

    def _key(key, mode):
        return key if mode != "json" else key if isinstance(key, str) else str(_json(key))

    def _json(value):
        if isinstance(value, enum.Enum):
            return _json(value.value)
        if value is None or isinstance(value, (str, int, float, bool)):
            return value
        if isinstance(value, (datetime.datetime, datetime.time, datetime.date)):
            text = value.isoformat()
            return text[:-6] + "Z" if text.endswith("+00:00") else text
        if isinstance(value, (uuid.UUID, decimal.Decimal, _Url, _Secret)):
            return str(value)
        if isinstance(value, bytes):
            return value.decode()
        refuse(f"writing a {type(value).__name__} of a pydantic model as JSON")
    """#
}
