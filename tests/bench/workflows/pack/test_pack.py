"""Boxes at the bench, on the real journal: what goes in, what stops and where it belongs, and what the site finds."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from station.bench.moves import moved
from station.bench.workflows.pack import workflow as pack
from station.bench.workflows.pack.rules import MOVES, Trigger
from station.domain import events as ev
from station.domain.commands import SignOff
from station.domain.correction_states import CorrectionKind
from station.domain.distribution.box import BoxState
from station.domain.distribution.packing import Obstacle
from station.domain.people.rights import Role
from station.domain.ports import ListedCopy
from station.domain.snapshot import Light, Sound
from station.domain.workflows import PackState, Paper, Workflow
from tests.bench.staff import SIGN_ON, Staff
from tests.bench.test_authorise import come, lend
from tests.support.packing_bench import PACKING, PackRig, SqlBoxes, barcode_of
from tests.support.told import told

_S = PackState


def prompt(rig: PackRig) -> str:
    return told(rig.now.prompt)


def newest_box(rig: PackRig) -> str:
    assert rig.view.box is not None
    return rig.view.box.id


def test_an_item_is_packed_by_scan_and_pad_in_any_order() -> None:
    rig = PackRig()
    first, second = rig.item(1), rig.item(2, "N2")
    rig.opened()
    rig.scan(first)
    assert (rig.view.state, prompt(rig)) == (_S.TAG, "Put it on the pad: Title 1.")
    rig.place(rig.tags[first])
    rig.look()
    assert (rig.view.state, prompt(rig)) == (_S.OPEN, "Put it in: Title 1.")
    assert (rig.now.light, rig.now.sound) == (Light.GOOD, Sound.GOOD)
    rig.scan(second)
    assert rig.view.state is _S.TAG, "the tag of the item before it is still on the pad"
    rig.lift()
    rig.place(rig.tags[second])
    rig.look()
    third = rig.item(3)
    rig.lift()
    rig.place(rig.tags[third])
    rig.scan(third)
    assert [item.barcode for item in rig.view.items] == [third, second, first]
    packed = rig.of(ev.BoxPacked)[-1]
    assert (packed.title, packed.library, packed.tag) == ("Title 3", "N1", rig.tags[third])
    assert packed.call_number and packed.despite == ()


def test_a_bench_without_a_reader_packs_by_scan() -> None:
    rig = PackRig()
    barcode = rig.item(1)
    rig.world.plugged = False
    rig.opened()
    rig.scan(barcode)
    assert rig.of(ev.BoxPacked)[-1].barcode == barcode and rig.of(ev.BoxPacked)[-1].tag == ""


def other_tag(rig: PackRig) -> None:
    rig.place(rig.tags[rig.item(2)])
    rig.scan(rig.item(1))


def no_tag(rig: PackRig) -> None:
    rig.scan(rig.item(1))
    rig.act("no-tag", barcode_of(1))


STOPS: dict[str, tuple[Callable[[PackRig], object], str, str]] = {
    "other-tag": (other_tag, "The pad has the tag of another item. Check tag and barcode.", ""),
    "no-tag": (no_tag, "The pad has no tag. Put the item on the pad.", ""),
    "other-site": (
        lambda rig: rig.put(rig.item(1, "E1")),
        "It is for East Library. Put it into a box for East Library.",
        "East Library",
    ),
    "site-of-its-own": (
        lambda rig: rig.put(rig.item(1, "FAR")),
        "It is for FAR. Put it into a box for FAR.",
        "FAR",
    ),
    "unknown-site": (lambda rig: rig.put(rig.item(1, "")), "Its site is unknown. Ask staff where it belongs.", ""),
    "not-done": (
        lambda rig: rig.put(rig.item(1, done=False)),
        "It is not done. Take it back to processing.",
        "",
    ),
}


@pytest.mark.parametrize("name", STOPS)
def test_an_obstacle_stops_and_says_where_the_item_belongs(name: str) -> None:
    does, says, site = STOPS[name]
    rig = PackRig().opened()
    does(rig)
    assert (rig.view.state, rig.now.light, rig.now.sound) == (_S.STOP, Light.BAD, Sound.BAD)
    assert (prompt(rig), rig.view.other_site, rig.view.despite) == (says, site, False)
    assert rig.of(ev.BoxPacked) == []
    rig.act("despite", "I know better")
    rig.act("back")
    assert rig.view.state is _S.OPEN and rig.of(ev.BoxPacked) == []


def test_the_wrong_box_leads_to_the_right_one() -> None:
    rig = PackRig()
    east, north = rig.item(1, "E1"), rig.item(2)
    rig.opened()
    first = newest_box(rig)
    rig.put(east)
    rig.act("other-box", east)
    assert rig.view.site is not None and rig.view.site.code == "EAST"
    assert [item.barcode for item in rig.view.items] == [east], "its tag still lies on the pad"
    rig.put(north)
    rig.act("other-box", barcode_of(9))
    assert rig.view.state is _S.STOP, "a late tap at another item"
    rig.act("other-box", north)
    assert newest_box(rig) == first, "the open box is taken up"
    assert len(rig.of(ev.BoxOpened)) == 2


def test_an_item_that_needs_processing_goes_there() -> None:
    rig = PackRig().opened()
    barcode = rig.item(1, "E1", done=False)
    rig.put(barcode)
    assert rig.view.to_process and ["no verdict" in told(stop) for stop in rig.view.stops] == [True]
    assert (prompt(rig), rig.view.other_site) == ("It is not done. Take it back to processing.", ""), (
        "no box comes first"
    )
    rig.act("process", barcode)
    assert rig.now.workflow is Workflow.PROCESS and rig.now.item is not None


class Listed(SqlBoxes):
    """What the vendor's list says of every copy."""

    says = ListedCopy()

    def listed_copy(self, barcode: str) -> ListedCopy:
        return self.says


