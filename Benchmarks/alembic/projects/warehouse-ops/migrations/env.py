import os

from alembic import context
from sqlalchemy import MetaData, create_engine, text

convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
target_metadata = MetaData(schema="stock", naming_convention=convention)


def include_object(object, name, type_, reflected, compare_to):
    return type_ != "table" or object.schema == "stock"


options = dict(
    target_metadata=target_metadata,
    include_schemas=True,
    include_object=include_object,
    version_table="schema_revision",
    version_table_schema="stock",
    transaction_per_migration=True,
)

if context.is_offline_mode():
    context.configure(url="postgresql://", literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(os.environ["DATABASE_URL"])
    with engine.connect() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS stock"))
        connection.commit()
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
