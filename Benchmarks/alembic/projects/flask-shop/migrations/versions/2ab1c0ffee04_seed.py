"""seed customers through the session

Revision ID: 2ab1c0ffee04
Revises: 2ab1c0ffee03
Create Date: 2023-07-13 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from datetime import datetime, date, time
from sqlalchemy.orm import declarative_base, relationship, sessionmaker
from sqlalchemy import orm

# revision identifiers, used by Alembic.
revision = '2ab1c0ffee04'
down_revision = '2ab1c0ffee03'
branch_labels = None
depends_on = None


Base = declarative_base()
Session = sessionmaker()


class Customer(Base):
    __tablename__ = 'customer'

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(80))
    email = sa.Column(sa.String(120), nullable=False)
    joined = sa.Column(sa.DateTime)
    orders = relationship('Order', back_populates='customer')


class Order(Base):
    __tablename__ = 'order'

    id = sa.Column(sa.Integer, primary_key=True)
    customer_id = sa.Column(sa.Integer, sa.ForeignKey('customer.id'))
    placed = sa.Column(sa.Date)
    at = sa.Column(sa.Time)
    paid = sa.Column(sa.Boolean, nullable=False, default=False)
    status = sa.Column(sa.String(16), default='new')
    customer = relationship('Customer', back_populates='orders')


def upgrade():
    session = Session(bind=op.get_bind())
    for name in ('Ada', 'Grace', 'Linus'):
        customer = Customer(name=name, email='%s@example.org' % name.lower(), joined=datetime(2020, 1, 2, 3, 4, 5))
        session.add(customer)
    session.flush()

    ada = session.query(Customer).filter_by(name='Ada').one()
    session.add(Order(customer_id=ada.id, placed=date(2021, 12, 31), at=time(12, 30)))
    session.add(Order(customer_id=ada.id, placed=date(2022, 1, 1), paid=True, status='paid'))
    session.commit()

    assert session.query(Customer).count() == 3
    for customer in session.query(Customer).order_by(Customer.id.desc()).all():
        customer.name = customer.name.upper()
    session.commit()


def downgrade():
    session = orm.Session(bind=op.get_bind())
    session.query(Order).delete()
    session.query(Customer).filter(Customer.email.like('%@example.org')).delete(synchronize_session=False)
    session.commit()
