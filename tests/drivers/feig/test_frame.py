"""CRC and frames of requests. For framing see test_framing. CRC oracle: crccheck."""

from __future__ import annotations

import pytest
from crccheck.crc import Crc16Mcrf4XX
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError
from station.drivers.feig.frame import crc16, encode
from tests.drivers.feig.frames import WORDS, Words
from tests.support.for_each import for_each


@given(st.binary(max_size=300))
def test_the_crc_is_the_oracles(data: bytes) -> None:
    assert crc16(data) == Crc16Mcrf4XX.calc(data)


@for_each("words", [words for words in WORDS if words.sent])
def test_requests_carry_the_oracles_crc_low_byte_first(words: Words) -> None:
    raw = bytes.fromhex(words.sent)
    assert Crc16Mcrf4XX.calc(raw[:-2]) == int.from_bytes(raw[-2:], "little")
    assert encode(0xFF, raw[2], raw[3:-2]) == raw


def test_a_request_longer_than_a_standard_frame_cannot_be_said() -> None:
    assert len(encode(0xFF, 0xB0, bytes(250))) == 255
    with pytest.raises(LocalProtocolError):
        encode(0xFF, 0xB0, bytes(251))
