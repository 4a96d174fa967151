import json
import secrets

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import CHAR, TypeDecorator, UserDefinedType

import not_installed_framework_stub as framework

registry = framework.build()


class JSONEncoded(TypeDecorator):
    """A value kept as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else json.dumps(value, sort_keys=True)

    def process_result_value(self, value, dialect):
        return None if value is None else json.loads(value)


class GUID(TypeDecorator):
    impl = CHAR
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(CHAR(32))


class Money(UserDefinedType):
    cache_ok = True

    def __init__(self, precision=8):
        self.precision = precision

    def get_col_spec(self, **kw):
        return "NUMERIC(%s, 4)" % self.precision


def token(prefix="t"):
    return f"{prefix}_{secrets.token_hex(4)}"


SHELF_SIZES = (10, 20, 40)
