"""labels and the apps that bear them

Revision ID: f3a1b2c4d5e6
Revises: d8c92f0ab9e1
Create Date: 2023-07-08 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

# revision identifiers, used by Alembic.
revision = 'f3a1b2c4d5e6'
down_revision = 'd8c92f0ab9e1'
branch_labels = None
depends_on = None


class Base(DeclarativeBase):
    pass


app_labels = Table(
    "app_labels",
    Base.metadata,
    Column("app_id", UUID(as_uuid=True), ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True),
    Column("label_id", Integer, ForeignKey("labels.id"), primary_key=True),
)


class Label(Base):
    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("name", name="uq_labels_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    shade: Mapped[str | None] = mapped_column(default="plain")


class App(Base):
    __tablename__ = "apps"

    id = mapped_column(UUID(as_uuid=True), primary_key=True)
    tags = mapped_column(sa.ARRAY(sa.Text))
    labels: Mapped[list[Label]] = relationship(secondary=app_labels)


def upgrade():
    bind = op.get_bind()
    Label.__table__.create(bind)
    app_labels.create(bind, checkfirst=True)
    Session = sessionmaker(bind=bind)
    with Session() as session:
        names = sorted({tag for app in session.query(App).all() for tag in app.tags})
        labels = {name: Label(name=name) for name in names}
        session.add_all(labels.values())
        session.flush()
        for app in session.scalars(sa.select(App).where(sa.func.cardinality(App.tags) > 0)).all():
            for tag in app.tags:
                session.execute(app_labels.insert().values(app_id=app.id, label_id=labels[tag].id))
        session.commit()


def downgrade():
    app_labels.drop(op.get_bind())
    Label.__table__.drop(op.get_bind(), checkfirst=True)
