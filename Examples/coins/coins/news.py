"""News: keeping, finding."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .errors import Invalid
from .models import Coin, News


def mentions(session: Session, text: str) -> list[int]:
    """The coins whose symbols stand in a text as words."""
    words = {word.strip(".,:;!?()$\"'") for word in text.split()}
    return list(session.scalars(select(Coin.id).where(Coin.symbol.in_(words)).order_by(Coin.id)))


def publish(
    session: Session, title: str, body: str | None, at: datetime, sentiment: float | None = None
) -> News:
    if not title.strip():
        raise Invalid("news have a title")
    if sentiment is not None and not -1 <= sentiment <= 1:
        raise Invalid("a sentiment is between -1 and 1")
    item = News(
        title=title.strip(), body=body, published_at=at, sentiment=sentiment,
        coin_ids=mentions(session, f"{title} {body or ''}"),
    )
    session.add(item)
    session.flush()
    return item


def search(session: Session, words: str, most: int = 20) -> list[News]:
    """The news that fit best; of equal ones the newest first."""
    query = func.websearch_to_tsquery("english", words)
    return list(
        session.scalars(
            select(News).where(News.search.op("@@")(query))
            .order_by(func.ts_rank(News.search, query).desc(), News.published_at.desc())
            .limit(most)
        )
    )


def about(session: Session, coin_id: int) -> list[News]:
    return list(
        session.scalars(
            select(News).where(News.coin_ids.contains([coin_id])).order_by(News.published_at.desc())
        )
    )


def mood(session: Session, coin_id: int) -> float | None:
    """The mean sentiment of what was written of a coin."""
    mean = session.scalar(
        select(func.avg(News.sentiment)).where(News.coin_ids.contains([coin_id]))
    )
    return None if mean is None else float(mean)
