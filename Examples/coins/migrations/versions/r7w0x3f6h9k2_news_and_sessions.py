"""News and sessions

Revision ID: r7w0x3f6h9k2
Revises: q3u6v9e2g5j8
Create Date: 2025-06-17 13:22:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r7w0x3f6h9k2"
down_revision = "q3u6v9e2g5j8"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "news",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), primary_key=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("coin_ids", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("sentiment", sa.REAL()),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english', title || ' ' || coalesce(body, ''))", persisted=True),
        ),
    )
    op.create_index("news_search_idx", "news", ["search"], postgresql_using="gin")
    op.create_index("news_published_idx", "news", [sa.text("published_at desc")])
    op.create_table(
        "sessions",
        sa.Column("token", sa.Text(), primary_key=True),
        sa.Column(
            "user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        prefixes=["UNLOGGED"],
    )


def downgrade():
    op.drop_table("sessions")
    op.drop_table("news")
