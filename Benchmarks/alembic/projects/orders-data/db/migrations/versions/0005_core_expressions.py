"""Core: select, case, cast, exists, joins, subqueries

Revision ID: 0005
Revises: 0004
Create Date: 2023-07-08 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import and_, case, cast, column, exists, func, literal, not_, or_, select, table, update
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


orders = table(
    "orders",
    column("id"),
    column("number", sa.Integer),
    column("currency", sa.String),
    column("total", sa.Numeric),
    column("size", sa.String),
    column("meta", postgresql.JSONB),
    column("placed_at", sa.DateTime(timezone=True)),
)
currency = table("currency", column("code", sa.String), column("name", sa.String), column("minor_units", sa.Integer))


def upgrade():
    op.add_column("orders", sa.Column("size", sa.String(10)))
    op.execute(
        orders.update().values(
            size=case(
                (orders.c.total == 0, "none"),
                (and_(orders.c.total > 0, orders.c.total < 100), literal("small")),
                else_=literal("large"),
            )
        )
    )
    op.execute(
        update(orders)
        .where(or_(orders.c.currency.in_(select(currency.c.code).where(currency.c.minor_units == 0)), orders.c.number.is_(None)))
        .values(total=func.round(cast(orders.c.total, sa.Numeric), 0))
    )
    op.execute(
        update(orders)
        .where(exists().where(and_(currency.c.code == orders.c.currency, currency.c.name.ilike("%dollar%"))))
        .where(not_(orders.c.meta.has_key("rounded")) if hasattr(orders.c.meta, "has_key") else sa.true())
        .values(meta=orders.c.meta.op("||")(cast(literal('{"rounded": false}'), postgresql.JSONB)))
    )
    bind = op.get_bind()
    o, c = orders.alias("o"), currency.alias("c")
    statement = (
        select(o.c.number, c.c.name, func.coalesce(o.c.size, "?").label("size"), (o.c.total * 2).label("twice"))
        .select_from(o.join(c, o.c.currency == c.c.code))
        .where(o.c.total.between(0, 100000))
        .order_by(o.c.number.desc())
        .limit(10)
    )
    found = {row.number: row for row in bind.execute(statement)}
    assert found[1].name == "Euro" and found[1].size == "small", found[1]
    assert [n for n in found] == [3, 2, 1]
    sums = bind.execute(
        select(orders.c.currency, func.sum(orders.c.total)).group_by(orders.c.currency).having(func.count() > 0).order_by(orders.c.currency)
    ).all()
    assert [code for code, _ in sums] == ["CHF", "EUR", "USD"], sums
    newest = bind.scalar(select(func.max(orders.c.number)))
    bind.execute(
        orders.update().where(orders.c.number == sa.bindparam("n")).values(size=sa.bindparam("s")),
        [{"n": newest, "s": "huge"}, {"n": 1, "s": "tiny"}],
    )
    result = bind.execute(orders.update().where(orders.c.number == -1).values(size=None))
    assert result.rowcount == 0
    assert result.supports_sane_rowcount() and result.supports_sane_multi_rowcount()
    assert op.get_bind().dialect.supports_sane_multi_rowcount


def downgrade():
    op.drop_column("orders", "size")
