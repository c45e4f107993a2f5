"""The workflows of the bench: one row each. Menu, manual, bench and tests read the rows.

A new workflow needs a row here, a bench class in `bench.bench`, a screen class in `tui.app.WORK`, and its sentences.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

import msgspec

from station.domain.workflows.convert import ConvertView
from station.domain.workflows.inspect import InspectView
from station.domain.workflows.pack import PackView
from station.domain.workflows.receive import ReceiveView
from station.domain.workflows.release import ReleaseView
from station.domain.workflows.retag import RetagView
from station.domain.workflows.sets import SetView
from station.domain.workflows.withdraw import WithdrawView

WorkflowView = ConvertView | PackView | ReceiveView | ReleaseView | WithdrawView | InspectView | SetView | RetagView
"""Additional data that a workflow shows."""


class MenuGroup(StrEnum):
    """Group of the menu; the groups are columns in this order."""

    WORK = "work"
    FIX = "fix"
    LOOK = "look"
    STATION = "station"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What the rooms must know about a workflow."""

    menu_place: int
    """Its place among the buttons of the menu, from small to large numbers. `tui.pages.menu.PAGES` has the places of
    pages."""
    menu_group: MenuGroup = MenuGroup.WORK
    view: type[WorkflowView] | None = None
    """View that it adds to the common parts of a snapshot; None: it adds nothing."""
    manual_page: str = ""
    """Topic of its page in the operator's manual; "" = each state has its own page (`domain.signals`)."""
    handles_items: bool = False
    """It has an item flow, from scan to verdict."""
    waits_for_tag: bool = False
    """It waits for a tag, with nothing in hand until the tag comes."""
    taken_up: bool = False
    """It can have unfinished work from before a restart. The bench asks these workflows in the order of their rows."""


class Workflow(StrEnum):
    """The current workflow of the bench. It determines the meaning of a scan and of an item on the pad."""

    _value_: str
    row: Row

    def __new__(cls, name: str, row: Row) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.row = row
        return member

    PROCESS = "process", Row(menu_place=10, handles_items=True)
    """One item from scan to verdict."""
    CONVERT = (
        "convert",
        Row(menu_place=30, view=ConvertView, manual_page="convert", handles_items=True, taken_up=True),
    )
    """Tags for a collection, one item after the other, without checks by a person."""
    RECEIVE = "receive", Row(menu_place=95, view=ReceiveView, manual_page="receive")
    """Copies out of an open carton, compared with the vendor's lists."""
    PACK = "pack", Row(menu_place=97, view=PackView, manual_page="pack")
    """Boxes to the sites: items that are done are put in, and compared with the list where they arrive."""
    RELEASE = "release", Row(menu_place=50, view=ReleaseView, manual_page="release")
    """A truck's list: the items that may leave, and why the others may not."""
    SETS = "sets", Row(menu_place=100, view=SetView, manual_page="sets", taken_up=True)
    """All parts of one item, in any order."""
    INSPECT = "inspect", Row(menu_place=40, menu_group=MenuGroup.LOOK, view=InspectView, manual_page="inspect")
    """Full inspection of the tags on the pad, and the undo of a last write."""
    ERASE = (
        "erase",
        Row(menu_place=110, menu_group=MenuGroup.FIX, view=RetagView, manual_page="erase", waits_for_tag=True),
    )
    """Erase a tag, so that it is like a new one."""
    WITHDRAW = (
        "withdraw",
        Row(menu_place=140, menu_group=MenuGroup.FIX, view=WithdrawView, manual_page="withdraw", taken_up=True),
    )
    """Items that leave the library: withdrawn, or returned to their lessor."""
    MIGRATE = (
        "migrate",
        Row(menu_place=120, menu_group=MenuGroup.FIX, view=RetagView, manual_page="erase", waits_for_tag=True),
    )
    """Carry over the content of another library's or an older tag to this library's profile."""
