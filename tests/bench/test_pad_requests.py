"""Requests of other programs to the pad: correct sets, addressed and verified changes of security, busy answers,
refusals."""

from __future__ import annotations

import msgspec
import pytest

from station.base import errors
from station.base.settings import Library, Settings, Tag
from station.domain import events
from station.domain.commands import AskPad, ReadPad, SetSecurity, UpdateItem
from station.domain.item import Barcode
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, CATALOG, DVD, ISIL, OTHER, UNKNOWN, Rig
from tests.support.told import told

IN_STOCK, ON_LOAN = 0x07, 0xC2


def secured(barcode: str = BOOK, *, secure: bool = False) -> SetSecurity:
    return SetSecurity(barcode=barcode, secure=secure, source="Alma")


def placed(rig: Rig, *tags: Uid) -> None:
    rig.place(*tags)


def a_set(rig: Rig, *parts: int, of: int = 3, first: int = 1) -> list[Uid]:
    return [rig.world.tag(first + n, **encoded(DVD, part=part, parts=of)) for n, part in enumerate(parts)]


# --- reading ------------------------------------------------------------------------------------------------------------


def test_an_empty_pad_is_an_empty_list() -> None:
    answer = Rig().ask(ReadPad())
    assert answer.tags == () and answer.refusal is None


def test_every_tag_is_read_with_what_it_says() -> None:
    rig = Rig()
    parts = a_set(rig, 1, 3)
    foreign = rig.world.tag(8, **encoded(OTHER, "DE-Foreign"))
    blank = rig.world.tag(9)
    placed(rig, *parts, foreign, blank)
    answer = rig.ask(ReadPad())
    assert answer.refusal is None
    told = {tag.uid: (tag.state, tag.barcode, tag.part, tag.parts, tag.secure) for tag in answer.tags}
    assert told == {
        parts[0]: ("ours", DVD, 1, 3, True),
        parts[1]: ("ours", DVD, 3, 3, True),
        foreign: ("foreign", OTHER, 1, 1, True),
        blank: ("blank", "", 1, 1, False),
    }


def test_a_half_written_tag_has_no_barcode() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    rig.world.tags[tag].dsfid = 0xC0
    placed(rig, tag)
    (seen,) = rig.ask(ReadPad()).tags
    assert (seen.state, seen.barcode) == ("incomplete", "")


def test_looking_writes_nothing_and_journals_nothing() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))
    before, commands = list(rig.journal.events), rig.world.write_commands
    rig.ask(ReadPad())
    assert rig.journal.events == before and rig.world.write_commands == commands


# --- security -----------------------------------------------------------------------------------------------------------


def test_security_is_journaled_written_read_back_and_journaled() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    memory = bytes(rig.world.tags[tag].memory)
    seen: list[str] = []
    write = rig.reader.write_afi
    rig.reader.write_afi = lambda uid, afi: (seen.extend(rig.journal.kinds()), write(uid, afi))[1]  # type: ignore[method-assign,func-returns-value]
    answer = rig.ask(secured())
    assert answer.refusal is None and [(t.uid, t.secure, t.afi) for t in answer.tags] == [(tag, False, ON_LOAN)]
    assert rig.world.tags[tag].image() == (memory, ON_LOAN, 0x06)
    assert seen[-1] == "security-write-started", "the event must be journaled before the first command"
    assert rig.journal.kinds()[-2:] == ["security-write-started", "security-write-verified"]
    started, verified = rig.journal.events[-2:]
    assert isinstance(started, events.SecurityWriteStarted) and isinstance(verified, events.SecurityWriteVerified)
    assert (started.old_afi, started.new_afi, started.source) == (IN_STOCK, ON_LOAN, "Alma")
    assert started.attempt == verified.attempt
    assert rig.now.notice.code == "pad.not-secured" and "on loan" in told(rig.now.tag_summary)


def test_what_is_so_already_is_not_written_again() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))
    writes = rig.world.write_commands
    assert rig.ask(secured(secure=True)).refusal is None
    assert rig.world.write_commands == writes
    last = rig.journal.events[-1]
    assert isinstance(last, events.SecurityWriteVerified) and last.unchanged


def test_a_stack_only_the_items_own_tags_are_written() -> None:
    rig = Rig()
    parts = a_set(rig, 1, 2, 3)
    other = rig.world.tag(9, **encoded(BOOK))
    placed(rig, *parts, other)
    answer = rig.ask(secured(DVD))
    assert {tag.uid for tag in answer.tags} == set(parts)
    assert [rig.world.tags[tag].afi for tag in parts] == [ON_LOAN] * 3
    assert rig.world.tags[other].afi == IN_STOCK


