"""Accounts

Revision ID: m1p4k7b2d9f3
Revises: 
Create Date: 2025-01-06 09:14:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "m1p4k7b2d9f3"
down_revision = None
branch_labels = None
depends_on = None

TOUCH = """
create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end $$
"""


def upgrade():
    op.execute("create extension if not exists pgcrypto with schema public")
    op.execute(TOUCH)
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text()),
        sa.Column("hashed_password", sa.LargeBinary(), nullable=False, comment="bcrypt"),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("preferences", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("position('@' in email) > 1"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("user_email_key", "user", [sa.text("lower(email)")], unique=True)
    op.create_index("user_preferences_idx", "user", ["preferences"], postgresql_using="gin")
    op.execute(
        'create trigger user_touched before update on "user" '
        "for each row execute function touch_updated_at()"
    )


def downgrade():
    op.drop_table("user")
    op.execute("drop function touch_updated_at()")
    op.execute("drop extension pgcrypto")
