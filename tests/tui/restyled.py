"""Set only the style rules that changed when the style sheet is applied to a widget again.

Textual sets each of the thirty rules of a widget each time, although nearly always none or one of them changes. Here a
rule whose value is the same object stays. A widget with transitions is left to Textual.
"""

from __future__ import annotations

from typing import Any, Final

from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

replaced: Final = Stylesheet.replace_rules
"""Pinned by `test_textual`."""


def replace_rules(node: DOMNode, rules: Any, animate: bool = False) -> None:
    """Replace `Stylesheet.replace_rules`."""
    if animate and "transitions" in rules:
        replaced(node, rules, animate)
        return
    base = node.styles.base
    present = base._rules
    changed = [key for key in present.keys() | rules.keys() if present.get(key) is not rules.get(key)]
    if animate and not changed:
        return
    for key in changed:
        setattr(base, key, rules.get(key))
    node.notify_style_update()


def install() -> None:
    """Install it for all tests of this folder."""
    Stylesheet.replace_rules = staticmethod(replace_rules)  # type: ignore[method-assign,assignment]
