"""Hostile text in withdrawals and carts reaches neither terminal nor JSON as more than text."""

from __future__ import annotations

import pytest

from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.withdrawals.pull_list import PullLine, PullList, pull_list_id
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import cart_id, withdrawal_id
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.stories.hostile.command_table import BARCODE, PULL_ACTS, WITHDRAWAL_ACTS, Row, said, silent
from tests.stories.hostile.hostile_place import Place
from tests.stories.hostile.test_exports import CHECKS, KNOWN, json_of, texts_of
from tests.support.harmless import bad_characters
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer

OTHER = "31999000000022"
ROWS = {
    "show": said("withdraw show {withdrawal}", "withdraw show {evil}"),
    "decide": silent(
        f"withdraw decide {BARCODE} --reason {{evil}} --destination {{evil}} --note {{evil}} --despite {{evil}}"
    ),
    "confirm": said("withdraw confirm {withdrawal} --reason {evil}"),
    "destroyed": silent("withdraw destroyed {withdrawal} --how {evil}", "withdraw destroyed {evil}"),
    "place": said("withdraw place {withdrawal} --in {evil}"),
    "oclc": said("withdraw oclc {withdrawal} --note {evil}"),
    "assign": said("withdraw assign {withdrawal} --owner tess"),
    "cancel": silent("withdraw cancel {withdrawal} --reason {evil}"),
    "report": said("withdraw report items", "withdraw report reasons"),
    "cart list": said("withdraw cart list"),
    "cart open": silent("withdraw cart open {evil} --reason {evil} --destination recycle"),
    "cart close": said("withdraw cart close {cart}"),
    "lists list": said("withdraw lists list"),
    "lists show": said("withdraw lists show {pull}", "withdraw lists show {evil}", "withdraw lists show {pull} --ask"),
    "lists print": (
        Row("withdraw lists print {pull} --pdf {out}/a.pdf", shows=False, files=(".pdf",)),
        *silent("withdraw lists print {evil} --to {evil}"),
    ),
    "lists tick": said(
        f"withdraw lists tick {{pull}} {BARCODE} found --note {{evil}}", "withdraw lists tick {pull} {evil} found"
    ),
    "lists import": silent("withdraw lists import {evil} --reason {evil} --destination {evil}"),
    "lists without": silent(f"withdraw lists without {{pull}} {BARCODE} --despite {{evil}}"),
    "lists close": said("withdraw lists close {pull}"),
}
CASES = [
    pytest.param(row, as_json, id=f"{row.words[:60]}{' --json' if as_json else ''}")
    for rows in ROWS.values()
    for row in rows
    for as_json in ((False, True) if row.shows else (False,))
]


def test_each_command_has_its_rows() -> None:
    assert {*ROWS} == {*WITHDRAWAL_ACTS, *(f"lists {name}" for name in PULL_ACTS)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hostile place with a cart and a withdrawal whose every text is hostile."""
    made, deal = Place(tmp_path_factory.mktemp("withdrawals")), Dealer()
    store = open_store(made.made / JOURNAL, FakeClock())
    opened = ev.WithdrawalCartOpened(
        name=f"{MARK} {deal()[:60]}",
        reason=deal()[:20],
        destination=deal()[:20],
        note=deal()[:60],
        approver=deal()[:60],
        place=deal()[:60],
        operator="w-tess",
    )
    cart = cart_id(store.journal.record(opened))
    event = ev.WithdrawalDecided(
        barcode=OTHER,
        reason=f"{MARK} {deal()[:20]}",
        destination=deal()[:20],
        note=deal()[:200],
        approver=deal()[:60],
        signs=(SignAnswer(sign=Sign.GIFT, reply=Reply.YES, source="record", detail=deal()[:200], as_of=deal()[:20]),),
        despite=(Sign.GIFT.value,),
        despite_reason=deal()[:60],
        cart=cart,
        item=ItemRecord(barcode=Barcode(OTHER), title=f"{MARK} {deal()[:300]}", library=deal()[:40], price=deal()[:40]),
        operator="w-tess",
    )
    ident = withdrawal_id(store.journal.record(event))
    gone = ev.Withdrawn(
        withdrawal="withdrawal-1",
        barcode=BARCODE,
        title=f"{MARK} {deal()[:200]}",
        reason=f"{MARK} {deal()[:20]}",
        format=deal()[:20],
        fund=deal()[:20],
        library=deal()[:20],
        operator="w-tess",
    )
    store.journal.record(gone)
    line = PullLine(
        line=BARCODE,
        barcode=BARCODE,
        title=f"{MARK} {deal()[:200]}",
        author=deal()[:60],
        call_number=deal()[:60],
        library=deal()[:40],
        location=deal()[:40],
        note=deal()[:200],
    )
    content = PullList(
        name=f"{MARK} {deal()[:60]}", reason=deal()[:20], destination=deal()[:20], approver=deal()[:60], lines=(line,)
    )
    pull = pull_list_id(
        store.journal.record(ev.PullListImported(content=content, source=deal()[:60], operator="w-tess"))
    )
    store.close()
    made.name(withdrawal=ident, cart=cart, pull=pull)
    return made


@pytest.mark.parametrize(("row", "as_json"), CASES)
def test_what_a_command_on_withdrawals_says_is_harmless(place: Place, row: Row, as_json: bool) -> None:
    result, out = place.call(row, as_json=as_json)
    assert result.exit_code != 70, ascii(result.output)
    output = result.stdout + result.stderr
    assert bad_characters(output, "\n") == [], ascii(output)
    shown = texts_of(json_of(result.stdout)) if as_json else output
    if row.shows:
        assert MARK in shown or any(known in shown for known in KNOWN), ascii(output)
    written = {path.suffix: path.read_bytes() for path in out.iterdir()}
    assert {*written} == {*row.files}, ascii(output)
    for suffix, data in written.items():
        CHECKS[suffix](data)
