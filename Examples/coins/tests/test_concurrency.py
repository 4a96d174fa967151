"""What several do at once. These commit, each in connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import func, select

from coins import accounts, alerts, orders, prices
from coins.errors import Refused
from coins.models import Coin, Order, Side, Status, Transaction, User

from .conftest import NOW, PASSWORD, candle

D = Decimal


@pytest.fixture
def market(committed):
    """A coin and somebody with ten of it, for everyone to see."""
    with committed.begin() as session:
        user = accounts.register(session, "ada@example.org", PASSWORD)
        coin = Coin(symbol="BTC", name="Coin", listed_on=date(2020, 1, 1), decimals=8)
        session.add(coin)
        session.flush()
        orders.give(session, user.id, coin.id, D(10))
    return committed, user, coin


def at_once(count, work):
    """Lets several begin at the same moment, and gives what each returned or was refused with."""
    barrier = Barrier(count)

    def one(number):
        barrier.wait(10)
        try:
            return work(number)
        except Refused as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("workers", [2, 4])
def test_nothing_is_lost_when_several_give(market, workers):
    sessions, user, coin = market

    def give(_):
        with sessions.begin() as session:
            return orders.give(session, user.id, coin.id, D(1))

    at_once(workers, give)
    with sessions() as session:
        assert orders.held(session, user.id, coin.id) == 10 + workers


def test_the_same_coins_are_not_sold_twice(market):
    sessions, user, coin = market

    def sell(_):
        with sessions.begin() as session:
            return orders.place(session, user.id, coin, Side.sell, D(6))

    results = at_once(3, sell)
    assert sum(isinstance(r, Order) for r in results) == 1
    assert sum(isinstance(r, Refused) for r in results) == 2


def test_an_order_is_filled_by_one_engine(market):
    sessions, user, coin = market
    with sessions.begin() as session:
        for _ in range(20):
            orders.place(session, user.id, coin, Side.buy, D(1))

    def fill(_):
        with sessions.begin() as session:
            return len(orders.match(session, coin.id, D(100), NOW, most=8))

    at_once(4, fill)
    fill(0), fill(0), fill(0)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Transaction)) == 20
        assert orders.held(session, user.id, coin.id) == 30
        assert not session.scalar(select(func.count()).where(Order.status == Status.open))


def test_an_address_is_registered_by_one_of_many(committed):
    def register(_):
        with committed.begin() as session:
            return accounts.register(session, "eve@example.org", PASSWORD)

    results = at_once(4, register)
    assert sum(isinstance(r, User) for r in results) == 1


def test_collectors_may_send_the_same(market):
    sessions, _, coin = market
    sent = [candle(5 * i) for i in range(50)]

    def send(_):
        with sessions.begin() as session:
            return prices.collect(session, coin.id, sent)

    assert at_once(3, send) == [50, 50, 50]
    with sessions() as session:
        assert prices.gaps(session, coin.id) == []


def test_an_alert_is_fired_by_one_judge(market):
    sessions, user, coin = market
    with sessions.begin() as session:
        alerts.arm(session, user.id, coin.id, {"above": 50})

    def judge(_):
        with sessions.begin() as session:
            return len(alerts.judge(session, coin.id, None, D(100), NOW))

    assert sorted(at_once(3, judge)) == [0, 0, 1]


def test_cancelling_and_filling_do_not_both_happen(market):
    sessions, user, coin = market
    with sessions.begin() as session:
        number = orders.place(session, user.id, coin, Side.buy, D(1)).id

    def act(which):
        with sessions.begin() as session:
            if which:
                return orders.cancel(session, user.id, number).status
            return len(orders.match(session, coin.id, D(100), NOW))

    at_once(2, act)
    with sessions() as session:
        order = session.get(Order, number)
        trades = session.scalar(select(func.count()).select_from(Transaction))
        assert (order.status, trades) in [(Status.filled, 1), (Status.cancelled, 0)]


def test_what_was_not_committed_is_seen_by_nobody(market):
    sessions, user, coin = market
    with sessions() as mine:
        orders.give(mine, user.id, coin.id, D(5))
        with sessions() as theirs:
            assert orders.held(theirs, user.id, coin.id) == 10
        mine.rollback()
