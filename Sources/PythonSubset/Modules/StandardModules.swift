/// The modules of Python's standard library that scripts find here. What a module does not offer,
/// its vocabulary does not list, and using it is refused.
public enum StandardModules {
  /// The module of a dotted name, or nil where it is not one that is written in Swift.
  ///
  /// An interpreter gets modules of its own: they keep state.
  public static func module(_ name: String, _ surroundings: ScriptSurroundings) -> PythonModule? {
    makers[name]?(surroundings)
  }

  /// The names of the modules.
  static var names: [String] { Array(makers.keys) }

  private static let makers: [String: @Sendable (ScriptSurroundings) -> PythonModule] = [
    "__future__": { _ in future() },
    "_omcops": { _ in SourceSupport.make() },
    "abc": { _ in SmallModules.abc() },
    "ast": { _ in LiteralModule.make() },
    "base64": { _ in BinaryTextModules.base64() },
    "binascii": { _ in BinaryTextModules.binascii() },
    "collections.abc": { _ in AbstractClasses.make() },
    "contextlib": { _ in ContextlibModule.make() },
    "dataclasses": { _ in DataclassesModule.make() },
    "datetime": { DateTimeModule.make($0) },
    "decimal": { _ in DecimalModule.make() },
    "enum": { _ in EnumModule.make() },
    "hashlib": { _ in SmallModules.hashlib() },
    "importlib": { _ in ImportlibModule.make() },
    "json": { _ in JSONModule.make() },
    "logging": { LoggingModule.make($0) },
    "math": { _ in MathModule.make() },
    "os": { OSModule.make($0) },
    "os.path": { _ in OSModule.path() },
    "posixpath": { _ in OSModule.path() },
    "random": { RandomModule.make($0) },
    "re": { _ in ReModule.make() },
    "secrets": { SmallModules.secrets($0) },
    "string": { _ in TextModules.string() },
    "sys": { SystemModule.make($0) },
    "textwrap": { _ in TextModules.textwrap() },
    "time": { TimeModule.make($0) },
    "types": { _ in SmallModules.types() },
    "typing": { _ in TypingModule.make("typing") },
    "typing_extensions": { _ in TypingModule.make("typing_extensions") },
    "unicodedata": { _ in TextModules.unicodedata() },
    "uuid": { UUIDModule.make($0) },
    "zoneinfo": { ZoneInfoModule.make($0) },
    "warnings": { SmallModules.warnings($0) },
  ]

  private static func future() -> HostModule {
    .describing("__future__") { table in
      for name in [
        "annotations", "division", "absolute_import", "print_function", "unicode_literals",
        "with_statement", "generators", "nested_scopes", "generator_stop",
      ] { table.value(name) { .null } }
    }
  }
}
