"""orders

Revision ID: 2ab1c0ffee02
Revises: 2ab1c0ffee01
Create Date: 2023-07-11 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '2ab1c0ffee02'
down_revision = '2ab1c0ffee01'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('order',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('placed', sa.Date(), nullable=True),
    sa.Column('at', sa.Time(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True, comment="the customer's words; may hold \\ and 'quotes'"),
    sa.Column('paid', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name='fk_order_customer'),
    sa.PrimaryKeyConstraint('id'),
    comment='orders, open and closed'
    )
    op.create_table('order_line',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('quantity > 0 AND quantity < 1000', name='ck_quantity'),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], onupdate='CASCADE', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], ),
    sa.PrimaryKeyConstraint('order_id', 'number')
    )


def downgrade():
    op.drop_table('order_line')
    op.drop_table('order')
