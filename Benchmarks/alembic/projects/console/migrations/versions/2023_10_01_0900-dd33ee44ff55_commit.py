"""commits by hand, nested transactions, raw connections

Revision ID: dd33ee44ff55
Revises: cc22dd33ee44
Create Date: 2023-07-06 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'dd33ee44ff55'
down_revision = 'cc22dd33ee44'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("COMMIT")
    op.execute("CREATE TYPE mood AS ENUM ('fine', 'tired')")
    op.execute("ALTER TYPE mood ADD VALUE 'asleep'")
    op.execute("BEGIN")
    connection = op.get_bind()
    with connection.begin_nested():
        connection.exec_driver_sql("CREATE TABLE moods (id serial PRIMARY KEY, mood mood NOT NULL)")
        result = connection.exec_driver_sql("INSERT INTO moods (mood) VALUES (%s), (%s) RETURNING id", ("fine", "tired"))
        assert [row.id for row in result] == [1, 2]
    keys = connection.execute(sa.text("SELECT id AS number, mood::text FROM moods ORDER BY 1")).keys()
    assert list(keys) == ["number", "mood"]
    for number, mood in connection.execute(sa.text("SELECT id, mood::text FROM moods ORDER BY 1")):
        op.execute(sa.text("UPDATE moods SET mood = CAST(:m AS mood) WHERE id = :n").bindparams(m="tired" if number % 2 else mood, n=number))


def downgrade():
    op.drop_table("moods")
    op.execute("DROP TYPE mood")