def listed(says: ListedCopy) -> PackRig:
    """Return a rig whose lists say this of each copy, with an open box and an item on the pad, and an operator."""
    staff = Staff()
    rig = PackRig(settings=msgspec.structs.replace(PACKING, people=SIGN_ON.people), people=staff, keeper=staff)
    staff.clock = rig.clock
    rig.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.TECHNICIAN))
    boxes = Listed(rig.sql)
    boxes.says = says
    rig.start_with(boxes=boxes)
    come(rig, "ann")
    rig.opened()
    rig.put(rig.item(1))
    return rig


@pytest.mark.parametrize(
    ("says", "obstacle", "words"),
    [
        (
            ListedCopy(listed_barcode=barcode_of(5)),
            Obstacle.OTHER_COPY,
            f"another barcode for this copy: {barcode_of(5)}",
        ),
        (ListedCopy(listed_title="Tides of glass"), Obstacle.OTHER_COPY, "another title: Tides of glass"),
        (
            ListedCopy(library="E1"),
            Obstacle.OTHER_LIBRARY,
            "It was ordered for East Library, and its record says North",
        ),
    ],
)
def test_a_person_with_the_right_packs_despite_vendor_and_order(
    says: ListedCopy, obstacle: Obstacle, words: str
) -> None:
    rig = listed(says)
    assert rig.view.state is _S.STOP and rig.view.despite and words in prompt(rig)
    rig.act("despite", "The vendor mixed them up")
    assert rig.of(ev.BoxPacked) == [] and rig.now.sign_on_prompt is not None
    lend(rig, "tess")
    (packed,) = rig.of(ev.BoxPacked)
    assert (packed.despite, packed.reason) == ((obstacle.value,), "The vendor mixed them up")
    assert (packed.operator, packed.authorised) == ("w-ann", "w-tess")
    assert packed.tag == rig.tags[packed.barcode] and rig.view.state is _S.OPEN


def test_a_stop_is_over_when_another_person_comes() -> None:
    rig = listed(ListedCopy(listed_title="Tides of glass"))
    assert rig.view.stops
    rig.bench.handle(SignOff())
    come(rig, "bea")
    assert (rig.view.state, rig.view.stops) == (_S.OPEN, ()), "its reasons are those that one person may read"


def test_the_order_decides_where_no_record_names_a_library() -> None:
    rig = PackRig()
    boxes = Listed(rig.sql)
    boxes.says = ListedCopy(library="n2")
    rig.start_with(boxes=boxes)
    rig.opened()
    rig.put(rig.item(1, ""))
    assert rig.of(ev.BoxPacked)[-1].library == "n2"


