from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from coins import prices
from coins.errors import Invalid, NotFound
from coins.models import Price

from .conftest import NOW, candle

D = Decimal


@pytest.mark.parametrize("minutes, floored", [(0, 0), (4, 0), (5, 5), (14, 10), (59, 55), (61, 60), (-1, -5)])
def test_moments_are_floored_to_five_minutes(minutes, floored):
    moment = NOW + timedelta(minutes=minutes, seconds=30)
    assert prices.floor(moment, prices.STEP) == NOW + timedelta(minutes=floored)


def test_days_begin_in_utc():
    sydney = timezone(timedelta(hours=11))
    moment = datetime(2026, 10, 6, 3, tzinfo=sydney)
    assert prices.floor(moment, timedelta(days=1)) == datetime(2026, 10, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize("count, minutes, expected", [(1, 5, 1), (12, 60, 1), (13, 60, 2), (12, 15, 4), (288, 1440, 2), (6, 30, 1)])
def test_longer_candles_cover_shorter_ones(count, minutes, expected):
    made = prices.resample([candle(5 * i) for i in range(count)], timedelta(minutes=minutes))
    assert len(made) == expected
    assert sum(c.volume for c in made) == count


def test_a_longer_candle_opens_first_and_closes_last_whatever_the_order():
    parts = [candle(5, open="3", close="9"), candle(0, open="2", close="3", low="1"), candle(10, open="9", close="4")]
    [made] = prices.resample(parts, timedelta(hours=1))
    assert (made.open, made.high, made.low, made.close) == (D(2), D(9), D(1), D(4))


@pytest.mark.parametrize("minutes", [0, 1, 4, 7, 12])
def test_candles_are_multiples_of_five_minutes(minutes):
    with pytest.raises(Invalid, match="five minutes"):
        prices.resample([candle()], timedelta(minutes=minutes))


def test_nothing_is_made_of_nothing():
    assert prices.resample([], timedelta(hours=1)) == []


@pytest.mark.parametrize(
    "values, length, expected",
    [
        ([1, 2, 3, 4], 2, [None, D("1.5"), D("2.5"), D("3.5")]),
        ([1, 2, 3], 1, [1, 2, 3]),
        ([1, 2], 3, [None, None]),
        ([], 3, []),
        ([5, 5, 5, 5], 4, [None, None, None, 5]),
    ],
)
def test_moving_averages(values, length, expected):
    assert prices.moving_average([D(v) for v in values], length) == expected


def test_an_average_of_nothing_is_refused():
    with pytest.raises(Invalid):
        prices.moving_average([D(1)], 0)


@pytest.mark.parametrize("values, drop", [([], "0"), ([5], "0"), ([1, 2, 3], "0"), ([4, 3, 5, 1], "0.8"), ([10, 5, 20, 11], "0.5"), ([3, 3], "0")])
def test_the_largest_drop_is_from_a_peak(values, drop):
    assert prices.largest_drop([D(v) for v in values]) == D(drop)


@pytest.mark.parametrize("given", ["btc", "BTC", "Btc"])
def test_coins_are_found_whatever_the_case(session, coin, given):
    assert prices.coin(session, given) is coin


def test_an_unknown_coin_is_named(session):
    with pytest.raises(NotFound, match="no coin NOPE"):
        prices.coin(session, "nope")


def test_what_was_collected_is_read_back_in_order(session, coin):
    sent = [candle(5 * i, close=str(100 + i)) for i in (3, 1, 2, 0)]
    assert prices.collect(session, coin.id, sent) == 4
    read = prices.history(session, coin.id, NOW, NOW + timedelta(hours=1))
    assert read == sorted(sent, key=lambda c: c.at)


def test_the_end_of_a_history_is_not_part_of_it(session, coin):
    prices.collect(session, coin.id, [candle(0), candle(5), candle(10)])
    read = prices.history(session, coin.id, NOW, NOW + timedelta(minutes=10))
    assert [c.at for c in read] == [NOW, NOW + timedelta(minutes=5)]


def test_of_one_moment_the_last_word_counts(session, coin):
    prices.collect(session, coin.id, [candle(close="100")])
    assert prices.collect(session, coin.id, [candle(close="101"), candle(close="102")]) == 1
    assert prices.latest(session, coin.id) == 102


def test_collecting_nothing_is_no_error(session, coin):
    assert prices.collect(session, coin.id, []) == 0


def test_the_database_reckons_the_change(session, coin):
    prices.collect(session, coin.id, [candle(open="100", close="97.5")])
    assert session.get(Price, (coin.id, NOW)).change == D("-2.5")


@pytest.mark.parametrize(
    "wrong, words",
    [
        (candle(high="99"), "makes no sense"),
        (candle(low="101"), "makes no sense"),
        (candle(open="0", close="1"), "above 0"),
        (candle(minutes=3), "five minutes"),
        (prices.Candle(datetime(2026, 10, 5), D(1), D(1), D(1), D(1)), "time zone"),
    ],
)
def test_candles_that_make_no_sense_are_refused_before_any_is_kept(session, coin, wrong, words):
    with pytest.raises(Invalid, match=words):
        prices.collect(session, coin.id, [candle(5), wrong])
    assert prices.history(session, coin.id, NOW, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "present, expected",
    [([0, 5, 10], []), ([0, 10], [(0, 10)]), ([0, 5, 60, 65, 90], [(5, 60), (65, 90)]), ([0], []), ([], [])],
)
def test_gaps_are_found(session, coin, present, expected):
    prices.collect(session, coin.id, [candle(m) for m in present])
    found = [tuple((at - NOW) // timedelta(minutes=1) for at in gap) for gap in prices.gaps(session, coin.id)]
    assert found == expected


def test_the_latest_price_is_the_newest_of_its_coin(session, coin, make_coin):
    other = make_coin("ETH")
    prices.collect(session, coin.id, [candle(0, close="100"), candle(5, close="105")])
    prices.collect(session, other.id, [candle(30, close="7", open="7")])
    assert prices.latest(session, coin.id) == 105
    assert prices.latest(session, other.id) == 7


def test_a_coin_without_prices_has_none(session, coin):
    with pytest.raises(NotFound, match="price"):
        prices.latest(session, coin.id)


def test_days_are_drawn_from_candles(session, coin):
    prices.collect(session, coin.id, [candle(0, close="90", open="100"), candle(5, close="110", open="90"), candle(24 * 60, close="50", open="60")])
    first, second = prices.days(session, coin.id)
    assert (first.low, first.high, first.mean, first.volume) == (90, 110, 100, 2)
    assert second.day - first.day == timedelta(days=1)
    assert second.low == 50


def test_a_year_of_hours_keeps_its_ends(session, coin):
    sent = [candle(60 * i, close=str(100 + i % 7)) for i in range(500)]
    prices.collect(session, coin.id, sent)
    made = prices.resample(prices.history(session, coin.id, NOW, NOW + timedelta(days=30)), timedelta(days=1))
    assert len(made) == 22
    assert made[0].open == 100 and made[-1].close == 100 + 499 % 7
