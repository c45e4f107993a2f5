"""Alma's services as functions: items, records, scan-in, withdrawal; within the station's share of the limits.

Addresses and parameters: docs/reference/systems.md#alma-calls and #alma-scan-in, and the vendor's WADL. A changing
request raises `InDoubt` if it was sent and no usable answer came. No changing request is ever sent twice from here.
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
from station.base.sentence import Sentence
from station.base.text import clean
from station.sync.alma.codes import NO_SUCH_BARCODE, NOT_DELETABLE, RECORD_STAYS
from station.sync.alma.document import without_people
from station.sync.alma.errors import DAILY_WAIT_S, AlmaRefusal, Wants, refusal_of, said_in, shown
from station.sync.alma.item import AlmaItem
from station.sync.alma.marc import Marc, marc_of
from station.sync.courier.rate_limit import RateLimit
from station.sync.courier.shared_quota import Quota
from station.sync.http import JSON, XML, Answer, Http

API: Final = "/almaws/v1"
_PAGE: Final = 100
"""Most items on one page."""
MOST_ITEMS: Final = 2_000
"""Most items of one title that are read."""
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class NotDeleted(Exception):
    """Alma refused to delete an item, and its answer says that it is still there or that only its records stay. Never
    raised outside this package."""

    def __init__(self, refusal: AlmaRefusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class NoSuch(Exception):
    """Alma has nothing under the name that was asked for. Never raised outside this package."""

    def __init__(self, refusal: AlmaRefusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Place of a scan-in: a library, and a department or a circulation desk, not both."""

    library: str
    department: str = ""
    circ_desk: str = ""
    work_order_type: str = ""
    status: str = ""
    done: bool = False

    def parameters(self) -> dict[str, str]:
        """Return only the parameters for a desk or for a department (the service mirrors them). An in-house use is
        never counted. Raises `Rejected` for an impossible place; nothing is sent then."""
        if not self.library:
            raise Rejected(Sentence("alma.place.library"))
        if bool(self.department) is bool(self.circ_desk):
            raise Rejected(Sentence("alma.place.both"))
        parameters = {"op": "scan", "library": self.library, "register_in_house_use": "false"}
        if self.circ_desk:
            if self.work_order_type or self.status or self.done:
                raise Rejected(Sentence("alma.place.desk"))
            return parameters | {"circ_desk": self.circ_desk}
        more = {"work_order_type": self.work_order_type, "status": self.status, "done": "true" if self.done else ""}
        return parameters | {"department": self.department} | {name: value for name, value in more.items() if value}


