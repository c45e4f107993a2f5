"""Inspect: views of a tag, histories, the ledger; and the undo of a last write, with all that must prevent it."""

from __future__ import annotations

import dataclasses
import re

import msgspec
import pytest

from station.base import words
from station.base.words import tell
from station.bench.item.ledger import ledger, suspects
from station.bench.item.tag_content import site_profile
from station.bench.item.undo import MOVES, Trigger
from station.domain import events
from station.domain.commands import InspectPad, SetSecurity, SignOn, UndoWrite
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import ResultIntent
from station.domain.events import TagUndoInterrupted, TagUndoStarted, TagUndoVerified, TagWriteStarted, TagWriteVerified
from station.domain.people.rights import Role
from station.domain.ports import Logged, Worker
from station.domain.snapshot import Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertView, InspectedTag, InspectView, UndoState, Workflow
from station.store.queries.summaries import summary
from tests.bench.checked_parts import Killed
from tests.bench.item.test_eas import EasReader
from tests.bench.test_bench import encoded
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, CATALOG, ISIL, OTHER, Rig, Tag
from tests.support.told import told

FOREIGN = b"\x11\x00\x00\x01" + b"FOREIGN1".ljust(108, b"\0")


class Bench(Rig):
    def written(self, barcode: str, number: int, **tag: object) -> Uid:
        """Write and verify a tag for an item; leave the pad empty."""
        uid = Uid(f"E0040100{number:08X}")
        if uid not in self.world.tags:
            self.world.tag(number, **tag)
        self.enter(Workflow.PROCESS)
        self.scan(barcode)
        self.place(uid)
        if self.now.fault is not None and "overwrite" in [choice.id for choice in self.now.fault.choices]:
            self.choose("overwrite")
            self.scan(barcode)
        assert self.now.phase is Phase.CHECKING, self.now.fault
        self.cancel()
        self.lift()
        return uid

    def inspect(self, *uids: Uid):
        self.enter(Workflow.INSPECT)
        self.place(*uids)
        self.look(2)
        return self.view

    @property
    def view(self) -> InspectView:
        assert isinstance(self.now.workflow_view, InspectView)
        return self.now.workflow_view

    @property
    def tag(self) -> InspectedTag:
        assert self.view.shown is not None
        return self.view.shown

    def of(self, kind: type) -> list:
        return [event for event in self.journal.events if isinstance(event, kind)]

    def bytes_of(self, uid: Uid) -> tuple[bytes, int, int]:
        return self.world.tags[uid].image()

    def undo(self, uid: Uid) -> None:
        self.inspect(uid)
        self.act("undo")
        self.act("undo-yes")


# --- looking ---------------------------------------------------------------------------------------------------------------


def test_a_tag_from_all_sides() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    writes = rig.world.tags[uid].writes
    rig.inspect(uid)
    tag = rig.tag
    assert (tag.uid, tag.state, tag.barcode, tag.dsfid, tag.afi) == (uid, "ours", BOOK, 0x06, 0x07)
    assert tag.memory == bytes(rig.world.tags[uid].memory)
    assert sum(one.length for one in tag.ranges) == len(tag.memory)
    assert [one.value for one in tag.ranges if one.part == "identifier"] == [BOOK]
    at = 0
    for one in tag.ranges:
        assert one.offset == at
        at += one.length
    dump = [told(line) for line in tag.dump]
    assert any(BOOK in line for line in dump) and any(line.split()[:1] == ["0"] for line in dump)
    assert tag.diagnoses == () and tag.ledger == ()
    kinds = [told(line.said) for line in tag.history]
    assert kinds[-1] == "tag-recognised" and "tag-write-verified" in kinds
    assert rig.world.tags[uid].writes == writes, "a look must change nothing"


def test_what_a_tag_holds_is_told_in_the_language_of_the_bench() -> None:
    words.use("es")
    try:
        rig = Bench()
        rig.inspect(rig.written(BOOK, 1))
        assert tuple(map(told, rig.tag.lines[:2])) == (
            "Esta etiqueta está terminada y es de esta biblioteca.",
            f"Código: {BOOK}",
        )
        shown = "\n".join(map(told, (*rig.tag.lines, *rig.tag.dump)))
        assert "en la biblioteca, el arco da la alarma (AFI 07)" in shown
        assert re.search(r"lo mismo en \d+ filas? más", shown) and "fin de los datos" in shown
        for english in ("This tag", "confidence", "identifier", "Owner", "the same", "free"):
            assert english not in shown
    finally:
        words.use()


