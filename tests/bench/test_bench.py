"""The bench as its operator meets it: one test a duty of the bench, in sentences."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from station.base import errors
from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence, encode_sentence
from station.base.settings import Library, Settings
from station.bench.item.gate import OVERWRITE
from station.domain import events
from station.domain.commands import Abandon, Scan
from station.domain.findings import Outcome
from station.domain.inventory import BlocksRead, Inventory, TagSeen
from station.domain.ports import Lack
from station.domain.snapshot import Light, Phase, Snapshot, Sound
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, CATALOG, DVD, ISIL, OTHER, UNKNOWN, Rig, SimReader, World
from tests.support.told import told


def encoded(barcode: str, isil: str = ISIL, part: int = 1, parts: int = 1) -> dict[str, object]:
    """Return memory, AFI and DSFID of a finished tag."""
    blank = TagImage(Uid("E004010000000000"), 4, bytes(112), (False,) * 28, 0, 0)
    image = new_image(blank, TagContent(barcode, isil, part, parts), TagProfile(isil))
    return {"memory": bytearray(image.memory), "afi": image.afi, "dsfid": image.dsfid}


def test_it_waits_and_says_so() -> None:
    rig = Rig()
    assert rig.now.phase is Phase.IDLE
    assert told(rig.now.prompt) == "Scan a barcode, or put an item on the pad"
    assert rig.now.reader_ready


def test_the_planned_tag_is_made_once_for_each_part_in_hand() -> None:
    rig = Rig()
    first = rig.scan(DVD).planned
    assert first is not None and first.part == 1
    assert rig.scan(DVD).planned is first
    second = rig.part(2).planned
    assert second is not None and second.part == 2
    assert dict(second.elements) != dict(first.elements)


def test_scan_then_place_writes_verifies_asks_and_judges() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.NEED_TAG
    assert shown.item is not None and shown.item.label_lines
    assert shown.planned is not None and ("Primary item identifier", Sentence.verbatim(BOOK)) in shown.planned.elements
    assert rig.world.tags[tag].writes == 0

    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING
    assert shown.sound is Sound.GOOD
    expected = encoded(BOOK)
    assert rig.world.tags[tag].image() == (bytes(expected["memory"]), 0x07, 0x06)  # type: ignore[arg-type]
    assert [check.rule for check in shown.checks] == ["title-in-hand", "spine-label", "property-stamp"]

    shown = rig.pass_all()
    assert shown.phase is Phase.DONE and shown.verdict is Verdict.PASS and shown.light is Light.GOOD
    kinds = rig.journal.kinds()
    assert kinds.index("tag-write-started") < kinds.index("tag-write-verified") < kinds.index("item-judged")
    assert [d.system for d in rig.journal.deliveries] == ["file"]


@pytest.mark.parametrize("barcode", [BOOK, ""], ids=["scanned", "put down first"])
def test_a_tag_is_acknowledged_before_it_is_read(barcode: str) -> None:
    rig = Rig()
    if barcode:
        rig.scan(barcode)
    shown: list[str] = []
    rig.world.at_command[rig.world.commands + 2] = lambda: shown.append(rig.shown[-1].state)  # after the inventory
    rig.place(rig.world.tag(1))
    assert shown == ["reading"]
    assert rig.now.state == ("checking" if barcode else "need-scan")


def test_the_journal_comes_before_the_first_write() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.journal.fail = errors.StoreFull("no space")
    shown = rig.place(tag)
    assert shown.phase is Phase.STOPPED and shown.fault is not None and shown.fault.code == "store-full"
    assert rig.world.tags[tag].writes == 0


def test_the_plan_is_shown_before_the_first_write() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    seen_writes = []
    publish = rig.shown.append
    rig.start_with(publish=lambda s: (seen_writes.append((s.phase, rig.world.tags[tag].writes)), publish(s)))
    rig.world.place(tag)
    rig.look()
    rig.scan(BOOK)
    first = next(writes for phase, writes in seen_writes if phase is Phase.NEED_TAG)
    assert first == 0
    assert (Phase.WRITING, 0) in seen_writes


def test_place_then_scan_works_too() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    shown = rig.place(tag)
    assert shown.phase is Phase.NEED_SCAN and told(shown.tag_summary) == "blank tag"
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.CHECKING


def test_a_tag_that_holds_this_very_id_is_brought_up_to_date() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **{**encoded(BOOK), "afi": 0xC2})
    rig.place(tag)
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.CHECKING
    assert rig.world.tags[tag].afi == 0x07
    assert rig.world.tags[tag].writes == 1


def test_a_tag_that_says_on_loan_is_told_so() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **{**encoded(BOOK), "afi": 0xC2})
    assert told(rig.place(tag).tag_summary) == f'our tag of "Title of {BOOK}", on loan'


def test_an_equal_tag_is_not_written_at_all() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(BOOK))
    rig.place(tag)
    assert rig.scan(BOOK).phase is Phase.CHECKING
    assert rig.world.tags[tag].writes == 0
    verified = [e for e in rig.journal.events if isinstance(e, events.TagWriteVerified)]
    assert verified[0].unchanged


def test_another_items_tag_stops_and_overwriting_takes_a_tap_and_a_scan() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(OTHER))
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "other-item"
    assert (
        told(shown.fault.sentence)
        == f'The tag on the pad is for "{CATALOG[OTHER].title}". You scanned "{CATALOG[BOOK].title}".'
    )
    assert told(shown.fault.do) == "Put the item you scanned on the pad. If it is already there, set it aside."
    assert (told(shown.fault.old), told(shown.fault.new)) == (CATALOG[OTHER].title, CATALOG[BOOK].title)
    before = rig.world.tags[tag].image()
    shown = rig.choose("overwrite")
    assert rig.world.tags[tag].image() == before, "one tap alone must not overwrite"
    assert shown.fault is not None and told(shown.fault.sentence).startswith(
        f'Scan the barcode of "{CATALOG[BOOK].title}" again'
    )
    rig.choose("overwrite")
    assert rig.world.tags[tag].image() == before, "a second tap must not count as the second gesture"
    shown = rig.scan(BOOK)
    assert shown.phase is Phase.CHECKING
    assert rig.world.tags[tag].image()[0] == bytes(encoded(BOOK)["memory"])  # type: ignore[arg-type]


def test_the_overwriting_gesture_ends_when_another_barcode_is_scanned() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(OTHER))
    rig.scan(BOOK)
    rig.place(tag)
    rig.choose("overwrite")
    before = rig.world.tags[tag].image()
    shown = rig.scan(DVD)
    assert rig.world.tags[tag].image() == before
    assert shown.notice.code == "notice.other-barcode"


def test_a_stray_scan_of_the_same_barcode_does_not_overwrite_without_the_tap() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(OTHER))
    rig.scan(BOOK)
    rig.place(tag)
    before = rig.world.tags[tag].image()
    rig.scan(BOOK)
    assert rig.world.tags[tag].image() == before


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (encoded(BOOK, "DE-Heu1"), "foreign-tag"),
        ({"memory": bytearray(b"\xde\xad\xbe\xef" * 28)}, "unknown-content"),
        ({**encoded(BOOK), "dsfid": 0}, "incomplete-tag"),
        ({"memory": bytearray(8)}, "does-not-fit"),
        ({"locked": {1}}, "tag-locked"),
    ],
)
def test_every_wrong_tag_stops_with_a_sentence_and_a_choice_and_is_not_touched(
    values: dict[str, object], code: str
) -> None:
    rig = Rig()
    tag = rig.world.tag(1, **values)
    before = rig.world.tags[tag].image()
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.phase is Phase.STOPPED and shown.fault is not None
    assert shown.fault.code == code
    assert told(shown.fault.sentence) and shown.fault.choices
    offers = OVERWRITE in shown.fault.choices
    assert offers == ("Overwrite the tag only if" in told(shown.fault.do)), "what it says stands beside its button"
    assert shown.light is Light.BAD and shown.sound is Sound.BAD
    rig.look(5)
    assert rig.world.tags[tag].image() == before
    shown = rig.lift()
    assert shown.phase is Phase.NEED_TAG, "work must continue once the tag is lifted"
    assert (shown.tag_uid, shown.tag_summary) == ("", EMPTY), "nothing is on the pad"


def test_no_tag_for_long_is_a_sentence_with_a_choice_and_a_tag_ends_it() -> None:
    rig = Rig()
    rig.scan(BOOK)
    shown = rig.look(60)
    assert shown.fault is not None and shown.fault.code == "tag-absent" and shown.fault.choices
    shown = rig.place(rig.world.tag(1))
    assert shown.phase is Phase.CHECKING


def test_two_tags_stop_and_nothing_is_written() -> None:
    rig = Rig()
    one, two = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    shown = rig.place(one, two)
    assert shown.fault is not None and shown.fault.code == "tags-collide"
    assert rig.world.tags[one].writes == rig.world.tags[two].writes == 0
    rig.world.pad = [one]
    assert rig.look().phase is Phase.CHECKING


def test_an_old_look_is_none_of_the_two_that_must_show_one_tag() -> None:
    """A second tag that answers in one inventory of two was placed between the two gestures for overwriting."""
    rig = Rig()
    one, weak = rig.world.tag(1, **encoded(OTHER)), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(one)
    rig.choose("overwrite")
    rig.clock.pause(5.0)
    inventory, looks = rig.reader.inventory, []

    def sometimes_two() -> Inventory:
        seen = inventory()
        looks.append(seen)
        return Inventory((*seen.tags, TagSeen(weak, 0))) if len(looks) == 2 else seen

    rig.reader.inventory = sometimes_two  # type: ignore[method-assign]
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "tags-collide"
    assert rig.world.write_commands == 0


def test_reader_gone_is_a_sentence_and_the_line_goes_on_when_it_is_back() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.world.plugged = False
    shown = rig.look(2)
    assert (shown.fault is not None and "unplugged" in told(shown.fault.sentence)) or "not connected" in told(
        shown.fault.sentence
    )  # type: ignore[union-attr]
    assert not shown.reader_ready and shown.fault.choices  # type: ignore[union-attr]
    rig.world.plugged = True
    shown = rig.look(12)
    assert (shown.reader_ready and shown.phase is Phase.NEED_TAG) or shown.fault.code == "tag-absent"  # type: ignore[union-attr]
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING


def test_a_second_tag_for_one_item_is_refused() -> None:
    rig = Rig()
    one, two = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(one)
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    shown = rig.place(two)
    assert shown.fault is not None and shown.fault.code == "second-tag"
    assert rig.world.tags[two].writes == 0
    rig.choose("overwrite")
    assert rig.scan(BOOK).phase is Phase.CHECKING
    assert rig.journal.binding_of(one) is None and rig.journal.binding_of(two) is not None


def test_an_item_set_aside_after_the_first_gesture_tells_the_stop_and_not_the_gesture() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **encoded(OTHER)))
    rig.choose("overwrite")
    rig.choose("set-aside")
    (reason,) = (one.reason for one in rig.journal.events if isinstance(one, events.ItemSetAside))
    assert told(reason) == f'The tag on the pad is for "{CATALOG[OTHER].title}". You scanned "{CATALOG[BOOK].title}".'


def test_an_item_that_is_set_aside_has_a_place_to_go() -> None:
    """Its stop or its checks are gone from the screen, and the item is still in the operator's hand."""
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **encoded(OTHER)))
    shelf = f'Put "{CATALOG[BOOK].title}" on the problem shelf.'
    assert told(rig.choose("set-aside").notice.sentence) == shelf
    rig.lift()
    rig.scan(BOOK)
    assert told(rig.cancel().notice.sentence) == shelf


