/// What a worker's interpreter adds to its program where only the tests are meant that changed files may
/// have an effect on.
///
/// A file of tests is affected where it, a `conftest.py` above it, or anything of the project that these
/// import, however indirectly, is changed. The imports are read and not traced, so that one inside a
/// function counts. Whatever else was changed below the suite's folder, as a template, a revision or a
/// module that is loaded by its name, may have an effect on every test; documents have none.
enum AffectedProgram {
  static let source = #"""
    import ast, json, os, sys

    DOCUMENTS = (".md", ".rst")


    class Affected:
        def __init__(self, file, folder, items):
            with open(file) as stream:
                self.changed = {os.path.realpath(path) for path in json.load(stream)}
            self.folder = os.path.realpath(folder)
            self.imports, self.loaded = {}, {}
            for name, module in list(sys.modules.items()):
                path = getattr(module, "__file__", None)
                if isinstance(path, str):
                    self.loaded[name] = os.path.realpath(path)
            files = {os.path.realpath(str(item.path)) for item in items}
            reached = {file: self.reach(file) for file in files}
            self.affected = {
                file for file in files if not self.changed.isdisjoint(reached[file])}
            # What is loaded by its name alone, as plugins are, may have an effect on every test.
            known = set().union(*reached.values())
            self.everything = any(
                path.startswith(self.folder + os.sep) and path not in known
                and not path.endswith(DOCUMENTS) and not os.path.basename(path).startswith("test_")
                and os.path.basename(path) != "omcops.yaml"
                for path in self.changed)

        def __call__(self, item):
            return self.everything or os.path.realpath(str(item.path)) in self.affected

        def reach(self, file):
            waiting, seen = [file], set()
            folder = os.path.dirname(file)
            while True:
                conftest = os.path.join(folder, "conftest.py")
                if os.path.exists(conftest):
                    waiting.append(conftest)
                parent = os.path.dirname(folder)
                if folder == self.folder or parent == folder:
                    break
                folder = parent
            while waiting:
                path = waiting.pop()
                if path not in seen:
                    seen.add(path)
                    waiting.extend(self.imported(path))
            return seen

        def imported(self, path):
            if path not in self.imports:
                self.imports[path] = self.read(path)
            return self.imports[path]

        def read(self, path):
            # Installed packages import nothing of the project.
            if not path.endswith(".py") or "site-packages" in path or path.startswith(
                    os.path.dirname(os.__file__) + os.sep):
                return []
            try:
                with open(path, "rb") as stream:
                    tree = ast.parse(stream.read())
            except (OSError, SyntaxError, ValueError):
                return []
            own = next((name for name, file in self.loaded.items() if file == path), "")
            package = own if path.endswith("__init__.py") else own.rpartition(".")[0]
            names = set()
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    names.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    base = node.module or ""
                    if node.level:
                        parts = package.split(".")
                        parts = parts[:len(parts) - node.level + 1]
                        base = ".".join(parts + ([base] if base else []))
                    names.add(base)
                    names.update(base + "." + alias.name for alias in node.names)
            found = []
            for name in names:
                parts = name.split(".")
                for end in range(1, len(parts) + 1):
                    file = self.locate(".".join(parts[:end]))
                    if file:
                        found.append(file)
            return found

        def locate(self, name):
            if name in self.loaded:
                return self.loaded[name]
            relative = name.replace(".", os.sep)
            for base in sys.path:
                for file in (relative + ".py", os.path.join(relative, "__init__.py")):
                    path = os.path.join(base or self.folder, file)
                    if name and os.path.exists(path):
                        return os.path.realpath(path)
            return None
    """#
}
