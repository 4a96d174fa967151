"""The tables, as the migrations leave them."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, Computed, Enum, Float, ForeignKey, Identity, Integer
from sqlalchemy import Interval, LargeBinary, Numeric, SmallInteger, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Moment = TIMESTAMP(timezone=True)
Money = Numeric(20, 8)
Amount = Numeric(30, 18)


class Base(DeclarativeBase):
    pass


class Side(enum.StrEnum):
    buy = "buy"
    sell = "sell"


class Status(enum.StrEnum):
    open = "open"
    filled = "filled"
    cancelled = "cancelled"
    rejected = "rejected"


class AlertState(enum.StrEnum):
    armed = "armed"
    fired = "fired"
    muted = "muted"


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    email: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str | None] = mapped_column(Text)
    hashed_password: Mapped[bytes] = mapped_column(LargeBinary)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    is_superuser: Mapped[bool] = mapped_column(server_default="false")
    preferences: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())


class Coin(Base):
    __tablename__ = "coins"
    id: Mapped[int] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(100))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    decimals: Mapped[int] = mapped_column(SmallInteger, server_default="8")
    listed_on: Mapped[date]
    delisted_on: Mapped[date | None]


class Price(Base):
    __tablename__ = "prices"
    coin_id: Mapped[int] = mapped_column(ForeignKey("coins.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    open: Mapped[Decimal] = mapped_column(Money)
    high: Mapped[Decimal] = mapped_column(Money)
    low: Mapped[Decimal] = mapped_column(Money)
    close: Mapped[Decimal] = mapped_column(Money)
    volume: Mapped[float] = mapped_column(Float)
    change: Mapped[Decimal] = mapped_column(Money, Computed("close - open"))


class Holding(Base):
    __tablename__ = "holdings"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    coin_id: Mapped[int] = mapped_column(ForeignKey("coins.id"), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Amount)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(BigInteger, Identity(start=1000), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    coin_id: Mapped[int] = mapped_column(ForeignKey("coins.id"))
    side: Mapped[Side] = mapped_column(Enum(Side, name="order_side"))
    status: Mapped[Status] = mapped_column(Enum(Status, name="order_status"), server_default="open")
    amount: Mapped[Decimal] = mapped_column(Amount)
    limit_price: Mapped[Decimal | None] = mapped_column(Money)
    placed_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    transactions: Mapped[list[Transaction]] = relationship(order_by="Transaction.id")


class Transaction(Base):
    __tablename__ = "transactions"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    executed_at: Mapped[datetime] = mapped_column(Moment)
    price: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Amount)
    fee: Mapped[Decimal] = mapped_column(Money, server_default="0")
    counterparty: Mapped[str | None] = mapped_column(INET)
    note: Mapped[str | None] = mapped_column(Text)
    total: Mapped[Decimal] = mapped_column(Numeric, Computed("price * amount"))


class Alert(Base):
    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    coin_id: Mapped[int] = mapped_column(ForeignKey("coins.id"))
    state: Mapped[AlertState] = mapped_column(
        Enum(AlertState, name="alert_state"), server_default="armed"
    )
    rule: Mapped[dict] = mapped_column(JSONB)
    cooldown: Mapped[timedelta] = mapped_column(Interval, server_default="15 minutes")


class News(Base):
    __tablename__ = "news"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    published_at: Mapped[datetime] = mapped_column(Moment)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    coin_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    sentiment: Mapped[float | None]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('english', title || ' ' || coalesce(body, ''))"),
        deferred=True,
    )


class Login(Base):
    __tablename__ = "sessions"
    token: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
