from .extensions import db


class Record(db.Model):
    __abstract__ = True

    id = db.Column(db.Integer, primary_key=True)


class PriceRange(Record):
    name = db.Column(db.String(20), nullable=False, unique=True)
    least = db.Column(db.Numeric(8, 2), nullable=False)


class SpecialOffer(Record):
    __table_args__ = (db.CheckConstraint("percent > 0", name="percent_positive"),)

    percent = db.Column(db.Integer, nullable=False)
    range_id = db.Column(db.ForeignKey("price_range.id"))
    range = db.relationship(PriceRange, backref="offers")


class SeasonOffer(SpecialOffer):
    season = db.Column(db.Enum("summer", "winter", name="season"))
