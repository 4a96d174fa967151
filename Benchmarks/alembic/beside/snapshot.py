"""What a database holds, as text that can be compared; and masks for what no two runs agree on."""
from __future__ import annotations

import difflib
import re

import psycopg2

from .server import Server

ROWS = 1000  # tables with more rows are compared by their count

UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?")
NUMBER = re.compile(r"\d{9,}(\.\d+)?")


def take(server: Server, database: str, with_schema: bool = True) -> dict:
    """Schema, rows in the order the tables hold them, and sequences."""
    schema = server.dump(database, "--schema-only") if with_schema else ""
    connection = psycopg2.connect(server.url(database))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            return {"schema": schema, "tables": tables(cursor), "sequences": sequences(cursor)}
    finally:
        connection.close()


def tables(cursor) -> dict:
    cursor.execute("""
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
               coalesce((SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        ORDER BY 1""")
    found = {}
    for table, columns in cursor.fetchall():
        values = ", ".join(f"{column}::text" for column in columns)
        cursor.execute(f"SELECT {values} FROM {table} LIMIT {ROWS + 1}")
        rows = [list(row) for row in cursor.fetchall()]
        if len(rows) > ROWS:
            cursor.execute(f"SELECT count(*)::text FROM {table}")
            found[table] = {"columns": ["(rows)"], "rows": [list(cursor.fetchone())]}
        elif rows:
            found[table] = {"columns": columns, "rows": rows}
    return found


def sequences(cursor) -> dict:
    cursor.execute("""
        SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value::text
        FROM pg_sequences ORDER BY 1""")
    return dict(cursor.fetchall())


def masks(one: dict, other: dict) -> dict:
    """Columns whose values differ between two runs of the same tool: {table: [column, ...]}."""
    found = {}
    for table, content in one["tables"].items():
        twin = other["tables"].get(table)
        if twin is None or len(twin["rows"]) != len(content["rows"]):
            found[table] = ["*"]
            continue
        differing = sorted({column for row, partner in zip(content["rows"], twin["rows"])
                            for column, value, other_value in zip(content["columns"], row, partner)
                            if value != other_value})
        if differing:
            found[table] = differing
    return found


def lines(snapshot: dict, masked: dict) -> list[str]:
    """The snapshot as lines, masked values replaced by what stays the same in them."""
    result = snapshot["schema"].splitlines()
    for table, content in sorted(snapshot["tables"].items()):
        hidden = masked.get(table, [])
        if hidden == ["*"]:
            result.append(f"rows of {table}: not compared")
            continue
        texts = []
        for row in content["rows"]:
            shown = [veil(value) if column in hidden else value for column, value in zip(content["columns"], row)]
            texts.append(" | ".join(r"\N" if value is None else value.replace("\n", "\\n") for value in shown))
        result.append(f"rows of {table} ({', '.join(content['columns'])}):")
        result += [f"  {text}" for text in sorted(texts)]
    result += [f"sequence {name}: {value}" for name, value in sorted(snapshot["sequences"].items())]
    return result


def veil(value: str | None) -> str | None:
    if value is None:
        return None
    return NUMBER.sub("<number>", MOMENT.sub("<moment>", UUID.sub("<uuid>", value)))


def difference(expected: dict, actual: dict, masked: dict) -> list[str]:
    """A unified diff; empty when the two hold the same."""
    left, right = lines(expected, masked), lines(actual, masked)
    if left == right:
        return []
    return list(difflib.unified_diff(left, right, "alembic", "omcops", lineterm="", n=2))
