"""One test for each former or possible fault: stuck states, lost answers, silent loops, forgotten claims."""

from __future__ import annotations

import pytest

from station.base import errors
from station.catalog.barcodes import barcode as barcodes
from station.domain import events
from station.domain.findings import Outcome
from station.domain.inventory import Inventory
from station.domain.item import Barcode, ItemRecord
from station.domain.snapshot import Phase, Sound
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from tests.bench.checked_parts import expected
from tests.bench.test_bench import encoded
from tests.support import simulated_bench as worlds
from tests.support.simulated_bench import BOOK, DVD, OTHER, MemoryCatalog, Rig, SimReader, World
from tests.support.told import told


def half_written(rig: Rig, number: int = 1, barcode: str = BOOK, at: int = 3, **values: object) -> Uid:
    """Lift a tag in the middle of its write. The pad is empty, and the station waits for the tag."""
    uid = rig.world.tag(number, **values)
    rig.scan(barcode)
    rig.world.lift_at_write = at
    rig.place(uid)
    assert rig.now.fault is not None and rig.now.fault.code == "tag-lost"
    return uid


def code(rig: Rig) -> str:
    return rig.now.fault.code if rig.now.fault else ""


# --- after the verdict ---------------------------------------------------------------------------------------------------


def done(rig: Rig) -> Uid:
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.pass_all()
    assert rig.now.phase is Phase.DONE
    return uid


def test_a_second_tag_beside_the_finished_one_does_not_begin_the_item_again() -> None:
    rig = Rig()
    uid = done(rig)
    two = rig.world.tag(2)
    rig.place(two)
    assert code(rig) == "tags-collide"
    rig.world.pad = [uid]
    assert rig.look(3).phase is Phase.IDLE
    rig.world.pad = [two]
    shown = rig.look(3)
    assert shown.phase is Phase.NEED_SCAN and shown.item is None
    assert rig.journal.kinds().count("item-judged") == 1
    assert "item-set-aside" not in rig.journal.kinds()


def test_a_stop_after_the_verdict_does_not_set_the_judged_item_aside() -> None:
    rig = Rig()
    done(rig)
    rig.place(rig.world.tag(2))
    rig.scan(OTHER)
    assert "item-set-aside" not in rig.journal.kinds()
    rig.cancel()
    assert [e.barcode for e in rig.journal.events if isinstance(e, events.ItemSetAside)] == [OTHER]


def test_done_and_the_same_tag_stays() -> None:
    rig = Rig()
    done(rig)
    assert rig.look(20).phase is Phase.DONE
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.NEED_TAG and "Take the finished item off" in told(shown.prompt)
    assert rig.look(60).fault is None, "there must be no complaint while the finished tag is on the pad"


# --- in the checks -------------------------------------------------------------------------------------------------------


def test_a_full_disk_in_the_checks_keeps_the_answers_and_goes_back_to_them() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.answer()
    rig.journal.fail = errors.StoreFull("no space")
    rig.answer()
    assert code(rig) == "store-full"
    assert rig.choose("retry").fault is not None, "the disk is still full"
    rig.journal.fail = None
    shown = rig.choose("retry")
    assert (shown.phase, shown.current_check) == (Phase.CHECKING, 1)
    assert rig.pass_all().verdict is Verdict.PASS


def test_a_full_disk_at_the_result_gives_no_verdict_until_it_is_saved() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    real = rig.journal.record

    def full_for_results(*new: object, **more: object) -> int:
        if any(isinstance(event, events.ItemJudged) for event in new):
            raise errors.StoreFull("no space")
        return real(*new, **more)  # type: ignore[arg-type]

    rig.journal.record = full_for_results  # type: ignore[method-assign]
    shown = rig.pass_all()
    assert code(rig) == "store-full" and shown.verdict is None
    rig.journal.record = real  # type: ignore[method-assign]
    assert rig.scan(OTHER).notice.code == "notice.checks-first"
    assert rig.choose("retry").verdict is Verdict.PASS
    assert len(rig.journal.deliveries) == 1


def test_cancel_in_the_checks_with_the_tag_lifted_leaves_nothing_behind() -> None:
    rig = Rig()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.lift()
    assert rig.cancel().phase is Phase.IDLE
    rig.look(2)
    assert rig.place(uid).phase is Phase.NEED_SCAN, "it must count as an ordinary tag again"


def test_a_part_cannot_be_changed_once_the_tag_is_verified() -> None:
    rig = Rig()
    rig.scan(DVD)
    rig.place(rig.world.tag(1))
    before = rig.now
    assert rig.part(2) == before
    assert rig.pass_all().part == 1


