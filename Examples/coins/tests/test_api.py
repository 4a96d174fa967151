from datetime import date, timedelta

import pytest

from coins import news, orders, prices

from .conftest import NOW, PASSWORD, candle


def test_health_names_the_revision(client):
    assert client.get("/health").json() == {"revision": "s2v6w3x9y4z8"}


def test_registering_logging_in_and_out(client):
    given = {"email": "Bob@Example.org", "password": PASSWORD, "name": "Bob"}
    made = client.post("/accounts", json=given)
    assert made.status_code == 201 and made.json()["email"] == "Bob@example.org"
    token = client.post("/login", json=given).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/me", headers=headers).json() == {"email": "Bob@example.org", "name": "Bob", "preferences": {}}
    assert client.post("/logout", headers=headers).status_code == 204
    assert client.get("/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "given, status",
    [
        ({"email": "ada@example.org", "password": PASSWORD}, 409),
        ({"email": "nobody", "password": PASSWORD}, 422),
        ({"email": "bob@example.org", "password": "short"}, 422),
        ({"email": "bob@example.org"}, 422),
        ({}, 422),
    ],
)
def test_registrations_that_are_refused(client, user, given, status):
    assert client.post("/accounts", json=given).status_code == status


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "bearer x"])
@pytest.mark.parametrize("path", ["/me", "/portfolio", "/orders", "/alerts"])
def test_strangers_are_turned_away(client, path, header):
    answer = client.get(path, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json() == {"error": "log in first"}


def test_preferences(logged_in):
    assert logged_in.patch("/me/preferences", json={"theme": "dark"}).json() == {"theme": "dark"}
    assert logged_in.patch("/me/preferences", json={"theme": "blue"}).status_code == 422
    assert logged_in.get("/me").json()["preferences"] == {"theme": "dark"}


@pytest.fixture
def listing(make_coin):
    make_coin("BTC", tags=["layer1"])
    make_coin("ETH", tags=["layer1", "defi"])
    make_coin("OLD", tags=["defi"], delisted_on=date(2024, 1, 1))


@pytest.mark.parametrize(
    "query, symbols",
    [("", ["BTC", "ETH"]), ("?tag=defi", ["ETH"]), ("?listed=false", ["BTC", "ETH", "OLD"]), ("?listed=false&tag=defi", ["ETH", "OLD"]), ("?tag=none", [])],
)
def test_coins_are_listed(client, listing, query, symbols):
    assert [c["symbol"] for c in client.get(f"/coins{query}").json()] == symbols


def test_a_price(client, priced):
    assert client.get("/coins/btc/price").json() == {"symbol": "BTC", "price": "100.00000000"}


@pytest.mark.parametrize("path", ["/coins/nope/price", "/coins/btc/price", "/coins/nope/candles?start=2026-01-01T00:00Z&end=2026-01-02T00:00Z"])
def test_what_is_not_there_is_404(client, coin, path):
    answer = client.get(path)
    assert answer.status_code == 404 and answer.json()["error"]


@pytest.mark.parametrize("minutes, count", [(5, 24), (15, 8), (60, 2), (1440, 1)])
def test_candles_of_any_length(client, session, coin, minutes, count):
    prices.collect(session, coin.id, [candle(5 * i) for i in range(24)])
    ends = {"start": NOW.isoformat(), "end": (NOW + timedelta(days=1)).isoformat(), "minutes": minutes}
    assert len(client.get("/coins/BTC/candles", params=ends).json()) == count


@pytest.mark.parametrize("query", ["", "?start=today&end=now", "?start=2026-01-01T00:00Z&end=2026-01-02T00:00Z&minutes=3", "?start=2026-01-01T00:00Z&end=2026-01-02T00:00Z&minutes=7"])
def test_candles_that_cannot_be(client, coin, query):
    assert client.get(f"/coins/BTC/candles{query}").status_code == 422


def test_a_portfolio(logged_in, rich):
    assert logged_in.get("/portfolio").json() == {"value": "1000.00", "shares": {"BTC": "100.00"}}


def test_an_order_from_placing_to_cancelling(logged_in, priced):
    placed = logged_in.post("/orders", json={"symbol": "btc", "side": "buy", "amount": "1.50", "limit": "90"})
    assert placed.status_code == 201
    order = placed.json()
    assert order == {"id": order["id"], "side": "buy", "status": "open", "amount": "1.5", "limit": "90"}
    assert logged_in.get("/orders?status=open").json() == [order]
    assert logged_in.delete(f"/orders/{order['id']}").json()["status"] == "cancelled"
    assert logged_in.delete(f"/orders/{order['id']}").status_code == 409
    assert logged_in.get("/orders?status=open").json() == []


@pytest.mark.parametrize(
    "change, status",
    [({"symbol": "NOPE"}, 404), ({"side": "hold"}, 422), ({"amount": "0"}, 422), ({"amount": "-1"}, 422), ({"amount": "x"}, 422), ({"limit": "0"}, 422), ({"side": "sell"}, 409), ({"amount": "0.000000001"}, 422)],
)
def test_orders_that_are_refused(logged_in, priced, change, status):
    given = {"symbol": "BTC", "side": "buy", "amount": "1"} | change
    assert logged_in.post("/orders", json=given).status_code == status


def test_orders_are_listed_newest_first_and_no_more_than_asked_for(logged_in, priced):
    for amount in (1, 2, 3):
        logged_in.post("/orders", json={"symbol": "BTC", "side": "buy", "amount": amount})
    assert [o["amount"] for o in logged_in.get("/orders?most=2").json()] == ["3", "2"]
    assert logged_in.get("/orders?most=0").status_code == 422


def test_the_orders_of_others_are_404(logged_in, session, make_user, priced):
    other = orders.place(session, make_user("bob@example.org").id, priced, orders.Side.buy, orders.Decimal(1))
    assert logged_in.delete(f"/orders/{other.id}").status_code == 404


def test_alerts_from_arming_to_muting(logged_in, coin):
    armed = logged_in.post("/alerts", json={"symbol": "BTC", "rule": {"above": 5}, "minutes": 30})
    assert armed.status_code == 201 and armed.json()["state"] == "armed"
    number = armed.json()["id"]
    assert logged_in.post("/alerts", json={"symbol": "BTC", "rule": {"above": 5}}).status_code == 409
    assert logged_in.post(f"/alerts/{number}/mute").json() == {"state": "muted"}
    assert logged_in.get("/alerts").json() == [{"id": number, "state": "muted", "rule": {"above": 5}}]


@pytest.mark.parametrize("given, status", [({"rule": {}}, 422), ({"rule": {"above": "x"}}, 422), ({"symbol": "NOPE"}, 404), ({"minutes": 0}, 422), ({"rule": 5}, 422)])
def test_alerts_that_are_refused(logged_in, coin, given, status):
    body = {"symbol": "BTC", "rule": {"above": 5}} | given
    assert logged_in.post("/alerts", json=body).status_code == status


def test_news_are_found(client, session, now):
    news.publish(session, "Markets fall", None, now)
    assert client.get("/news?q=falling").json() == [{"title": "Markets fall"}]
    assert client.get("/news?q=").status_code == 422
    assert client.get("/news").status_code == 422