def test_locks_and_what_is_wrong_are_told() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.world.tags[uid].locked |= {0, 1}
    rig.world.tags[uid].afi = 0x55
    rig.inspect(uid)
    assert rig.tag.locked == (0, 1)
    assert any(one.severity in ("critical", "major") for one in rig.tag.diagnoses)
    assert all(one.advice for one in rig.tag.diagnoses)


def test_a_blank_tag_with_a_locked_block_is_no_tag_to_write() -> None:
    rig = Bench()
    uid = rig.world.tag(1)
    rig.world.tags[uid].locked |= {1}
    rig.inspect(uid)
    assert told(rig.tag.lines[0]) == "Blank, but block 1 is locked. Use another tag."
    assert "blank tag with a locked block" in told(rig.now.prompt)


def test_the_question_before_an_undo_names_the_item_and_what_the_tag_will_be() -> None:
    rig = Bench()
    rig.inspect(rig.written(BOOK, 1))
    rig.act("undo")
    assert told(rig.now.prompt) == f'Undo the tag for "{CATALOG[BOOK].title}"? It will be blank again.'
    rig = Bench()
    rig.inspect(rig.written(OTHER, 2, memory=bytearray(FOREIGN), afi=0x30))
    rig.act("undo")
    assert told(rig.now.prompt).startswith(f'Undo the tag for "{CATALOG[OTHER].title}"? Before, it was: ')


def test_several_tags_one_after_the_other_and_the_pad_when_it_is_empty() -> None:
    rig = Bench()
    one, two = rig.written(BOOK, 1), rig.written(OTHER, 2)
    view = rig.inspect(one, two)
    assert [tag.uid for tag in view.tags] == sorted([one, two]) and rig.tag.uid == one
    rig.act("tag")
    assert rig.tag.uid == two
    rig.act("tag", one)
    assert rig.tag.uid == one
    rig.act("tag", "E0DEAD")
    rig.lift()
    rig.look(2)
    assert rig.view.tags == () and rig.view.shown is None and "Put an item" in told(rig.now.prompt)


def test_a_scan_shows_the_history_of_the_item() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.enter(Workflow.INSPECT)
    rig.scan(BOOK)
    assert rig.view.barcode == BOOK and any("item-scanned" in told(line.said) for line in rig.view.history)
    assert any(uid in told(line) for line in rig.view.ledger)
    assert rig.now.item is None
    rig.scan("nonsense")
    assert rig.now.notice.code == "barcode-malformed"
    rig.act("item-off")
    assert rig.view.barcode == ""


def test_the_ledger_finds_second_tags_and_tags_used_again() -> None:
    rig = Bench()
    first = rig.written(BOOK, 1)
    second = rig.written(BOOK, 2)  # the operator replaced the tag; the first one still holds this barcode
    again = rig.written(OTHER, 1)
    third = rig.written(BOOK, 3)
    assert again == first
    found = suspects(ledger(rig.journal.writes()))
    assert [(line.kind, line.uid, line.barcode) for line in found] == [
        ("second-tag", second, BOOK),
        ("used-again", first, BOOK),
    ]
    rig.inspect(second)
    assert any("second tag" in told(line) and third[-6:] in told(line) for line in rig.tag.ledger)
    rig.lift()
    rig.inspect(first)
    assert rig.tag.ledger == tuple(line.sentence for line in found if line.uid == first)


def test_a_tag_that_another_program_wrote_is_told() -> None:
    rig = Bench()
    uid, other = rig.written(BOOK, 1), rig.written(OTHER, 2)
    rig.world.tags[uid].memory[:] = rig.world.tags[other].memory
    rig.inspect(uid)
    assert any("The journal has this tag for" in told(line) and BOOK in told(line) for line in rig.tag.ledger)
    assert rig.tag.undo is not None and "cannot be undone here" in told(rig.tag.undo.refused)
    stranger = rig.world.tag(9)
    rig.world.tags[stranger] = Tag(stranger, bytearray(rig.world.tags[other].memory), 0x07, 0x06)
    rig.lift()
    rig.inspect(stranger)
    assert any("does not know this tag" in told(line) for line in rig.tag.ledger) and rig.tag.undo is None