def test_the_count_of_tags_is_the_one_of_the_verification() -> None:
    """A second tag that left between two looks, and a tag that is briefly gone just before the second gesture."""
    rig = Rig()
    uid = rig.world.tag(1, **encoded(OTHER))
    rig.scan(BOOK)
    rig.place(uid)
    rig.choose("overwrite")
    rig.world.pad = []
    rig.look()
    rig.world.pad = [uid]
    shown = rig.scan(BOOK)
    single = next(f for f in shown.findings if f.rule == "tag-single")
    assert single.outcome is Outcome.PASS


def test_where_more_than_one_tag_answered_nobody_says_that_there_is_no_second() -> None:
    """Two chips with one UID: the reader receives two answers, the station sees one UID."""
    rig = Rig()
    uid = rig.world.tag(1)
    inventory = rig.reader.inventory

    def twice() -> Inventory:
        seen = inventory()
        return Inventory(seen.tags * 2)

    rig.reader.inventory = twice  # type: ignore[method-assign]
    rig.scan(BOOK)
    found = {one.rule: one.outcome for one in rig.place(uid).findings}
    assert (found["tag-single"], found["second-tag"]) == (Outcome.FAIL, Outcome.ABSTAINED)


def test_who_replaces_a_tag_is_asked_about_the_old_one() -> None:
    rig = Rig()
    done(rig)
    rig.lift()
    rig.scan(BOOK)
    rig.place(rig.world.tag(2))
    rig.choose("overwrite")
    asked = {covered.rule for check in rig.scan(BOOK).checks for covered in check.covers}
    assert "old-tag-out" in asked


# --- half written tags -----------------------------------------------------------------------------------------------------


def test_a_half_written_tag_that_flickers_stays_half_written() -> None:
    rig = Rig()
    uid = half_written(rig)
    rig.world.at_command[rig.world.commands + 2] = rig.world.lift
    shown = rig.place(uid)
    assert code(rig) == "tag-lost", "the station must not report that nothing was written"
    two = rig.world.tag(2)
    rig.place(two)
    assert rig.world.tags[two].writes == 0
    rig.world.pad = [uid]
    shown = rig.look(2)
    assert shown.phase is Phase.CHECKING


def test_a_full_disk_in_mid_write_does_not_free_the_item_for_another_tag() -> None:
    rig = Rig()
    uid, two = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)

    def lifted_and_full() -> None:
        rig.world.lift()
        rig.journal.fail = errors.StoreFull("no space")

    rig.world.at_command[rig.world.commands + 14] = lifted_and_full
    rig.place(uid)
    assert code(rig) == "store-full" and rig.journal.open_attempt(uid) is not None
    rig.journal.fail = None
    rig.choose("retry")
    assert code(rig) == "tag-lost"
    rig.place(two)
    assert rig.world.tags[two].writes == 0
    rig.world.pad = [uid]
    assert rig.look(2).phase is Phase.CHECKING


def test_two_tags_at_the_return_of_a_half_written_one_are_named() -> None:
    rig = Rig()
    uid = half_written(rig)
    shown = rig.place(uid, rig.world.tag(2))
    assert shown.notice.code == "notice.crowded"
    assert rig.choose("retry").notice.code == "notice.crowded"
    rig.world.pad = [uid]
    assert rig.look().phase is Phase.CHECKING


def test_a_half_written_tag_whose_item_got_another_tag_meanwhile_asks() -> None:
    rig = Rig()
    uid, two = half_written(rig), rig.world.tag(2)
    rig.choose("set-aside")
    rig.scan(BOOK)
    rig.place(two)
    rig.pass_all()
    rig.lift()
    before = rig.world.tags[uid].image()
    rig.place(uid)
    assert code(rig) == "second-tag"
    assert rig.world.tags[uid].image() == before


def test_a_replacing_tag_that_was_interrupted_needs_no_third_gesture() -> None:
    rig = Rig()
    one, two = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(one)
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    rig.place(two)
    rig.choose("overwrite")
    rig.world.lift_at_write = 3
    rig.scan(BOOK)
    assert code(rig) == "tag-lost"
    assert rig.place(two).phase is Phase.CHECKING


