"""Shifts at a simulated bench: what it publishes in each workflow, act by act, and what it writes to the journal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from unittest import mock

import msgspec

from station.base import errors
from station.base.text import clean
from station.base.words import tell
from station.domain import commands as cmd
from station.domain import events
from station.domain.correction_states import Result
from station.domain.findings import Check, Outcome
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import Workflow
from station.encoding.content import TagContent, TagProfile
from station.encoding.recognition import rfid501
from station.encoding.write_plan.image import new_image
from station.store.queries.summaries import summary
from tests.bench.staff import BADGE_OF, PINS, Staff, rig_with
from tests.golden.leaves import Leaves, leaves
from tests.support.open_carton import (
    ALMANAC,
    ATLAS,
    CARTON,
    EMPTY_CARTON,
    RIVERS,
    SECOND_EDITION,
    UNLISTED,
    CartonRig,
)
from tests.support.packing_bench import PackRig
from tests.support.simulated_bench import (
    BOOK,
    CATALOG,
    DVD,
    ISIL,
    NO_CALL,
    NO_TITLE,
    OTHER,
    SETTINGS,
    UNKNOWN,
    Rig,
    record,
)

LEASED, RETAINED = "31234000000073", "31234000000081"
SHELF: Final = {
    LEASED: record(LEASED, item_type="LEASE", notes=("Box 7",)),
    RETAINED: record(RETAINED, retained=True),
}
FOREIGN: Final = "DE-Heu1"
NOT_RECORDED: Final = ("/number", "/steps_done", "/steps_total")
"""Leaves that say how often the bench publishes, not what."""
_PAD_ACTS: Final = ("lift", "look")
"""Acts that close the page of a passed item. The recording is older than that, and has no act for it:
`tests/bench/item/test_take_back.py` shows the closing."""


def code_at(check: Check, place: int, *, passes: bool = False) -> str:
    """Return the code of the reason at this place, as a screen sends it; "" = the check offers none."""
    codes = [code for cover in check.covers for code, _, _ in (cover.pass_reasons if passes else cover.reasons)]
    return codes[place] if codes else ""


def tag_of(barcode: str, isil: str = ISIL, model: str = "28560-2", **more: Any) -> dict[str, Any]:
    """Return memory, AFI and DSFID of a finished tag."""
    blank = TagImage(Uid("E004010000000000"), 4, bytes(112), (False,) * 28, 0, 0)
    profile = TagProfile(isil, model=model, dsfid=0x06 if model == "28560-2" else 0x3E)
    image = new_image(blank, TagContent(barcode, isil, **more), profile)
    return {"memory": bytearray(image.memory), "afi": image.afi, "dsfid": image.dsfid}


def tag_of_3m(barcode: str) -> dict[str, Any]:
    """Return a tag of the 3M layout: 04, set information, barcode (docs/reference/tag-data.md#3m-layout)."""
    memory = bytes((rfid501.MAGIC, 0x11, 0x00, 0x01)) + barcode.encode().ljust(16, b"\0") + bytes(112 - 20)
    return {"memory": bytearray(memory), "afi": 0xD6, "dsfid": 0}


class Shift:
    """A bench with its recording: for each act, the leaves that changed in each snapshot that it published."""

    def __init__(self, rig: Rig | None = None) -> None:
        self.rig = rig or Rig()
        self.acts: dict[str, Leaves] = {}
        self._last: Leaves = {}
        self._keep("begin", self.rig.shown)

    def _keep(self, act: str, shown: list[Snapshot], answer: object = None) -> None:
        found: Leaves = {}
        number = 0
        for snapshot in shown:
            if act.startswith(_PAD_ACTS) and snapshot.phase is Phase.IDLE and self._last.get("/state") == "done-lift":
                continue
            now = leaves(snapshot)
            for path in NOT_RECORDED:
                now.pop(path, None)
            if now != self._last:
                number += 1
                paths = [*now, *(path for path in self._last if path not in now)]
                found |= {f"/{number}{p}": now.get(p, "-") for p in paths if now.get(p) != self._last.get(p)}
                self._last = now
        found |= leaves(answer, "/answer")
        if found:
            self.acts[f"{len(self.acts):03} {act}"] = found

    def do(self, act: str, *arguments: Any) -> Snapshot:
        """Do an act of `Rig`."""
        before = len(self.rig.shown)
        answer = getattr(self.rig, act)(*arguments)
        name = act if act == "answer" else " ".join([act, *map(str, arguments)])
        self._keep(name, self.rig.shown[before:], None if isinstance(answer, Snapshot) else answer)
        return self.rig.now

    def order(self, *commands: cmd.Command) -> Snapshot:
        """Send commands."""
        for command in commands:
            before = len(self.rig.shown)
            self.rig.bench.handle(command)
            self._keep(type(command).__name__, self.rig.shown[before:])
        return self.rig.now

    def ask(self, request: cmd.PadRequest) -> None:
        """Ask as another program does."""
        before = len(self.rig.shown)
        answer = self.rig.ask(request)
        self._keep(f"ask {type(request).__name__}", self.rig.shown[before:], answer)

    def tag(self, number: int, **values: Any) -> Uid:
        return self.rig.world.tag(number, **values)

    def lay(self, *uids: Uid) -> Snapshot:
        """Put these tags, and no others, on the pad."""
        self.rig.world.lift()
        self.do("look", 2)
        self.rig.world.place(*uids)
        return self.do("look", 3)

    def finish(self) -> Snapshot:
        """Pass each check that is left."""
        for _ in range(20):
            if self.rig.now.phase is not Phase.CHECKING:
                break
            self.do("answer")
        return self.rig.now

    def item(self, barcode: str, uid: Uid) -> None:
        """Process an item to its verdict."""
        self.do("scan", barcode)
        self.do("place", uid)
        self.finish()
        self.do("lift")

    def overwrite(self, barcode: str) -> None:
        self.do("choose", "overwrite")
        self.do("scan", barcode)


# --- process --------------------------------------------------------------------------------------------------------


def process() -> Shift:
    """An item that passes, scans that are none, and an answer taken back."""
    shift = Shift()
    for text in ("123", UNKNOWN, BOOK[:-1] + "9", "9780262033848", BOOK + OTHER, "M571100518", "\x1b]52;c;x\x07"):
        shift.do("scan", text)
    shift.do("scan", BOOK)
    shift.do("scan", OTHER)
    shift.do("scan", BOOK)
    shift.do("place", shift.tag(1))
    shift.do("scan", OTHER)
    shift.do("answer")
    shift.finish()
    shift.do("reopen")
    shift.do("answer", Outcome.FAIL, "Line missing")
    shift.finish()
    shift.do("lift")
    shift.do("scan", BOOK)
    shift.do("place", Uid("E004010000000001"))
    shift.do("cancel")
    shift.rig.clock.pause(60)
    shift.do("look", 2)
    return shift


def fails() -> Shift:
    """Each check fails for each of its reasons."""
    shift = Shift()
    uid = shift.tag(1)
    for barcode in (BOOK, NO_CALL, NO_TITLE, DVD):
        shift.do("scan", barcode)
        shift.do("place", uid)
        if shift.rig.now.fault is not None:
            shift.overwrite(barcode)
        while shift.rig.now.phase is Phase.CHECKING:
            check = shift.rig.now.checks[shift.rig.now.current_check]
            shift.do(
                "answer",
                Outcome.FAIL,
                code_at(check, -1) or "It is torn",
            )
        shift.do("lift")
        shift.rig.clock.pause(30)
        shift.do("look")
    return shift


def tags_in_the_way() -> Shift:
    """Tags that may not be written, and what the operator chooses."""
    shift = Shift()
    for number, values in enumerate(
        (
            tag_of(BOOK, FOREIGN),
            tag_of(OTHER),
            tag_of(BOOK),
            tag_of(DVD, part=2, parts=3),
            {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)},
            {"locked": {1}},
            {"locked": set(range(28))},
            {"memory": bytearray(8)},
            tag_of_3m(OTHER),
            tag_of(BOOK, FOREIGN, "28560-3"),
        ),
        1,
    ):
        uid = shift.tag(number, **values)
        shift.do("scan", BOOK)
        shift.do("place", uid)
        for choice in [choice.id for choice in shift.rig.now.fault.choices] if shift.rig.now.fault else []:
            shift.do("choose", choice)
            shift.do("scan", BOOK)
            if shift.rig.now.fault is None:
                break
            shift.do("place", uid)
        shift.finish()
        shift.do("cancel")
        shift.do("lift")
    shift.do("lift")
    shift.do("place", *(Uid(f"E0040100{number:08X}") for number in (1, 2)))
    shift.do("scan", BOOK)
    return shift


