"""corners of the language

Revision ID: bb11cc22dd33
Revises: aa00bb11cc22
Create Date: 2023-07-18 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import dataclasses
import functools
import itertools
import operator
import os
import re
import textwrap
import unicodedata
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere.that_is import NotThere

# revision identifiers, used by Alembic.
revision = 'bb11cc22dd33'
down_revision = 'aa00bb11cc22'
branch_labels = None
depends_on = None


counter = 0


class Row(NamedTuple):
    key: str
    value: Any = None


@dataclasses.dataclass(frozen=True)
class Setting:
    name: str
    default: Any
    choices: List[str] = dataclasses.field(default_factory=list)

    def sql(self) -> str:
        match self.default:
            case bool():
                kind = "boolean"
            case int() | float():
                kind = "number"
            case [first, *rest]:
                kind = f"list of {1 + len(rest)} {type(first).__name__}"
            case {"kind": str(name)}:
                kind = name
            case None:
                kind = "nothing"
            case _:
                kind = "text"
        return kind


def slug(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^\w]+", "-", text).strip("-").lower()


def count(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        global counter
        counter += 1
        return function(*args, **kwargs)

    return wrapper


@count
def insert(table, rows: List[Row], *, upper=False, **extra: Dict[str, Any]):
    op.bulk_insert(table, [{"key": row.key.upper() if upper else row.key, "value": str(row.value), **extra} for row in rows])


def upgrade() -> None:
    settings = op.create_table(
        "settings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False, unique=True),
        sa.Column("value", sa.Text),
        sa.Column("origin", sa.String(40), server_default=textwrap.dedent("""\
            seed""")),
    )
    defaults = [
        Setting("Größe", 10),
        Setting("On", True),
        Setting("Ratio", 0.1 + 0.2),
        Setting("List", [1, 2, 3]),
        Setting("Kind", {"kind": "special"}),
        Setting("Nothing", None),
        Setting("Text: “quoted”", "x", choices=["x", "y"]),
    ]
    insert(settings, [Row(slug(s.name), s.sql()) for s in defaults])
    here = os.path.basename(__file__)
    insert(settings, [Row("file", Path(here).stem.partition("-")[0]), Row("doc", (__doc__ or "").splitlines()[0])], upper=True, origin="module")
    start = date(2024, 2, 28)
    days = [start + timedelta(days=n) for n in range(3)]
    pairs = list(zip(itertools.count(1), days))
    insert(settings, [Row(f"day-{n:>03}", f"{day:%A %d.%m.%y}") for n, day in pairs])
    moment = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(hours=1.5)
    numbers = functools.reduce(operator.mul, range(1, 25))
    try:
        1 / 0
    except ZeroDivisionError as error:
        message = str(error)
    else:
        message = "?"
    finally:
        insert(settings, [Row("moment", moment.isoformat()), Row("product", numbers), Row("error", message)])
    texts = {
        "percent": "%s is %.1f%% of %5d|%-5s|%05.1f" % ("a", 12.345, 42, "b", 3.14159),
        "format": "{0!r} {1:,} {1:>12_} {2[key]} {3.year} {4:^9}".format("q'q", 1234567, {"key": "v"}, start, "mid"),
        "fstring": f"{numbers:.3e} {255:#x} {255:08b} {'a' if counter else 'b'!r:>6} {start=}",
        "slices": "".join(reversed("abcdef"[1:-1:2])) + "abc"[::-1],
        "sets": ",".join(sorted({1, 2, 3} ^ {3, 4} | {9}, key=str) if False else map(str, sorted({1, 2, 3} ^ {3, 4} | {9}))),
        "chain": str(1 < 2 <= 2 != 3),
        "divmod": str(divmod(-7, 3)) + str(-7 // 2) + str(2**100) + str(round(2.5)) + str(7 % -3),
        "bytes": repr(b"\x00a\xff") + repr("tab\t'\"") + repr({"a": (1,), "b": {2}}),
        "walrus": str([y for x in range(5) if (y := x * x) > 3]),
        "star": str([*range(2), *"ab", *{"k": 1}]),
        "any": str(any(x > 2 for x in (1, 2, 3)) and all([])),
    }
    insert(settings, [Row(*item) for item in texts.items()])
    assert counter == 5, counter


def downgrade() -> None:
    op.drop_table("settings")