def test_another_items_tag_is_judged_before_the_items_own_tag() -> None:
    """A finished book of ours under another book's barcode: replacing "the old tag" would ruin the good one."""
    rig = Rig()
    own, others = rig.world.tag(1), rig.world.tag(2)
    for barcode, tag in ((BOOK, own), (OTHER, others)):
        rig.scan(barcode)
        rig.place(tag)
        rig.pass_all()
        rig.lift()
    before = rig.world.tags[others].image()
    rig.scan(BOOK)
    fault = rig.place(others).fault
    assert fault is not None and fault.code == "other-item"
    assert (
        told(fault.sentence)
        == f'The tag on the pad is for "{CATALOG[OTHER].title}". You scanned "{CATALOG[BOOK].title}".'
    )
    assert [choice.id for choice in fault.choices] == ["set-aside"]
    rig.choose("overwrite")
    rig.scan(BOOK)
    assert rig.world.tags[others].image() == before


def test_another_librarys_tag_does_not_replace_the_items_own_tag() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    fault = rig.place(rig.world.tag(2, **encoded(OTHER, "DE-526"))).fault
    assert fault is not None and (fault.code, [one.id for one in fault.choices]) == ("foreign-tag", ["set-aside"])


def test_parts_of_a_set_are_proposed_one_after_the_other() -> None:
    rig = Rig()
    for part in (1, 2, 3):
        shown = rig.scan(DVD)
        assert shown.part == part
        assert f"part {part} of 3" in told(shown.prompt)
        shown = rig.place(rig.world.tag(part))
        assert shown.phase is Phase.CHECKING and f"part {part} of 3" in "".join(told(c.question) for c in shown.checks)
        rig.pass_all()
        rig.lift()
    assert sorted(b.part for b in rig.journal.bindings_for(DVD)) == [1, 2, 3]
    assert [sent.intent.whole for sent in rig.journal.deliveries] == [False, False, True]


