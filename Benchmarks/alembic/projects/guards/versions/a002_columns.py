"""columns unless they are there

Revision ID: a002
Revises: a001
Create Date: 2025-03-02 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'a002'
down_revision: Union[str, None] = 'a001'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def _columns(table):
    inspector = sa.inspect(op.get_bind())
    return {c["name"]: c for c in inspector.get_columns(table)}


def upgrade() -> None:
    columns = _columns("device")
    if "online" not in columns:
        op.add_column("device", sa.Column("online", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    if "serial" in columns and not columns["serial"]["nullable"]:
        length = columns["serial"]["type"].length
        assert length == 40, length
        op.alter_column("device", "serial", type_=sa.String(length * 2), existing_type=columns["serial"]["type"])
    assert isinstance(columns["name"]["type"], sa.String)
    assert isinstance(columns["id"]["type"], sa.Integer) and not isinstance(columns["id"]["type"], sa.String)
    assert columns["id"]["default"].startswith("nextval("), columns["id"]
    reading = _columns("reading")
    assert reading["unit"]["default"] == "'C'::character varying", reading["unit"]
    assert str(reading["value"]["type"]) == "DOUBLE PRECISION", str(reading["value"]["type"])
    for name, kind in (("taken_at", sa.DateTime(timezone=True)), ("value", sa.Float())):
        if name not in reading:
            op.add_column("reading", sa.Column(name, kind))


def downgrade() -> None:
    if "taken_at" in _columns("reading"):
        op.drop_column("reading", "taken_at")
    if "online" in _columns("device"):
        op.drop_column("device", "online")
    op.alter_column("device", "serial", type_=sa.String(40))
