"""Ports, settings and callbacks of a bench."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.domain.deliveries.intents import Decision
from station.domain.events import CorrectionOpened
from station.domain.pad_answers import PadAnswer
from station.domain.ports import (
    Askers,
    Authenticator,
    Boxes,
    Catalog,
    CatalogSearch,
    Departures,
    Elsewhere,
    History,
    Journal,
    NoBoxes,
    NoDepartures,
    NoElsewhere,
    NoHistory,
    NoPackingLists,
    NoShelfList,
    NoShipments,
    NoTruckLists,
    PackingLists,
    Reader,
    ShelfList,
    Shipments,
    StationStatus,
    StopSigns,
    TruckLists,
    Worker,
    Workforce,
)
from station.domain.snapshot import Snapshot
from station.encoding.profiles.value import SiteProfile
from station.quality.rules import Catalogue
from station.quality.sampling.sampler import Sampler

if TYPE_CHECKING:
    from station.base.clock import Clock


class NoAskers:
    """Null `Askers`: no other program waits for an answer."""

    def begin(self, ticket: str) -> bool:  # noqa: ARG002 - the port names it
        return False

    def answer(self, ticket: str, answer: PadAnswer) -> None: ...


class Unregistered:
    """`Workforce` without registered people: any name is an operator."""

    def find(self, name: str) -> Worker:
        return Worker(id=name, name=name)


@dataclass(frozen=True, kw_only=True)
class BenchPorts:
    reader: Reader
    catalog: Catalog
    index: Catalog | None = None
    """Records at hand, for the titles of items that are not in hand; None = `catalog`."""
    search: CatalogSearch | None = None
    """Finds records by ISBN; None = no catalog can."""
    journal: Journal
    clock: Clock
    settings: Settings
    rules: Catalogue
    wrong_rules: Sentence = EMPTY
    """What is wrong with the site's rule file; empty = nothing. Otherwise no item is begun or judged."""
    systems: Sequence[str]
    """Names of the library systems that receive results."""
    new_id: Callable[[], str]
    publish: Callable[[Snapshot], None]
    """Receives every changed snapshot."""
    status: Callable[[str], StationStatus] = lambda _viewer: StationStatus()
    """Returns the state of the other threads."""
    site: SiteProfile | None = None
    """Layout of this site's tags; None = the built-in profile that the settings name."""
    people: Workforce = field(default_factory=Unregistered)
    sampler: Sampler | None = None
    """Decides which confirmations to ask for; None = ask for all, for every item."""
    shelf: ShelfList = field(default_factory=NoShelfList)
    lists: PackingLists = field(default_factory=NoPackingLists)
    truck_lists: TruckLists = field(default_factory=NoTruckLists)
    shipments: Shipments = field(default_factory=NoShipments)
    boxes: Boxes = field(default_factory=NoBoxes)
    departures: Departures = field(default_factory=NoDepartures)
    stop_signs: StopSigns | None = None
    """Asks for the stop signs of an item; None = nothing is decided at this bench."""
    deleting_system: str = ""
    """Library system that deletes items; "" = none can."""
    history: History = field(default_factory=NoHistory)
    elsewhere: Elsewhere = field(default_factory=NoElsewhere)
    askers: Askers = field(default_factory=NoAskers)
    authenticator: Authenticator | None = None
    """Verifies a person's identity, if sign-on is required (`people.sign_on`)."""
    rules_accepted: Callable[[], str] | None = None
    """Returns the digest of the rules that were accepted last ("" = none). If sign-on is required, no item is begun
    under other rules."""
    settle: Callable[[str, Decision, str, str, str], str] | None = None
    """Carries out a decision about a delivery (delivery, decision, who, why, who lent the right). Raises `WorkError` if
    the decision is not allowed."""
    rechecks: Callable[[str, str, int, str], Sequence[CorrectionOpened]] | None = None
    """Returns the recheck orders for a rejected lot, for the bench to journal; () = none is left to order. Takes the
    fields of `commands.OrderRechecks` (whose, subject, lot) and the person who orders."""
    languages: Collection[str] = ()
    """Codes of the languages that have texts."""
    greeting: Sentence = EMPTY
    """Shown with the first sign-on question."""
