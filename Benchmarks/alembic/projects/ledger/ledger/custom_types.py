import json

from sqlalchemy import String, Text, types
from sqlalchemy.dialects.postgresql import JSONB


class TrimmedString(types.TypeDecorator):
    impl = String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None:
            value = value[0 : self.impl.length]
        return value


class JSONType(types.TypeDecorator):
    impl = types.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return self.impl


UTCDateTime = types.DateTime(timezone=True)


def StringID(length=250, **kwargs):
    return String(length=length, collation="C", **kwargs)
