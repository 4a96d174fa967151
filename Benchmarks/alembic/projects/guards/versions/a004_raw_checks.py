"""questions put to the catalogs in SQL

Revision ID: a004
Revises: a003
Create Date: 2025-03-08 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'a004'
down_revision: Union[str, None] = 'a003'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def column_exists(table: str, column: str) -> bool:
    conn = op.get_bind()
    result = conn.execute(
        sa.text(
            """
            SELECT EXISTS (
                SELECT 1 FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = :table AND column_name = :column
            )
            """
        ),
        dict(table=table, column=column),
    )
    return bool(result.scalar())


def upgrade() -> None:
    if not column_exists("device", "location"):
        op.execute("ALTER TABLE device ADD COLUMN location point")
    if not column_exists("device", "firmware"):
        op.add_column("device", sa.Column("firmware", sa.String(20), nullable=True))
        op.execute(sa.text("UPDATE device SET firmware = :v WHERE firmware IS NULL").bindparams(v="1.0"))
        op.alter_column("device", "firmware", nullable=False, server_default="1.0")
    version = op.get_bind().execute(sa.text("SHOW server_version_num")).scalar()
    if int(version) < 120000:
        raise Exception("PostgreSQL 12 or later is needed")
    op.execute("INSERT INTO device (serial, name, address) VALUES ('S-1', 'first', '10.0.0.1'), ('S-2', 'second', '10.0.0.2/24')")


def downgrade() -> None:
    op.execute("DELETE FROM device WHERE serial LIKE 'S-%'")
    op.drop_column("device", "firmware")
    op.drop_column("device", "location")
