"""types of PostgreSQL

Revision ID: l3
Revises: l2
Create Date: 2025-03-03 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

# revision identifiers, used by Alembic.
revision: str = 'l3'
down_revision: Union[str, None] = 'l2'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    for extension in ("citext", "hstore"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "zoo",
        sa.Column("a", pg.CITEXT(), nullable=True),
        sa.Column("b", pg.HSTORE(), nullable=True),
        sa.Column("c", pg.INET()),
        sa.Column("d", pg.CIDR()),
        sa.Column("e", pg.MACADDR()),
        sa.Column("f", pg.INTERVAL(fields="DAY TO SECOND", precision=3)),
        sa.Column("g", sa.Interval()),
        sa.Column("h", pg.BIT(8)),
        sa.Column("i", pg.BIT(varying=True)),
        sa.Column("j", pg.DOUBLE_PRECISION(precision=53)),
        sa.Column("k", pg.TIMESTAMP(timezone=True, precision=3)),
        sa.Column("l", pg.TIME(timezone=True, precision=0)),
        sa.Column("m", pg.INT4RANGE()),
        sa.Column("n", pg.NUMRANGE()),
        sa.Column("o", pg.DATERANGE()),
        sa.Column("p", pg.ARRAY(pg.ARRAY(sa.Integer)) if False else pg.ARRAY(sa.Integer, dimensions=2)),
        sa.Column("q", pg.ARRAY(sa.Enum("x", "y", name="xy"))),
        sa.Column("r", pg.OID()),
        sa.Column("s", pg.REGCLASS()),
        sa.Column("t", pg.MONEY()),
        sa.Column("u", pg.BYTEA()),
        sa.Column("v", pg.TSVECTOR(), sa.Computed("to_tsvector('english', coalesce(a::text, ''))", persisted=True)),
        sa.Column("w", pg.JSONB(astext_type=sa.Text())),
        sa.Column("x", sa.Float(24)),
        sa.Column("y", sa.Double()),
        sa.Column("z", sa.REAL()),
        sa.Column("aa", sa.NVARCHAR(10).with_variant(sa.String(10), "postgresql")),
        sa.Column("ab", sa.Numeric()),
        sa.Column("ac", sa.Numeric(5)),
        sa.Column("ad", sa.DECIMAL(7, 3)),
        sa.Column("ae", sa.Text(collation="C")),
        sa.Column("af", sa.String(9, collation="en-x-icu")),
        sa.Column("ag", pg.INT8MULTIRANGE()),
        sa.Column("ah", pg.JSONPATH()),
        sa.Column("ai", sa.TIMESTAMP()),
        sa.Column("aj", sa.Unicode()),
        sa.Column("ak", sa.UnicodeText()),
        sa.Column("al", sa.CHAR()),
        sa.Column("am", sa.VARBINARY(5).with_variant(pg.BYTEA, "postgresql")),
    )


def downgrade():
    op.drop_table("zoo")
    op.execute("DROP TYPE xy")
    op.execute("DROP EXTENSION hstore")
    op.execute("DROP EXTENSION citext")