def test_a_part_can_be_chosen_and_a_tag_of_another_part_then_stops() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(DVD, part=2, parts=3))
    rig.scan(DVD)
    rig.part(3)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "other-part"
    assert rig.world.tags[tag].writes == 0


# --- checklist and verdict ----------------------------------------------------------------------------------------------


def test_a_tag_of_another_sets_part_is_overwritten_with_the_part_in_hand() -> None:
    rig = Rig()
    tag = rig.world.tag(1, **encoded(OTHER, part=3, parts=3))
    rig.scan(DVD)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "other-item" and shown.part == 1
    rig.choose("overwrite")
    shown = rig.scan(DVD)
    assert (shown.phase, shown.part) == (Phase.CHECKING, 1)
    assert bytes(rig.world.tags[tag].memory) == encoded(DVD, part=1, parts=3)["memory"]


def test_a_fail_needs_a_reason_and_makes_the_verdict() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    assert rig.answer(Outcome.FAIL).current_check == 0, "an answer without a reason must not count"
    assert rig.answer(Outcome.FAIL, "Because").current_check == 0, "a reason that is not offered must not count"
    rig.answer()
    rig.answer(Outcome.FAIL, "Line missing")
    shown = rig.answer()
    assert shown.verdict is Verdict.FAIL and shown.light is Light.BAD and shown.sound is Sound.BAD
    judged = rig.journal.events[-1]
    assert isinstance(judged, events.ItemJudged)
    failed = [f for f in judged.findings if f.by != "machine" and f.outcome is Outcome.FAIL]
    assert [told(f.said) for f in failed] == ["Spine label: a line is missing"]
    assert [f.rule for f in rig.journal.deliveries[0].intent.findings] == ["spine-label"]


