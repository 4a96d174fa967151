"""words of the server as names

Revision ID: l5
Revises: l4
Create Date: 2025-03-02 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'l5'
down_revision: Union[str, None] = 'l4'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    op.create_table(
        "select",
        sa.Column("from", sa.Integer, primary_key=True),
        sa.Column("CamelCase", sa.String(5), index=True),
        sa.Column("with space", sa.String(5), unique=True),
        sa.Column("ünï", sa.Date),
        sa.Column("per%cent", sa.Integer),
        sa.Column('quo"te', sa.Integer),
        sa.Column("user", sa.Boolean(), sa.CheckConstraint("\"user\" OR NOT \"user\"")),
        sa.Column("1st", sa.Integer),
        sa.Column("a_name_that_is_longer_than_what_the_server_keeps_which_is_63_bytes"[:63], sa.Integer, index=True),
    )
    op.create_index("Mixed", "select", ["CamelCase", sa.text('"with space" varchar_pattern_ops')])
    op.alter_column("select", "CamelCase", new_column_name="camel_case")
    op.execute('INSERT INTO "select" ("from", "per%cent") VALUES (1, 50)')
    op.get_bind().execute(sa.text('UPDATE "select" SET "quo""te" = 7 WHERE "per%cent" % 2 = 0'))


def downgrade():
    op.drop_table("select")
