"""A shop, as the flask command makes it. omcops runs nothing of it; Alembic needs Flask for it."""

from flask import Flask
from flask_migrate import Migrate

from .extensions import db

migrate = Migrate()


def create_app():
    app = Flask(__name__)
    app.config.from_prefixed_env()
    db.init_app(app)
    migrate.init_app(app, db, compare_type=True, render_as_batch=True)
    return app
