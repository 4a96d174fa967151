"""Prices: what collectors send, and what is drawn from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from .errors import Invalid, NotFound
from .models import Coin, Price

STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Candle:
    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: float = 0.0

    def check(self) -> None:
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise Invalid(f"the candle of {self.at.isoformat()} makes no sense")
        if self.low <= 0:
            raise Invalid("a price is above 0")
        if self.at.tzinfo is None:
            raise Invalid("a moment has a time zone")
        if self.at != floor(self.at, STEP):
            raise Invalid(f"{self.at.isoformat()} is not at a multiple of five minutes")


def floor(at: datetime, step: timedelta) -> datetime:
    """The last multiple of a step before a moment, counted from 1970 in UTC."""
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, timezone.utc)


def resample(candles: list[Candle], step: timedelta) -> list[Candle]:
    """Longer candles of shorter ones, which may come in any order."""
    if step < STEP or step % STEP:
        raise Invalid("candles are multiples of five minutes")
    result: dict[datetime, Candle] = {}
    for candle in sorted(candles, key=lambda c: c.at):
        start = floor(candle.at, step)
        last = result.get(start)
        if last is None:
            result[start] = Candle(
                start, candle.open, candle.high, candle.low, candle.close, candle.volume
            )
        else:
            result[start] = Candle(
                start, last.open, max(last.high, candle.high), min(last.low, candle.low),
                candle.close, last.volume + candle.volume,
            )
    return list(result.values())


def moving_average(values: list[Decimal], length: int) -> list[Decimal | None]:
    """The mean of the last values at each place; None where there are too few."""
    if length < 1:
        raise Invalid("an average is of at least one value")
    return [
        None if i + 1 < length else sum(values[i + 1 - length : i + 1], Decimal()) / length
        for i in range(len(values))
    ]


def largest_drop(values: list[Decimal]) -> Decimal:
    """The largest loss from a peak to a later value, as a part of the peak."""
    peak, worst = Decimal(), Decimal()
    for value in values:
        peak = max(peak, value)
        if peak > 0:
            worst = max(worst, (peak - value) / peak)
    return worst


def coin(session: Session, symbol: str) -> Coin:
    found = session.scalar(select(Coin).where(Coin.symbol == symbol.upper()))
    if found is None:
        raise NotFound(f"there is no coin {symbol.upper()}")
    return found


def collect(session: Session, coin_id: int, candles: list[Candle]) -> int:
    """Takes what a collector sends; of one moment the last word counts."""
    for candle in candles:
        candle.check()
    if not candles:
        return 0
    rows = {candle.at: {"coin_id": coin_id, **vars(candle)} for candle in candles}
    statement = insert(Price).values(list(rows.values()))
    names = ("open", "high", "low", "close", "volume")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["coin_id", "at"],
            set_={name: statement.excluded[name] for name in names},
        )
    )
    return len(rows)


def history(session: Session, coin_id: int, start: datetime, end: datetime) -> list[Candle]:
    rows = session.scalars(
        select(Price).where(Price.coin_id == coin_id, Price.at >= start, Price.at < end).order_by(Price.at)
    )
    return [Candle(p.at, p.open, p.high, p.low, p.close, p.volume) for p in rows]


def gaps(session: Session, coin_id: int) -> list[tuple[datetime, datetime]]:
    """Between which moments candles are missing."""
    rows = session.execute(
        text(
            """
            select at, next from (
              select at, lead(at) over (order by at) as next from prices where coin_id = :coin
            ) as pairs
            where next - at > interval '5 minutes' order by at
            """
        ),
        {"coin": coin_id},
    )
    return [(row.at, row.next) for row in rows]


def latest(session: Session, coin_id: int) -> Decimal:
    value = session.scalar(
        text("select close from latest_prices where coin_id = :coin"), {"coin": coin_id}
    )
    if value is None:
        raise NotFound("nobody has heard of a price")
    return value


def days(session: Session, coin_id: int) -> list:
    """What the materialized view knows of each day; refreshed by whoever asks."""
    session.execute(text("refresh materialized view daily_prices"))
    return list(
        session.execute(
            text("select * from daily_prices where coin_id = :coin order by day"), {"coin": coin_id}
        )
    )
