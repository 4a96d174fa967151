"""What the tests share: one engine, and for each test a transaction that is taken back."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from coins import accounts, database, orders, prices
from coins.api import application
from coins.models import Coin

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=timezone.utc)
PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def engine():
    """The database of DATABASE_URL, which has been migrated."""
    engine = database.engine(pool_size=5)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine):
    """A session whose work is never committed."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def committed(engine):
    """Sessions that commit, for tests of what several do at once; the tables are emptied after."""
    yield database.sessions(engine)
    with engine.begin() as connection:
        connection.execute(
            text('truncate "user", coins, prices, holdings, orders, transactions, alerts, news, '
                 "audit.changes, sessions cascade")
        )


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def make_user(session):
    def make(email="ada@example.org", **more):
        return accounts.register(session, email, PASSWORD, **more)

    return make


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def make_coin(session):
    def make(symbol="BTC", decimals=8, **more):
        coin = Coin(symbol=symbol, name=f"Coin {symbol}", decimals=decimals, listed_on=date(2020, 1, 1), **more)
        session.add(coin)
        session.flush()
        return coin

    return make


@pytest.fixture
def coin(make_coin):
    return make_coin()


def candle(minutes=0, close="100", open="100", high=None, low=None, volume=1.0):
    open, close = Decimal(open), Decimal(close)
    high = Decimal(high) if high else max(open, close)
    low = Decimal(low) if low else min(open, close)
    return prices.Candle(NOW + timedelta(minutes=minutes), open, high, low, close, volume)


@pytest.fixture
def priced(session, coin):
    """A coin with a price of 100."""
    prices.collect(session, coin.id, [candle()])
    return coin


@pytest.fixture
def rich(session, user, priced):
    """Somebody with ten of it."""
    orders.give(session, user.id, priced.id, Decimal(10))
    return user


@pytest.fixture
def client(session):
    def source():
        yield session

    with TestClient(application(source)) as client:
        yield client


@pytest.fixture
def logged_in(client, user):
    token = client.post("/login", json={"email": user.email, "password": PASSWORD}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client
