"""What the database itself guarantees, whoever writes to it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from coins.models import Base


@pytest.fixture
def run(session):
    return lambda sql, **values: session.execute(text(sql), values)


def test_the_migrations_are_at_their_head(run):
    assert run("select version_num from alembic_version").scalar() == "s2v6w3x9y4z8"


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_column_of_the_models_is_there(run, table):
    rows = run("select column_name, is_nullable from information_schema.columns where table_schema = 'public' and table_name = :t", t=table)
    there = {name: nullable == "YES" for name, nullable in rows}
    model = {column.name: column.nullable for column in Base.metadata.tables[table].columns if column.computed is None}
    assert {name: there.get(name) for name in model} == model


@pytest.mark.parametrize("symbol", ["A", "btc", "TOOLONGNAME", "A B", "A-B", "", "É1"])
def test_a_ticker_is_two_to_ten_capitals_and_digits(run, symbol):
    with pytest.raises(IntegrityError, match="ticker_is_short"):
        run("insert into coins (symbol, name, listed_on) values (:s, 'x', '2020-01-01')", s=symbol)


@pytest.mark.parametrize("symbol", ["AB", "BTC", "1INCH", "ABCDEFGHIJ"])
def test_these_are_tickers(run, symbol):
    run("insert into coins (symbol, name, listed_on) values (:s, 'x', '2020-01-01')", s=symbol)


@pytest.mark.parametrize(
    "columns, values",
    [
        ("decimals", "19"), ("decimals", "-1"), ("delisted_on", "'2020-01-01'"), ("delisted_on", "'2019-12-31'"),
    ],
)
def test_coins_keep_within_bounds(run, columns, values):
    with pytest.raises(IntegrityError, match="check constraint"):
        run(f"insert into coins (symbol, name, listed_on, {columns}) values ('AB', 'x', '2020-01-01', {values})")


@pytest.mark.parametrize("o, h, l, c", [(1, 1, 2, 1), (1, 0.5, 0.5, 0.5), (3, 2, 1, 1), (1, 2, 1, 3)])
def test_prices_make_sense(run, coin, o, h, l, c):
    with pytest.raises(IntegrityError, match="prices_make_sense"):
        run("insert into prices values (:coin, now(), :o, :h, :l, :c, 0)", coin=coin.id, o=o, h=h, l=l, c=c)


@pytest.mark.parametrize(
    "sql, words",
    [
        ('insert into "user" (email, hashed_password) values (\'nobody\', \'\')', "check constraint"),
        ("insert into holdings values (:user, :coin, -1)", "check constraint"),
        ("insert into holdings values (:user, -1, 1)", "foreign key"),
        ("insert into orders (user_id, coin_id, side, amount) values (:user, :coin, 'buy', 0)", "check constraint"),
        ("insert into audit.changes (table_name, action) values ('x', 'TRUNCATE')", "check constraint"),
    ],
)
def test_what_the_tables_refuse(run, user, coin, sql, words):
    with pytest.raises(IntegrityError, match=words):
        run(sql, user=user.id, coin=coin.id)


@pytest.mark.parametrize("column, value", [("side", "hold"), ("status", "lost")])
def test_enums_know_their_words(run, user, coin, column, value):
    with pytest.raises(DBAPIError, match="invalid input value for enum"):
        run(f"insert into orders (user_id, coin_id, side, amount, {column}) values (:user, :coin, 'buy', 1, '{value}')" if column != "side" else f"insert into orders (user_id, coin_id, side, amount) values (:user, :coin, '{value}', 1)", user=user.id, coin=coin.id)


def test_identities_cannot_be_chosen(run):
    with pytest.raises(DBAPIError, match="cannot insert a non-DEFAULT value"):
        run('insert into "user" (id, email, hashed_password) values (1, \'a@b\', \'\')')


def test_generated_columns_cannot_be_written(run, coin):
    with pytest.raises(DBAPIError, match="cannot insert a non-DEFAULT value"):
        run("insert into prices (coin_id, at, open, high, low, close, volume, change) values (:c, now(), 1, 1, 1, 1, 0, 5)", c=coin.id)


def test_a_transaction_may_come_before_its_order_until_the_end(run, user, coin):
    run("insert into transactions (order_id, executed_at, price, amount) values (77, now(), 1, 1)")
    run("insert into orders (id, user_id, coin_id, side, amount) values (77, :u, :c, 'buy', 1)", u=user.id, c=coin.id)
    run("set constraints all immediate")


def test_a_transaction_without_an_order_is_refused_at_the_end(run):
    run("insert into transactions (order_id, executed_at, price, amount) values (78, now(), 1, 1)")
    with pytest.raises(IntegrityError, match="foreign key"):
        run("set constraints all immediate")


def test_who_goes_takes_holdings_alerts_and_logins_along(run, rich, priced, now):
    run("insert into sessions values ('t', :u, now())", u=rich.id)
    run("insert into alerts (user_id, coin_id, rule) values (:u, :c, '{}')", u=rich.id, c=priced.id)
    run('delete from "user" where id = :u', u=rich.id)
    for table in ("holdings", "sessions", "alerts"):
        assert run(f"select count(*) from {table}").scalar() == 0


def test_who_has_orders_cannot_go(run, user, coin):
    run("insert into orders (user_id, coin_id, side, amount) values (:u, :c, 'buy', 1)", u=user.id, c=coin.id)
    with pytest.raises(IntegrityError, match="orders"):
        run('delete from "user" where id = :u', u=user.id)


def test_changes_of_coins_are_audited(run, coin):
    run("update coins set name = 'Renamed' where id = :c", c=coin.id)
    run("delete from coins where id = :c", c=coin.id)
    rows = run("select action, row_before ->> 'name', row_after ->> 'name' from audit.changes order by id").all()
    assert rows == [("INSERT", None, "Coin BTC"), ("UPDATE", "Coin BTC", "Renamed"), ("DELETE", "Renamed", None)]


def test_changes_of_alerts_are_not_audited_for_now(run, user, coin):
    run("insert into alerts (user_id, coin_id, rule) values (:u, :c, '{}')", u=user.id, c=coin.id)
    run("delete from alerts")
    assert run("select count(*) from audit.changes where table_name = 'public.alerts'").scalar() == 0


@pytest.mark.parametrize("table, change", [('"user"', "full_name = 'x'"), ("orders", "status = 'cancelled'")])
def test_what_is_changed_says_when(run, user, coin, table, change):
    run("insert into orders (user_id, coin_id, side, amount) values (:u, :c, 'buy', 1)", u=user.id, c=coin.id)
    run(f"update {table} set {change}")
    assert run(f"select updated_at > now() from {table}").scalar() is True


def test_an_order_that_is_written_unchanged_keeps_its_time(run, user, coin):
    run("insert into orders (user_id, coin_id, side, amount) values (:u, :c, 'buy', 1)", u=user.id, c=coin.id)
    run("update orders set amount = amount")
    assert run("select updated_at = placed_at from orders").scalar() is True


@pytest.mark.parametrize("index, words", [("orders_open_idx", "status = 'open'"), ("user_email_key", "lower(email)"), ("news_search_idx", "USING gin"), ("prices_at_idx", "USING brin"), ("orders_user_idx", "INCLUDE (status)")])
def test_the_indexes_are_what_queries_count_on(run, index, words):
    assert words in run("select indexdef from pg_indexes where indexname = :i", i=index).scalar()
