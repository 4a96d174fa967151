"""find a constraint by its columns

Revision ID: d8c92f0ab9e1
Revises: c617da68de7d
Create Date: 2023-07-07 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from console.utils import create_index_if_not_exists, generic_find_constraint_name

# revision identifiers, used by Alembic.
revision = 'd8c92f0ab9e1'
down_revision = 'c617da68de7d'
branch_labels = None
depends_on = None


def upgrade():
    bind = op.get_bind()
    insp = sa.engine.reflection.Inspector.from_engine(bind)
    try:
        constraint = generic_find_constraint_name("apps", {"id"}, "accounts", insp)
        op.drop_constraint(constraint, "apps", type_="foreignkey")
    except Exception as ex:
        print(f"nothing to drop: {ex}")
        raise
    op.create_foreign_key("fk_apps_account_id", "apps", "accounts", ["account_id"], ["id"], ondelete="CASCADE")
    create_index_if_not_exists("ix_apps_kind", "apps", ["kind"])
    create_index_if_not_exists("ix_apps_kind", "apps", ["kind"], unique=True)


def downgrade():
    op.drop_index("ix_apps_kind", table_name="apps")
    op.drop_constraint("fk_apps_account_id", "apps", type_="foreignkey")
    op.create_foreign_key("apps_account_id_fkey", "apps", "accounts", ["account_id"], ["id"])
