"""The composition root: from settings to a running station. It and `systems` are the only files that name adapters."""

from __future__ import annotations

import logging
import random
import secrets
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final

from station import __version__
from station.bench.bench import Bench
from station.bench.profile import OWN_FILE, site_profile
from station.bus import Bus
from station.clock import SystemClock
from station.commands import AskPad, Command, PadRequest, Quit, SignOn
from station.drivers.registry import reader_owner
from station.drivers.session import ReaderOwner
from station.encoding.profiles import SiteProfile
from station.errors import SettingsError
from station.events import (
    CatalogImported,
    DefectFound,
    DeliveryOrdered,
    FindingWaived,
    PersonEvent,
    StationStarted,
    StationStopped,
    WorkOrder,
)
from station.intents import Decision
from station.mailbox import Mailbox, Tickets
from station.model import Barcode, PadAnswer, Phase, Snapshot
from station.ports import CirculationSystem, QueryPort, StationStatus
from station.quality.rules import Catalogue
from station.quality.sampling.policy import Table, policy_of
from station.quality.sampling.policy import parse as parse_table
from station.quality.sampling.sampler import Sampler
from station.quality.sampling.switching import Policy
from station.quality.shipped import shipped, with_site
from station.quality.waivers import deliveries, rejudged
from station.settings import Settings
from station.statistics.exact import ExactDistributions
from station.store.owner import Store, open_store
from station.store.people import People
from station.store.queries import Queries
from station.store.workforce import Workforce
from station.sync.courier import Courier, CourierStatus
from station.sync.thread import CourierThread
from station.systems import catalog, close_systems, own_file, systems

JOURNAL: Final = "journal.db"
HEADS: Final = "heads"
PEOPLE: Final = "people.db"

if TYPE_CHECKING:
    from station.web.server import WebServer

_log = logging.getLogger("station.wiring")


def load_rules(settings: Settings, data: Path) -> Catalogue:
    """The shipped rules, changed by the site's file; raises `SettingsError` for a bad one."""
    if not settings.rules.site_file:
        return shipped()
    path = data / settings.rules.site_file
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"rules.site_file: {path}: {error}") from error
    return with_site(text, path.name)


def load_profile(settings: Settings, data: Path) -> SiteProfile:
    """How this site's tags look: a ready profile or the site's own file. Raises `SettingsError` with file and line."""
    if not settings.tag.profile.endswith(OWN_FILE):
        return site_profile(settings)
    return site_profile(settings, own_file(data / settings.tag.profile, "tag.profile"))


def load_sampling_table(settings: Settings, data: Path) -> Table | None:
    """The site's own sampling plans, if it has any. Raises `SettingsError` with file and line."""
    name = settings.sampling.table
    return parse_table(own_file(data / name, "sampling.table"), name) if name else None


def load_sampling(settings: Settings, data: Path) -> Policy | None:
    """The sampling policy; None where every confirmation is asked for. Raises `SettingsError` and `ExtraMissing`."""
    if not settings.sampling.enabled:
        return None
    return policy_of(settings.sampling, ExactDistributions(), load_sampling_table(settings, data))


def head_directory(settings: Settings, data: Path) -> Path:
    """Where the journal's head is exported to."""
    configured = settings.station.head_directory
    return Path(configured) if configured else data / HEADS


def workforce(data: Path, queries: Queries) -> Workforce:
    """Who works here."""
    return Workforce(People(data / PEOPLE), queries)


def carry_out(
    store: Store, event: WorkOrder | PersonEvent, systems: Sequence[str], scan_in: Sequence[str] = ()
) -> None:
    """Journal what a person asks, if it may be. A waiver also judges its item once more, and tells the library systems."""
    judged = None
    if isinstance(event, FindingWaived):
        last = store.queries.last_judged(event.barcode, event.part)
        judged = rejudged(last.event, event) if last is not None else None
    passed = store.journal.passed_parts(Barcode(event.barcode)) if isinstance(event, FindingWaived) else frozenset()
    told = deliveries(judged, systems, passed, scan_in) if judged is not None else ()
    store.journal.order(event, result=judged, deliveries=told)


class RunningBench:
    """`ports.BenchPort` and `pad_ports.PadPort` of a bench in its own thread."""

    def __init__(self, first: Snapshot) -> None:
        self._bus: Bus[Snapshot] = Bus(first)
        self._mailbox: Mailbox[Command] | None = None
        self.tickets: Tickets[PadAnswer] = Tickets(lambda: uuid.uuid4().hex)

    def attach(self, mailbox: Mailbox[Command]) -> None:
        """Where commands go."""
        self._mailbox = mailbox

    def publish(self, snapshot: Snapshot) -> None:
        """Called by the bench's thread."""
        self._bus.publish(snapshot)

    def submit(self, command: Command) -> None:
        """See `ports.BenchPort`."""
        if self._mailbox is not None:
            self._mailbox.put(command)

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        """See `pad_ports.PadPort`."""
        ticket, future = self.tickets.new()
        self.submit(AskPad(ticket, request))
        return future

    @property
    def snapshot(self) -> Snapshot:
        """See `ports.BenchPort`."""
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        """See `ports.BenchPort`."""
        return self._bus.subscribe(subscriber)


