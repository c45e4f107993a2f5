"""Ports: services that the core needs, as protocols. Adapters implement them; `station.runtime.station` joins them.

All calls are synchronous and may block. None is made from the screen's thread, except those documented as safe there.
They raise only `errors.StationError`. Import from this package, not from its files.
"""

from __future__ import annotations

from station.domain.ports.bench import Askers, BenchPort, PadPort, SharedBench, StationStatus
from station.domain.ports.boxes import Boxes, ListedCopy, NoBoxes
from station.domain.ports.demo import DemoCard, DemoItem, DemoPort, DemoState
from station.domain.ports.departures import Departures, NoDepartures, StopSigns
from station.domain.ports.elsewhere import Elsewhere, NoElsewhere
from station.domain.ports.items import (
    MOST_FOUND,
    Catalog,
    CatalogSearch,
    Found,
    FoundItem,
    NoPackingLists,
    NoShelfList,
    NoTruckLists,
    PackingLists,
    ShelfList,
    Shelved,
    TruckLists,
    Wanted,
    with_states,
)
from station.domain.ports.journal import Binding, History, Journal, Logged, NoHistory, standing
from station.domain.ports.library_systems import (
    CirculationSystem,
    DeliverySystem,
    OrderLines,
    Outbox,
    TitleReader,
)
from station.domain.ports.people import Authenticator, Proof, Tried, Worker, Workforce
from station.domain.ports.readers import Badges, BadgeSeen, Lack, Reader, ReaderCapabilities, Signal
from station.domain.ports.sampling import Distributions, SamplingBook, SamplingFacts
from station.domain.ports.screens import (
    JournalRow,
    LabelMade,
    LabelPort,
    ManualPort,
    Photo,
    QueryPort,
    ReportLine,
    ReportPort,
    StatusBoardPort,
    Views,
    WorkPort,
)
from station.domain.ports.shipments import NoShipments, Shipments

__all__ = [
    "MOST_FOUND",
    "Askers",
    "Authenticator",
    "BadgeSeen",
    "Badges",
    "BenchPort",
    "Binding",
    "Boxes",
    "Catalog",
    "CatalogSearch",
    "CirculationSystem",
    "DeliverySystem",
    "DemoCard",
    "DemoItem",
    "DemoPort",
    "DemoState",
    "Departures",
    "Distributions",
    "Elsewhere",
    "Found",
    "FoundItem",
    "History",
    "Journal",
    "JournalRow",
    "LabelMade",
    "LabelPort",
    "Lack",
    "ListedCopy",
    "Logged",
    "ManualPort",
    "NoBoxes",
    "NoDepartures",
    "NoElsewhere",
    "NoHistory",
    "NoPackingLists",
    "NoShelfList",
    "NoShipments",
    "NoTruckLists",
    "OrderLines",
    "Outbox",
    "PackingLists",
    "PadPort",
    "Photo",
    "Proof",
    "QueryPort",
    "Reader",
    "ReaderCapabilities",
    "ReportLine",
    "ReportPort",
    "SamplingBook",
    "SamplingFacts",
    "SharedBench",
    "ShelfList",
    "Shelved",
    "Shipments",
    "Signal",
    "StationStatus",
    "StatusBoardPort",
    "StopSigns",
    "TitleReader",
    "Tried",
    "TruckLists",
    "Views",
    "Wanted",
    "WorkPort",
    "Worker",
    "Workforce",
    "standing",
    "with_states",
]
