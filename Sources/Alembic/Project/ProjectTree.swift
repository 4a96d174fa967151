internal import PythonSubset

/// The project's own modules: what lies below the folders of `prepend_sys_path` and `PYTHONPATH`.
struct ProjectTree: SourceTree {
  let roots: [String]

  func source(of path: [String]) throws -> SourceFile? {
    for root in roots {
      let stem = ([root] + path).joined(separator: "/")
      let package = stem + "/__init__.py"
      if Folder.isFile(package) {
        return SourceFile(file: package, bytes: try Folder.bytes(of: package), isPackage: true)
      }
      if Folder.isFile(stem + ".py") {
        return SourceFile(
          file: stem + ".py", bytes: try Folder.bytes(of: stem + ".py"), isPackage: false)
      }
      if Folder.isFolder(stem) { return SourceFile(file: stem, bytes: [], isPackage: true) }
    }
    return nil
  }
}
