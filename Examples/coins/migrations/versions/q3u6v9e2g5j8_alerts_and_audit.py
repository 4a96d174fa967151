"""Alerts, and who changed them

Revision ID: q3u6v9e2g5j8
Revises: p9s2t5d8f1h6
Create Date: 2025-04-02 08:31:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "q3u6v9e2g5j8"
down_revision = "p9s2t5d8f1h6"
branch_labels = None
depends_on = None

RECORD = r"""
create function audit.record_change() returns trigger language plpgsql as $$
begin
  insert into audit.changes (table_name, action, row_before, row_after)
  values (
    tg_table_schema || '.' || tg_table_name, tg_op,
    case when tg_op <> 'INSERT' then to_jsonb(old) end,
    case when tg_op <> 'DELETE' then to_jsonb(new) end);
  return coalesce(new, old);
end $$
"""


def upgrade():
    op.execute("create schema audit")
    op.execute("comment on schema audit is 'What was changed, written by triggers only'")
    op.execute(
        """
        create table audit.changes (
          id bigint generated always as identity primary key,
          at timestamptz not null default clock_timestamp(),
          by_role name not null default current_user,
          table_name text not null,
          action text not null check (action in ('INSERT', 'UPDATE', 'DELETE')),
          row_before jsonb,
          row_after jsonb
        )
        """
    )
    op.execute(RECORD)
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column(
            "user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("coin_id", sa.Integer(), sa.ForeignKey("coins.id"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("armed", "fired", "muted", name="alert_state"),
            server_default="armed",
            nullable=False,
        ),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("cooldown", sa.Interval(), server_default="15 minutes", nullable=False),
        sa.UniqueConstraint("user_id", "coin_id", "rule", postgresql_nulls_not_distinct=True),
    )
    for table, events in {"coins": "insert or update or delete", "alerts": "update or delete"}.items():
        op.execute(
            f"create trigger {table}_audited after {events} on {table} "
            "for each row execute function audit.record_change()"
        )
    op.execute("alter table alerts disable trigger alerts_audited")


def downgrade():
    op.execute("drop trigger coins_audited on coins")
    op.drop_table("alerts")
    op.execute("drop type alert_state")
    op.execute("drop function audit.record_change()")
    op.drop_table("changes", schema="audit")
    op.execute("drop schema audit")
