internal import OrderedCollections

/// `os`, as far as it touches no file and no process: `environ`, `getenv`, names and `os.path`'s
/// text functions.
enum OSModule {
  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    let environment = PythonDict(
      surroundings.environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    return .describing("os", isPackage: true) { table in
      table.value("environ") { .dict(environment) }
      table.function("getenv", "key, default=None") { call in
        environment[try call.string(0)] ?? call[1]
      }
      table.value("name") { "posix" }
      table.value("sep") { "/" }
      table.value("linesep") { "\n" }
      table.value("pathsep") { ":" }
      table.value("curdir") { "." }
      table.value("pardir") { ".." }
      table.type(BuiltinException.osError.pythonClass, as: "error")
      table.computed("path") { _ in .object(path()) }
      table.function("fspath", "path") { call in
        if call[0].string != nil || call[0].bytes != nil { return call[0] }
        return try call.python.callMethod("__fspath__", of: call[0])
      }
      table.function("urandom", "size, /") { call in
        let count = try call.int(0)
        guard (0...1 << 20).contains(count) else {
          throw PythonError(.valueError, "negative argument not allowed")
        }
        return .bytes(surroundings.randomBytes(count))
      }
      table.refused(
        "getcwd", "listdir", "remove", "unlink", "makedirs", "mkdir", "rename", "system", "popen",
        "walk", "stat", "open", "scandir", "getpid", "replace", "rmdir", "chmod", "execv", "fork",
        "kill", in: "os",
        hint: "a migration that omcops runs reads no files and starts no processes")
    }
  }

  static func path() -> HostModule {
    .describing("os.path") { table in
      table.value("sep") { "/" }
      table.function("join", "path, /, *paths") { call in
        var result = try text(call[0], call.python)
        for part in call.rest {
          let part = try text(part, call.python)
          if part.hasPrefix("/") {
            result = part
          } else {
            result += (result.isEmpty || result.hasSuffix("/") ? "" : "/") + part
          }
        }
        return .string(result)
      }
      table.function("basename", "p, /") { .string(try split(text($0[0], $0.python)).tail) }
      table.function("dirname", "p, /") { .string(try split(text($0[0], $0.python)).head) }
      table.function("split", "p, /") { call in
        let (head, tail) = split(try text(call[0], call.python))
        return .tuple([.string(head), .string(tail)])
      }
      table.function("splitext", "p, /") { call in
        let (root, suffix) = extensionOf(try text(call[0], call.python))
        return .tuple([.string(root), .string(suffix)])
      }
      table.function("isabs", "s, /") { .bool(try text($0[0], $0.python).hasPrefix("/")) }
      table.function("normpath", "path, /") { .string(normal(try text($0[0], $0.python))) }
      table.function("abspath", "path, /") { call in
        let path = try text(call[0], call.python)
        guard path.hasPrefix("/") else { throw Unsupported("os.path.abspath() of a relative path") }
        return .string(normal(path))
      }
      table.function("realpath", "path, /") { call in
        let path = try text(call[0], call.python)
        guard path.hasPrefix("/") else {
          throw Unsupported("os.path.realpath() of a relative path")
        }
        return .string(normal(path))
      }
      table.refused(
        "exists", "isfile", "isdir", "getsize", "getmtime", "expanduser", "expandvars", "islink",
        "relpath", "commonpath", in: "os.path",
        hint: "a migration that omcops runs reads no files")
    }
  }

  static func text(_ value: Value, _ python: Interpreter) throws -> String {
    if let text = value.string { return text }
    guard let method = try python.optionalAttribute(of: value, "__fspath__"),
      let text = try python.call(method).string
    else {
      throw PythonError(
        .typeError, "expected str, bytes or os.PathLike object, not \(value.typeName)")
    }
    return text
  }

  static func split(_ path: String) -> (head: String, tail: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    let tail = String(path[path.index(after: slash)...])
    var head = String(path[...slash])
    if head.contains(where: { $0 != "/" }) {
      while head.hasSuffix("/") { head.removeLast() }
    }
    return (head, tail)
  }

  static func extensionOf(_ path: String) -> (String, String) {
    let (_, tail) = split(path)
    guard let dot = tail.lastIndex(of: "."), tail[..<dot].contains(where: { $0 != "." }) else {
      return (path, "")
    }
    let suffix = String(tail[dot...])
    return (String(path.dropLast(suffix.count)), suffix)
  }

  static func normal(_ path: String) -> String {
    if path.isEmpty { return "." }
    let isAbsolute = path.hasPrefix("/")
    let slashes = path.hasPrefix("//") && !path.hasPrefix("///") ? "//" : isAbsolute ? "/" : ""
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part != ".." || !isAbsolute && parts.isEmpty || parts.last == ".." {
        parts.append(part)
      } else if !parts.isEmpty {
        parts.removeLast()
      }
    }
    let text = slashes + parts.joined(separator: "/")
    return text.isEmpty ? "." : text
  }
}
