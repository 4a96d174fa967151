/// Flask's libraries around SQLAlchemy, as far as revisions and the models that they import need them.
///
/// The application's own session and engine are not here: what goes through them uses another
/// connection than the migration, whose locks it would wait for. They are refused as absent.
enum FlaskSources {
  /// `flask_sqlalchemy`, of versions 2 and 3.
  static let sqlAlchemy = #"""
    import sqlalchemy
    from sqlalchemy import orm
    from _omcops import refuse
    from flask_sqlalchemy.application import connection as _connection

    _LOWER = "abcdefghijklmnopqrstuvwxyz"
    _UPPER = _LOWER.upper()

    def _snake_case(name):
        text = ""
        for place, letter in enumerate(name):
            before, after = name[:place][-1:], name[place + 1:place + 2]
            # A capital begins a word after a small letter or a digit, and before a small letter.
            if letter in _UPPER and before and (
                before in _LOWER + "0123456789" or after and after in _LOWER
            ):
                text += "_"
            text += letter
        return text.lower().lstrip("_")

    class _Named:
        @orm.declared_attr
        def __tablename__(cls):
            return _snake_case(cls.__name__)

    class Model:
        query = _connection

    class SQLAlchemy:
        Model = Model
        session = _connection
        engine = _connection
        engines = _connection
        get_engine = _connection
        create_all = _connection
        drop_all = _connection
        reflect = _connection

        def __init__(self, app=None, use_native_unicode=True, session_options=None, metadata=None,
                     query_class=None, model_class=Model, engine_options=None,
                     add_models_to_shell=True, disable_autonaming=False):
            naming = () if disable_autonaming else (_Named,)
            self.Model = self._base(naming, model_class, metadata)
            self.metadata = self.Model.metadata
            self.metadatas = {None: self.metadata}

        def _base(self, naming, model_class, metadata):
            if hasattr(model_class, "metadata"):
                class Base(*naming, Model, model_class):
                    __abstract__ = True
                return Base
            class Base(*naming, model_class):
                pass
            return orm.declarative_base(cls=Base, name="Model", metadata=metadata)

        def Table(self, name, *args, **kwargs):
            if not args or not isinstance(args[0], sqlalchemy.MetaData):
                args = (self.metadata, *args)
            return sqlalchemy.Table(name, *args, **kwargs)

        def init_app(self, app, **kwargs):
            return None

        def __getattr__(self, name):
            for module in (sqlalchemy, orm):
                if hasattr(module, name):
                    return getattr(module, name)
            refuse(f"flask_sqlalchemy's SQLAlchemy.{name}")
    """#

  /// `flask_appbuilder.models.sqla`.
  static let appBuilderModels = #"""
    from sqlalchemy.orm import declarative_base
    from flask_sqlalchemy import Model as _Plain, SQLAlchemy, _Named

    class _Options(_Named, _Plain):
        __table_args__ = {"extend_existing": True}

    Model = declarative_base(cls=_Options, name="Model")
    Base = Model

    class SQLA(SQLAlchemy):
        Model = Model

        def _base(self, naming, model_class, metadata):
            return Model
    """#

  /// `flask_appbuilder.models.mixins`. Nobody is signed in while a migration runs.
  static let appBuilderMixins = #"""
    import datetime
    from sqlalchemy import Column, DateTime, ForeignKey, Integer
    from sqlalchemy.orm import declared_attr, relationship

    class AuditMixin:
        created_on = Column(DateTime, default=lambda: datetime.datetime.now(), nullable=False)
        changed_on = Column(
            DateTime, default=lambda: datetime.datetime.now(),
            onupdate=lambda: datetime.datetime.now(), nullable=False)

        @declared_attr
        def created_by_fk(cls):
            return Column(
                Integer, ForeignKey("ab_user.id"), default=cls.get_user_id, nullable=False)

        @declared_attr
        def changed_by_fk(cls):
            return Column(
                Integer, ForeignKey("ab_user.id"), default=cls.get_user_id,
                onupdate=cls.get_user_id, nullable=False)

        @declared_attr
        def created_by(cls):
            return relationship(
                "User", primaryjoin="%s.created_by_fk == User.id" % cls.__name__,
                enable_typechecks=False)

        @declared_attr
        def changed_by(cls):
            return relationship(
                "User", primaryjoin="%s.changed_by_fk == User.id" % cls.__name__,
                enable_typechecks=False)

        @classmethod
        def get_user_id(cls):
            return None
    """#

  /// `flask_babel`: without a request there is no translation.
  static let babel = #"""
    def gettext(string, **variables):
        return string % variables if variables else string

    def ngettext(singular, plural, num, **variables):
        variables.setdefault("num", num)
        return (singular if num == 1 else plural) % variables

    def pgettext(context, string, **variables):
        return gettext(string, **variables)

    _ = lazy_gettext = gettext
    lazy_ngettext = ngettext
    lazy_pgettext = pgettext
    """#
}
