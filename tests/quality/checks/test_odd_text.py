"""Deceptive letters and digits in any text of an item: every rule still judges, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.text import clean
from station.domain.findings import Outcome
from station.quality.checks.facts import Facts
from station.quality.verdict.checklist import machine_findings
from tests.quality.examples import BASES, CATALOGUE, TODAY, changed
from tests.support.told import told

ODD: Final = (
    *"\u0131\u0130\u017f\u212a\u2173\u00b2\u0663\u0967\uff10\u00bd\u00aa\u0149\u00df\ufb01\u0307\u200b/().,:;[]-+&=#",
    *("v.", "bd. ", "c.", "no.", "disc ", "v.\u0131v", "\u0661\u0662", "((((", "x", "9" * 5000, "A" * 2000),
)  # fmt: skip
"""Letters that become Latin ones when case is ignored (of Turkish, a long s, a Kelvin sign); digits that `int` rejects,
or accepts although they are not ASCII; numbers of thousands of digits; characters of call numbers and designations.
"""
_CLOSED: Final = ("site", "item.call_number_scheme", "item.marc.class_numbers")
"""Values that are not text: settings, and names of schemes."""


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a structure, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            inner = f"{path}.{name}".lstrip(".")
            if inner not in _CLOSED:
                yield from texts(getattr(value, name), inner)


PLACES: Final = [(name, path, text) for name, base in BASES.items() for path, text in texts(base)]


def judged(facts: Facts) -> None:
    for finding in machine_findings(CATALOGUE, facts, TODAY):
        assert finding.outcome is not Outcome.ABSTAINED or finding.reason
        assert told(finding.reason) == clean(told(finding.reason), 1 + len(told(finding.reason)))


@given(st.sampled_from(PLACES), st.sampled_from(ODD), st.integers(0, 40))
def test_in_any_text(place: tuple[str, str, str], odd: str, at: int) -> None:
    name, path, text = place
    judged(changed(BASES[name], path, f"{text[:at]}{odd}{text[at:]}"))


@pytest.mark.parametrize("number", ["v. 4", "v.iv", "v. IV", "v. \u0131v", "Bd. \u0130V"])
def test_a_volume_in_roman_numerals_in_any_case_also_of_turkish(number: str) -> None:
    facts = changed(changed(BASES["book"], "item.description", "v.4"), "item.marc.part_title", number)
    found = {finding.rule: finding.outcome for finding in machine_findings(CATALOGUE, facts, TODAY)}
    assert found["volume-agrees"] is Outcome.PASS
    other = changed(facts, "item.description", "v.5")
    found = {finding.rule: finding.outcome for finding in machine_findings(CATALOGUE, other, TODAY)}
    assert found["volume-agrees"] is Outcome.FAIL
