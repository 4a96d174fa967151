"""creator role

Revision ID: 46976cc39132
Revises: 64b051264f32
Create Date: 2023-07-26 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from console.models import enums
from console.models.types import EnumText

# revision identifiers, used by Alembic.
revision = '46976cc39132'
down_revision = '64b051264f32'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('apps', schema=None) as batch_op:
        batch_op.add_column(sa.Column('created_by_role', EnumText(enums.CreatorRole, length=40), server_default=enums.CreatorRole.ACCOUNT, nullable=False))
        batch_op.add_column(sa.Column('updated_by_role', EnumText(enums.CreatorRole), nullable=True))
        batch_op.create_index('app_role_idx', ['account_id', 'created_by_role'], unique=False, postgresql_where=sa.text("created_by_role <> 'end_user'"))


def downgrade():
    with op.batch_alter_table('apps', schema=None) as batch_op:
        batch_op.drop_index('app_role_idx', postgresql_where=sa.text("created_by_role <> 'end_user'"))
        batch_op.drop_column('updated_by_role')
        batch_op.drop_column('created_by_role')
