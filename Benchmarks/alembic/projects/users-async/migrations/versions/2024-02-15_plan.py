"""subscription plan from the application's enum

Revision ID: 6e9c1d3f5a70
Revises: d41f6b8a2c05
Create Date: 2025-03-13 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from src.db import Plan

# revision identifiers, used by Alembic.
revision: str = '6e9c1d3f5a70'
down_revision: Union[str, None] = 'd41f6b8a2c05'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


plan = postgresql.ENUM(*[member.value for member in Plan], name="plan", create_type=False)


def upgrade() -> None:
    bind = op.get_bind()
    plan.create(bind, checkfirst=True)
    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True, start=1000), primary_key=True),
        sa.Column("user_id", sa.UUID(as_uuid=True), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("plan", plan, nullable=False, server_default=Plan.FREE.value),
        sa.Column("seats", sa.SmallInteger(), sa.CheckConstraint("seats > 0", name="seats_positive"), server_default="1"),
        sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0")),
        sa.Column("renews_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.current_timestamp(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("subscription")
    plan.drop(op.get_bind())
