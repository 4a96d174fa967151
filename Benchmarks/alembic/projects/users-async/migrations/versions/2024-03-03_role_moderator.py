"""add a role, the long way

Revision ID: 3a5c7e9f1b24
Revises: 6e9c1d3f5a70
Create Date: 2025-03-15 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = '3a5c7e9f1b24'
down_revision: Union[str, None] = '6e9c1d3f5a70'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


old_options = ("ADMIN", "EDITOR", "VIEWER")
new_options = sorted(old_options + ("MODERATOR",))

old_type = sa.Enum(*old_options, name="userrole")
new_type = sa.Enum(*new_options, name="userrole")
tmp_type = sa.Enum(*new_options, name="_userrole")

tcr = sa.sql.table("user", sa.Column("role", new_type, nullable=False))


def upgrade() -> None:
    op.alter_column("user", "role", server_default=None)
    # Create a temporary "_userrole" type, convert and drop the "old" type
    tmp_type.create(op.get_bind(), checkfirst=False)
    op.execute('ALTER TABLE "user" ALTER COLUMN role TYPE _userrole USING role::text::_userrole')
    old_type.drop(op.get_bind(), checkfirst=False)
    # Create and convert to the "new" type
    new_type.create(op.get_bind(), checkfirst=False)
    op.execute('ALTER TABLE "user" ALTER COLUMN role TYPE userrole USING role::text::userrole')
    tmp_type.drop(op.get_bind(), checkfirst=False)
    op.alter_column("user", "role", server_default="VIEWER")


def downgrade() -> None:
    # Convert 'MODERATOR' into 'EDITOR'
    op.execute(tcr.update().where(tcr.c.role == "MODERATOR").values(role="EDITOR"))
    op.alter_column("user", "role", server_default=None)
    tmp_type.create(op.get_bind(), checkfirst=False)
    op.execute('ALTER TABLE "user" ALTER COLUMN role TYPE _userrole USING role::text::_userrole')
    new_type.drop(op.get_bind(), checkfirst=False)
    old_type.create(op.get_bind(), checkfirst=False)
    op.execute('ALTER TABLE "user" ALTER COLUMN role TYPE userrole USING role::text::userrole')
    tmp_type.drop(op.get_bind(), checkfirst=False)
    op.alter_column("user", "role", server_default=sa.text("'VIEWER'::userrole"))
