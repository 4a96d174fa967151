"""types of the project

Revision ID: l1
Revises: 
Create Date: 2025-03-01 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
import library.types
from library.types import GUID, JSONEncoded, Money

# revision identifiers, used by Alembic.
revision: str = 'l1'
down_revision: Union[str, None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    op.create_table(
        "book",
        sa.Column("id", GUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("extra", library.types.JSONEncoded(), nullable=True),
        sa.Column("price", Money(precision=10), server_default="0"),
        sa.Column("fine", Money()),
        sa.PrimaryKeyConstraint("id"),
    )
    book = sa.table("book", sa.column("id", GUID()), sa.column("title"), sa.column("extra", JSONEncoded()))
    op.bulk_insert(book, [{"id": "0b0e1f5c-8f9e-4b61-a4cb-0d7f3a5b0c11", "title": "SICP", "extra": {"z": 1, "a": ["ü", None]}}])
    row = op.get_bind().execute(sa.select(book.c.extra)).one()
    assert row.extra["a"][0] == "ü", row


def downgrade():
    op.drop_table("book")