def test_an_undo_in_the_ledger() -> None:
    def told(seq: int, event: events.AnyEvent) -> Logged:
        return Logged(seq, f"2026-01-0{seq}", event)

    wrote = TagWriteVerified(attempt="a", uid="E1", barcode="b1", part=1, parts=1)
    over = TagWriteVerified(attempt="b", uid="E1", barcode="b2", part=1, parts=1)
    back = TagUndoVerified(attempt="c", undoes="b", uid="E1", barcode="b2", restored="b1")
    found = ledger((told(1, wrote), told(2, over), told(3, back)))
    assert found.now["E1"].barcode == "b1"
    assert [one.barcode for one in found.before["E1"]] == ["b1", "b2"]


# --- undo ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(UndoState))
def test_an_undo_writes_only_on_the_way_out_of_a_question(state: UndoState) -> None:
    assert ((state, Trigger.DONE) in MOVES) is (state in (UndoState.ASKED, UndoState.BROKEN))
    assert any(to is not state for (at, _), to in MOVES.items() if at is state), "every state must have a way out"


@pytest.mark.parametrize("before", ["blank", "foreign", "ours"])
def test_the_tag_is_byte_for_byte_what_it_was(before: str) -> None:
    rig = Bench()
    if before == "ours":
        uid = rig.written(OTHER, 1)
    else:
        memory = FOREIGN if before == "foreign" else bytes(112)
        uid = rig.world.tag(1, memory=bytearray(memory), afi=0x30 if before == "foreign" else 0)
    old = rig.bytes_of(uid)
    rig.written(BOOK, 1)
    assert rig.bytes_of(uid) != old
    rig.inspect(uid)
    assert rig.tag.undo is not None and (rig.tag.undo.barcode, told(rig.tag.undo.refused)) == (BOOK, "")
    rig.act("undo")
    assert rig.view.undo is UndoState.ASKED and BOOK in told(rig.now.prompt) and rig.now.light is Light.WARNING
    assert rig.bytes_of(uid) != old, "the question alone must not change the tag"
    rig.act("undo-yes")
    assert (rig.view.undo, rig.now.sound) == (UndoState.DONE, Sound.GOOD)
    assert rig.bytes_of(uid) == old
    (started,), (verified,) = rig.of(TagUndoStarted), rig.of(TagUndoVerified)
    write = [one for one in rig.of(TagWriteStarted) if one.barcode == BOOK][-1]
    assert (started.undoes, started.uid, started.new.memory) == (write.attempt, uid, old[0])
    assert rig.journal.events.index(started) < rig.journal.events.index(verified)
    assert rig.journal.bindings_for(BOOK) == ()
    bound = rig.journal.binding_of(uid)
    assert (bound.barcode if bound else "") == (OTHER if before == "ours" else "") == verified.restored
    rig.act("settle")
    rig.act("undo")
    assert "no write to this tag" in told(rig.view.said) and len(rig.of(TagUndoStarted)) == 1


def test_no_leaves_everything_and_a_scan_answers_nothing() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    held = rig.bytes_of(uid)
    rig.inspect(uid)
    rig.act("undo-yes")
    assert rig.of(TagUndoStarted) == [], "no question was asked"
    rig.act("undo")
    rig.scan(BOOK)
    rig.scan(OTHER)
    assert rig.view.undo is UndoState.ASKED and rig.now.notice.code == "undo.answer-first"
    rig.act("undo-no")
    rig.act("undo-yes")
    assert rig.bytes_of(uid) == held and rig.view.undo is UndoState.RESTS
    rig.act("undo")
    assert rig.view.undo is UndoState.ASKED and not rig.view.said, "the earlier message must be gone"
    rig.lift()
    assert rig.view.undo is UndoState.RESTS and "taken away" in told(rig.view.said)
    rig.place(uid)
    rig.act("undo-yes")
    assert rig.bytes_of(uid) == held and rig.of(TagUndoStarted) == []


