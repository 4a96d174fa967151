"""First superuser and a few tags

Revision ID: a8c0e1f23b57
Revises: e2b4d6f80a13
Create Date: 2023-07-16 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import uuid
from datetime import datetime, timezone

# revision identifiers, used by Alembic.
revision = 'a8c0e1f23b57'
down_revision = 'e2b4d6f80a13'
branch_labels = None
depends_on = None


user_table = sa.table(
    "user",
    sa.column("id", sa.Uuid()),
    sa.column("email", sa.String),
    sa.column("is_active", sa.Boolean),
    sa.column("is_superuser", sa.Boolean),
    sa.column("full_name", sa.String),
    sa.column("hashed_password", sa.String),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
TAGS = ["urgent", "later", "it's done", 'say "hi"', "100%", "a:b :c"]


def upgrade():
    op.bulk_insert(
        user_table,
        [
            {
                "id": uuid.uuid5(NAMESPACE, "admin@example.org"),
                "email": "admin@example.org",
                "is_active": True,
                "is_superuser": True,
                "full_name": None,
                "hashed_password": "$2b$12$" + "x" * 53,
                "created_at": datetime(2024, 2, 29, 23, 59, 58, 123456, tzinfo=timezone.utc),
            }
        ],
    )
    tag = sa.table("tag", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("color"))
    for number, name in enumerate(TAGS, start=1):
        op.execute(
            tag.insert().values(
                id=uuid.uuid5(NAMESPACE, f"tag/{name}"), name=name, color=f"#{number * 1118481:06x}"
            )
        )


def downgrade():
    op.execute(sa.text("DELETE FROM tag WHERE name = ANY(:names)").bindparams(names=TAGS))
    op.execute(user_table.delete().where(user_table.c.email == "admin@example.org"))
