"""Ex Libris Alma as a `CirculationSystem`: items by barcode, and the station's entry in one note field.

Alma knows no version check for items (library systems reference, section 1.4, rule 3). So: read the fresh object,
change one field in it, send it, read again and compare. Changes that others made before our read or after our write
are kept; one made between that read and our write, which follow each other at once, is overwritten and cannot be seen:
the window that remains. A write without a usable answer is in doubt, and `confirm` looks; deliver itself looks too, so
that the same delivery never makes a second entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from station import settings
from station.clock import Clock
from station.credentials import Secret
from station.deliveries import Check, CheckOutcome, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.errors import BarcodeUnknown, Conflict, InDoubt, SyncError, Unreachable
from station.model import Barcode, ItemRecord
from station.sync import alma_note
from station.sync.alma_codes import NO_SUCH_BARCODE
from station.sync.alma_errors import Fault, fault_of
from station.sync.alma_item import AlmaItem, differences
from station.sync.http import Answer, Http
from station.sync.pace import Pace
from station.text import clean

_REDIRECTS: Final = (301, 302, 303, 307, 308)


class Alma:
    """One institution's Alma. `key` is asked for each request, so that a replaced key works without a restart.

    `complete` may add to a live record what Alma does not hold (the expected label). Raises `SettingsError` when
    base_url is not usable. `remaining` is the newest X-Exl-Api-Remaining, the institution's calls left today.
    """

    side_by_side = 4
    kinds = frozenset({"result"})

    def __init__(
        self,
        config: settings.Alma,
        key: Callable[[], Secret],
        clock: Clock,
        *,
        name: str = "alma",
        note_limit: int = alma_note.NOTE_LIMIT,
        complete: Callable[[ItemRecord], ItemRecord] | None = None,
    ) -> None:
        self.name = name
        self.remaining: int | None = None
        self._field = config.note_field
        self._limit = note_limit
        self._clock = clock
        self._complete = complete
        self._bucket = Pace(config.requests_per_second, clock)
        self._http = Http(
            config.base_url,
            clock=clock,
            timeout_s=config.timeout_s,
            authorization=lambda: Secret(f"apikey {key().reveal()}"),
        )

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """The live record; raises `BarcodeUnknown` or a `SyncError`. A person waits for it, so it goes first."""
        with self._bucket.urgent():
            answer = self._get(_by_barcode(barcode))
        fault = fault_of(answer, self._clock.now())
        if fault is not None and fault.code == NO_SUCH_BARCODE:
            raise BarcodeUnknown(fault.detail)
        item = _item(answer, fault)
        if item.barcode != barcode:
            raise BarcodeUnknown(f"Alma answered {barcode} with the item {item.barcode}")
        record = item.record()
        return self._complete(record) if self._complete is not None else record

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Make the item carry the result's entry."""
        alma_note.result(delivery)
        fresh = self._fresh(delivery, reserve=1)
        note = fresh.note(self._field)
        if alma_note.names(note, delivery):
            self._bucket.give()
            return Receipt(f"the entry was in {self._field}", unchanged=True)
        body = fresh.with_note(self._field, alma_note.add(note, delivery, self._limit))
        sending("")
        self._bucket.spend()
        answer = self._http.put(fresh.path, body)
        self._count(answer)
        fault = fault_of(answer, self._clock.now())
        if fault is not None:
            raise fault.exception(changes=True)
        try:
            again = self._get(fresh.path)
            after = _item(again, fault_of(again, self._clock.now()))
        except SyncError as error:
            raise InDoubt(f"Alma took the change, but reading it again failed: {error}") from error
        return self._compared(AlmaItem(body), after, delivery)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Is the entry there? Sends no change."""
        note = self._fresh(delivery, reserve=0).note(self._field)
        return Confirmation.LANDED if alma_note.names(note, delivery) else Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        """Does it answer, and does it know the key?"""
        what = f"{self._http.origin} answers and knows the key"
        try:
            self._bucket.take()
            answer = self._http.get(_by_barcode("-"))
            fault = fault_of(answer, self._clock.now())
        except SyncError as error:
            return (Check(what=what, outcome=CheckOutcome.BAD, found=clean(error.detail, 300), remedy=error.message),)
        if fault is not None and fault.code != NO_SUCH_BARCODE:
            remedy = fault.error.sentence
            return (Check(what=what, outcome=CheckOutcome.BAD, found=clean(fault.detail, 300), remedy=remedy),)
        return (Check(what=what, outcome=CheckOutcome.GOOD),)

    def _fresh(self, delivery: Delivery, reserve: int) -> AlmaItem:
        barcode = alma_note.result(delivery).barcode
        answer = self._get(_by_barcode(barcode), reserve)
        item = _item(answer, fault_of(answer, self._clock.now()))
        if item.barcode != barcode:
            raise Conflict(f"the item found for {barcode} now has the barcode {item.barcode or '(none)'}")
        return item

    def _compared(self, sent: AlmaItem, after: AlmaItem, delivery: Delivery) -> Receipt:
        """Our entry must stand; what others changed meanwhile is theirs, and is named."""
        if after.barcode != sent.barcode:
            raise Conflict(f"the item's barcode became {after.barcode or '(none)'}; it was {sent.barcode}")
        theirs = after.note(self._field)
        if not alma_note.holds(theirs, delivery):
            ours = clean(sent.note(self._field), 500)
            raise Conflict(f"{self._field} is not what was sent. Sent: {ours!r}. Found: {clean(theirs, 500)!r}")
        others = list(differences(sent, after))
        mine = f"item_data.{self._field}"
        if mine in others and alma_note.same(sent.note(self._field), theirs):
            others.remove(mine)
        kept = f"; kept what others changed meanwhile: {', '.join(others)}" if others else ""
        return Receipt(clean(f"entry in {self._field}{kept}", 500))

    def _get(self, path: str, reserve: int = 0) -> Answer:
        """Ask, following one redirect to the same origin. `reserve` more requests are taken from the share before the
        last one, for the write that follows it."""
        answer = self._ask(path, 0)
        if answer.status in _REDIRECTS:
            return self._ask(self._http.redirect(answer), reserve)
        if reserve:
            self._bucket.take(reserve)
        return answer

    def _ask(self, path: str, reserve: int) -> Answer:
        self._bucket.take(1 + reserve)
        answer = self._http.get(path)
        self._count(answer)
        fault = fault_of(answer, self._clock.now())
        if fault is not None and fault.again:
            self._bucket.take()
            answer = self._http.get(path)
            self._count(answer)
        return answer

    def _count(self, answer: Answer) -> None:
        text = answer.headers.get("x-exl-api-remaining", "")
        if text.isascii() and text.isdigit():
            self.remaining = int(text[:12])


def _by_barcode(barcode: str) -> str:
    return f"/almaws/v1/items?item_barcode={quote(barcode, safe='')}"


def _item(answer: Answer, fault: Fault | None) -> AlmaItem:
    if fault is not None:
        raise fault.exception(changes=False)
    if not answer.body:
        raise Unreachable("empty answer")
    return AlmaItem(answer.body)
