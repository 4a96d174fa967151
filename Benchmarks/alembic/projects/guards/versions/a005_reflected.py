"""reflected tables

Revision ID: a005
Revises: a004
Create Date: 2025-03-06 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'a005'
down_revision: Union[str, None] = 'a004'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    bind = op.get_bind()
    metadata = sa.MetaData()
    device = sa.Table("device", metadata, autoload_with=bind)
    assert "serial" in device.c and device.c.serial.type.length == 80
    rows = bind.execute(sa.select(device.c.id, device.c.serial).order_by(device.c.serial)).fetchall()
    reading = sa.Table("reading", metadata, autoload_with=bind)
    for index, (identifier, serial) in enumerate(rows):
        bind.execute(reading.insert().values(device_id=identifier, value=index * 1.5, unit=serial[-2:]))
    bind.execute(device.update().where(device.c.serial == "S-2").values(name=None))
    try:
        sa.Table("no_such_table", metadata, autoload_with=bind)
    except sa.exc.NoSuchTableError:
        pass
    else:
        raise AssertionError("a table that is not there was reflected")
    if not sa.inspect(bind).has_table("archive"):
        op.create_table("archive", sa.Column("id", sa.Integer, primary_key=True), *[column.copy() if False else sa.Column(column.name, column.type) for column in reading.c if column.name in ("value", "unit", "taken_at")])


def downgrade() -> None:
    op.drop_table("archive", if_exists=True)
    op.execute("DELETE FROM reading")