def mishaps() -> Shift:
    """Cable, disk, catalog and tags fail in the middle of the work."""
    shift = Shift()
    world, rig = shift.rig.world, shift.rig
    uids = [shift.tag(number) for number in range(1, 6)]
    shift.do("scan", BOOK)
    world.lift_at_write = 3
    shift.do("place", uids[0])
    shift.do("look", 3)
    shift.do("scan", OTHER)
    shift.do("place", uids[1])
    shift.do("cancel")
    shift.lay(uids[0])
    shift.do("scan", BOOK)
    shift.finish()
    shift.do("lift")
    world.plugged = False
    shift.do("look", 3)
    shift.do("scan", OTHER)
    shift.do("choose", "reader-retry")
    world.plugged = True
    shift.do("look", 12)
    world.garbled = 3
    shift.do("place", uids[2])
    shift.do("look", 5)
    shift.do("lift")
    shift.do("scan", OTHER)
    for error in (errors.StoreFull, errors.StoreReadOnly, errors.StoreLocked):
        rig.journal.fail = error("a test says so")
        shift.do("place", uids[3])
        shift.do("choose", "retry")
        rig.journal.fail = None
        shift.do("choose", "retry")
        shift.do("lift")
        shift.do("scan", OTHER)
    world.lose_answers = set(range(world.write_commands + 1, world.write_commands + 4))
    shift.do("place", uids[4])
    shift.do("look", 5)
    shift.finish()
    shift.do("lift")
    shift.do("act", "undo-last")
    shift.order(cmd.Abandon(uids[0], "it is torn"), cmd.Abandon("E004010000000099"), cmd.LoadRoll("A-17"))
    shift.order(cmd.Loudness(volume=10), cmd.Loudness(muted=True), cmd.SoundCheck(True, False), cmd.TakeFound(DVD))
    shift.order(cmd.Speak("xx"), cmd.Settle("d1", "again"), cmd.OrderRechecks("worker", "w-tim", 3))
    return shift


