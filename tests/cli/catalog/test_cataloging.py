"""`station cataloging` and `station catalog check`: the commands that a person types, their output, and their events in
the journal."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from pymarc import Field, Indicators, Record, Subfield

from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.catalog import check as catalog_check
from station.domain.events import CatalogingRequested, CatalogingResolved
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.socket.server import Orders, Server
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import ROOT, FakeClock
from tests.runtime.socket.test_socket import Bench

BARCODE = "31999000000014"
OTHER = "31999000000022"
NO_TITLE = "31999000000261"
"""A record of the sample catalog that deliberately has no title (station/catalog/sample/works.toml)."""
NO_CALL = "31999000000253"
"""A record that deliberately has no call number."""
DVD = "31999000000147"
ISBN = "9780306406157"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    text = template(**{"library.isil": "US-TxDa", "station.operator": "ann"})
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(data: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(station, ["--data", str(data), *map(str, words)])


@pytest.fixture
def imported(run: Callable[..., Result]) -> Callable[..., Result]:
    assert run("catalog", "import", ROOT / "station/catalog/data/sample.mrc").exit_code == 0
    return run


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def journaled(data: Path) -> list[object]:
    rows = Queries(data / JOURNAL, FakeClock()).events()
    return [row.event for row in rows if isinstance(row.event, CatalogingRequested | CatalogingResolved)]


# --- the queue ------------------------------------------------------------------------------------------------------


def test_from_the_shelf_into_the_queue_and_out(run: Callable[..., Result], data: Path) -> None:
    assert value(run("cataloging", "list", "--json")) == []
    asked = run(
        "cataloging", "add", BARCODE, "--scanned", "0-306-40615-2", "--title", "A \x1b[2Jtitle", "--note", "gift"
    )
    assert asked.exit_code == 0 and BARCODE in asked.stdout
    run("cataloging", "add", BARCODE, "--note", "blue cover", "--operator", "bea")
    run("cataloging", "add", "--title", "No barcode yet")
    first, second = value(run("cataloging", "list", "--json"))
    assert (first["barcode"], first["isbn"], first["title"]) == (BARCODE, ISBN, "A [2Jtitle")
    assert first["notes"] == ["gift", "blue cover"]
    assert [one["operator"] for one in first["asked"]] == ["ann", "bea"]
    assert (second["barcode"], second["title"]) == ("", "No barcode yet")
    shown = run("cataloging", "show", BARCODE).stdout
    assert all(word in shown for word in (ISBN, "gift", "blue cover", "by bea", "There is no record"))
    assert "\x1b" not in shown

    assert run("cataloging", "resolve", BARCODE, "--record", "991234").exit_code == 0
    assert run("cataloging", "resolve", second["entry"][:8], "--reason", "given back").exit_code == 0
    assert value(run("cataloging", "list", "--json")) == []
    closed = value(run("cataloging", "list", "--all", "--json"))
    assert [one["resolution"]["record_id"] for one in closed] == ["991234", ""]
    assert [one["resolution"]["reason"] for one in closed] == ["", "given back"]
    assert "record 991234 (by ann)" in run("cataloging", "show", BARCODE).stdout
    assert [type(event).__name__ for event in journaled(data)] == ["CatalogingRequested"] * 3 + [
        "CatalogingResolved"
    ] * 2
    assert run("journal", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("added", "named"),
    [
        (("--scanned", "0-306-40615-2"), "0-306-40615-2"),
        (("--scanned", "0-306-40615-2"), ISBN),
        (("--title", "No barcode yet"), "No barcode yet"),
        ((f" {BARCODE} ",), f"{BARCODE} "),
    ],
)
def test_a_piece_is_closed_by_the_name_under_which_it_was_added(
    added: tuple[str, ...], named: str, run: Callable[..., Result]
) -> None:
    run("cataloging", "add", "--title", "Another piece")
    assert run("cataloging", "add", *added).exit_code == 0
    assert run("cataloging", "resolve", named, "--record", "991234").exit_code == 0
    assert [entry["title"] for entry in value(run("cataloging", "list", "--json"))] == ["Another piece"]


def test_a_name_of_two_pieces_closes_neither(run: Callable[..., Result]) -> None:
    for barcode in (BARCODE, OTHER):
        run("cataloging", "add", barcode, "--scanned", ISBN)
    result = run("cataloging", "resolve", ISBN, "--record", "991234")
    assert (result.exit_code, len(value(run("cataloging", "list", "--json")))) == (2, 2)
    assert "several entries" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("resolve", BARCODE), "closed silently"),
        (("resolve", BARCODE, "--reason", " \x07 "), "closed silently"),
        (("add",), "Give the barcode"),
        (("add", BARCODE, "--scanned", "12"), "not an ISBN"),
        (("add", BARCODE, "--scanned", "9780306406158"), "not an ISBN"),
    ],
)
def test_what_is_refused_changes_nothing(
    words: tuple[str, ...], said: str, run: Callable[..., Result], data: Path
) -> None:
    run("cataloging", "add", BARCODE)
    before = journaled(data)
    result = run("cataloging", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert journaled(data) == before


def test_a_label_that_is_not_ours_is_refused(run: Callable[..., Result], data: Path) -> None:
    assert run("cataloging", "add", "junk").exit_code == 30
    assert not (data / JOURNAL).exists()


def test_what_is_not_in_the_queue_is_said(run: Callable[..., Result]) -> None:
    assert value(run("cataloging", "show", BARCODE, "--json"), 1) == {"entry": BARCODE, "found": False}
    run("cataloging", "add", BARCODE)
    run("cataloging", "resolve", BARCODE, "--reason", "found its record")
    assert value(run("cataloging", "resolve", BARCODE, "--reason", "again", "--json"), 1)["found"] is False


def test_a_running_station_journals_for_the_command(run: Callable[..., Result], data: Path) -> None:
    with hold(data, FakeClock()) as held:
        store = open_store(data / JOURNAL, FakeClock())
        server = Server(
            held,
            Bench(),
            quit_station=lambda: None,
            orders=cast(Orders, SimpleNamespace(order=lambda events, *_: store.journal.order(*events))),
        )
        server.start()
        try:
            assert run("cataloging", "add", BARCODE).exit_code == 0
            assert [one["barcode"] for one in value(run("cataloging", "list", "--json"))] == [BARCODE]
            assert run("cataloging", "resolve", BARCODE, "--record", "99").exit_code == 0
            assert value(run("cataloging", "list", "--json")) == []
        finally:
            assert server.stop(10.0)
            assert store.close()
    assert [type(event).__name__ for event in journaled(data)] == ["CatalogingRequested", "CatalogingResolved"]


# --- findings -------------------------------------------------------------------------------------------------------


def test_the_sample_catalog_has_what_was_put_into_it(imported: Callable[..., Result]) -> None:
    """works.toml: one record without title, one without call number, both deliberate; no other major finding."""
    result = value(imported("catalog", "check", "--all", "--json"), 1)
    assert result["items"] == 27
    major = {
        (one["barcode"], finding["code"])
        for one in result["listed"]
        for finding in one["findings"]
        if finding["severity"] == "major"
    }
    assert major == {(NO_TITLE, "title-missing"), (NO_CALL, "call-number-missing")}
    assert result["stopped"] is False


def test_one_good_record_is_good(imported: Callable[..., Result]) -> None:
    result = imported("catalog", "check", BARCODE)
    assert (result.exit_code, "one item, 0 with findings" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("barcode", "scanned", "counts", "code"),
    [
        (BARCODE, "9780990000013", {}, 0),
        (BARCODE, "099000001X", {}, 0),
        (BARCODE, ISBN, {"isbn-not-in-record": 1}, 1),
        (DVD, ISBN, {"isbn-none-in-record": 1}, 0),
        (DVD, "036000291452", {"ean-not-in-record": 1}, 0),
    ],
    ids=["its own", "its own as ISBN-10", "another", "record without ISBN", "UPC"],
)
def test_the_number_on_the_piece_is_compared(
    barcode: str, scanned: str, counts: dict[str, int], code: int, imported: Callable[..., Result]
) -> None:
    """The first record of the sample has 020 $a 9780990000013; its discs have no 020
    (scripts/make_sample_catalog.py)."""
    assert value(imported("catalog", "check", barcode, "--scanned", scanned, "--json"), code)["counts"] == counts


def test_what_is_too_poor_goes_to_the_queue_once(imported: Callable[..., Result], data: Path) -> None:
    assert value(imported("catalog", "check", "--all", "--queue", "--json"), 1)["queued"] == 1
    assert value(imported("catalog", "check", NO_TITLE, "--queue", "--json"), 1)["queued"] == 0
    (entry,) = value(imported("cataloging", "list", "--json"))
    assert (entry["barcode"], entry["asked"][0]["code"]) == (NO_TITLE, "title-missing")
    assert entry["record"]


def test_a_short_list_still_counts_all(imported: Callable[..., Result]) -> None:
    result = value(imported("catalog", "check", "--all", "--limit", "1", "--json"), 1)
    assert len(result["listed"]) == 1
    assert result["with_findings"] > 1
    assert sum(result["counts"].values()) > 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        (BARCODE, "--all"),
        (BARCODE, OTHER, "--scanned", ISBN),
        (BARCODE, "--scanned", "x"),
        ("--all", "--scanned", ISBN),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...], imported: Callable[..., Result]) -> None:
    assert imported("catalog", "check", *words).exit_code == 2


def test_unknown_barcodes_and_no_index_are_errors(run: Callable[..., Result]) -> None:
    assert run("catalog", "check", BARCODE).exit_code == 30
    result = run("catalog", "check", "--all")
    assert result.exit_code not in (0, 1, 2, 70)
    assert "station catalog import" in result.stderr


def test_ctrl_c_stops_between_two_records(imported: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    real = catalog_check.marc.parse

    def parse(raw: bytes) -> Record:
        seen.append(raw)
        if len(seen) == 3:
            signal.raise_signal(signal.SIGINT)
        return real(raw)

    monkeypatch.setattr(catalog_check.marc, "parse", parse)
    monkeypatch.setattr(catalog_check, "describe", _describe_without_parsing(real))
    result = imported("catalog", "check", "--all", "--json")
    assert value(result, 1)["stopped"] is True
    assert len(seen) == 3


def _describe_without_parsing(real: Callable[[bytes], Record]) -> Callable[..., Any]:
    """Give `describe` the real parser, so that only the records that the check parses are counted."""
    from station.catalog.record import record

    def describe(*values: Any) -> Any:
        current = record.marc.parse
        record.marc.parse = real  # type: ignore[assignment]
        try:
            return record.describe(*values)
        finally:
            record.marc.parse = current  # type: ignore[assignment]

    return describe


def test_a_mislabelled_record_is_named(run: Callable[..., Result], tmp_path: Path) -> None:
    """UTF-8 bytes in a record whose leader declares MARC-8 (leader/09 blank)."""
    record = Record(force_utf8=True)
    record.add_field(
        Field("001", data="r1"),
        Field("245", Indicators("0", "0"), [Subfield("a", "Émile")]),
        Field("300", Indicators(" ", " "), [Subfield("a", "9 pages")]),
        Field(
            "949",
            Indicators(" ", " "),
            [Subfield("i", BARCODE), Subfield("a", "QA76 .A1"), Subfield("w", "LC"), Subfield("p", "5.00")],
        ),
    )
    raw = bytearray(record.as_marc())
    raw[9:10] = b" "
    file = tmp_path / "one.mrc"
    file.write_bytes(raw)
    assert run("catalog", "import", file).exit_code == 0
    result = value(run("catalog", "check", "--all", "--json"))
    assert result["counts"] == {"characters-mislabelled": 1}
