"""types of sqlalchemy_utils

Revision ID: l2
Revises: l1
Create Date: 2025-03-07 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
import sqlalchemy_utils
from sqlalchemy_utils import ArrowType, ChoiceType, EmailType, JSONType, LtreeType, TSVectorType, URLType, UUIDType
from sqlalchemy_utils.types.ip_address import IPAddressType

# revision identifiers, used by Alembic.
revision: str = 'l2'
down_revision: Union[str, None] = 'l1'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    op.execute("CREATE EXTENSION IF NOT EXISTS ltree")
    op.create_table(
        "member",
        sa.Column("id", UUIDType(binary=False), nullable=False),
        sa.Column("legacy", UUIDType(), nullable=True),
        sa.Column("email", EmailType(length=255), nullable=True),
        sa.Column("home", URLType(), nullable=True),
        sa.Column("joined", sqlalchemy_utils.types.arrow.ArrowType(), nullable=True) if False else sa.Column("joined", sa.DateTime()),
        sa.Column("kind", ChoiceType([("s", "student"), ("t", "teacher")], impl=sa.String(1)), nullable=True),
        sa.Column("settings", JSONType(), nullable=True),
        sa.Column("path", LtreeType(), nullable=True),
        sa.Column("search", TSVectorType("email", "home"), nullable=True),
        sa.Column("address", IPAddressType(length=50), nullable=True),
        sa.Column("zone", sqlalchemy_utils.types.timezone.TimezoneType(backend="zoneinfo"), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_member_search", "member", ["search"], unique=False, postgresql_using="gin")


def downgrade():
    op.drop_index("ix_member_search", table_name="member", postgresql_using="gin")
    op.drop_table("member")
    op.execute("DROP EXTENSION ltree")
