"""Transfers and new call numbers: the list, one transfer with its proofs, and what the desk does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Final

import msgspec

from station.acquisitions.transfer_lists import lines_of
from station.base.errors import BarcodeUnknown, DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import date_words, local_day_and_time
from station.catalog.barcodes.barcode import check
from station.domain.events import Ordered, TransferCanceled, TransferDecided
from station.domain.item_question import ItemQuestion
from station.domain.people.rights import Right, may
from station.domain.transfer_reading import readings, shown_by
from station.domain.transfers.shelves import after
from station.domain.transfers.transfer import Shelf, Transfer, TransferStep
from station.domain.withdrawals.proof import Proof
from station.office.asked import Asked, Page, missing
from station.office.corrections import NOTE, reason_field, reason_of
from station.office.filters import Filter
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.office.sent_file import FILE
from station.office.steps import steps
from station.reports.tables.table import ordered, page_of
from station.reports.tables.transfers import TransferFilter, shelf_words
from station.reports.tables.transfers import transfers as transfers_table
from station.runtime.transfer_decisions import LONGEST_NOTE, decision, moving_system

NEW_TRANSFER: Final = "/transfers/new"
BARCODE, LIBRARY, LOCATION, CALL_NUMBER = "barcode", "library", "location", "call-number"
APPROVER: Final = "approver"
_WAITING: Final = (TransferStep.WAIT, TransferStep.SETTLE)


def transfers_page(asked: Asked) -> Page:
    """Transfers that are not finished, unless the reader asks for all."""
    title = tell("office.transfers")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    by_step = Filter(
        "step",
        tell("transfer.head.step"),
        [*((step.value, tell(f"transfer.step.{step}")) for step in TransferStep), ("all", tell("shipment.is.all"))],
    )
    step = by_step.value(asked.text("step"))
    rows = asked.sources.visibility(asked.viewer).transfers(everything=step in ("all", TransferStep.NOTHING))
    libraries = sorted({row.wanted.library for row in rows if row.wanted.library}, key=str.casefold)
    lists = sorted({row.list for row in rows if row.list}, key=str.casefold)
    filters = (
        by_step,
        Filter("library", tell("shipment.head.library"), [(code, clean(code)) for code in libraries]),
        Filter("list", tell("transfer.head.list"), [(name, clean(name)) for name in lists]),
    )
    _, library, list_name = (one.value(asked.text(one.name)) for one in filters)
    choice = TransferFilter(step="" if step == "all" else step, library=library, list=list_name)
    table = transfers_table(filter(choice.wants, rows))
    ready = sum(row.next_step is TransferStep.PROCESS for row in rows)
    return Page(
        template="list",
        title=title,
        read=lambda after_id: page_of(ordered(table, asked.text("sort")), after_id, asked.rows),
        filters=filters,
        values={
            "empty": tell("transfer.none"),
            "note": tell("transfer.ready", count=ready) if ready else "",
            "choices": [(tell("form.do.new-transfer"), NEW_TRANSFER, False)] if _may(asked) else [],
        },
    )


def one(asked: Asked) -> Page:
    """One transfer: its proofs, and what happened to it."""
    now = _find(asked)
    if now is None:
        return missing()
    new, names = asked.number(NEW) or 0, asked.names_seen()
    return Page(
        template="difference",
        title=clean(now.title or now.barcode),
        values={
            "what": tell("transfer.moves", before=shelf_words(now.before), wanted=shelf_words(now.wanted)),
            "state": tell("transfer.canceled" if now.canceled_at else f"transfer.step.{now.next_step}"),
            "late": now.next_step is TransferStep.SETTLE,
            "facts": [fact for fact in _facts(asked, now) if fact[1]],
            "saved": bool(new),
            "doings": list(_doings(asked, now)),
            "links": list(_links(now)),
            "steps": steps(asked.queries.transfer_history(now.id), names, new),
        },
    )


def _facts(asked: Asked, now: Transfer) -> Iterator[tuple[str, str]]:
    names = asked.names_seen()
    yield tell("office.head.barcode"), now.barcode
    for proof in now.proofs[1:]:
        yield tell(f"transfer.head.{proof.layer}"), _proof_words(proof)
    yield tell("transfer.head.reason"), clean(now.reason)
    yield tell("shipment.head.note"), clean(now.note)
    yield tell("transfer.head.approver"), clean(now.approver)
    yield tell("transfer.head.list"), clean(now.list)
    yield tell("transfer.head.owner"), names.get(now.owner, now.owner)
    yield tell("office.head.since"), local_day_and_time(now.decided_at)
    yield tell("transfer.head.cancel-reason"), clean(now.cancel_reason)


def _proof_words(proof: Proof) -> str:
    state = tell(f"transfer.proof.{proof.code or proof.state}")
    detail = clean(tell(proof.detail))
    day = date_words(proof.at[:10]) if proof.at else ""
    return ", ".join(filter(None, (state, day, detail)))


def _links(now: Transfer) -> Iterator[tuple[str, str]]:
    yield tell("form.to-item"), f"/items/{now.barcode}"
    if now.delivery:
        yield tell("office.outbox"), f"/outbox/{now.delivery}"


def _doings(asked: Asked, now: Transfer) -> Iterator[tuple[str, str]]:
    """Yield what is possible now: path, and name of the button."""
    if now.next_step in _WAITING:
        yield f"/transfers/{now.id}/read", tell("form.do.read-transfer")
        if _may(asked):
            yield f"/transfers/{now.id}/confirm", tell("form.do.confirm-transfer")
            yield f"/transfers/{now.id}/cancel", tell("form.do.cancel-transfer")


def _may(asked: Asked) -> bool:
    return asked.sources.signs_on or may(asked.viewer.role, Right.WITHDRAW)


def _find(asked: Asked) -> Transfer | None:
    if not asked.queries.exists:
        return None
    return asked.sources.visibility(asked.viewer).transfer(asked.names["id"])


# --- forms ----------------------------------------------------------------------------------------------------------


def new(asked: Asked) -> Form:
    """Decide one transfer, or those of a file."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        made = _of_file(asked, typed) if asked.upload is not None else (_of_item(asked, typed, lent),)
        signed = [msgspec.structs.replace(event, authorised=lent.authorised) for event in made]
        seq = asked.sources.acts.order(signed, lent.by, last)
        return f"/transfers/transfer-{seq}?{NEW}={seq}" if len(signed) == 1 else "/transfers"

    ordered_there = moving_system(asked.sources.settings, Shelf())
    fields = (
        Field(name=BARCODE, label=tell("office.head.barcode"), value=asked.text(BARCODE)),
        Field(name=LIBRARY, label=tell("transfer.new-library")),
        Field(name=LOCATION, label=tell("transfer.new-location")),
        Field(name=CALL_NUMBER, label=tell("transfer.new-call-number")),
        Field(name=FILE, label=tell("transfer.or-file"), kind=FieldKind.FILE, hint=tell("transfer.file-hint")),
        reason_field(),
        Field(name=NOTE, label=tell("shipment.head.note")),
        Field(name=APPROVER, label=tell("transfer.head.approver")),
    )
    return Form(
        title=tell("form.title.new-transfer"),
        subject="",
        button=tell("form.do.new-transfer"),
        back="/transfers",
        act=act,
        right=Right.WITHDRAW,
        fields=fields,
        notes=(tell("transfer.what-follows" if ordered_there else "transfer.person-changes"),),
    )


