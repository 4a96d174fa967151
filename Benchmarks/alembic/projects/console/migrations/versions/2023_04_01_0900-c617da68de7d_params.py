"""rewrite params of every app

Revision ID: c617da68de7d
Revises: 7ce5925f832b
Create Date: 2023-07-15 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import json
import logging
import re
from console.utils import paginated_update, table_has_column, try_load_json
from sqlalchemy import Column, or_, String, Text
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import Session

# revision identifiers, used by Alembic.
revision = 'c617da68de7d'
down_revision = '7ce5925f832b'
branch_labels = None
depends_on = None


Base = declarative_base()
logger = logging.getLogger("alembic.env")


class App(Base):
    __tablename__ = "apps"

    id = Column(String, primary_key=True)
    params = Column(Text)

    def __repr__(self):
        return f"App({self.id})"

    @property
    def kind(self):
        return try_load_json(self.params).get("viz_type")


def rename(value):
    if isinstance(value, str):
        return re.sub(r"\s+:\s*$", "", value)
    if isinstance(value, (list, tuple)):
        return [rename(v) for v in value]
    return value


def upgrade():
    bind = op.get_bind()
    session = Session(bind=bind)
    if not table_has_column("apps", "kind"):
        op.add_column("apps", sa.Column("kind", sa.String(20)))
    for app in paginated_update(
        session.query(App).filter(or_(App.params.isnot(None), App.id == None)),  # noqa: E711
        lambda current, total: logger.info("%d of %d", current, total),
    ):
        params = try_load_json(app.params)
        params = {key.lower(): rename(value) for key, value in params.items() if key != "color"}
        params.setdefault("version", 2)
        app.params = json.dumps(params, sort_keys=True)
        session.execute(sa.text("UPDATE apps SET kind = :kind WHERE id = CAST(:id AS uuid)"), {"kind": app.kind, "id": str(app.id)})
    session.close()


def downgrade():
    op.drop_column("apps", "kind")
