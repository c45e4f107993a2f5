"""What screens read beside the bench: journal, outbox, corrections, reports, status board and manual; and labels to print.

Calls may block for some tenths of a second (labels: for seconds): call from a worker thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from station.domain.corrections import Entry
from station.domain.deliveries.delivery import Delivery, DeliveryRate
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.manual_page import Page, Topic
from station.domain.sampling import By, RejectedLot
from station.domain.status_board import StatusBoard
from station.domain.workflows import ReleaseLine


class JournalRow(msgspec.Struct, frozen=True):
    """One event as a person may read it."""

    seq: int
    at: str
    kind: str
    summary: str


class Views(Protocol):
    """What one viewer may read, newest first, a page at a time."""

    def journal_page(self, before: int | None = None, limit: int = 50) -> tuple[JournalRow, ...]: ...

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        """Deliveries of one state, or of all."""
        ...


class QueryPort(Protocol):
    """Read-only views of journal and outbox."""

    def seen_by(self, viewer: str) -> Views:
        """The views of this viewer: findings are hidden from a worker who has still to do the item's blind second check.
        `viewer` is an id as in `Snapshot.worker`; "" = unknown."""
        ...

    def outbox_counts(self) -> dict[str, int]: ...

    def delivery_rates(self) -> tuple[DeliveryRate, ...]: ...

    def done_today(self) -> int: ...


class WorkPort(Protocol):
    """The correction queue as one viewer may see it."""

    def corrections(self, viewer: str) -> tuple[Entry, ...]:
        """Open corrections, by owner, the oldest first. `viewer` is an id or name as in `Snapshot.worker`."""
        ...

    def correction(self, viewer: str, name: str) -> Entry | None:
        """One correction by its id, open or closed."""
        ...

    def rejected(self, viewer: str) -> tuple[RejectedLot, ...]:
        """Rejected lots with items that no person has checked, the first rejected first."""
        ...

    def names(self, viewer: str) -> dict[str, str]:
        """Names by id, of the workers whom the viewer may know."""
        ...


class ReportLine(msgspec.Struct, frozen=True):
    """One line. All text has passed `text.clean`, or is a drawing of ours."""

    text: str
    strong: bool = False
    drawn: bool = False
    """A drawing: its blanks count, and it is cut rather than wrapped."""


class ReportPort(Protocol):
    """Reports as text. Raises `StationError` (`ExtraMissing`, ...)."""

    def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """Bad items with exact intervals, by worker, vendor or material, as far as the viewer may see them."""
        ...

    def charts(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """p-charts, drawn in text, with the same limits."""
        ...

    def sampling(self, viewer: str) -> tuple[ReportLine, ...]:
        """The state of sampling of each worker and vendor and the reason, with the same limits."""
        ...

    def photos(self) -> tuple[str, ...]:
        """Paths of the images in `screen.photo_directory`, the newest first; () = none, or no such directory is set."""
        ...


class StatusBoardPort(Protocol):
    """The status board. Raises `StationError`."""

    def board(self, viewer: str) -> StatusBoard:
        """The board as `viewer` may see it (`QueryPort.seen_by`)."""
        ...


class ManualPort(Protocol):
    """The manual, as screens and commands read it."""

    def topics(self) -> tuple[Topic, ...]:
        """The contents: pages of workflows, in the order of the work."""
        ...

    def rules(self) -> tuple[Topic, ...]:
        """A page for every rule."""
        ...

    def page(self, topic: str, code: str = "", said: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """The page of a topic; None when there is none. What to do about `code`, or else about the sentence `said`, stands
        first; then what these `buttons` of a stop do, by their labels."""
        ...

    def picture(self, name: str) -> tuple[str, ...]:
        """The lines of a picture as text; () when there is none."""
        ...


class LabelPort(Protocol):
    """Prints labels. Blocks for seconds. Raises `PrintError` and `SettingsError`."""

    def label(self, item: ItemRecord) -> str:
        """Print the item's spine label; returns the outcome in words."""
        ...

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> str:
        """Print a flag slip with what failed; returns the outcome in words."""
        ...

    def truck(self, truck: str, wrong: Sequence[ReleaseLine], count: int, operator: str) -> str:
        """Print a slip with what is wrong in a list of `count` items; returns the outcome in words."""
        ...