def test_a_half_written_tag_that_another_station_finished_is_not_overwritten_unasked() -> None:
    rig = Rig()
    uid = half_written(rig)
    rig.choose("set-aside")
    tag = rig.world.tags[uid]
    image = expected(TagImage(uid, 4, bytes(tag.memory), (False,) * 28, tag.afi, tag.dsfid), OTHER, 1, 1)
    tag.memory[:], tag.afi, tag.dsfid = image.memory, image.afi, image.dsfid
    rig.place(uid)
    assert code(rig) == "other-item"
    assert tag.image() == (image.memory, image.afi, image.dsfid)
    rig.choose("overwrite")
    assert rig.scan(BOOK).phase is Phase.CHECKING


def test_finish_first_journals_that_the_other_item_was_set_aside() -> None:
    rig = Rig()
    uid = half_written(rig)
    rig.choose("set-aside")
    rig.scan(OTHER)
    rig.place(uid)
    rig.choose("finish-first")
    assert [e.barcode for e in rig.journal.events if isinstance(e, events.ItemSetAside)] == [BOOK, OTHER]


def test_finish_first_after_the_tag_has_gone_waits_for_it() -> None:
    rig = Rig()
    uid = half_written(rig)
    rig.choose("set-aside")
    rig.scan(OTHER)
    rig.place(uid)
    rig.world.lift()
    shown = rig.choose("finish-first")
    assert shown.item is not None and shown.item.barcode == BOOK
    assert code(rig) == "tag-lost"
    assert rig.place(uid).phase is Phase.CHECKING