class AlmaClient:
    """One institution's Alma. May be used from several threads.

    `key` is called for each request, so that a replaced key works without a restart. `daily_reserve`: number of the
    institution's daily requests left to others; the station waits when fewer are left. `remaining`: the newest
    X-Exl-Api-Remaining (requests until midnight by Alma's count), None before the first answer. `quota`: ledger of the
    share that other processes also use. Raises `SettingsError` if base_url is not usable.
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
        """Scheme, host and port, for display."""
        return self._http.origin

    @property
    def has_key(self) -> bool:
        """True if this machine has a key."""
        try:
            return bool(self._key().reveal())
        except CredentialsRefused:
            return False

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    # --- items ----------------------------------------------------------------------------------------------------

    def item(self, barcode: str, *, label: bool = False, reserve: int = 0) -> AlmaItem:
        """Return the item with this barcode, after following the redirect. `label`: include the data of `view=label`.
        `reserve`: further requests to take from the share before the last one, for those that follow it at once.

        Raises `BarcodeUnknown`, `BarcodeAmbiguous` (two items have it) and `SyncError`.
        """
        query = urlencode({"item_barcode": barcode} | ({"view": "label"} if label else {}))
        try:
            answer = self.ask(f"{API}/items?{query}", reserve=reserve, follow=True, unknown=NO_SUCH_BARCODE)
        except NoSuch as error:
            raise BarcodeUnknown.answered(error.refusal.detail, error.refusal.body) from None
        several = _several(answer.body)
        if several:
            several_items = Sentence("alma.several", count=several, barcode=clean(barcode, 60))
            raise BarcodeAmbiguous.answered(several_items, shown(answer.body))
        return AlmaItem(answer.body)

    def item_at(self, path: str, *, label: bool = False, reserve: int = 0) -> AlmaItem:
        """Return the item at its canonical address (`AlmaItem.path`)."""
        return AlmaItem(self.ask(f"{path}?view=label" if label else path, reserve=reserve).body)

    def items_of(self, mms_id: str) -> Iterator[AlmaItem]:
        """Yield the items of all holdings of a record, page by page. Raises `Unreachable` for more than `MOST_ITEMS`."""
        offset = 0
        while offset < MOST_ITEMS:
            query = urlencode({"limit": _PAGE, "offset": offset})
            body = self.ask(f"{API}/bibs/{_segment(mms_id)}/holdings/ALL/items?{query}").body
            try:
                page = msgspec.json.decode(body, type=_List)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                raise Rejected(Sentence("alma.no-item-object", why="items"), body=shown(body)) from None
            yield from (AlmaItem(bytes(item)) for item in page.item)
            offset += len(page.item)
            if not page.item or offset >= page.total_record_count:
                return
        raise Unreachable(Sentence("alma.too-many-items", count=MOST_ITEMS))

    def put(self, item: AlmaItem, body: bytes) -> None:
        """Send the whole object from `AlmaItem.with_fields`. The request before it reserved its share."""
        self._rate_limit.spend()
        self.settled(self._http.put(item.path, body))

    def scan_in(self, item: AlmaItem, place: Place) -> None:
        """Scan the item in. The answer's free text is not read: only re-reading shows the item's state
        (docs/reference/systems.md#alma-scan-in)."""
        query = urlencode(place.parameters())
        self._allow(1)
        self.settled(self._http.post(f"{item.path}?{query}"))

    def withdraw(self, item: AlmaItem, holdings: str, bib: str = "retain", *, override: bool = False) -> None:
        """Delete the item. `holdings`: "retain", "delete" or "suppress" a holding that is left without items; `bib`: the
        same for the record that is left without holdings. Without `override`, Alma's warnings (a loan, a request) stop
        the deletion. Raises `NotDeleted`, and the errors of a changing request."""
        policy = {"holdings": holdings} | ({"bib": bib} if holdings == "delete" else {})
        query = urlencode({"override": "true" if override else "false", **policy})
        self._allow(1)
        answer = self._http.delete(f"{item.path}?{query}")
        refusal = self._refusal(answer, "any")
        if refusal is not None and refusal.code in (NOT_DELETABLE, *RECORD_STAYS):
            self._count(answer)
            raise NotDeleted(refusal)
        self.settled(answer, "any")

    def has_holding(self, item: AlmaItem) -> bool:
        """Return True if the holdings record of the item exists."""
        try:
            self.holding(item.mms_id, item.holding_id)
        except Rejected:
            return False
        return True

    # --- records --------------------------------------------------------------------------------------------------

    def bib(self, mms_id: str) -> Marc:
        """Return the whole bibliographic record, as MARCXML. Its inventory (`expand=p_avail`) is not asked for: the item
        names its holding, and the holding is read by itself."""
        return marc_of(self.ask(f"{API}/bibs/{_segment(mms_id)}?view=full", accept=XML))

    def holding(self, mms_id: str, holding_id: str) -> Marc:
        """Return the holdings record, as MARCXML."""
        return marc_of(self.ask(f"{API}/bibs/{_segment(mms_id)}/holdings/{_segment(holding_id)}", accept=XML))

    # --- requests -------------------------------------------------------------------------------------------------

    def try_key(self, area: str, *, write: bool = False) -> None:
        """Ask for Alma's own test of a key in an area ("bibs", "conf"), for reading or for writing. Changes nothing.
        Raises what a question raises. Alma answers in XML or JSON, whatever was asked for."""
        path = f"{API}/{area}/test"
        if not write:
            self.ask(path, wants="document")
            return
        self._allow(1)
        self.settled(self._http.post(path, changes=False), "document", changes=False)

    def ask(
        self,
        path: str,
        *,
        accept: str = JSON,
        wants: Wants | None = None,
        reserve: int = 0,
        follow: bool = False,
        unknown: str = "",
    ) -> Answer:
        """Send a question and return the good answer. `wants`: its content, if not that of `accept`. `follow`: follow
        one redirect to the same origin. `unknown`: the code that raises `NoSuch`. After a general error the question is
        repeated once."""
        wants = wants or ("xml" if accept == XML else "json")
        answer = self._get(path, 0 if follow else reserve, accept, wants)
        if follow and answer.status in _REDIRECTS:
            answer = self._get(self._http.redirect(answer), reserve, accept, wants)
        refusal = self._refusal(answer, wants)
        if refusal is not None:
            if unknown and refusal.code == unknown:
                raise NoSuch(refusal)
            raise refusal.exception(changes=False)
        return answer

    def send(self, path: str, fields: Mapping[str, object], *, changes: bool = True) -> Answer:
        """POST JSON and return the good answer. Raises the errors of a changing request, or those of a question if it
        changes nothing."""
        return self.post(path, msgspec.json.encode(fields) if fields else b"", changes=changes)

    def post(self, path: str, body: bytes, wants: Wants = "json", *, changes: bool = True) -> Answer:
        """POST a whole object in the same way. `wants`: content of the answer."""
        self._allow(1)
        answer = self._http.post(path, body, changes=changes)
        self.settled(answer, wants, changes=changes)
        return answer

    def settled(self, answer: Answer, wants: Wants = "json", *, changes: bool = True) -> None:
        """Raise the error in the answer to a change. An answer that settles nothing is `InDoubt`."""
        self._count(answer)
        refusal = self._refusal(answer, wants)
        if refusal is not None:
            raise refusal.exception(changes=changes)

    def again(self, path: str, why: str) -> AlmaItem:
        """Read the item after a change that Alma accepted. A failure now leaves the change in doubt."""
        try:
            return self.item_at(path)
        except StationError as error:
            raise InDoubt(Sentence(f"alma.again.{why}", why=error.coded_detail), body=said_in(error)) from error

    @contextmanager
    def urgent(self, seconds: float) -> Iterator[None]:
        """Let this thread's requests in the block go before all that are not urgent, within this total time: an
        operator waits."""
        with self._rate_limit.urgent(Deadline(self._clock, seconds)), self._http.within(seconds):
            yield

    def give(self, count: int = 1) -> None:
        """Return requests that were reserved but not sent."""
        self._rate_limit.give(count)

    def _get(self, path: str, reserve: int, accept: str, wants: Wants) -> Answer:
        self._allow(1 + reserve)
        answer = self._read(path, accept)
        refusal = None if answer.status in _REDIRECTS else self._refusal(answer, wants)
        if refusal is not None and refusal.again:
            self._allow(1)
            answer = self._read(path, accept)
        return answer

    def _read(self, path: str, accept: str) -> Answer:
        answer = self._http.get(path, accept)
        self._count(answer)
        return msgspec.structs.replace(answer, body=without_people(answer.body))

    def _allow(self, count: int) -> None:
        """Wait for the share. Raises `Throttled` while the institution's daily requests are nearly used up."""
        now = self._clock.monotonic()
        if self.remaining is not None and self.remaining < self.daily_reserve and now < self._asked_at + DAILY_WAIT_S:
            left = self._asked_at + DAILY_WAIT_S - now
            raise Throttled(
                Sentence("alma.requests-left", left=self.remaining, reserve=self.daily_reserve),
                left,
            )
        self._rate_limit.take(count)

    def _refusal(self, answer: Answer, wants: Wants) -> AlmaRefusal | None:
        return refusal_of(answer, self._clock.now(), wants)

    def _count(self, answer: Answer) -> None:
        text = answer.headers.get("x-exl-api-remaining", "")
        if text.isascii() and text.isdigit():
            self.remaining = int(text[:12])
            self._asked_at = self._clock.monotonic()


class _List(msgspec.Struct):
    item: list[msgspec.Raw] = []
    total_record_count: int = 0


def _several(body: bytes) -> int:
    """Return the number of items in the answer; 0 if it is not a list."""
    try:
        return len(msgspec.json.decode(body, type=_List).item)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return 0


def _segment(number: str) -> str:
    if not number.isascii() or not number.isdigit():
        raise Unreachable(Sentence("alma.no-record-number", number=repr(clean(number, 60))))
    return quote(number, safe="")
