extension PydanticSources {
  /// What fields are described with.
  static let markers = #"""
    import re
    from uuid import UUID
    from datetime import datetime
    from typing import Annotated, Any
    from _omcops import refuse

    _MISSING = object()

    class _Unchecked:
        """A type whose rules are not followed here: a value of it is refused by its name."""

        def __init__(self, name):
            self.name = name

    UUID4 = Annotated[UUID, _Unchecked("UUID4")]
    AwareDatetime = Annotated[datetime, _Unchecked("AwareDatetime")]
    NaiveDatetime = Annotated[datetime, _Unchecked("NaiveDatetime")]

    def ConfigDict(**kwargs):
        return dict(kwargs)

    class PydanticUserError(RuntimeError):
        pass

    class _Rule:
        """A bound of a field's value."""

        base = Any
        strict = False

        def __init__(self, base=Any, **bounds):
            self.base = base
            self.bounds = {name: bound for name, bound in bounds.items() if bound is not None}

        def fault(self, value):
            for name, bound in self.bounds.items():
                found = _FAULTS[name](value, bound) if name in _FAULTS else None
                if found is not None:
                    return found
            return None

        def changed(self, value):
            if isinstance(value, str):
                for name, change in _CHANGES.items():
                    if self.bounds.get(name):
                        value = change(value)
            return value

    _CHANGES = {"strip_whitespace": str.strip, "to_lower": str.lower, "to_upper": str.upper}

    def _compared(kind, text, holds):
        return lambda value, bound: None if holds(value, bound) else (
            kind, f"Input should be {text} {bound}")

    def _short(value, bound):
        if len(value) >= bound:
            return None
        if isinstance(value, str):
            return "string_too_short", f"String should have at least {bound} character" + (
                "" if bound == 1 else "s")
        return "too_short", f"Value should have at least {bound} items after validation"

    def _long(value, bound):
        if len(value) <= bound:
            return None
        if isinstance(value, str):
            return "string_too_long", f"String should have at most {bound} character" + (
                "" if bound == 1 else "s")
        return "too_long", f"Value should have at most {bound} items after validation"

    _FAULTS = {
        "ge": _compared("greater_than_equal", "greater than or equal to", lambda v, b: v >= b),
        "gt": _compared("greater_than", "greater than", lambda v, b: v > b),
        "le": _compared("less_than_equal", "less than or equal to", lambda v, b: v <= b),
        "lt": _compared("less_than", "less than", lambda v, b: v < b),
        "multiple_of": _compared("multiple_of", "a multiple of", lambda v, b: v % b == 0),
        "min_length": _short,
        "max_length": _long,
        "pattern": lambda value, bound: None if re.search(bound, value) else (
            "string_pattern_mismatch", f"String should match pattern '{bound}'"),
    }

    class FieldInfo:
        def __init__(self, default=_MISSING, *, default_factory=None, alias=None,
                     validation_alias=None, serialization_alias=None, title=None, description=None,
                     examples=None, exclude=None, discriminator=None, deprecated=None,
                     json_schema_extra=None, frozen=None, validate_default=None, repr=True,
                     init=None, init_var=None, kw_only=None, strict=None, union_mode=None,
                     regex=None, min_items=None, max_items=None, const=None, env=None, **bounds):
            self.default = _MISSING if default is ... else default
            self.default_factory = default_factory
            self.alias = alias
            self.validation_alias = validation_alias
            self.serialization_alias = serialization_alias
            self.title = title
            self.description = description
            self.examples = examples
            self.exclude = exclude
            self.json_schema_extra = json_schema_extra
            self.frozen = frozen
            self.validate_default = validate_default
            self.repr = repr
            self.annotation = Any
            self.strict = strict
            rule = _Rule(pattern=bounds.pop("pattern", regex),
                         min_length=bounds.pop("min_length", min_items),
                         max_length=bounds.pop("max_length", max_items), **bounds)
            self.rules = [rule] if rule.bounds else []

        def of(self, annotation):
            self.annotation = annotation
            return self

        def is_required(self):
            return self.default is _MISSING and self.default_factory is None

        def get_default(self, *, call_default_factory=False, validated_data=None):
            import copy
            if self.default_factory is None:
                return copy.deepcopy(self.default)
            return self.default_factory() if call_default_factory else None

    class ValidationInfo:
        def __init__(self, owner, data, field_name):
            self.config = owner.model_config if owner is not None else None
            self.data = data
            self.field_name = field_name
            self.context = None
            self.mode = "python"

    FieldValidationInfo = ValidationInfo

    class SerializationInfo:
        pass

    class GetCoreSchemaHandler:
        pass

    class _Marker:
        def __init__(self, *args, **kwargs):
            self.args = args

        def __class_getitem__(cls, item):
            return item

