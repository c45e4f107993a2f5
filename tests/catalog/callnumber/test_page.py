"""docs/call-numbers.md: its examples run, and every row of its tables is true."""

from __future__ import annotations

import doctest
import re
from itertools import pairwise
from typing import Final

from station.catalog.callnumber import Options, enumeration, parse, sudoc
from tests.conftest import ROOT
from tests.support.for_each import for_each

PAGE: Final = (ROOT / "docs/call-numbers.md").read_text(encoding="utf-8")
SWITCHES: Final = {
    "": Options(),
    "--years-first": Options(sudoc=sudoc.Rules(years_first=True)),
    "--dates-first": Options(volumes=enumeration.Rules(dates_first=True)),
    "--supplements-first": Options(volumes=enumeration.Rules(supplements_first=True)),
    "--indexes-first": Options(volumes=enumeration.Rules(indexes_first=True)),
    "--winter-first": Options(volumes=enumeration.Rules(winter_first=True)),
    "--senate last": Options(sudoc=sudoc.Rules(senate=sudoc.Senate.LAST)),
}


def rows(heading: str) -> list[tuple[str, Options, list[str], str]]:
    """Yield (scheme, options, numbers, source) of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        numbers = re.findall(r"`([^`]*)`", cells[1]) if len(cells) == 3 else []
        if numbers:
            scheme, _, switch = cells[0].partition(" ")
            found.append((scheme, SWITCHES[switch], numbers, cells[2]))
    return found


ORDER: Final = rows("Order")
PLACES: Final = rows("One place")


def name(row: tuple[str, Options, list[str], str]) -> str:
    return f"{row[0]}: {row[2][0]} ({row[3]})"


def test_the_tables_are_read_whole() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line and " · " in line]
    assert len(ORDER) + len(PLACES) == len(lines)
    assert {row[0] for row in ORDER} == {"lc", "dewey", "nlm", "sudoc", "anscr", "local"}


@for_each(("scheme", "options", "numbers", "source"), ORDER)
def test_order(scheme: str, options: Options, numbers: list[str], source: str) -> None:
    found = [parse(number, scheme, options) for number in numbers]
    assert {one.scheme.value for one in found} == {scheme}, [one.remarks for one in found]
    for left, right in pairwise(found):
        assert left.key < right.key, f"{left.text} must sort before {right.text} ({source})"


@for_each(("scheme", "options", "numbers", "source"), PLACES)
def test_one_place(scheme: str, options: Options, numbers: list[str], source: str) -> None:
    found = [parse(number, scheme, options) for number in numbers]
    assert {one.scheme.value for one in found} == {scheme}, [one.remarks for one in found]
    keys = {one.text: one.key for one in found}
    assert len(set(keys.values())) == 1, keys
    assert [one.text for one in found] == numbers, source


def test_examples() -> None:
    found = doctest.DocTestParser().get_doctest(PAGE, {}, "call-numbers.md", None, 0)
    assert len(found.examples) > 15
    runner = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST)
    runner.run(found)
    assert runner.failures == 0