class Station:
    """A running station: start it, use `bench` and `queries`, stop it. The caller holds the data directory's lock."""

    def __init__(self, settings: Settings, data: Path) -> None:
        self._settings = settings
        self._data = data
        self._clock = SystemClock()
        self._courier_status = CourierStatus()
        self.bench = RunningBench(Snapshot(operator=settings.station.operator))
        self._store: Store | None = None
        self._reader: ReaderOwner | None = None
        self._mailbox: Mailbox[Command] | None = None
        self._courier: CourierThread | None = None
        self._web: WebServer | None = None
        self._web_words = ""
        self._systems: dict[str, CirculationSystem] = {}

    @property
    def store(self) -> Store:
        """The open store."""
        if self._store is None:
            raise RuntimeError("the station is not started")
        return self._store

    @property
    def web(self) -> WebServer | None:
        """The server for Alma's page, where it serves."""
        return self._web

    @property
    def queries(self) -> QueryPort:
        """Read-only views."""
        return self.store.queries

    def start(self) -> None:
        """Open the journal, the reader, the bench and the courier, in that order; what fails closes what was opened."""
        settings, data = self._settings, self._data
        rules = load_rules(settings, data)
        site = load_profile(settings, data)
        policy = load_sampling(settings, data)
        self._systems = systems(settings, data)
        records = catalog(settings, data, self._systems)
        self._store = open_store(data / JOURNAL, self._clock, head_directory=head_directory(settings, data))
        try:
            self._store.journal.record(
                StationStarted(version=__version__, station=settings.station.name, library=settings.library.isil)
            )
            self._reader = reader_owner(settings.reader, self._clock, data=data)
            self._reader.start()
            self._start_courier()
            bench = Bench(
                reader=self._reader.reader,
                catalog=records,
                journal=self._store.journal,
                clock=self._clock,
                settings=settings,
                rules=rules,
                systems=tuple(self._systems),
                new_id=lambda: uuid.uuid4().hex,
                publish=self._published,
                status=self._status,
                site=site,
                sampler=self._sampler(policy),
                askers=self.bench.tickets,
                people=workforce(data, self._store.queries),
            )
            self._mailbox = Mailbox("bench", bench.handle, bench.tick, self._failed)
            self.bench.attach(self._mailbox)
            self._start_web()
            self._mailbox.start()
        except BaseException:
            self.stop("start failed")
            raise

    def _sampler(self, policy: Policy | None) -> Sampler | None:
        """With seeds that nobody can guess: 128 bits from the operating system."""
        if policy is None:
            return None
        by_vendor = self._settings.sampling.by_vendor
        return Sampler(policy, self.store.journal, lambda: secrets.token_hex(16), by_vendor=by_vendor)

    def stop(self, reason: str = "asked to") -> None:
        """Stop intake, finish the block in flight, journal, close. Safe to call twice."""
        if self._web is not None:
            self._web.stop()
        if self._mailbox is not None:
            self._mailbox.put(Quit())
            self._mailbox.stop(30.0)
        self.bench.tickets.close()
        if self._courier is not None:
            self._courier.stop()
        if self._reader is not None:
            self._reader.stop()
        store, self._store = self._store, None
        if store is not None:
            try:
                store.journal.record(StationStopped(reason=reason))
            finally:
                store.close()
        close_systems(self._systems)
        self._systems = {}

    def retry(self, delivery: str | None) -> int:
        """Make a parked delivery (None: all of them) due again; returns how many."""
        count = self.store.retry(delivery)
        if self._courier is not None:
            self._courier.retry_now()
        return count

    def decide(self, delivery: str, decision: Decision, operator: str, reason: str = "") -> str:
        """See `deliveries.OutboxPort`."""
        answer = self.store.outbox.decide(delivery, decision, operator, reason)
        if self._courier is not None:
            self._courier.nudge()
        return answer.value

    def order(self, event: WorkOrder | PersonEvent) -> None:
        """Journal what a person asks about work or people, if it may be; raises `WorkError`. The bench looks again who
        stands there, and what is open of the item in hand."""
        carry_out(self.store, event, tuple(self._systems), self._settings.delivery.scanned_in)
        if not isinstance(event, DeliveryOrdered):
            self.bench.submit(SignOn())
        elif self._courier is not None:
            self._courier.nudge()

    def imported(self, event: CatalogImported) -> None:
        """Journal an import that another process did; the index is read anew by itself."""
        self.store.journal.record(event)

    def _start_courier(self) -> None:
        store = self.store
        courier = Courier(store.outbox, self._systems, self._clock, random.Random())  # noqa: S311
        self._courier = CourierThread(courier, store.outbox, self._courier_changed)
        self._courier.start()

    def _start_web(self) -> None:
        """Serve Alma's page, if that is asked for. Wrong settings end the start; a port that is taken only shows."""
        web = self._settings.web
        if not web.enabled:
            return
        try:
            from station.web.server import WebServer, is_open
        except ImportError as error:
            raise SettingsError(f"web.enabled: the extra packages for it are not installed ({error.name})") from error
        server = WebServer(web, self._data, self.bench)
        try:
            server.start()
        except OSError as error:
            _log.error("web: port %s: %s", web.port, error)
            self._web_words = f"port {web.port} is taken or not allowed"
            return
        self._web = server
        self._web_words = f"open to the network, port {server.port}" if is_open(web.bind) else f"port {server.port}"

    def _courier_changed(self, status: CourierStatus) -> None:
        self._courier_status = status

    def _status(self) -> StationStatus:
        return StationStatus(
            outbox_depth=self._courier_status.depth,
            outbox_parked=self._courier_status.parked,
            outbox_note=self._courier_status.note,
            done_today=self.store.queries.done_today(),
            web=self._web_words,
            web_ready=self._web is not None and self._web.serving,
        )

    def _published(self, snapshot: Snapshot) -> None:
        if snapshot.phase is Phase.DONE and self._courier is not None:
            self._courier.nudge()
        self.bench.publish(snapshot)

    def _failed(self, error: Exception) -> None:
        """The bench catches everything; this is for what it could not even show."""
        _log.error("bench: %s", error, exc_info=error)
        self.store.journal.record(DefectFound(where="bench", error=type(error).__name__))