def test_two_tags_that_say_the_same_are_refused() -> None:
    rig = Rig()
    tags = a_set(rig, 2, 2)
    placed(rig, *tags)
    answer = rig.ask(secured(DVD))
    assert answer.refusal is not None and answer.refusal.code == "second-tag"
    assert [rig.world.tags[tag].afi for tag in tags] == [IN_STOCK] * 2


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ({}, "tag-absent"),
        (encoded(OTHER), "tag-absent"),
        (encoded(BOOK, "DE-Foreign"), "foreign-tag"),
        ({**encoded(BOOK), "dsfid": 0xC0}, "incomplete-tag"),
    ],
)
def test_tags_that_are_not_the_items_own_are_left_alone(tag: dict[str, object], code: str) -> None:
    rig = Rig()
    uid = rig.world.tag(1, **tag)
    before = rig.world.tags[uid].image()
    placed(rig, uid)
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == code
    assert rig.world.tags[uid].image() == before
    last = rig.journal.events[-1]
    assert isinstance(last, events.PadRequestRefused) and last.code == code and last.barcode == BOOK


def test_a_write_that_was_not_proven_yet_keeps_the_security_as_it_is() -> None:
    """Every byte of the tag is right, but this was not verified with the field off in between."""
    rig = Rig()
    tag = rig.world.tag(1)
    reset = rig.reader.reset_field
    rig.reader.reset_field = lambda: (reset(), rig.world.lift())[0]  # type: ignore[method-assign,func-returns-value]
    rig.scan(BOOK)
    placed(rig, tag)
    rig.choose("set-aside")
    before = rig.world.tags[tag].image()
    rig.world.place(tag)
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == "incomplete-tag"
    assert rig.world.tags[tag].image() == before


@pytest.mark.parametrize("request_", [ReadPad(), SetSecurity(barcode=BOOK, secure=False), UpdateItem(barcode=BOOK)])
def test_tags_that_cannot_be_told_apart_are_no_list_and_are_not_written_to(
    request_: ReadPad | SetSecurity | UpdateItem,
) -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    inventory = rig.reader.inventory
    rig.reader.inventory = lambda: msgspec.structs.replace(inventory(), collision=True)  # type: ignore[method-assign]
    answer = rig.ask(request_)
    assert answer.refusal is not None and answer.refusal.code == "tags-collide"
    assert rig.world.tags[tag].writes == 0


def test_no_barcode_is_no_item() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1))
    answer = rig.ask(secured(""))
    assert answer.refusal is not None and answer.refusal.code == "tag-absent"


def test_lifted_in_mid_write_is_said_and_journaled_and_asking_again_settles_it() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    rig.world.lift_at_write = 1
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == "tag-lost"
    assert "not known" in told(answer.refusal.sentence)
    interrupted = [e for e in rig.journal.events if isinstance(e, events.SecurityWriteInterrupted)]
    assert [(e.uid, e.code, e.secure) for e in interrupted] == [(tag, "tag-lost", False)]
    assert rig.now.phase is not Phase.WRITING
    placed(rig, tag)
    assert rig.ask(secured()).refusal is None
    assert rig.world.tags[tag].afi == ON_LOAN


def test_a_set_of_which_one_was_lifted_says_how_many_were_done() -> None:
    rig = Rig()
    parts = a_set(rig, 1, 2, 3)
    placed(rig, *parts)
    rig.world.lift_at_write = 2
    answer = rig.ask(secured(DVD))
    assert answer.refusal is not None and "1 of the 3 tags" in told(answer.refusal.sentence)
    assert [rig.world.tags[tag].afi for tag in parts] == [ON_LOAN, IN_STOCK, IN_STOCK]


def test_a_lost_answer_is_settled_by_reading_not_by_writing_again() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    rig.world.lose_answers = {rig.world.write_commands + 1}
    writes = rig.world.write_commands
    assert rig.ask(secured()).refusal is None
    assert rig.world.write_commands == writes + 1


@pytest.mark.parametrize("error", [errors.ReaderSilent("lost"), errors.RemoteProtocolError("noise")])
def test_a_command_that_never_reached_the_tag_is_found_by_looking_and_sent_again(error: errors.StationError) -> None:
    """No answer and no effect: if silence counted as success, an item that is lent would stay secured."""
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    write, sent = rig.reader.write_afi, []

    def lose_the_first(uid: Uid, afi: int) -> None:
        sent.append(afi)
        if len(sent) == 1:
            raise error
        write(uid, afi)

    rig.reader.write_afi = lose_the_first  # type: ignore[method-assign]
    answer = rig.ask(secured())
    assert answer.refusal is None and [told.secure for told in answer.tags] == [False]
    assert (rig.world.tags[tag].afi, sent) == (ON_LOAN, [ON_LOAN, ON_LOAN])