def test_locked_blocks_refuse_it_before_anything_is_written() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.world.tags[uid].locked |= {2}
    held, writes = rig.bytes_of(uid), rig.world.write_commands
    rig.undo(uid)
    assert rig.view.undo is UndoState.REFUSED and rig.now.light is Light.BAD
    assert "locked" in told(rig.view.said).lower()
    assert (rig.bytes_of(uid), rig.world.write_commands, rig.of(TagUndoStarted)) == (held, writes, [])


@pytest.mark.parametrize("changed", ["memory", "DSFID"])
def test_a_tag_that_is_not_the_one_is_refused(changed: str) -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.inspect(uid)
    rig.act("undo")
    tag = rig.world.tags[uid]  # another program writes between the question and the answer
    if changed == "memory":
        tag.memory[-1] = 0x5A
    else:
        tag.dsfid = 0x55
    held = rig.bytes_of(uid)
    rig.act("undo-yes")
    assert rig.view.undo is UndoState.REFUSED and "cannot be undone here" in told(rig.view.said)
    assert rig.bytes_of(uid) == held and rig.of(TagUndoStarted) == []


def test_a_second_tag_beside_it_or_another_in_its_place_is_not_written_to() -> None:
    rig = Bench()
    uid, other = rig.written(BOOK, 1), rig.written(OTHER, 2)
    held = rig.bytes_of(uid), rig.bytes_of(other)
    rig.inspect(uid)
    rig.act("undo")
    rig.world.place(other)
    rig.act("undo-yes")
    assert rig.view.undo is UndoState.REFUSED and "only this one" in told(rig.view.said)
    rig.act("settle")
    rig.world.lift()
    rig.inspect(uid)
    rig.act("undo")
    rig.world.pad = [other]
    rig.act("undo-yes")
    assert rig.view.undo is UndoState.BROKEN and rig.of(TagUndoStarted) == []
    rig.look(3)
    assert (rig.bytes_of(uid), rig.bytes_of(other)) == held, "only the tag in question may be written"


class People:
    def __init__(self) -> None:
        self.roles = {"ann": Role.OPERATOR, "bea": Role.OPERATOR, "tec": Role.TECHNICIAN, "tim": Role.TRAINEE}

    def find(self, name: str) -> Worker:
        return Worker(id=name, name=name, role=self.roles.get(name, Role.OPERATOR))


@pytest.mark.parametrize(
    ("writer", "undoer", "allowed"),
    [("ann", "ann", True), ("ann", "bea", False), ("ann", "tec", True), ("tim", "tim", False), ("tec", "ann", False)],
)
def test_who_may(writer: str, undoer: str, allowed: bool) -> None:
    rig = Bench(people=People())  # type: ignore[arg-type]
    rig.bench.handle(SignOn(writer))
    uid = rig.written(BOOK, 1)
    rig.bench.handle(SignOn(undoer))
    rig.undo(uid)
    assert (rig.view.undo is UndoState.DONE) is allowed
    assert (rig.world.tags[uid].memory == bytes(112)) is allowed
    if allowed:
        assert rig.of(TagUndoVerified)[-1].operator == undoer


@for_each("cut", range(1, 12))
def test_an_undo_that_was_lifted_goes_on_when_the_tag_is_back(cut: int) -> None:
    rig = Bench()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    old = rig.bytes_of(uid)
    rig.written(BOOK, 1)
    rig.inspect(uid)
    rig.world.lift_at_write = cut
    rig.act("undo")
    rig.act("undo-yes")
    if rig.view.undo is UndoState.DONE:
        rig.world.lift_at_write = None
    else:
        assert rig.view.undo is UndoState.BROKEN and len(rig.of(TagUndoInterrupted)) == 1
        stranger = rig.world.tag(7)
        before = (len(rig.journal.events), rig.now.sound_number)
        rig.place(stranger)
        rig.look(3)
        assert rig.world.tags[stranger].writes == 0
        assert (len(rig.journal.events), rig.now.sound_number) == before, "another tag must give no message"
        rig.world.lift()
        rig.look(2)
        rig.place(uid)
        assert rig.view.undo is UndoState.DONE
    assert rig.bytes_of(uid) == old
    assert len(rig.of(TagUndoVerified)) == 1


