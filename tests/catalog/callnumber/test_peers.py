"""Other programs on the judged orderings and labels: what differs is known, and each cause is explained in
docs/reference/call-numbers.md#peers-on-genuine-numbers.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.callnumbers import pycallnumber
from station.catalog.labels import expected_label, shipped
from tests.catalog.callnumber.test_judged_orderings import NEIGHBORS
from tests.conftest import SOAK
from tests.support.for_each import for_each

HERE: Final = Path(__file__).parent
PAGE: Final = (HERE.parents[2] / "docs/reference/call-numbers.md").read_text("utf-8")
DIFFERENCES: Final[dict[str, Any]] = tomllib.loads((HERE / "peers_orderings.toml").read_text("utf-8"))
LABELS: Final[list[list[str]]] = tomllib.loads((HERE / "peers_labels.toml").read_text("utf-8"))["rows"]
PAIRS: Final = {(left, right) for _, left, right, _ in NEIGHBORS}

Pair = tuple[str, str]


def recorded(peer: str) -> set[Pair]:
    return {(left, right) for cause in DIFFERENCES[peer]["differs"] for left, right in cause["neighbors"]}


@functools.cache
def pycallnumber_key(text: str) -> Any:
    try:
        return pycallnumber().callnumber(text).for_sort()
    except AttributeError:  # raised by pycallnumber 0.2.0 for "520 F825u5, Suppl" and "824 Ar65s2"
        return ""


def test_pycallnumber() -> None:
    """All pairs in the soak; in every run those that differ, and every sixteenth of the others."""
    differs = recorded("pycallnumber")
    pairs = PAIRS if SOAK else differs | set(sorted(PAIRS)[::16])
    assert {pair for pair in pairs if not pycallnumber_key(pair[0]) < pycallnumber_key(pair[1])} == differs


def test_lcsort() -> None:
    """To run it: a Ruby, and the directory `lib` of github.com/pulibrary/lcsort in the environment variable LCSORT."""
    ruby, library = shutil.which("ruby"), os.environ.get("LCSORT", "")
    if not ruby or not library:
        pytest.skip("there is no Ruby, or LCSORT does not name the directory of lcsort")
    keys = lcsort_keys(ruby, library, {number for pair in PAIRS for number in pair})
    read = [pair for pair in PAIRS if keys[pair[0]] and keys[pair[1]]]
    assert {pair for pair in read if not keys[pair[0]] < keys[pair[1]]} == recorded("lcsort")
    assert len(read) == DIFFERENCES["lcsort"]["read"]


def lcsort_keys(ruby: str, library: str, numbers: Iterable[str]) -> dict[str, str]:
    """Return the key of each number; "" = lcsort does not read it."""
    asked = sorted(numbers)
    answer = subprocess.run(
        [ruby, "-I", library, "-r", "lcsort", "-ne", "puts Lcsort.normalize($_.chomp).to_s"],
        input="".join(f"{number}\n" for number in asked),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return dict(zip(asked, answer, strict=False))


@for_each(("number", "scheme", "station", "spineomatic", "cause"), LABELS)
def test_labels_beside_spineomatic(number: str, scheme: str, station: str, spineomatic: str, cause: str) -> None:
    assert "|".join(expected_label(number, scheme, shipped()).text) == station
    assert (station == spineomatic) == (cause == "same")


def test_what_differs_is_judged_and_explained() -> None:
    assert recorded("lcsort") | recorded("pycallnumber") <= PAIRS
    causes = {
        *(f"{peer}: {one['cause']}" for peer in DIFFERENCES for one in DIFFERENCES[peer]["differs"]),
        *(f"SpineOMatic: {row[4]}" for row in LABELS if row[4] != "same"),
    }
    assert {cause for cause in causes if f"| {cause} |" not in PAGE} == set()


@for_each("peer", DIFFERENCES)
def test_the_page_has_the_figures(peer: str) -> None:
    read = DIFFERENCES[peer]["read"]
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {peer} 0."))
    assert f"| {read} of {len(PAIRS)}" in row
    assert row.endswith(f"| {read - len(recorded(peer))} |")
