import enum
import uuid
from typing import List, Optional

import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Stamped:
    note: Mapped[Optional[str]] = mapped_column(sa.String(40))

    def shout(self):
        return (self.note or "").upper()


class Kind(enum.Enum):
    plain = "p"
    fancy = "f"


book_tags = sa.Table(
    "book_tags", Base.metadata,
    sa.Column("book_id", sa.ForeignKey("books.id"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tags.id"), primary_key=True))


class Author(Stamped, Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[Kind] = mapped_column(sa.Enum(Kind, name="author_kind"), default=Kind.plain)
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    books: Mapped[List["Book"]] = relationship(
        back_populates="author", cascade="all, delete-orphan", order_by="Book.title")

    def __repr__(self):
        return f"Author({self.id}, {self.name!r})"


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(80), unique=True)
    pages: Mapped[Optional[int]]
    author_id: Mapped[Optional[int]] = mapped_column(sa.ForeignKey("authors.id"))
    author: Mapped[Optional["Author"]] = relationship(back_populates="books")
    tags: Mapped[List["Tag"]] = relationship(secondary=book_tags, back_populates="books")

    def __repr__(self):
        return f"Book({self.title!r}, {self.pages})"


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[List["Book"]] = relationship(secondary=book_tags, back_populates="tags")


class Node(orm.declarative_base()):
    __tablename__ = "nodes"
    id = sa.Column(sa.Uuid, primary_key=True, default=lambda: uuid.UUID(int=next(Node.numbers)))
    name = sa.Column(sa.Text, nullable=False)
    parent_id = sa.Column(sa.ForeignKey("nodes.id"))
    parent = relationship("Node", remote_side=[id], backref="children")
    numbers = iter(range(1, 100))


def dump(bind, table, order="1"):
    print(table, bind.execute(sa.text(f"SELECT * FROM {table} ORDER BY {order}")).all())


def upgrade():
    bind = op.get_bind()
    Base.metadata.create_all(bind)
    Node.metadata.create_all(bind)
    session = Session(bind=bind)
    ann = Author(name="Ann", note="first", kind=Kind.fancy)
    ann.books.append(Book(title="Zebra", pages=10))
    ann.books.append(Book(title="Apple"))
    session.add(ann)
    session.add_all([Author(name="Bob"), Author(name="Cy", active=False)])
    print("new", ann.id, ann.kind, len(session.new), ann in session, ann.shout())
    session.flush()
    print("flushed", ann.id, ann.kind, ann.active, [b.author_id == ann.id for b in ann.books], len(session.new))
    dump(bind, "authors")
    dump(bind, "books", "title")

    print(session.get(Author, ann.id) is ann, session.get(Author, 99))
    print(session.query(Author).order_by(Author.name).all(), session.query(Author).count())
    print(session.query(Author).filter(Author.name == "Bob").one().books)
    print(session.query(Author).filter_by(name="nobody").first(), session.query(Author).filter_by(name="x").one_or_none())
    print(session.query(Author.name, Author.active).order_by(Author.id.desc()).limit(2).all())
    print(session.query(Author.name).filter(Author.name.in_(["Ann", "Cy"]), ~Author.active).all())
    print(session.query(Book).join(Author).filter(Author.name.like("A%")).order_by(Book.title).all())
    print(session.query(Book).join(Book.author).filter(sa.or_(Book.pages > 5, Book.pages.is_(None))).count())
    print(session.query(Author).filter(Author.books.any(Book.title == "Zebra")).all())
    print(session.query(Author.name, sa.func.count(Book.id)).outerjoin(Author.books).group_by(Author.name).order_by(Author.name).all())
    print(session.query(Author).filter(sa.exists().where(Book.author_id == Author.id)).all())
    print(session.scalars(sa.select(Author).order_by(Author.id).offset(1)).all())
    print(session.execute(sa.select(Author, Book.title).join(Book).order_by(Book.title)).all())
    print(session.execute(sa.select(Author).where(Author.id == ann.id)).scalar_one().name)
    print(session.scalar(sa.select(sa.func.max(Book.pages))), session.query(sa.func.sum(Book.pages)).scalar())
    print(session.query(session.query(Author).filter(Author.active).exists()).scalar())

    bob = session.query(Author).filter_by(name="Bob").one()
    bob.name, bob.note = "Rob", "renamed"
    print("dirty", bob in session.dirty, session.is_modified(bob))
    ann.books[0].author = bob
    session.commit()
    dump(bind, "authors")
    print([b.title for b in ann.books], [b.title for b in bob.books])
