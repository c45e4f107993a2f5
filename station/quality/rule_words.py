"""Texts of the rules as sentences: titles, questions, what to look at, and the reasons on the buttons.

`domain.finding_words` says how. A text that a site has changed is its own, in every language.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence, Value
from station.domain.finding_words import in_use, title_of
from station.quality.rules import Catalogue, Reason, Rule


def title(rule: Rule) -> Sentence:
    """Return the rule's title."""
    return title_of(rule.id, rule.title)


def question(rule: Rule, **values: Value) -> Sentence:
    """Return the rule's question. `values`: for its braces; without any they stay."""
    return in_use(rule.id, rule.question, **values)


def look(rule: Rule, **values: Value) -> Sentence:
    """Return what to look at. `values`: for its braces."""
    return in_use(f"look.{rule.id}", rule.look, **values)


def reasons(catalogue: Catalogue, rule: Rule) -> tuple[Sentence, ...]:
    """Return the rule's reasons for a fail, as on the buttons."""
    return tuple(words for _, words, _ in offered(catalogue.reasons_of(rule)))


def offered(reasons: Sequence[Reason]) -> tuple[tuple[str, Sentence, str], ...]:
    """Return code, words on the button, and phrase in a finding of each reason."""
    return tuple((reason.code, in_use(f"reason.{reason.code}", reason.words), reason.phrase) for reason in reasons)
