"""functions and triggers

Revision ID: w004
Revises: w003
Create Date: 2023-07-04 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'w004'
down_revision = 'w003'
branch_labels = None
depends_on = None


FUNCTION = """
CREATE OR REPLACE FUNCTION stock.touch() RETURNS trigger AS $body$
DECLARE
    note text := 'a ; in a string and a \\: colon';
BEGIN
    -- a comment; with a semicolon
    NEW.at = now();
    IF NEW.who IS NULL THEN NEW.who = format('%s', current_user); END IF;
    RETURN NEW;
END;
$body$ LANGUAGE plpgsql;
"""


def upgrade():
    op.execute(FUNCTION)
    op.execute(
        "CREATE TRIGGER movement_touch BEFORE UPDATE ON stock.movement "
        "FOR EACH ROW EXECUTE PROCEDURE stock.touch()"
    )
    op.execute(
        """
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'urgency') THEN
                CREATE TYPE stock.urgency AS ENUM ('low', 'high');
            END IF;
        END
        $$;
        """
    )
    op.add_column("movement", sa.Column("urgency", sa.Enum("low", "high", name="urgency", schema="stock", create_type=False), server_default="low"), schema="stock")
    op.execute("CREATE VIEW stock.totals AS SELECT bin_id, sum(delta) AS total FROM stock.movement GROUP BY bin_id")
    op.execute("CREATE MATERIALIZED VIEW stock.daily AS SELECT at::date AS day, count(*) AS n FROM stock.movement GROUP BY 1 WITH NO DATA")
    op.execute("INSERT INTO stock.bin (code, width, depth) VALUES ('A-1', 2, 3.5), ('A-2', 1, 1); REFRESH MATERIALIZED VIEW stock.daily")


def downgrade():
    for kind, name in [("MATERIALIZED VIEW", "daily"), ("VIEW", "totals")]:
        op.execute(f"DROP {kind} stock.{name}")
    op.drop_column("movement", "urgency", schema="stock")
    op.execute("DROP TYPE stock.urgency")
    op.execute("DROP TRIGGER IF EXISTS movement_touch ON stock.movement")
    op.execute("DROP FUNCTION stock.touch()")
    op.execute("DELETE FROM stock.bin")
