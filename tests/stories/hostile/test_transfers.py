"""Hostile text in transfers and lost items reaches neither terminal nor JSON as more than text."""

from __future__ import annotations

import pytest

from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.transfers.transfer import Shelf, transfer_id
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.stories.hostile.command_table import BARCODE, TRANSFER_ACTS, Row, said, silent
from tests.stories.hostile.hostile_place import Place
from tests.stories.hostile.test_exports import KNOWN, json_of, texts_of
from tests.support.harmless import bad_characters
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer

ROWS = {
    "list": said("transfers list --all"),
    "show": said("transfers show {transfer}", "transfers show {evil}"),
    "read": said("transfers read {transfer}"),
    "decide": (
        *silent(
            f"transfers decide {BARCODE} --library {{evil}} --call-number {{evil}} --reason {{evil}} --note {{evil}}"
        ),
        *silent("transfers decide {evil} --library WEST"),
    ),
    "import": silent("transfers import {csv} --name {evil}"),
    "cancel": said("transfers cancel {evil} --reason x", "transfers cancel {transfer} --reason {evil}"),
    "confirm": silent("transfers confirm {transfer} --reason {evil}"),
    "lost": silent(f"transfers lost {BARCODE} --reason {{evil}}", "transfers lost {evil}"),
    "found": silent(f"transfers found {BARCODE} --reason {{evil}}"),
}
CASES = [
    pytest.param(row, as_json, id=f"{row.words[:60]}{' --json' if as_json else ''}")
    for rows in ROWS.values()
    for row in rows
    for as_json in ((False, True) if row.shows else (False,))
]


def test_each_command_has_its_rows() -> None:
    assert {*ROWS} == {*TRANSFER_ACTS}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hostile place with a transfer whose every text is hostile."""
    made, deal = Place(tmp_path_factory.mktemp("transfers")), Dealer()
    store = open_store(made.made / JOURNAL, FakeClock())
    event = ev.TransferDecided(
        barcode="31999000000022",
        before=Shelf(library=deal()[:40], location=deal()[:40], call_number=deal()[:60]),
        wanted=Shelf(library=f"{MARK} {deal()[:40]}", location=deal()[:40]),
        reason=deal()[:200],
        note=deal()[:200],
        approver=deal()[:60],
        list=deal()[:60],
        site=deal()[:40],
        item=ItemRecord(barcode=Barcode("31999000000022"), title=f"{MARK} {deal()[:300]}"),
        operator="w-tess",
    )
    ident = transfer_id(store.journal.record(event))
    store.close()
    made.name(transfer=ident)
    return made


@pytest.mark.parametrize(("row", "as_json"), CASES)
def test_what_a_command_on_transfers_says_is_harmless(place: Place, row: Row, as_json: bool) -> None:
    result, _ = place.call(row, as_json=as_json)
    assert result.exit_code != 70, ascii(result.output)
    output = result.stdout + result.stderr
    assert bad_characters(output, "\n") == [], ascii(output)
    shown = texts_of(json_of(result.stdout)) if as_json else output
    if row.shows:
        assert MARK in shown or any(known in shown for known in KNOWN), ascii(output)
