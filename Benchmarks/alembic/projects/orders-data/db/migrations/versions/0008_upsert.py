"""upserts and returning

Revision ID: 0008
Revises: 0007
Create Date: 2023-07-20 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


currency = sa.table("currency", sa.column("code", sa.String), sa.column("name", sa.String), sa.column("minor_units", sa.Integer))


def upgrade():
    conn = op.get_bind()
    statement = insert(currency).values([{"code": "EUR", "name": "Euro (EU)", "minor_units": 2}, {"code": "SEK", "name": "Krona", "minor_units": 2}])
    statement = statement.on_conflict_do_update(index_elements=["code"], set_={"name": statement.excluded.name})
    conn.execute(statement)
    conn.execute(insert(currency).values(code="CHF", name="ignored", minor_units=1).on_conflict_do_nothing())
    code = conn.execute(currency.insert().values(code="NOK", name="Krone", minor_units=2).returning(currency.c.code)).scalar_one()
    assert code == "NOK"
    savepoint = conn.begin_nested()
    try:
        conn.execute(currency.insert().values(code="NOK", name="twice", minor_units=2))
        savepoint.commit()
    except IntegrityError:
        savepoint.rollback()
    first = conn.execute(sa.text("SELECT code, name FROM currency ORDER BY code LIMIT 1")).mappings().first()
    assert first["code"] == "CHF", dict(first)
    missing = conn.execute(sa.text("SELECT 1 FROM currency WHERE code = :code"), {"code": "XXX"}).first()
    assert missing is None


def downgrade():
    conn = op.get_bind()
    deleted = conn.execute(sa.delete(currency).where(currency.c.code.in_(("SEK", "NOK"))).returning(currency.c.code))
    assert sorted(deleted.scalars().all()) == ["NOK", "SEK"]
    conn.execute(sa.update(currency).where(currency.c.code == "EUR").values(name="Euro"))
