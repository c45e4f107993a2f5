"""Checks of Alma for `station sync check`: whether it answers, the key's rights, and whether library, department and
codes exist.

Changes nothing: GET and POST of `bibs/test` are the vendor's own test of a key (WADL: "to test if the API key was
configured correctly, including read/write permissions"). Sets are under Configuration, which has the same test: its
WADL is not available, but two public clients quote the vendor's text for POST `conf/test` ("POST Conf Test API", with
the sentence above; libintel's almaconnector and a script that tests all areas). If Alma does not know that address, the
right is reported as not tested. The answers are in docs/reference/systems.md#alma-keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

import msgspec

from station.base.errors import CredentialsRefused, StationError, SyncError, Throttled, Unreachable
from station.base.sentence import Sentence
from station.base.text import clean, clean_sentence
from station.domain.deliveries.delivery import Check, CheckOutcome
from station.sync.alma.client import API, AlmaClient, Place
from station.sync.alma.fields import WRITABLE
from station.sync.alma.mapping import CONDITION, Mapping

CONDITIONS = "ItemPhysicalCondition"
"""Alma's code table of physical conditions."""
PAGE = 100


class _Code(msgspec.Struct):
    code: str | None = None


class _Codes(msgspec.Struct):
    """A page of a list. Alma leaves an empty list out, or gives null."""

    department: list[_Code] | None = None
    circ_desk: list[_Code] | None = None
    row: list[_Code] | None = None
    total_record_count: int | None = None


def checks(
    client: AlmaClient, mapping: Mapping, place: Place, kinds: Iterable[str], *, scans: bool = False
) -> tuple[Check, ...]:
    """Run all checks, each after those on which it depends. `scans`: items that pass are scanned in."""
    answers = _try(
        Sentence("sync-check.alma.answers", place=client.origin),
        lambda: client.try_key("bibs"),
        Sentence("sync-check.alma.do.read" if client.has_key else "sync-check.alma.do.key"),
    )
    results = [answers]
    good = answers.outcome is CheckOutcome.GOOD
    what, writing = Sentence("sync-check.alma.bibs"), lambda: client.try_key("bibs", write=True)
    results.append(_try(what, writing, Sentence("sync-check.alma.do.write")) if good else _rests(what))
    what = Sentence("sync-check.alma.conf")
    conf = (
        _try(what, lambda: client.ask(f"{API}/conf/sets?limit=1"), Sentence("sync-check.alma.do.conf"))
        if good
        else _rests(what)
    )
    results.append(conf)
    if "set-members" in kinds:
        results.append(_sets(client, conf.outcome is CheckOutcome.GOOD))
    results += _places(client, place, scans, conf.outcome is CheckOutcome.GOOD)
    results += _fields(client, mapping, conf.outcome is CheckOutcome.GOOD)
    if good:
        results.append(_left(client))
    return tuple(results)


def order_checks(client: AlmaClient, place: Place) -> tuple[Check, ...]:
    """Run the checks of acquisitions: whether the key may read order lines and receive, and whether library and department
    exist. Whether the department belongs to the library shows at the first receipt."""
    answers = _try(
        Sentence("sync-check.alma.acq", place=client.origin),
        lambda: client.try_key("acq"),
        Sentence("sync-check.alma.do.acq" if client.has_key else "sync-check.alma.do.key"),
    )
    good = answers.outcome is CheckOutcome.GOOD
    what, remedy = Sentence("sync-check.alma.acq-write"), Sentence("sync-check.alma.do.acq-write")
    writing = _try(what, lambda: client.try_key("acq", write=True), remedy) if good else _rests(what)
    library, department = _exists("library", place.library), _exists("department", place.department)
    if not good:
        return (answers, writing, _rests(library), _rests(department))
    remedy = Sentence("sync-check.alma.do.orders")
    address = f"{API}/conf/libraries/{quote(place.library, safe='')}"
    return (
        answers,
        writing,
        _try(library, lambda: client.ask(address), remedy),
        _known(client, f"{API}/conf/departments", "department", place.department, "department", remedy),
    )


def _sets(client: AlmaClient, readable: bool) -> Check:
    what = Sentence("sync-check.alma.sets")
    if not readable:
        return _rests(what)
    try:
        client.try_key("conf", write=True)
    except (CredentialsRefused, Throttled) as error:
        return _bad(what, error, Sentence("sync-check.alma.do.conf-write"))
    except StationError as error:
        why = Sentence("sync-check.alma.sets-unknown", why=clean_sentence(error.detail))
        return Check(
            what=what, outcome=CheckOutcome.NOT_TESTED, found=why, remedy=Sentence("sync-check.alma.do.conf-write")
        )
    return Check(what=what, outcome=CheckOutcome.GOOD)