@pytest.mark.parametrize("torn", ["the undo", "the write"])
@pytest.mark.parametrize("owner", [ISIL, "US-TxOther"])
def test_a_torn_tag_that_another_program_has_since_finished_is_not_undone(torn: str, owner: str) -> None:
    rig = Bench()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    if torn == "the undo":
        rig.written(BOOK, 1)
        rig.inspect(uid)
        rig.act("undo")
        rig.world.lift_at_write = 4
        rig.act("undo-yes")
        assert rig.view.undo is UndoState.BROKEN
    else:
        rig.scan(BOOK)
        rig.place(uid)
        rig.choose("overwrite")
        rig.world.lift_at_write = 4
        rig.scan(BOOK)
        assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    rig.lift()
    rig.world.tags[uid] = Tag(uid, **encoded(OTHER, owner))  # type: ignore[arg-type]
    finished = rig.bytes_of(uid)
    if torn == "the undo":
        rig.place(uid)
    else:
        rig.undo(uid)
    assert rig.view.undo is UndoState.REFUSED and "cannot be undone here" in told(rig.view.said)
    assert rig.bytes_of(uid) == finished and rig.world.tags[uid].writes == 0


def test_a_half_written_tag_can_be_given_back_what_it_held() -> None:
    rig = Bench()
    uid = rig.written(OTHER, 1)
    old = rig.bytes_of(uid)
    rig.scan(BOOK)
    rig.place(uid)
    rig.choose("overwrite")
    rig.world.lift_at_write = 4
    rig.scan(BOOK)
    assert rig.journal.open_attempt(uid) is not None and rig.bytes_of(uid) != old
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE and rig.bytes_of(uid) == old
    assert rig.journal.open_attempt(uid) is None


@pytest.mark.parametrize("since", ["nothing", "another program"])
def test_a_write_that_was_taken_up_again_is_undone_to_what_stood_before_it_was_begun(since: str) -> None:
    """Never to the torn image. If another program finished the tag in between, the undo restores that content."""
    rig = Bench()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    rig.scan(BOOK)
    rig.place(uid)
    rig.choose("overwrite")
    old = rig.bytes_of(uid)
    rig.world.lift_at_write = 4
    rig.scan(BOOK)
    if since == "another program":
        rig.world.tags[uid] = Tag(uid, **encoded(OTHER))  # type: ignore[arg-type]
        old = rig.bytes_of(uid)
    rig.lift()
    rig.place(uid)
    if since == "another program":
        rig.choose("overwrite")
        rig.scan(BOOK)
    assert rig.now.phase is Phase.CHECKING
    rig.cancel()
    rig.lift()
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE and rig.bytes_of(uid) == old


def test_another_program_asks_with_the_write_that_it_means() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.world.place(uid)
    (tag,) = rig.ask(InspectPad()).inspected
    assert tag.undo is not None
    wrong = rig.ask(UndoWrite(uid=uid, attempt="another"))
    assert wrong.refusal is not None and wrong.refusal.code == "undo-refused"
    (said,) = (one for one in rig.journal.events if isinstance(one, events.PadRequestRefused))
    assert (said.asked, said.uid, said.barcode, said.code) == ("undo-write", uid, BOOK, "undo-refused")
    text = told(summary(said))
    assert uid in text and BOOK in text and "undo the tag write" in text
    assert tell("undo.nothing")[:40] in text, "the reason, cut to the length of a journal line"
    other = rig.ask(UndoWrite(uid="E004010000000009", attempt=tag.undo.attempt, source="Alma"))
    assert other.refusal is not None
    *_, said = (one for one in rig.journal.events if isinstance(one, events.PadRequestRefused))
    assert (said.uid, said.barcode) == ("E004010000000009", ""), "no write to that tag is known"
    assert told(summary(said)).startswith('Program "Alma" asked to undo the tag write of E004010000000009; not done (')
    assert rig.bytes_of(uid)[2] == 0x06
    done = rig.ask(UndoWrite(uid=uid, attempt=tag.undo.attempt))
    assert done.refusal is None and rig.bytes_of(uid) == (bytes(112), 0, 0)


# --- the end of the station in the middle of an undo --------------------------------------------------------------------------


def points() -> range:
    return range(1, 60)


def killed_undo(at: int) -> Bench | None:
    """Kill the station at the n-th reader command of an undo. Return the rig, or None if the undo has fewer
    commands."""
    rig = Bench()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    rig.written(BOOK, 1)
    rig.inspect(uid)
    rig.act("undo")

    def die() -> None:
        raise Killed

    rig.world.at_command[rig.world.commands + at] = die
    try:
        rig.act("undo-yes")
    except Killed:
        return rig
    return None


