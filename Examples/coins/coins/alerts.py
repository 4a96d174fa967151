"""Alerts: rules over prices."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .errors import Invalid, NotFound, Refused
from .models import Alert, AlertState

BOUNDS = ("above", "below", "rises", "falls")


def check_rule(rule: dict) -> dict:
    """A rule that can be judged: bounds as numbers, quiet hours as two hours of the day."""
    unknown = set(rule) - set(BOUNDS) - {"unless"}
    if unknown:
        raise Invalid(f"a rule knows no {sorted(unknown)[0]!r}")
    bounds = [name for name in BOUNDS if name in rule]
    if not bounds:
        raise Invalid("a rule has at least one bound")
    for name in bounds:
        try:
            number = Decimal(str(rule[name]))
        except InvalidOperation:
            raise Invalid(f"{name} is {rule[name]!r}, which is no number") from None
        if not number.is_finite() or number <= 0:
            raise Invalid(f"{name} is above 0")
    if "above" in rule and "below" in rule and Decimal(str(rule["above"])) < Decimal(str(rule["below"])):
        raise Invalid("above is not less than below: every price would fire it")
    hours = rule.get("unless", {}).get("hours") if isinstance(rule.get("unless", {}), dict) else None
    if "unless" in rule:
        if not isinstance(hours, list) or len(hours) != 2:
            raise Invalid("quiet hours are two")
        if not all(type(hour) is int and 0 <= hour < 24 for hour in hours) or hours[0] == hours[1]:
            raise Invalid("quiet hours are two hours of the day")
    return rule


def is_quiet(rule: dict, now: datetime) -> bool:
    """Whether a moment is within a rule's quiet hours (UTC), which may go over midnight."""
    if "unless" not in rule:
        return False
    first, last = rule["unless"]["hours"]
    hour = now.astimezone(timezone.utc).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def fires(rule: dict, before: Decimal | None, price: Decimal, now: datetime) -> bool:
    """Whether a price, after another one, fires a rule. `rises` and `falls` are in percent."""
    if is_quiet(rule, now):
        return False
    if "above" in rule and price > Decimal(str(rule["above"])):
        return True
    if "below" in rule and price < Decimal(str(rule["below"])):
        return True
    if before:
        change = (price - before) / before * 100
        if "rises" in rule and change >= Decimal(str(rule["rises"])):
            return True
        if "falls" in rule and -change >= Decimal(str(rule["falls"])):
            return True
    return False


def arm(
    session: Session, user_id: int, coin_id: int, rule: dict, cooldown: timedelta | None = None
) -> Alert:
    if cooldown is not None and cooldown < timedelta(minutes=1):
        raise Invalid("an alert is quiet for at least a minute")
    alert = Alert(user_id=user_id, coin_id=coin_id, rule=check_rule(rule))
    if cooldown is not None:
        alert.cooldown = cooldown
    try:
        with session.begin_nested():
            session.add(alert)
    except IntegrityError as error:
        raise Refused("there is such an alert already") from error
    session.refresh(alert)
    return alert


def judge(
    session: Session, coin_id: int, before: Decimal | None, price: Decimal, now: datetime
) -> list[Alert]:
    """Fires the armed alerts that a price calls for."""
    alerts = session.scalars(
        select(Alert)
        .where(Alert.coin_id == coin_id, Alert.state == AlertState.armed)
        .order_by(Alert.id)
        .with_for_update()
    )
    fired = [alert for alert in alerts if fires(alert.rule, before, price, now)]
    for alert in fired:
        alert.state = AlertState.fired
    session.flush()
    return fired


def mute(session: Session, user_id: int, alert_id: int) -> Alert:
    alert = session.scalar(select(Alert).where(Alert.id == alert_id, Alert.user_id == user_id))
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}")
    alert.state = AlertState.muted
    session.flush()
    return alert


def rearm(session: Session, user_id: int) -> int:
    alerts = session.scalars(
        select(Alert).where(Alert.user_id == user_id, Alert.state == AlertState.fired)
    ).all()
    for alert in alerts:
        alert.state = AlertState.armed
    session.flush()
    return len(alerts)
