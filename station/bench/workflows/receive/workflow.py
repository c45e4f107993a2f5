"""Receive at the bench: open a carton, scan its copies, and see at once what is not as listed.

Each count is journaled at once, before a barcode of ours, a record or a label exists. The store decides in the same
transaction on which line a copy is counted, and what that says; the count is then read back. No tag is read or written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import ReceivingRefused, StationError, WorkError
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench.desk import Desk
from station.bench.moves import moved
from station.bench.snapshot import Shown
from station.bench.workflows.receive.catalog import CopyCatalog
from station.bench.workflows.receive.rules import (
    MOVES,
    Short,
    Trigger,
    addition,
    copy_scanned,
    light,
    numbers_of,
    order_facts,
    prompt,
    short_of,
    title_of,
)
from station.bench.workflows.workflow import BenchWorkflow, stopped_by
from station.catalog.barcodes.barcode import is_ours, ungrouped
from station.catalog.barcodes.carton import carton_of
from station.domain.commands import Act
from station.domain.events import (
    CopyCounted,
    CopyFaulted,
    CopyReturned,
    CountUndone,
    DifferenceNoted,
    ShipmentClosed,
    ShipmentOpened,
    ShipmentStep,
)
from station.domain.notices import Notice
from station.domain.packing_lists.packing_list import LineKey, ListStanding
from station.domain.receiving.counting import CopyFault, CountOutcome, Fit, OpenLine, Purpose
from station.domain.receiving.receipts import is_received_by_itself
from station.domain.receiving.shipment import Count, Shipment, ShipmentLine, shipment_id
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.workflows import CountedCopy, Offered, ReceiveState, ReceiveView

LONGEST: Final = 200
"""Characters of a title, a name or a note."""
_LISTS: Final = 30
"""Lists that are offered at the start."""
_NEWEST: Final = 20
"""Counts that are read to find the newest one that stands."""
_S = ReceiveState


class ReceiveWorkflow(BenchWorkflow):
    """One shipment at a time. Others stay open, and are offered at the start."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._read = desk.ports.shipments
        self._catalog = CopyCatalog(desk.ports.search, desk.titles)
        self._state = _S.START
        self._opening = ShipmentOpened()
        """The shipment that is being opened."""
        self._shipment: Shipment | None = None
        self._lines: dict[LineKey, ShipmentLine] = {}
        """Lines that the shipment should hold."""
        self._short = Short()
        self._sender = ""
        """Name of the vendor or the donor."""
        self._newest: Count | None = None
        self._copy: CountedCopy | None = None
        """The newest count, for display."""
        self._fresh = False
        """True if the large sentence is about the newest count."""
        self._offered: tuple[Offered, ...] = ()
        self._words = ""
        self._other_edition = False
        self._asked: tuple[Count, str] | None = None
        """The copy, and the barcode that differs from the listed one."""
        self._despite: Act | None = None
        """The act that takes a received copy away, while the operator is asked about it."""
        self._fault: Fault | None = None

    def _move(self, trigger: Trigger) -> None:
        self._state = moved(MOVES, self._state, trigger)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Take up the open shipment; of several, one is chosen. Other programs may have changed it meanwhile."""
        if self._shipment is not None:
            self._leave_question()
            self._look_again(self._shipment.id)
        if self._state is _S.START:
            self._offered = self._openable()
            shipments = self._read.shipments()
            if len(shipments) == 1:
                self._take_up(shipments[0].id)

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - a copy is counted with all its parts
        """Take a carton, a list, a copy, or a barcode that was stuck on; in an open question, its typed answer."""
        self._desk.require_worker()
        self._fault = None
        carton = carton_of(text)
        if self._state is _S.NAME and not carton:
            self._named(text)
            return
        self._leave_question()
        if carton:
            self._carton(carton)
        elif self._shipment is None:
            self._papers(text)
        else:
            self._scan_copy(self._shipment, text)

    def act(self, act: Act) -> None:
        """Handle the buttons. Those at a copy name its count, so that a late tap changes no other one."""
        self._desk.require_worker()
        self._fault = None
        if act.name in _OF_NEWEST:
            if (
                self._shipment is not None
                and self._newest is not None
                and act.argument.partition(" ")[0] == str(self._newest.id)
            ):
                self._at_newest(self._shipment, self._newest, act)
            return
        match self._state, act.name:
            case _S.START, "no-papers":
                self._opening = ShipmentOpened()
                self._move(Trigger.NO_LIST)
            case _S.START, "open" if self._is_offered(act.argument):
                self._open_offered(act.argument)
            case _S.LIST, "list" if self._is_offered(act.argument):
                self._open(ShipmentOpened(lists=(act.argument,)))
            case _S.PURPOSE, "purpose" if act.argument in set(Purpose):
                self._has_purpose(Purpose(act.argument))
            case _S.VENDOR, "vendor" if not act.argument or self._is_offered(act.argument):
                self._has_vendor(act.argument)
            case _S.NAME, "name":
                self._named(act.argument)
            case _S.OPEN | _S.LINES, "find":
                self._find(act.argument)
            case _S.LINES, "edition":
                self._other_edition = not self._other_edition
            case _S.LINES, "line" if self._is_offered(act.argument):
                self._count_on(act.argument)
            case _S.LINES, "no-line" if self._words:
                self._count(CopyCounted(shipment=self._shipment_id, title=self._words))
            case _S.BARCODE, "use" if self._asked is not None:
                self._bind(*self._asked)
            case _S.KEPT, "go-on" if self._despite is not None and act.argument == self._despite.argument:
                self._go_on(self._despite)
            case _S.OPEN, "close":
                self._close_or_ask()
            case _S.CLOSING, "more" | "all":
                self._close(more=act.name == "more")
            case _, "back":
                self._leave_question()
            case _:
                return

    def leave(self) -> None:
        """Put the shipment aside; it stays open."""
        self._desk.require_worker()
        self._leave_question()
        if self._state is _S.OPEN:
            self._put_aside(Trigger.LEFT)
            self._desk.say(Sentence("receive.aside"), Sound.ACCEPTED)

    def failed(self, error: StationError) -> None:
        self._fault = stopped_by(self._desk, error)

    def shown(self) -> Shown:
        view = self._view()
        if self._fault is not None:
            return Shown(
                view=view, phase=Phase.STOPPED, prompt=Sentence("state.stopped"), light=Light.BAD, fault=self._fault
            )
        lit = self._fresh and self._copy is not None and self._state is _S.OPEN
        asks = self._state in (_S.BARCODE, _S.KEPT, _S.CLOSING) or (self._state is _S.LINES and not self._offered)
        return Shown(
            view=view,
            prompt=prompt(view, fresh=self._fresh, short=self._short.copies),
            light=light(self._copy) if lit and self._copy is not None else Light.WARNING if asks else Light.NEUTRAL,
            without_reader=True,
        )

    def _view(self) -> ReceiveView:
        shipment, opening = self._shipment, self._opening
        barcode, listed = (self._asked[1], self._asked[0].listed_barcode) if self._asked is not None else ("", "")
        view = ReceiveView(
            state=self._state,
            purpose=opening.purpose,
            offered=self._offered,
            words=self._words,
            other_edition=self._other_edition,
            barcode=clean(barcode, LONGEST),
            listed_barcode=clean(listed, LONGEST),
        )
        if shipment is None:
            return view
        return msgspec.structs.replace(
            view,
            purpose=shipment.purpose,
            sender=self._sender,
            papers=clean(", ".join(shipment.names) or shipment.carton, LONGEST),
            counted=shipment.counted,
            missing=self._short.copies,
            listed=shipment.listed,
            newest=self._copy,
            short=self._short.lines,
            more_short=self._short.more,
        )

    # --- opening ---------------------------------------------------------------------------------------------------------

    def _carton(self, carton: str) -> None:
        """Open a carton by its id, or take it up."""
        if self._shipment is not None:
            if self._shipment.carton == carton:
                self._desk.say(Sentence("receive.same-carton"), Sound.ACCEPTED)
                return
            self._put_aside(Trigger.LEFT)
        known = self._read.shipment_with_carton(carton)
        lists = self._read.lists_of_carton(carton)
        if known:
            self._take_up(known)
        elif lists:
            self._open(ShipmentOpened(carton=carton, lists=lists))
        else:
            self._opening = ShipmentOpened(carton=carton)
            self._move(Trigger.NO_LIST)
            self._desk.say(Sentence("receive.carton-not-listed"), Sound.WARNING)

    def _papers(self, text: str) -> None:
        """Open a shipment by the number of a packing list or an invoice."""
        number = clean(text).casefold()
        lists = [known for known in self._read.packing_lists() if number in (known.name.casefold(), known.id)]
        standing = [known for known in lists if not known.closed]
        if not lists and (in_carton := self._read.lists_of_carton(clean(text))):
            self._open(ShipmentOpened(carton=clean(text), lists=in_carton))  # a carton id of the vendor's own
        elif not standing:
            self._desk.say(Sentence("receive.list-closed" if lists else "receive.carton-first"), Sound.WARNING)
        elif len(standing) == 1:
            self._open_list(standing[0])
        else:
            self._offered = tuple(_offered_list(known) for known in standing)
            self._move(Trigger.SEVERAL)
            self._desk.play(Sound.ACCEPTED)

    def _open_list(self, known: ListStanding) -> None:
        """Open a shipment with a list, or take up the open one that has it."""
        opened = next((shipment.id for shipment in self._read.shipments() if known.id in shipment.lists), "")
        if opened:
            self._take_up(opened)
        else:
            self._open(ShipmentOpened(lists=(known.id,)))

    def _has_purpose(self, purpose: Purpose) -> None:
        self._opening = ShipmentOpened(purpose=purpose, carton=self._opening.carton)
        vendors = [vendor for vendor in self._read.vendors() if not vendor.closed]
        if purpose is Purpose.GIFT:
            self._move(Trigger.ASK_NAME)
        elif vendors:
            self._offered = tuple(
                Offered(key=vendor.id, title=clean(vendor.name, LONGEST))
                for vendor in sorted(vendors, key=lambda vendor: vendor.name.casefold())
            )
            self._move(Trigger.ASK_VENDOR)
        else:
            self._has_vendor("")

    def _has_vendor(self, vendor: str) -> None:
        opening = ShipmentOpened(purpose=self._opening.purpose, carton=self._opening.carton, vendor=vendor)
        if opening.purpose is Purpose.LEASE:
            self._opening, self._offered = opening, ()
            self._move(Trigger.ASK_NAME)
        else:
            self._open(opening)

    def _named(self, name: str) -> None:
        """Take the donor of a gift, or the lease plan; "" = it is not known."""
        opening, name = self._opening, clean(name, LONGEST)
        is_gift = opening.purpose is Purpose.GIFT
        self._open(
            ShipmentOpened(
                purpose=opening.purpose,
                carton=opening.carton,
                vendor=opening.vendor,
                donor=name if is_gift else "",
                plan="" if is_gift else name,
            )
        )

    def _open(self, opening: ShipmentOpened) -> None:
        seq = self._order(opening)
        if seq:
            self._desk.play(Sound.ACCEPTED)
            self._take_up(shipment_id(seq))

    def _take_up(self, ident: str) -> None:
        shipment = self._read.shipment(ident)
        if shipment is None or shipment.closed_at:
            self._desk.say(Sentence("receive.gone"), Sound.WARNING)
            self._offered = self._openable() if self._state is _S.START else self._offered
            return
        self._move(Trigger.OPENED)
        self._offered, self._fresh = (), False
        self._read_all(shipment)

    def _open_offered(self, key: str) -> None:
        """Take up a shipment, or open one with a list."""
        known = next((known for known in self._read.packing_lists() if known.id == key), None)
        if known is not None:
            self._open_list(known)
        else:
            self._take_up(key)

    def _openable(self) -> tuple[Offered, ...]:
        """Return the open shipments, and the newest lists of boxes that were in none."""
        known = {standing.id: standing for standing in self._read.packing_lists()}
        lists = tuple(_offered_list(known[ident]) for ident in self._read.lists_to_open(_LISTS))
        return (*map(self._offered_shipment, self._read.shipments()), *lists)

    def _offered_shipment(self, shipment: Shipment) -> Offered:
        return Offered(
            key=shipment.id,
            title=self._sender_of(shipment) or clean(", ".join(shipment.names) or shipment.carton or shipment.id),
            detail=Sentence(
                "receive.open-shipment",
                purpose=Sentence(f"shipment.purpose.{shipment.purpose}"),
                counted=shipment.counted,
                papers=clean(", ".join(shipment.names) or shipment.carton, LONGEST),
            ),
        )

    def _sender_of(self, shipment: Shipment) -> str:
        vendor = next((known.name for known in self._read.vendors() if known.id == shipment.vendor), shipment.vendor)
        return clean(vendor or shipment.donor, LONGEST)

    def _put_aside(self, trigger: Trigger) -> None:
        self._move(trigger)
        self._shipment, self._newest, self._copy = None, None, None
        self._lines, self._short, self._opening = {}, Short(), ShipmentOpened()
        self._offered = self._openable()

    def _leave_question(self) -> None:
        """Leave an open question: nothing is changed by it."""
        state = self._state
        if state not in (_S.START, _S.OPEN):
            self._move(Trigger.LEFT)
            self._opening = ShipmentOpened()
            self._offered = self._openable() if self._shipment is None else ()
        self._words, self._other_edition, self._asked, self._despite = "", False, None, None

    # --- counting --------------------------------------------------------------------------------------------------------

    def _scan_copy(self, shipment: Shipment, text: str) -> None:
        numbers = numbers_of(text)
        if numbers:
            self._count(copy_scanned(shipment, clean(text), numbers, self._catalog.record_of(numbers[0])))
            return
        rules = self._desk.settings.barcodes
        scanned = clean(ungrouped(text.strip(), rules))
        event = CopyCounted(shipment=shipment.id, scanned=scanned)
        fitting = self._read.lines_for_copy(shipment, event)
        if is_ours(scanned, rules) and all(line.fit is Fit.BARCODE for line in fitting):
            self._scan_ours(shipment, scanned, fitting)
        elif fitting:
            self._count(event)
        elif any(character.isalpha() for character in scanned) and not any(map(str.isdigit, scanned)):
            self._find(scanned)  # title words, typed without the field
        else:
            self._desk.say(Sentence("receive.unknown-number"), Sound.WARNING)

    def _scan_ours(self, shipment: Shipment, barcode: str, fitting: tuple[OpenLine, ...]) -> None:
        """Take a barcode of ours: the one that a list names for a copy, else the one that was stuck on the newest copy."""
        known = self._read.count_of_item(barcode)
        if known is not None and not known.returned:
            self._desk.say(Sentence("receive.barcode-counted", title=title_of(known.title, (barcode,))), Sound.WARNING)
            return
        unbound = [count for count in self._read.counts_of(shipment.id) if count.is_here and not count.barcode]
        waiting = next((count for count in unbound if count.listed_barcode == barcode), None)
        if waiting is not None:  # the station may have ended between the count and its barcode
            self._bind(waiting, barcode)
        elif fitting:
            self._count_listed(shipment, barcode, fitting, unbound)
        elif not unbound:
            self._desk.say(Sentence("receive.count-first"), Sound.WARNING)
        elif unbound[0].listed_barcode:
            self._asked = unbound[0], barcode
            self._move(Trigger.DIFFERS)
            self._desk.play(Sound.WARNING)
        else:
            self._bind(unbound[0], barcode)

    def _count_listed(
        self, shipment: Shipment, barcode: str, fitting: tuple[OpenLine, ...], unbound: list[Count]
    ) -> None:
        """Count a copy on the line that names its barcode. If the copy was just counted by its ISBN on the line of
        another copy of the title, that count moves here."""
        newest = unbound[0] if unbound and self._newest is not None and unbound[0].id == self._newest.id else None
        numbers = {number for line in fitting for number in line.line.numbers}
        same = newest is not None and bool(numbers.intersection(numbers_of(newest.number)))
        undone = (CountUndone(count=newest.id),) if newest is not None and same else ()
        count = self._count(CopyCounted(shipment=shipment.id, scanned=barcode), *undone)
        if count is not None:
            self._bind(count, barcode, quiet=True)

    def _count(self, event: CopyCounted, *before: CountUndone) -> Count | None:
        """Journal a count, after what it replaces, and show what it says. Return it; None = it was refused."""
        seq = self._order(*before, event)
        count = self._read.count(seq) if seq else None
        if count is None or self._shipment is None:
            return None
        self._move(Trigger.COUNTED)
        self._offered, self._words, self._other_edition = (), "", False
        self._fresh = True
        self._look_at_counts(self._shipment)
        self._desk.play(Sound.GOOD if count.outcome is CountOutcome.MATCHED else Sound.WARNING)
        return count

    def _find(self, words: str) -> None:
        """Propose the lines whose titles have these words. A gift is on no line: the words are its title."""
        self._leave_question()
        words = clean(words, LONGEST)
        shipment = self._shipment
        if shipment is None or not words:
            return
        if shipment.purpose is Purpose.GIFT:
            self._count(CopyCounted(shipment=shipment.id, title=words))
            return
        self._words = words
        self._offered = tuple(_offered_line(line) for line in self._read.line_proposals(shipment, words.split()))
        self._move(Trigger.SEARCHED)
        self._desk.play(Sound.ACCEPTED if self._offered else Sound.WARNING)

    def _count_on(self, key: str) -> None:
        ident, _, line = key.partition(" ")
        self._count(
            CopyCounted(
                shipment=self._shipment_id,
                key=LineKey(ident, line),
                chosen=True,
                other_edition=self._other_edition,
            )
        )

    # --- at the newest copy ----------------------------------------------------------------------------------------------

    def _at_newest(self, shipment: Shipment, newest: Count, act: Act, *, despite_receipt: bool = False) -> None:
        argument = act.argument.partition(" ")[2]
        if self._state is not _S.OPEN:
            return
        if act.name in _TAKING_AWAY and not despite_receipt and self._read.may_be_received(newest.id):
            self._despite = act
            self._move(Trigger.RECEIVED)
            self._desk.play(Sound.WARNING)
            return
        undone = CountUndone(count=newest.id, despite_receipt=despite_receipt)
        match act.name:
            case "undo-count":
                self._change(undone, sentence=Sentence("receive.undone", title=self._title(newest)))
            case "fault" if argument in set(CopyFault):
                self._change(CopyFaulted(count=newest.id, fault=CopyFault(argument)))
                self._fresh = True
                self._desk.play(Sound.WARNING)
            case "wrong-edition" if newest.key is not None:
                self._count(
                    CopyCounted(
                        shipment=shipment.id, scanned=newest.number, key=newest.key, chosen=True, other_edition=True
                    ),
                    undone,
                )
            case "send-back":
                returned = CopyReturned(count=newest.id)
                self._change(returned, sentence=Sentence("receive.sent-back", title=self._title(newest)))
            case "note" | "photo" if argument:
                self._note(newest, act.name, clean(argument, LONGEST))
            case "process":
                self._desk.next_item = newest.barcode
            case _:
                return

    def _go_on(self, despite: Act) -> None:
        """Do what was asked for, although the library system keeps its receipt."""
        self._leave_question()
        if self._shipment is not None and self._newest is not None:
            self._at_newest(self._shipment, self._newest, despite, despite_receipt=True)

    def _change(self, event: ShipmentStep, sentence: Sentence = EMPTY) -> None:
        """Journal a change of the newest copy, and say so."""
        if not self._order(event) or self._shipment is None:
            return
        self._move(Trigger.CHANGED)
        self._fresh = False
        self._look_at_counts(self._shipment)
        if sentence:
            self._desk.say(sentence, Sound.ACCEPTED)

    def _note(self, newest: Count, what: str, text: str) -> None:
        """Add a note or a photo to the newest difference of a copy."""
        open_ones = [known for known in self._read.differences_of_count(newest.id) if known.is_open]
        if not open_ones:
            return
        note, photo = (text, "") if what == "note" else ("", text)
        if self._order(DifferenceNoted(difference=open_ones[-1].id, note=note, photo=photo)):
            self._desk.say(Sentence("receive.noted"), Sound.ACCEPTED)

    def _bind(self, count: Count, barcode: str, *, quiet: bool = False) -> None:
        """Journal that our barcode is stuck on a copy: it is part of the collection. `quiet`: the count was shown just
        now, and stays."""
        shipment = self._shipment
        if shipment is None:
            return
        line = self._read.shipment_line(shipment, count.key) if count.key is not None else None
        copy = self._catalog.added(shipment, count, barcode, line.line if line is not None else None)
        fresh = self._fresh
        self._change(
            addition(shipment, count, barcode, copy, line.line.points if line is not None else ""),
            EMPTY if quiet else Sentence("receive.bound", title=self._title(count)),
        )
        self._fresh, self._asked = fresh and quiet, None

    # --- the end ---------------------------------------------------------------------------------------------------------

    def _close_or_ask(self) -> None:
        if self._short.copies:
            self._move(Trigger.ENDING)
            self._desk.play(Sound.WARNING)
        else:
            self._close(more=False)

    def _close(self, *, more: bool) -> None:
        shipment = self._shipment
        if shipment is None or not self._order(ShipmentClosed(shipment=shipment.id, more=more)):
            return
        closed = self._read.shipment(shipment.id)
        self._put_aside(Trigger.CLOSED)
        differences = closed.differences if closed is not None else 0
        sentence = Sentence("receive.closed", count=shipment.counted)
        if differences:
            sentence = Sentence.joined((sentence, Sentence("receive.closed-differences", count=differences)), " ")
        self._desk.say(sentence, Sound.WARNING if differences else Sound.GOOD)

    # --- reading back ----------------------------------------------------------------------------------------------------

    @property
    def _shipment_id(self) -> str:
        return self._shipment.id if self._shipment is not None else ""

    def _is_offered(self, key: str) -> bool:
        return any(offered.key == key for offered in self._offered)

    def _order(self, *events: ShipmentStep) -> int:
        """Journal what the worker asks for. Return the number of the last event; 0 = it was refused, and said so."""
        who = self._desk.worker.id
        try:
            return self._desk.journal.order(*(_by(event, who) for event in events))
        except WorkError as error:
            why = error.detail if isinstance(error, ReceivingRefused) else error.sentence
            self._desk.say(Notice(error.code, why), Sound.WARNING)
        if self._shipment is not None:
            self._look_again(self._shipment.id)
        return 0

    def _look_again(self, ident: str) -> None:
        """Read the shipment again. If it was closed elsewhere, leave it."""
        shipment = self._read.shipment(ident)
        if shipment is None or shipment.closed_at:
            self._leave_question()
            self._put_aside(Trigger.CLOSED)
            return
        self._read_all(shipment)

    def _read_all(self, shipment: Shipment) -> None:
        self._sender = self._sender_of(shipment)
        self._lines = {line.key: line for line in self._read.shipment_lines(shipment)}
        self._look_at_counts(shipment)

    def _look_at_counts(self, shipment: Shipment) -> None:
        """Read the shipment's sums and newest counts, and the lines of these counts, again."""
        self._shipment = self._read.shipment(shipment.id) or shipment
        counts = self._read.counts_of(shipment.id, _NEWEST)
        self._newest = next((count for count in counts if count.is_here), None)
        for key in {count.key for count in counts[:2]} & self._lines.keys():
            line = self._read.shipment_line(shipment, key) if key is not None else None
            if key is not None and line is not None:
                self._lines[key] = line
        self._short = short_of(self._lines.values())
        self._copy = self._shown_copy(shipment, self._newest) if self._newest is not None else None

    def _shown_copy(self, shipment: Shipment, count: Count) -> CountedCopy:
        line = self._read.shipment_line(shipment, count.key) if count.key is not None else None
        return CountedCopy(
            count=str(count.id),
            title=self._title(count),
            outcome=count.outcome,
            faults=count.faults,
            barcode=clean(count.barcode, LONGEST),
            library=clean(count.library, LONGEST),
            here=line.here if line is not None else 0,
            listed=line.line.quantity if line is not None else 0,
            has_line=count.key is not None,
            differs=bool(self._read.differences_of_count(count.id)),
            receives=self._desk.settings.delivery.alma.orders.enabled
            and is_received_by_itself(count, shipment.purpose),
            order=order_facts(self._read.order_line(count.order_line)) if count.order_line else None,
        )

    def _title(self, count: Count) -> str:
        return title_of(count.title, (count.number, count.barcode))


_OF_NEWEST: Final = frozenset({"undo-count", "fault", "wrong-edition", "send-back", "note", "photo", "process"})
"""Actions on the newest copy. Their argument begins with its count."""
_TAKING_AWAY: Final = frozenset({"undo-count", "wrong-edition", "send-back"})
"""Those after which the copy is not here, or is another one."""


def _by(event: ShipmentStep, who: str) -> ShipmentStep:
    return msgspec.structs.replace(event, operator=who)


def _offered_list(known: ListStanding) -> Offered:
    return Offered(
        key=known.id,
        title=clean(known.heading, LONGEST),
        detail=Sentence(
            "receive.list", date=clean(known.date), copies=Sentence("receiving.copies", count=known.quantity)
        ),
    )


def _offered_line(line: OpenLine) -> Offered:
    return Offered(
        key=f"{line.key.list} {line.key.line}",
        title=title_of(line.line.title, line.line.numbers),
        detail=Sentence("receive.here", here=line.here, listed=line.line.quantity),
    )
