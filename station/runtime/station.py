"""The composition root: turn settings into a running station. It and `library_systems` name the adapters."""

from __future__ import annotations

import logging
import random
import secrets
import uuid
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from station import __version__
from station.base.clock import SystemClock
from station.base.errors import PortMissing, StationClosed, StationError
from station.base.extras import extra
from station.base.mailbox import Mailbox
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.bench.item.tag_content import OWN_FILE, site_profile
from station.domain.center_notice import CenterNotice
from station.domain.commands import Badge, Command, Quit
from station.domain.events import (
    DefectFound,
    StationStarted,
    StationStopped,
)
from station.domain.heartbeat import Heartbeat, heartbeat
from station.domain.people.sign_on import NOBODY, Asks, SignOnPrompt, Why
from station.domain.ports import DeliverySystem, NoElsewhere, QueryPort, StationStatus
from station.domain.ports import Reader as PortReader
from station.domain.reader_health import ReaderHealth
from station.domain.snapshot import Phase, Snapshot
from station.drivers.reader.badges import BadgeThread
from station.drivers.reader.measured import keep
from station.drivers.reader.owner import ReaderOwner
from station.drivers.registry import badge_reader, reader_owner
from station.encoding.profiles.value import SiteProfile
from station.quality.rules import Catalogue
from station.quality.sampling.policy import Table, policy_of
from station.quality.sampling.policy import parse as parse_table
from station.quality.sampling.sampler import Sampler
from station.quality.sampling.switching import Policy
from station.quality.statistics.exact import ExactDistributions
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.proof import Identity
from station.runtime.item_asking import ItemAsking
from station.runtime.library_systems import (
    catalog,
    catalog_index,
    close_systems,
    live_system,
    own_file,
    rules_to_show,
    system_names,
    system_that,
    systems,
)
from station.runtime.lot_rechecks import LotOrders
from station.runtime.only_looks import LOOKS, LookingReader, as_is
from station.runtime.open_journal import open_journal
from station.runtime.order_reader import OrderReader
from station.runtime.order_reading import order_lines_in
from station.runtime.presence import noting
from station.runtime.second_tags import SecondTagOrders
from station.runtime.service import RunningBench, Service
from station.runtime.stop_signs import asked_signs
from station.runtime.transfer_reader import TransferReader
from station.store.lists.packing_lists import PackingLists
from station.store.lists.truck_lists import TruckLists
from station.store.owner import Store
from station.store.queries.queries import Queries
from station.sync.courier.courier import Courier, CourierStatus
from station.sync.courier.holds import HOLDS, KeptHolds
from station.sync.courier.thread import CourierThread

if TYPE_CHECKING:
    from station.fleet.elsewhere import ElsewhereThread
    from station.fleet.link import LinkThread
    from station.https.server import HttpsServer

_log = logging.getLogger("station.runtime.station")


def load_profile(settings: Settings, data: Path) -> SiteProfile:
    """Return the profile of this site's tags: a shipped one, or the site's own file. Raises `SettingsError` with file
    and line."""
    if not settings.tag.profile.endswith(OWN_FILE):
        return site_profile(settings)
    return site_profile(settings, own_file(data / settings.tag.profile, "tag.profile"))


def load_sampling_table(settings: Settings, data: Path) -> Table | None:
    """Return the site's own sampling plans, if it has any. Raises `SettingsError` with file and line."""
    name = settings.sampling.table
    return parse_table(own_file(data / name, "sampling.table"), name) if name else None


def load_sampling(settings: Settings, data: Path) -> Policy | None:
    """Return the sampling policy; None if every confirmation is requested. Raises `SettingsError` and
    `ExtraMissing`."""
    if not settings.sampling.enabled:
        return None
    return policy_of(settings.sampling, ExactDistributions(), load_sampling_table(settings, data))


def first_snapshot(settings: Settings) -> Snapshot:
    """Return the snapshot before the bench's first one. If people sign on, no worker is signed on."""
    if not settings.people.sign_on:
        return Snapshot(operator=Sentence.verbatim(settings.station.operator))
    return Snapshot(worker=NOBODY, sign_on=True, sign_on_prompt=SignOnPrompt(asks=Asks.WHO, why=Why.SIGN_ON))


