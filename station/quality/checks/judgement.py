"""Machine checks: functions of facts and rule that pass, fail with a reason, or abstain with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.domain.findings import Outcome
from station.quality.checks.facts import Facts
from station.quality.rules import Rule


class Judgement(msgspec.Struct, frozen=True):
    """Outcome of one check."""

    outcome: Outcome
    reason: Sentence = EMPTY
    """Reason for a fail or an abstention; empty for a pass."""
    at_item: bool = False
    """True for a fail that the item is told even if many records of its file have it."""


PASS: Final = Judgement(Outcome.PASS)


def fail(key: str, /, **values: Any) -> Judgement:
    """Return a fail, with its reason as a message key."""
    return Judgement(Outcome.FAIL, Sentence(key, **values))


def abstain(key: str, /, **values: Any) -> Judgement:
    """Return an abstention, with its reason as a message key."""
    return Judgement(Outcome.ABSTAINED, Sentence(key, **values))


def fail_as_told(sentence: Sentence, *, at_item: bool = False) -> Judgement:
    """Return a fail, with a sentence from the source that found it. `at_item`: as in `Judgement`."""
    return Judgement(Outcome.FAIL, sentence, at_item)


def abstain_as_told(sentence: Sentence, otherwise: str) -> Judgement:
    """Return an abstention, with a sentence from the source that was asked, or with the key `otherwise` if that
    sentence has nothing that can be shown."""
    return (
        Judgement(Outcome.ABSTAINED, sentence) if sentence.text is None or clean(sentence.text) else abstain(otherwise)
    )


NO_TAG: Final = "finding.no-tag"
NO_MARC: Final = "finding.no-marc"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One machine check."""

    name: str
    run: Callable[[Facts, Rule], Judgement]
    fails: str
    """Condition of a fail, as a sentence."""
    needs: str
    """Data without which it abstains, in a few words; "" = it never abstains."""
    takes: frozenset[str]
    """Names in `rulebook.file.TAKEN`, and `table`, of the rule entries that it uses."""
    refuse: Callable[[Rule], str] | None = None
    """Returns the defect of a rule that uses it; "" = none."""


_Check = Callable[[Facts, Rule], Judgement]


def predicate(
    *, needs: str = "", takes: tuple[str, ...] = (), refuse: Callable[[Rule], str] | None = None
) -> Callable[[_Check], Predicate]:
    """Make a check from a function. Its docstring is the condition of a fail."""

    def make(function: _Check) -> Predicate:
        return Predicate(function.__name__, function, (function.__doc__ or "").strip(), needs, frozenset(takes), refuse)

    return make
