"""What `station sync check` says of Alma: does it answer, what may the key, do library, department and codes exist.

Changes nothing: GET and POST of `bibs/test` are the vendor's own test of a key (WADL: "to test if the API key was
configured correctly, including read/write permissions"). For sets there is no such test in the WADL at hand; that the key
may make them is not tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

import msgspec

from station.deliveries import Check, CheckOutcome
from station.errors import StationError, SyncError, Throttled, Unreachable
from station.sync.alma_client import API, AlmaClient, Place
from station.sync.alma_fields import WRITABLE
from station.sync.alma_mapping import CONDITION, Mapping
from station.text import clean

CONDITIONS = "ItemPhysicalCondition"
"""Alma's code table of physical conditions."""
PAGE = 100
_READ = "Give the key the area Bibs, read/write, and look whether it is a production key: Developer Network, API keys."
_WRITE = "Give the key the area Bibs with read/write; items, scan-in and withdrawal live there."
_CONF = "Give the key the area Configuration, read (for sets: read/write)."
_AWAY = (
    "See delivery.alma.base_url, whether this machine reaches it, and the status page of Ex Libris; no key was judged."
)
_LATER = "Ask again later: the institution's limit of requests is reached, so nothing could be tried."


class _Code(msgspec.Struct):
    code: str = ""


class _Codes(msgspec.Struct):
    department: list[_Code] = []
    circ_desk: list[_Code] = []
    row: list[_Code] = []
    total_record_count: int = 0


def checks(
    client: AlmaClient, mapping: Mapping, place: Place, kinds: Iterable[str], *, scans: bool = False
) -> tuple[Check, ...]:
    """All of it, in the order in which one rests on the other. `scans`: items that pass are scanned in."""
    answers = _try(f"{client.origin} answers and knows the key", lambda: client.ask(f"{API}/bibs/test"), _READ)
    found = [answers]
    good = answers.outcome is CheckOutcome.GOOD
    what = "the key may change items, scan them in and withdraw them"
    found.append(
        _try(what, lambda: client.send(f"{API}/bibs/test", {}, changes=False), _WRITE) if good else _rests(what)
    )
    what = "the key may read configuration and sets"
    conf = _try(what, lambda: client.ask(f"{API}/conf/sets?limit=1"), _CONF) if good else _rests(what)
    found.append(conf)
    if "set-members" in kinds:
        why = "only adding a member would tell; the key needs Configuration, read/write"
        found.append(Check(what="the key may change sets", outcome=CheckOutcome.NOT_TESTED, found=why))
    found += _places(client, place, scans, conf.outcome is CheckOutcome.GOOD)
    found += _fields(client, mapping, conf.outcome is CheckOutcome.GOOD)
    if good:
        found.append(_left(client))
    return tuple(found)


def _places(client: AlmaClient, place: Place, needed: bool, readable: bool) -> list[Check]:
    if not (place.library or place.department or place.circ_desk) and not needed:
        why = "delivery.alma.library with department or circ_desk are not set; only orders that say where can be carried out"
        return [Check(what="where items are scanned in", outcome=CheckOutcome.NOT_TESTED, found=why)]
    try:
        place.parameters()
    except SyncError as error:
        remedy = "Set delivery.alma.library, and either department or circ_desk."
        return [Check(what="where items are scanned in", outcome=CheckOutcome.BAD, found=error.detail, remedy=remedy)]
    what = f"library {clean(place.library, 60)} exists"
    library = f"{API}/conf/libraries/{quote(place.library, safe='')}"
    if not readable:
        return [_rests(what), _rests("department or desk exists")]
    found = [_try(what, lambda: client.ask(library), "Correct delivery.alma.library.")]
    if place.department:
        remedy = "Correct delivery.alma.department; it is the code, not the name."
        where = f"{API}/conf/departments"
        found.append(_known(client, where, "department", place.department, "department", remedy))
    else:
        remedy = "Correct delivery.alma.circ_desk; it is the code, not the name."
        found.append(_known(client, f"{library}/circ-desks", "circ_desk", place.circ_desk, "circulation desk", remedy))
    return found


def _fields(client: AlmaClient, mapping: Mapping, readable: bool) -> list[Check]:
    given = ", ".join(f"{field} = {template}" for field, template in mapping.fields.items())
    newer = [field for field in mapping.fields if WRITABLE[field].newer]
    note = f"; not in the vendor's schema of 2018, seen in later answers: {', '.join(newer)}" if newer else ""
    what = f"the mapping {clean(mapping.name, 60)} gives fields that the station may own"
    found = [Check(what=what, outcome=CheckOutcome.GOOD, found=clean(given + note, 500))]
    if CONDITION in "".join(mapping.fields.values()):
        codes = sorted(set(mapping.conditions.values()))
        if not readable:
            return [*found, *(_rests(f"physical condition {code} exists") for code in codes)]
        where = f"{API}/conf/code-tables/{CONDITIONS}"
        remedy = f"Correct [conditions] in the mapping, or the code table {CONDITIONS} in Alma."
        found += [_known(client, where, "row", code, "physical condition", remedy) for code in codes]
    return found


def _left(client: AlmaClient) -> Check:
    what = "requests left today"
    if client.remaining is None:
        return Check(what=what, outcome=CheckOutcome.NOT_TESTED, found="Alma did not say")
    found = f"{client.remaining} (the institution's, until midnight by Alma's clock)"
    if client.remaining < client.daily_reserve:
        remedy = "See which programs use the institution's requests, or lower delivery.alma.daily_reserve."
        return Check(what=what, outcome=CheckOutcome.BAD, found=found, remedy=remedy)
    return Check(what=what, outcome=CheckOutcome.GOOD, found=found)


def _known(client: AlmaClient, path: str, kind: str, code: str, word: str, remedy: str) -> Check:
    """Is the code in the list, page by page?"""
    what = f"{word} {clean(code, 60)} exists"
    offset, seen = 0, 0
    try:
        while True:
            query = "" if kind == "row" else "?" + urlencode({"limit": PAGE, "offset": offset})
            page = msgspec.json.decode(client.ask(path + query).body, type=_Codes)
            rows: list[_Code] = getattr(page, kind)
            if any(row.code == code for row in rows):
                return Check(what=what, outcome=CheckOutcome.GOOD)
            seen += len(rows)
            offset += len(rows)
            if not rows or kind == "row" or offset >= page.total_record_count:
                found = f"Alma lists {seen}, and this is none of them"
                return Check(what=what, outcome=CheckOutcome.BAD, found=found, remedy=remedy)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Check(what=what, outcome=CheckOutcome.BAD, found="the answer has another shape", remedy=remedy)
    except StationError as error:
        return _bad(what, error, remedy)


def _try(what: str, ask: Callable[[], object], remedy: str) -> Check:
    try:
        ask()
    except StationError as error:
        return _bad(what, error, remedy)
    return Check(what=what, outcome=CheckOutcome.GOOD)


def _bad(what: str, error: StationError, remedy: str) -> Check:
    """`remedy` is for an answer that says no; where none came, what is missing is the answer."""
    told = _LATER if isinstance(error, Throttled) else _AWAY if isinstance(error, Unreachable) else remedy
    return Check(what=what, outcome=CheckOutcome.BAD, found=clean(error.detail, 300), remedy=told)


def _rests(what: str) -> Check:
    return Check(what=what, outcome=CheckOutcome.NOT_TESTED, found="it rests on what is bad above")
