"""many rows, in chunks

Revision ID: 0007
Revises: 0006
Create Date: 2023-07-06 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from itertools import islice

# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


CHUNK = 100


def chunks(items, size):
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def upgrade():
    op.create_table(
        "number_words",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hex", sa.String(8), nullable=False),
        sa.Column("roman", sa.String(16)),
        sa.Column("ratio", sa.Float),
        sa.Column("even", sa.Boolean, nullable=False),
    )
    words = sa.table("number_words", *[sa.column(name) for name in ("n", "hex", "roman", "ratio", "even")])

    def roman(n):
        result = ""
        for value, letters in [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]:
            times, n = divmod(n, value)
            result += letters * times
        return result

    rows = ({"n": n, "hex": f"{n:#06x}", "roman": roman(n) if n else None, "ratio": n / 7, "even": not n % 2} for n in range(350))
    for batch in chunks(rows, CHUNK):
        op.bulk_insert(words, batch)
    total, = op.get_bind().execute(sa.text("select count(*) from number_words")).one()
    print(f"{total:,} words")


def downgrade():
    op.drop_table("number_words")