def test_not_applicable_to_every_question_makes_no_verdict() -> None:
    """The same rule for all senders, because screen, command line and socket all go through the bench."""
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    for rule in ("title-in-hand", "spine-label"):
        shown = rig.answer(Outcome.NOT_APPLICABLE)
        assert shown.checks[shown.current_check].rule == rule
        assert shown.notice.code == "notice.must-look"
        assert rig.answer(Outcome.NOT_APPLICABLE, rule="undamaged").checks[shown.current_check].rule == rule
        rig.answer()
    shown = rig.answer(Outcome.NOT_APPLICABLE)
    check = shown.checks[shown.current_check]
    assert (shown.phase, check.rule, told(check.question)) == (
        Phase.CHECKING,
        "tag-place",
        "Is the tag inside the back cover?",
    )
    assert rig.answer(Outcome.NOT_APPLICABLE).phase is Phase.CHECKING
    assert rig.answer().verdict is Verdict.PASS
    judged = rig.journal.events[-1]
    assert isinstance(judged, events.ItemJudged)
    said = {one.rule: one.outcome for one in judged.findings if one.by != "machine"}
    assert said.pop("property-stamp") is Outcome.NOT_APPLICABLE
    assert set(said.values()) == {Outcome.PASS}


def test_not_applicable_can_be_taken_back() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.answer()
    rig.answer()
    rig.answer(Outcome.NOT_APPLICABLE)
    shown = rig.reopen()
    assert [one.rule for one in shown.checks[shown.current_check].covers] == ["property-stamp"]
    rig.answer(Outcome.FAIL, "No stamp")
    assert rig.answer().verdict is Verdict.FAIL


def test_a_late_tap_on_the_check_before_changes_nothing() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    first = rig.now.checks[0].rule
    rig.answer()
    assert rig.answer(Outcome.FAIL, "Other title", rule=first).current_check == 1


def test_back_reopens_the_check_before() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.answer(Outcome.FAIL, "Other title")
    assert rig.reopen().current_check == 0
    shown = rig.pass_all()
    assert shown.verdict is Verdict.PASS


def test_the_next_item_can_be_scanned_at_once_but_is_not_written_to_the_tag_that_still_lies_there() -> None:
    rig = Rig()
    one, two = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(one)
    rig.pass_all()
    before = rig.world.tags[one].image()
    shown = rig.scan(OTHER)
    assert shown.phase is Phase.NEED_TAG and "Take the finished item off" in told(shown.prompt)
    rig.look(5)
    assert rig.world.tags[one].image() == before
    rig.lift()
    assert rig.place(two).phase is Phase.CHECKING


