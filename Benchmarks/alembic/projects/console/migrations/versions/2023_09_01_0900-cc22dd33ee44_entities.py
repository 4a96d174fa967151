"""entities of alembic_utils

Revision ID: cc22dd33ee44
Revises: bb11cc22dd33
Create Date: 2023-07-09 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView

# revision identifiers, used by Alembic.
revision = 'cc22dd33ee44'
down_revision = 'bb11cc22dd33'
branch_labels = None
depends_on = None


to_lower = PGFunction(
    schema="public",
    signature="to_lower_key()",
    definition="""
    RETURNS TRIGGER
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.key = lower(NEW.key);
        RETURN NEW;
    END;
    $$
    """,
)

trigger = PGTrigger(
    schema="public",
    signature="settings_lower",
    on_entity="public.settings",
    definition="BEFORE INSERT ON public.settings FOR EACH ROW EXECUTE FUNCTION public.to_lower_key()",
)

view = PGView(schema="public", signature="seeded", definition="SELECT key, value FROM settings WHERE origin = 'seed'")


def upgrade():
    op.create_entity(to_lower)
    op.create_entity(trigger)
    op.create_entity(view)


def downgrade():
    op.drop_entity(view)
    op.drop_entity(trigger)
    op.drop_entity(to_lower)