@pytest.mark.parametrize("answers", [True, False], ids=["answers yes", "does not answer"])
def test_a_security_byte_that_the_tag_does_not_take_is_never_called_done(answers: bool) -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)

    def not_taken(_uid: Uid, _afi: int) -> None:
        if not answers:
            raise errors.ReaderSilent("lost")

    rig.reader.write_afi = not_taken  # type: ignore[method-assign]
    answer = rig.ask(secured())
    code = errors.TagMismatch.code if answers else errors.ReaderRefused.code
    assert answer.refusal is not None and answer.refusal.code == code
    assert "not known" in told(answer.refusal.sentence)
    assert rig.world.tags[tag].afi == IN_STOCK
    assert "security-write-verified" not in rig.journal.kinds()


def test_unplugged_is_the_readers_sentence_and_the_screen_says_it_too() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))
    rig.world.plugged = False
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code in ("port-lost", "port-missing")
    assert (rig.now.reader_ready, rig.now.reader_code) == (False, "port-lost")


def test_unplugged_in_mid_write_is_journaled() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))
    rig.world.at_command[rig.world.commands + 5] = lambda: setattr(rig.world, "plugged", False)
    answer = rig.ask(secured())
    assert answer.refusal is not None and "not known" in told(answer.refusal.sentence)
    assert "security-write-interrupted" in rig.journal.kinds()
    assert not rig.now.reader_ready


def test_the_power_goes_in_mid_change_and_the_next_start_says_so_once() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)

    class PowerCutError(BaseException):
        pass

    def cut(uid: Uid, afi: int) -> None:
        raise PowerCutError

    rig.reader.write_afi = cut  # type: ignore[method-assign]
    with pytest.raises(PowerCutError):
        rig.bench.handle(AskPad("t", secured()))
    assert rig.journal.kinds()[-1] == "security-write-started"
    rig.start()
    assert f"the security of {BOOK}" in told(rig.now.notice.sentence) and "not known" in told(rig.now.notice.sentence)
    ends = [e for e in rig.journal.events if isinstance(e, events.SecurityWriteInterrupted)]
    assert [(e.uid, e.code, e.barcode, e.secure) for e in ends] == [(tag, "station-closed", BOOK, False)]
    rig.start()
    assert len([e for e in rig.journal.events if isinstance(e, events.SecurityWriteInterrupted)]) == 1
    assert rig.ask(secured()).refusal is None
    assert rig.world.tags[tag].afi == ON_LOAN


def test_without_a_journal_nothing_is_written() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    rig.journal.fail = errors.StoreFull("no space")
    writes = rig.world.write_commands
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == "store-full"
    assert rig.world.write_commands == writes
    assert rig.now.fault is not None and rig.now.fault.code == "store-full"


def test_a_profile_that_only_reads_changes_no_security() -> None:
    rig = Rig(Settings(library=Library(isil=ISIL), tag=Tag(profile="3m-read-only")))
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    writes = rig.world.write_commands
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == "settings"
    assert rig.world.write_commands == writes


# --- busy ---------------------------------------------------------------------------------------------------------------

REQUESTS = (ReadPad(), secured(), UpdateItem(barcode=BOOK))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_an_item_in_hand_is_nobody_elses_business(request_: ReadPad | SetSecurity | UpdateItem) -> None:
    rig = Rig()
    rig.scan(BOOK)
    assert rig.now.phase is Phase.NEED_TAG
    answer = rig.ask(request_)
    assert answer.refusal is not None and answer.refusal.code == "bench-busy" and BOOK in told(answer.refusal.detail)
    tag = rig.world.tag(1)
    rig.place(tag)
    assert rig.now.phase is Phase.CHECKING
    before = rig.world.tags[tag].image()
    answer = rig.ask(request_)
    assert answer.refusal is not None and answer.refusal.code == "bench-busy"
    assert rig.world.tags[tag].image() == before and rig.now.phase is Phase.CHECKING
    rig.pass_all()
    assert rig.ask(ReadPad()).refusal is None, "after the verdict the pad must be free again"


def test_a_half_written_item_keeps_everybody_out() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 2
    rig.place(tag)
    assert rig.now.phase is Phase.STOPPED
    answer = rig.ask(secured())
    assert answer.refusal is not None and answer.refusal.code == "bench-busy"


def test_an_operators_question_keeps_everybody_out() -> None:
    rig = Rig()
    rig.scan(UNKNOWN)
    answer = rig.ask(ReadPad())
    assert answer.refusal is not None and answer.refusal.code == "bench-busy"


def test_a_crowded_pad_without_an_item_keeps_nobody_out() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)), rig.world.tag(2, **encoded(OTHER)))
    assert rig.now.phase is Phase.STOPPED
    assert rig.ask(secured()).refusal is None
    assert rig.now.phase is Phase.STOPPED, "the screen must still report two tags"


