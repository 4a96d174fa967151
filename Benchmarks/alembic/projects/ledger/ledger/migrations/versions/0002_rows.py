"""rows

Revision ID: 0002
Revises: 0001
Create Date: 2022-01-02
"""
from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.orm import Session, declarative_base

from ledger.config import get_config
from ledger.custom_types import JSONType, TrimmedString

# revision identifiers, used by Alembic.
revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

config = get_config()
Base = declarative_base()


class Account(Base):
    __tablename__ = "account"
    __table_args__ = {"schema": config.SCHEMA}

    id = Column(Integer, primary_key=True)
    number = Column(sa.String)
    title = Column(TrimmedString(12))
    meta = Column("metadata", JSONType)


class Posting(Base):
    __tablename__ = "posting"
    __table_args__ = {"schema": config.SCHEMA}

    id = Column(Integer, primary_key=True)
    account_id = Column(Integer)
    cents = Column(sa.BigInteger)
    booked = Column(sa.Date)


def upgrade():
    session = Session(bind=op.get_bind())
    for index in range(1, 4):
        account = Account(number=f"A-{index:03}", title="a title that is too long", meta={"i": index, "tags": ["é", None]})
        session.add(account)
        session.flush()
        session.add(Posting(account_id=account.id, cents=index * 10_000_000_000, booked=date(2022, index, 15)))
    session.commit()
    stmt = (
        select(Account.number, sa.func.sum(Posting.cents).label("total"))
        .join(Posting, Posting.account_id == Account.id)
        .group_by(Account.number)
        .order_by(sa.desc("total"))
    )
    rows = session.execute(stmt).all()
    assert [(r.number, int(r.total)) for r in rows][0] == ("A-003", 30_000_000_000), rows
    first = session.query(Account).filter(Account.number == "A-001").first()
    first.title = "first"
    first.meta = None
    session.query(Posting).filter(Posting.account_id == first.id).update({Posting.cents: Posting.cents + 1}, synchronize_session=False)
    assert session.get(Account, first.id) is first
    assert session.query(sa.exists().where(Account.number == "A-002")).scalar()
    session.delete(session.query(Account).filter_by(number="A-002").one_or_none()) if False else None
    session.commit()


def downgrade():
    metadata = MetaData()
    posting = Table("posting", metadata, Column("id", Integer))
    account = Table("account", metadata, Column("id", Integer))
    op.execute(posting.delete())
    op.execute(account.delete())
