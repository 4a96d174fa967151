"""orders from a JSON seed

Revision ID: 0003
Revises: 0002
Create Date: 2023-07-22 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import datetime as dt
import json
import logging
import uuid
from decimal import Decimal

# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


log = logging.getLogger("alembic.runtime.migration." + __name__)

SEED = """
[
  {"number": 1, "currency": "EUR", "total": "10.50", "placed": "2023-05-01T10:00:00+02:00", "labels": ["new", "web"], "meta": {"a": [1, 2.5, null, true], "unicode": "\\u00e9\\u4e2d"}},
  {"number": 2, "currency": "USD", "total": "0", "placed": "2023-05-02T00:00:00Z", "labels": [], "meta": {}},
  {"number": 3, "currency": "CHF", "total": "99999.99", "placed": "2023-12-31T23:59:59.999999+00:00", "labels": ["a,b", "c\\"d", "e'f", "", "{x}"], "meta": {"q": "it's \\"quoted\\" \\\\ back"}}
]
"""

orders = sa.Table(
    "orders",
    sa.MetaData(),
    sa.Column("id", sa.dialects.postgresql.UUID(as_uuid=True), primary_key=True),
    sa.Column("number", sa.Integer),
    sa.Column("currency", sa.CHAR(3)),
    sa.Column("placed_at", sa.DateTime(timezone=True)),
    sa.Column("total", sa.Numeric(12, 2)),
    sa.Column("meta", sa.dialects.postgresql.JSONB),
    sa.Column("labels", sa.ARRAY(sa.String(20))),
    sa.Column("raw", sa.JSON),
)


def parse(moment):
    return dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))


def upgrade():
    bind = op.get_bind()
    rows = json.loads(SEED)
    log.info("seeding %d orders", len(rows))
    for row in rows:
        bind.execute(
            orders.insert().values(
                id=uuid.uuid5(uuid.NAMESPACE_URL, "order:%s" % row["number"]),
                number=row["number"],
                currency=row["currency"],
                placed_at=parse(row["placed"]),
                total=Decimal(row["total"]),
                meta=row["meta"],
                labels=row["labels"],
                raw={**row, "seed": True},
            )
        )
    count = bind.execute(sa.select(sa.func.count()).select_from(orders)).scalar()
    if count != len(rows):
        raise RuntimeError(f"expected {len(rows)} rows, found {count}")


def downgrade():
    op.execute(orders.delete())
