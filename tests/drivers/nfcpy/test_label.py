"""Valid answers of a Type 2 tag to one READ or WRITE: four pages, an acknowledgement, or a NAK."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from station.base.errors import RemoteProtocolError, TagRefused
from tests.conftest import missing


@pytest.fixture
def label() -> Any:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    from station.drivers.nfcpy import label

    return label


class Tag:
    """A frontend whose active tag gives one answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.heard = b""

    def exchange(self, data: bytes, seconds: float) -> bytes:
        self.heard = data
        return self._answer


def test_a_read_gives_four_pages(label: Any) -> None:
    tag = Tag(bytes(range(16)))
    assert label.read_pages(tag, 4) == bytes(range(16))
    assert tag.heard == bytes.fromhex("3004")


@pytest.mark.parametrize("length", [0, 2, 4, 12, 15, 17, 32])
def test_a_read_of_another_length_is_no_answer(label: Any, length: int) -> None:
    with pytest.raises(RemoteProtocolError):
        label.read_pages(Tag(bytes(length)), 4)


@pytest.mark.parametrize("nak", [0x0, 0x1, 0x4, 0x5])
def test_a_nak_to_a_read_or_a_write_is_the_tags_refusal(label: Any, nak: int) -> None:
    tag = Tag(bytes((nak,)))
    with pytest.raises(TagRefused) as read:
        label.read_pages(tag, 7)
    with pytest.raises(TagRefused) as write:
        label.write_page(tag, 7, b"abcd")
    assert (read.value.iso_error, read.value.block, write.value.iso_error, write.value.block) == (0x10, 7, 0x12, 7)


def test_an_ack_to_a_write_is_done(label: Any) -> None:
    tag = Tag(b"\x0a")
    label.write_page(tag, 7, b"abcd")
    assert tag.heard == bytes.fromhex("a207") + b"abcd"


@pytest.mark.parametrize("answer", [b"", b"\x0a\x0a", bytes(16)])
def test_a_write_answered_in_another_length_is_an_unknown_outcome(label: Any, answer: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        label.write_page(Tag(answer), 7, b"abcd")
