from decimal import Decimal

import pytest

from coins import orders, portfolio, prices
from coins.errors import Invalid
from coins.models import Side
from coins.portfolio import Position

from .conftest import candle

D = Decimal


def position(symbol, amount, price):
    return Position(symbol, D(amount), None if price is None else D(price))


def test_nothing_is_worth_nothing(session, user):
    assert portfolio.value(session, user.id) == 0
    assert portfolio.positions(session, user.id) == []


def test_a_portfolio_is_worth_what_it_holds_at_the_latest_price(session, rich, priced):
    assert portfolio.value(session, rich.id) == 1000
    prices.collect(session, priced.id, [candle(5, close="120")])
    assert portfolio.value(session, rich.id) == 1200


def test_a_coin_without_a_price_counts_nothing_and_is_shown(session, rich, priced, make_coin):
    orders.give(session, rich.id, make_coin("NEW").id, D(3))
    held = portfolio.positions(session, rich.id)
    assert [(p.symbol, p.value) for p in held] == [("BTC", 1000), ("NEW", 0)]
    assert portfolio.value(session, rich.id) == 1000


def test_what_was_sold_out_is_no_position(session, rich, priced):
    orders.give(session, rich.id, priced.id, D(-10))
    assert portfolio.positions(session, rich.id) == []


@pytest.mark.parametrize(
    "held, expected",
    [
        ([], {}),
        ([("A", 1, 5)], {"A": "100.00"}),
        ([("A", 1, 1), ("B", 1, 1), ("C", 1, 1)], {"A": "33.34", "B": "33.33", "C": "33.33"}),
        ([("A", 3, 1), ("B", 1, 1)], {"A": "75.00", "B": "25.00"}),
        ([("A", 1, None), ("B", 2, 1)], {"A": "0.00", "B": "100.00"}),
        ([("A", 1, None)], {}),
    ],
)
def test_shares_add_up_to_a_hundred(held, expected):
    shares = portfolio.shares([position(*p) for p in held])
    assert shares == {symbol: D(share) for symbol, share in expected.items()}
    assert not shares or sum(shares.values()) == 100


@pytest.mark.parametrize(
    "wanted, moves",
    [
        ({"A": 50, "B": 50}, {}),
        ({"A": 100, "B": 0}, {"A": "5", "B": "-10"}),
        ({"A": 75, "B": 25}, {"A": "2.5", "B": "-5"}),
        ({"B": 100}, {"A": "-5", "B": "10"}),
    ],
)
def test_rebalancing_moves_no_more_than_it_has_to(wanted, moves):
    held = [position("A", 5, 10), position("B", 10, 5)]
    made = portfolio.rebalance(held, {s: D(share) for s, share in wanted.items()})
    assert made == {symbol: D(move) for symbol, move in moves.items()}
    assert sum(move * {"A": 10, "B": 5}[symbol] for symbol, move in made.items()) == 0


@pytest.mark.parametrize(
    "wanted, words",
    [({"A": 50}, "add up"), ({"A": 150, "B": -50}, "not below 0"), ({"A": 50, "Z": 50}, "Z has no price")],
)
def test_shares_that_make_no_sense_are_refused(wanted, words):
    with pytest.raises(Invalid, match=words):
        portfolio.rebalance([position("A", 1, 1)], {s: D(share) for s, share in wanted.items()})


@pytest.mark.parametrize(
    "trades, gain",
    [
        ([], "0"),
        ([("buy", 10, 100)], "-2.5"),
        ([("buy", 10, 100), ("sell", 10, 110)], "94.75"),
        ([("buy", 10, 100), ("sell", 4, 90)], "-43.4"),
        ([("buy", 1, 100), ("buy", 1, 200), ("sell", 1, 300)], "198.5"),
        ([("buy", 1, 100), ("buy", 1, 200), ("sell", 2, 300)], "297.75"),
    ],
)
def test_gains_are_first_in_first_out_and_after_fees(session, user, priced, now, trades, gain):
    for side, amount, price in trades:
        orders.place(session, user.id, priced, Side(side), D(amount))
        orders.match(session, priced.id, D(price), now)
    assert portfolio.profit(session, user.id, priced.id) == D(gain)


def test_what_came_from_nowhere_cost_nothing(session, rich, priced, now):
    orders.place(session, rich.id, priced, Side.sell, D(10))
    orders.match(session, priced.id, D(100), now)
    assert portfolio.profit(session, rich.id, priced.id) == D("997.5")


def test_holders_are_those_who_hold_something(session, rich, make_user, priced):
    for name, amount in [("b", 1), ("c", 0)]:
        orders.give(session, make_user(f"{name}@example.org").id, priced.id, D(amount))
    assert portfolio.holders(session, "BTC") == 2
    assert portfolio.holders(session, "ETH") == 0
