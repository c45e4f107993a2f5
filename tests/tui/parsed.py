"""Style sheets are parsed once for all the apps of one process.

Every app that a test starts has a style sheet of its own, with the same text: ours and that of Textual's widgets. Textual keeps
what it has parsed for one sheet; here it is kept for all, by the same key and the variables (colours) that went into it.
"""

from __future__ import annotations

from typing import Any, Final

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

Key = tuple[object, ...]
_parsed: Final[dict[Key, list[RuleSet]]] = {}
replaced: Final = Stylesheet._parse_rules
"""Pinned by `test_textual`."""


def parse_rules(self: Stylesheet, *given: Any, **named: Any) -> list[RuleSet]:
    """`Stylesheet._parse_rules`; what cannot be parsed is refused anew each time."""
    key = (given, tuple(sorted(named.items())), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = replaced(self, *given, **named)
    return _parsed[key]


def install() -> None:
    """For all tests of this folder."""
    Stylesheet._parse_rules = parse_rules  # type: ignore[method-assign]
