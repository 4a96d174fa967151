from decimal import Decimal

import pytest

from coins import orders
from coins.errors import Invalid, NotFound, Refused
from coins.models import Order, Side, Status

D = Decimal


@pytest.mark.parametrize(
    "total, fee",
    [("0", "0"), ("100", "0.25"), ("9999.99", "24.999975"), ("10000", "15"), ("99999", "149.9985"), ("100000", "100"), ("1000000", "1000"), ("0.00000002", "0")],
)
def test_fees_fall_with_the_size(total, fee):
    assert orders.fee(D(total)) == D(fee)


def test_half_a_cent_goes_to_the_even_neighbour():
    assert orders.fee(D("0.00000200")) == 0
    assert orders.fee(D("0.00000600")) == D("0.00000002")


def test_there_is_no_fee_below_nothing():
    with pytest.raises(Invalid):
        orders.fee(D(-1))


@pytest.mark.parametrize("amount, decimals, fits", [("1", 0, True), ("1.5", 0, False), ("0.00000001", 8, True), ("0.000000001", 8, False), ("2.50", 1, True), ("1e3", 0, True)])
def test_amounts_are_divided_no_further_than_their_coin(amount, decimals, fits):
    if fits:
        assert orders.round_amount(D(amount), decimals) == D(amount)
    else:
        with pytest.raises(Invalid, match=f"more than {decimals} places"):
            orders.round_amount(D(amount), decimals)


def test_an_order_is_open_and_has_a_number_from_a_thousand(session, user, coin):
    order = orders.place(session, user.id, coin, Side.buy, D(1), D(50))
    assert order.status is Status.open
    assert order.id >= 1000
    assert order.placed_at == order.updated_at


@pytest.mark.parametrize(
    "amount, limit, words",
    [("0", None, "amount is above 0"), ("-1", None, "amount is above 0"), ("1", "0", "price is above 0"), ("1", "-5", "price is above 0"), ("1.000000001", None, "8 places")],
)
def test_orders_that_make_no_sense_are_refused(session, user, coin, amount, limit, words):
    with pytest.raises(Invalid, match=words):
        orders.place(session, user.id, coin, Side.buy, D(amount), D(limit) if limit else None)
    assert session.query(Order).count() == 0


def test_a_delisted_coin_is_not_traded(session, user, make_coin, now):
    gone = make_coin("OLD", delisted_on=now.date())
    with pytest.raises(Refused, match="OLD was delisted on 2026-10-05"):
        orders.place(session, user.id, gone, Side.buy, D(1))


def test_nobody_sells_what_they_have_not(session, user, coin):
    with pytest.raises(Refused, match="1 BTC is more than the 0"):
        orders.place(session, user.id, coin, Side.sell, D(1))


def test_what_is_promised_is_not_sold_twice(session, rich, priced):
    orders.place(session, rich.id, priced, Side.sell, D(7))
    with pytest.raises(Refused, match="4 BTC is more than the 3 that are free"):
        orders.place(session, rich.id, priced, Side.sell, D(4))
    orders.place(session, rich.id, priced, Side.sell, D(3))
    assert orders.promised(session, rich.id, priced.id) == 10


def test_a_cancelled_promise_is_free_again(session, rich, priced):
    order = orders.place(session, rich.id, priced, Side.sell, D(10))
    orders.cancel(session, rich.id, order.id)
    assert orders.promised(session, rich.id, priced.id) == 0
    assert orders.place(session, rich.id, priced, Side.sell, D(10)).status is Status.open


def test_buying_promises_nothing(session, rich, priced):
    orders.place(session, rich.id, priced, Side.buy, D(100))
    assert orders.promised(session, rich.id, priced.id) == 0


@pytest.mark.parametrize("status", [Status.filled, Status.cancelled, Status.rejected])
def test_only_open_orders_are_cancelled(session, user, coin, status):
    order = orders.place(session, user.id, coin, Side.buy, D(1))
    order.status = status
    session.flush()
    with pytest.raises(Refused, match=f"is {status.value}"):
        orders.cancel(session, user.id, order.id)


