"""Statements of the store, written for SQLite, as psycopg takes them. Only what has no common form is translated; the rest
is written so that both engines take it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_TEXT: Final = re.compile(r"('(?:[^']|'')*')")
_NAMED: Final = re.compile(r"(?<!:):([a-z]\w*)")
_OTHERS: Final = (
    (re.compile(r"\bON CONFLICT \("), "ON CONFLICT (bench, "),
    (re.compile(r"\bBEGIN IMMEDIATE\b"), "BEGIN"),
    # SQLite's hints to its planner
    (re.compile(r"\sINDEXED BY \w+"), ""),
    (re.compile(r"\bCROSS JOIN\b"), "JOIN"),
    (re.compile(r"(?<=[ (])\+(?=[a-z])"), ""),
    # A column of bytes: the functions of the migration take them as they are.
    (re.compile(r"\bCAST\(([\w.]+) AS TEXT\)"), r"\1"),
    (re.compile(r"\bAS INTEGER\)"), "AS bigint)"),
    (re.compile(r"\bAS BLOB\)"), "AS bytea)"),
)


@lru_cache(2048)
def for_postgres(statement: str) -> str:
    """Return the statement for psycopg. Literal texts stay as they are."""
    pieces = _TEXT.split(statement)
    pieces[::2] = map(_outside, pieces[::2])
    return "".join(pieces).replace("%", "%%").replace("\0", "%")


def _outside(piece: str) -> str:
    """Translate what stands outside of literal texts. NUL stands for the sign of a parameter."""
    for pattern, other in _OTHERS:
        piece = pattern.sub(other, piece)
    return _NAMED.sub("\0(\\1)s", piece).replace("?", "\0s")
