"""Boxes to the sites: the list, one box with its items, and what the desk does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import date_words, local_day_and_time
from station.catalog.barcodes.barcode import check
from station.catalog.barcodes.list import NoBarcodeList, barcodes_of, lines_of
from station.domain.distribution.box import Box, BoxState, Site, box_scanned
from station.domain.distribution.site_list import compare
from station.domain.distribution.sites import site_with, sites_of
from station.domain.events import BoxClosed, BoxOpened, BoxReceived
from station.domain.people.rights import Right, may
from station.domain.ports import Logged
from station.office.answers import LINES
from station.office.asked import Asked, Page, missing
from station.office.corrections import NOTE, reason_field, reason_of
from station.office.filters import Filter, only
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.office.papers import pdf
from station.office.sent_file import FILE
from station.office.steps import steps
from station.printing.box_papers import box_label, packing_slip
from station.reports.tables.boxes import BETWEEN, BoxFilter, items, name_of
from station.reports.tables.boxes import boxes as boxes_table
from station.reports.tables.table import ordered, page_of

RECEIVE: Final = "/boxes/receive"
HOW, BOX, MARKED = "how", "box", "marked"
ALL, LISTED = "all", "list"
LONGEST_NOTE: Final = 300
LONGEST_LIST: Final = 8000
"""Characters of a pasted list."""
_NAMED: Final = 8
"""Barcodes that a problem names."""


def boxes_page(asked: Asked) -> Page:
    """Boxes that are open, on their way or lack items, unless the reader asks for others."""
    title = tell("office.boxes")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    states = Filter(
        "state",
        tell("shipment.head.state"),
        [*((state.value, tell(f"box.state.{state}")) for state in BoxState), ("all", tell("shipment.is.all"))],
    )
    state, today, sites = states.value(asked.text("state")), asked.sources.clock.day(), _sites(asked)
    rows = asked.queries.boxes(everything=bool(state))
    codes = sorted({row.site for row in rows} | {site.code for site in sites}, key=str.casefold)
    by_site = Filter("site", tell("box.head.site"), [(code, clean(site_with(code, sites).heading)) for code in codes])
    filters = (
        states,
        by_site,
        only("overdue", tell("office.head.overdue")),
        only("missing", tell("box.head.missing")),
    )
    _, site, overdue, lacking = (one.value(asked.text(one.name)) for one in filters)
    choice = BoxFilter(
        site=site,
        state="" if state == "all" else state,
        overdue_on=today if overdue else "",
        missing=bool(lacking),
    )
    table = boxes_table(filter(choice.wants, rows), sites, today)
    late = sum(row.is_overdue(today) for row in rows)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={"empty": tell("box.none"), "note": tell("box.overdue", count=late) if late else ""},
    )


def _sites(asked: Asked) -> tuple[Site, ...]:
    return sites_of(asked.sources.settings.distribution)


def _site(asked: Asked, now: Box) -> Site:
    return site_with(now.site, _sites(asked))


# --- one ------------------------------------------------------------------------------------------------------------


def one(asked: Asked) -> Page:
    """One box: facts, its items with missing ones first, and what happened to it."""
    now = _find(asked)
    if now is None:
        return missing()
    new, names = asked.number(NEW) or 0, asked.names_seen()
    table = items(asked.sources.visibility(asked.viewer).packed(now.id), now.id)
    history = asked.queries.box_history(now.id)
    receives = now.state is not BoxState.OPEN and _may_count(asked)
    return Page(
        template="box",
        title=_title(asked, now),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        choose=((RECEIVE, tell("form.do.receive-without")),) if receives and now.count else (),
        values={
            "code": now.state.value,
            "state": tell(f"box.state.{now.state}"),
            "late": bool(now.missing) or now.is_overdue(asked.sources.clock.day()),
            "facts": [fact for fact in _facts(now, history) if fact[1]],
            "heading": tell("box.head.items"),
            "empty": tell("box.empty"),
            "saved": bool(new),
            "doings": list(_doings(asked, now)),
            "links": [
                (tell("box.label"), f"/boxes/{now.id}/label"),
                (tell("box.packing-slip"), f"/boxes/{now.id}/slip"),
            ],
            "steps": steps(history, names, new),
        },
    )


def _facts(now: Box, history: Sequence[Logged]) -> Iterator[tuple[str, str]]:
    yield tell("box.head.items"), str(now.count)
    yield tell("box.head.missing"), str(now.missing) if now.missing else ""
    yield tell("office.head.due"), date_words(now.due) if now.due else ""
    yield tell("shipment.head.closed-at"), local_day_and_time(now.closed_at) if now.closed_at else ""
    yield tell("box.head.received-at"), local_day_and_time(now.received_at) if now.received_at else ""
    yield tell("box.head.reason"), clean(now.reason)
    receipt = next((step.event for step in reversed(history) if isinstance(step.event, BoxReceived)), None)
    yield tell("shipment.head.note"), clean(receipt.note) if receipt is not None and now.received_at else ""


def _title(asked: Asked, now: Box) -> str:
    return tell("box.title", box=name_of(now.id), site=_site(asked, now).heading)


def _may_count(asked: Asked) -> bool:
    return asked.sources.signs_on or may(asked.viewer.role, Right.COUNT)


def _doings(asked: Asked, now: Box) -> Iterator[tuple[str, str]]:
    """Yield what is possible now: path, and name of the button."""
    if not _may_count(asked):
        return
    if now.state is BoxState.OPEN:
        if now.count > now.missing:
            yield f"/boxes/{now.id}/close", tell("form.do.close-box")
        return
    yield f"{RECEIVE}?{BOX}={now.id}", tell("form.do.receive-box")
    yield f"/boxes/{now.id}/reopen", tell("form.do.reopen-box")


def _find(asked: Asked) -> Box | None:
    return asked.queries.box(asked.names["id"]) if asked.queries.exists else None


def _known(asked: Asked, ident: str) -> Box:
    now = asked.queries.box(ident) if asked.queries.exists else None
    if now is None:
        raise ReceivingRefused(Sentence("box.unknown", box=ident))
    return now


# --- forms ----------------------------------------------------------------------------------------------------------


def _form(
    asked: Asked,
    now: Box,
    name: str,
    event: Callable[[Mapping[str, str]], BoxClosed | BoxOpened],
    *fields: Field,
    notes: tuple[str, ...] = (),
) -> Form:
    """`event`: returns what to journal, from what was typed."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        made = msgspec.structs.replace(event(typed), operator=asked.viewer.id, authorised=lent.authorised)
        return f"/boxes/{now.id}?{NEW}={asked.sources.acts.order([made], lent.by, last)}"

    return Form(
        title=tell(f"form.title.{name}-box"),
        subject=_title(asked, now),
        button=tell(f"form.do.{name}-box"),
        back=f"/boxes/{now.id}",
        act=act,
        right=Right.COUNT,
        fields=fields,
        notes=notes,
    )


