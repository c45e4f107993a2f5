"""What a machine check is: a function of facts and rule that passes, fails with a reason, or abstains with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from station.model import Outcome
from station.quality.facts import Facts
from station.quality.rules import Rule


class Judgement(msgspec.Struct, frozen=True):
    """Outcome of one check; `reason` is a sentence for a fail or an abstention."""

    outcome: Outcome
    reason: str = ""


PASS: Final = Judgement(Outcome.PASS)


def fail(reason: str) -> Judgement:
    """It is wrong, and how."""
    return Judgement(Outcome.FAIL, reason)


def abstain(reason: str) -> Judgement:
    """Nobody can say, and why."""
    return Judgement(Outcome.ABSTAINED, reason)


NO_TAG: Final = "no tag was read"
NO_MARC: Final = "no MARC record is at hand"


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
    """Which of `codes`, `limit` and `table` of a rule it uses."""
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