@pytest.mark.parametrize("at", [1, 4, 9, 16, 23])
def test_kill_in_the_middle_of_an_undo(at: int) -> None:
    assert resumed(at)


def resumed(at: int) -> bool:
    rig = killed_undo(at)
    if rig is None:
        return False
    uid = Uid("E004010000000001")
    rig.start()
    rig.look(2)
    over = bool(rig.of(TagUndoVerified))  # killed after the end, before the screen was updated
    rig.undo(uid)
    assert rig.view.undo is (UndoState.REFUSED if over else UndoState.DONE), (at, rig.view.said)
    assert rig.bytes_of(uid) == (FOREIGN, 0x30, 0)
    assert len(rig.of(TagUndoVerified)) == 1 and rig.journal.binding_of(uid) is None
    return True


@pytest.mark.soak
def test_kill_at_every_command_of_an_undo() -> None:
    hit = [at for at in range(1, 200) if resumed(at)]
    assert hit == list(range(1, len(hit) + 1)) and len(hit) >= 25
    print(f"\nundo: killed at each of its {len(hit)} reader commands; resumed each time, undone once")


def test_a_technician_on_the_spot_lends_the_right() -> None:
    """With sign-on, another person's write is undone with a technician's right, which is journaled beside the
    operator."""
    from tests.bench.test_authorise import come, desk, lend, sign_on_prompt

    rig = desk("ann")
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.cancel()
    rig.lift()
    come(rig, "bea")
    rig.enter(Workflow.INSPECT)
    rig.place(uid)
    rig.look(2)
    rig.act("undo")
    rig.act("undo-yes")
    assert sign_on_prompt(rig).why.value == "authorise" and rig.world.tags[uid].dsfid == 0x06
    lend(rig, "tess")
    assert rig.now.sign_on_prompt is None and rig.world.tags[uid].image() == (bytes(112), 0, 0)
    (started,) = (event for event in rig.journal.events if isinstance(event, TagUndoStarted))
    assert (started.authorised, started.operator) == ("w-tess", "w-bea")
    assert isinstance(rig.now.workflow_view, InspectView) and rig.now.workflow_view.undo is UndoState.DONE


# --- the undo on the strip of buttons, and the state of the current item ---------------------------------------------------


def test_the_strips_undo_asks_about_the_last_write_as_soon_as_its_tag_lies_there() -> None:
    rig = Bench()
    assert rig.now.undo == ""
    uid, other = rig.written(BOOK, 1), rig.written(OTHER, 2)
    assert OTHER in rig.now.undo
    rig.enter(Workflow.INSPECT)
    rig.act("undo-last")
    assert "to undo its tag write" in told(rig.now.prompt)
    rig.place(uid)
    rig.look(2)
    assert rig.view.undo is UndoState.RESTS, "another tag than the last one must not be asked about"
    rig.lift()
    rig.place(other)
    rig.look(2)
    assert rig.view.undo is UndoState.ASKED and OTHER in told(rig.now.prompt)
    rig.act("undo-yes")
    assert rig.world.tags[other].image() == (bytes(112), 0, 0) and rig.now.undo == ""
    rig.start()
    assert rig.now.undo == "", "after a restart, too: the newest event is an undo"


@pytest.mark.parametrize("asked", [False, True])
def test_an_undo_that_was_left_with_back_is_forgotten(asked: bool) -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.enter(Workflow.INSPECT)
    rig.act("undo-last")
    if asked:
        rig.place(uid)
        rig.look(2)
        assert rig.view.undo is UndoState.ASKED
    rig.enter(Workflow.PROCESS)
    rig.enter(Workflow.INSPECT)
    assert "undo" not in told(rig.now.prompt).lower()
    rig.lift()
    rig.place(uid)
    rig.look(2)
    assert rig.view.undo is UndoState.RESTS and rig.view.shown is not None, "it is inspected"


