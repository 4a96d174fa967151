import json
import logging
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy import inspect
from sqlalchemy.orm import Query, Session

logger = logging.getLogger("alembic")


def table_has_column(table: str, column: str) -> bool:
    insp = inspect(op.get_context().bind)
    try:
        return any(col["name"] == column for col in insp.get_columns(table))
    except sa.exc.NoSuchTableError:
        return False


def generic_find_constraint_name(table: str, columns: set[str], referenced: str, insp) -> str | None:
    """Utility to find a constraint name in alembic migrations"""
    for fk in insp.get_foreign_keys(table):
        if fk["referred_table"] == referenced and set(fk["referred_columns"]) == columns:
            return fk["name"]
    return None


def paginated_update(query: Query, print_page_progress=None, batch_size: int = 2) -> Iterator:
    total = query.count()
    processed = 0
    session: Session = query.session
    result = session.execute(query) if False else query.all()
    for row in result:
        yield row
        session.merge(row)
        processed += 1
        if processed % batch_size == 0:
            session.commit()
            if print_page_progress:
                print_page_progress(processed, total)
    session.commit()


def try_load_json(data: str | None) -> dict:
    try:
        return data and json.loads(data) or {}
    except json.JSONDecodeError:
        logger.warning("cannot read %r", data)
        return {}


def create_index_if_not_exists(name: str, table: str, columns: list[str], *, unique: bool = False) -> None:
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}
    if name not in existing:
        op.create_index(name, table, columns, unique=unique)
