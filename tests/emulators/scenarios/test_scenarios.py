"""Every built-in scenario in use: what a driver sees of it; and which scenario files are valid."""

from __future__ import annotations

import importlib.util
import socket
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from station.base.errors import (
    NotPossible,
    ProtocolError,
    StationError,
    TagAbsent,
    TagRefused,
    TransportError,
)
from station.base.settings import Badge, Reader
from station.bench.item.write_steps import read_image
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import badge_reader, make_reader
from station.emulators.pytest_plugin import EmulatedReader, EmulatorError
from station.encoding.content import Recognition, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from tests.conftest import missing
from tests.support.fair import FairClock
from tests.support.patience import PATIENCE_S

READY = Path(__file__).resolve().parents[3] / "station/emulators/scenarios"
ABSENT = (TagAbsent, TagRefused)
MOST_ATTEMPTS = 40

Look = Callable[[EmulatedReader, ManagedReader], None]


def uids(at: EmulatedReader) -> list[Uid]:
    return [Uid(tag.uid) for tag in at.tags]


def seen_as(reader: ManagedReader, uid: Uid) -> Recognition:
    return recognise(read_image(reader, uid), TagProfile("US-TxDa"))


def write(reader: ManagedReader, uid: Uid, blocks: int, fill: bytes = b"\xff") -> None:
    reader.write_blocks(uid, 0, fill * 4 * blocks, 4)


def again(at: EmulatedReader, reader: ManagedReader, job: Callable[[], object]) -> tuple[int, object]:
    """Return the number of attempts and the answer. After a lost line the port is reopened as soon as its plug is in
    again.

    Attempts are counted by the job alone, not by how often the test checks whether the plug is in.
    """
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            return attempt, job()
        except (TransportError, ProtocolError, *ABSENT):
            plugged(at)
            with suppress(StationError):
                reader.reconnect()
    raise AssertionError(f"not done after {MOST_ATTEMPTS} attempts")


def plugged(at: EmulatedReader) -> None:
    """Wait until the plug is in; only a broken test waits to the limit."""
    late = time.monotonic() + PATIENCE_S
    while not at.do("state")["plugged"]:
        assert time.monotonic() < late, "the plug was never put in again"
        time.sleep(0.002)


