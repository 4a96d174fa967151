"""order lines made from orders with typed models

Revision ID: 0006
Revises: 0005
Create Date: 2023-07-11 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import uuid
from typing import Optional
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    number: Mapped[int]
    total: Mapped[float] = mapped_column(sa.Numeric(12, 2))
    size: Mapped[Optional[str]] = mapped_column(sa.String(10))


class Line(Base):
    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("orders.id"))
    position: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(sa.Text, default=lambda: "as ordered")
    amount: Mapped[float] = mapped_column(sa.Numeric(12, 2))


def upgrade():
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.UniqueConstraint("order_id", "position"),
    )
    with Session(op.get_bind()) as session:
        for order in session.scalars(sa.select(Order).order_by(Order.number)):
            session.add(Line(order_id=order.id, amount=order.total))
            if order.size == "huge":
                session.add_all([Line(order_id=order.id, position=2, text="bonus", amount=0)])
        session.commit()


def downgrade():
    op.drop_table("order_lines")
