/// The modules of Python's standard library that scripts find here. What a module does not offer,
/// its vocabulary does not list, and using it is refused.
public enum StandardModules {
  /// The module of a dotted name, or nil where it is not one that is written in Swift.
  ///
  /// An interpreter gets modules of its own: they keep state.
  public static func module(_ name: String, _ surroundings: ScriptSurroundings) -> PythonModule? {
    switch name {
    case "__future__": future()
    case "_omcops": SourceSupport.make()
    case "abc": SmallModules.abc()
    case "base64": SmallModules.base64()
    case "collections.abc": AbstractClasses.make()
    case "contextlib": ContextlibModule.make()
    case "dataclasses": DataclassesModule.make()
    case "datetime": DateTimeModule.make(surroundings)
    case "decimal": DecimalModule.make()
    case "enum": EnumModule.make()
    case "hashlib": SmallModules.hashlib()
    case "importlib": ImportlibModule.make()
    case "json": JSONModule.make()
    case "logging": LoggingModule.make(surroundings)
    case "math": MathModule.make()
    case "os": OSModule.make(surroundings)
    case "os.path", "posixpath": OSModule.path()
    case "random": RandomModule.make(surroundings)
    case "re": ReModule.make()
    case "secrets": SmallModules.secrets(surroundings)
    case "string": TextModules.string()
    case "sys": SystemModule.make(surroundings)
    case "textwrap": TextModules.textwrap()
    case "time": TimeModule.make(surroundings)
    case "types": SmallModules.types()
    case "typing", "typing_extensions": TypingModule.make(name)
    case "unicodedata": TextModules.unicodedata()
    case "uuid": UUIDModule.make(surroundings)
    case "zoneinfo": ZoneInfoModule.make(surroundings)
    case "warnings": SmallModules.warnings(surroundings)
    default: nil
    }
  }

  private static func future() -> HostModule {
    .describing("__future__") { table in
      for name in [
        "annotations", "division", "absolute_import", "print_function", "unicode_literals",
        "with_statement", "generators", "nested_scopes", "generator_stop",
      ] { table.value(name) { .null } }
    }
  }
}
