"""Holdings, orders and transactions

Revision ID: p9s2t5d8f1h6
Revises: n5q8r1c6e0g4
Create Date: 2025-02-11 11:05:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "p9s2t5d8f1h6"
down_revision = "n5q8r1c6e0g4"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(30, 18)
PRICE = sa.Numeric(20, 8)


def upgrade():
    op.create_table(
        "holdings",
        sa.Column(
            "user_id",
            sa.BigInteger(),
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("coin_id", sa.Integer(), sa.ForeignKey("coins.id"), primary_key=True),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.CheckConstraint("amount >= 0"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(start=1000), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("coin_id", sa.Integer(), sa.ForeignKey("coins.id"), nullable=False),
        sa.Column("side", sa.Enum("buy", "sell", name="order_side"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "filled", "cancelled", "rejected", name="order_status"),
            server_default="open",
            nullable=False,
        ),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("limit_price", PRICE),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("amount > 0"),
    )
    op.create_index(
        "orders_open_idx",
        "orders",
        ["coin_id", "placed_at"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.execute("comment on index orders_open_idx is 'The matching engine reads this one'")
    op.create_index(
        "orders_user_idx",
        "orders",
        ["user_id", sa.text("placed_at desc")],
        postgresql_include=["status"],
    )
    op.execute(
        "create trigger orders_touched before update on orders for each row "
        "when (old.* is distinct from new.*) execute function touch_updated_at()"
    )
    op.create_table(
        "transactions",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column(
            "order_id",
            sa.BigInteger(),
            sa.ForeignKey("orders.id", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", PRICE, nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("fee", PRICE, server_default=sa.text("0"), nullable=False),
        sa.Column("counterparty", postgresql.INET()),
        sa.Column("note", sa.Text(collation="C")),
        sa.Column("total", sa.Numeric(), sa.Computed("price * amount", persisted=True)),
    )
    op.create_index("transactions_order_idx", "transactions", ["order_id"])
    op.execute("create sequence invoice_numbers start with 2026000 increment by 7 maxvalue 2099999 cycle")


def downgrade():
    op.execute("drop sequence invoice_numbers")
    op.drop_table("transactions")
    op.drop_table("orders")
    op.drop_table("holdings")
    op.execute("drop type order_status")
    op.execute("drop type order_side")
