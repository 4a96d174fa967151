"""replace an enum by hand

Revision ID: e4
Revises: e3
Create Date: 2025-03-01 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision: str = 'e4'
down_revision: Union[str, None] = 'e3'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


name = "status"
tmp_name = "tmp_" + name

old_options = ["DRAFT", "LIVE", "GONE"]
new_options = old_options + ["HIDDEN"]

new_type = postgresql.ENUM(*new_options, name=name)
old_type = postgresql.ENUM(*old_options, name=name)


def upgrade():
    op.execute("ALTER TABLE article ALTER COLUMN status DROP DEFAULT")
    op.execute("ALTER TYPE %s RENAME TO %s" % (name, tmp_name))
    new_type.create(op.get_bind())
    op.execute("ALTER TABLE article ALTER COLUMN status TYPE {0} USING status::text::{0}".format(name))
    op.execute(f"DROP TYPE {tmp_name}")
    op.alter_column("article", "status", server_default="DRAFT")


def downgrade():
    article = sa.sql.table("article", sa.Column("status", new_type, nullable=False))
    op.execute(article.update().where(article.c.status == op.inline_literal("HIDDEN")).values({"status": op.inline_literal("GONE")}))
    op.execute("ALTER TABLE article ALTER COLUMN status DROP DEFAULT")
    op.execute("ALTER TYPE " + name + " RENAME TO " + tmp_name)
    old_type.create(op.get_bind(), checkfirst=False)
    op.execute("ALTER TABLE article ALTER COLUMN status TYPE " + name + " USING status::text::" + name)
    op.execute("DROP TYPE " + tmp_name)
    op.alter_column("article", "status", server_default="DRAFT")
