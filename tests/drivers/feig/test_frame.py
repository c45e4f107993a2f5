"""The framer: whole, byte by byte, with bytes behind, after garbage, with any bit flipped, on noise. CRC: crccheck."""

from __future__ import annotations

from random import Random

import pytest
from crccheck.crc import Crc16Mcrf4XX
from hypothesis import given, settings
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError
from station.drivers.feig.frame import Frame, FrameBuffer, crc16, encode
from station.drivers.feig.table import CODES
from tests.drivers.feig.frames import WORDS, Words
from tests.support.for_each import for_each

REPLIES = [words for words in WORDS if words.answered]


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
    assert crc16(data) == Crc16Mcrf4XX.calc(data)


@for_each("words", [words for words in WORDS if words.sent])
def test_requests_carry_the_oracles_crc_low_byte_first(words: Words) -> None:
    raw = bytes.fromhex(words.sent)
    assert Crc16Mcrf4XX.calc(raw[:-2]) == int.from_bytes(raw[-2:], "little")
    assert encode(0xFF, raw[2], raw[3:-2]) == raw


class TestEveryReply:
    @for_each("words", REPLIES)
    def test_whole(self, words: Words) -> None:
        frame = buffer(words.reply).next()
        assert frame is not None
        assert (frame.raw, frame.command) == (words.reply, words.request.row.code)

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
        frames = buffer(words.reply + b"\x06\x00\xb0")
        assert frames.next() is not None
        assert (len(frames), frames.next()) == (3, None)
        frames.feed(b"\x00\xd5\x72")
        assert frames.next() is not None

    @for_each("garbage", ["00", "FF FF", "05 04 03 01", "06 FF 52 00 0F 6E", "28 11 A4", "02 00 01"])
    @for_each("words", REPLIES)
    def test_after_garbage(self, words: Words, garbage: str) -> None:
        frames = buffer(bytes.fromhex(garbage) + words.reply)
        frame = frames.next()
        assert frame is not None
        assert (frame.raw, frames.skipped) == (words.reply, len(bytes.fromhex(garbage)))

    @for_each("words", REPLIES)
    def test_after_the_beginning_of_a_frame_that_never_ends(self, words: Words) -> None:
        frames = buffer(bytes.fromhex("F0 00 B0 00") + words.reply)
        assert frames.next() is None
        assert every(frames) == [words.reply]

    @for_each("words", REPLIES)
    def test_any_single_bit_flipped_is_refused(self, words: Words) -> None:
        for bit in range(len(words.reply) * 8):
            flipped = bytearray(words.reply)
            flipped[bit // 8] ^= 1 << bit % 8
            assert every(buffer(bytes(flipped))) == []


def test_what_a_tag_holds_is_never_read_as_a_frame_of_its_own() -> None:
    inner = bytes.fromhex("0600B000D572")
    hostile = bytes((len(inner) + 8, 0, 0xB0, 0, 1, 6)) + inner
    whole = hostile + Crc16Mcrf4XX.calc(hostile).to_bytes(2, "little")
    assert every(buffer(whole)) == [whole]


def test_two_frames_come_in_order() -> None:
    first, second = REPLIES[0].reply, REPLIES[5].reply
    assert every(buffer(first + second)) == [first, second]


def test_an_advanced_length_has_a_bound() -> None:
    frames = buffer(bytes.fromhex("02 FF FF 00 B0 00"))
    assert frames.next() is None
    assert frames.skipped > 0


def test_a_request_longer_than_a_standard_frame_cannot_be_said() -> None:
    assert len(encode(0xFF, 0xB0, bytes(250))) == 255
    with pytest.raises(LocalProtocolError):
        encode(0xFF, 0xB0, bytes(251))


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


@pytest.mark.soak
@settings(max_examples=2000)
@given(st.integers(0, 2**32))
def test_megabytes_of_noise_with_frames_in_it(seed: int) -> None:
    """From a seed: as choices of hypothesis the noise is longer than an example may be (FlakyStrategyDefinition)."""
    random = Random(seed)
    data, sent = bytearray(), []
    for _ in range(20):
        # Noise of bytes that cannot begin a reply in front of each frame.
        data += bytes(random.choice((0, 1, 3, 4, 5)) for _ in range(random.randrange(200)))
        reply = random.choice(REPLIES).reply
        data += reply
        sent.append(reply)
    assert every(buffer(bytes(data))) == sent