    class WithJsonSchema(_Marker):
        pass

    class PlainSerializer(_Marker):
        pass

    class Discriminator(_Marker):
        pass

    class Tag(_Marker):
        pass

    class InstanceOf(_Marker):
        def __class_getitem__(cls, item):
            return Annotated[Any, _Unchecked("InstanceOf")]

    class SkipValidation(_Marker):
        def __class_getitem__(cls, item):
            return Any

    class Json(_Marker):
        def __class_getitem__(cls, item):
            refuse("pydantic.Json")

    class _Function:
        def __init__(self, func, **kwargs):
            self.func = func

    class AfterValidator(_Function):
        pass

    class BeforeValidator(_Function):
        pass

    class PlainValidator(_Function):
        pass

    class WrapValidator(_Function):
        pass

    class AliasPath:
        def __init__(self, *path):
            self.path = path

    class AliasChoices:
        def __init__(self, *choices):
            self.choices = choices

    class _Url:
        def __init__(self, url):
            from urllib.parse import urlsplit
            parts = urlsplit(str(url))
            if not parts.scheme:
                raise ValueError("Input should be a valid URL, relative URL without a base")
            if not self._schemes or parts.scheme in self._schemes:
                self._parts = parts
            else:
                names = " or ".join(repr(name) for name in self._schemes)
                raise ValueError(f"URL scheme should be {names}")
            self._text = str(url) if parts.path or not parts.netloc else str(url) + "/"

        _schemes = ()

        scheme = property(lambda self: self._parts.scheme)
        host = property(lambda self: self._parts.hostname)
        port = property(lambda self: self._parts.port)
        username = property(lambda self: self._parts.username)
        password = property(lambda self: self._parts.password)
        path = property(lambda self: self._parts.path or None)
        query = property(lambda self: self._parts.query or None)
        fragment = property(lambda self: self._parts.fragment or None)

        def __str__(self):
            return self._text

        def __repr__(self):
            return f"{type(self).__name__}({self._text!r})"

        def __eq__(self, other):
            return type(self) is type(other) and self._text == other._text

        def __hash__(self):
            return hash(self._text)

    class AnyUrl(_Url):
        pass

    class AnyHttpUrl(_Url):
        _schemes = ("http", "https")

    class HttpUrl(AnyHttpUrl):
        pass

    class RedisDsn(_Url):
        _schemes = ("redis", "rediss")

    class PostgresDsn(_Url):
        @classmethod
        def build(cls, *, scheme, username=None, password=None, host=None, port=None, path=None,
                  query=None, fragment=None):
            from urllib.parse import quote
            person = quote(username, safe="") if username else ""
            if password:
                person += ":" + quote(password, safe="")
            text = f"{scheme}://" + (person + "@" if person else "") + (host or "")
            text += (f":{port}" if port is not None else "") + ("/" + path if path else "")
            return cls(text + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else ""))

        def __init__(self, url):
            _Url.__init__(self, url)
            self._text = str(url)

    class _Secret:
        def __init__(self, secret_value):
            self._secret_value = secret_value

        def get_secret_value(self):
            return self._secret_value

        def __str__(self):
            return "**********" if self._secret_value else ""

        def __repr__(self):
            return f"{type(self).__name__}('{self}')"

        def __len__(self):
            return len(self._secret_value)

        def __eq__(self, other):
            return type(self) is type(other) and self._secret_value == other._secret_value

        def __hash__(self):
            return hash(self._secret_value)

    class SecretStr(_Secret):
        pass

    class SecretBytes(_Secret):
        pass

    EmailStr = Annotated[str, _Unchecked("EmailStr")]
    StrictBool = Annotated[bool, _Unchecked("StrictBool")]
    StrictBytes = Annotated[bytes, _Unchecked("StrictBytes")]
    StrictFloat = Annotated[float, _Unchecked("StrictFloat")]
    StrictInt = Annotated[int, _Unchecked("StrictInt")]
    StrictStr = Annotated[str, _Unchecked("StrictStr")]
    PositiveInt = Annotated[int, _Rule(gt=0)]
    NonNegativeInt = Annotated[int, _Rule(ge=0)]
    NegativeInt = Annotated[int, _Rule(lt=0)]
    PositiveFloat = Annotated[float, _Rule(gt=0)]
    NonNegativeFloat = Annotated[float, _Rule(ge=0)]

    def StringConstraints(**bounds):
        return _Rule(**bounds)

    def constr(**bounds):
        return Annotated[str, _Rule(pattern=bounds.pop("pattern", bounds.pop("regex", None)), **bounds)]

    def conint(**bounds):
        return Annotated[int, _Rule(**bounds)]

    def conlist(item_type, **bounds):
        return Annotated[list[item_type], _Rule(**bounds)]
    """#
}