def _no_line() -> NoReturn:
    """Raise `PortMissing`: this station runs without a reader."""
    raise PortMissing(Sentence("control.no-reader"))


class Texts(Protocol):
    """The station's texts (`base.words.Session`), which the face that runs it has opened."""

    @property
    def unusable(self) -> tuple[str, ...]:
        """What is wrong with each file of the site that was left out."""
        ...

    @property
    def languages(self) -> Collection[str]:
        """The code of each language that has texts."""
        ...

    def tell(self, sentence: Sentence) -> str:
        """Return the text of a sentence in the station's language."""
        ...


class Station:
    """A station: start it, use `bench` and `queries`, stop it. The caller holds the data directory's lock."""

    def __init__(
        self, settings: Settings, data: Path, texts: Texts, *, only_looks: bool = False, has_reader: bool = True
    ) -> None:
        """`only_looks`: write no tag, judge no item, order and deliver nothing; `settings` are then those of
        `safe_settings`. `has_reader`: False = open no reader, no badge reader and no Alma's page; the pad is missing."""
        self._has_reader = has_reader
        self._taken = LOOKS if only_looks else None
        self._reader_given: Callable[[PortReader], PortReader] = LookingReader if only_looks else as_is
        self._settings = settings
        self._texts = texts
        self._data = data
        self._clock = SystemClock()
        self._courier_status = CourierStatus()
        self.bench = RunningBench(first_snapshot(settings))
        self._store: Store | None = None
        self._service: Service | None = None
        self._reader: ReaderOwner | None = None
        self._mailbox: Mailbox[tuple[Command, str, str]] | None = None
        self._courier: CourierThread | None = None
        self._link: LinkThread | None = None
        self._elsewhere: ElsewhereThread | None = None
        self._order_reader: OrderReader | None = None
        self._transfer_reader: TransferReader | None = None
        self._web: HttpsServer | None = None
        self._web_words = EMPTY
        self._web_open = False
        self._badges: BadgeThread | None = None
        self.identity = Identity(settings, data, self._views, self._clock)
        self._systems: dict[str, DeliverySystem] = {}
        self._wrong_rules = EMPTY
        """What is wrong with the site's rule file; empty = nothing."""

    @property
    def store(self) -> Store:
        """The open store."""
        if self._store is None:
            raise RuntimeError("the station is not started")
        return self._store

    @property
    def service(self) -> Service:
        """What the socket and the screens may ask of the started station."""
        if self._service is None:
            raise RuntimeError("the station is not started")
        return self._service

    @property
    def web(self) -> HttpsServer | None:
        """The server for Alma's page; None if it does not run."""
        return self._web

    @property
    def queries(self) -> QueryPort:
        """Read-only views."""
        return self.store.queries

    def _views(self) -> Queries:
        if self._store is None:
            raise StationClosed()
        return self._store.queries

    def reader_health(self) -> ReaderHealth | None:
        return None if self._reader is None else self._reader.reader_health()

    def start(self) -> None:
        """Open the journal, the reader, the courier and the bench, in that order. On a failure, close everything that
        was opened."""
        settings, data = self._settings, self._data
        rules, self._wrong_rules = rules_to_show(settings, data)
        site = load_profile(settings, data)
        policy = load_sampling(settings, data)
        self._systems = systems(settings, data, self._texts.tell)
        records = catalog(settings, data, self._systems, noting(lambda: self._store if self._taken is None else None))
        index = catalog_index(settings, data)
        signs = asked_signs(self._systems, index, settings, self._clock)
        self._store = open_journal(settings, data, self._clock, None if self._wrong_rules else rules.texts, self._taken)
        try:
            self._store.journal.record(
                StationStarted(version=__version__, station=settings.station.name, library=settings.library.isil)
            )
            line = None if self._has_reader else _no_line
            self._reader = reader_owner(
                settings.reader, self._clock, line, data=data, keep=partial(keep, data), asks=self._taken is None
            )
            self._reader.start()
            courier = self._start_courier()
            self._start_link(rules)
            orders = self._start_order_reader()
            self._start_transfer_reader()
            self._service = service = Service(
                settings, data, self._store, self.identity, self._systems, self.bench, courier, orders,
                ItemAsking(records, live_system(settings, self._systems), signs),
            )  # fmt: skip
            bench = Bench(
                BenchPorts(
                    reader=self._reader_given(self._reader.reader),
                    catalog=records,
                    index=index,
                    search=index,
                    journal=self._store.journal,
                    clock=self._clock,
                    settings=settings,
                    rules=rules,
                    wrong_rules=self._wrong_rules,
                    systems=system_names(settings),
                    new_id=lambda: uuid.uuid4().hex,
                    publish=self._published,
                    status=self._status,
                    site=site,
                    sampler=self._sampler(policy),
                    askers=self.bench.tickets,
                    people=self.identity.workforce,
                    authenticator=self.identity.authenticator,
                    rules_accepted=self._store.queries.rules_accepted,
                    shelf=index,
                    lists=PackingLists(self._store.queries, settings.receiving),
                    truck_lists=TruckLists(data / path for path in settings.trucks.lists),
                    shipments=self._store.queries,
                    boxes=self._store.queries,
                    departures=self._store.queries,
                    stop_signs=signs,
                    deleting_system=system_that(self._systems, "withdraw"),
                    history=self._store.queries,
                    elsewhere=self._elsewhere or NoElsewhere(),
                    settle=service.decide,
                    languages=self._texts.languages,
                    greeting=Sentence.of(self._greeting()),
                    rechecks=LotOrders(self._store.queries, self._clock, settings.corrections.recheck_days),
                )
            )
            self._mailbox = Mailbox("bench", lambda asked: bench.handle(*asked), bench.tick, self._failed)
            self.bench.attach(self._mailbox)
            self._start_web()
            self._mailbox.start()
            self._start_badges()
        except BaseException:
            self.stop("start failed")
            raise

    def _greeting(self) -> Sentence:
        """Return what the first question must say about the PINs: one was given without proof, or they are not those of
        the journal."""
        greeting = self.store.queries.pin_trace().greeting
        if not self._settings.people.sign_on or not self.identity.authenticator.differs():
            return greeting
        _log.warning("people.db and the journal differ, or the PINs cannot be checked: station doctor says how")
        return Sentence.joined((Sentence("people.not-as-journaled"), greeting), " ")

    def _sampler(self, policy: Policy | None) -> Sampler | None:
        """Return the sampler, with seeds that cannot be guessed: 128 bits from the operating system."""
        if policy is None:
            return None
        by_vendor = self._settings.sampling.by_vendor
        return Sampler(policy, self.store.journal, lambda: secrets.token_hex(16), by_vendor=by_vendor)

    def stop(self, reason: str = "asked to") -> None:
        """Stop intake, finish the current block, journal, close. May be called twice."""
        if self._web is not None:
            self._web.stop()
        if self._badges is not None:
            self._badges.stop()
        if self._mailbox is not None:
            self._mailbox.stop(30.0, last=(Quit(), "", ""))
        self.bench.tickets.close()
        for reading in (self._order_reader, self._transfer_reader):
            if reading is not None:
                reading.stop()
        if self._courier is not None:
            self._courier.stop()
        if self._elsewhere is not None:
            self._elsewhere.stop()
        if self._reader is not None:
            self._reader.stop()
            keep(self._data, self._reader.reader_health())
        store, self._store, self._service = self._store, None, None
        if store is not None:
            try:
                store.journal.record(StationStopped(reason=Sentence.of(reason)))
            finally:
                store.close()
        if self._link is not None:  # the last event is written now
            self._link.stop()
        close_systems(self._systems)
        self._systems = {}

    def _badge_seen(self, uid: str, text: str) -> None:
        self.bench.submit(Badge(uid, text))

    def _start_badges(self) -> None:
        """Start the badge reader's thread, if people sign on and a badge reader is configured."""
        if self._has_reader and self._settings.people.sign_on and self._settings.badge.port:
            badges = badge_reader(self._settings.badge, self._clock)
            self._badges = BadgeThread(badges, self._badge_seen)
            self._badges.start()

    def _start_link(self, rules: Catalogue) -> None:
        """Start to send the journal to the center and to ask it about tags, if this bench has one."""
        if self._settings.fleet.center and self._taken is None:
            from station.fleet.center import Center  # its HTTP client takes long to load
            from station.fleet.elsewhere import ElsewhereThread
            from station.fleet.link import Link, LinkThread

            center = Center(self._settings.fleet, self._data, self._clock)
            asked = Center(self._settings.fleet, self._data, self._clock)
            store, clock = self.store, self._clock
            second = SecondTagOrders(store.journal, store.queries, rules, self._settings.corrections, clock)
            self._elsewhere = ElsewhereThread(asked, store.queries.head().journal_id, clock, second)
            self._elsewhere.start()
            link = Link(self._data / JOURNAL, center, self._clock)
            self._link = LinkThread(link, center, self._clock, partial(self._heartbeat, rules.digest))
            self.bench.subscribe(self._link.bench_changed)
            self._link.start()

    def _heartbeat(self, rules: str) -> Heartbeat:
        return heartbeat(self.bench.snapshot, self.reader_health(), self._clock.now(), __version__, rules)

    def _start_courier(self) -> CourierThread:
        store = self.store
        holds = KeptHolds(self._data / HOLDS, self._clock)
        courier = Courier(store.outbox, self._systems, self._clock, random.Random(), holds)  # noqa: S311
        self._courier = thread = CourierThread(courier, store.outbox, self._courier_changed)
        if self._taken is None:
            thread.start()
            store.tell_of_deliveries(thread.nudge)
        return thread

    def _start_order_reader(self) -> OrderReader | None:
        system = order_lines_in(self._systems)
        if system is None or self._taken is not None:
            return None
        store = self.store
        self._order_reader = reader = OrderReader(system, store.queries, store.journal.order, self._clock)
        reader.start()
        return reader

    def _start_transfer_reader(self) -> None:
        """Read the items of open transfers, in a thread with a catalog of its own."""
        if self._taken is not None:
            return
        store, opened = self.store, self._systems
        open_catalog = partial(catalog, self._settings, self._data, opened)
        self._transfer_reader = TransferReader(store.queries, open_catalog, store.journal.order)
        self._transfer_reader.start()

    def _start_web(self) -> None:
        """Serve Alma's page, if enabled. Wrong settings end the start; a port that is in use is only shown in the
        status."""
        web = self._settings.web
        if not (web.enabled and self._has_reader):
            return
        with extra("web"):
            from station.https.server import is_open
            from station.web.server import SECTION
            from station.web.server import server as web_server
        server = web_server(web, self._data, self.bench)
        try:
            server.start()
        except OSError as error:
            _log.error("web: port %s: %s", web.port, error)
            self._web_words = Sentence("control.web-taken", port=web.port)
            return
        self._web, self._web_open = server, is_open(web.bind, SECTION)
        self._web_words = Sentence("control.web-open" if self._web_open else "control.web-port", port=server.port)

    def _courier_changed(self, status: CourierStatus) -> None:
        self._courier_status = status

    def _status(self, viewer: str) -> StationStatus:
        return StationStatus(
            outbox_depth=self._courier_status.depth,
            outbox_parked=self._courier_status.parked,
            outbox_note=self._courier_status.note,
            lately=self.store.queries.seen_by(viewer).lately(),
            web=self._web_words,
            web_ready=self._web is not None and self._web.serving,
            web_open=self._web_open,
            unusable=(*map(Sentence.verbatim, self._texts.unusable), *filter(None, (self._wrong_rules,))),
            center=CenterNotice() if self._link is None else self._link.notice(),
        )

    def _published(self, snapshot: Snapshot) -> None:
        if snapshot.phase is Phase.DONE and self._courier is not None:
            self._courier.nudge()
        self.bench.publish(snapshot)

    def _failed(self, error: Exception) -> None:
        """Log and journal an error that the bench could not handle and show itself."""
        _log.error("bench: %s", error, exc_info=error)
        try:
            self.store.journal.record(DefectFound(where="bench", error=type(error).__name__))
        except StationError as second:  # the journal itself may have failed; the bench continues and shows it
            _log.error("bench: the defect could not be journaled: %s", second)