def parts() -> Shift:
    """A set of three in the main job."""
    shift = Shift()
    for number in (1, 2, 3):
        shift.do("scan", DVD)
        shift.do("part", number)
        shift.do("place", shift.tag(number))
        shift.finish()
        shift.do("lift")
    shift.do("part", 9)
    shift.do("scan", DVD)
    shift.do("place", Uid("E004010000000002"))
    shift.finish()
    return shift


def corrections() -> Shift:
    """A failed check until it is closed, with everything that is refused on the way."""
    shift = Shift(Rig(people=Staff()))
    shift.order(cmd.SignOn("tim"))
    shift.do("scan", NO_CALL)
    shift.do("place", shift.tag(1))
    shift.do("answer", Outcome.FAIL, "crooked")
    shift.finish()
    shift.do("lift")
    found = [event.correction for event in shift.rig.journal.events if isinstance(event, events.CorrectionOpened)]
    shift.order(cmd.Waive("spine-label", "it is fine"), cmd.SignOn("tess"))
    for name in [*found, "none-at-all"]:
        shift.order(
            cmd.Recheck(name, True),
            cmd.Mend(name, "glued"),
            cmd.Mend(name),
            cmd.Recheck(name, False, "still crooked"),
            cmd.Assign(name, "ann", "2026-12-24", "holidays"),
            cmd.LookFirst(name),
            cmd.Close(name, Result.NO_DEFECT, "looked"),
            cmd.Close(name, Result.NO_DEFECT, "again"),
        )
    shift.do("scan", NO_CALL)
    shift.do("place", Uid("E004010000000001"))
    shift.finish()
    shift.do("lift")
    return shift


