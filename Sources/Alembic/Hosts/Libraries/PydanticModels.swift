/// `pydantic` 2 for the models that a project's modules define: classes with fields, their
/// validation for the types that data have, and what a model gives back as plain values.
///
/// It is written in Python and evaluated as a project's module is.
enum PydanticSources {
  static let models = #"""
    import json
    from _omcops import refuse
    from pydantic._validation import (
        PydanticCustomError, ValidationError, _Aliases, check, is_class_variable, plain,
    )
    from pydantic._decorators import (
        _Decorated, computed_field, create_model, field_serializer, field_validator,
        model_serializer, model_validator, root_validator, validate_call, validator,
    )
    from pydantic._markers import (
        AfterValidator, AliasChoices, AliasPath, BeforeValidator, FieldInfo, PlainSerializer,
        PlainValidator, WithJsonSchema, WrapValidator, _MISSING, _Rule, conint, constr, conlist,
    )
    from pydantic._markers import (
        AnyHttpUrl, AnyUrl, EmailStr, HttpUrl, Json, NegativeInt, NonNegativeFloat, NonNegativeInt,
        PositiveFloat, PositiveInt, PostgresDsn, RedisDsn, SecretBytes, SecretStr, StrictBool,
        StrictBytes, StrictFloat, StrictInt, StrictStr, StringConstraints, UUID4, AwareDatetime,
        NaiveDatetime, InstanceOf, SkipValidation, StrictStr, GetCoreSchemaHandler, Discriminator,
        Tag, ConfigDict, PydanticUserError, ValidationInfo, FieldValidationInfo, SerializationInfo,
    )

    VERSION = "2.11.7"

    def Field(default=_MISSING, **kwargs):
        return FieldInfo(default, **kwargs)

    def PrivateAttr(default=_MISSING, *, default_factory=None, init=None):
        return FieldInfo(default, default_factory=default_factory)

    class BaseModel:
        model_config = {}
        model_computed_fields = {}

        def __init_subclass__(cls, **kwargs):
            own = dict(cls.__dict__.get("model_config") or {})
            config = {}
            for base in reversed(cls.__mro__[1:]):
                config.update(getattr(base, "model_config", None) or {})
            config.update(own)
            config.update(kwargs)
            cls.model_config = config

        def __class_getitem__(cls, item):
            return cls

        def __init__(self, /, **data):
            _fill(self, data, {})

        @classmethod
        def model_validate(cls, obj, *, strict=None, from_attributes=None, context=None,
                           by_alias=None, by_name=None):
            if strict:
                refuse("pydantic's strict validation")
            if isinstance(obj, cls):
                return obj
            made = cls.__new__(cls)
            if not isinstance(obj, dict):
                allowed = from_attributes or cls.model_config.get("from_attributes")
                if not allowed:
                    raise ValidationError(cls.__name__, [(
                        (), "model_type",
                        f"Input should be a valid dictionary or instance of {cls.__name__}", obj)])
                obj = {name: getattr(obj, name) for name in cls.model_fields if hasattr(obj, name)}
            _fill(made, obj, {})
            return made

        parse_obj = model_validate

        @classmethod
        def model_validate_json(cls, json_data, **kwargs):
            return cls.model_validate(json.loads(json_data))

        parse_raw = model_validate_json

        @classmethod
        def model_construct(cls, _fields_set=None, **values):
            made = cls.__new__(cls)
            made.__pydantic_fields_set__ = set(values if _fields_set is None else _fields_set)
            for name, field in _fields(cls).items():
                if name in values:
                    made.__dict__[name] = values[name]
                elif not field.is_required():
                    made.__dict__[name] = field.get_default(call_default_factory=True)
            return made

        construct = model_construct

        @classmethod
        def model_rebuild(cls, **kwargs):
            return None

        @classmethod
        def model_json_schema(cls, *args, **kwargs):
            refuse("pydantic.BaseModel.model_json_schema()")

        @property
        def model_fields_set(self):
            return self.__pydantic_fields_set__

