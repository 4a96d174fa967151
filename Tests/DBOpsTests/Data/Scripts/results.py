import sqlalchemy as sa
from alembic import op


def raised(work):
    try:
        return work()
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]


def upgrade():
    bind = op.get_bind()
    op.execute("CREATE TABLE t (id integer PRIMARY KEY, name text, at timestamptz, n numeric(6, 2),"
               " tags text[], data jsonb, uid uuid, raw bytea, day date, span interval, f float8)")
    t = sa.table("t", *[sa.column(n) for n in ("id", "name")])
    op.execute("INSERT INTO t (id, name) VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, 'b')")
    op.execute("UPDATE t SET at = '2024-02-29 12:00:00.5+00', n = 1.50, tags = '{x,NULL,\"y z\"}',"
               " data = '{\"k\": [1, null, 2.5, \"ü\"]}', uid = '00000000-0000-0000-0000-00000000000a',"
               " raw = '\\x00ff', day = '0001-01-02', span = '1 day 02:03:04.000005', f = 0.1 WHERE id = 1")
    query = sa.select(t.c.id, t.c.name).order_by(t.c.id)
    run = lambda statement=query, *a: bind.execute(statement, *a)
    print(run().fetchall(), run().all(), list(run()))
    print(run().fetchone(), run().first(), run().fetchmany(2), run().keys())
    print(raised(lambda: run().one()), raised(lambda: run().one_or_none()))
    print(raised(lambda: run(query.where(t.c.id == 9)).one()))
    print(run(query.where(t.c.id == 9)).one_or_none(), run(query.where(t.c.id == 9)).first())
    print(run().scalar(), run(query.limit(1)).scalar_one(), raised(lambda: run().scalar_one()))
    print(run().scalars().all(), run().scalars("name").all(), run().scalars(t.c.name).all())
    print(run().scalars(1).unique().all(), raised(lambda: run().scalars("none")))
    print([dict(m) for m in run().mappings()], run().mappings().first()["name"])
    print(raised(lambda: run().mappings().first()["none"]))
    print(run().columns("name").all(), run().columns(1, 0).all())
    print(run(sa.select(t.c.name).order_by(t.c.name)).unique().all())
    print([list(p) for p in run().partitions(3)], [list(p) for p in run().scalars().partitions(3)])
    row = run().first()
    print(row.id, row[0], row[-1], row._mapping["id"], row._asdict(), row._fields, tuple(row))
    print(row == (1, "a"), row < (2,), len(row), 1 in row, row.index("a"), row.count(1), row[0:1])
    print(raised(lambda: row.none), raised(lambda: row["id"]), hash(row) == hash((1, "a")))
    id, name = row
    print(id, name, isinstance(row, tuple), row._mapping[t.c.name], dict(row._mapping))
    whole = bind.execute(sa.text("SELECT at, n, tags, data, uid, day, span, f FROM t WHERE id = 1")).one()
    for value in whole:
        print(type(value).__name__, repr(value))
    print(bind.scalar(sa.select(sa.column("raw", sa.LargeBinary)).select_from(t).where(t.c.id == 1)))
    changed = bind.execute(sa.text("UPDATE t SET name = :n WHERE id > :i"), {"n": "z'%", "i": 2})
    print(changed.rowcount, changed.returns_rows, raised(lambda: changed.fetchall()))
    made = bind.execute(sa.insert(t).values(id=5, name="e").returning(t.c.id, t.c.name))
    print(made.all())
    print(bind.execute(sa.insert(t), [{"id": 6, "name": "f"}, {"id": 7, "name": None}]).rowcount)
    print(bind.execute(sa.delete(t).where(t.c.id.in_([6, 7])).returning(t.c.id)).scalars().all())
    print(bind.execute(sa.delete(t).where(t.c.id.in_([]))).rowcount)
    print(bind.scalar(sa.select(sa.func.count()).select_from(t)), bind.scalars(query).all())
    print(bind.execute(sa.text("SELECT 1 AS one, 'x' AS two")).mappings().one())
    print(raised(lambda: bind.execute(sa.text("SELECT :a"))))
    with bind.begin_nested() as savepoint:
        bind.execute(sa.text("INSERT INTO t VALUES (100)"))
        savepoint.rollback()
    print(bind.scalar(sa.text("SELECT count(*) FROM t WHERE id = 100")))
    try:
        with bind.begin_nested():
            bind.execute(sa.text("INSERT INTO t VALUES (1)"))
    except sa.exc.IntegrityError as error:
        print("IntegrityError", error.orig.pgcode, error.orig.diag.constraint_name)
    print(bind.dialect.name, bind.engine.dialect.name, bind.closed, bind.in_transaction())
    print(bind.execute(query.with_only_columns(sa.func.max(t.c.id)).order_by(None)).scalar_one_or_none())
