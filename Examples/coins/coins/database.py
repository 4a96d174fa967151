"""Where the service finds its database."""

import os

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker


def url() -> str:
    """The database's address, for SQLAlchemy with psycopg 3."""
    address = os.environ["DATABASE_URL"]
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if address.startswith(scheme):
            return "postgresql+psycopg://" + address[len(scheme):]
    raise ValueError(f"DATABASE_URL begins with {address.split(':')[0]!r}, not with postgresql://")


def engine(**options) -> Engine:
    """An engine for the service's database."""
    return create_engine(url(), **options)


def sessions(bind) -> sessionmaker[Session]:
    """Makes sessions that keep what they have read when they commit."""
    return sessionmaker(bind, expire_on_commit=False)
