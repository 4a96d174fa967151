"""Renders CPython's syntax trees in the form of the tests' TreeDump.swift."""

import ast
import struct

UNPLACED = (ast.keyword,)
SKIPPED = {"type_comment", "type_ignores", "kind", "simple"}


def constant(value):
    if value is None or value is True or value is False:
        return str(value)
    if value is Ellipsis:
        return "Ellipsis"
    if isinstance(value, int):
        return str(value) if value < 2**63 else "big"
    if isinstance(value, float):
        return "f%016x" % struct.unpack(">Q", struct.pack(">d", value))
    if isinstance(value, complex):
        return "j%016x" % struct.unpack(">Q", struct.pack(">d", value.imag))
    if isinstance(value, bytes):
        return "b" + value.hex()
    out = []
    for char in value:
        point = ord(char)
        plain = 32 <= point < 127 and char not in "'\\"
        out.append(char if plain else "\\{%x}" % point)
    return "'" + "".join(out) + "'"


class Dumper:
    def __init__(self, source, positions):
        self.positions = positions
        self.lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

    def place(self, node):
        line = self.lines[node.lineno - 1]
        if node.lineno == 1 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        column = len(line[: node.col_offset].decode("utf-8", "replace"))
        return "@%d:%d" % (node.lineno, column + 1)

    def dump(self, node, placed=True):
        if isinstance(node, list):
            return "[" + ", ".join(self.dump(item, placed) for item in node) + "]"
        if not isinstance(node, ast.AST):
            return constant(node)
        name = type(node).__name__
        if name == "alias" and node.name == "*":
            placed = False
        if self.positions and placed and hasattr(node, "lineno") and not isinstance(node, UNPLACED):
            name += self.place(node)
        parts = []
        if name.startswith("TypeAlias"):
            parts.append("name='%s'" % node.name.id)
        for field in node._fields:
            if name.startswith("TypeAlias") and field == "name":
                continue
            if field in SKIPPED and not (field == "simple" and isinstance(node, ast.AnnAssign)):
                continue
            value = getattr(node, field, None)
            if value is None and not isinstance(node, (ast.Constant, ast.MatchSingleton)):
                continue
            if isinstance(node, ast.JoinedStr):
                # Some releases of CPython leave empty text behind a field.
                value = [v for v in value if getattr(v, "value", None) != ""]
            inner = True
            if isinstance(node, ast.JoinedStr) or field == "format_spec":
                inner = False
            if isinstance(node, ast.Call) and field == "args":
                inner = None
            if isinstance(node, ast.ClassDef) and field == "bases":
                inner = None
            if inner is None:
                text = "[" + ", ".join(self.dump(v, not isinstance(v, ast.Starred)) for v in value) + "]"
            else:
                text = self.dump(value, inner)
            parts.append(field + "=" + text)
        return name + "(" + ", ".join(parts) + ")"


def render(source, positions):
    return Dumper(source, positions).dump(ast.parse(source))