        def model_dump(self, *, mode="python", include=None, exclude=None, by_alias=False,
                       exclude_unset=False, exclude_defaults=False, exclude_none=False,
                       round_trip=False, warnings=True, serialize_as_any=False, context=None):
            cls = type(self)
            if _decorated(cls, "serializer") or _decorated(cls, "computed"):
                refuse("a pydantic model with serializers of its own")
            found = {}
            for name, field in _fields(cls).items():
                value = self.__dict__[name]
                if include is not None and name not in include or exclude and name in exclude:
                    continue
                if exclude_unset and name not in self.__pydantic_fields_set__:
                    continue
                if exclude_none and value is None or field.exclude:
                    continue
                if exclude_defaults and not field.is_required():
                    if value == field.get_default(call_default_factory=True):
                        continue
                key = field.serialization_alias or field.alias if by_alias else None
                found[key or name] = plain(value, mode, by_alias=by_alias,
                                           exclude_unset=exclude_unset,
                                           exclude_defaults=exclude_defaults,
                                           exclude_none=exclude_none)
            return found

        def model_dump_json(self, *, indent=None, **kwargs):
            data = self.model_dump(mode="json", **kwargs)
            separators = (",", ":") if indent is None else (",", ": ")
            return json.dumps(data, indent=indent, separators=separators, ensure_ascii=False)

        def dict(self, **kwargs):
            return self.model_dump(**kwargs)

        def json(self, **kwargs):
            return self.model_dump_json(**kwargs)

        def model_copy(self, *, update=None, deep=False):
            import copy
            made = type(self).__new__(type(self))
            data = copy.deepcopy(self.__dict__) if deep else self.__dict__
            for name, value in data.items():
                made.__dict__[name] = value
            made.__pydantic_fields_set__ = set(self.__pydantic_fields_set__) | set(update or {})
            for name, value in (update or {}).items():
                made.__dict__[name] = value
            return made

        copy = model_copy

        def __setattr__(self, name, value):
            cls = type(self)
            field = _fields(cls).get(name)
            if name.startswith("_") or field is None and isinstance(
                getattr(cls, name, None), property
            ):
                return object.__setattr__(self, name, value)
            if cls.model_config.get("frozen"):
                raise ValidationError(cls.__name__, [(
                    (name,), "frozen_instance", "Instance is frozen", value)])
            if field is None and cls.model_config.get("extra") != "allow":
                raise ValueError(f'"{cls.__name__}" object has no field "{name}"')
            if field is not None and cls.model_config.get("validate_assignment"):
                value = check(field.annotation, value, (name,), cls, field)
            self.__dict__[name] = value
            if field is not None:
                self.__pydantic_fields_set__.add(name)

        def __eq__(self, other):
            if not isinstance(other, BaseModel):
                return NotImplemented
            if type(self) is not type(other):
                return False
            names = list(_fields(type(self)))
            return all(self.__dict__[name] == other.__dict__[name] for name in names)

        def __iter__(self):
            return iter([(name, self.__dict__[name]) for name in _fields(type(self))])

        def __repr_args__(self):
            return [
                (name, self.__dict__[name])
                for name, field in _fields(type(self)).items() if field.repr]

        def __repr__(self):
            inner = ", ".join(f"{name}={value!r}" for name, value in self.__repr_args__())
            return f"{type(self).__name__}({inner})"

        def __str__(self):
            return " ".join(f"{name}={value!r}" for name, value in self.__repr_args__())

        class _Fields:
            def __get__(self, instance, owner=None):
                return _fields(owner or type(instance))

        model_fields = _Fields()
        __fields__ = _Fields()

    class RootModel(BaseModel):
        def __init__(self, root=_MISSING, /, **data):
            refuse("pydantic.RootModel")

    def _decorated(cls, kind):
        found = {}
        for base in reversed(cls.__mro__):
            for name, value in base.__dict__.items():
                if isinstance(value, _Decorated) and value.kind == kind:
                    found[name] = value
                elif name in found:
                    del found[name]
        return list(found.values())

    def _fields(cls):
        known = cls.__dict__.get("__pydantic_known__")
        if known is not None:
            return known
        found = {}
        for base in reversed(cls.__mro__):
            if base is BaseModel or base is object:
                continue
            for name, annotation in base.__annotations__.items():
                if name.startswith("_") or name == "model_config" or is_class_variable(annotation):
                    continue
                given = base.__dict__.get(name, _MISSING)
                field = given if isinstance(given, FieldInfo) else FieldInfo(given)
                found[name] = field.of(annotation)
        cls.__pydantic_known__ = found
        return found

