"""columns through mixins, keys of several columns, defaults of every kind

Revision ID: 0004
Revises: 0003
Create Date: 2022-01-04
"""
import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = ()
depends_on = ()


def id_column():
    return sa.Column("id", sa.Uuid(as_uuid=True), primary_key=True, default=uuid.uuid4)


def timestamps(indexed=False):
    return [
        sa.Column("created_at", sa.DateTime, default=datetime.utcnow, server_default=sa.text("statement_timestamp()"), index=indexed),
        sa.Column("updated_at", sa.DateTime, onupdate=datetime.utcnow),
    ]


COMMON = dict(nullable=False)


def upgrade():
    op.create_table(
        "budget",
        id_column(),
        *timestamps(indexed=True),
        sa.Column("year", sa.Integer, **COMMON),
        sa.Column("month", sa.Integer, sa.CheckConstraint("month BETWEEN 1 AND 12"), **COMMON),
        sa.Column("amount", sa.Numeric(14, 2), default=Decimal("0"), server_default="0.00", **COMMON),
        sa.Column("open", sa.Boolean, server_default="t"),
        sa.Column("closed", sa.Boolean, server_default=sa.literal(False)) if False else sa.Column("closed", sa.Boolean, server_default=sa.text("false")),
        sa.Column("ref", sa.Uuid, server_default=sa.text("gen_random_uuid()")),
        sa.Column("day", sa.Date, server_default=sa.func.current_date()),
        sa.Column("epoch", sa.BigInteger, server_default=sa.text("extract(epoch from timestamp '2020-01-01')::bigint")),
        sa.Column("short", sa.String(3), server_default=sa.text("'a'::character varying || 'b'")),
        sa.Column("length", sa.Interval, server_default=sa.text("interval '1 day'")),
        sa.UniqueConstraint("year", "month", name=op.f("uq_budget_year_month")),
    )
    op.create_table(
        "budget_line",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("small", sa.SmallInteger, autoincrement=True),
        sa.ForeignKeyConstraint(("year", "month"), ("budget.year", "budget.month"), name="fk_line_budget", onupdate="CASCADE", ondelete="SET DEFAULT", use_alter=False),
    )
    op.create_table("counter", sa.Column("id", sa.SmallInteger, primary_key=True), sa.Column("big", sa.BigInteger, sa.Identity()))
    op.create_table("with_sequence", sa.Column("id", sa.Integer, sa.Sequence("with_sequence_numbers"), primary_key=True), if_not_exists=True)
    with op.batch_alter_table("budget") as batch:
        batch.alter_column("amount", server_default=sa.text("1 + 1"), existing_type=sa.Numeric(14, 2))
        batch.create_primary_key("pk_none", ["id"]) if False else None
    op.create_index("ix_budget_month_year", "budget", [sa.text("month"), sa.desc("year")])
    op.create_index("ux_budget_open", "budget", ["year"], unique=True, postgresql_where=sa.column("open").is_(True))


def downgrade():
    op.drop_table("with_sequence", if_exists=True)
    for table in ("counter", "budget_line", "budget"):
        op.drop_table(table)