def _places(client: AlmaClient, place: Place, needed: bool, readable: bool) -> list[Check]:
    if not (place.library or place.department or place.circ_desk) and not needed:
        return [
            Check(
                what=Sentence("sync-check.alma.scan-in"),
                outcome=CheckOutcome.NOT_TESTED,
                found=Sentence("sync-check.alma.no-place"),
            )
        ]
    try:
        place.parameters()
    except SyncError as error:
        return [
            Check(
                what=Sentence("sync-check.alma.scan-in"),
                outcome=CheckOutcome.BAD,
                found=error.detail,
                remedy=Sentence("sync-check.alma.do.place"),
            )
        ]
    what = _exists("library", place.library)
    library = f"{API}/conf/libraries/{quote(place.library, safe='')}"
    if not readable:
        return [_rests(what), _rests(Sentence("sync-check.place"))]
    answers = _try(what, lambda: client.ask(library), Sentence("sync-check.alma.do.library"))
    if place.department:
        where, code = f"{API}/conf/departments", place.department
        return [
            answers,
            _known(client, where, "department", code, "department", Sentence("sync-check.alma.do.department")),
        ]
    where, code = f"{library}/circ-desks", place.circ_desk
    return [answers, _known(client, where, "circ_desk", code, "circ-desk", Sentence("sync-check.alma.do.circ-desk"))]


def _fields(client: AlmaClient, mapping: Mapping, readable: bool) -> list[Check]:
    fields = clean(", ".join(f"{field} = {template}" for field, template in mapping.fields.items()), 500)
    newer = ", ".join(field for field in mapping.fields if WRITABLE[field].newer)
    sentence = Sentence("sync-check.alma.newer", fields=fields, newer=newer) if newer else Sentence.verbatim(fields)
    what = Sentence("sync-check.alma.mapping", name=clean(mapping.name, 60))
    checks = [Check(what=what, outcome=CheckOutcome.GOOD, found=sentence)]
    if CONDITION in "".join(mapping.fields.values()):
        codes = sorted(set(mapping.conditions.values()))
        if not readable:
            return [*checks, *(_rests(_exists("condition", code)) for code in codes)]
        where = f"{API}/conf/code-tables/{CONDITIONS}"
        remedy = Sentence("sync-check.alma.do.conditions", table=CONDITIONS)
        checks += [_known(client, where, "row", code, "condition", remedy) for code in codes]
    return checks


def _left(client: AlmaClient) -> Check:
    what = Sentence("sync-check.alma.left")
    if client.remaining is None:
        return Check(what=what, outcome=CheckOutcome.NOT_TESTED, found=Sentence("sync-check.alma.not-said"))
    sentence = Sentence("sync-check.alma.left-now", count=client.remaining)
    if client.remaining < client.daily_reserve:
        return Check(what=what, outcome=CheckOutcome.BAD, found=sentence, remedy=Sentence("sync-check.alma.do.left"))
    return Check(what=what, outcome=CheckOutcome.GOOD, found=sentence)


def _known(client: AlmaClient, path: str, kind: str, code: str, word: str, remedy: Sentence) -> Check:
    """Check whether the code is in the list, page by page."""
    what = _exists(word, code)
    offset, seen = 0, 0
    try:
        while True:
            query = "" if kind == "row" else "?" + urlencode({"limit": PAGE, "offset": offset})
            page = msgspec.json.decode(client.ask(path + query).body, type=_Codes)
            rows: list[_Code] = getattr(page, kind) or []
            if any(row.code == code for row in rows):
                return Check(what=what, outcome=CheckOutcome.GOOD)
            seen += len(rows)
            offset += len(rows)
            if not rows or kind == "row" or offset >= (page.total_record_count or 0):
                sentence = Sentence("sync-check.alma.not-listed", all=seen)
                return Check(what=what, outcome=CheckOutcome.BAD, found=sentence, remedy=remedy)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Check(what=what, outcome=CheckOutcome.BAD, found=Sentence("sync-check.alma.shape"), remedy=remedy)
    except StationError as error:
        return _bad(what, error, remedy)


def _try(what: Sentence, ask: Callable[[], object], remedy: Sentence) -> Check:
    try:
        ask()
    except StationError as error:
        return _bad(what, error, remedy)
    return Check(what=what, outcome=CheckOutcome.GOOD)


def _bad(what: Sentence, error: StationError, remedy: Sentence) -> Check:
    """Return a failed check. `remedy` applies if the answer was negative; if none came, the remedy concerns the missing
    answer."""
    if isinstance(error, Throttled | Unreachable):
        remedy = Sentence("sync-check.alma.do.later" if isinstance(error, Throttled) else "sync-check.alma.do.away")
    return Check(what=what, outcome=CheckOutcome.BAD, found=clean_sentence(error.detail, 300), remedy=remedy)


def _rests(what: Sentence) -> Check:
    return Check(what=what, outcome=CheckOutcome.NOT_TESTED, found=Sentence("sync-check.rests"))


def _exists(word: str, code: str) -> Sentence:
    return Sentence("sync-check.exists", what=Sentence(f"sync-check.thing.{word}", code=clean(code, 60)))
