"""branches for other databases

Revision ID: a006
Revises: a005
Create Date: 2025-03-14 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from alembic import context
from sqlalchemy.dialects import mysql, postgresql, sqlite

# revision identifiers, used by Alembic.
revision: str = 'a006'
down_revision: Union[str, None] = 'a005'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    bind = op.get_bind()
    dialect = bind.dialect.name
    if dialect == "mysql":
        op.add_column("device", sa.Column("notes", mysql.MEDIUMTEXT(collation="utf8mb4_bin")))
        op.execute("ALTER TABLE device ENGINE = InnoDB")
    elif dialect == "sqlite":
        with op.batch_alter_table("device", recreate="always") as batch_op:
            batch_op.add_column(sa.Column("notes", sqlite.JSON()))
    else:
        op.add_column("device", sa.Column("notes", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True))
    if op.get_context().dialect.name == "postgresql" and not context.is_offline_mode():
        op.execute("COMMENT ON COLUMN device.notes IS 'only here'")
    json_type = sa.JSON().with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.add_column("device", sa.Column("settings", json_type, server_default=sa.text("'{}'") if dialect == "postgresql" else None))
    if bind.engine.name != "postgresql":
        return
    op.create_index("ix_device_settings", "device", [sa.text("(settings ->> 'zone')")])


def downgrade() -> None:
    op.drop_index("ix_device_settings", table_name="device")
    with op.batch_alter_table("device") as batch_op:
        batch_op.drop_column("settings")
        batch_op.drop_column("notes")
