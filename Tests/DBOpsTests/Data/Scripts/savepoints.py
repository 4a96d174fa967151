import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session, declarative_base, sessionmaker

Base = declarative_base()


class Item(Base):
    __tablename__ = "items"
    id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    name = sa.Column(sa.Text)

    def __repr__(self):
        return f"Item({self.id}, {self.name!r})"


def raised(action):
    try:
        return action()
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]


def names(session):
    return [(i.id, i.name) for i in session.query(Item).order_by(Item.id)]


def undone_inside(session):
    with session.begin_nested() as savepoint:
        session.add(Item(id=2, name="two"))
        session.flush()
        savepoint.rollback()
        print("active", savepoint.is_active, session.is_active)
    print(names(session))


def kept_inside(session):
    with session.begin_nested() as savepoint:
        session.add(Item(id=3, name="three"))
        savepoint.commit()
    print(names(session))


def caught(session):
    item = Item(id=4, name="four")
    try:
        with session.begin_nested():
            session.add(item)
            session.flush()
            raise ValueError("no")
    except ValueError as error:
        print("caught", error, item in session, item.name)
    print(names(session))
    session.add(item)
    session.flush()
    print(names(session), item in session)


def violated(session):
    for number in (1, 5):
        try:
            with session.begin_nested():
                session.add(Item(id=number, name="again"))
        except sa.exc.IntegrityError as error:
            print("IntegrityError", error.orig.pgcode)
    print(names(session), len(session.new))


def changed(session):
    one = session.get(Item, 1)
    one.name = "before"
    savepoint = session.begin_nested()
    one.name = "inside"
    session.flush()
    savepoint.rollback()
    print(one.name, one in session.dirty)
    savepoint = session.begin_nested()
    session.delete(one)
    session.flush()
    print(one in session, names(session))
    savepoint.rollback()
    print(one in session, one.name, names(session))
    savepoint = session.begin_nested()
    one.name = "kept"
    savepoint.commit()
    print(one.name, raised(savepoint.commit), raised(savepoint.rollback))


def pending(session):
    item = Item(id=7, name="seven")
    savepoint = session.begin_nested()
    session.add(item)
    print(item in session.new)
    savepoint.rollback()
    print(item in session, len(session.new), names(session))


def deep(session):
    with session.begin_nested():
        session.add(Item(id=8, name="eight"))
        with session.begin_nested() as inner:
            session.add(Item(id=9, name="nine"))
            session.flush()
            inner.rollback()
        session.add(Item(id=10, name="ten"))
    print(names(session))


def upgrade():
    bind = op.get_bind()
    Base.metadata.create_all(bind)
    session = sessionmaker(bind=bind)()
    session.add(Item(id=1, name="one"))
    session.flush()
    for step in (undone_inside, kept_inside, caught, violated, changed, pending, deep):
        print(step.__name__)
        step(session)
    print(bind.execute(sa.text("SELECT * FROM items ORDER BY id")).all())
    with Session(bind) as other:
        print(raised(lambda: other.get(Item, 1).name), other.in_nested_transaction())
        with other.begin_nested():
            print(other.in_nested_transaction(), other.in_transaction())
