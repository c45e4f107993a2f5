"""Match the rules of a style sheet once with the widgets that look the same to its selectors.

Textual matches several hundred rules with each widget whenever it starts, opens a screen or changes a class, although
the tests show the same few screens again and again. A selector looks at the types, names, classes and pseudo-classes of
a widget and of those around it. Widgets that are the same in these get the same rules, in all the apps of one process.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

Key = tuple[object, ...]
FLAGS: Final = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")
"""What Textual keeps of the rules that may match a widget in some state."""
replaced: Final = Stylesheet.apply
"""Pinned by `test_textual`."""


class Match(NamedTuple):
    """What a style sheet says of widgets of one type, name and classes, in one place."""

    states: tuple[str, ...]
    """Pseudo-classes that its rules ask for."""
    flags: tuple[bool, ...]
    rules: dict[Key, Any]
    """States of the widget and of those around it -> its rules; None = no rule."""


_sheets: Final[dict[Key, list[RuleSet]]] = {}
"""Numbers of the rules -> the rules, which are thus kept and keep their numbers."""
_matches: Final[dict[Key, Match]] = {}


def _number(sheet: Stylesheet) -> int:
    """Return the number of the sheet's rules; sheets with the same rules have the same one."""
    rules = sheet.rules
    known: tuple[list[RuleSet], int] | None = getattr(sheet, "_numbered", None)
    if known is None or known[0] is not rules:
        kept = _sheets.setdefault(tuple(map(id, rules)), rules)
        known = sheet._numbered = rules, id(kept)  # type: ignore[attr-defined]
    return known[1]


def _asked(sheet: Stylesheet, node: DOMNode) -> tuple[str, ...]:
    """Return the pseudo-classes in the rules that may match the widget."""
    limit = {rule for name in sheet.rules_map.keys() & node._selector_names for rule in sheet.rules_map[name]}
    return tuple(sorted({state for rule in limit for state in rule.pseudo_classes}))


def _rules(sheet: Stylesheet, node: DOMNode, animate: bool) -> Any:
    """Let Textual apply the sheet; return the rules that it set, or None."""
    found = None

    def replace_rules(one: DOMNode, rules: Any, animate: bool = False) -> None:
        nonlocal found
        if one is node:
            found = rules
        Stylesheet.replace_rules(one, rules, animate)

    sheet.replace_rules = replace_rules  # type: ignore[method-assign,assignment]
    try:
        replaced(sheet, node, animate=animate)
    finally:
        vars(sheet).pop("replace_rules", None)  # a component of the widget may have removed it
    return found


def apply(self: Stylesheet, node: DOMNode, *, animate: bool = False, cache: Any = None) -> None:
    """Replace `Stylesheet.apply`; match only what was not matched before."""
    path = node.css_path_nodes
    key = _number(self), *((type(one), one._id, one.classes) for one in path)
    match = _matches.get(key)
    asked = _asked(self, node) if match is None else match.states
    states = tuple(one.has_pseudo_class(state) for state in asked for one in path)
    if match is None or states not in match.rules:
        rules = _rules(self, node, animate)
        if match is None:
            match = _matches[key] = Match(asked, tuple(getattr(node, flag) for flag in FLAGS), {})
        match.rules[states] = rules
        return
    for flag, value in zip(FLAGS, match.flags, strict=True):
        setattr(node, flag, value)
    rules = match.rules[states]
    if rules is not None:
        self.replace_rules(node, rules, animate=animate)
    self._process_component_classes(node)


def install() -> None:
    """Install it for all tests of this folder."""
    Stylesheet.apply = apply  # type: ignore[method-assign]
