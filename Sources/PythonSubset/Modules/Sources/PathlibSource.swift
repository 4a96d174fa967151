extension StandardSources {
  /// `pathlib` of a POSIX system: what paths tell as text. What asks the file system is refused.
  static let pathlib = #"""
    import os
    from _omcops import refuse

    class PurePath:
        def __new__(cls, *args, **kwargs):
            return object.__new__(cls)

        def __init__(self, *args):
            text = ""
            for arg in args:
                piece = os.fspath(arg)
                if not isinstance(piece, str):
                    raise TypeError(
                        "argument should be a str object or an os.PathLike object returning str, "
                        f"not {type(piece)!r}")
                if piece.startswith("/"):
                    text = piece
                else:
                    text = text + "/" + piece if text else piece
            lead = len(text) - len(text.lstrip("/"))
            self.root = "" if lead == 0 else "//" if lead == 2 else "/"
            self._names = [name for name in text.split("/") if name and name != "."]

        def _made(self, root, names):
            path = type(self)()
            path.root = root
            path._names = names
            return path

        drive = ""

        @property
        def anchor(self):
            return self.root

        @property
        def parts(self):
            return ((self.root,) if self.root else ()) + tuple(self._names)

        @property
        def name(self):
            return self._names[-1] if self._names else ""

        @property
        def suffix(self):
            name = self.name
            dot = name.rfind(".")
            return name[dot:] if 0 < dot < len(name) - 1 else ""

        @property
        def suffixes(self):
            name = self.name
            if name.endswith("."):
                return []
            return ["." + suffix for suffix in name.lstrip(".").split(".")[1:]]

        @property
        def stem(self):
            name = self.name
            dot = name.rfind(".")
            return name[:dot] if 0 < dot < len(name) - 1 else name

        @property
        def parent(self):
            return self._made(self.root, self._names[:-1]) if self._names else self

        @property
        def parents(self):
            names = self._names
            return tuple(self._made(self.root, names[:end]) for end in range(len(names) - 1, -1, -1))

        def joinpath(self, *args):
            return type(self)(self, *args)

        def __truediv__(self, key):
            if not isinstance(key, (str, PurePath)):
                return NotImplemented
            return type(self)(self, key)

        def __rtruediv__(self, key):
            if not isinstance(key, str):
                return NotImplemented
            return type(self)(key, self)

        def with_name(self, name):
            if not self.name:
                raise ValueError(f"{self!r} has an empty name")
            if not name or "/" in name or name == ".":
                raise ValueError(f"Invalid name {name!r}")
            return self._made(self.root, self._names[:-1] + [name])

        def with_stem(self, stem):
            return self.with_name(stem + self.suffix)

        def with_suffix(self, suffix):
            if "/" in suffix or suffix and not suffix.startswith(".") or suffix == ".":
                raise ValueError(f"Invalid suffix {suffix!r}")
            if not self.name:
                raise ValueError(f"{self!r} has an empty name")
            return self._made(self.root, self._names[:-1] + [self.stem + suffix])

        def is_absolute(self):
            return bool(self.root)

        def as_posix(self):
            return str(self)

        def as_uri(self):
            from urllib.parse import quote
            if not self.root:
                raise ValueError("relative path can't be expressed as a file URI")
            return "file://" + quote(str(self))

        def is_relative_to(self, *other):
            parts = type(self)(*other).parts
            return self.parts[:len(parts)] == parts

        def relative_to(self, *other):
            start = type(self)(*other)
            count = len(start.parts)
            if self.parts[:count] != start.parts:
                raise ValueError(
                    f"{str(self)!r} is not in the subpath of {str(start)!r} "
                    "OR one path is relative and the other is absolute.")
            names = self.parts[count:]
            return self._made("", list(names))

        def __str__(self):
            return self.root + "/".join(self._names) or "."

        def __fspath__(self):
            return str(self)

        def __bytes__(self):
            return str(self).encode()

        def __repr__(self):
            return f"{type(self).__name__}({str(self)!r})"

        def __eq__(self, other):
            if not isinstance(other, PurePath):
                return NotImplemented
            return self.parts == other.parts

        def __hash__(self):
            return hash(self.parts)

        def __lt__(self, other):
            if not isinstance(other, PurePath):
                return NotImplemented
            return self.parts < other.parts

        def __le__(self, other):
            if not isinstance(other, PurePath):
                return NotImplemented
            return self.parts <= other.parts

        def __gt__(self, other):
            if not isinstance(other, PurePath):
                return NotImplemented
            return self.parts > other.parts

        def __ge__(self, other):
            if not isinstance(other, PurePath):
                return NotImplemented
            return self.parts >= other.parts

    class PurePosixPath(PurePath):
        pass

    class Path(PurePath):
        def __new__(cls, *args, **kwargs):
            return object.__new__(PosixPath if cls is Path else cls)

        def absolute(self):
            if self.root:
                return self
            refuse("pathlib.Path.absolute() of a relative path")

        def resolve(self, strict=False):
            # No link is followed: the names stay those that the path has.
            if not self.root:
                refuse("pathlib.Path.resolve() of a relative path")
            names = []
            for name in self._names:
                if name != "..":
                    names.append(name)
                elif names:
                    names.pop()
            return self._made(self.root, names)

        def __getattr__(self, name):
            if name in _FILE_METHODS:
                return lambda *args, **kwargs: refuse(f"pathlib.Path.{name}()")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        @classmethod
        def cwd(cls):
            refuse("pathlib.Path.cwd()")

        @classmethod
        def home(cls):
            refuse("pathlib.Path.home()")

    class PosixPath(Path, PurePosixPath):
        pass

    _FILE_METHODS = {
        "chmod", "exists", "expanduser", "glob", "group", "hardlink_to", "is_block_device",
        "is_char_device", "is_dir", "is_fifo", "is_file", "is_mount", "is_socket", "is_symlink",
        "iterdir", "lchmod", "lstat", "mkdir", "open", "owner", "read_bytes", "read_text",
        "readlink", "rename", "replace", "rglob", "rmdir", "samefile", "stat", "symlink_to",
        "touch", "unlink", "walk", "write_bytes", "write_text", "match",
    }
    """#
}