# --- convert, release, inspect --------------------------------------------------------------------------------------


def convert() -> Shift:
    """A session with doubts, its stack, its end."""
    shift = Shift()
    shift.do("enter", Workflow.CONVERT)
    shift.do("look")
    shift.item(BOOK, shift.tag(1))
    shift.item(OTHER, shift.tag(2, **tag_of(OTHER)))
    shift.do("scan", UNKNOWN)
    shift.do("scan", NO_CALL)
    shift.do("place", shift.tag(3, **tag_of(NO_CALL, FOREIGN)))
    shift.do("choose", "set-aside")
    shift.do("lift")
    shift.do("scan", NO_TITLE)
    shift.do("place", shift.tag(4))
    shift.do("choose", "go-on")
    shift.do("lift")
    shift.item(BOOK, shift.tag(5))
    shift.do("act", "check-stack")
    shift.lay(Uid("E004010000000001"), Uid("E004010000000002"))
    shift.do("act", "go-on")
    shift.do("lift")
    shift.do("act", "check-stack")
    shift.lay(Uid("E004010000000001"))
    shift.lay(Uid("E004010000000001"), Uid("E004010000000003"), Uid("E004010000000004"))
    shift.do("act", "settle")
    shift.do("act", "item-off")
    shift.do("lift")
    shift.do("act", "end")
    shift.do("enter", Workflow.PROCESS)
    return shift


def pack() -> Shift:
    """A box with one item, an item of another site and one that is not done; at the site it is not in the box."""
    rig = PackRig()
    north, east, undone = rig.item(1), rig.item(2, "E1"), rig.item(3, done=False)
    shift = Shift(rig)
    shift.do("enter", Workflow.PACK)
    shift.do("act", "new")
    shift.do("act", "site", "NORTH")
    for barcode in (north, east, undone):
        shift.do("scan", barcode)
        shift.lay(rig.tags[barcode])
        shift.do("act", "back")
    shift.do("scan", east)
    shift.do("act", "other-box", east)
    shift.do("act", "take-out", east)
    shift.do("cancel")
    shift.do("scan", "BOX-1")
    shift.do("scan", "31234500000011")
    shift.do("act", "close")
    return shift


def release() -> Shift:
    """Items that may leave and items that may not."""
    shift = Shift()
    shift.item(BOOK, shift.tag(1))
    shift.do("scan", NO_CALL)
    shift.do("place", shift.tag(2))
    shift.do("answer", Outcome.FAIL, "crooked")
    shift.finish()
    shift.do("lift")
    shift.do("scan", OTHER)
    shift.do("place", shift.tag(3))
    shift.do("cancel")
    shift.do("lift")
    shift.do("scan", DVD)
    shift.rig.world.lift_at_write = 3
    shift.do("place", shift.tag(4))
    shift.do("cancel")
    shift.do("enter", Workflow.RELEASE)
    for text in ("TRUCK-7", "TRUCK-8", BOOK, BOOK, NO_CALL, OTHER, DVD, NO_TITLE, UNKNOWN, "123"):
        shift.do("scan", text)
    shift.do("act", "release")
    shift.do("act", "take-off")
    shift.do("act", "files")
    shift.do("act", "file", "/etc/passwd")
    shift.do("act", "files-off")
    shift.do("act", "session")
    shift.do("act", "clear")
    for text in ("TRUCK-7", BOOK):
        shift.do("scan", text)
    shift.do("act", "release")
    shift.do("act", "clear")
    return shift


