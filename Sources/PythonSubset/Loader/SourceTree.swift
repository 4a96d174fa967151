/// Where a project's Python files are: the only way in which the loader reaches files.
///
/// Whoever gives one looks below the roots that Python would have on its path, and nowhere else.
public protocol SourceTree {
  /// The file of a module: `a/b.py` or `a/b/__init__.py` for `["a", "b"]`. A folder without
  /// `__init__.py` is a package without source. Nil where there is neither.
  func source(of path: [String]) throws -> SourceFile?
}

/// A Python file of a project.
public struct SourceFile: Sendable {
  /// The name for messages.
  public let file: String
  /// What is in it.
  public let bytes: [UInt8]
  /// Whether it is a package's `__init__.py`, or a folder without one.
  public let isPackage: Bool

  /// Creates a file.
  public init(file: String, bytes: [UInt8], isPackage: Bool) {
    self.file = file
    self.bytes = bytes
    self.isPackage = isPackage
  }
}