def test_a_scan_during_the_checks_does_not_lose_the_item() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    shown = rig.scan(OTHER)
    assert shown.phase is Phase.CHECKING and shown.item is not None and shown.item.barcode == BOOK
    assert shown.notice.code == "notice.checks-first"
    assert told(shown.prompt) == f'That is "{CATALOG[OTHER].title}". Finish "{CATALOG[BOOK].title}" first.'
    assert (shown.light, shown.sound) == (Light.WARNING, Sound.WARNING), "it is the strongest sign of a mix-up"
    rig.cancel()
    assert rig.now.phase is Phase.IDLE
    assert "item-set-aside" in rig.journal.kinds()


# --- bad input ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "123", BOOK[:-1] + "9", BOOK + OTHER, "9" + BOOK[1:], "3123400000001x", "\x1b]52;c;x\x07"]
)
def test_a_bad_scan_is_a_clear_error_and_changes_nothing(text: str) -> None:
    rig = Rig()
    rig.scan(BOOK)
    before = rig.now
    shown = rig.scan(text)
    assert shown.notice.code == "barcode-malformed"
    assert "\x1b" not in told(shown.notice.sentence)
    assert (shown.phase, shown.item, shown.part) == (before.phase, before.item, before.part)
    assert rig.journal.kinds()[-1] == "scan-refused"


def test_a_barcode_without_a_record_stops() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.world.place(tag)
    shown = rig.scan(UNKNOWN)
    assert (
        shown.fault is not None and shown.fault.code == "barcode-unknown" and "no record" in told(shown.fault.sentence)
    )
    rig.look(3)
    assert rig.world.tags[tag].writes == 0
    assert rig.choose("dismiss").phase in (Phase.IDLE, Phase.NEED_SCAN)


def test_scanning_twice_is_said_and_harmless() -> None:
    rig = Rig()
    rig.scan(BOOK)
    shown = rig.scan(BOOK)
    assert shown.notice.code == "notice.scanned-already" and rig.journal.kinds().count("item-scanned") == 1


def test_no_isil_no_write() -> None:
    rig = Rig(Settings(library=Library(isil="")))
    tag = rig.world.tag(1)
    rig.world.place(tag)
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "settings"
    assert rig.world.tags[tag].writes == 0


def test_a_defect_is_journaled_shown_and_stops_the_line() -> None:
    rig = Rig()
    rig.start_with(catalog=None)
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "defect"
    assert "defect-found" in rig.journal.kinds()


# --- interruptions ------------------------------------------------------------------------------------------------------


def writes_of_a_fresh_tag() -> int:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    return rig.world.write_commands


@for_each("at", range(1, writes_of_a_fresh_tag() + 1))
@for_each("start", ["blank", "same item, other owner field", "other item"])
def test_lifted_in_mid_write_then_put_back(at: int, start: str) -> None:
    rig = Rig()
    values = {"blank": {}, "same item, other owner field": encoded(BOOK, "US-TxOld"), "other item": encoded(OTHER)}[
        start
    ]
    tag = rig.world.tag(1, **values)
    rig.scan(BOOK)
    rig.world.lift_at_write = at
    rig.world.tear = lambda old, new: bytes(o & n for o, n in zip(old, new, strict=True))
    rig.place(tag)
    if start != "blank":
        rig.choose("overwrite")
        rig.scan(BOOK)
    if rig.world.lift_at_write is not None:
        assert rig.now.phase is Phase.CHECKING, "the write has fewer commands, so it must be finished"
        return
    shown = rig.now
    assert shown.fault is not None and shown.fault.code == "tag-lost"
    assert "Put the same item back" in told(shown.fault.do)
    assert tuple(map(told, shown.unfinished)) == (CATALOG[BOOK].title,)
    other = rig.world.tag(2)
    shown = rig.place(other)
    assert rig.world.tags[other].writes == 0 and shown.notice.code == "notice.other-tag"
    rig.lift()
    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING
    assert rig.world.tags[tag].image() == (bytes(encoded(BOOK)["memory"]), 0x07, 0x06)  # type: ignore[arg-type]
    assert shown.unfinished == ()


def test_after_a_restart_the_half_written_tag_is_named_and_finished_without_a_scan() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    rig.place(tag)
    rig.start()
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING and shown.item is not None and shown.item.barcode == BOOK


def test_a_half_written_tag_scanned_for_another_item_stops() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    rig.place(tag)
    rig.choose("set-aside")
    rig.scan(OTHER)
    before = rig.world.tags[tag].image()
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "tag-belongs-to-unfinished"
    assert rig.world.tags[tag].image() == before
    shown = rig.choose("finish-first")
    assert shown.phase is Phase.CHECKING and shown.item is not None and shown.item.barcode == BOOK