def test_inspect_in_the_menu_forgets_an_undo_that_was_not_left_with_back() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rig.enter(Workflow.INSPECT)
    rig.act("undo-last")
    assert "undo" in told(rig.now.prompt)
    rig.enter(Workflow.INSPECT)
    assert "undo" not in told(rig.now.prompt).lower()
    rig.place(uid)
    rig.look(2)
    assert rig.view.undo is UndoState.RESTS and rig.view.shown is not None, "it is inspected"


def test_a_tag_that_another_program_rewrites_is_shown_as_it_is_now() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    before = rig.inspect(uid).shown
    assert rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma")).refusal is None
    rig.look(2)
    assert before is not None and rig.tag.summary != before.summary


def test_the_strips_undo_takes_an_erasure_back_too_and_names_its_item() -> None:
    rig = Bench()
    uid, other = rig.written(BOOK, 1), rig.written(OTHER, 2)
    before = rig.bytes_of(uid)
    rig.enter(Workflow.ERASE)
    rig.place(uid)
    rig.look(2)
    rig.act("want")
    rig.scan(BOOK)
    rig.lift()
    assert rig.bytes_of(uid) == (bytes(112), 0, 0) and BOOK in rig.now.undo, "the erasure is the last write"
    sent = ResultIntent(barcode=BOOK, uid=uid, part=1, parts=1, verdict=Verdict.PASS)
    rig.journal.sent = [
        Delivery(
            id="d1", event_seq=1, event_at="t", system="alma", lane=BOOK, intent=sent, state=DeliveryState.DELIVERED,
            attempts=1,
        )
    ]  # fmt: skip
    rig.start()
    assert BOOK in rig.now.undo, "after a restart, too"
    rig.enter(Workflow.INSPECT)
    rig.act("undo-last")
    assert told(rig.now.prompt) == f'Put "{CATALOG[BOOK].title}" on the pad to undo its tag write'
    rig.place(other)
    rig.look(2)
    assert rig.view.undo is UndoState.RESTS
    rig.lift()
    rig.place(uid)
    rig.look(2)
    assert rig.view.undo is UndoState.ASKED and BOOK in told(rig.now.prompt)
    rig.act("undo-yes")
    assert rig.bytes_of(uid) == before and rig.now.undo == ""
    assert rig.of(TagUndoVerified)[0].told == () == rig.tag.to_do, (
        "the item has its tag again, so Alma's data are right"
    )


def test_what_another_workflow_wrote_can_be_taken_back_by_the_strip() -> None:
    rig = Bench()
    rig.world.tag(1)
    rig.enter(Workflow.SETS)
    rig.scan(BOOK)
    rig.place(Uid("E004010000000001"))
    rig.look(2)
    assert any(isinstance(event, TagWriteVerified) for event in rig.journal.events)
    assert BOOK in rig.now.undo


def test_an_item_in_hand_whose_tag_is_taken_back_is_set_aside_and_never_passes() -> None:
    rig = Bench()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    assert rig.now.phase is Phase.CHECKING
    rig.enter(Workflow.INSPECT)
    rig.look(2)
    rig.act("undo-last")
    rig.look(2)
    rig.act("undo-yes")
    assert rig.view.undo is UndoState.DONE
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and rig.now.phase is not Phase.CHECKING
    assert [told(event.reason) for event in rig.of(events.ItemSetAside)] == ["its tag write was undone"]
    assert rig.of(events.ItemJudged) == []


def test_what_was_judged_is_not_shown_as_good_once_its_tag_was_taken_back() -> None:
    rig = Bench()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.pass_all()
    assert rig.now.verdict is Verdict.PASS
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE
    rig.enter(Workflow.PROCESS)
    assert (rig.now.item, rig.now.verdict) == (None, None)
    assert rig.of(events.ItemSetAside) == [], "it has its verdict and was not in process"


def test_process_says_what_an_unfinished_undo_is() -> None:
    rig = killed_undo(16)
    assert rig is not None
    rig.start()
    rig.look(2)
    rig.enter(Workflow.PROCESS)
    rig.scan(OTHER)
    rig.look(2)
    assert rig.now.fault is not None and rig.now.fault.code == "undo-unfinished"
    assert "Inspect" in told(rig.now.fault.do)