def _of_item(asked: Asked, typed: Mapping[str, str], lent: Lent) -> TransferDecided:
    settings, text = asked.sources.settings, typed.get(BARCODE, "").strip()
    if not text:
        raise Declined(tell("transfer.no-barcode"), BARCODE)
    barcode = check(text, settings.barcodes)
    answer = asked.sources.acts.item(ItemQuestion(barcode=barcode, signs=True), lent.by)
    if answer.record is None:
        raise BarcodeUnknown(barcode)
    wanted = Shelf(
        library=clean(typed.get(LIBRARY, ""), 40),
        location=clean(typed.get(LOCATION, ""), 40),
        call_number=clean(typed.get(CALL_NUMBER, ""), 120),
    )
    return decision(
        settings,
        answer.record,
        wanted,
        operator=asked.viewer.id,
        reason=reason_of(typed),
        note=typed.get(NOTE, ""),
        approver=typed.get(APPROVER, ""),
        signs=answer.signs,
    )


def _of_file(asked: Asked, typed: Mapping[str, str]) -> tuple[TransferDecided, ...]:
    """Return the decisions of the lines of a file. Raise `Declined` with its row."""
    settings, upload = asked.sources.settings, asked.upload
    if upload is None:
        raise Declined(tell("transfer.no-barcode"), BARCODE)
    try:
        lines = lines_of(upload.content, upload.name, settings.barcodes)
    except DepartureRefused as error:
        raise Declined(tell(error.detail or error.sentence), FILE) from error
    with asked.sources.catalog() as index:
        return tuple(
            decision(
                settings,
                index.find(line.barcode),
                line.wanted,
                operator=asked.viewer.id,
                reason=reason_of(typed),
                note=line.note or typed.get(NOTE, ""),
                approver=typed.get(APPROVER, ""),
                name_of_list=PurePath(upload.name).stem,
            )
            for line in lines
        )


