"""a few rows

Revision ID: 7ce5925f832b
Revises: 46976cc39132
Create Date: 2023-07-07 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import base64
import hashlib
import json
import uuid
from collections import Counter, OrderedDict, defaultdict, namedtuple
from console.models.types import AdjustedJSON, BinaryData, StringUUID

# revision identifiers, used by Alembic.
revision = '7ce5925f832b'
down_revision = '46976cc39132'
branch_labels = None
depends_on = None


Seed = namedtuple("Seed", ["name", "params", "tags"])

SEEDS = [
    Seed("table", {"viz_type": "table", "metrics": ["count"], "time_range": "Last week : "}, ["b", "a"]),
    Seed("pie", {"viz_type": "pie", "metrics": ["sum", "avg"], "color": "#ff0000"}, []),
    Seed("broken", None, ["x y", 'q"q']),
]


def identifier(name):
    return uuid.UUID(hashlib.md5(name.encode("utf-8")).hexdigest())


def upgrade():
    bind = op.get_bind()
    accounts = sa.table("accounts", sa.column("id", StringUUID()), sa.column("name"))
    apps = sa.table(
        "apps",
        sa.column("id", StringUUID()),
        sa.column("account_id", StringUUID()),
        sa.column("params", sa.Text),
        sa.column("icon", BinaryData()),
        sa.column("graph", AdjustedJSON()),
        sa.column("tags", sa.ARRAY(sa.Text)),
    )
    owner = identifier("owner")
    bind.execute(accounts.insert(), {"id": owner, "name": "Owner"})
    by_kind = defaultdict(list)
    for seed in SEEDS:
        params = json.dumps(seed.params) if seed.params else "{not json"
        bind.execute(
            apps.insert().values(
                id=str(identifier(seed.name)),
                account_id=owner,
                params=params,
                icon=base64.b64decode(b"aWNvbg==") + seed.name.encode(),
                graph=OrderedDict(nodes=[], edges=[{"id": 1}]) if seed.params else None,
                tags=list(seed.tags),
            )
        )
        by_kind[(seed.params or {}).get("viz_type", "?")].append(seed)
    counts = Counter(kind for kind, seeds in by_kind.items() for _ in seeds)
    assert counts.most_common(1)[0][1] == 1
    assert sum(counts.values()) == len(SEEDS)


def downgrade():
    op.execute("DELETE FROM apps")
    op.execute("DELETE FROM accounts WHERE name = 'Owner'")