def test_a_half_written_tag_is_not_given_up_for_an_item_that_has_a_tag_of_its_own() -> None:
    """Two doubts: the tag of another item, and a second tag for this one. One stop does not settle both."""
    rig = Rig()
    rig.scan(OTHER)
    rig.place(rig.world.tag(2))
    assert rig.pass_all().verdict is Verdict.PASS
    rig.lift()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    rig.place(tag)
    rig.choose("set-aside")
    rig.scan(OTHER)
    before = rig.world.tags[tag].image()
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "tag-belongs-to-unfinished"
    assert [choice.id for choice in shown.fault.choices] == ["finish-first", "set-aside"]
    rig.choose("overwrite")
    rig.scan(OTHER)
    assert rig.world.tags[tag].image() == before
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)


def test_a_half_written_tag_that_is_overwritten_and_torn_again_is_only_the_new_items() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    rig.place(tag)
    rig.choose("set-aside")
    rig.scan(OTHER)
    rig.place(tag)
    rig.choose("overwrite")
    rig.world.lift_at_write = 3
    assert tuple(map(told, rig.scan(OTHER).unfinished)) == (CATALOG[OTHER].title,)
    assert rig.place(tag).phase is Phase.CHECKING
    assert bytes(rig.world.tags[tag].memory) == encoded(OTHER)["memory"]


def test_unplugged_in_mid_write_then_plugged_in_again() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.at_command[rig.world.commands + 12] = lambda: setattr(rig.world, "plugged", False)
    shown = rig.place(tag)
    assert shown.fault is not None and "unplugged" in told(shown.fault.sentence)
    assert tuple(map(told, shown.unfinished)) == (CATALOG[BOOK].title,)
    rig.world.plugged = True
    shown = rig.look(20)
    assert shown.phase is Phase.CHECKING


def test_lost_answers_are_read_back_never_sent_blind() -> None:
    for number in range(1, writes_of_a_fresh_tag() + 1):
        rig = Rig()
        tag = rig.world.tag(1)
        rig.world.lose_answers = {number}
        rig.scan(BOOK)
        assert rig.place(tag).phase is Phase.CHECKING
        assert rig.world.tags[tag].writes == writes_of_a_fresh_tag(), (
            "the write had its effect, so it must not be repeated"
        )


def test_a_second_tag_that_enters_at_any_command_is_never_touched() -> None:
    rig = Rig()
    rig.scan(BOOK)
    start = rig.world.commands
    rig.place(rig.world.tag(1))
    for command in range(start + 1, rig.world.commands + 1):
        rig = Rig()
        one, two = rig.world.tag(1), rig.world.tag(2)
        rig.scan(BOOK)
        rig.world.at_command[command] = lambda w=rig.world, t=two: w.place(t)  # type: ignore[misc]
        shown = rig.place(one)
        assert rig.world.tags[two].writes == 0
        assert rig.world.tags[two].image() == (bytes(112), 0, 0)
        rig.world.pad = [one]
        shown = rig.look(6)
        assert shown.phase is Phase.CHECKING, (command, shown.fault)


def test_too_many_interruptions_give_the_tag_up() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    for _ in range(SETTINGS_MAX):
        rig.world.lift_at_write = 1
        rig.place(tag)
        rig.lift()
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "tag-given-up"


SETTINGS_MAX = Settings().tag.max_attempts


def test_a_tag_that_is_given_up_leaves_the_list_and_the_item_takes_a_new_one() -> None:
    rig = Rig()
    tag, fresh = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    for _ in range(SETTINGS_MAX):
        rig.world.lift_at_write = 1
        rig.place(tag)
        rig.lift()
    shown = rig.place(tag)
    assert "give-up" in {choice.id for choice in shown.fault.choices}  # type: ignore[union-attr]
    rig.choose("give-up")
    assert rig.now.unfinished == ()
    rig.lift()
    assert rig.place(fresh).phase is Phase.CHECKING


def test_a_lost_half_written_tag_can_be_abandoned() -> None:
    rig = Rig()
    tag, fresh = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.world.lift_at_write = 2
    rig.place(tag)
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    rig.bench.handle(Abandon("E004010000000099", "no such tag"))
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    rig.bench.handle(Abandon(tag, "fell behind the shelf"))
    assert rig.now.unfinished == ()
    assert rig.now.phase is Phase.NEED_TAG
    assert rig.place(fresh).phase is Phase.CHECKING


def test_a_scan_may_name_the_part_and_a_part_that_does_not_exist_is_said() -> None:
    rig = Rig()
    rig.bench.handle(Scan(DVD, 2))
    assert rig.now.part == 2
    rig.cancel()
    rig.bench.handle(Scan(DVD, 4))
    assert rig.now.part == 1
    assert rig.now.notice.code == "notice.no-part"


