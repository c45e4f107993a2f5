"""The library's own call numbers (`[catalog.numbers]`) reach labels, findings, rules and the command line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.base.errors import SettingsError
from station.base.settings import CallNumbers, CatalogSettings, parse
from station.catalog.callnumber import Scheme
from station.catalog.callnumber.settings import options
from station.catalog.findings.findings import findings
from station.catalog.labels import shipped
from station.catalog.labels.labelled import label_of
from station.catalog.marc.marc import parse as record_of
from station.catalog.record.call_number import scheme_of
from station.catalog.record.record import describe_record
from station.cli import station
from tests.catalog.record.test_record import described, field, raw
from tests.support.told import told

BLUES = CallNumbers(anscr_categories=("MB",))


def test_a_category_of_the_librarys_own_is_anscr_on_the_label() -> None:
    """The letter and the digits of term 4 stay on one line. A number of no scheme is broken at every space."""
    item = msgspec.structs.replace(described(), call_number="MB WATE LIV C 62", call_number_scheme="anscr")
    usual, own = label_of(item, shipped()), label_of(item, shipped(), options(BLUES))
    assert usual.text == ("MB", "WATE", "LIV", "C", "62")
    assert "MB is no category" in told(usual.reason)
    assert own.text == ("MB", "WATE", "LIV", "C 62")
    assert not own.reason


def test_a_finding_knows_it_too() -> None:
    record = record_of(raw())
    item = msgspec.structs.replace(described(), call_number="MB WATE LIV C62", call_number_scheme="anscr")

    def codes(numbers: CallNumbers) -> set[str]:
        return {one.code for one in findings(record, item, numbers=options(numbers))}

    assert "call-number-not-of-scheme" in codes(CallNumbers())
    assert "call-number-not-of-scheme" not in codes(BLUES)


def test_the_scheme_that_is_guessed_knows_it() -> None:
    assert scheme_of("MB WATE LIV C62") is Scheme.LOCAL
    assert scheme_of("MB WATE LIV C62", options=options(BLUES)) is Scheme.ANSCR
    settings = CatalogSettings(scheme="anscr", numbers=BLUES)
    made = raw(field("099", "aMB WATE LIV C62"), item=False)
    assert describe_record(made, settings).call_number_scheme == "anscr"
    assert describe_record(made, CatalogSettings(scheme="anscr")).call_number_scheme == "local"


@pytest.mark.parametrize(
    ("written", "numbers", "order"),
    [
        ("", ("Y 4.J 89/2:C 55/2", "Y 4.J 89/2:98/52"), ["Y 4.J 89/2:C 55/2", "Y 4.J 89/2:98/52"]),
        (
            "sudoc_letters_first = false",
            ("Y 4.J 89/2:C 55/2", "Y 4.J 89/2:98/52"),
            ["Y 4.J 89/2:98/52", "Y 4.J 89/2:C 55/2"],
        ),
        ("dates_first = true", ("A1 .B2 v.1 1999", "A1 .B2 v.2 1998"), ["A1 .B2 v.2 1998", "A1 .B2 v.1 1999"]),
        ("supplements_first = true", ("A1 .B2 v.1", "A1 .B2 Suppl."), ["A1 .B2 Suppl.", "A1 .B2 v.1"]),
        ("indexes_first = true", ("A1 .B2 v.1", "A1 .B2 Index"), ["A1 .B2 Index", "A1 .B2 v.1"]),
        ("winter_first = true", ("A1 .B2 1999 fall", "A1 .B2 1999 winter"), ["A1 .B2 1999 winter", "A1 .B2 1999 fall"]),
        ("sudoc_years_first = true", ("CS 3.2:R 5/2", "CS 3.2:R 5/975"), ["CS 3.2:R 5/975", "CS 3.2:R 5/2"]),
    ],
)
def test_the_command_sorts_as_the_settings_say(
    tmp_path: Path, written: str, numbers: tuple[str, ...], order: list[str]
) -> None:
    (tmp_path / "station.toml").write_text(f"[catalog.numbers]\n{written}\n")
    done = CliRunner().invoke(station, ["callnumber", "sort", "--data", str(tmp_path), *numbers])
    assert done.output.splitlines() == order


def test_an_option_counts_before_the_settings(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("[catalog.numbers]\nsudoc_letters_first = false\n")
    numbers = ["Y 4.J 89/2:98/52", "Y 4.J 89/2:C 55/2"]
    done = CliRunner().invoke(station, ["callnumber", "sort", "--data", str(tmp_path), "--letters-first", *numbers])
    assert done.output.splitlines() == numbers[::-1]


def test_the_command_reads_a_category_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('[catalog.numbers]\nanscr_categories = ["MB"]\n')
    done = CliRunner().invoke(station, ["callnumber", "parse", "--data", str(tmp_path), "MB WATE LIV C62"])
    assert done.output.split("\t")[1] == "anscr"
    done = CliRunner().invoke(station, ["callnumber", "parse", "--data", str(tmp_path / "none"), "MB WATE LIV C62"])
    assert done.output.split("\t")[1] == "local"


@pytest.mark.parametrize("bad", ['anscr_categories = ["mb"]', "anscr_name_letters = 0", 'sudoc_senate = "first"'])
def test_wrong_ones_are_refused(bad: str) -> None:
    with pytest.raises(SettingsError, match="catalog.numbers"):
        parse(f"[catalog.numbers]\n{bad}\n")
