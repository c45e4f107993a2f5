"""Alma's services as functions: items, records, scan-in, withdrawal; with the station's share of the limits.

Addresses and parameters: library systems reference, 1.2 and 1.5, and the vendor's WADL. What changes something raises
`InDoubt` when it was sent and no usable answer came; nothing that changes something is ever sent twice from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from station.base.clock import Clock, Deadline
from station.base.credentials import Secret
from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CredentialsRefused,
    InDoubt,
    Rejected,
    StationError,
    Throttled,
    Unreachable,
)
from station.base.text import clean
from station.base.words import tell
from station.sync.alma.codes import NO_SUCH_BARCODE
from station.sync.alma.errors import DAILY_WAIT_S, Fault, Wants, fault_of, said_in, shown
from station.sync.alma.item import AlmaItem
from station.sync.alma.marc import Marc, marc_of
from station.sync.courier.rate_limit import RateLimit
from station.sync.courier.shared_quota import Quota
from station.sync.http import JSON, XML, Answer, Http

API: Final = "/almaws/v1"
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item is scanned in: a library, and a department or a circulation desk, not both."""

    library: str
    department: str = ""
    circ_desk: str = ""
    work_order_type: str = ""
    status: str = ""
    done: bool = False

    def parameters(self) -> dict[str, str]:
        """Only what the page of a desk or of a department has (the service mirrors them); an in-house use is never
        counted. Raises `Rejected` for a place that cannot be: nothing is sent then."""
        if not self.library:
            raise Rejected(tell("alma.place.library"))
        if bool(self.department) is bool(self.circ_desk):
            raise Rejected(tell("alma.place.both"))
        found = {"op": "scan", "library": self.library, "register_in_house_use": "false"}
        if self.circ_desk:
            if self.work_order_type or self.status or self.done:
                raise Rejected(tell("alma.place.desk"))
            return found | {"circ_desk": self.circ_desk}
        more = {"work_order_type": self.work_order_type, "status": self.status, "done": "true" if self.done else ""}
        return found | {"department": self.department} | {name: value for name, value in more.items() if value}