    def _fill(self, data, context):
        cls = type(self)
        if _decorated(cls, "root"):
            refuse("pydantic's root_validator")
        if cls.model_config.get("strict"):
            refuse("pydantic's strict validation")
        validators = _decorated(cls, "model")
        for one in validators:
            if one.mode == "wrap":
                refuse("pydantic's model_validator(mode='wrap')")
            if one.mode == "before":
                data = one.call(cls, data, ValidationInfo(cls, {}, None))
        fields = _fields(cls)
        checks = _decorated(cls, "field")
        values, used, given, errors = {}, set(), set(), []
        for name, field in fields.items():
            aliases = _Aliases(name, field, cls.model_config)
            key = aliases.key(data)
            if key is None:
                if field.is_required():
                    errors.append(((aliases.shown,), "missing", "Field required", data))
                    continue
                value = field.get_default(call_default_factory=True)
                if not (field.validate_default or cls.model_config.get("validate_default")):
                    values[name] = value
                    continue
            else:
                used.add(key)
                given.add(name)
                value = data[key]
            info = ValidationInfo(cls, values, name)
            own = [one for one in checks if name in one.fields or "*" in one.fields]
            try:
                for one in own:
                    if one.mode in ("wrap", "plain"):
                        refuse(f"pydantic's field_validator(mode={one.mode!r})")
                    if one.mode == "before":
                        value = one.call(cls, value, info)
                value = check(field.annotation, value, (aliases.shown,), cls, field)
                for one in own:
                    if one.mode == "after":
                        value = one.call(cls, value, info)
                values[name] = value
            except ValidationError as error:
                errors += error._lines
            except (ValueError, AssertionError) as error:
                errors.append(((aliases.shown,), *_label(error), value))
        extra = cls.model_config.get("extra", "ignore")
        for key in data:
            if key in used or extra == "ignore":
                continue
            if extra == "forbid":
                errors.append(((key,), "extra_forbidden", "Extra inputs are not permitted", data[key]))
            else:
                values[key] = data[key]
                given.add(key)
        if errors:
            raise ValidationError(cls.__name__, errors)
        self.__pydantic_fields_set__ = given
        for name, value in values.items():
            self.__dict__[name] = value
        _fill_private(self, cls)
        for one in validators:
            if one.mode == "after":
                try:
                    one.call(self, _MISSING, ValidationInfo(cls, values, None))
                except ValidationError:
                    raise
                except (ValueError, AssertionError) as error:
                    raise ValidationError(cls.__name__, [((), *_label(error), data)])
        self.model_post_init(None) if hasattr(cls, "model_post_init") else None

    def _label(error):
        if isinstance(error, ValueError):
            return "value_error", f"Value error, {error}"
        return "assertion_error", f"Assertion failed, {error}"

    def _fill_private(self, cls):
        for base in reversed(cls.__mro__):
            for name, value in base.__dict__.items():
                if name.startswith("_") and isinstance(value, FieldInfo):
                    if not value.is_required():
                        self.__dict__[name] = value.get_default(call_default_factory=True)

    class TypeAdapter:
        def __init__(self, type, *, config=None, _parent_depth=2, module=None):
            self._type = type

        def __class_getitem__(cls, item):
            return cls

        def validate_python(self, object, /, **kwargs):
            return check(self._type, object, (), None, None)

        def validate_json(self, data, /, **kwargs):
            return check(self._type, json.loads(data), (), None, None)

        def dump_python(self, instance, /, *, mode="python", **kwargs):
            return plain(instance, mode, **kwargs)

        def dump_json(self, instance, /, *, indent=None, **kwargs):
            separators = (",", ":") if indent is None else (",", ": ")
            return json.dumps(plain(instance, "json", **kwargs), indent=indent,
                              separators=separators, ensure_ascii=False).encode()

        def json_schema(self, **kwargs):
            refuse("pydantic.TypeAdapter.json_schema()")

    def parse_obj_as(type_, obj):
        return check(type_, obj, (), None, None)
    """#
}
