"""one enum, two tables in one revision

Revision ID: e2
Revises: e1
Create Date: 2025-03-12 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision: str = 'e2'
down_revision: Union[str, None] = 'e1'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table("job", sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Enum("queued", "running", "done", name="job_state"), nullable=False))
    op.create_table("job_log", sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Enum("queued", "running", "done", name="job_state"), nullable=False))
    op.create_table(
        "job_stat",
        sa.Column("state", postgresql.ENUM("queued", "running", "done", name="job_state", create_type=False), primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("job_stat")
    op.drop_table("job_log")
    op.drop_table("job")
    op.execute("DROP TYPE job_state")