def close(asked: Asked) -> Form:
    """Close a box: it is ready to leave."""
    now = _known(asked, asked.names["id"])
    days = _site(asked, now).days
    due = asked.sources.clock.day(days) if days else ""
    copies = tell("box.items", count=now.count - now.missing)
    note = tell("box.due", items=copies, day=date_words(due)) if due else copies
    form = _form(asked, now, "close", lambda _: BoxClosed(box=now.id, due=due), notes=(note,))
    return _unless(form, now, BoxState.OPEN)


def reopen(asked: Asked) -> Form:
    """Open a box again, with a reason."""
    now = _known(asked, asked.names["id"])
    form = _form(
        asked,
        now,
        "reopen",
        lambda typed: BoxOpened(box=now.id, site=now.site, reason=reason_of(typed)),
        reason_field(needed=True),
    )
    return _unless(form, now, BoxState.CLOSED, BoxState.RECEIVED)


def _unless(form: Form, now: Box, *states: BoxState) -> Form:
    """Return the form, with a refusal if the box is in none of these states."""
    if now.state in states:
        return form
    return msgspec.structs.replace(form, refusal=ReceivingRefused(Sentence(f"box.is-{now.state}", box=now.id)))


def receive(asked: Asked) -> Form:
    """Record that a site has a box: with all items, with those of a list, or without those that the reader marked."""
    now, marked = _asked_box(asked)
    packed = asked.queries.packed(now.id)
    lacks = [item for item in packed if item.barcode in marked]

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        gone = tuple(item.barcode for item in lacks)
        if not lacks and typed.get(HOW) == LISTED:
            listed = compare(packed, _came(asked, typed, now))
            if listed.strange:
                raise Declined(tell("box.not-packed", barcodes=", ".join(listed.strange[:_NAMED])), LINES)
            gone = listed.missing
        event = BoxReceived(
            box=now.id,
            missing=gone,
            note=clean(typed.get(NOTE, ""), LONGEST_NOTE),
            operator=asked.viewer.id,
            authorised=lent.authorised,
        )
        return f"/boxes/{now.id}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"

    form = Form(
        title=tell("form.title.receive-box"),
        subject=_title(asked, now),
        button=tell("form.do.receive-box"),
        back=f"/boxes/{now.id}",
        act=act,
        right=Right.COUNT,
        fields=(*(() if lacks else _list_fields()), Field(name=NOTE, label=tell("shipment.head.note"))),
        lines=tuple(tell("box.lacks", title=clean(item.title or item.barcode)) for item in lacks),
        notes=(tell("box.newest-counts"),),
        hidden=((BOX, now.id), (MARKED, " ".join(item.barcode for item in lacks))),
    )
    return _unless(form, now, BoxState.CLOSED, BoxState.RECEIVED)


