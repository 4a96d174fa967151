internal import PythonSubset

/// The libraries that are written in Python here, and evaluated as a project's modules are.
enum LibrarySources {
  private static let packages: Set = [
    "flask_appbuilder", "flask_appbuilder.models", "flask_appbuilder.utils", "flask_sqlalchemy",
    "pydantic", "simplejson", "structlog", "tornado", "tqdm",
  ]

  private static let texts = [
    "pydantic": PydanticSources.models,
    "pydantic._validation": PydanticSources.validation,
    "pydantic._markers": PydanticSources.markers,
    "pydantic._decorators": PydanticSources.decorators,
    "pydantic.main": "from pydantic import *",
    "pydantic.fields": "from pydantic import *",
    "pydantic.types": "from pydantic import *",
    "pydantic.networks": "from pydantic import *",
    "pydantic.functional_validators": "from pydantic import *",
    "pydantic_core": "from pydantic._validation import PydanticCustomError, ValidationError",
    "click": ReportingSources.click,
    "flask_appbuilder": "from flask_appbuilder.models.sqla import Base, Model, SQLA",
    "flask_appbuilder.models": "",
    "flask_appbuilder.models.mixins": FlaskSources.appBuilderMixins,
    "flask_appbuilder.models.sqla": FlaskSources.appBuilderModels,
    "flask_appbuilder.utils": "",
    "flask_appbuilder.utils.legacy": """
    from flask_appbuilder.models.sqla import SQLA
    def get_sqla_class():
        return SQLA
    """,
    "flask_babel": FlaskSources.babel,
    "flask_sqlalchemy": FlaskSources.sqlAlchemy,
    "flask_sqlalchemy.model": "from flask_sqlalchemy import Model",
    "loguru": ReportingSources.loguru,
    "lazy_object_proxy": "def Proxy(factory):\n    return factory()",
    "pendulum": "import datetime\nUTC = datetime.timezone.utc",
    "simplejson": SimpleJSONSource.text,
    "simplejson.errors": "from json import JSONDecodeError",
    "structlog": ReportingSources.structlog,
    "structlog.stdlib": "from structlog import *",
    "tornado": "",
    "tornado.log": """
    import logging
    app_log = logging.getLogger("tornado.application")
    access_log = logging.getLogger("tornado.access")
    gen_log = logging.getLogger("tornado.general")
    """,
    "tqdm": ReportingSources.tqdm,
    "tqdm.auto": "from tqdm import *",
    "tqdm.std": "from tqdm import *",
  ]

  /// The names of the modules.
  static var names: [String] { Array(texts.keys) }

  /// The file of one of the modules; nil for others.
  static func source(of name: String) -> SourceFile? {
    texts[name].map {
      SourceFile(file: "<\(name)>", bytes: Array($0.utf8), isPackage: packages.contains(name))
    }
  }
}
