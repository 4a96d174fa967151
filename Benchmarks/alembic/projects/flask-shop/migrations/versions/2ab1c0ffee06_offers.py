"""offers, with the shop's own models

Revision ID: 2ab1c0ffee06
Revises: 2ab1c0ffee05
Create Date: 2023-08-01 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

from shop.models import PriceRange, SeasonOffer, SpecialOffer, db

# revision identifiers, used by Alembic.
revision = '2ab1c0ffee06'
down_revision = '2ab1c0ffee05'
branch_labels = None
depends_on = None


def upgrade():
    bind = op.get_bind()
    PriceRange.__table__.create(bind)
    SpecialOffer.__table__.create(bind)

    session = db.Session(bind=bind)
    session.add_all([PriceRange(name='low', least=0), PriceRange(name='high', least=100)])
    session.flush()
    high = session.query(PriceRange).order_by(PriceRange.least.desc()).first()
    session.add(SpecialOffer(percent=5, range=high))
    session.add(SeasonOffer(percent=10, season='winter', range_id=high.id))
    high.least = 200
    session.commit()

    op.add_column('special_offer', db.Column('note', db.Text(), server_default=db.text("''")))
    session.execute(db.update(SpecialOffer).where(SpecialOffer.percent > 5).values(percent=8))


def downgrade():
    op.drop_table('special_offer')
    op.drop_table('price_range')
    sa.Enum(name='season').drop(op.get_bind())
