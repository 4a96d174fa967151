"""the tags' column goes

Revision ID: aa00bb11cc22
Revises: f3a1b2c4d5e6
Create Date: 2023-07-06 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import sys
import warnings

# revision identifiers, used by Alembic.
revision = 'aa00bb11cc22'
down_revision = 'f3a1b2c4d5e6'
branch_labels = None
depends_on = None


def upgrade():
    left = op.get_bind().execute(
        sa.text("SELECT count(*) FROM apps a WHERE NOT EXISTS (SELECT FROM app_labels l WHERE l.app_id = a.id) AND a.tags <> '{}'")
    ).scalar_one()
    if left:
        warnings.warn("%d apps would lose their tags" % left)
        sys.exit(1)
    op.drop_column("apps", "tags")


def downgrade():
    op.add_column("apps", sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute(
        """
        WITH names AS (
            SELECT l.app_id, array_agg(n.name ORDER BY n.name) AS tags
            FROM app_labels l JOIN labels n ON n.id = l.label_id GROUP BY 1
        )
        UPDATE apps SET tags = names.tags FROM names WHERE names.app_id = apps.id
        """
    )