def test_who_no_longer_waits_is_not_served() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    placed(rig, tag)
    writes = rig.world.write_commands
    rig.bench.handle(AskPad("gone", secured()))
    assert rig.asker.answers == [] and rig.world.write_commands == writes


# --- the whole tag ------------------------------------------------------------------------------------------------------


def test_a_new_tag_is_written_by_the_profile_and_bound() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    placed(rig, tag)
    answer = rig.ask(UpdateItem(barcode=BOOK, source="Alma"))
    assert answer.refusal is None and answer.tags[0].barcode == BOOK and answer.tags[0].secure
    expected = encoded(BOOK)
    assert rig.world.tags[tag].image() == (bytes(expected["memory"]), IN_STOCK, 0x06)  # type: ignore[arg-type]
    assert [b.uid for b in rig.journal.bindings_for(BOOK)] == [tag]
    kinds = rig.journal.kinds()
    assert kinds.index("tag-write-started") < kinds.index("tag-write-verified")


@pytest.mark.parametrize(("asked", "afi"), [(None, ON_LOAN), (False, ON_LOAN), (True, IN_STOCK)])
def test_a_lent_item_stays_lent_unless_asked_otherwise(asked: bool | None, afi: int) -> None:
    rig = Rig()
    tag = rig.world.tag(1, **{**encoded(BOOK), "afi": ON_LOAN})
    placed(rig, tag)
    assert rig.ask(UpdateItem(barcode=BOOK, secure=asked)).refusal is None
    assert rig.world.tags[tag].afi == afi


@pytest.mark.parametrize(
    ("tag", "request_", "code"),
    [
        (encoded(OTHER), UpdateItem(barcode=BOOK), "other-item"),
        (encoded(BOOK, "DE-Foreign"), UpdateItem(barcode=BOOK), "foreign-tag"),
        ({**encoded(BOOK), "dsfid": 0xC0}, UpdateItem(barcode=BOOK), "incomplete-tag"),
        ({}, UpdateItem(barcode=BOOK, part=2), "other-part"),
        ({}, UpdateItem(barcode=UNKNOWN), "barcode-unknown"),
        ({}, UpdateItem(barcode="<script>"), "barcode-malformed"),
        ({}, UpdateItem(barcode=BOOK, uid="E004010000000099"), "other-item"),
    ],
)
def test_the_gate_is_the_screens_gate(tag: dict[str, object], request_: UpdateItem, code: str) -> None:
    rig = Rig()
    uid = rig.world.tag(1, **tag)
    before = rig.world.tags[uid].image()
    placed(rig, uid)
    answer = rig.ask(request_)
    assert answer.refusal is not None and answer.refusal.code == code
    assert rig.world.tags[uid].image() == before


def test_two_tags_are_never_written_to() -> None:
    rig = Rig()
    tags = [rig.world.tag(1), rig.world.tag(2)]
    placed(rig, *tags)
    answer = rig.ask(UpdateItem(barcode=BOOK))
    assert answer.refusal is not None and answer.refusal.code == "tags-collide"
    assert all(rig.world.tags[tag].writes == 0 for tag in tags)


def test_the_parts_of_a_set_one_by_one() -> None:
    rig = Rig()
    for part in (1, 2, 3):
        tag = rig.world.tag(part)
        placed(rig, tag)
        assert rig.ask(UpdateItem(barcode=DVD, part=part, uid=tag)).refusal is None
        rig.lift()
    assert sorted(b.part for b in rig.journal.bindings_for(DVD)) == [1, 2, 3]


def test_an_update_that_was_torn_is_taken_up_at_the_station() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    placed(rig, tag)
    rig.world.lift_at_write = 2
    answer = rig.ask(UpdateItem(barcode=BOOK))
    assert answer.refusal is not None and answer.refusal.code == "tag-lost"
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    rig.look(3)
    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING and shown.item is not None and shown.item.barcode == BOOK
    expected = encoded(BOOK)
    assert rig.world.tags[tag].image() == (bytes(expected["memory"]), IN_STOCK, 0x06)  # type: ignore[arg-type]


def test_a_defect_answers_too() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))

    def broken(uid: Uid, first: int, count: int) -> None:
        raise ZeroDivisionError

    rig.reader.read_blocks = broken  # type: ignore[method-assign,assignment]
    answer = rig.ask(ReadPad())
    assert answer.refusal is not None and answer.refusal.code == "defect"
    assert rig.now.fault is not None and rig.now.fault.code == "defect"


def test_answers_travel() -> None:
    rig = Rig()
    placed(rig, rig.world.tag(1, **encoded(BOOK)))
    answer = rig.ask(ReadPad())
    assert msgspec.json.decode(msgspec.json.encode(answer), type=type(answer)) == answer
    assert Barcode(answer.tags[0].barcode) in CATALOG
