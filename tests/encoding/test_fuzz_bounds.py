"""Work and memory are bounded by the size of the input: four times the bytes take about four times the steps.

The steps are executed lines of Python, so that no clock is read and a slow machine changes nothing.
"""

from __future__ import annotations

import random
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from station.base.errors import DumpUnreadable
from station.encoding.content import TagContent
from station.encoding.doctor.doctor import examine
from station.encoding.dumps.dumps import read_dumps
from station.encoding.dumps.value import Format
from station.encoding.recognition.annotate import annotate, plain
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.plan import plan_item
from tests.support.for_each import for_each
from tests.support.sample_tags import PROFILE, danish, image

SMALL, LARGE = 512, 2048
STEEPEST = 7
"""Permitted ratio of the steps for LARGE and SMALL: linear is 4, quadratic 16."""
ITEM = bytes.fromhex("11051cbe991a14")
BASIC = danish("B0001234567")


def filled(head: bytes, pattern: bytes, size: int) -> bytes:
    return (head + pattern * (size // len(pattern) + 1))[:size]


MEMORIES: dict[str, Callable[[int], bytes]] = {
    "chance": lambda size: random.Random(4).randbytes(size),
    "one identifier after the other": lambda size: filled(b"", ITEM, size),
    "every element": lambda size: filled(ITEM, b"".join(bytes([0x7F, oid, 1, 65]) for oid in range(112)), size),
    "padded extended elements": lambda size: filled(ITEM, b"\xff\x02\x00\x00\xff\x03\x00\x00", size),
    "lengths that overrun": lambda size: filled(b"", b"\x11\xff", size),
    "text": lambda size: filled(b"", b"A1", size),
    "spaces": lambda size: filled(b"", b"   ", size),
    "fillers behind a basic block": lambda size: filled(BASIC, b"\x01", size),
    "blocks behind a basic block": lambda size: filled(BASIC, bytes.fromhex("05f00000f5"), size),
    "3M and more": lambda size: filled(bytes.fromhex("04110001313330313233343536370000"), b"\x00\x01", size),
    "new 3M tag, spoilt": lambda size: filled(b"\x01", b"\x55", size),
    "leftovers that look like elements": lambda size: filled(ITEM + b"\0", b"\x41\x02", size),
    "marks of a writer": lambda size: filled(ITEM + b"\0", b"W_OK", size),
}


def look(memory: bytes) -> None:
    """Do everything that a screen does with a tag, except the doctor."""
    tag = image(memory, dsfid=6, blocks=len(memory) // 4)
    judged = recognise(tag, PROFILE)
    explain(tag, judged)
    plain(tag.memory, annotate(tag, judged))


def diagnose(memory: bytes) -> None:
    examine(image(memory, dsfid=6, blocks=len(memory) // 4), PROFILE, barcode="30123456789012")


def steps(call: Callable[[], Any]) -> int:
    """Count the lines of Python that a call executes, with each turn of a loop."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event in ("line", "call")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@for_each("name", MEMORIES)
def test_looking_at_a_tag_takes_steps_in_proportion(name: str) -> None:
    few, many = (steps(lambda size=size: look(MEMORIES[name](size))) for size in (SMALL, LARGE))
    assert many < STEEPEST * few, f"{few} steps for {SMALL} bytes, {many} for {LARGE}"


@for_each("name", MEMORIES)
def test_looking_at_a_tag_takes_memory_in_proportion(name: str) -> None:
    memory = MEMORIES[name](LARGE)
    look(memory)  # values that are computed once do not count
    tracemalloc.start()
    try:
        look(memory)
        diagnose(memory)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024, f"{peak} bytes for a tag of {len(memory)}"


@pytest.mark.parametrize("name", ["marks of a writer", "one identifier after the other", "chance"])
def test_the_doctor_looks_at_a_bounded_piece_of_what_is_left_over(name: str) -> None:
    few, many = (steps(lambda size=size: diagnose(MEMORIES[name](size))) for size in (2 * SMALL, 2 * LARGE))
    assert many < STEEPEST * few


@pytest.mark.parametrize("name", ["text", "new 3M tag, spoilt", "every element", "chance"])
def test_planning_takes_steps_in_proportion(name: str) -> None:
    def plan(size: int) -> None:
        old = image(MEMORIES[name](size), dsfid=6, blocks=size // 4)
        assert not plan_item(old, TagContent("30123456789012"), PROFILE).empty

    few, many = (steps(lambda size=size: plan(size)) for size in (SMALL, LARGE))
    assert many < STEEPEST * few


TEXTS: dict[str, Callable[[int], bytes]] = {
    "digits": lambda size: b"11" * (size // 2),
    "words": lambda size: b"11 " * (size // 3),
    "lines": lambda size: b"11051cbe\n" * (size // 9),
    "brackets": lambda size: b"[" * size,
    "base64": lambda size: b"EQUc" * (size // 4),
    "offsets": lambda size: b"".join(b"%08x: 1105\n" % (2 * line) for line in range(size // 15)),
    "blocks": lambda size: b"".join(b"block %d 1105\n" % line for line in range(size // 14)),
    "spaces and colons": lambda size: b": \t" * (size // 3) + b"!",
}


@for_each("form", [None, *Format])
@for_each("name", TEXTS)
def test_reading_a_dump_takes_steps_in_proportion(name: str, form: Format | None) -> None:
    def read(size: int) -> None:
        with suppress(DumpUnreadable):
            read_dumps(TEXTS[name](size), form)

    few, many = (steps(lambda size=size: read(size)) for size in (SMALL, LARGE))
    assert many < STEEPEST * max(few, 100)


def test_steep_work_would_be_seen() -> None:
    def pairs(size: int) -> int:
        return sum(first < second for first in range(size) for second in range(size))

    few, many = (steps(lambda size=size: pairs(size)) for size in (16, 64))
    assert many > STEEPEST * few