def receive() -> Shift:
    """A carton by its label, and a gift."""
    rig = CartonRig(people=Staff())
    shift = Shift(rig)
    shift.do("enter", Workflow.RECEIVE)
    for text in (
        RIVERS,
        "INV-9",
        CARTON,
        RIVERS,
        UNKNOWN,
        RIVERS,
        RIVERS,
        SECOND_EDITION,
        ATLAS,
        UNLISTED,
        "V-77",
        "12",
    ):
        shift.do("scan", text)

    def at_newest(act: str, argument: str = "") -> None:
        copy = rig.view.newest
        shift.do("act", act, f"{copy.count if copy is not None else ''} {argument}".strip())

    at_newest("fault", "damaged")
    at_newest("note", "torn")
    at_newest("undo-count")
    at_newest("send-back")
    shift.do("scan", ALMANAC)
    shift.do("scan", DVD)
    shift.do("act", "use")
    shift.do("act", "find", "rivers")
    shift.do("act", "edition")
    shift.do("act", "line", "list-1 1")
    shift.do("act", "close")
    shift.do("act", "back")
    shift.do("act", "close")
    shift.do("act", "all")
    shift.do("act", "no-papers")
    for name, argument in (("purpose", "lease"), ("vendor", "ybp"), ("back", "")):
        shift.do("act", name, argument)
    shift.do("act", "no-papers")
    for name, argument in (("purpose", "gift"), ("name", "Mrs. Marlowe"), ("find", "Glass mountains")):
        shift.do("act", name, argument)
    shift.do("cancel")
    shift.do("scan", EMPTY_CARTON)
    return shift


def inspect() -> Shift:
    """All views of a tag, and undo with what forbids it."""
    shift = Shift()
    shift.item(BOOK, shift.tag(1))
    shift.do("enter", Workflow.INSPECT)
    shift.lay(Uid("E004010000000001"))
    for act in ("bytes", "doctor", "history", "ledger", "overview", "undo", "undo-no", "undo", "undo-yes"):
        shift.do("act", act)
    shift.do("act", "undo")
    shift.do("act", "undo-yes")
    for number, values in enumerate(
        (tag_of(BOOK, FOREIGN), tag_of_3m(BOOK), {"locked": {0}}, {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)}), 2
    ):
        shift.lay(shift.tag(number, **values))
        shift.do("act", "undo")
    shift.lay(Uid("E004010000000001"), Uid("E004010000000002"))
    shift.do("act", "tag", "E004010000000002")
    shift.do("act", "tag")
    shift.do("scan", BOOK)
    shift.do("scan", UNKNOWN)
    shift.do("act", "uid", "E004010000000001")
    shift.do("act", "uid", "E0")
    shift.do("lift")
    return shift


# --- erase and migrate ----------------------------------------------------------------------------------------------


def retag(workflow: Workflow) -> Shift:
    """Each kind of tag erased or updated, or refused."""
    shift = Shift(Rig(people=Staff()))
    shift.item(OTHER, shift.tag(1))
    shift.order(cmd.SignOn("ann"))
    shift.do("enter", workflow)
    shift.lay(shift.tag(2, **tag_of(BOOK, FOREIGN)))
    shift.do("act", "want")
    shift.do("enter", Workflow.PROCESS)
    shift.order(cmd.SignOn("tess"))
    shift.do("enter", workflow)
    for number, values in enumerate(
        (
            tag_of(BOOK),
            tag_of(BOOK, FOREIGN),
            tag_of(BOOK, FOREIGN, "28560-3", part=2, parts=3, type_of_usage=0x20, further=((19, "02"),)),
            tag_of_3m(BOOK),
            {},
            {**tag_of(BOOK, FOREIGN, "28560-3"), "locked": {0}},
            tag_of("foobar", FOREIGN),
            tag_of(OTHER, FOREIGN),
            {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)},
        ),
        3,
    ):
        shift.lay(shift.tag(number, **values))
        if not getattr(shift.rig.now.workflow_view, "commands", 0):
            shift.do("scan", BOOK)
        shift.do("act", "want")
        shift.do("scan", UNKNOWN)
        shift.do("scan", BOOK)
    shift.lay(shift.tag(20, **tag_of(DVD, FOREIGN, "28560-3")))
    shift.do("act", "want")
    shift.rig.world.lift_at_write = 4
    shift.do("scan", DVD)
    shift.do("look", 3)
    shift.lay(Uid("E004010000000014"))
    shift.lay(Uid("E004010000000001"), Uid("E004010000000003"))
    shift.do("lift")
    return shift