def cancel(asked: Asked) -> Form:
    """Cancel a transfer: the item stays."""

    def made(now: Transfer, typed: Mapping[str, str], _lent: Lent) -> tuple[Ordered, ...]:
        return (TransferCanceled(transfer=now.id, reason=reason_of(typed), operator=asked.viewer.id),)

    return _form(asked, "cancel", made, Right.WITHDRAW, reason_field(needed=True))


def confirm(asked: Asked) -> Form:
    """Confirm by hand that the library system has the new place."""

    def made(now: Transfer, typed: Mapping[str, str], _lent: Lent) -> tuple[Ordered, ...]:
        shelf, note = after(now.before, now.wanted), clean(reason_of(typed), LONGEST_NOTE)
        return readings(now, shelf, operator=asked.viewer.id, by_hand=True, note=note)

    return _form(asked, "confirm", made, Right.WITHDRAW, reason_field(needed=True))


def read(asked: Asked) -> Form:
    """Read the item in the library system now."""

    def made(now: Transfer, _typed: Mapping[str, str], lent: Lent) -> tuple[Ordered, ...]:
        record = asked.sources.acts.item(ItemQuestion(barcode=now.barcode), lent.by).record
        shown = () if record is None else shown_by(now, record, asked.viewer.id)
        if not shown:
            raise Declined(tell("transfer.not-shown", title=clean(now.title or now.barcode)))
        return shown

    return _form(asked, "read", made, Right.PROCESS)


def _form(
    asked: Asked,
    name: str,
    made: Callable[[Transfer, Mapping[str, str], Lent], tuple[Ordered, ...]],
    right: Right,
    *fields: Field,
) -> Form:
    """`made`: returns what to journal, from the transfer and what was typed."""
    now = _find(asked)
    if now is None:
        raise DepartureRefused(Sentence("transfer.unknown", transfer=asked.names["id"]))

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        events = [msgspec.structs.replace(event, authorised=lent.authorised) for event in made(now, typed, lent)]
        return f"/transfers/{now.id}?{NEW}={asked.sources.acts.order(events, lent.by, last)}"

    waits = now.next_step in _WAITING
    return Form(
        title=tell(f"form.title.{name}-transfer"),
        subject=clean(now.title or now.barcode),
        button=tell(f"form.do.{name}-transfer"),
        back=f"/transfers/{now.id}",
        act=act,
        right=right,
        fields=fields,
        lines=(tell("transfer.moves", before=shelf_words(now.before), wanted=shelf_words(now.wanted)),),
        refusal=None if waits else DepartureRefused(_why_not(now)),
    )


def _why_not(now: Transfer) -> Sentence:
    key = "transfer.is-canceled" if now.canceled_at else "transfer.shown-already"
    return Sentence(key, title=now.title or now.barcode)


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (("/transfers/{id}", one),)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    (NEW_TRANSFER, new),
    ("/transfers/{id}/cancel", cancel),
    ("/transfers/{id}/confirm", confirm),
    ("/transfers/{id}/read", read),
)