def test_weak_bits_never_give_green_with_wrong_content() -> None:
    import random

    for seed in range(60):
        world = World()
        world.weak = random.Random(seed)
        rig = Rig(world=world)
        tag = world.tag(1)
        rig.scan(BOOK)
        shown = rig.place(tag)
        if shown.phase is Phase.CHECKING:
            assert world.tags[tag].image() == (bytes(encoded(BOOK)["memory"]), 0x07, 0x06)  # type: ignore[arg-type]


LAST = 27


@pytest.mark.parametrize("block", [0, 13, LAST])
def test_a_block_that_turns_back_when_the_field_goes_off_gets_no_green_light(block: int) -> None:
    """The previous owner's bytes were overwritten and read back, but the chip did not keep the new data."""
    rig = Rig()
    stale = b"OLD!"
    memory = encoded(BOOK)["memory"]
    assert isinstance(memory, bytearray)
    tag = rig.world.tag(1, memory=memory[: block * 4] + stale + memory[block * 4 + 4 :], dsfid=0xC0)
    holds = True
    reset = rig.reader.reset_field

    def turn_back() -> None:
        reset()
        if holds:
            rig.world.tags[tag].memory[block * 4 : block * 4 + 4] = stale

    rig.reader.reset_field = turn_back  # type: ignore[method-assign]
    rig.scan(BOOK)
    rig.place(tag)
    rig.choose("overwrite")
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == errors.TagMismatch.code
    assert "tag-write-verified" not in rig.journal.kinds()
    holds = False
    rig.lift()
    assert rig.place(tag).phase is Phase.CHECKING
    assert bytes(rig.world.tags[tag].memory) == memory


class WornReader(SimReader):
    """A reader over a chip that confirms a write of some blocks, or of its DSFID, and keeps the old value. A chip that is not
    on the pad confirms nothing."""

    worn: frozenset[int] = frozenset()
    dsfid_worn = False

    def _write(self, uid: Uid, block: int, data: bytes, *, last: bool) -> None:
        if block not in self.worn or uid not in self.world.pad:
            super()._write(uid, block, data, last=last)

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        if not self.dsfid_worn or uid not in self.world.pad:
            super().write_dsfid(uid, dsfid)


class WornRig(Rig):
    reader: WornReader
    made = WornReader

    def overwritten(self) -> Uid:
        """Place another item's tag and make both gestures for overwriting."""
        tag = self.world.tag(1, **encoded(OTHER))
        self.scan(BOOK)
        self.place(tag)
        self.choose("overwrite")
        self.scan(BOOK)
        return tag


@pytest.mark.parametrize("worn", ["block 0", "DSFID"])
def test_a_tag_that_cannot_be_marked_as_being_written_keeps_what_it_held(worn: str) -> None:
    """Without the mark, a tag that is torn later could pass for another item."""
    rig = WornRig()
    rig.reader.worn, rig.reader.dsfid_worn = frozenset({0} if worn == "block 0" else ()), worn == "DSFID"
    tag = rig.overwritten()
    assert rig.now.fault is not None and rig.now.fault.code == errors.TagMismatch.code
    assert bytes(rig.world.tags[tag].memory) == encoded(OTHER)["memory"]


def test_a_new_reader_that_pretends_to_set_the_dsfid_leaves_the_tag_as_it_was_and_nothing_to_finish() -> None:
    rig = WornRig()
    rig.reader.dsfid_worn = True
    rig.reader.capabilities = msgspec.structs.replace(SimReader.capabilities, unproven=(Lack.SET_AFI, Lack.SET_DSFID))
    tag = rig.world.tag(1)
    before = rig.world.tags[tag].image()
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == errors.TagMismatch.code
    assert rig.world.tags[tag].image() == before, "the AFI, which was set first, is put back"
    assert rig.journal.open_attempt(tag) is None and not shown.unfinished


def test_a_tag_whose_body_does_not_stick_is_never_marked_as_finished() -> None:
    rig = WornRig()
    rig.reader.worn = frozenset({2})
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == errors.TagMismatch.code
    memory, _, dsfid = rig.world.tags[tag].image()
    assert any(memory) and memory[:4] == bytes(4) and dsfid != 0x06