# --- sets -----------------------------------------------------------------------------------------------------------


def sets() -> Shift:
    """A set in any order, with strangers, renumbered."""
    shift = Shift()
    shift.do("enter", Workflow.SETS)
    shift.do("scan", UNKNOWN)
    shift.do("scan", BOOK)
    shift.do("act", "clear")
    shift.do("scan", DVD)
    one, two, three, four = (shift.tag(number) for number in (1, 2, 3, 4))
    shift.lay(one)
    shift.do("act", "part", "3")
    shift.lay(two)
    shift.lay(two, three)
    shift.do("choose", "one-at-a-time")
    shift.lay(three)
    shift.do("act", "loose", "1")
    shift.do("lift")
    shift.do("scan", DVD)
    shift.do("act", "size", "2")
    shift.do("choose", "size-0")
    shift.do("act", "size", "4")
    shift.do("choose", "size-1")
    for uid in (one, two, three, four):
        shift.lay(uid)
    shift.do("act", "loose", "0")
    shift.do("act", "process")
    shift.do("enter", Workflow.SETS)
    return shift


def strange_sets() -> Shift:
    """Sets with tags that do not belong to them."""
    shift = Shift()
    shift.do("enter", Workflow.SETS)
    for number, values in enumerate(
        (
            tag_of(BOOK),
            tag_of(DVD, FOREIGN),
            tag_of(DVD, part=4, parts=4),
            {"locked": {0}},
            {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)},
            tag_of_3m(DVD),
        ),
        1,
    ):
        shift.do("scan", DVD)
        shift.lay(shift.tag(number, **values), shift.tag(number + 20))
        for choice in [choice.id for choice in shift.rig.now.fault.choices] if shift.rig.now.fault else []:
            shift.do("choose", choice)
    shift.do("cancel")
    shift.do("scan", DVD)
    shift.lay(shift.tag(40, **tag_of(DVD, part=1, parts=3)), shift.tag(41, **tag_of(DVD, part=1, parts=3)))
    shift.lay(*(shift.tag(number) for number in range(50, 55)))
    shift.do("act", "part", "2")
    shift.lay(shift.tag(60))
    shift.do("act", "part", "2")
    shift.lay(shift.tag(61))
    shift.do("choose", "replace")
    shift.do("scan", BOOK)
    shift.do("scan", DVD)
    shift.do("act", "model", "main")
    return shift


def main_part() -> Shift:
    """A set with one tag on its main part."""
    shift = Shift(Rig(msgspec.structs.replace(SETTINGS, sets=msgspec.structs.replace(SETTINGS.sets, model="main"))))
    shift.do("enter", Workflow.SETS)
    shift.do("scan", DVD)
    shift.lay(shift.tag(1))
    shift.do("act", "loose", "4")
    shift.do("choose", "size-1")
    shift.lay(Uid("E004010000000001"))
    shift.do("act", "loose", "4")
    shift.do("act", "process")
    return shift


# --- items that leave -----------------------------------------------------------------------------------------------


def withdraw() -> Shift:
    """Each checklist for items that leave."""
    shift = Shift()
    shift.item(BOOK, shift.tag(1))
    for task in ("withdrawal", "lease-return", "nothing"):
        for barcode in (BOOK, LEASED, RETAINED, UNKNOWN):
            shift.do("enter", Workflow.WITHDRAW)
            shift.do("act", "task", task)
            shift.do("scan", barcode)
            for _ in range(6):
                if shift.rig.now.phase is not Phase.CHECKING:
                    break
                check = shift.rig.now.checks[shift.rig.now.current_check]
                fails = barcode == LEASED and check.reasons
                reason = code_at(check, -1, passes=True)
                shift.do(
                    "answer",
                    Outcome.FAIL if fails else Outcome.PASS,
                    code_at(check, 0) if fails else reason,
                )
            shift.do("cancel")
    shift.do("enter", Workflow.WITHDRAW)
    shift.do("act", "task", "withdrawal")
    shift.do("scan", OTHER)
    shift.do("place", Uid("E004010000000001"))
    shift.do("cancel")
    return shift


