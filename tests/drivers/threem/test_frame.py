"""The framer: whole, byte by byte, with bytes behind, after garbage, with any bit flipped, on noise. CRC: crccheck."""

from __future__ import annotations

import json
import random

import pytest
from crccheck.crc import Crc16Genibus
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError
from station.drivers.threem.commands import CODES
from station.drivers.threem.frame import LONGEST, Frame, FrameBuffer, crc16, encode
from tests.conftest import ROOT
from tests.drivers.threem.frames import WORDS, Words, sealed
from tests.support.for_each import for_each

REPLIES = [words for words in WORDS if words.answered]
CAPTURE = ROOT / "tests/vectors/3m810-live-capture.jsonl"


def buffer(data: bytes = b"") -> FrameBuffer:
    frames = FrameBuffer(CODES)
    frames.feed(data)
    return frames


def every(frames: FrameBuffer) -> list[bytes]:
    found = []
    while (frame := frames.next(final=True)) is not None:
        found.append(frame.raw)
    return found


@given(st.binary(max_size=300))
def test_the_crc_is_the_oracles(data: bytes) -> None:
    assert crc16(data) == Crc16Genibus.calc(data)


def test_the_one_crc_that_the_manual_prints() -> None:
    """Model 210 Protocol Specification, BCC: D6 00 09 03 00 02 00 00 00 03, "resulting CRC = 12 E6"."""
    assert crc16(bytes.fromhex("0009 03 00 02 00 00 00 03")) == 0x12E6


def test_every_frame_of_the_real_capture_has_its_crc() -> None:
    lines = [json.loads(line) for line in CAPTURE.read_text(encoding="utf-8").splitlines()[1:]]
    assert len(lines) == 12
    for line in lines:
        raw = bytes.fromhex(line["hex"])
        assert int.from_bytes(raw[1:3], "big") == len(raw) - 3
        assert crc16(raw[1:-2]) == int.from_bytes(raw[-2:], "big")


@for_each("words", [words for words in WORDS if words.sent])
def test_requests_carry_the_oracles_crc_high_byte_first(words: Words) -> None:
    raw = bytes.fromhex(words.sent)
    assert Crc16Genibus.calc(raw[1:-2]) == int.from_bytes(raw[-2:], "big")
    assert encode(raw[3], raw[4:-2], raw[0]) == raw


class TestEveryReply:
    @for_each("words", REPLIES)
    def test_whole(self, words: Words) -> None:
        frame = buffer(words.reply).next()
        assert frame is not None
        assert (frame.raw, frame.command, frame.start) == (words.reply, words.request.row.code, words.reply[0])

    @for_each("words", REPLIES)
    def test_byte_by_byte_is_nothing_until_the_last(self, words: Words) -> None:
        frames = buffer()
        for byte in words.reply[:-1]:
            frames.feed(bytes((byte,)))
            assert frames.next() is None
        frames.feed(words.reply[-1:])
        frame = frames.next()
        assert frame is not None
        assert frame.raw == words.reply

    @for_each("words", REPLIES)
    def test_bytes_behind_stay(self, words: Words) -> None:
        rest = bytes.fromhex(sealed("06 02"))
        frames = buffer(words.reply + rest[:4])
        assert frames.next() is not None
        assert (len(frames), frames.next()) == (4, None)
        frames.feed(rest[4:])
        frame = frames.next()
        assert frame is not None
        assert frame.raw == rest

    @for_each("garbage", ["00", "FF FF", "D6 00 01", "D6 FF FF", "D6 00 05 AA", "D5 00 05 11", "D4 00"])
    @for_each("words", REPLIES)
    def test_after_garbage(self, words: Words, garbage: str) -> None:
        frames = buffer(bytes.fromhex(garbage) + words.reply)
        frame = frames.next()
        assert frame is not None
        assert (frame.raw, frames.skipped) == (words.reply, len(bytes.fromhex(garbage)))

    @for_each("words", REPLIES)
    def test_after_the_beginning_of_a_frame_that_never_ends(self, words: Words) -> None:
        frames = buffer(bytes.fromhex("D6 0F F0 02 00") + words.reply)
        assert frames.next() is None
        assert every(frames) == [words.reply]

    @for_each("words", REPLIES)
    def test_any_single_bit_flipped_is_refused(self, words: Words) -> None:
        for bit in range(len(words.reply) * 8):
            flipped = bytearray(words.reply)
            flipped[bit // 8] ^= 1 << bit % 8
            assert every(buffer(bytes(flipped))) == []


def test_what_a_tag_holds_is_never_read_as_a_frame_of_its_own() -> None:
    inner = sealed("09 00 E00401000012AB01")
    whole = bytes.fromhex(sealed(f"14 00 03 {len(inner) // 2:04X} {inner}"))
    assert every(buffer(whole)) == [whole]


def test_two_frames_come_in_order() -> None:
    first, second = REPLIES[0].reply, REPLIES[5].reply
    assert every(buffer(first + second)) == [first, second]


def test_a_length_has_a_bound() -> None:
    frames = buffer(bytes.fromhex("D6 10 01 FE 00"))
    assert frames.next() is None
    assert frames.skipped > 0
    assert buffer(bytes.fromhex("D6 10 00 FE 00")).next() is None


def test_a_request_that_is_too_long_cannot_be_said() -> None:
    assert len(encode(0x14, bytes(LONGEST - 3))) == LONGEST + 3
    with pytest.raises(LocalProtocolError):
        encode(0x14, bytes(LONGEST - 2))


@given(st.lists(st.binary(max_size=80), max_size=12))
def test_noise_ends_and_every_byte_is_accounted_for(pieces: list[bytes]) -> None:
    frames = buffer()
    got: list[Frame] = []
    for piece in pieces:
        frames.feed(piece)
        while (frame := frames.next()) is not None:
            got.append(frame)
    while (frame := frames.next(final=True)) is not None:
        got.append(frame)
    assert len(frames) == 0
    assert frames.skipped + sum(len(frame.raw) for frame in got) == sum(map(len, pieces))


@given(st.integers(0, 2**32), st.lists(st.sampled_from(REPLIES), min_size=1, max_size=8))
def test_frames_among_noise_that_cannot_begin_one_all_come_out(seed: int, replies: list[Words]) -> None:
    chance = random.Random(seed)
    data = bytearray()
    for words in replies:
        data += bytes(chance.choice((0x00, 0x06, 0x7F, 0xFF)) for _ in range(chance.randrange(40)))
        data += words.reply
    frames = buffer()
    found = []
    while data:
        size = chance.randrange(1, 30)
        frames.feed(bytes(data[:size]))
        del data[:size]
        while (frame := frames.next()) is not None:
            found.append(frame.raw)
    assert found == [words.reply for words in replies]
