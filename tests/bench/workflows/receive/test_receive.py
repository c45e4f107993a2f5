"""The count at the open carton, on the real journal."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from station.bench.moves import moved
from station.bench.workflows.receive import workflow as receive
from station.bench.workflows.receive.rules import MOVES, Trigger, numbers_of
from station.catalog.barcodes.carton import carton_of
from station.domain import events as ev
from station.domain.commands import SignOn
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.packing_lists.packing_list import LineKey, ListKind
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.receiving.difference import DifferenceKind
from station.domain.receiving.order_line import OrderLine
from station.domain.snapshot import Light, Sound
from station.domain.workflows import ReceiveState, Workflow
from tests.bench.staff import Staff
from tests.support.open_carton import (
    ALMANAC,
    ATLAS,
    CARTON,
    EMPTY_CARTON,
    INVOICE,
    RIVERS,
    SECOND_EDITION,
    TIDES,
    UNLISTED,
    CartonRig,
)
from tests.support.simulated_bench import BOOK, DVD, OTHER, UNKNOWN
from tests.support.told import told

_S = ReceiveState


def act(rig: CartonRig, name: str, argument: str = "") -> None:
    rig.act(name, argument)


def at_newest(rig: CartonRig, name: str, argument: str = "") -> None:
    """Tap a button at the newest copy."""
    assert rig.view.newest is not None
    rig.act(name, f"{rig.view.newest.count} {argument}".strip())


# --- opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "carton"),
    [
        (CARTON, CARTON),
        (f"]C100{CARTON}", CARTON),
        (f"00{CARTON}", CARTON),
        (f"(00) {CARTON[:8]} {CARTON[8:]}", CARTON),
        (f"{CARTON[:-1]}8", ""),  # a wrong check digit
        (CARTON[1:], ""),
        (RIVERS, ""),
    ],
)
def test_a_carton_id(text: str, carton: str) -> None:
    assert carton_of(text) == carton


@pytest.mark.parametrize("text", [CARTON, f"]C100{CARTON}", "INV-7", "inv-7"])
def test_a_carton_is_opened_by_its_label_or_its_papers(text: str) -> None:
    rig = CartonRig().opened(text)
    (opened,) = rig.of(ev.ShipmentOpened)
    assert (opened.lists, opened.vendor) == (("list-1",), "ybp")
    assert opened.carton == ("" if "inv" in text.lower() else CARTON)
    assert (rig.view.state, rig.view.sender, rig.view.papers) == (_S.OPEN, "YBP", "INV-7")
    assert [line.title for line in rig.view.short][:2] == ["Imaginary rivers", "Tides of glass"]


def test_what_alma_says_of_the_order_line_is_shown_at_its_copy() -> None:
    rig = CartonRig()
    line = OrderLine(number="POL-1", rush=True, receiving_note="Call the\u202e law desk.", expected="2026-11-20")
    rig.journal.record(ev.OrderLineRead(system="alma-orders", content=line))
    rig.journal.record(
        ev.OrderLineRead(system="alma-orders", content=OrderLine(number="POL-2", title="Tides of glass"))
    )
    rig.opened().scan(RIVERS)
    assert rig.view.newest is not None
    facts = rig.view.newest.order
    assert facts is not None
    assert (facts.rush, facts.expected, facts.vendor_note) == (True, "2026-11-20", "")
    assert "law desk" in facts.receiving_note and "\u202e" not in facts.receiving_note
    rig.scan(TIDES)
    assert rig.view.newest is not None and rig.view.newest.order is None, "there is nothing to know"


def test_a_list_that_no_shipment_holds_is_offered() -> None:
    ordered = msgspec.structs.replace(INVOICE, name="PO-6", kind=ListKind.ORDER)
    rig = CartonRig((ordered, INVOICE))
    rig.enter(Workflow.RECEIVE)
    assert [offer.title for offer in rig.view.offered] == ["YBP INV-7"]
    act(rig, "open", "list-1")
    assert rig.view.state is _S.START, "a list that is not offered is not opened"
    act(rig, "open", "list-2")
    assert rig.view.papers == "INV-7"


def test_two_lists_with_the_same_number_are_told_apart() -> None:
    other = msgspec.structs.replace(INVOICE, vendor="GOBI", cartons=())
    third = msgspec.structs.replace(INVOICE, name="INV-8", cartons=())
    rig = CartonRig((INVOICE, other, third)).opened("INV-7")
    assert rig.view.state is _S.LIST and [offer.title for offer in rig.view.offered] == ["YBP INV-7", "GOBI INV-7"]
    act(rig, "list", "list-3")
    assert rig.view.state is _S.LIST, "a list that is not offered is not opened"
    act(rig, "list", rig.view.offered[1].key)
    assert rig.view.papers == "INV-7" and rig.of(ev.ShipmentOpened)[0].lists == ("list-2",)


def test_a_carton_without_papers_is_a_purchase_of_a_vendor() -> None:
    rig = CartonRig().opened(EMPTY_CARTON)
    assert rig.view.state is _S.PURPOSE and "No list names" in told(rig.now.notice.sentence)
    act(rig, "purpose", "approval")
    assert [offer.title for offer in rig.view.offered] == ["YBP"]
    act(rig, "vendor", "ybp")
    (opened,) = rig.of(ev.ShipmentOpened)
    assert (opened.purpose, opened.vendor, opened.carton) == (Purpose.APPROVAL, "ybp", EMPTY_CARTON)


@pytest.mark.parametrize(("purpose", "field", "event"), [("gift", "donor", ev.Gift), ("lease", "plan", ev.LeaseIn)])
def test_a_gift_has_a_donor_and_a_leased_copy_its_plan(purpose: str, field: str, event: type[ev.Event]) -> None:
    rig = CartonRig()
    rig.enter(Workflow.RECEIVE)
    act(rig, "no-papers")
    act(rig, "purpose", purpose)
    if purpose == "lease":
        act(rig, "vendor")
    rig.scan("Mrs. Marlowe")
    assert getattr(rig.of(ev.ShipmentOpened)[0], field) == "Mrs. Marlowe"
    rig.scan(UNLISTED)
    assert rig.now.light is Light.GOOD and rig.view.newest is not None
    rig.scan(UNKNOWN)
    (added,) = rig.of(event)
    assert (getattr(added, field), added.barcode, added.copy.vendor) == ("Mrs. Marlowe", UNKNOWN, "")


def test_a_leased_copy_uses_the_points_of_its_list() -> None:
    lines = tuple(msgspec.structs.replace(line, points="1.5") for line in INVOICE.lines)
    rig = CartonRig((msgspec.structs.replace(INVOICE, lines=lines),))
    rig.enter(Workflow.RECEIVE)
    act(rig, "no-papers")
    act(rig, "purpose", "lease")
    act(rig, "vendor", "ybp")
    act(rig, "name")
    rig.scan(RIVERS)
    rig.scan(UNKNOWN)
    (added,) = rig.of(ev.LeaseIn)
    assert (added.points, added.barcode) == ("1.5", UNKNOWN)


def test_an_open_shipment_is_taken_up_after_a_restart() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    rig.start()
    rig.enter(Workflow.RECEIVE)
    assert rig.view.state is _S.OPEN and rig.view.newest is not None and rig.view.newest.title == "Imaginary rivers"
    assert told(rig.now.prompt) == "Scan the next copy." and rig.now.light is Light.NEUTRAL


def test_of_several_open_shipments_one_is_chosen() -> None:
    rig = CartonRig().opened()
    rig.cancel()
    assert rig.view.state is _S.START
    rig.scan(EMPTY_CARTON)
    act(rig, "purpose", "purchase")
    act(rig, "vendor")
    rig.scan(CARTON)
    assert rig.view.papers == "INV-7", "the label of another open carton changes to it"
    rig.cancel()
    assert [offer.title for offer in rig.view.offered] == ["YBP", EMPTY_CARTON]
    rig.start()
    rig.enter(Workflow.RECEIVE)
    assert rig.view.state is _S.START and len(rig.view.offered) == 2
    act(rig, "open", rig.view.offered[0].key)
    assert rig.view.papers == "INV-7" and len(rig.of(ev.ShipmentOpened)) == 2


# --- what a scan says ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scans", "outcome", "sentence"),
    [
        ((RIVERS,), "matched", "Matched: Imaginary rivers, 1 of 2."),
        (("0-262-03384-4",), "matched", "Matched: Imaginary rivers, 1 of 2."),
        ((f"{RIVERS}52499",), "matched", "Matched: Imaginary rivers, 1 of 2."),
        (("POL-1",), "matched", "Matched: Imaginary rivers, 1 of 2."),
        (("V-77",), "matched", "Matched: Tides of glass, 1 of 1."),
        ((RIVERS,) * 3, "over", "More than listed: Imaginary rivers, 3 of 2."),
        ((ATLAS,), "cancelled", "Order cancelled: Atlas of shadows. Put it aside."),
        ((SECOND_EDITION,), "wrong-edition", "Wrong edition: Tides of glass. Put it aside."),
        ((UNLISTED,), "not-ordered", f"Not ordered: {UNLISTED}. Put it aside."),
    ],
)
def test_the_large_sentence_says_what_the_copy_is(scans: tuple[str, ...], outcome: str, sentence: str) -> None:
    rig = CartonRig().opened()
    for text in scans:
        rig.scan(text)
    assert told(rig.now.prompt) == sentence
    assert rig.of(ev.CopyCounted)[-1].outcome == outcome
    good = outcome == "matched"
    assert rig.now.light is (Light.GOOD if good else Light.WARNING)
    assert rig.now.sound is (Sound.GOOD if good else Sound.WARNING)
    assert bool(rig.of(ev.DifferenceOpened)) is not good


def test_a_copy_that_came_in_an_earlier_carton_is_a_duplicate() -> None:
    rig = CartonRig().opened()
    rig.scan(TIDES)
    act(rig, "close")
    act(rig, "more")
    rig.scan("INV-7")
    rig.scan(TIDES)
    assert told(rig.now.prompt) == "All came before: Tides of glass. Put it aside."


def test_what_is_no_number_of_a_copy_is_not_counted() -> None:
    rig = CartonRig().opened()
    for text in ("12345", "SHELF-9", UNKNOWN):
        rig.scan(text)
        assert rig.now.notice.sentence and rig.now.sound is Sound.WARNING
    assert not rig.of(ev.CopyCounted) and rig.view.state is _S.OPEN


@pytest.mark.parametrize(("text", "numbers"), [(RIVERS, (RIVERS,)), ("0712345678911", ("712345678911",)), (BOOK, ())])
def test_numbers_have_the_form_of_the_lists(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_of(text) == numbers


# --- barcodes -----------------------------------------------------------------------------------------------------------


def test_our_barcode_goes_to_the_newest_copy_without_one() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    rig.scan(UNKNOWN)
    (added,) = rig.of(ev.Added)
    assert (added.barcode, added.count, added.purpose) == (UNKNOWN, 4, Purpose.PURCHASE)
    assert (added.copy.title, added.copy.fund, added.copy.price) == ("Imaginary rivers", "HIST", "20.00")
    assert (added.copy.library, added.copy.order_line, added.copy.vendor) == ("MAIN", "POL-1", "ybp")
    assert added.copy.title_effect is None, "the catalog does not know the title"
    rig.scan(UNKNOWN)
    assert told(rig.now.notice.sentence) == "Imaginary rivers is counted already." and len(rig.of(ev.CopyCounted)) == 1


def test_a_further_copy_of_a_title_of_the_catalog_is_no_new_title() -> None:
    rig = CartonRig().opened()
    rig.scan(TIDES)
    rig.scan(UNKNOWN)
    copy = rig.of(ev.Added)[0].copy
    assert (copy.record_id, copy.material, copy.title_effect) == ("r1", "book", 0)


def test_without_a_search_of_the_catalog_nobody_knows_whether_the_title_is_new() -> None:
    rig = CartonRig()
    rig.start_with(search=None)
    rig.opened().scan("V-77")
    rig.scan(DVD)
    copy = rig.of(ev.Added)[0].copy
    assert (copy.record_id, copy.title_effect) == ("r1", None)


def test_a_barcode_that_the_list_names_counts_its_copy() -> None:
    rig = CartonRig().opened()
    rig.scan(BOOK)
    assert told(rig.now.prompt) == "Matched: The clockmaker's almanac, 1 of 1."
    assert rig.of(ev.CopyCounted)[0].key == LineKey("list-1", "3") and rig.of(ev.Added)[0].barcode == BOOK
    rig.scan(BOOK)
    assert len(rig.of(ev.CopyCounted)) == 1


def test_the_barcode_decides_between_two_copies_of_a_title() -> None:
    """By its ISBN the copy was counted on the first line; its barcode is that of the second."""
    rig = CartonRig().opened()
    rig.scan(ALMANAC)
    rig.scan(OTHER)
    (added,) = rig.of(ev.Added)
    assert added.barcode == OTHER and rig.of(ev.CopyCounted)[-1].key == LineKey("list-1", "4")
    assert len(rig.of(ev.CountUndone)) == 1 and rig.view.counted == 1


def test_a_barcode_is_bound_after_a_kill_between_count_and_barcode() -> None:
    rig = CartonRig().opened()
    rig.journal.order(ev.CopyCounted(shipment="shipment-3", scanned=BOOK))
    rig.start()
    rig.enter(Workflow.RECEIVE)
    rig.scan(BOOK)
    assert len(rig.of(ev.CopyCounted)) == 1 and rig.of(ev.Added)[0].barcode == BOOK


def test_another_barcode_than_the_list_names_is_used_only_after_a_look() -> None:
    rig = CartonRig().opened()
    rig.scan(ALMANAC)
    rig.scan(UNKNOWN)
    assert rig.view.state is _S.BARCODE and (rig.view.barcode, rig.view.listed_barcode) == (UNKNOWN, BOOK)
    act(rig, "back")
    assert rig.view.state is _S.OPEN and not rig.of(ev.Added)
    rig.scan(UNKNOWN)
    act(rig, "use")
    assert rig.of(ev.Added)[0].barcode == UNKNOWN and rig.view.state is _S.OPEN


# --- at the newest copy -------------------------------------------------------------------------------------------------


def test_a_damaged_copy_has_a_difference_with_a_note_and_a_photo() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    at_newest(rig, "fault", "damaged")
    assert told(rig.now.prompt) == "Damaged: Imaginary rivers. Put it aside." and rig.now.light is Light.WARNING
    at_newest(rig, "note", "torn\x1b[31m cover")
    at_newest(rig, "photo", "/photos/1.jpg")
    (opened,) = rig.of(ev.DifferenceOpened)
    assert opened.what is DifferenceKind.DAMAGED
    assert [(noted.note, noted.photo) for noted in rig.of(ev.DifferenceNoted)] == [
        ("torn[31m cover", ""), ("", "/photos/1.jpg"),
    ]  # fmt: skip


def test_an_undone_count_is_no_count_and_a_late_tap_undoes_no_other_one() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    rig.scan(RIVERS)
    at_newest(rig, "undo-count")
    assert told(rig.now.notice.sentence) == "Not counted any more: Imaginary rivers."
    act(rig, "undo-count", "5")
    assert len(rig.of(ev.CountUndone)) == 1 and rig.view.counted == 1
    assert (rig.view.short[0].here, rig.view.short[0].listed) == (1, 2)


def received(rig: CartonRig) -> int:
    """Count a copy that the library system then receives. Return its count."""
    rig.scan(RIVERS)
    rig.scan(UNKNOWN)
    count = int(rig.view.newest.count) if rig.view.newest is not None else 0
    receipt = ReceiveIntent(order_line="POL-1", barcode=UNKNOWN, count=count)
    rig.journal.order(ev.DeliveryOrdered(system="alma-orders", intent=receipt))
    rig.sql.execute("UPDATE outbox SET state = 'delivered', witness = ''")
    return count


@pytest.mark.parametrize("taken_away", ["undo-count", "send-back", "wrong-edition"])
def test_what_the_library_system_keeps_is_said_before_a_received_copy_is_taken_away(taken_away: str) -> None:
    rig = CartonRig().opened()
    count = received(rig)
    before = len(rig.journal.events)
    at_newest(rig, taken_away)
    assert told(rig.now.prompt) == "The library system keeps the receipt of Imaginary rivers. Go on?"
    act(rig, "back")
    assert rig.view.state is _S.OPEN and len(rig.journal.events) == before
    at_newest(rig, taken_away)
    act(rig, "go-on", "0")
    assert rig.view.state is _S.KEPT
    act(rig, "go-on", str(count))
    assert rig.view.state is _S.OPEN and len(rig.of(ev.CountUndone, ev.CopyReturned)) == 1
    assert DifferenceKind.RECEIPT in {difference.what for difference in rig.of(ev.DifferenceOpened)}


def test_a_person_sees_that_it_is_another_edition() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    at_newest(rig, "wrong-edition")
    assert told(rig.now.prompt) == "Wrong edition: Imaginary rivers. Put it aside."
    assert rig.view.counted == 1 and rig.view.short[0].here == 0, "a copy of another edition fills no line"


def test_a_copy_is_sent_back() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    missing = rig.view.missing
    at_newest(rig, "send-back")
    assert len(rig.of(ev.CopyReturned)) == 1 and rig.view.newest is None and rig.view.short[0].here == 0
    assert rig.view.missing == missing, "a copy that was sent back had come"


def test_a_copy_with_its_barcode_goes_into_process() -> None:
    rig = CartonRig().opened()
    rig.scan(RIVERS)
    at_newest(rig, "process")
    assert rig.now.workflow is Workflow.RECEIVE, "it has no barcode yet"
    rig.scan(DVD)
    at_newest(rig, "process")
    assert rig.now.workflow is Workflow.PROCESS and rig.now.item is not None and rig.now.item.barcode == DVD


# --- without a number -----------------------------------------------------------------------------------------------------


def test_a_copy_with_nothing_to_scan_is_found_by_words_of_its_title() -> None:
    rig = CartonRig().opened()
    act(rig, "find", "RIVERS imag")
    assert [offer.title for offer in rig.view.offered] == ["Imaginary rivers"]
    act(rig, "line", "list-1 5")
    assert not rig.of(ev.CopyCounted), "the line is not offered"
    act(rig, "line", rig.view.offered[0].key)
    assert told(rig.now.prompt) == "Matched: Imaginary rivers, 1 of 2."
    rig.scan("rivers")
    act(rig, "edition")
    act(rig, "line", rig.view.offered[0].key)
    assert rig.of(ev.CopyCounted)[-1].outcome is CountOutcome.WRONG_EDITION


def test_words_that_no_list_has_are_the_title_of_a_copy_that_was_not_ordered() -> None:
    rig = CartonRig().opened()
    act(rig, "find", "Glass mountains")
    assert told(rig.now.prompt) == "No list has these words. Type other words."
    act(rig, "no-line")
    counted = rig.of(ev.CopyCounted)[0]
    assert (counted.title, counted.outcome) == ("Glass mountains", CountOutcome.NOT_ORDERED)


# --- the end ----------------------------------------------------------------------------------------------------------------


def test_a_counted_carton_asks_for_another_one_while_copies_are_short() -> None:
    rig = CartonRig().opened()
    for text in (RIVERS, TIDES, BOOK, OTHER):
        rig.scan(text)
    act(rig, "close")
    assert told(rig.now.prompt) == "One copy is short. Is another carton to come?"
    act(rig, "back")
    act(rig, "close")
    act(rig, "all")
    assert told(rig.now.notice.sentence) == "Closed: 4 copies counted. One difference is open."
    (short,) = rig.of(ev.DifferenceOpened)
    assert (short.what, short.title, short.copies) == (DifferenceKind.SHORT, "Imaginary rivers", 1)
    assert rig.view.state is _S.START and not rig.view.offered


def test_nothing_is_short_if_a_box_lacks_what_is_only_ordered() -> None:
    rig = CartonRig((msgspec.structs.replace(INVOICE, kind=ListKind.ORDER),)).opened("INV-7")
    rig.scan(RIVERS)
    assert not rig.view.short
    act(rig, "close")
    assert rig.view.state is _S.START and not rig.of(ev.DifferenceOpened)


def test_a_whole_carton_is_closed_at_once() -> None:
    rig = CartonRig().opened()
    for text in (RIVERS, RIVERS, TIDES, BOOK, OTHER):
        rig.scan(text)
    act(rig, "close")
    assert told(rig.now.notice.sentence) == "Closed: 5 copies counted." and rig.now.sound is Sound.GOOD


def test_a_shipment_closed_elsewhere_is_left() -> None:
    rig = CartonRig().opened()
    rig.journal.order(ev.ShipmentClosed(shipment="shipment-3", more=True))
    rig.scan(RIVERS)
    assert told(rig.now.notice.sentence) == "This shipment is closed. Open a new one."
    assert rig.view.state is _S.START and not rig.of(ev.CopyCounted)


# --- rights, text, moves -----------------------------------------------------------------------------------------------------


def test_a_trainee_counts_in_the_own_name() -> None:
    staff = Staff()
    rig = CartonRig(people=staff)
    rig.journal.record(ev.WorkerRegistered(worker="w-tim", role=Role.TRAINEE))
    rig.bench.handle(SignOn("tim"))
    rig.opened().scan(RIVERS)
    assert rig.of(ev.CopyCounted)[0].operator == "w-tim"


def test_text_of_a_vendor_reaches_the_view_clean() -> None:
    evil = "\x1b[31mRed\u202e [b]x[/b]"
    lines = tuple(msgspec.structs.replace(line, title=evil, library=evil) for line in INVOICE.lines)
    rig = CartonRig((msgspec.structs.replace(INVOICE, vendor=evil, name=evil, lines=lines),)).opened()
    rig.scan(RIVERS)
    seen = repr(rig.view) + told(rig.now.prompt)
    assert "Red" in seen and "\\x1b" not in seen and "\\u202e" not in seen and "\x1b" not in seen


def test_every_move_of_the_table_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[tuple[ReceiveState, Trigger]] = set()

    def watched(moves: object, state: ReceiveState, trigger: Trigger) -> ReceiveState:
        made.add((state, trigger))
        return moved(MOVES, state, trigger)

    monkeypatch.setattr(receive, "moved", watched)
    other = msgspec.structs.replace(INVOICE, vendor="GOBI", cartons=())
    steps: tuple[Callable[[CartonRig], object], ...] = (
        lambda rig: [rig.scan("INV-7"), act(rig, "back"), rig.scan("INV-7"), act(rig, "list", "list-1")],
        lambda rig: [rig.scan(RIVERS), at_newest(rig, "fault", CopyFault.PROCESSING), act(rig, "find", "tides")],
        lambda rig: [act(rig, "back"), act(rig, "find", "tides"), act(rig, "line", "list-1 2")],
        lambda rig: [rig.scan(UNKNOWN), rig.scan(ALMANAC), rig.scan("31234000000073")],
        lambda rig: [act(rig, "back"), rig.scan("31234000000073"), act(rig, "use")],
        lambda rig: [act(rig, "close"), act(rig, "back"), act(rig, "close"), act(rig, "more")],
        lambda rig: [act(rig, "no-papers"), act(rig, "back"), act(rig, "no-papers"), act(rig, "purpose", "gift")],
        lambda rig: [act(rig, "back"), act(rig, "no-papers"), act(rig, "purpose", "gift"), act(rig, "name")],
        lambda rig: [act(rig, "close"), act(rig, "no-papers"), act(rig, "purpose", "lease"), act(rig, "back")],
        lambda rig: [act(rig, "no-papers"), act(rig, "purpose", "lease"), act(rig, "vendor", "ybp"), act(rig, "name")],
        lambda rig: [rig.cancel(), rig.scan(EMPTY_CARTON), act(rig, "purpose", "standing"), act(rig, "vendor")],
        lambda rig: [rig.cancel(), rig.scan(CARTON)],
    )
    rig = CartonRig((INVOICE, other))
    rig.enter(Workflow.RECEIVE)
    for step in steps:
        step(rig)
    nobody = CartonRig(vendors=()).opened(EMPTY_CARTON)
    act(nobody, "purpose", "purchase")
    kept = CartonRig().opened()
    received(kept)
    at_newest(kept, "undo-count")
    act(kept, "back")
    assert made == set(MOVES)