# --- people and other programs --------------------------------------------------------------------------------------


def sign_on() -> Shift:
    """Cards, badges and PINs; a right is lent."""
    rig, staff = rig_with()
    shift = Shift(rig)
    shift.do("scan", BOOK)
    shift.do("scan", "staff-nobody")
    shift.do("scan", "staff-tim")
    for text in ("000000", "1", PINS["tim"]):
        shift.order(cmd.GivePin(cmd.Pin(text)))
    shift.do("scan", BOOK)
    shift.do("place", shift.tag(1, **tag_of(BOOK, FOREIGN)))
    shift.do("choose", "overwrite")
    shift.order(cmd.Badge(BADGE_OF["ann"]), cmd.GivePin(cmd.Pin(PINS["ann"])), cmd.Badge("0011"))
    shift.order(cmd.Badge(BADGE_OF["tess"]), cmd.GivePin(cmd.Pin("000000")), cmd.GivePin(cmd.Pin(PINS["tess"])))
    shift.do("scan", BOOK)
    shift.finish()
    shift.do("lift")
    for workflow in (Workflow.ERASE, Workflow.MIGRATE, Workflow.RELEASE, Workflow.WITHDRAW):
        shift.do("enter", workflow)
        shift.order(cmd.CancelQuestion())
    staff.first.add("bea")
    shift.do("enter", Workflow.PROCESS)
    shift.order(cmd.SignOff(), cmd.Badge(BADGE_OF["bea"]), cmd.GivePin(cmd.Pin(PINS["bea"])))
    for text in ("1234", PINS["bea"], "815246", "815247", "815246", "815246"):
        shift.order(cmd.GivePin(cmd.Pin(text)))
    staff.roles["bea"] = None
    shift.do("scan", OTHER)
    shift.order(cmd.SignOff(), cmd.Badge(BADGE_OF["bea"]))
    for text in ("000001", "000002", "000003"):
        shift.do("scan", "staff-sys")
        shift.order(cmd.GivePin(cmd.Pin(text)))
    rig.clock.pause(7200)
    shift.do("look")
    return shift


def pad() -> Shift:
    """Requests of other programs, and the work of another terminal."""
    shift = Shift()
    one, two = shift.tag(1), shift.tag(2, **tag_of(OTHER, FOREIGN))
    requests: tuple[cmd.PadRequest, ...] = (
        cmd.ReadPad(),
        cmd.SetSecurity(barcode=BOOK, secure=False, source="Alma"),
        cmd.SetSecurity(barcode=OTHER, secure=True, source="Alma"),
        cmd.UpdateItem(barcode=BOOK, source="Alma"),
        cmd.UpdateItem(barcode=UNKNOWN, source="Alma"),
        cmd.CheckStack(barcodes=(BOOK, DVD), source="Alma"),
        cmd.InspectPad(),
        cmd.UndoWrite(uid=one, attempt="attempt-1", source="Alma"),
        cmd.UndoWrite(uid=two, attempt="none", source="Alma"),
    )
    shift.item(BOOK, one)
    for uids in ((), (one,), (one, two), (two,), (shift.tag(3),), (shift.tag(4, **tag_of(BOOK), locked={0}),)):
        shift.lay(*uids)
        for request in requests:
            shift.ask(request)
    shift.rig.world.plugged = False
    shift.ask(requests[0])
    shift.rig.world.plugged = True
    shift.do("look", 12)
    shift.order(cmd.BeginJob("j1", "ann (pts/3)"))
    shift.do("scan", DVD)
    shift.ask(requests[1])
    shift.order(cmd.EndJob("j1"))
    return shift


