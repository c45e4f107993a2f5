"""What the control socket and the screens ask of a running station: its bench, people's orders, and proofs of identity."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec

from station.base.bus import Bus
from station.base.errors import ControlRefused, StationClosed
from station.base.mailbox import Mailbox, Tickets
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.commands import AskPad, Command, InspectPad, PadRequest, ReadPad, SignOn
from station.domain.deliveries.delivery import Offer
from station.domain.deliveries.intents import Decision
from station.domain.events import DeliveryOrdered, Ordered, PersonEvent, SignedOff, SignedOn, SignOnRefused, WorkOrder
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.pad_answers import PadAnswer
from station.domain.people.changes import Account, Change, Changed, OwnPin
from station.domain.people.rights import Right
from station.domain.people.sign_on import OWN_PROGRAM, By, Claim, is_program_name
from station.domain.ports import DeliverySystem, Worker
from station.domain.snapshot import Snapshot
from station.runtime.identity.proof import Identity
from station.runtime.item_asking import ItemAsking
from station.runtime.library_systems import system_names
from station.runtime.order_offers import carry_out, offers
from station.runtime.order_reader import OrderReader
from station.runtime.order_reading import order_lines_in
from station.runtime.people_changes import PeopleChanges, account_seen
from station.runtime.proven_orders import ask_item, decide, order, read, retry
from station.runtime.socket.wire import Authorising, Decided
from station.store.owner import Store
from station.sync.courier.thread import CourierThread


class RunningBench:
    """`ports.BenchPort` and `domain.ports.PadPort` of a bench in its own thread."""

    def __init__(self, first: Snapshot) -> None:
        self._bus: Bus[Snapshot] = Bus(first)
        self._mailbox: Mailbox[tuple[Command, str, str]] | None = None
        self.tickets: Tickets[PadAnswer] = Tickets(lambda: uuid.uuid4().hex)

    def attach(self, mailbox: Mailbox[tuple[Command, str, str]]) -> None:
        """Set the mailbox that receives the commands."""
        self._mailbox = mailbox

    def publish(self, snapshot: Snapshot) -> None:
        """Publish a snapshot; called by the bench's thread."""
        self._bus.publish(snapshot)

    def submit(self, command: Command, job: str = "") -> str:
        ticket = uuid.uuid4().hex
        if self._mailbox is not None:
            self._mailbox.put((command, ticket, job))
        return ticket

    @property
    def waiting(self) -> int:
        return 0 if self._mailbox is None else self._mailbox.waiting

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        ticket, future = self.tickets.new()
        self.submit(AskPad(ticket, request))
        return future

    @property
    def snapshot(self) -> Snapshot:
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self._bus.subscribe(subscriber)


