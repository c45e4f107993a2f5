"""The journal on the bench's screens: titles in place of barcodes, sentences in place of codes, and no ids."""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from station.base.sentence import Sentence
from station.domain import events as ev
from station.store.journal.journal import JournalStore
from station.store.queries.plain_summaries import Plain
from station.store.queries.summaries import summary
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events
from tests.support.sample_events import UID, record, started, verified
from tests.support.told import told as plain_text

BARCODE = "31234000000015"
ITEM = record(BARCODE)
SCANNED = ev.ItemScanned(barcode=BARCODE, part=1, item=ITEM)


def told(*events: ev.AnyEvent, exactly: bool = False) -> list[str]:
    """Return the plain sentences of these events in a journal."""
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        words = Plain(sql, exactly=exactly)
        return [plain_text(words.sentence(journal.record(event), event)) for event in events]


def test_an_item_is_named_by_its_title_and_in_the_journal_by_its_barcode_too() -> None:
    assert told(SCANNED, ev.ItemSetAside(barcode=BARCODE))[1] == f'"{ITEM.title}" set aside'
    assert told(SCANNED, exactly=True) == [f'Scanned "{ITEM.title}" ({BARCODE})']
    assert told(ev.ItemSetAside(barcode=BARCODE)) == [f"{BARCODE} set aside"], "no title is known"


def test_an_item_is_set_aside_for_the_sentence_that_the_operator_saw() -> None:
    stopped = ev.LineStopped(
        code="foreign-tag", sentence=Sentence.verbatim("This tag belongs to another library (US-dlc).")
    )
    _, _, said = told(SCANNED, stopped, ev.ItemSetAside(barcode=BARCODE, reason=Sentence.verbatim("foreign-tag")))
    assert said == f'"{ITEM.title}" set aside: This tag belongs to another library (US-dlc)'
    (without,) = told(ev.ItemSetAside(barcode=BARCODE, reason=Sentence.verbatim("tags-collide")))
    assert without == f"{BARCODE} set aside: More than one tag is on the pad"


def test_a_delivery_tells_its_state_and_why_in_words() -> None:
    refused = "http://localhost:1: [Errno 111] Connection refused"
    event = ev.DeliveryChanged(
        delivery="d", system="alma", state="deferred", detail=Sentence.of(refused), reason="unreachable"
    )
    assert told(event) == ["Delivery to Alma: again later: The library system does not answer. Your work is kept"]


def test_no_sentence_has_a_tag_number_or_the_code_of_a_stop() -> None:
    events = [
        SCANNED,
        started("a", UID, BARCODE),
        verified("a", UID, BARCODE),
        ev.TagRecognised(uid=UID, state="foreign", summary=f"another library's tag: {BARCODE}"),
        ev.LineStopped(code="tags-collide", sentence=Sentence.verbatim("More than one tag is on the pad.")),
        ev.ChoiceMade(code="tags-collide", choice="retry"),
        ev.ScanRefused(text=Sentence.verbatim("123"), code="barcode-malformed"),
        ev.TagWriteInterrupted(attempt="a", uid=UID, barcode=BARCODE, code="tag-lost", written=1, planned=2),
    ]
    said = "\n".join(told(*events))
    assert ITEM.title in said and not re.search(rf"{UID}|{BARCODE}|tags-collide|barcode-malformed|tag-lost", said)


@pytest.mark.parametrize("event", sample_events.ONE_OF_EACH, ids=lambda event: ev.kind(event))
def test_every_kind_has_a_plain_sentence_and_keeps_its_exact_one(event: ev.AnyEvent) -> None:
    exact = plain_text(summary(event))
    assert told(event)[0] and UID not in told(event)[0]
    assert exact and plain_text(summary(event)) == exact


@pytest.mark.parametrize(
    ("code", "choice", "said"),
    [
        ("tag-erase", "want", "Change the tag"),
        ("tag-migrate", "confirmed", "Confirmed"),
        ("barcode-unknown", "dismiss", "Set aside"),
        ("second-tag", "replace", "Replace the tag"),
        ("set-ask-size", "size-0", "As before"),
        ("set-ask-size", "size-1", "Change the set"),
    ],
)
def test_a_choice_is_told_in_words(code: str, choice: str, said: str) -> None:
    event = ev.ChoiceMade(code=code, choice=choice)
    assert told(event) == [f"Chosen: {said}"]
    assert f": {said}" in plain_text(summary(event))
