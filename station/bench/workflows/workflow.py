"""What a workflow is to the bench that is no line of items: one object that gets scans, taps and looks at the pad.

Whoever adds one writes its transition table and its class beside the others, names it in `station.domain.workflows.Workflow`, and
puts it into `current_workflow.WORKFLOWS`, `tui.app.WORK` and `tui.pages.menu.ENTRIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from station.base.settings import Settings
from station.bench.item.checks import Judge
from station.bench.item.corrections import ItemCorrections
from station.bench.item.counted_parts import CountedCatalog
from station.bench.item.in_hand import ItemInHand
from station.bench.item.tag_writer import Encoder
from station.bench.pad import Pad
from station.bench.tag_report import TagReporter
from station.domain.commands import Act, Answer
from station.domain.notices import Said
from station.domain.ports import History, Journal, Reader, TruckLists, Worker, Workforce
from station.domain.rights import Right
from station.domain.snapshot import Fault, Light, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import WorkflowView
from station.encoding.content import TagProfile
from station.encoding.profiles.value import SiteProfile

if TYPE_CHECKING:
    from station.base.clock import Clock


@dataclass(frozen=True)
class WorkflowDesk:
    """What a workflow works with. Everything is the bench's own; a workflow keeps no second one."""

    reader: Reader
    pad: Pad
    journal: Journal
    catalog: CountedCatalog
    history: History
    encoder: Encoder
    tag_reporter: TagReporter
    profile: TagProfile
    site: SiteProfile
    settings: Settings
    clock: Clock
    people: Workforce
    judge: Judge
    corrections: ItemCorrections
    truck_lists: TruckLists
    new_id: Callable[[], str]
    worker: Callable[[], Worker]
    """Who stands at the bench now."""
    say: Callable[[Said, Sound], None]
    """A remark beside the large sentence."""
    play: Callable[[Sound], None]
    undone: Callable[[Uid], None]
    """The last write to this tag does not stand any more."""
    ask_for: Callable[[Right, Callable[[Worker], None], Callable[[], bool]], bool]
    """Ask for somebody with a right on the spot (right, what to do with who it is, is it still wanted?); False where nobody
    can be asked."""
    lent: Callable[[Right], str | None]
    """By whose right somebody who stands here now does it: "" = the own one suffices (or nobody is asked here), else who lent
    it until the operator changes; None = nobody."""
    lend: Callable[[Right, Worker], None]
    """Somebody lends a right until the operator changes."""
    publish: Callable[[], None]
    """Show at once what has changed; needed only within one long piece of work."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a workflow shows."""

    view: WorkflowView
    prompt: str
    """The one sentence that says what to do next."""
    light: Light = Light.NEUTRAL
    fault: Fault | None = None
    steps: tuple[int, int] | None = None
    """A tag is being written: (steps done, of)."""
    in_hand: ItemInHand | None = None
    """The item whose checks are asked, or whose verdict stands, as in the main job."""


class BenchWorkflow(Protocol):
    """A workflow. Each call may raise `StationError`; the bench then tells it by `failed`."""

    def enter(self) -> None:
        """It has the bench now; what it knew before may still stand."""
        ...

    def scan(self, text: str) -> None:
        """A scanner's burst, whatever it is."""
        ...

    def act(self, act: Act) -> None:
        """A tap; one that does not fit is late or doubled and must do nothing."""
        ...

    def look(self) -> None:
        """The pad was looked at (`WorkflowDesk.pad.inventory`)."""
        ...

    def failed(self, fault: Fault) -> None:
        """What it did ended with this fault: show it until it is answered or settled."""
        ...

    def shown(self) -> Shown: ...


@runtime_checkable
class CheckingWorkflow(BenchWorkflow, Protocol):
    """A workflow that asks a person the checks of an item in hand."""

    def answer(self, answer: Answer) -> None:
        """An answer to the open check; any other is late or doubled, and does nothing."""
        ...

    def reopen(self) -> None:
        """Back to the check before."""
        ...

    def leave(self) -> None:
        """Set the item aside."""
        ...

    def restored(self) -> bool:
        """Take up what was in hand when the station ended; True if there was something."""
        ...