@pytest.mark.parametrize("choice", ["retry", "set-aside"])
def test_an_unfinished_tag_whose_record_has_vanished_stops_with_choices_that_work(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig()
    uid = half_written(rig)
    rig.choose("set-aside")
    monkeypatch.setattr(worlds, "CATALOG", {OTHER: worlds.CATALOG[OTHER]})
    before = rig.world.tags[uid].image()
    rig.place(uid)
    assert code(rig) == "barcode-unknown"
    rig.choose(choice)
    assert code(rig) == ("barcode-unknown" if choice == "retry" else "")
    rig.scan(OTHER)
    rig.lift()
    rig.place(uid)
    assert code(rig) == "tag-belongs-to-unfinished"
    assert rig.world.tags[uid].image() == before


def test_an_unfinished_part_that_the_record_no_longer_has_is_written_as_a_part_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    uid = rig.world.tag(1)
    rig.scan(DVD)
    rig.part(3)
    rig.world.lift_at_write = 3
    rig.place(uid)
    rig.choose("set-aside")
    monkeypatch.setitem(worlds.CATALOG, DVD, worlds.record(DVD, parts=2))
    shown = rig.place(uid)
    assert shown.phase is Phase.CHECKING and shown.part == 1
    assert rig.pass_all().verdict is Verdict.PASS


def test_a_tag_that_says_a_part_that_the_record_does_not_have_is_written_as_a_part_it_has() -> None:
    rig = Rig()
    uid = rig.world.tag(1, **encoded(DVD, part=5, parts=5))
    rig.scan(DVD)
    shown = rig.place(uid)
    assert (shown.phase, shown.part) == (Phase.CHECKING, 1)
    assert bytes(rig.world.tags[uid].memory) == encoded(DVD, part=1, parts=3)["memory"]
    assert rig.pass_all().verdict is Verdict.PASS


def test_what_is_said_of_another_tag_goes_with_it() -> None:
    rig = Rig()
    half_written(rig)
    assert rig.place(rig.world.tag(2)).notice.code == "notice.other-tag"
    shown = rig.lift()
    assert shown.notice.code == "" and code(rig) == "tag-lost"
    assert rig.scan(OTHER).notice.code == "notice.half-first"
    assert rig.look(3).notice.code == "notice.half-first"


# --- reader and catalog ------------------------------------------------------------------------------------------------------


def test_a_tag_that_only_passes_over_the_pad_is_no_fault() -> None:
    rig = Rig()
    uid = rig.world.tag(1)
    rig.world.at_command[rig.world.commands + 2] = rig.world.lift
    shown = rig.place(uid)
    assert shown.phase is Phase.IDLE and shown.sound is not Sound.BAD


def test_a_tag_that_passes_while_another_was_waiting_for_its_scan() -> None:
    rig = Rig()
    one, two = rig.world.tag(1), rig.world.tag(2)
    rig.place(one)
    rig.world.pad = [two]
    rig.world.at_command[rig.world.commands + 2] = rig.world.lift
    assert rig.look().phase is Phase.IDLE


class Unreadable(SimReader):
    """A reader that answers inventories only; `error` is the failure of all else."""

    error: errors.StationError = errors.TagRefused(0x0F)

    def system_information(self, uid: Uid):  # type: ignore[no-untyped-def]
        self._enter()
        self._tag(uid)
        raise self.error


@pytest.mark.parametrize("scan_first", [True, False])
def test_an_unreadable_tag_stops_and_lifting_it_ends_the_stop(scan_first: bool) -> None:
    rig = Rig()
    reader = Unreadable(rig.world)
    reader.connected = True
    rig.start_with(reader=reader)
    if scan_first:
        rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    assert code(rig) == "tag-unreadable"
    assert rig.lift().phase is (Phase.NEED_TAG if scan_first else Phase.IDLE)


@pytest.mark.parametrize("scan_first", [True, False])
def test_a_reader_that_greets_but_fails_at_the_work_becomes_a_fault(scan_first: bool) -> None:
    rig = Rig()
    reader = Unreadable(rig.world)
    reader.error = errors.ReaderSilent("no answer")
    reader.connected = True
    rig.start_with(reader=reader)
    if scan_first:
        rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.look(6)
    assert rig.now.phase is Phase.STOPPED and code(rig) == "reader-silent"
    numbers = rig.now.sound_number
    rig.look(6)
    assert rig.now.sound_number == numbers, "the fault must be reported once"
    assert rig.lift().phase is (Phase.NEED_TAG if scan_first else Phase.IDLE)


def test_try_now_tries_now_and_hidden_choices_do_nothing() -> None:
    rig = Rig()
    uid = rig.world.tag(1, **encoded(OTHER))
    rig.scan(BOOK)
    rig.place(uid)
    rig.world.plugged = False
    rig.look(30)
    hidden = len(rig.journal.events)
    for choice in ("overwrite", "set-aside"):
        shown = rig.choose(choice)
        assert [c.id for c in shown.fault.choices] == ["reader-retry"]  # type: ignore[union-attr]
    assert len(rig.journal.events) == hidden
    rig.world.plugged = True
    assert rig.choose("reader-retry").reader_ready
    assert code(rig) == "other-item", "the earlier stop must be shown again"


def test_a_scan_while_the_reader_is_unplugged_is_kept() -> None:
    rig = Rig()
    rig.world.plugged = False
    rig.look(3)
    shown = rig.scan(BOOK)
    assert shown.item is not None and not shown.reader_ready
    rig.clock.pause(600)
    rig.world.plugged = True
    assert rig.look(1).phase is Phase.NEED_TAG, "the wait for a tag must begin when the reader is back"
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING


@pytest.mark.parametrize(
    "error", [errors.Unreachable("down"), errors.RecordNotTold("down"), errors.StoreCorrupt("malformed")]
)
def test_a_failed_look_up_can_be_tried_again_without_a_second_scan(error: errors.StationError) -> None:
    rig = Rig()

    class Failing(MemoryCatalog):
        down = True

        def find(self, barcode: Barcode) -> ItemRecord:
            if self.down:
                raise error
            return super().find(barcode)

    catalog = Failing()
    rig.start_with(catalog=catalog)
    shown = rig.scan(BOOK)
    assert code(rig) == error.code and {c.id for c in shown.fault.choices} == {"retry", "dismiss"}  # type: ignore[union-attr]
    assert rig.choose("retry").fault is not None
    catalog.down = False
    shown = rig.choose("retry")
    assert shown.phase is Phase.NEED_TAG and shown.item is not None and shown.item.barcode == BOOK


def test_the_armed_overwriting_does_not_fall_on_a_swapped_tag() -> None:
    rig = Rig()
    one, two = rig.world.tag(1, **encoded(OTHER)), rig.world.tag(2, **encoded(DVD))
    rig.scan(BOOK)
    rig.place(one)
    rig.choose("overwrite")
    rig.world.pad = [two]
    rig.scan(BOOK)
    rig.look(5)
    assert rig.world.tags[one].writes == rig.world.tags[two].writes == 0
    assert code(rig) == "other-item"


@pytest.mark.parametrize("number", range(1, 9))
def test_one_fault_one_sound(number: int) -> None:
    """Each published sound is played once; a continuing fault does not sound again."""
    rig = Rig(world=World())
    rig.scan(BOOK)
    rig.world.lift_at_write = number
    rig.place(rig.world.tag(1))
    first = rig.now.sound_number
    rig.look(4)
    assert rig.now.sound_number == first


def test_barcodes_of_these_tests_are_well_formed() -> None:
    for text in (BOOK, OTHER, DVD):
        assert barcodes.check(text, worlds.SETTINGS.barcodes) == text