def _asked_box(asked: Asked) -> tuple[Box, frozenset[str]]:
    """Return the box that is asked for, and the barcodes that the reader marked. Raise `ReceivingRefused`."""
    if asked.posted is not None:
        return _known(asked, asked.posted.get(BOX, "")), frozenset(asked.posted.get(MARKED, "").split())
    pairs = [ident.partition(BETWEEN) for ident in asked.every.get("id", ()) if ident]
    ident = asked.text(BOX) or (pairs[0][0] if pairs else "")
    if not ident:
        raise ReceivingRefused(Sentence("box.none-marked"))
    return _known(asked, ident), frozenset(barcode for box, _, barcode in pairs if box == ident)


def _list_fields() -> tuple[Field, ...]:
    return (
        Field(
            name=HOW,
            label=tell("box.what-came"),
            kind=FieldKind.RADIO,
            choices=((ALL, tell("box.all-came")), (LISTED, tell("box.list-came"))),
            needed=True,
        ),
        Field(
            name=LINES, label=tell("box.list"), kind=FieldKind.LONG, longest=LONGEST_LIST, hint=tell("box.list-hint")
        ),
        Field(name=FILE, label=tell("shipment.head.file"), kind=FieldKind.FILE, hint=tell("box.file-hint")),
    )


def _came(asked: Asked, typed: Mapping[str, str], now: Box) -> Iterator[str]:
    """Yield the barcodes of the site's list, pasted or in a file; the label of the box may be among them. Raise
    `Declined`."""
    texts = list(lines_of(typed.get(LINES, "").splitlines()))
    if asked.upload is not None:
        try:
            texts += barcodes_of(asked.upload.content)
        except NoBarcodeList as error:
            raise Declined(tell("box.no-list"), FILE) from error
    barcodes = [text for text in texts if box_scanned(text) != now.id]
    if not barcodes:
        raise Declined(tell("box.list-empty"), LINES)
    for text in barcodes:
        try:
            yield check(text, asked.sources.settings.barcodes)
        except BarcodeMalformed as error:
            raise Declined(tell(error.detail or error.sentence), LINES) from error


# --- papers ---------------------------------------------------------------------------------------------------------


def label(asked: Asked) -> Page:
    """The label of a box, for the printer of the desk."""
    now = _find(asked)
    if now is None:
        return missing()
    return pdf(asked, "box", [box_label(now, _site(asked, now))], f"label-{now.id}")


def slip(asked: Asked) -> Page:
    """The packing slip of a box."""
    from station.printing.job import load_paper, paper_of  # 15 MB that reading needs not

    now, sources = _find(asked), asked.sources
    if now is None:
        return missing()
    lines = load_paper(paper_of("packing-slip", sources.settings.labels, "pdf"), sources.data).lines
    pages = packing_slip(now, _site(asked, now), asked.queries.packed(now.id), lines)
    return pdf(asked, "packing-slip", pages, f"packing-slip-{now.id}")


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/boxes/{id}", one),
    ("/boxes/{id}/label", label),
    ("/boxes/{id}/slip", slip),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    (RECEIVE, receive),
    ("/boxes/{id}/close", close),
    ("/boxes/{id}/reopen", reopen),
)
