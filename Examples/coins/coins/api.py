"""The service over HTTP."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from . import accounts, alerts, news, orders, portfolio, prices
from .errors import Refused, Unauthorised
from .models import Alert, Coin, Order, Side, Status, User


class Credentials(BaseModel):
    email: str
    password: str
    name: str | None = None


class NewOrder(BaseModel):
    symbol: str
    side: Side
    amount: Decimal = Field(gt=0)
    limit: Decimal | None = Field(default=None, gt=0)


class NewAlert(BaseModel):
    symbol: str
    rule: dict
    minutes: int | None = Field(default=None, ge=1)


def now() -> datetime:
    return datetime.now(timezone.utc)


def order_json(order: Order) -> dict:
    return {
        "id": order.id, "side": order.side, "status": order.status,
        "amount": f"{order.amount.normalize():f}",
        "limit": None if order.limit_price is None else f"{order.limit_price.normalize():f}",
    }


def application(session_source: Callable[[], Iterator[Session]]) -> FastAPI:
    """The service; sessions come from a source, so that a test's can be given."""
    app = FastAPI(title="coins")

    def me(
        authorization: str = Header(default=""), session: Session = Depends(session_source)
    ) -> User:
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            raise Unauthorised("log in first")
        return accounts.who(session, token, now())

    @app.exception_handler(Refused)
    def refused(_: Request, error: Refused) -> JSONResponse:
        return JSONResponse({"error": str(error)}, error.status)

    @app.get("/health")
    def health(session: Session = Depends(session_source)) -> dict:
        return {"revision": session.scalar(text("select version_num from alembic_version"))}

    @app.post("/accounts", status_code=201)
    def register(given: Credentials, session: Session = Depends(session_source)) -> dict:
        user = accounts.register(session, given.email, given.password, given.name)
        return {"id": str(user.public_id), "email": user.email}

    @app.post("/login")
    def log_in(given: Credentials, session: Session = Depends(session_source)) -> dict:
        login = accounts.log_in(session, given.email, given.password, now())
        return {"token": login.token}

    @app.post("/logout", status_code=204)
    def log_out(
        authorization: str = Header(default=""), session: Session = Depends(session_source)
    ) -> None:
        accounts.log_out(session, authorization.partition(" ")[2])

    @app.get("/me")
    def myself(user: User = Depends(me)) -> dict:
        return {"email": user.email, "name": user.full_name, "preferences": user.preferences}

    @app.patch("/me/preferences")
    def prefer(
        changes: dict, user: User = Depends(me), session: Session = Depends(session_source)
    ) -> dict:
        return accounts.prefer(session, user, **changes)

    @app.get("/coins")
    def coins(
        tag: str | None = None, listed: bool = True, session: Session = Depends(session_source)
    ) -> list[dict]:
        query = select(Coin).order_by(Coin.symbol)
        if tag:
            query = query.where(Coin.tags.contains([tag]))
        if listed:
            query = query.where(Coin.delisted_on.is_(None))
        return [{"symbol": c.symbol, "name": c.name, "tags": c.tags} for c in session.scalars(query)]

    @app.get("/coins/{symbol}/price")
    def price(symbol: str, session: Session = Depends(session_source)) -> dict:
        coin = prices.coin(session, symbol)
        return {"symbol": coin.symbol, "price": f"{prices.latest(session, coin.id):f}"}

    @app.get("/coins/{symbol}/candles")
    def candles(
        symbol: str, start: datetime, end: datetime, minutes: int = Query(default=5, ge=5),
        session: Session = Depends(session_source),
    ) -> list[dict]:
        coin = prices.coin(session, symbol)
        found = prices.history(session, coin.id, start, end)
        return [
            {"at": c.at.isoformat(), "open": f"{c.open:f}", "high": f"{c.high:f}",
             "low": f"{c.low:f}", "close": f"{c.close:f}"}
            for c in prices.resample(found, timedelta(minutes=minutes))
        ]

    @app.get("/portfolio")
    def my_portfolio(user: User = Depends(me), session: Session = Depends(session_source)) -> dict:
        held = portfolio.positions(session, user.id)
        return {
            "value": f"{portfolio.value(session, user.id):.2f}",
            "shares": {symbol: f"{share}" for symbol, share in portfolio.shares(held).items()},
        }

    @app.post("/orders", status_code=201)
    def place(
        given: NewOrder, user: User = Depends(me), session: Session = Depends(session_source)
    ) -> dict:
        coin = prices.coin(session, given.symbol)
        return order_json(orders.place(session, user.id, coin, given.side, given.amount, given.limit))

    @app.get("/orders")
    def my_orders(
        status: Status | None = None, most: int = Query(default=50, ge=1, le=200),
        user: User = Depends(me), session: Session = Depends(session_source),
    ) -> list[dict]:
        query = select(Order).where(Order.user_id == user.id).order_by(Order.id.desc()).limit(most)
        if status:
            query = query.where(Order.status == status)
        return [order_json(order) for order in session.scalars(query)]

    @app.delete("/orders/{number}")
    def cancel(
        number: int, user: User = Depends(me), session: Session = Depends(session_source)
    ) -> dict:
        return order_json(orders.cancel(session, user.id, number))

    @app.post("/alerts", status_code=201)
    def arm(
        given: NewAlert, user: User = Depends(me), session: Session = Depends(session_source)
    ) -> dict:
        coin = prices.coin(session, given.symbol)
        cooldown = None if given.minutes is None else timedelta(minutes=given.minutes)
        alert = alerts.arm(session, user.id, coin.id, given.rule, cooldown)
        return {"id": alert.id, "state": alert.state}

    @app.get("/alerts")
    def my_alerts(user: User = Depends(me), session: Session = Depends(session_source)) -> list[dict]:
        query = select(Alert).where(Alert.user_id == user.id).order_by(Alert.id)
        return [{"id": a.id, "state": a.state, "rule": a.rule} for a in session.scalars(query)]

    @app.post("/alerts/{number}/mute")
    def mute(
        number: int, user: User = Depends(me), session: Session = Depends(session_source)
    ) -> dict:
        return {"state": alerts.mute(session, user.id, number).state}

    @app.get("/news")
    def find(
        q: str = Query(min_length=1), session: Session = Depends(session_source)
    ) -> list[dict]:
        return [{"title": item.title} for item in news.search(session, q)]

    return app
