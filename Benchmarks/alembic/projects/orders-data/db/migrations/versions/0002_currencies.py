"""currencies from a list

Revision ID: 0002
Revises: 0001
Create Date: 2023-07-21 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from db.constants import CURRENCIES, normalise

# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


NAMES = dict(EUR="Euro", USD="US Dollar", CHF="Swiss Franc")

currency = sa.table("currency", sa.column("code", sa.String), sa.column("name", sa.String), sa.column("minor_units", sa.Integer))


def upgrade():
    op.bulk_insert(currency, [dict(code=normalise(code), name=NAMES[code], minor_units=2) for code in CURRENCIES])
    op.bulk_insert(currency, [{"code": "JPY", "name": "Yen", "minor_units": 0}], multiinsert=False)


def downgrade():
    conn = op.get_bind()
    conn.execute(currency.delete().where(currency.c.code.in_([*CURRENCIES, "JPY"])))
