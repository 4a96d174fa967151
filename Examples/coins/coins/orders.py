"""Orders: placing, cancelling, matching."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from .errors import Invalid, NotFound, Refused
from .models import Coin, Holding, Order, Side, Status, Transaction

FEES = [(Decimal(100_000), Decimal("0.0010")), (Decimal(10_000), Decimal("0.0015"))]
FEE = Decimal("0.0025")
CENT = Decimal("0.00000001")


def fee(total: Decimal) -> Decimal:
    """What a trade costs, by its size."""
    if total < 0:
        raise Invalid("a total is not below 0")
    rate = next((rate for least, rate in FEES if total >= least), FEE)
    return (total * rate).quantize(CENT, ROUND_HALF_EVEN)


def round_amount(amount: Decimal, decimals: int) -> Decimal:
    """An amount that a coin can be divided into."""
    step = Decimal(1).scaleb(-decimals)
    if amount != amount.quantize(step):
        raise Invalid(f"{amount} has more than {decimals} places")
    return amount


def held(session: Session, user_id: int, coin_id: int, lock: bool = False) -> Decimal:
    query = select(Holding.amount).where(Holding.user_id == user_id, Holding.coin_id == coin_id)
    return session.scalar(query.with_for_update() if lock else query) or Decimal()


def promised(session: Session, user_id: int, coin_id: int) -> Decimal:
    """What open orders would sell."""
    return session.scalar(
        select(func.coalesce(func.sum(Order.amount), 0)).where(
            Order.user_id == user_id, Order.coin_id == coin_id,
            Order.side == Side.sell, Order.status == Status.open,
        )
    )


def place(
    session: Session, user_id: int, coin: Coin, side: Side, amount: Decimal,
    limit_price: Decimal | None = None,
) -> Order:
    """Places an order. Nobody sells more than they have and have not promised yet."""
    if coin.delisted_on is not None:
        raise Refused(f"{coin.symbol} was delisted on {coin.delisted_on}")
    if amount <= 0:
        raise Invalid("an amount is above 0")
    if limit_price is not None and limit_price <= 0:
        raise Invalid("a price is above 0")
    round_amount(amount, coin.decimals)
    if side is Side.sell:
        free = held(session, user_id, coin.id, lock=True) - promised(session, user_id, coin.id)
        if amount > free:
            raise Refused(f"{amount.normalize():f} {coin.symbol} is more than the {free.normalize():f} that are free")
    order = Order(
        user_id=user_id, coin_id=coin.id, side=side, amount=amount, limit_price=limit_price
    )
    session.add(order)
    session.flush()
    session.refresh(order)
    return order


def order_of(session: Session, user_id: int, order_id: int, lock: bool = False) -> Order:
    query = select(Order).where(Order.id == order_id, Order.user_id == user_id)
    order = session.scalar(query.with_for_update() if lock else query)
    if order is None:
        raise NotFound(f"there is no order {order_id}")
    return order


def cancel(session: Session, user_id: int, order_id: int) -> Order:
    order = order_of(session, user_id, order_id, lock=True)
    if order.status is not Status.open:
        raise Refused(f"the order {order_id} is {order.status.value}")
    order.status = Status.cancelled
    session.flush()
    return order


def give(session: Session, user_id: int, coin_id: int, amount: Decimal) -> Decimal:
    """Changes what somebody holds; the database itself refuses to go below nothing."""
    statement = insert(Holding).values(user_id=user_id, coin_id=coin_id, amount=max(amount, 0))
    if amount < 0:
        current = held(session, user_id, coin_id, lock=True)
        if current + amount < 0:
            raise Refused("nobody holds less than nothing")
    return session.scalar(
        statement.on_conflict_do_update(
            index_elements=["user_id", "coin_id"], set_={"amount": Holding.amount + amount}
        ).returning(Holding.amount)
    )


def fits(order: Order, price: Decimal) -> bool:
    """Whether an order may be filled at a price."""
    if order.limit_price is None:
        return True
    return price <= order.limit_price if order.side is Side.buy else price >= order.limit_price


def match(session: Session, coin_id: int, price: Decimal, now: datetime, most: int = 100) -> list[Order]:
    """Fills what can be filled at a price, the oldest first. Several may do this at once: each
    order is taken by one of them."""
    filled = []
    orders = session.scalars(
        select(Order)
        .where(Order.coin_id == coin_id, Order.status == Status.open)
        .order_by(Order.placed_at, Order.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    for order in orders.all():
        if not fits(order, price):
            continue
        if order.side is Side.sell and held(session, order.user_id, coin_id, lock=True) < order.amount:
            order.status = Status.rejected
            continue
        give(session, order.user_id, coin_id, order.amount if order.side is Side.buy else -order.amount)
        order.status = Status.filled
        session.add(
            Transaction(
                order_id=order.id, executed_at=now, price=price, amount=order.amount,
                fee=fee(price * order.amount),
            )
        )
        filled.append(order)
    session.flush()
    return filled


def invoice_number(session: Session) -> int:
    return session.scalar(text("select nextval('invoice_numbers')"))


def open_orders(session: Session, symbol: str | None = None) -> list:
    query = "select * from open_orders" + (" where symbol = :symbol" if symbol else "") + " order by id"
    return list(session.execute(text(query), {"symbol": symbol} if symbol else {}))
