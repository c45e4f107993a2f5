"""Each setting as the source of the settings describes it: permitted values, default, meaning.

The descriptions are the docstrings after the fields. Python drops these at run time, so they are read from the source.
"""

from __future__ import annotations

import ast
import functools
import inspect
from typing import Any

import msgspec

from station.base.errors import StationDefect
from station.base.settings import Settings


class Field(msgspec.Struct, frozen=True):
    """Key of a table."""

    name: str
    kind: str
    """Permitted values, described."""
    default: str
    """Default value as TOML."""
    sentence: str


class Section(msgspec.Struct, frozen=True):
    """Table of the file."""

    path: str
    """Dotted name, for example "delivery.alma"."""
    sentence: str
    fields: tuple[Field, ...]


def toml_value(value: object) -> str:
    """Return a value as TOML. Raises `TypeError` for a type that no setting has."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        # A JSON string is a TOML basic string, except that TOML wants DEL escaped too.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    if isinstance(value, msgspec.Struct):
        return f"{{{', '.join(f'{key} = {toml_value(each)}' for key, each in msgspec.structs.asdict(value).items())}}}"
    raise TypeError(f"no setting can be a {type(value).__name__}")


@functools.cache
def sections() -> tuple[Section, ...]:
    """Return every table of station.toml, in the order of the structs."""
    return tuple(_sections(Settings, ""))


def _sections(struct: type[msgspec.Struct], path: str) -> list[Section]:
    source = inspect.getsource(struct)
    written_in = _written(source)
    fields: list[Field] = []
    below: list[Section] = []
    for info in msgspec.structs.fields(struct):
        default = info.default
        if isinstance(default, msgspec.Struct):
            below += _sections(type(default), f"{path}.{info.name}" if path else info.name)
            continue
        value, sentence = written_in[info.name]
        # A number keeps the notation of the source: 0xC2 is clearer than 194.
        written = (ast.get_source_segment(source, value) or "") if type(default) is int else toml_value(default)
        fields.append(Field(info.name, _kind(info.type), written, sentence))
    own = [Section(path, inspect.getdoc(struct) or "", tuple(fields))] if fields else []
    return own + below


def _written(source: str) -> dict[str, tuple[ast.expr, str]]:
    """Map each field of the class in `source` to its default and its description."""
    found: dict[str, tuple[ast.expr, str]] = {}
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.ClassDef):
        raise StationDefect("the settings are not a class")
    for at, statement in enumerate(node.body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            after = node.body[at + 1] if at + 1 < len(node.body) else None
            sentence = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                sentence = inspect.cleandoc(str(after.value.value))
            found[statement.target.id] = (statement.value, sentence)
    return found


def _kind(annotation: Any) -> str:
    return _kind_of(msgspec.inspect.type_info(annotation))


def _kind_of(info: msgspec.inspect.Type) -> str:
    match info:
        case msgspec.inspect.LiteralType(values) if len(values) == 1:
            return toml_value(values[0])
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.LiteralType(values):
            return "one of " + ", ".join(toml_value(value) for value in values)
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            word = "whole number" if isinstance(info, msgspec.inspect.IntType) else "number"
            limits = [
                f"{text} {limit:g}"
                for text, limit in (("from", info.ge), ("above", info.gt), ("to", info.le), ("below", info.lt))
                if limit is not None
            ]
            return " ".join([word, *limits])
        case msgspec.inspect.UnionType(types):
            return ", or ".join(_kind_of(each) for each in types)
        case msgspec.inspect.StrType():
            return f"text, at most {info.max_length} characters" if info.max_length is not None else "text"
        case msgspec.inspect.VarTupleType(msgspec.inspect.StructType()):
            return "list of tables"
        case _:
            return "list of texts"
