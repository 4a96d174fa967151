from datetime import timedelta
from decimal import Decimal

import pytest

from coins import alerts
from coins.errors import Invalid, NotFound, Refused
from coins.models import AlertState

D = Decimal


@pytest.mark.parametrize(
    "rule",
    [{"above": 5}, {"below": "0.1"}, {"rises": 3, "falls": 3}, {"above": 9, "below": 1}, {"above": 1, "unless": {"hours": [22, 6]}}, {"above": 5, "below": 5}],
)
def test_rules_that_can_be_judged(rule):
    assert alerts.check_rule(rule) is rule


@pytest.mark.parametrize(
    "rule, words",
    [
        ({}, "at least one bound"), ({"over": 5}, "no 'over'"), ({"above": "dear"}, "no number"), ({"above": 0}, "above 0"),
        ({"below": -1}, "above 0"), ({"above": "NaN"}, "above 0"), ({"above": "inf"}, "above 0"), ({"above": 1, "below": 2}, "every price"),
        ({"above": 1, "unless": {}}, "quiet hours are two"), ({"above": 1, "unless": 5}, "quiet hours are two"),
        ({"above": 1, "unless": {"hours": [1]}}, "quiet hours are two"), ({"above": 1, "unless": {"hours": [1, 24]}}, "of the day"),
        ({"above": 1, "unless": {"hours": [3, 3]}}, "of the day"), ({"above": 1, "unless": {"hours": ["1", 2]}}, "of the day"),
        ({"unless": {"hours": [1, 2]}}, "at least one bound"),
    ],
)
def test_rules_that_cannot_be_judged_are_refused(rule, words):
    with pytest.raises(Invalid, match=words):
        alerts.check_rule(rule)


@pytest.mark.parametrize(
    "hours, hour, quiet",
    [([22, 6], 23, True), ([22, 6], 5, True), ([22, 6], 6, False), ([22, 6], 12, False), ([9, 17], 9, True), ([9, 17], 17, False), ([9, 17], 3, False)],
)
def test_quiet_hours_may_go_over_midnight(now, hours, hour, quiet):
    assert alerts.is_quiet({"above": 1, "unless": {"hours": hours}}, now.replace(hour=hour)) is quiet


@pytest.mark.parametrize(
    "rule, before, price, fires",
    [
        ({"above": 100}, None, "100.01", True), ({"above": 100}, None, "100", False), ({"below": 100}, None, "99", True), ({"below": 100}, None, "100", False),
        ({"rises": 5}, "100", "105", True), ({"rises": 5}, "100", "104.9", False), ({"rises": 5}, None, "900", False),
        ({"falls": 5}, "100", "95", True), ({"falls": 5}, "100", "96", False), ({"falls": 5}, "100", "200", False),
        ({"above": 500, "falls": 5}, "100", "90", True), ({"above": "100.5"}, None, "100.6", True),
    ],
)
def test_prices_fire_rules(now, rule, before, price, fires):
    assert alerts.fires(rule, D(before) if before else None, D(price), now) is fires


def test_quiet_hours_keep_a_rule_from_firing(now):
    rule = {"above": 1, "unless": {"hours": [11, 13]}}
    assert not alerts.fires(rule, None, D(5), now)
    assert alerts.fires(rule, None, D(5), now + timedelta(hours=1))


def test_an_alert_is_armed_for_a_quarter_of_an_hour(session, user, coin):
    alert = alerts.arm(session, user.id, coin.id, {"above": 5})
    assert alert.state is AlertState.armed
    assert alert.cooldown == timedelta(minutes=15)


def test_a_cooldown_can_be_chosen_from_a_minute_on(session, user, coin):
    assert alerts.arm(session, user.id, coin.id, {"above": 5}, timedelta(days=2)).cooldown.days == 2
    with pytest.raises(Invalid, match="a minute"):
        alerts.arm(session, user.id, coin.id, {"above": 6}, timedelta(seconds=59))


@pytest.mark.parametrize("again", [{"above": 5, "below": 1}, {"below": 1, "above": 5}])
def test_the_same_rule_is_armed_once_in_whatever_order(session, user, coin, again):
    alerts.arm(session, user.id, coin.id, {"above": 5, "below": 1})
    with pytest.raises(Refused, match="already"):
        alerts.arm(session, user.id, coin.id, again)


def test_the_same_rule_may_be_armed_for_another_coin_and_by_another(session, user, make_user, coin, make_coin):
    alerts.arm(session, user.id, coin.id, {"above": 5})
    alerts.arm(session, user.id, make_coin("ETH").id, {"above": 5})
    alerts.arm(session, make_user("bob@example.org").id, coin.id, {"above": 5})


def test_a_price_fires_what_it_should_and_once(session, user, coin, now):
    low, high = (alerts.arm(session, user.id, coin.id, {"above": n}) for n in (50, 150))
    assert alerts.judge(session, coin.id, None, D(100), now) == [low]
    assert alerts.judge(session, coin.id, None, D(100), now) == []
    assert (low.state, high.state) == (AlertState.fired, AlertState.armed)


def test_a_muted_alert_stays_quiet(session, user, coin, now):
    alert = alerts.arm(session, user.id, coin.id, {"above": 50})
    alerts.mute(session, user.id, alert.id)
    assert alerts.judge(session, coin.id, None, D(100), now) == []


def test_alerts_of_others_cannot_be_muted(session, user, make_user, coin):
    alert = alerts.arm(session, user.id, coin.id, {"above": 50})
    with pytest.raises(NotFound):
        alerts.mute(session, make_user("eve@example.org").id, alert.id)


def test_fired_alerts_are_armed_again_and_muted_ones_are_not(session, user, coin, now):
    fired, muted = (alerts.arm(session, user.id, coin.id, {"above": n}) for n in (50, 60))
    alerts.mute(session, user.id, muted.id)
    alerts.judge(session, coin.id, None, D(100), now)
    assert alerts.rearm(session, user.id) == 1
    assert (fired.state, muted.state) == (AlertState.armed, AlertState.muted)
