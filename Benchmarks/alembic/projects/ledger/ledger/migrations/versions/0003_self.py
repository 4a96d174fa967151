"""a helper class in the file, a trigger for audits

Revision ID: 0003
Revises: 0002
Create Date: 2022-01-03
"""
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


class Trigger:
    TEMPLATE = """
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
        BEGIN
            INSERT INTO audit ({columns}) VALUES ({values});
            RETURN NEW;
        END; $$ LANGUAGE plpgsql
    """

    def __init__(self, table, **columns):
        self.table = table
        self.columns = columns

    @property
    def name(self):
        return f"audit_{self.table}"

    @staticmethod
    def _join(items):
        return ", ".join(items)

    @classmethod
    def for_tables(cls, *tables):
        return [cls(table, what=f"'{table}'", row_id="NEW.id") for table in tables]

    def create(self):
        op.execute(self.TEMPLATE.format(name=self.name, columns=self._join(self.columns), values=self._join(self.columns.values())))
        op.execute(f"CREATE TRIGGER {self.name} AFTER INSERT OR UPDATE ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.name}()")

    def drop(self):
        op.execute(f"DROP TRIGGER {self.name} ON {self.table}")
        op.execute(f"DROP FUNCTION {self.name}()")


TRIGGERS = Trigger.for_tables("account", "posting")


def upgrade():
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Sequence("audit_seq", start=1000), primary_key=True, server_default=sa.Sequence("audit_seq").next_value())
        if False
        else sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("what", sa.String(30), nullable=False),
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Index("ix_audit_what_row", "what", "row_id"),
    )
    for trigger in TRIGGERS:
        trigger.create()
    op.execute("UPDATE account SET title = upper(title)")


def downgrade():
    for trigger in TRIGGERS[::-1]:
        trigger.drop()
    op.drop_table("audit")