def test_a_block_that_turns_back_between_two_reads_is_found_before_the_tag_is_marked_as_finished() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    want = encoded(BOOK)["memory"]
    read, write, turned, committed = rig.reader.read_blocks, rig.reader.write_blocks, [], []

    def turn_back_once(uid: Uid, first: int, count: int) -> BlocksRead:
        found = read(uid, first, count)
        if first == 1 and any(rig.world.tags[tag].memory) and not turned:
            turned.append(first)
            rig.world.tags[tag].memory[8:12] = bytes(4)
        return found

    def note_body(uid: Uid, first: int, data: bytes, size: int) -> None:
        if first == 0 and any(data):
            committed.append(bytes(rig.world.tags[tag].memory[4:]))
        write(uid, first, data, size)

    rig.reader.read_blocks, rig.reader.write_blocks = turn_back_once, note_body  # type: ignore[method-assign]
    rig.scan(BOOK)
    assert rig.place(tag).phase is Phase.CHECKING
    assert turned and committed == [want[4:]]  # type: ignore[index]


def test_a_tag_that_left_before_the_proof_is_proven_when_it_is_back() -> None:
    """All data was written; only the verification with the field off in between is missing."""
    rig = Rig()
    tag = rig.world.tag(1)
    reset = rig.reader.reset_field
    rig.reader.reset_field = lambda: (reset(), rig.world.lift())[0]  # type: ignore[method-assign,func-returns-value]
    rig.scan(BOOK)
    assert tuple(map(told, rig.place(tag).unfinished)) == (CATALOG[BOOK].title,)
    rig.look(2)
    assert rig.world.tags[tag].image() == (bytes(encoded(BOOK)["memory"]), 0x07, 0x06)  # type: ignore[arg-type]

    def turn_back() -> None:
        reset()
        rig.world.tags[tag].memory[8:12] = bytes(4)

    rig.reader.reset_field = turn_back  # type: ignore[method-assign]
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == errors.TagMismatch.code
    rig.reader.reset_field = reset  # type: ignore[method-assign]
    rig.lift()
    assert rig.place(tag).phase is Phase.CHECKING
    assert bytes(rig.world.tags[tag].memory) == encoded(BOOK)["memory"]


def test_a_security_byte_that_the_chip_does_not_take_gets_no_green_light() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    rig.reader.write_afi = lambda _uid, _afi: None  # type: ignore[method-assign]
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == errors.TagMismatch.code
    assert rig.world.tags[tag].afi == 0 and "tag-write-verified" not in rig.journal.kinds()


def test_a_second_tag_at_the_proof_stops_it_until_it_is_taken_away() -> None:
    """All data is written; the second tag is on the pad just when the field comes on again."""
    rig = Rig()
    tag, second = rig.world.tag(1), rig.world.tag(2)
    reset = rig.reader.reset_field

    def crowded() -> None:
        reset()
        rig.world.place(second)

    rig.reader.reset_field = crowded  # type: ignore[method-assign]
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert rig.world.tags[tag].image() == (bytes(encoded(BOOK)["memory"]), 0x07, 0x06)  # type: ignore[arg-type]
    assert shown.fault is not None and shown.fault.code == errors.TagsCollide.code
    assert "tag-write-verified" not in rig.journal.kinds()
    rig.reader.reset_field = reset  # type: ignore[method-assign]
    rig.world.pad = [tag]
    assert rig.look(3).phase is Phase.CHECKING
    assert rig.world.tags[second].writes == 0


def test_a_collision_at_the_proof_stops_it_although_one_tag_alone_was_understood() -> None:
    rig = Rig()
    tag = rig.world.tag(1)
    reset, inventory = rig.reader.reset_field, rig.reader.inventory

    def crowded() -> None:
        reset()
        rig.reader.inventory = lambda: msgspec.structs.replace(inventory(), collision=True)  # type: ignore[method-assign]

    rig.reader.reset_field = crowded  # type: ignore[method-assign]
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == errors.TagsCollide.code
    assert "tag-write-verified" not in rig.journal.kinds()


def test_snapshots_are_values_and_count_up() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    numbers = [shown.number for shown in rig.shown]
    assert numbers == sorted(set(numbers))
    encoder = msgspec.json.Encoder(enc_hook=encode_sentence)
    decoder = msgspec.json.Decoder(Snapshot, dec_hook=decode_sentence)
    assert all(decoder.decode(encoder.encode(shown)) == shown for shown in rig.shown)
    assert not dataclasses.is_dataclass(rig.now)


def test_what_the_reader_cannot_do_is_refused_before_a_write_is_shown() -> None:
    rig = Rig()
    rig.reader.capabilities = msgspec.structs.replace(rig.reader.capabilities, lacks=(Lack.SET_AFI,))
    rig.scan(BOOK)
    shown = rig.place(rig.world.tag(1))
    assert shown.fault is not None and shown.fault.code == "not-possible"
    assert rig.world.write_commands == 0
    assert Phase.WRITING not in {earlier.phase for earlier in rig.shown}
