"""Ports for screens besides the bench: journal, outbox, corrections, reports, status board, manual and label printing.

Calls may block for some tenths of a second (labels: for seconds): call them from a worker thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from station.base.sentence import Sentence
from station.domain.corrections.correction import Entry, ItemToFix
from station.domain.deliveries.delivery import Delivery, DeliveryRate
from station.domain.distribution.box import Box, PackedItem, Site
from station.domain.events import ItemJudged
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.item_state import StateSince
from station.domain.manual_page import Page, Topic
from station.domain.sampling import By, RejectedLot
from station.domain.status_board import StatusBoard
from station.domain.withdrawals.withdrawal import Withdrawal
from station.domain.workflows import ReleaseLine


class JournalRow(msgspec.Struct, frozen=True):
    """One event, readable by a person."""

    seq: int
    at: str
    kind: str
    summary: Sentence


class Views(Protocol):
    """Lists that one viewer may read, newest first, one page at a time."""

    def journal_page(
        self, before: int | None = None, limit: int = 50, *, plain: bool = False
    ) -> tuple[JournalRow, ...]:
        """Return events before `before`. `plain`: with titles and without ids and codes, for a screen."""
        ...

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        """Return deliveries in one state, or in all states."""
        ...

    def titles(self, barcodes: Iterable[str]) -> dict[str, str]:
        """Return the titles of these items, as far as the journal has them."""
        ...

    def state_of(self, barcode: str) -> StateSince | None:
        """Return the item's state, and since when. A viewer who has to check it without knowing does not see its
        verdict."""
        ...

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        """Return the newest withdrawal of the whole item, or else of a part, that was not canceled."""
        ...

    def judged(self, barcode: str) -> ItemJudged | None:
        """Return the newest verdict on an item. Raise `StillBlind` if the viewer has to check it without knowing."""
        ...

    def item_history(self, barcode: str, limit: int = 50) -> tuple[JournalRow, ...]:
        """Return what the journal has about an item, newest first."""
        ...


class QueryPort(Protocol):
    """Read-only views of journal and outbox."""

    def seen_by(self, viewer: str) -> Views:
        """Return the views of this viewer. Findings are hidden from a worker who still has to do the item's blind
        second check. `viewer` is an id as in `Snapshot.worker`; "" = unknown."""
        ...

    def outbox_counts(self) -> dict[str, int]: ...

    def delivery_rates(self) -> tuple[DeliveryRate, ...]: ...


class WorkPort(Protocol):
    """The correction queue as one viewer may see it."""

    def corrections(self, viewer: str) -> tuple[Entry, ...]:
        """Return open corrections by owner, oldest first. `viewer` is an id or name as in `Snapshot.worker`."""
        ...

    def correction(self, viewer: str, name: str) -> Entry | None:
        """Return one correction by its id, open or closed."""
        ...

    def item_to_fix(self, viewer: str, barcode: str) -> ItemToFix:
        """Return the item of a correction: what its label should be, and what is left to do."""
        ...

    def rejected(self, viewer: str) -> tuple[RejectedLot, ...]:
        """Return rejected lots with items that no person has checked, the earliest rejected first."""
        ...

    def names(self, viewer: str, another: str) -> dict[str, str]:
        """Return names by id. `another`: text in place of each name that the viewer may not know."""
        ...


class ReportLine(msgspec.Struct, frozen=True):
    """One line of a report. All text has passed `text.clean`, or is a drawing made by the station."""

    text: str
    strong: bool = False
    drawn: bool = False
    """True for a drawing: its spaces are significant, and it is cut rather than wrapped."""


class Photo(msgspec.Struct, frozen=True):
    """An image that a camera put into the directory of photos."""

    path: str
    at: str
    """When its file was last written (ISO 8601 UTC)."""


class ReportPort(Protocol):
    """Reports as text. Raises `StationError` (`ExtraMissing`, ...)."""

    def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """Return bad items with exact intervals, by worker, vendor or material, as far as the viewer may see them."""
        ...

    def charts(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """Return p-charts, drawn in text, with the same restriction."""
        ...

    def sampling(self, viewer: str) -> tuple[ReportLine, ...]:
        """Return the state of sampling of each worker and vendor with its reason, with the same restriction."""
        ...

    def photos(self) -> tuple[Photo, ...]:
        """Return the images in `screen.photo_directory`, newest first; () = none, or no directory is set."""
        ...


class StatusBoardPort(Protocol):
    """The status board. Raises `StationError`."""

    def board(self, viewer: str) -> StatusBoard:
        """Return the board as `viewer` may see it (`QueryPort.seen_by`)."""
        ...


class ManualPort(Protocol):
    """The manual, for screens and commands."""

    def topics(self) -> tuple[Topic, ...]:
        """Return the table of contents: pages of workflows, in the order of the work."""
        ...

    def rules(self) -> tuple[Topic, ...]:
        """Return a page for every rule."""
        ...

    def page(self, topic: str, code: str = "", sentence: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """Return the page of a topic, or None. It starts with the advice for `code`, or else for the screen's `sentence`;
        then come the effects of these `buttons` of a stop, by their labels."""
        ...

    def picture(self, name: str) -> tuple[str, ...]:
        """Return the lines of a picture as text; () = no such picture."""
        ...


class LabelMade(msgspec.Struct, frozen=True):
    """The result of a print job."""

    code: Literal["printed", "saved"]
    """saved: no printer is set up, and a file was kept in a directory."""
    sentence: str
    form: str = "PDF"
    """Format of the file or the job, as it is called ("PDF", "ZPL")."""


class LabelPort(Protocol):
    """Prints labels. Blocks for seconds. Raises `PrintError` and `SettingsError`."""

    def label(self, item: ItemRecord) -> LabelMade:
        """Print the item's spine label."""
        ...

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> LabelMade:
        """Print a flag slip with the failed findings."""
        ...

    def truck(self, truck: str, wrong: Sequence[ReleaseLine], count: int, operator: str) -> LabelMade:
        """Print a slip with the wrong lines of a list of `count` items."""
        ...

    def box_label(self, box: Box, site: Site) -> LabelMade:
        """Print the label of a box."""
        ...

    def packing_slip(self, box: Box, site: Site, items: Sequence[PackedItem]) -> LabelMade:
        """Print the list of a box's items, on as many pages as needed."""
        ...

    def item_slip(self, box: Box, site: Site, item: PackedItem) -> LabelMade:
        """Print the slip in one item of a box."""
        ...
