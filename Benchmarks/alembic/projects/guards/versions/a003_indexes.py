"""indexes and constraints unless they are there

Revision ID: a003
Revises: a002
Create Date: 2025-03-26 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'a003'
down_revision: Union[str, None] = 'a002'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


INDEXES = [("ix_reading_device_id", "reading", ["device_id"], False), ("ix_reading_taken_at", "reading", ["taken_at"], False), ("ux_device_address", "device", ["address"], True)]


def index_names(inspector, table):
    return [index["name"] for index in inspector.get_indexes(table)]


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    for name, table, columns, unique in INDEXES:
        if name not in index_names(inspector, table):
            op.create_index(name, table, columns, unique=unique)
    uniques = inspector.get_unique_constraints("device")
    assert [u["column_names"] for u in uniques] == [["serial"]], uniques
    if not any(set(u["column_names"]) == {"serial", "name"} for u in uniques):
        op.create_unique_constraint("uq_device_serial_name", "device", ["serial", "name"])
    pk = inspector.get_pk_constraint("reading")
    assert pk["constrained_columns"] == ["id"] and pk["name"] == "reading_pkey"
    for fk in inspector.get_foreign_keys("reading"):
        if fk["referred_table"] == "device" and fk["options"].get("ondelete") != "CASCADE":
            op.drop_constraint(fk["name"], "reading", type_="foreignkey")
            op.create_foreign_key(fk["name"], "reading", fk["referred_table"], fk["constrained_columns"], fk["referred_columns"], ondelete="CASCADE")


def downgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    op.drop_constraint("fk_reading_device", "reading", type_="foreignkey")
    op.create_foreign_key("fk_reading_device", "reading", "device", ["device_id"], ["id"])
    if "uq_device_serial_name" in {u["name"] for u in inspector.get_unique_constraints("device")}:
        op.drop_constraint("uq_device_serial_name", "device")
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table, if_exists=True)
