"""Coins and their prices

Revision ID: n5q8r1c6e0g4
Revises: m1p4k7b2d9f3
Create Date: 2025-01-20 16:40:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "n5q8r1c6e0g4"
down_revision = "m1p4k7b2d9f3"
branch_labels = None
depends_on = None

TICKER = postgresql.DOMAIN("ticker", sa.Text(), create_type=False)


def upgrade():
    op.execute(
        "create domain ticker as text constraint ticker_is_short check (value ~ '^[A-Z0-9]{2,10}$')"
    )
    op.create_table(
        "coins",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("symbol", TICKER, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("decimals", sa.SmallInteger(), server_default=sa.text("8"), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("delisted_on", sa.Date()),
        sa.CheckConstraint("decimals between 0 and 18"),
        sa.CheckConstraint("delisted_on is null or delisted_on > listed_on"),
        sa.UniqueConstraint("symbol"),
    )
    op.create_index("coins_tags_idx", "coins", ["tags"], postgresql_using="gin")

    price = sa.Numeric(20, 8)
    op.create_table(
        "prices",
        sa.Column("coin_id", sa.Integer(), sa.ForeignKey("coins.id"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        *[sa.Column(name, price, nullable=False) for name in ("open", "high", "low", "close")],
        sa.Column(
            "volume",
            sa.Double(),
            nullable=False,
            comment='In dollars; "estimated" where the exchange gives none',
        ),
        sa.Column("change", price, sa.Computed("close - open", persisted=True)),
        sa.CheckConstraint(
            "low <= open and low <= close and high >= open and high >= close",
            name="prices_make_sense",
        ),
        comment="One row per coin and five minutes, from the collectors",
    )
    op.create_index("prices_at_idx", "prices", ["at"], postgresql_using="brin")
    op.execute("alter table prices alter column at set statistics 500")
    op.execute("comment on constraint prices_make_sense on prices is 'Collectors have sent worse'")


def downgrade():
    op.drop_table("prices")
    op.drop_table("coins")
    op.execute("drop domain ticker")
