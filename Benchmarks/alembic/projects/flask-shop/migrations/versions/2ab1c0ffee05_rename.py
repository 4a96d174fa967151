"""customers are accounts now

Revision ID: 2ab1c0ffee05
Revises: 2ab1c0ffee04
Create Date: 2023-07-01 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '2ab1c0ffee05'
down_revision = '2ab1c0ffee04'
branch_labels = None
depends_on = None


def upgrade():
    op.rename_table('customer', 'account')
    op.execute('ALTER SEQUENCE customer_id_seq RENAME TO account_id_seq')
    op.execute('ALTER INDEX pk_customer RENAME TO pk_account')
    with op.batch_alter_table('account', recreate='auto') as batch_op:
        batch_op.alter_column('joined', new_column_name='joined_at', existing_type=sa.DateTime(), type_=sa.DateTime(timezone=True), postgresql_using="joined AT TIME ZONE 'UTC'")
        batch_op.alter_column('name', existing_type=sa.String(80), nullable=False)
    op.create_table_comment('account', 'people who buy', existing_comment=None)


def downgrade():
    op.drop_table_comment('account', existing_comment='people who buy')
    with op.batch_alter_table('account') as batch_op:
        batch_op.alter_column('name', existing_type=sa.String(80), nullable=True)
        batch_op.alter_column('joined_at', new_column_name='joined', existing_type=sa.DateTime(timezone=True), type_=sa.DateTime(), postgresql_using="joined_at AT TIME ZONE 'UTC'")
    op.execute('ALTER INDEX pk_account RENAME TO pk_customer')
    op.execute('ALTER SEQUENCE account_id_seq RENAME TO customer_id_seq')
    op.rename_table('account', 'customer')
