extension PydanticSources {
  /// What methods of a model are decorated with.
  static let decorators = #"""
    from _omcops import positional_count, refuse
    from pydantic._markers import _MISSING

    class _Decorated:
        """A method that validates or serializes fields."""

        def __init__(self, function, kind, fields, mode):
            self.function = function
            self.kind = kind
            self.fields = fields
            self.mode = mode
            self.inner = getattr(function, "__func__", function)

        def __get__(self, instance, owner=None):
            owner = owner or type(instance)
            if isinstance(self.function, staticmethod):
                return self.inner
            bound = owner if isinstance(self.function, classmethod) or instance is None else instance
            return lambda *args, **kwargs: self.inner(bound, *args, **kwargs)

        def call(self, receiver, value, info):
            before = () if isinstance(self.function, staticmethod) else (receiver,)
            arguments = before + ((value,) if value is not _MISSING else ())
            if positional_count(self.inner) > len(arguments):
                arguments += (info,)
            return self.inner(*arguments)

    def field_validator(field, /, *fields, mode="after", check_fields=None, json_schema_input_type=None):
        return lambda function: _Decorated(function, "field", (field,) + fields, mode)

    def validator(field, /, *fields, pre=False, each_item=False, always=False, check_fields=None,
                  allow_reuse=False):
        return lambda function: _Decorated(
            function, "field", (field,) + fields, "before" if pre else "after")

    def model_validator(*, mode):
        return lambda function: _Decorated(function, "model", (), mode)

    def root_validator(*args, **kwargs):
        return lambda function: _Decorated(function, "root", (), "root")

    def field_serializer(*fields, mode="plain", return_type=None, when_used="always",
                         check_fields=None):
        return lambda function: _Decorated(function, "serializer", fields, mode)

    def model_serializer(function=None, *, mode="plain", when_used="always", return_type=None):
        if function is None:
            return lambda function: _Decorated(function, "serializer", ("*",), mode)
        return _Decorated(function, "serializer", ("*",), mode)

    def computed_field(function=None, **kwargs):
        if function is None:
            return lambda function: _Decorated(function, "computed", (), "plain")
        return function

    def validate_call(function=None, **kwargs):
        def refused(*args, **kwargs):
            refuse("a function under pydantic.validate_call")
        return refused if function is not None else (lambda function: refused)

    def create_model(name, /, **kwargs):
        refuse("pydantic.create_model()")
    """#
}
