"""A plugin of pytest: pytest-postgresql makes a database for each worker of pytest-xdist, a copy of a
template that Alembic has migrated, and the tests find it in DATABASE_URL."""

import os

import pytest
from alembic import command
from alembic.config import Config
from pytest_postgresql import factories
from pytest_postgresql.janitor import DatabaseJanitor


def address(host, port, user, dbname, **_):
    return f"postgresql://{user}@{host}:{port}/{dbname}"


def migrate(**place):
    os.environ["COINS_DATABASE_URL"] = address(**place)
    command.upgrade(Config("alembic.ini"), "head")


server = factories.postgresql_noproc(load=[migrate])


@pytest.fixture(scope="session", autouse=True)
def own_database(server):
    place = {"host": server.host, "port": server.port, "user": server.user, "dbname": server.dbname}
    janitor = DatabaseJanitor(
        **place, template_dbname=server.template_dbname, password=server.password
    )
    with janitor:
        os.environ["DATABASE_URL"] = address(**place)
        yield
