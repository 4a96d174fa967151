"""partitions

Revision ID: t4
Revises: t3
Create Date: 2023-07-10 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from datetime import date, timedelta

# revision identifiers, used by Alembic.
revision = 't4'
down_revision = 't3'
branch_labels = None
depends_on = None


def months(first, count):
    for _ in range(count):
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield first, following
        first = following


def upgrade():
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("payload", sa.dialects.postgresql.JSONB, nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("id", "day"),
        postgresql_partition_by="RANGE (day)",
    )
    for first, following in months(date(2023, 11, 1), 4):
        op.execute(
            "CREATE TABLE event_{:%Y_%m} PARTITION OF event FOR VALUES FROM ('{}') TO ('{}')".format(first, first.isoformat(), following)
        )
    event = sa.table("event", sa.column("id"), sa.column("day", sa.Date), sa.column("payload", sa.dialects.postgresql.JSONB))
    op.get_bind().execute(
        event.insert(),
        [{"id": n, "day": date(2023, 11, 1) + timedelta(weeks=n), "payload": {"n": n, "when": str(timedelta(hours=n))}} for n in range(12)],
    )


def downgrade():
    op.drop_table("event")