def test_an_item_of_another_box_is_taken_out_there_first() -> None:
    rig = PackRig().opened()
    barcode = rig.item(1)
    rig.put(barcode)
    first = newest_box(rig)
    rig.cancel()
    rig.act("new")
    rig.act("site", "NORTH")
    rig.put(barcode)
    assert rig.view.state is _S.STOP and "Take it out there." in prompt(rig) and not rig.view.despite
    rig.scan(first.upper())
    assert newest_box(rig) == first
    rig.scan(barcode)
    assert "is in this box already" in told(rig.now.notice.sentence)
    rig.act("take-out", barcode_of(7))
    assert rig.view.items, "a late tap at another item"
    rig.act("take-out", barcode)
    assert rig.view.items == () and rig.of(ev.BoxPacked)[-1].removed
    rig.act("close")
    assert rig.view.state is _S.OPEN and "empty" in told(rig.now.notice.sentence)


def test_an_item_without_a_box_shows_its_site_and_goes_into_its_only_open_box() -> None:
    rig = PackRig().boxes()
    first, second, nowhere = rig.item(1, "E1"), rig.item(2, "E1"), rig.item(3, "")
    rig.scan(nowhere)
    assert rig.view.state is _S.START and "Ask staff" in told(rig.now.notice.sentence)
    rig.place(rig.tags[first])
    rig.scan(first)
    assert (rig.view.state, prompt(rig)) == (_S.WHERE, "It is for East Library. Tap its box.")
    rig.act("other-box", first)
    assert [item.barcode for item in rig.view.items] == [first]
    rig.cancel()
    rig.lift()
    rig.catalog.items[second] = msgspec.structs.replace(rig.catalog.items[second], library="e1")
    rig.place(rig.tags[second])
    rig.scan(second)
    assert [item.barcode for item in rig.view.items] == [second, first]


def test_a_closed_box_is_printed_and_arrives_with_one_item_missing() -> None:
    rig = PackRig().opened()
    items = [rig.item(number) for number in (1, 2, 3)]
    for barcode in items:
        rig.put(barcode)
    ident = newest_box(rig)
    rig.act("close")
    assert rig.view.state is _S.CLOSED and rig.of(ev.BoxClosed)[-1].due == rig.clock.day(3)
    (order,) = rig.view.papers
    assert (order.paper, order.box.id, order.site.name) == (Paper.BOX, ident, "North Branch")
    assert [item.barcode for item in order.items] == items and order.box.state is BoxState.CLOSED
    rig.act("back")
    rig.scan(ident)
    assert (rig.view.state, len(rig.view.lacking)) == (_S.ARRIVED, 3)
    stranger = rig.item(4)
    rig.scan(stranger)
    assert "not on the list" in told(rig.now.notice.sentence) and len(rig.view.lacking) == 3
    rig.scan(items[0])
    rig.scan(items[2])
    rig.act("rest-missing")
    assert (rig.view.state, prompt(rig)) == (_S.LACKS, "One item was not scanned. Is it missing?")
    rig.act("missing")
    assert rig.of(ev.BoxReceived)[-1].missing == (items[1],) and rig.view.state is _S.START
    rig.scan(ident)
    assert [item.barcode for item in rig.view.lacking] == [items[1]], "what was found stays found"
    rig.scan(items[1])
    assert prompt(rig) == "All items were scanned. Tap All here." and rig.now.light is Light.GOOD
    rig.act("all-here")
    assert rig.of(ev.BoxReceived)[-1].missing == ()


def test_a_box_is_opened_again_only_with_a_reason() -> None:
    rig = PackRig().opened()
    rig.put(rig.item(1))
    ident = newest_box(rig)
    rig.act("close")
    rig.act("reopen", "  ")
    assert rig.view.state is _S.CLOSED
    rig.act("reopen", "one more came")
    assert rig.view.state is _S.OPEN and rig.of(ev.BoxOpened)[-1].reason == "one more came"
    assert newest_box(rig) == ident and len(rig.view.items) == 1


