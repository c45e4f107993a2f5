"""Every fault in the list of docs/emulators.md, seen from the host's side of the line."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from station.emulators.field.faults import ONE_SHOT
from station.emulators.field.tear import MODES, torn
from tests.support.feig_rig import SLIX, TI, Rig, frame

INVENTORY = "07ffb001001c56"
NO_TAG = "0600b0015c63"
OLD, NEW = "0f0f3355", "00ff55aa"
WRITE = f"B0 24 01 {SLIX} 02 01 04 AA55FF00"  # NEW, in the byte order of the line


# -- tearing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "more", "left"),
    [
        ("old", {}, OLD),
        ("new", {}, NEW),
        ("erased0", {}, "00000000"),
        ("erased1", {}, "ffffffff"),
        ("subset", {"mask": "ff00ff00"}, "00005500"),
        ("subset", {"mask": "ff00ff00", "erasing": True}, "0f003300"),
        ("superset", {"mask": "f000f000"}, "f0fff5aa"),
        ("superset", {"mask": "f000f000", "erasing": True}, "ff0ff355"),
        ("any", {"mask": "12345678"}, "12345678"),
    ],
)
def test_a_torn_block_holds_what_the_model_says(rig: Rig, mode: str, more: dict[str, object], left: str) -> None:
    rig.tag(SLIX, memory="00" * 8 + OLD)
    rig.do("lift-after-writes", n=1, mode=mode, **more)
    assert rig.command(WRITE) == "01"
    tag = rig.dump()
    assert (tag["on_pad"], rig.block(2), tag["writes"]) == (False, left, {"2": 1})
    assert rig.do("faults")["armed"] == []
    rig.do("place", uid=SLIX)
    assert rig.command(WRITE) == "00"
    assert rig.block(2) == NEW


def test_the_nth_write_is_torn_and_its_block_named(rig: Rig) -> None:
    rig.tag()
    rig.do("lift-after-writes", n=3, mode="erased1")
    assert rig.command(f"B0 24 01 {SLIX} 05 04 04" + "01010101" * 4) == "0307"
    assert rig.dump()["memory"][40:72] == "0101010101010101ffffffff00000000"
    assert rig.do("counters")["air_writes"] == {SLIX: {"5": 1, "6": 1, "7": 1}}


@pytest.mark.parametrize(("body", "field"), [("27", "afi"), ("29", "dsfid")])
def test_a_register_is_torn_too(rig: Rig, body: str, field: str) -> None:
    rig.tag(SLIX, afi=0x0F, dsfid=0x0F)
    rig.do("lift-after-writes", mode="subset", mask="f0")
    assert rig.command(f"B0 {body} 01 {SLIX} 3C") == "01"
    assert rig.dump()[field] == 0x30


def test_a_lock_is_torn_too(rig: Rig) -> None:
    rig.tag()
    rig.do("lift-after-writes", mode="old")
    assert rig.command(f"B0 22 01 {SLIX} 04 01") == "01"
    assert rig.dump()["locked"] == []
    rig.do("place", uid=SLIX)
    rig.do("lift-after-writes", mode="new")
    assert rig.command(f"B0 22 01 {SLIX} 04 01") == "01"
    assert rig.dump()["locked"] == [4]


def test_weak_bits_waver_until_written_again(rig: Rig) -> None:
    rig.tag(SLIX, memory="00" * 8 + OLD)
    rig.do("lift-after-writes", mode="weak", seed=1)
    rig.command(WRITE)
    rig.do("place", uid=SLIX)
    read = f"B0 23 01 {SLIX} 02 01"
    seen = {bytes.fromhex(rig.command(read)[8:])[::-1] for _ in range(12)}
    assert len(seen) > 1
    stable = bytes(~(a ^ b) & 0xFF for a, b in zip(bytes.fromhex(OLD), bytes.fromhex(NEW), strict=True))
    assert {bytes(x & m for x, m in zip(value, stable, strict=True)) for value in seen} == {
        bytes(x & m for x, m in zip(bytes.fromhex(OLD), stable, strict=True))
    }
    assert rig.command(WRITE) == "00"
    assert {rig.command(read) for _ in range(6)} == {"00010400aa55ff00"}


def test_the_counter_block_does_not_tear(rig: Rig) -> None:
    rig.tag("E004010800000001", chip="slix2")
    rig.do("lift-after-writes", mode="superset", mask="ffffffff")
    rig.command("B0 24 01 E004010800000001 4F 01 04 00000001")
    assert rig.dump("E004010800000001")["memory"][-8:] == "01000000"


def test_the_models_themselves() -> None:
    rng = random.Random(7)
    old, new = bytes.fromhex(OLD), bytes.fromhex(NEW)
    for _ in range(200):
        assert all(a & ~b == 0 for a, b in zip(torn("subset", old, new, rng), new, strict=True))
        assert all(a & ~b == 0 for a, b in zip(torn("subset", old, new, rng, erasing=True), old, strict=True))
        assert all(b & ~a == 0 for a, b in zip(torn("superset", old, new, rng), new, strict=True))
        assert all(b & ~a == 0 for a, b in zip(torn("superset", old, new, rng, erasing=True), old, strict=True))
        weak = torn("weak", old, new, rng)
        assert all((w ^ a) & ~(a ^ b) == 0 for w, a, b in zip(weak, old, new, strict=True))
    assert len({torn("any", old, new, rng) for _ in range(20)}) == 20
    assert torn("any", old, new, random.Random(3)) == torn("any", old, new, random.Random(3))
    with pytest.raises(ValueError, match="unknown tear mode"):
        torn("half", old, new, rng)


def test_weak_blocks_revert_when_the_field_goes(rig: Rig) -> None:
    rig.tag(SLIX, memory="00" * 8 + OLD)
    rig.do("weak-blocks", probability=1)
    assert rig.command(WRITE) == "00"
    assert rig.command(f"B0 23 01 {SLIX} 02 01") == "00010400aa55ff00"
    rig.command("69")
    assert rig.block(2) == OLD
    rig.do("weak-blocks", probability=0)
    rig.command(WRITE)
    rig.command("69")
    assert rig.block(2) == NEW


def test_refuse_lock(rig: Rig) -> None:
    rig.tag()
    rig.do("refuse-lock")
    assert rig.command(f"B0 22 01 {SLIX} 04 01") == "951404"
    assert rig.command(f"B0 28 01 {SLIX}") == "9514"
    rig.do("refuse-lock", on=False)
    assert rig.command(f"B0 22 01 {SLIX} 04 01") == "00"


# -- the pad -----------------------------------------------------------------------------------------------------


def test_lift_at_command(rig: Rig) -> None:
    rig.tag()
    rig.do("lift-at-command", n=2, command="b0")
    rig.command("65")
    assert rig.command("B0 01 00")[:2] == "00"
    assert rig.command(f"B0 23 01 {SLIX} 00 01") == "01"
    assert rig.do("state")["on_pad"] == []


def test_enter_at_command(rig: Rig) -> None:
    rig.tag()
    rig.do("create", uid=TI, chip="tag-it-hfi-plus")
    rig.do("enter-at-command", n=1, command="b024", uid=TI)
    rig.command("B0 01 00")
    assert rig.do("state")["on_pad"] == [SLIX]
    assert rig.command(WRITE) == "00"
    assert rig.do("state")["on_pad"] == [SLIX, TI]
    assert rig.command("B0 01 00")[-16:].upper() == TI


# -- answers -----------------------------------------------------------------------------------------------------


def test_drop_answer_is_done_all_the_same(rig: Rig) -> None:
    rig.tag()
    rig.do("drop-answer", n=1)
    rig.unanswered(frame("FF" + WRITE))
    assert rig.block(2) == NEW
    assert rig.command("65")[:2] == "00"


def test_late_answer_comes_with_the_next_request(rig: Rig) -> None:
    rig.do("late-answer", n=1, ms=1500)
    rig.unanswered(INVENTORY)
    assert rig.seconds()["gap"] == pytest.approx(1.505)
    rig.send("06ff52000f6e")
    assert rig.receive(12) == NO_TAG + "06005200fca8"


def test_late_answer_on_the_real_clock(idle_rig: Rig) -> None:
    rig = idle_rig.start(clock="real")
    rig.do("late-answer", ms=50)
    assert rig.ask(INVENTORY) == NO_TAG
    assert rig.seconds()["gap"] == pytest.approx(0.055)


def test_garble_answer(rig: Rig) -> None:
    rig.do("garble-answer", n=1, bit=25)
    assert rig.ask(INVENTORY) == "0600b0035c63"
    rig.do("garble-answer")
    rig.send(INVENTORY)
    garbled = rig.receive(6)
    assert (int(garbled, 16) ^ int(NO_TAG, 16)).bit_count() == 1


def test_duplicate_answer(rig: Rig) -> None:
    rig.do("duplicate-answer")
    rig.send(INVENTORY)
    assert rig.receive(12) == NO_TAG * 2
    rig.quiet()


def test_truncate_answer(rig: Rig) -> None:
    rig.do("truncate-answer", keep=4)
    rig.send(INVENTORY)
    assert rig.receive(4) == NO_TAG[:8]
    rig.quiet()
    rig.do("truncate-answer")
    rig.send(INVENTORY)
    assert rig.receive(3) == NO_TAG[:6]
    rig.quiet()


def test_silence_does_nothing(rig: Rig) -> None:
    rig.tag()
    rig.do("silence", on=True)
    rig.unanswered(frame("FF" + WRITE))
    assert rig.block(2) == "00000000"
    rig.do("silence", on=False)
    assert rig.command(WRITE) == "00"


def test_status_instead_of_the_command_or_after_it(rig: Rig) -> None:
    rig.tag()
    rig.do("status", n=1, code="0x03", data="02", command="b024")
    assert rig.command("65")[:2] == "00"
    assert rig.command(WRITE) == "0302"
    assert rig.block(2) == "00000000"
    rig.do("status", code=0x83, execute=True)
    assert rig.command(WRITE) == "83"
    assert rig.block(2) == NEW
    assert rig.command(WRITE) == "00"


def test_faults_are_listed_and_cleared(rig: Rig) -> None:
    rig.do("garble-answer", n=3, command="B001")
    rig.do("lift-after-writes", n=2, mode="weak", seed=5)
    rig.do("silence")
    rig.do("weak-blocks", probability=0.25)
    listed = rig.do("faults")
    assert listed == {
        "ok": True,
        "armed": [
            {"kind": "garble-answer", "n": 3, "command": "b001"},
            {"kind": "lift-after-writes", "n": 2, "command": "", "mode": "weak", "seed": 5},
        ],
        "silence": True,
        "refuse_lock": False,
        "weak_blocks": 0.25,
    }
    rig.do("clear-faults")
    assert rig.do("faults") == {"ok": True, "armed": [], "silence": False, "refuse_lock": False, "weak_blocks": 0.0}


@pytest.mark.parametrize(
    ("word", "arguments", "reason"),
    [
        ("explode", {}, "explode"),
        ("drop-answer", {"n": 0}, "counts from 1"),
        ("drop-answer", {"whom": 1}, "not whom"),
        ("lift-after-writes", {"mode": "half"}, "known: old, new"),
        ("lift-after-writes", {"mask": "xy"}, "non-hexadecimal"),
        ("status", {}, "needs 'code'"),
        ("status", {"code": 256}, "not a byte"),
        ("late-answer", {}, "needs 'ms'"),
        ("enter-at-command", {}, "needs 'uid'"),
        ("enter-at-command", {"uid": TI}, TI),
        ("weak-blocks", {"probability": 2}, "between 0 and 1"),
        ("place", {"uid": TI}, TI),
        ("create", {"uid": "E004"}, "8 bytes"),
        ("create", {"uid": TI, "chip": "slix9"}, "known: sli"),
        ("create", {"uid": TI, "memory": "00" * 113}, "112 bytes"),
        ("create", {"uid": TI, "locked": [28]}, "0 to 27"),
        ("create", {"uid": SLIX}, "already"),
        ("poke", {"uid": SLIX, "block": 28, "memory": "00"}, "does not fit"),
    ],
)
def test_senseless_requests_are_refused_with_a_reason(
    rig: Rig, word: str, arguments: dict[str, object], reason: str
) -> None:
    rig.tag()
    before = rig.do("tags"), rig.do("faults")
    assert reason in rig.refused(word, **arguments)
    assert (rig.do("tags"), rig.do("faults")) == before


def test_a_line_that_is_not_json(rig: Rig) -> None:
    for text in (b"{", b"[]", b"\xff", b"{}", b"null"):
        assert rig.say(text)["ok"] is False
    assert rig.do("state")["plugged"] is True


def test_every_word_and_mode_is_documented(rig: Rig) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/emulators.md").read_text(encoding="utf-8")
    words = rig.do("help")["words"]
    assert set(ONE_SHOT) < set(words)
    assert [word for word in [*words, *MODES] if f"`{word}`" not in text] == []


@pytest.mark.parametrize(
    ("options", "blocks", "register"), [((), "01", "01"), (("--assume-silence-is-write-error",), "03 04", "03")]
)
def test_silence_to_a_first_write(idle_rig: Rig, options: tuple[str, ...], blocks: str, register: str) -> None:
    """Both are assumed: the manual does not decide it (H20800-16e annex C has both)."""
    rig = idle_rig.start(*options)
    rig.tag()
    for body, status in (
        (f"B0 24 01 {SLIX} 04 02 04 0000000100000002", blocks),
        (f"B0 22 01 {SLIX} 04 01", blocks),
        (f"B0 27 01 {SLIX} C2", register),
        (f"B0 2A 01 {SLIX}", register),
    ):
        rig.do("lift")
        assert rig.command(body) == status.replace(" ", ""), body
    rig.do("place", uid=SLIX)
    assert rig.command(f"B0 27 01 {SLIX} C2") == "00"
