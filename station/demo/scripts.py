"""The scripts of the automatic demo: a table of stories, each with the operator's actions and the expected outcome.

Each story gets one item and two tags: the tag in the item and a blank one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.base.words import tell
from station.demo.operator import Operator
from station.demo.shelf import DemoTag
from station.domain.snapshot import Phase

UNKNOWN_BARCODE: Final = "39999999999996"
"""A well-formed barcode (Luhn) that is in no catalog."""


class Story(msgspec.Struct, frozen=True):
    """One story. `expected`: its required outcome. `tag`: the kind of tag in the item."""

    name: str
    expected: str
    tag: str
    play: Callable[[Operator, str, DemoTag, DemoTag], str]


def _plain(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.place(tag)
    return op.judge()


def _tag_first(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.place(tag)
    op.phase(Phase.NEED_SCAN)
    op.scan(barcode)
    return op.judge()


def _label_wrong(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.scan(barcode)
    op.place(tag)
    return op.judge(failing="title-in-hand")


def _lifted(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.reader.call("lift-after-writes", n=3, mode="subset", seed=7)
    op.place(tag)
    op.fault("tag-lost")
    op.place(tag)
    return op.judge()


def _unplugged(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.place(tag)
    op.phase(Phase.WRITING)
    op.reader.call("unplug")
    op.eyes.wait(tell("demo.wait.gone"), lambda s: not s.reader_ready)
    op.eyes.forget()
    op.reader.call("plug")
    op.eyes.wait(tell("demo.wait.reader"), lambda s: s.reader_ready)
    return op.judge()


def _wrong_tag(fault: str) -> Callable[[Operator, str, DemoTag, DemoTag], str]:
    def play(op: Operator, barcode: str, tag: DemoTag, blank: DemoTag) -> str:
        op.scan(barcode)
        op.phase(Phase.NEED_TAG)
        op.place(tag)
        op.fault(fault)
        op.eyes.forget()
        op.lift()
        op.phase(Phase.NEED_TAG)
        op.place(blank)
        return op.judge()

    return play


def _overwritten(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.place(tag)
    op.fault("foreign-tag")
    op.choose("overwrite")
    op.second_gesture()
    op.scan(barcode)
    return op.judge()


def _two(op: Operator, barcode: str, tag: DemoTag, blank: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.reader.call("place", uid=blank.uid)
    op.place(tag)
    op.fault("tags-collide")
    op.reader.call("lift", uid=blank.uid)
    return op.judge()


def _unknown(op: Operator, _barcode: str, _tag: DemoTag, _blank: DemoTag) -> str:
    op.scan(UNKNOWN_BARCODE)
    shown = op.fault("barcode-unknown")
    op.choose("dismiss")
    op.phase(Phase.IDLE)
    return shown.fault.code if shown.fault else ""


def _offline(op: Operator, barcode: str, tag: DemoTag, _: DemoTag) -> str:
    if op.ils is not None:
        op.ils.call("down")
    try:
        op.scan(barcode)
        op.place(tag)
        return op.judge()
    finally:
        if op.ils is not None:
            op.ils.call("up")


def _set_aside(op: Operator, barcode: str, _tag: DemoTag, _blank: DemoTag) -> str:
    op.scan(barcode)
    op.phase(Phase.NEED_TAG)
    op.set_aside()
    return "set-aside"


STORIES: Final[tuple[Story, ...]] = (
    Story("scan, then place", "pass", "blank", _plain),
    Story("place, then scan", "pass", "blank", _tag_first),
    Story("lifted in mid-write, put back", "pass", "blank", _lifted),
    Story("another item's tag, then a new one", "pass", "other", _wrong_tag("other-item")),
    Story("a person finds it wrong", "fail", "blank", _label_wrong),
    Story("another library's tag, overwritten", "pass", "foreign", _overwritten),
    Story("two at once, one taken away", "pass", "blank", _two),
    Story("unknown barcode", "barcode-unknown", "blank", _unknown),
    Story("reader unplugged in mid-write", "pass", "blank", _unplugged),
    Story("library system down", "pass", "blank", _offline),
    Story("locked tag, then a new one", "pass", "locked", _wrong_tag("tag-locked")),
    Story("tag too small, then a new one", "pass", "small", _wrong_tag("does-not-fit")),
    Story("unknown content, then a new tag", "pass", "unknown", _wrong_tag("unknown-content")),
    Story("set aside by the operator", "set-aside", "blank", _set_aside),
    Story("tag finished already", "pass", "ours", _plain),
)
