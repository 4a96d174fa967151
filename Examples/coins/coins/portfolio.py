"""What an account is worth."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from .errors import Invalid
from .models import Coin, Holding, Order, Side, Status, Transaction


@dataclass(frozen=True)
class Position:
    symbol: str
    amount: Decimal
    price: Decimal | None

    @property
    def value(self) -> Decimal:
        return self.amount * self.price if self.price is not None else Decimal()


def value(session: Session, user_id: int) -> Decimal:
    """As the database's own function sees it."""
    return session.scalar(text("select portfolio_value(:user)"), {"user": user_id})


def positions(session: Session, user_id: int) -> list[Position]:
    """What an account holds, the most valuable first."""
    rows = session.execute(
        text(
            """
            select c.symbol, h.amount, p.close from holdings h
            join coins c on c.id = h.coin_id left join latest_prices p on p.coin_id = h.coin_id
            where h.user_id = :user and h.amount > 0
            """
        ),
        {"user": user_id},
    )
    found = [Position(*row) for row in rows]
    return sorted(found, key=lambda p: (-p.value, p.symbol))


def shares(positions: list[Position]) -> dict[str, Decimal]:
    """Each position's part of the whole, in percent with two places, which add up to 100."""
    whole = sum((p.value for p in positions), Decimal())
    if whole == 0:
        return {}
    parts = {p.symbol: (p.value * 100 / whole).quantize(Decimal("0.01")) for p in positions}
    largest = max(parts, key=lambda symbol: parts[symbol])
    parts[largest] += 100 - sum(parts.values())
    return parts


def rebalance(positions: list[Position], wanted: dict[str, Decimal]) -> dict[str, Decimal]:
    """How much of each coin to buy (or, below 0, to sell) to come to the wanted shares."""
    if sum(wanted.values()) != 100:
        raise Invalid("the shares do not add up to 100")
    if any(share < 0 for share in wanted.values()):
        raise Invalid("a share is not below 0")
    whole = sum((p.value for p in positions), Decimal())
    prices = {p.symbol: p.price for p in positions}
    moves = {}
    for symbol in sorted(set(wanted) | set(prices)):
        price = prices.get(symbol)
        if not price:
            raise Invalid(f"{symbol} has no price")
        now = next(p.value for p in positions if p.symbol == symbol)
        move = (whole * wanted.get(symbol, Decimal()) / 100 - now) / price
        if move:
            moves[symbol] = move
    return moves


def profit(session: Session, user_id: int, coin_id: int) -> Decimal:
    """What sales have brought above what was paid, first in first out, fees included."""
    trades = session.execute(
        select(Order.side, Transaction.price, Transaction.amount, Transaction.fee)
        .join(Transaction, Transaction.order_id == Order.id)
        .where(Order.user_id == user_id, Order.coin_id == coin_id, Order.status == Status.filled)
        .order_by(Transaction.executed_at, Transaction.id)
    )
    lots: list[list[Decimal]] = []
    gain = Decimal()
    for side, price, amount, fee in trades:
        gain -= fee
        if side is Side.buy:
            lots.append([price, amount])
            continue
        while amount > 0 and lots:
            taken = min(amount, lots[0][1])
            gain += taken * (price - lots[0][0])
            lots[0][1] -= taken
            amount -= taken
            if lots[0][1] == 0:
                lots.pop(0)
        gain += amount * price  # what was there before the first purchase cost nothing
    return gain


def holders(session: Session, symbol: str) -> int:
    return len(
        session.scalars(
            select(Holding.user_id).join(Coin, Coin.id == Holding.coin_id)
            .where(Coin.symbol == symbol, Holding.amount > 0)
        ).all()
    )
