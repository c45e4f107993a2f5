"""What a machine check is: a function of facts and rule that passes, fails with a reason, or abstains with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from station.base.words import Sentence
from station.domain.findings import Outcome
from station.quality.checks.facts import Facts
from station.quality.rules import Rule


class Judgement(msgspec.Struct, frozen=True):
    """Outcome of one check."""

    outcome: Outcome
    why: Sentence | str = ""
    """Of a fail or an abstention: a key of the catalogue with its values, told only where somebody reads it; or what somebody
    else has told already (the catalog's findings, the tag doctor, a port)."""

    @property
    def reason(self) -> str:
        """As a sentence; "" for a pass."""
        return str(self.why)


PASS: Final = Judgement(Outcome.PASS)


def fail(key: str, /, **values: Any) -> Judgement:
    """It is wrong, and how: a key of the message catalogue."""
    return Judgement(Outcome.FAIL, Sentence(key, **values))


def abstain(key: str, /, **values: Any) -> Judgement:
    """Nobody can say, and why: a key of the message catalogue."""
    return Judgement(Outcome.ABSTAINED, Sentence(key, **values))


def fail_as_told(sentence: str | Sentence) -> Judgement:
    """It is wrong, in the words of who found it."""
    return Judgement(Outcome.FAIL, sentence)


def abstain_as_told(sentence: str, otherwise: str) -> Judgement:
    """Nobody can say, in the words of who was asked; where that one said nothing, the key `otherwise`."""
    return Judgement(Outcome.ABSTAINED, sentence) if sentence else abstain(otherwise)


NO_TAG: Final = "finding.no-tag"
NO_MARC: Final = "finding.no-marc"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One machine check."""

    name: str
    run: Callable[[Facts, Rule], Judgement]
    fails: str
    """When it fails, as a sentence."""
    needs: str
    """Without what it abstains, in a few words; "" = it always knows."""
    takes: frozenset[str]
    """Which of `rulebook.file.TAKEN` and `table` of a rule it uses."""
    refuse: Callable[[Rule], str] | None = None
    """What is wrong with a rule that uses it; "" = nothing."""


_Check = Callable[[Facts, Rule], Judgement]


def predicate(
    *, needs: str = "", takes: tuple[str, ...] = (), refuse: Callable[[Rule], str] | None = None
) -> Callable[[_Check], Predicate]:
    """Make a check of a function; its docstring says when it fails."""

    def make(function: _Check) -> Predicate:
        return Predicate(function.__name__, function, (function.__doc__ or "").strip(), needs, frozenset(takes), refuse)

    return make
