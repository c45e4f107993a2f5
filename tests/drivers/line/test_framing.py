"""Every framer: whole frames, byte by byte, with bytes after them, after garbage, with any bit flipped, and on noise.

The drivers' framers read the replies of real readers and manuals. The framers of the emulated readers read what a host
sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from crccheck.crc import Crc16Mcrf4XX
from hypothesis import given, settings
from hypothesis import strategies as st

from station.drivers.feig.protocol import FeigDialect
from station.drivers.line.framing import FrameBuffer
from station.drivers.threem.protocol import ThreemDialect
from station.emulators.feig.frame import Framer as FeigHost
from station.emulators.pn532.frame import Framer as Pn532Host
from station.emulators.threem.frame import Framer as ThreemHost
from station.emulators.trf7970a.frame import Framer as Trf7970aHost
from tests.drivers.feig.frames import WORDS as FEIG
from tests.drivers.threem.frames import WORDS as THREEM
from tests.drivers.threem.frames import sealed
from tests.support.for_each import for_each


@dataclass(frozen=True)
class Family:
    """A family of readers.

    `garbage`: bytes that are not a frame, with the bytes after them that show it. `endless`: the beginning of a frame
    that never ends. `too_long` announces more than the bound; `longest` does not. `quiet`: bytes that begin no frame.
    `hostile`: a frame whose tag data is a frame.
    """

    name: str
    dialect: Any
    replies: tuple[bytes, ...]
    garbage: tuple[str, ...]
    endless: str
    too_long: str
    longest: str
    quiet: bytes
    hostile: bytes

    def __str__(self) -> str:
        return self.name


_INNER = bytes.fromhex("0600B000D572")
_OUTER = bytes((len(_INNER) + 8, 0, 0xB0, 0, 1, 6)) + _INNER
_READ = sealed("09 00 E00401000012AB01")
FAMILIES = (
    Family(
        "feig",
        FeigDialect(0xFF, advanced=False),
        tuple(words.reply for words in FEIG if words.answered),
        ("00", "FF FF", "05 04 03 01", "06 FF 52 00 0F 6E", "28 11 A4", "02 00 01"),
        "F0 00 B0 00",
        "02 FF FF 00 B0 00",
        "02 10 00 00 B0 00",
        bytes((0, 1, 3, 4, 5)),
        _OUTER + Crc16Mcrf4XX.calc(_OUTER).to_bytes(2, "little"),
    ),
    Family(
        "3m",
        ThreemDialect(),
        tuple(words.reply for words in THREEM if words.answered),
        ("00", "FF FF", "D6 00 01", "D6 FF FF", "D6 00 05 AA", "D5 00 05 11", "D4 00"),
        "D6 0F F0 02 00",
        "D6 10 01 FE 00",
        "D6 10 00 FE 00",
        bytes((0x00, 0x06, 0x7F, 0xFF)),
        bytes.fromhex(sealed(f"14 00 03 {len(_READ) // 2:04X} {_READ}")),
    ),
)
REPLIES = [
    pytest.param(family, reply, id=f"{family} {reply[:12].hex()}") for family in FAMILIES for reply in family.replies
]
GARBAGE = [
    pytest.param(family, bytes.fromhex(garbage), id=f"{family} {garbage}")
    for family in FAMILIES
    for garbage in family.garbage
]
families = pytest.mark.parametrize("family", FAMILIES, ids=str)


def buffer(family: Family, data: bytes = b"") -> FrameBuffer[Any]:
    frames: FrameBuffer[Any] = FrameBuffer(family.dialect)
    frames.feed(data)
    return frames


def arrived(frames: FrameBuffer[Any], *, final: bool = False) -> list[bytes]:
    found = []
    while (frame := frames.next(final=final)) is not None:
        found.append(frame.raw)
    return found


def every(family: Family, data: bytes) -> list[bytes]:
    return arrived(buffer(family, data), final=True)


# --- what drivers hear ----------------------------------------------------------------------------------------------


@for_each(("family", "reply"), REPLIES)
def test_a_reply_with_any_single_bit_flipped_is_refused(family: Family, reply: bytes) -> None:
    for bit in range(len(reply) * 8):
        flipped = bytearray(reply)
        flipped[bit // 8] ^= 1 << bit % 8
        assert every(family, bytes(flipped)) == []


@pytest.mark.parametrize(("family", "garbage"), GARBAGE)
def test_a_reply_after_garbage(family: Family, garbage: bytes) -> None:
    for reply in family.replies:
        frames = buffer(family, garbage + reply)
        assert (arrived(frames), frames.skipped) == ([reply], len(garbage))


@families
def test_a_reply_after_the_beginning_of_a_frame_that_never_ends(family: Family) -> None:
    for reply in family.replies:
        frames = buffer(family, bytes.fromhex(family.endless) + reply)
        assert arrived(frames) == []
        assert arrived(frames, final=True) == [reply]


@families
def test_tag_data_is_never_read_as_a_frame_of_its_own(family: Family) -> None:
    assert every(family, family.hostile) == [family.hostile]


@families
def test_a_length_has_a_bound(family: Family) -> None:
    for text, skips in ((family.too_long, True), (family.longest, False)):
        frames = buffer(family, bytes.fromhex(text))
        assert arrived(frames) == []
        assert (frames.skipped > 0) == skips


@families
@given(pieces=st.lists(st.binary(max_size=80), max_size=12))
def test_noise_ends_and_every_byte_is_accounted_for(family: Family, pieces: list[bytes]) -> None:
    frames = buffer(family)
    got = []
    for piece in pieces:
        frames.feed(piece)
        got += arrived(frames)
    got += arrived(frames, final=True)
    assert len(frames) == 0
    assert frames.skipped + sum(map(len, got)) == sum(map(len, pieces))


def _among_noise(family: Family, seed: int, count: int) -> None:
    chance = Random(seed)
    sent = chance.choices(family.replies, k=count)
    data = b"".join(bytes(chance.choices(family.quiet, k=chance.randrange(200))) + reply for reply in sent)
    frames = buffer(family)
    found = []
    while data:
        size = chance.randrange(1, 30)
        frames.feed(data[:size])
        data = data[size:]
        found += arrived(frames)
    assert found == sent


@families
@given(seed=st.integers(0, 2**32), count=st.integers(1, 8))
def test_frames_among_noise_that_cannot_begin_one_all_come_out(family: Family, seed: int, count: int) -> None:
    """The noise is made from a seed: drawn by hypothesis it would be too large for an example
    (FlakyStrategyDefinition).
    """
    _among_noise(family, seed, count)


@pytest.mark.soak
@families
@settings(max_examples=2000)
@given(seed=st.integers(0, 2**32))
def test_megabytes_of_noise_with_frames_in_it(family: Family, seed: int) -> None:
    _among_noise(family, seed, 20)


# --- every framer ---------------------------------------------------------------------------------------------------


class _Replies:
    """A driver's framer with the interface of an emulator's."""

    def __init__(self, family: Family) -> None:
        self._frames = buffer(family)

    def feed(self, data: bytes) -> list[Any]:
        self._frames.feed(data)
        return arrived(self._frames)


def _feig_host() -> Any:
    return FeigHost(standard=True, advanced=True)


HOSTS: dict[str, tuple[Callable[[], Any], tuple[bytes, ...]]] = {
    "feig host": (_feig_host, tuple(bytes.fromhex(words.sent) for words in FEIG if words.sent)),
    "3m host": (ThreemHost, tuple(bytes.fromhex(words.sent) for words in THREEM if words.sent)),
    "pn532 host": (
        Pn532Host,
        tuple(map(bytes.fromhex, ("00ff02fed4022a", "00ff05fbd41401000017", "00ff00ff", "00ffffff0002fed4022a"))),
    ),
    "trf7970a host": (Trf7970aHost, (b"0108000304FF0000", b"010B000304142401000000")),
}
FRAMES = [
    *(
        pytest.param(lambda family=family: _Replies(family), reply, id=f"{family} {reply[:12].hex()}")
        for family in FAMILIES
        for reply in family.replies
    ),
    *(
        pytest.param(make, frame, id=f"{name} {frame[:12].hex()}")
        for name, (make, sent) in HOSTS.items()
        for frame in sent
    ),
]


each_frame = for_each(("make", "frame"), FRAMES)


class TestEveryFramer:
    @each_frame
    def test_whole_and_twice(self, make: Callable[[], Any], frame: bytes) -> None:
        whole = make().feed(frame)
        assert len(whole) == 1
        assert make().feed(frame * 2) == whole * 2

    @each_frame
    def test_byte_by_byte_is_nothing_until_the_last(self, make: Callable[[], Any], frame: bytes) -> None:
        framer = make()
        for byte in frame[:-1]:
            assert framer.feed(bytes((byte,))) == []
        assert framer.feed(frame[-1:]) == make().feed(frame)

    @each_frame
    def test_bytes_behind_it_begin_the_next(self, make: Callable[[], Any], frame: bytes) -> None:
        framer = make()
        half = len(frame) // 2
        assert framer.feed(frame + frame[:half]) == framer.feed(frame[half:])


@pytest.mark.parametrize("name", ["feig host", "3m host"])
def test_a_request_with_any_single_bit_flipped_is_no_request(name: str) -> None:
    make, sent = HOSTS[name]
    for frame in sent:
        for bit in range(len(frame) * 8):
            flipped = bytearray(frame)
            flipped[bit // 8] ^= 1 << bit % 8
            assert make().feed(bytes(flipped)) == []