def blank(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    assert seen_as(reader, uid).state is TagState.BLANK
    write(reader, uid, 2)
    assert at.tags[uid].memory[:12] == b"\xff" * 8 + bytes(4)


def blank_stack(at: EmulatedReader, reader: ManagedReader) -> None:
    assert reader.inventory().uids == set(uids(at))
    assert len(uids(at)) == 5


def two_tags(at: EmulatedReader, reader: ManagedReader) -> None:
    found = reader.inventory()
    assert len(found.tags) == 2 and not found.collision, "found by the second round of 16 slots"


def full_pad(at: EmulatedReader, reader: ManagedReader) -> None:
    assert len(reader.inventory().uids) == 20


def foreign_tags(at: EmulatedReader, reader: ManagedReader) -> None:
    danish, threem = uids(at)
    assert seen_as(reader, danish).identifier == "1301234567"
    at.tags.lift()
    at.tags[threem].place()
    assert seen_as(reader, threem).identifier == "1302099999"


def torn_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    assert reader.inventory().tags[0].dsfid == 0xC0
    assert seen_as(reader, uid).state is TagState.INCOMPLETE


def locked_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    assert reader.read_blocks(uid, 0, 6).locked == (True,) * 4 + (False,) * 2
    for refused in (lambda: write(reader, uid, 1), lambda: reader.write_afi(uid, 7)):
        with pytest.raises(TagRefused):
            refused()
    assert (at.tags[uid].memory[:4].hex(), at.tags[uid].afi) == ("00112233", 0xC2)


def ti_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    write(reader, uid, 4)
    assert at.tags[uid].memory[:20] == b"\xff" * 16 + bytes(4)


def counter_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    with pytest.raises(TagRefused):
        reader.write_blocks(uid, 79, b"\xff" * 4, 4)
    reader.write_blocks(uid, 79, b"\x01\0\0\0", 4)
    assert at.tags[uid].memory[-4:] == b"\x01\0\0\0", "a write of the counter adds one"


def metal_cover(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    answers = []
    for _ in range(30):
        try:
            reader.read_blocks(uid, 0, 1)
            answers.append(True)
        except TagAbsent:
            answers.append(False)
    assert 5 <= answers.count(True) <= 15


def shadowed(at: EmulatedReader, reader: ManagedReader) -> None:
    upper, lower = uids(at)
    seen = [reader.inventory().uids for _ in range(16)]
    assert all(upper in found for found in seen)
    assert 0 < sum(lower in found for found in seen) < 16
    at.tags[upper].lift()
    assert reader.inventory().uids == {lower}


def lifted_in_write(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    with pytest.raises(TagAbsent):
        write(reader, uid, 5)
    assert at.tags[uid].memory[:20].hex() == "ffffffff" * 2 + "f00ff00f" + "00000000" * 2
    assert not at.tags[uid].on_pad


def lifted_in_block(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    with pytest.raises(TagAbsent):
        write(reader, uid, 4)
    assert at.tags[uid].memory[:16].hex() == "ffffffff" * 2 + "ffff0000" + "00000000"
    attempts, _ = again(at, reader, lambda: write(reader, uid, 4))
    assert attempts > 2, "the tag comes back after a while"
    assert at.tags[uid].memory[:16] == b"\xff" * 16


def weak_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    write(reader, uid, 2)
    assert reader.read_blocks(uid, 0, 2).data == b"\xff" * 8
    at.tags[uid].lift()
    at.tags[uid].place()
    assert reader.read_blocks(uid, 0, 2).data == bytes(8)


def changed_tag(at: EmulatedReader, reader: ManagedReader) -> None:
    first, second = uids(at)
    for _ in range(12):
        seen = reader.inventory().uids
    assert seen == {second}
    with pytest.raises(TagAbsent):
        write(reader, first, 1)
    assert at.tags[second].memory == bytes(112)


def noisy_cable(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    for number in range(4):
        again(at, reader, lambda number=number: reader.write_blocks(uid, number, bytes((number,)) * 4, 4))
        _, read = again(at, reader, lambda number=number: reader.read_blocks(uid, number, 1).data)
        assert read == bytes((number,)) * 4 == at.tags[uid].memory[4 * number : 4 * number + 4]


def slow_reader(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    at.do("reset-counters")
    reader.read_blocks(uid, 0, 1)
    counters = at.counters
    assert counters["seconds"]["gap"] >= 0.3 * counters["frames_out"]


def late_answers(at: EmulatedReader, reader: ManagedReader) -> None:
    """No late answer is taken for the answer to another request."""
    (uid,) = uids(at)
    at.tags[uid].poke(memory=bytes(range(112)).hex())
    silent = 0
    for number in range(20):
        attempts, read = again(at, reader, lambda number=number: reader.read_blocks(uid, number, 1).data)
        assert read == bytes(range(4 * number, 4 * number + 4))
        silent += attempts > 1
    assert silent


def loose_plug(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    attempts = [again(at, reader, lambda: reader.read_blocks(uid, 0, 28))[0] for _ in range(6)]
    assert max(attempts) > 1
    assert reader.read_blocks(uid, 0, 28).data == bytes(112)


def rebooting_reader(at: EmulatedReader, reader: ManagedReader) -> None:
    (uid,) = uids(at)
    attempts = [again(at, reader, lambda: reader.read_blocks(uid, 0, 1))[0] for _ in range(30)]
    assert max(attempts) > 1


LOOKS: dict[str, Look] = {
    name.replace("_", "-"): look
    for name, look in list(globals().items())
    if callable(look) and (READY / f"{name.replace('_', '-')}.toml").exists()
}
ELSEWHERE = {"staff-badge"}


def test_there_are_a_dozen_and_each_is_used() -> None:
    ready = {path.stem for path in READY.glob("*.toml")}
    assert len(ready) >= 12
    assert ready == set(LOOKS) | ELSEWHERE
    for path in READY.glob("*.toml"):
        assert tomllib.loads(path.read_text())["says"].endswith("."), path


@pytest.mark.parametrize("name", LOOKS)
def test_a_scenario(name: str) -> None:
    at = EmulatedReader("3m", scenario=name)
    clock = FairClock(at.control)
    reader = make_reader(Reader(driver="3m", port=at.port, answer_ms=100), clock)
    try:
        reader.reconnect()
        LOOKS[name](at, reader)
    finally:
        reader.close()
        clock.close()
        at.close()


def test_a_staff_badge() -> None:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    at = EmulatedReader("pn532", scenario="staff-badge")
    clock = FairClock(at.control)
    badges = badge_reader(Badge(port=at.port), clock)
    try:
        seen = badges.look()
        assert seen is not None
        assert (seen.uid, seen.text) == ("04A1B2C3D4E5F6", "S-1042")
        reader = make_reader(Reader(driver="nfcpy", port=at.port), clock)
        with pytest.raises(NotPossible):
            reader.write_afi(Uid(seen.uid), 7)
    finally:
        badges.close()
        clock.close()
        at.close()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[tags", "Expected"),
        ("colour = 1", "unknown colour"),
        ("tags = 1", r"write \[\[tags\]\]"),
        ("[[steps]]\nuid = 'x'", "a step without do"),
        ("[[steps]]\ndo = 'lift'\nafter_frames = 0", "numbers above 0"),
        ("[[steps]]\ndo = 'dance'", "dance: unknown or missing"),
        ("[[tags]]\nuid = 'E0'", "uid must have 8 bytes"),
        ("[assume]\nsky = true", "assume: unknown: sky"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(EmulatorError, match=sentence):
        EmulatedReader("3m", scenario=str(path))


def test_a_scenario_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(EmulatorError, match="two-tags"):
        EmulatedReader("feig", scenario="no-such")


@pytest.mark.parametrize(
    ("when", "request_text", "lost"),
    [
        (
            "every_frames = 3",
            "0108000304FF0000",
            {3},
        ),  # the frame after the 3rd, 6th, 9th and 12th is lost
        ("every_seconds = 0.25", "010C00030410002101000000", {4}),  # a register write takes 0.1 s
        ("after_frames = 5", "0108000304FF0000", {1}),
    ],
)
def test_steps_again_and_again(tmp_path: Path, when: str, request_text: str, lost: set[int]) -> None:
    path = tmp_path / "again.toml"
    path.write_text(f"[[steps]]\ndo = 'drop-answer'\n{when}\n")
    at = EmulatedReader("trf7970a", scenario=str(path), network=True)
    try:
        with socket.create_connection(at.address, 10) as line:
            for number in range(1, 13):
                line.sendall(request_text.encode())
                while at.counters["frames_in"] < number:
                    pass
        assert 12 - at.counters["frames_out"] in lost
    finally:
        at.close()


def test_steps_at_their_time(tmp_path: Path) -> None:
    path = tmp_path / "steps.toml"
    path.write_text("""
        [assume]
        errors_unaddressed = true
        [[tags]]
        uid = "E00401500000B001"
        place = false
        [[steps]]
        do = "place"
        uid = "E00401500000B001"
        after_frames = 3
        [[steps]]
        do = "lift"
        after_seconds = 5
    """)
    at = EmulatedReader("3m", scenario=str(path))
    clock = FairClock(at.control)
    reader = make_reader(Reader(driver="3m", port=at.port, answer_ms=100), clock)
    try:
        reader.reconnect()
        at.do("reset-counters")
        looks = []
        while len(looks) < 4 or looks[-1]:
            looks.append(len(reader.inventory().tags))
        assert looks[0] == 0
        assert 1 in looks
        assert at.counters["seconds"]["total"] >= 4
    finally:
        reader.close()
        clock.close()
        at.close()