class AlmaClient:
    """One institution's Alma. May be used from several threads.

    `key` is asked for each request, so that a replaced key works without a restart. `daily_reserve`: so many of the
    institution's requests of a day are left to others; the station waits when fewer are left. `remaining` is the newest
    X-Exl-Api-Remaining (requests until midnight by Alma's count), None before the first answer. `quota`: where the share is
    kept together with other processes. Raises `SettingsError`
    when base_url is not usable.
    """

    def __init__(
        self,
        base_url: str,
        key: Callable[[], Secret],
        clock: Clock,
        *,
        requests_per_second: float,
        timeout_s: float,
        daily_reserve: int = 0,
        quota: Quota | None = None,
    ) -> None:
        self.remaining: int | None = None
        self._asked_at = 0.0
        self.daily_reserve = daily_reserve
        self._clock = clock
        self._key = key
        self._rate_limit = RateLimit(requests_per_second, clock, quota)
        self._http = Http(
            base_url, clock=clock, timeout_s=timeout_s, authorization=lambda: Secret(f"apikey {key().reveal()}")
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port, for people."""
        return self._http.origin

    @property
    def has_key(self) -> bool:
        """Is there a key on this machine at all?"""
        try:
            return bool(self._key().reveal())
        except CredentialsRefused:
            return False

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    # --- items ----------------------------------------------------------------------------------------------------

    def item(self, barcode: str, *, label: bool = False, reserve: int = 0) -> AlmaItem:
        """The item with this barcode, through the redirect. `label`: with what `view=label` adds. `reserve` more requests
        are taken from the share before the last one, for what follows it at once.

        Raises `BarcodeUnknown`, `BarcodeAmbiguous` (two items have it) and `SyncError`.
        """
        query = urlencode({"item_barcode": barcode} | ({"view": "label"} if label else {}))
        answer = self.ask(f"{API}/items?{query}", reserve=reserve, follow=True, unknown=NO_SUCH_BARCODE)
        several = _several(answer.body)
        if several:
            said = tell("alma.several", count=several, barcode=clean(barcode, 60))
            raise BarcodeAmbiguous.answered(said, shown(answer.body))
        return AlmaItem(answer.body)

    def item_at(self, path: str, *, label: bool = False, reserve: int = 0) -> AlmaItem:
        """The item at its canonical address (`AlmaItem.path`)."""
        return AlmaItem(self.ask(f"{path}?view=label" if label else path, reserve=reserve).body)

    def put(self, item: AlmaItem, body: bytes) -> None:
        """Send the whole object that `AlmaItem.with_fields` made. Its share was reserved by the question before it."""
        self._rate_limit.spend()
        self.settled(self._http.put(item.path, body))

    def scan_in(self, item: AlmaItem, place: Place) -> None:
        """Scan the item in. The answer's free text is not read: only re-reading tells the item's state (1.5)."""
        query = urlencode(place.parameters())
        self._allow(1)
        self.settled(self._http.post(f"{item.path}?{query}"))

    def withdraw(self, item: AlmaItem, holdings: str, *, override: bool = False) -> None:
        """Delete the item. `holdings`: "retain", "delete" or "suppress" a holding that is left without items. Without
        `override` Alma's warnings (a loan, a request) stop it."""
        query = urlencode({"override": "true" if override else "false", "holdings": holdings})
        self._allow(1)
        self.settled(self._http.delete(f"{item.path}?{query}"), "any")

    # --- records --------------------------------------------------------------------------------------------------

    def bib(self, mms_id: str) -> Marc:
        """The bibliographic record, as MARCXML."""
        return marc_of(self.ask(f"{API}/bibs/{_segment(mms_id)}", accept=XML))

    def holding(self, mms_id: str, holding_id: str) -> Marc:
        """The holdings record, as MARCXML."""
        return marc_of(self.ask(f"{API}/bibs/{_segment(mms_id)}/holdings/{_segment(holding_id)}", accept=XML))

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(
        self, path: str, *, accept: str = JSON, reserve: int = 0, follow: bool = False, unknown: str = ""
    ) -> Answer:
        """The good answer to a question. `follow`: one redirect to the same origin. `unknown`: the code that raises
        `BarcodeUnknown`. A general error is asked once more."""
        answer = self._get(path, 0 if follow else reserve, accept)
        if follow and answer.status in _REDIRECTS:
            answer = self._get(self._http.redirect(answer), reserve, accept)
        fault = self._fault(answer, "xml" if accept == XML else "json")
        if fault is not None:
            if unknown and fault.code == unknown:
                raise BarcodeUnknown.answered(fault.detail, fault.body)
            raise fault.exception(changes=False)
        return answer

    def send(self, path: str, fields: Mapping[str, object], *, changes: bool = True) -> Answer:
        """POST JSON; the good answer. Raises as what changes something, or as a question if it changes nothing."""
        self._allow(1)
        answer = self._http.post(path, msgspec.json.encode(fields) if fields else b"", changes=changes)
        self.settled(answer, changes=changes)
        return answer

    def settled(self, answer: Answer, wants: Wants = "json", *, changes: bool = True) -> None:
        """Raise what the answer to a change says went wrong; an answer that settles nothing is `InDoubt`."""
        self._count(answer)
        fault = self._fault(answer, wants)
        if fault is not None:
            raise fault.exception(changes=changes)

    def again(self, path: str, why: str) -> AlmaItem:
        """Read the item after a change that Alma took; what fails now leaves it in doubt."""
        try:
            return self.item_at(path)
        except StationError as error:
            raise InDoubt(tell(f"alma.again.{why}", why=error), body=said_in(error)) from error

    @contextmanager
    def urgent(self, seconds: float) -> Iterator[None]:
        """What this thread asks for inside goes before all that is not urgent, and has that long altogether: a person
        waits."""
        with self._rate_limit.urgent(Deadline(self._clock, seconds)), self._http.within(seconds):
            yield

    def give(self, count: int = 1) -> None:
        """Hand back requests that were reserved and not sent."""
        self._rate_limit.give(count)

    def _get(self, path: str, reserve: int, accept: str) -> Answer:
        self._allow(1 + reserve)
        answer = self._http.get(path, accept)
        self._count(answer)
        fault = None if answer.status in _REDIRECTS else self._fault(answer, "xml" if accept == XML else "json")
        if fault is not None and fault.again:
            self._allow(1)
            answer = self._http.get(path, accept)
            self._count(answer)
        return answer

    def _allow(self, count: int) -> None:
        """Wait for the share; raises `Throttled` while the institution's day is nearly used up."""
        now = self._clock.monotonic()
        if self.remaining is not None and self.remaining < self.daily_reserve and now < self._asked_at + DAILY_WAIT_S:
            left = self._asked_at + DAILY_WAIT_S - now
            raise Throttled(
                tell("alma.requests-left", left=self.remaining, reserve=self.daily_reserve),
                left,
            )
        self._rate_limit.take(count)

    def _fault(self, answer: Answer, wants: Wants) -> Fault | None:
        return fault_of(answer, self._clock.now(), wants)

    def _count(self, answer: Answer) -> None:
        text = answer.headers.get("x-exl-api-remaining", "")
        if text.isascii() and text.isdigit():
            self.remaining = int(text[:12])
            self._asked_at = self._clock.monotonic()


class _List(msgspec.Struct):
    item: list[msgspec.Raw] = []


def _several(body: bytes) -> int:
    """How many items the answer lists; 0 when it is no list."""
    try:
        return len(msgspec.json.decode(body, type=_List).item)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return 0


def _segment(number: str) -> str:
    if not number.isascii() or not number.isdigit():
        raise Unreachable(tell("alma.no-record-number", number=repr(clean(number, 60))))
    return quote(number, safe="")
