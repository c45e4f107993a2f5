"""Parse style sheets once for all the apps of one process.

Every app that a test starts has its own style sheet with the same text: the station's and that of Textual's widgets.
Textual keeps the parsed rules of one sheet. Here they are kept for all sheets, by the same key and the variables
(colors) that went into them.
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
    """Replace `Stylesheet._parse_rules`; text that cannot be parsed is refused each time."""
    key = (given, tuple(sorted(named.items())), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = replaced(self, *given, **named)
    return _parsed[key]


def install() -> None:
    """Install it for all tests of this folder."""
    Stylesheet._parse_rules = parse_rules  # type: ignore[method-assign]
