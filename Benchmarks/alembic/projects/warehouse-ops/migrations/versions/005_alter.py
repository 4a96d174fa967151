"""every kind of ALTER COLUMN

Revision ID: w005
Revises: w004
Create Date: 2023-07-24 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'w005'
down_revision = 'w004'
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("bin", "code", existing_type=sa.String(12), type_=sa.Text(), existing_nullable=False, schema="stock", comment="short")
    op.alter_column("movement", "who", existing_type=sa.String(30), nullable=False, server_default=sa.text("CURRENT_USER"), schema="stock")
    op.alter_column("movement", "delta", existing_type=sa.Integer(), new_column_name="change", schema="stock")
    op.alter_column("movement", "urgency", server_default=None, schema="stock", existing_type=sa.Enum(name="urgency"))
    op.alter_column("bin", "id", schema="stock", server_default=sa.Identity(always=True, start=10, increment=2), existing_server_default=sa.Identity(start=10, increment=5))
    op.drop_table_comment("bin", schema="stock")
    op.drop_constraint("bin_code_key" if False else op.f("uq_bin_code"), "bin", schema="stock")
    op.execute(sa.schema.CreateSequence(sa.Sequence("ticket", start=100, increment=10, schema="stock")))
    op.add_column("bin", sa.Column("ticket", sa.Integer, server_default=sa.text("nextval('stock.ticket')")), schema="stock")


def downgrade():
    op.drop_column("bin", "ticket", schema="stock")
    op.execute(sa.schema.DropSequence(sa.Sequence("ticket", schema="stock")))
    op.create_unique_constraint(None, "bin", ["code"], schema="stock")
    op.create_table_comment("bin", "where things lie", schema="stock")
    op.alter_column("movement", "urgency", server_default="low", schema="stock")
    op.alter_column("movement", "change", new_column_name="delta", schema="stock")
    op.alter_column("movement", "who", existing_type=sa.String(30), nullable=True, server_default="it's me", schema="stock")
    op.alter_column("bin", "code", existing_type=sa.Text(), type_=sa.String(12), existing_nullable=False, schema="stock", comment=None, existing_comment="short")
