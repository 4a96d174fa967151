"""accounts and postings

Revision ID: 0001
Revises:
Create Date: 2022-01-01
"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.custom_types import JSONType, StringID, TrimmedString, UTCDateTime
from ledger.migrations.util import create_index, create_table, drop_table, transaction

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
ledger_version = "1.0"


def upgrade():
    with transaction():
        create_table(
            "account",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("number", StringID(20), nullable=False),
            sa.Column("title", TrimmedString(12)),
            sa.Column("opened", UTCDateTime, nullable=False, server_default=sa.func.now()),
            sa.Column("metadata", JSONType),
        )
        create_table(
            "posting",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), index=True),
            sa.Column("cents", sa.BigInteger, nullable=False),
            sa.Column("booked", sa.Date, nullable=False),
        )
        create_index("ix_account_number", "account", ["number"], unique=True)
        create_index("ix_account_number", "account", ["number"], unique=True)


def downgrade():
    with transaction():
        drop_table("posting")
        drop_table("account")
