"""CRC and frames of requests. For framing see test_framing. CRC oracle: crccheck."""

from __future__ import annotations

import json

import pytest
from crccheck.crc import Crc16Genibus
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError
from station.drivers.threem.frame import LONGEST, crc16, encode
from tests.conftest import ROOT
from tests.drivers.threem.frames import WORDS, Words
from tests.support.for_each import for_each

CAPTURE = ROOT / "tests/vectors/3m810-live-capture.jsonl"


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


def test_a_request_that_is_too_long_cannot_be_said() -> None:
    assert len(encode(0x14, bytes(LONGEST - 3))) == LONGEST + 3
    with pytest.raises(LocalProtocolError):
        encode(0x14, bytes(LONGEST - 2))