# --- random walks ---------------------------------------------------------------------------------------------------


class Dice:
    """Numbers from a linear congruential generator (Numerical Recipes), the same on every Python."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def among(self, values: Any) -> Any:
        self._state = (self._state * 1_664_525 + 1_013_904_223) % 2**32
        return values[(self._state >> 16) % len(values)]


WALKS: Final = 4
"""Walks of each workflow."""
STEPS: Final = 12


def walk(workflow: Workflow, seed: int) -> Shift:
    """Do a few acts by chance, then whatever the screen offers."""
    dice = Dice(seed * 977 + 1)
    shift = Shift(Rig(people=Staff()))
    shift.order(cmd.SignOn(dice.among(("tess", "ann"))))
    uids = [
        shift.tag(1),
        shift.tag(2),
        shift.tag(3, **tag_of(OTHER)),
        shift.tag(4, **tag_of(BOOK, FOREIGN)),
        shift.tag(5, **tag_of(DVD, part=2, parts=3)),
        shift.tag(6, **tag_of_3m(BOOK)),
        shift.tag(7, locked={1}),
    ]
    acts = (
        "want",
        "undo",
        "undo-yes",
        "check-stack",
        "go-on",
        "end",
        "release",
        "clear",
        "doctor",
        "history",
        "settle",
    )
    shift.item(BOOK, uids[0])
    shift.do("enter", workflow)
    if workflow is Workflow.WITHDRAW:
        shift.do("act", "task", "withdrawal")
    for _ in range(STEPS):
        now = shift.rig.now
        match dice.among(("scan", "scan", "lay", "lay", "choose", "answer", "act", "mishap", "cancel")):
            case "scan":
                shift.do("scan", dice.among((BOOK, BOOK, DVD, OTHER, NO_CALL, UNKNOWN)))
            case "lay":
                shift.lay(
                    *{dice.among(uids): None, dice.among(uids): None} if dice.among((0, 0, 1)) else (dice.among(uids),)
                )
            case "choose" if now.fault is not None and now.fault.choices:
                shift.do("choose", dice.among(now.fault.choices).id)
            case "answer" if now.phase is Phase.CHECKING and now.current_check < len(now.checks):
                check = now.checks[now.current_check]
                fails = dice.among((False, False, True)) and check.reasons
                shift.do(
                    "answer",
                    Outcome.FAIL if fails else Outcome.PASS,
                    code_at(check, 0) if fails else "",
                )
            case "act":
                shift.do("act", dice.among(acts))
            case "mishap":
                shift.rig.world.lift_at_write = dice.among((1, 2, 4))
            case "cancel":
                shift.do("cancel")
            case _:
                shift.do("look")
    return shift


# --- all of them ----------------------------------------------------------------------------------------------------

SHIFTS: Final[dict[str, Callable[[], Shift]]] = {
    **{
        made.__name__: made
        for made in (
            process,
            fails,
            tags_in_the_way,
            mishaps,
            parts,
            corrections,
            convert,
            receive,
            pack,
            release,
            inspect,
            sets,
            strange_sets,
            main_part,
            withdraw,
            sign_on,
            pad,
        )
    },
    "erase": partial(retag, Workflow.ERASE),
    "migrate": partial(retag, Workflow.MIGRATE),
    **{
        f"walk {workflow.value} {seed}": partial(walk, workflow, seed) for workflow in Workflow for seed in range(WALKS)
    },
}


def recording(name: str) -> dict[str, Leaves]:
    """Return what a shift shows and journals, by act, in the language in use."""
    with mock.patch.dict(CATALOG, SHELF):
        shift = SHIFTS[name]()
    acts = {f"{name}: {act}": known for act, known in shift.acts.items()}
    journaled: Leaves = {}
    for number, event in enumerate(shift.rig.journal.events, 1):
        path = f"/{number:03} {events.kind(event)}"
        journaled |= {**leaves(event, path), f"{path} says": clean(tell(summary(event)))}
    return {**acts, f"{name}: journal": journaled}