def test_a_site_that_wants_slips_gets_one_in_each_item() -> None:
    rig = PackRig().opened("EAST")
    barcode = rig.item(1, "E1")
    rig.put(barcode)
    (order,) = rig.view.papers
    assert (order.paper, [item.barcode for item in order.items]) == (Paper.ITEM, [barcode])
    rig.act("close")
    assert [order.number for order in rig.view.papers] == [1, 2]
    assert rig.of(ev.BoxClosed)[-1].due == "", "the site has no limit"


def test_a_box_that_was_closed_elsewhere_is_left() -> None:
    rig = PackRig().opened()
    rig.put(rig.item(1))
    rig.journal.order(ev.BoxClosed(box=newest_box(rig)))
    rig.put(rig.item(2))
    assert len(rig.of(ev.BoxPacked)) == 1 and rig.view.state is _S.START and rig.now.notice.sentence


def test_what_a_blind_second_check_hides_is_hidden_at_the_box() -> None:
    rig = PackRig().opened()
    barcode = rig.item(1)
    order = ev.CorrectionOpened(
        correction="k",
        barcode=barcode,
        rule="label",
        title="Label",
        what=CorrectionKind.RECHECK,
        due="2026-12-01",
    )
    rig.journal.record(order)
    rig.put(barcode)
    assert rig.view.state is _S.STOP and [told(stop) for stop in rig.view.stops] == [
        "It is not done. It waits for its second check."
    ]


def test_hostile_text_reaches_the_view_clean() -> None:
    evil = "\x1b[31mRed\u202e [b]x[/b]"
    rig = PackRig().opened()
    rig.put(rig.item(1, title=evil, call_number=evil))
    rig.put(rig.item(2, title=evil, library=evil))
    seen = repr(rig.view) + prompt(rig)
    assert "Red" in seen and "\\x1b" not in seen and "\\u202e" not in seen and "\x1b" not in seen


def test_every_move_of_the_table_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[tuple[PackState, Trigger]] = set()

    def watched(moves: object, state: PackState, trigger: Trigger) -> PackState:
        made.add((state, trigger))
        return moved(MOVES, state, trigger)

    monkeypatch.setattr(pack, "moved", watched)
    rig = PackRig().boxes()
    north, east, undone = rig.item(1), rig.item(2, "E1"), rig.item(3, done=False)
    steps: tuple[Callable[[], object], ...] = (
        lambda: [rig.act("new"), rig.act("back"), rig.act("new"), rig.act("site", "NORTH")],
        lambda: [rig.scan(north), rig.act("back"), rig.put(north), rig.act("take-out", north)],
        lambda: [rig.put(north), rig.put(undone), rig.act("back"), rig.cancel()],
        lambda: [rig.lift(), rig.scan(east), rig.act("back"), rig.scan("BOX-7"), rig.scan(newest(rig))],
        lambda: [rig.put(barcode_of(1)), rig.act("close"), rig.act("reopen", "again"), rig.act("close")],
        lambda: [rig.act("back"), rig.scan(newest(rig)), rig.act("back"), rig.scan(newest(rig))],
        lambda: [rig.act("rest-missing"), rig.act("back"), rig.act("rest-missing"), rig.act("missing")],
        lambda: [rig.scan(newest(rig)), rig.act("all-here"), rig.scan(newest(rig)), rig.act("reopen", "again")],
        lambda: [rig.journal.order(ev.BoxClosed(box=newest(rig))), rig.enter(Workflow.PROCESS)],
        lambda: [rig.boxes(), rig.scan(newest(rig)), rig.journal.order(reopened(rig)), rig.act("all-here")],
    )
    for step in steps:
        step()
    despite = listed(ListedCopy(listed_title="Tides"))
    despite.act("despite", "they are mixed up")
    lend(despite, "tess")
    none = PackRig().opened()
    none.scan(none.item(1))
    none.act("no-tag", barcode_of(1))
    unread = PackRig()
    unread.world.plugged = False
    unread.start()
    unread.opened().scan(unread.item(1))
    assert set(MOVES) - made == set()


def newest(rig: PackRig) -> str:
    return SqlBoxes(rig.sql).boxes(everything=True)[0].id


def reopened(rig: PackRig) -> ev.BoxOpened:
    return ev.BoxOpened(site="NORTH", box=newest(rig), reason="elsewhere")
