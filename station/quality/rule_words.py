"""Texts of the shipped rules in the language in use: questions, what to look at, and the reasons on the buttons.

The rules have them in English. The catalog's area `question` repeats them, so that a language can translate them; a test
compares the two. A text that a site has changed is its own, in every language.
"""

from __future__ import annotations

from station.base.words import english, tell
from station.quality.rules import Catalogue, Rule


def question(rule: Rule) -> str:
    """Return the rule's question; values in braces are not filled in yet."""
    return _told(f"question.{rule.id}", rule.question)


def look(rule: Rule) -> str:
    """Return what to look at; values in braces are not filled in yet."""
    return _told(f"question.look.{rule.id}", rule.look)


def reasons(catalogue: Catalogue, rule: Rule) -> tuple[str, ...]:
    """Return the rule's reasons for a fail, as on the buttons."""
    words = zip(rule.reasons, catalogue.words(rule), strict=True)
    return tuple(_told(f"question.reason.{code}", text) for code, text in words)


def _told(key: str, text: str) -> str:
    entry = english().own.get(key)
    if entry is None or entry.forms[0] != text:
        return text
    return tell(f"question.{key.removeprefix('question.')}")
