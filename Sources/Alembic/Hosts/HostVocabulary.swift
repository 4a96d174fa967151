internal import PythonSubset

/// The names of all methods that values of SQLAlchemy, Alembic and the libraries beside have here,
/// for the check of scripts. Gathered once, when the first script calls something else than the
/// check knows by its module.
enum HostVocabulary {
  static let names = vocabulary().names

  /// What the check is given.
  static var methods: KnownMethods {
    KnownMethods(
      usual: [
        BatchObject.cls, ConnectionClasses.connection, ResultObject.cls, InspectorObject.cls,
        QueryClasses.select, QueryClasses.update, ExpressionClasses.element, FromClasses.table,
        TypeClasses.engine,
      ], [BatchObject.self]
    ) { names }
  }

  static func vocabulary() -> AttributeVocabulary {
    let run = ScriptRun(ScriptConnection(ScriptRecorder { _ in }))
    let modules = AlembicModules(run)
    let surroundings = ScriptSurroundings(environment: [:]) { _ in }
    let loader = ProjectLoader(tree: NoFiles(), library: LibrarySources.source) {
      try modules.module($0, $1) ?? StandardModules.module($0, surroundings)
    }
    let python = Interpreter(importer: loader)
    var vocabulary = AttributeVocabulary(python)
    for name in modules.names + LibrarySources.names { vocabulary.add(module: name, python) }
    vocabulary.add(run.registered.directives.keys)
    for directive in run.registered.directives.values { vocabulary.add(directive.cls) }
    for cls in classes { vocabulary.add(cls) }
    for type in types { vocabulary.add(type) }
    return vocabulary
  }

  /// The classes of values that no module names.
  private static var classes: [PythonClass] {
    [
      ColumnCollection.cls, ConfigObject.cls, EnvironmentObject.cls, ImplementationObject.cls,
      PreparerObject.cls, MockConnection.cls, TypeClasses.comparator,
    ]
  }

  private static var types: [PythonObject.Type] {
    [
      IndexObject.self, SequenceObject.self, DefaultClauseObject.self, ColumnObject.self,
      ImplementationObject.self, HybridProperty.self, LoadOption.self, DeclaredAttributeMaker.self,
      MapperObject.self, RegistryObject.self, SessionMaker.self,
      RelationshipAttribute.self, URLObject.self, FilteredResult.self, FilteredIterator.self,
      ReplaceableEntity.self, ElementCompiler.self,
    ]
  }

  private struct NoFiles: SourceTree {
    func source(of path: [String]) -> SourceFile? { nil }
  }
}