def test_what_was_taken_back_is_not_done_in_its_session_any_more() -> None:
    rig = Bench()
    uids = [rig.world.tag(1), rig.world.tag(2)]
    rig.enter(Workflow.CONVERT)
    for code, uid in zip((BOOK, OTHER), uids, strict=True):
        rig.scan(code)
        rig.place(uid)
        rig.lift()
    rig.undo(uids[1])
    for _ in range(2):
        rig.lift()
        rig.enter(Workflow.CONVERT)
        view = rig.now.workflow_view
        assert isinstance(view, ConvertView)
        assert [item.barcode for item in view.stack] == [BOOK] and view.done == 1
        rig.start()  # and the same after a restart
    rig.scan(OTHER)
    rig.place(uids[1])
    view = rig.now.workflow_view
    assert isinstance(view, ConvertView) and view.done == 2


# --- what an undo restores besides the bytes, and what it leaves to people ------------------------------------------------


class Gate(Bench):
    """A site whose gates check the EAS bit."""

    made = EasReader

    def start(self) -> None:
        super().start()
        self.start_with(site=dataclasses.replace(site_profile(self.settings), eas=True))


@pytest.mark.parametrize("before", [True, False])
def test_the_eas_bit_comes_back_with_the_bytes(before: bool) -> None:
    rig = Gate()
    uid = rig.world.tag(1, memory=bytearray(FOREIGN), afi=0x30)
    if before:
        rig.reader.eas.add(uid)
    rig.written(BOOK, 1)
    assert uid in rig.reader.eas, "a finished item must be secured"
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE, rig.view.said
    assert (uid in rig.reader.eas) is before
    assert rig.world.tags[uid].afi == 0x30
    assert (rig.of(TagWriteStarted)[0].eas, rig.of(TagUndoStarted)[0].eas) == (before, before)
    assert "EAS" not in told(rig.view.said)


def test_a_bit_that_nobody_noted_stays_and_is_told() -> None:
    rig = Gate()
    uid = rig.written(BOOK, 1)
    rig.journal.events = [
        msgspec.structs.replace(one, eas=None) if isinstance(one, TagWriteStarted) else one
        for one in rig.journal.events
    ]
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE and uid in rig.reader.eas
    assert "The EAS bit stays as it is" in " ".join(map(told, rig.tag.to_do)) and rig.of(TagUndoStarted)[0].eas is None


def test_a_bit_that_sticks_is_no_undo() -> None:
    rig = Gate()
    uid = rig.written(BOOK, 1)
    rig.reader.stuck = True
    rig.undo(uid)
    assert rig.view.undo is UndoState.BROKEN and not rig.of(TagUndoVerified)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (DeliveryState.DELIVERED, "According to alma"),
        (DeliveryState.IN_DOUBT, "According to alma"),
        (DeliveryState.PENDING, "on its way to alma"),
        (DeliveryState.PARKED, "on its way to alma"),
        (DeliveryState.DISCARDED, ""),
    ],
)
def test_what_the_library_system_was_told_is_a_thing_to_do_by_name(state: DeliveryState, said: str) -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    intent = ResultIntent(barcode=BOOK, uid=uid, part=1, parts=1, verdict=Verdict.PASS)
    row = Delivery(id="d1", event_seq=1, event_at="t", system="alma", lane=BOOK, intent=intent, state=state, attempts=1)
    rig.journal.sent = [row]
    rig.undo(uid)
    assert rig.view.undo is UndoState.DONE
    left = " ".join(map(told, rig.tag.to_do))
    assert (said in left) if said else ("alma" not in left)
    assert len(told(rig.now.prompt)) <= 110, "the prompt must fit; work left to people is shown below"
    assert rig.of(TagUndoVerified)[0].told == (("alma",) if said else ())


def test_a_newer_result_with_another_tag_leaves_nothing_to_do() -> None:
    rig = Bench()
    uid = rig.written(BOOK, 1)
    rows = [
        Delivery(
            id=f"d{number}", event_seq=number, event_at="t", system="alma", lane=BOOK, state=DeliveryState.DELIVERED,
            attempts=1, intent=ResultIntent(barcode=BOOK, uid=tag, part=1, parts=1, verdict=Verdict.PASS),
        )
        for number, tag in enumerate((uid, "E0040100000000FF"), 1)
    ]  # fmt: skip
    rig.journal.sent = rows
    rig.undo(uid)
    assert rig.tag.to_do == () == rig.of(TagUndoVerified)[0].told