def test_the_orders_of_others_are_not_there(session, user, make_user, coin):
    order = orders.place(session, user.id, coin, Side.buy, D(1))
    with pytest.raises(NotFound, match=str(order.id)):
        orders.cancel(session, make_user("eve@example.org").id, order.id)
    assert order.status is Status.open


@pytest.mark.parametrize(
    "side, limit, price, fits",
    [
        (Side.buy, None, 1000, True), (Side.buy, 100, 99, True), (Side.buy, 100, 100, True), (Side.buy, 100, 101, False),
        (Side.sell, None, 1, True), (Side.sell, 100, 101, True), (Side.sell, 100, 100, True), (Side.sell, 100, 99, False),
    ],
)
def test_limits_hold(side, limit, price, fits):
    order = Order(side=side, limit_price=None if limit is None else D(limit))
    assert orders.fits(order, D(price)) is fits


def test_a_purchase_is_filled_and_paid_for(session, user, priced, now):
    order = orders.place(session, user.id, priced, Side.buy, D(2), D(100))
    assert orders.match(session, priced.id, D(99), now) == [order]
    assert order.status is Status.filled
    assert orders.held(session, user.id, priced.id) == 2
    session.refresh(order)
    [trade] = order.transactions
    assert (trade.price, trade.amount, trade.total, trade.fee) == (99, 2, 198, D("0.495"))


def test_a_sale_takes_from_what_is_held(session, rich, priced, now):
    orders.place(session, rich.id, priced, Side.sell, D(4), D(90))
    orders.match(session, priced.id, D(95), now)
    assert orders.held(session, rich.id, priced.id) == 6


def test_what_does_not_fit_stays_open(session, rich, priced, now):
    cheap = orders.place(session, rich.id, priced, Side.buy, D(1), D(80))
    dear = orders.place(session, rich.id, priced, Side.sell, D(1), D(120))
    assert orders.match(session, priced.id, D(100), now) == []
    assert cheap.status is dear.status is Status.open


def test_the_oldest_come_first(session, user, priced, now):
    placed = [orders.place(session, user.id, priced, Side.buy, D(1)) for _ in range(5)]
    assert orders.match(session, priced.id, D(100), now, most=3) == placed[:3]
    assert orders.match(session, priced.id, D(100), now) == placed[3:]


def test_a_sale_whose_coins_are_gone_is_rejected(session, rich, priced, now):
    order = orders.place(session, rich.id, priced, Side.sell, D(10))
    orders.give(session, rich.id, priced.id, D(-5))
    assert orders.match(session, priced.id, D(100), now) == []
    assert order.status is Status.rejected
    assert orders.held(session, rich.id, priced.id) == 5


def test_orders_of_other_coins_are_left_alone(session, user, priced, make_coin, now):
    other = orders.place(session, user.id, make_coin("ETH"), Side.buy, D(1))
    orders.match(session, priced.id, D(100), now)
    assert other.status is Status.open


@pytest.mark.parametrize("changes, left", [(["1"], "1"), (["1", "2.5"], "3.5"), (["5", "-5"], "0"), (["0.000000000000000001"], "0.000000000000000001")])
def test_holdings_add_up(session, user, coin, changes, left):
    for change in changes:
        result = orders.give(session, user.id, coin.id, D(change))
    assert result == orders.held(session, user.id, coin.id) == D(left)


def test_nobody_holds_less_than_nothing(session, user, coin):
    orders.give(session, user.id, coin.id, D(1))
    with pytest.raises(Refused, match="less than nothing"):
        orders.give(session, user.id, coin.id, D("-1.5"))


def test_invoices_have_numbers_seven_apart(session):
    first = orders.invoice_number(session)
    assert orders.invoice_number(session) - first == 7


def test_the_view_shows_open_orders_by_name(session, rich, priced, now):
    order = orders.place(session, rich.id, priced, Side.buy, D(1), D(50))
    orders.cancel(session, rich.id, orders.place(session, rich.id, priced, Side.buy, D(2)).id)
    [row] = orders.open_orders(session, "BTC")
    assert (row.id, row.email, row.symbol, row.side) == (order.id, rich.email, "BTC", "buy")
    assert orders.open_orders(session, "ETH") == []
    assert len(orders.open_orders(session)) == 1