class Service:
    """Orders of people and requests of programs to a running station. Implements `domain.ports.PadPort` and the
    screens' `OutboxPort`. `identity` proves who asks."""

    def __init__(
        self,
        settings: Settings,
        data: Path,
        store: Store,
        identity: Identity,
        systems: Mapping[str, DeliverySystem],
        bench: RunningBench,
        courier: CourierThread,
        order_reader: OrderReader | None = None,
        items: ItemAsking | None = None,
    ) -> None:
        self._settings = settings
        self._data = data
        self._store = store
        self._identity = identity
        self._systems = systems
        self._bench = bench
        self._courier = courier
        self._order_reader = order_reader
        self._items = items

    def sign_on(self, claim: Claim) -> str:
        """Sign on the person with this login or card and PIN. Return the worker's id. Raises what
        `Authenticator.proven` raises, and `PinChangeNeeded`: a first PIN is changed at the screen or by its command."""
        here = self._bench.snapshot.worker
        worker, grant = self._identity.sign_on(claim, self._recorded, here)
        self._bench.submit(SignOn(worker, grant))
        return worker

    def authorise(self, asked: Authorising) -> str:
        """Have a person lend a right. Return the grant for the command or request concerned; it works once. Raises what
        `sign_on` raises, and `NotAllowed`."""
        here = self._bench.snapshot.worker
        return self._identity.lend(asked.claim, asked.what, asked.right, self._recorded, here)

    def sign_in(self, claim: Claim, via: str) -> tuple[str, Worker]:
        """See `Identity.sign_in`."""
        return self._identity.sign_in(claim, self._recorded, via)

    def sign_out(self, session: str, via: str) -> None:
        """See `Identity.sign_out`."""
        self._identity.sign_out(session, self._recorded, via)

    def viewer(self, session: str, *, use: bool = True) -> Worker | None:
        """See `Identity.viewer`."""
        return self._identity.viewer(session, use=use)

    def names(self, session: str) -> dict[str, str]:
        """See `Identity.names`."""
        return self._identity.names(session)

    def account(self, session: str, worker: str) -> Account:
        """See `account_seen`."""
        return account_seen(self._identity, session, worker)

    def changed(self, change: Change, by: By, expects: int | None = None) -> Changed:
        """Make a change of people (`PeopleChanges.make`). The bench then looks again who is signed on."""
        changed = PeopleChanges(self._settings, self._data, self._identity, self._store).make(change, by, expects)
        self._bench.submit(SignOn())
        return changed

    def own_pin(self, own: OwnPin, via: str) -> Worker:
        """See `Identity.choose_pin`."""
        return self._identity.choose_pin(own, self._store.journal.order, self._recorded, via)

    def _recorded(self, event: SignedOn | SignedOff | SignOnRefused) -> None:
        self._store.journal.record(event)

    def retry(self, delivery: str | None, operator: str = "") -> int:
        count = self._store.retry(delivery, operator)
        self._courier.retry_now()
        return count

    def decide(self, delivery: str, decision: Decision, operator: str, reason: str = "", authorised: str = "") -> str:
        answer = self._store.outbox.decide(delivery, decision, operator, reason, authorised)
        self._courier.nudge()
        return answer.value

    def offers(self, barcode: str) -> tuple[Offer, ...]:
        return offers(self._settings, self._data, self._systems, self._store.queries.set_ids(), barcode)

    def give(self, offer: Offer, operator: str) -> None:
        intent = msgspec.structs.replace(offer.intent, operator=operator)
        reason = Sentence("control.ordered")
        self._carry_out(DeliveryOrdered(system=offer.system, intent=intent, operator=operator, reason=reason))

    def decided(self, decided: Decided, by: By, expects: int | None = None) -> str:
        """Carry out a person's decision about a delivery, received over the socket. If people sign on, the person must
        have proven their identity."""
        answer = decide(self._store, self._identity, decided, by, expects)
        self._courier.nudge()
        return answer

    def order(self, events: Sequence[Ordered], by: By, expects: int | None = None) -> int:
        """Journal a person's orders about work or people, or what another process reports, if that is allowed: all or
        none. Return the number of the last event. Raises `WorkError`. If people sign on, the proofs are those of the
        worker who asks and the one who authorized it. The bench then checks again who is signed on and what is open for
        the current item."""
        number = order(self._store, self._identity, events, by, system_names(self._settings), self._scan_in, expects)
        self._follow(events)
        return number

    def read(self, question: OrderQuestion, by: By) -> OrderAnswer:
        """Ask the library system for order lines or an invoice, for a person, and journal the answer. A shipment's order lines
        are read later. Raises what `order_reading.answer` raises, and `WorkError`."""
        if question.shipment and self._order_reader is not None:
            self._identity.require({by.operator}, by.claims, by.session, Right.PROCESS)
            self._order_reader.read_again(question.shipment)
            return OrderAnswer()
        return read(self._store, self._identity, order_lines_in(self._systems), question, by)

    def item(self, question: ItemQuestion, by: By) -> ItemAnswer:
        """Ask the library system about an item, for a person. Raises what `ItemAsking.answer` raises, and `WorkError`."""
        if self._items is None:
            raise StationClosed()
        return ask_item(self._store, self._identity, self._items, question, by)

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        """See `domain.ports.PadPort`; for programs at the socket. Raises `ControlRefused` if a program that does more
        than look has no name, or one that resembles a person's: its actions are journaled under its name."""
        if not isinstance(request, ReadPad | InspectPad):
            self._require_program(request.source)
        return self._bench.ask(request)

    def _require_program(self, source: str) -> None:
        if not source:
            raise ControlRefused(Sentence("control.source-missing"))
        if not is_program_name(source):
            raise ControlRefused(Sentence("control.source-unfit"))
        if source != OWN_PROGRAM and self._identity.workforce.resembles(source, self._settings.station.operator):
            raise ControlRefused(Sentence("control.source-is-person"))

    def _carry_out(self, event: WorkOrder | PersonEvent) -> None:
        carry_out(self._store, (event,), system_names(self._settings), self._scan_in)
        self._follow((event,))

    @property
    def _scan_in(self) -> Sequence[str]:
        return self._settings.delivery.scanned_in

    def _follow(self, events: Sequence[Ordered]) -> None:
        if any(isinstance(event, DeliveryOrdered) for event in events):
            self._courier.nudge()
        if any(
            isinstance(event, WorkOrder | PersonEvent) and not isinstance(event, DeliveryOrdered) for event in events
        ):
            self._bench.submit(SignOn())

    def retried(self, delivery: str | None, by: By, expects: int | None = None) -> int:
        """`retry`, received over the socket. If people sign on, the worker who asks must have proven their identity."""
        count = retry(self._store, self._identity, delivery, by, expects)
        self._courier.retry_now()
        return count
