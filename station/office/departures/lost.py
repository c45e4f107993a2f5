"""Record that an item is lost, missing or claimed returned, and that it turned up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from station.base.errors import CatalogError, DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.domain import lost_items
from station.domain.events import Found, Lost
from station.domain.item import ItemRecord
from station.domain.item_question import ItemQuestion
from station.domain.people.rights import Right
from station.domain.withdrawals.proofs import title_effect
from station.domain.withdrawals.withdrawal import Piece
from station.office.asked import Asked
from station.office.corrections import reason_field, reason_of
from station.office.forms import NEW, Field, FieldKind, Form, Lent, Make

PIECE: Final = "piece"
_GONE: Final = (Piece.LOST, Piece.MISSING, Piece.CLAIMED_RETURNED)


def is_lost(asked: Asked, barcode: str) -> bool:
    return asked.queries.exists and asked.queries.lost_item(barcode) is not None


def lost(asked: Asked) -> Form:
    """Record that an item is not there."""
    pieces = tuple((piece.value, tell(f"transfer.is.{piece}")) for piece in _GONE)
    field = Field(name=PIECE, label=tell("transfer.what-is-it"), kind=FieldKind.RADIO, choices=pieces, needed=True)
    return _form(asked, "lost", field)


def found(asked: Asked) -> Form:
    """Record that a lost item turned up."""
    form = _form(asked, "found")
    if is_lost(asked, asked.names["barcode"]):
        return form
    return msgspec.structs.replace(form, refusal=DepartureRefused(Sentence("transfer.not-lost", title=form.subject)))


def _form(asked: Asked, name: str, *fields: Field) -> Form:
    record = _record(asked)
    back = f"/items/{quote(record.barcode, safe='')}"

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event: Lost | Found
        if name == "lost":
            answer = asked.sources.acts.item(ItemQuestion(barcode=record.barcode, signs=True), lent.by)
            effect = title_effect(0, answer.signs)
            event = lost_items.lost(record, Piece(typed[PIECE]), reason_of(typed), asked.viewer.id, effect)
        else:
            event = lost_items.found(record, reason_of(typed), asked.viewer.id)
        signed = msgspec.structs.replace(event, authorised=lent.authorised)
        return f"{back}?{NEW}={asked.sources.acts.order([signed], lent.by, last)}"

    return Form(
        title=tell(f"form.title.{name}"),
        subject=clean(record.title or record.barcode),
        button=tell(f"form.do.{name}"),
        back=back,
        act=act,
        right=Right.PROCESS,
        fields=(*fields, reason_field()),
    )


def _record(asked: Asked) -> ItemRecord:
    """Return the record of the catalog index, else only barcode and the title of the journal."""
    barcode = check(asked.names["barcode"], asked.sources.settings.barcodes)
    try:
        with asked.sources.catalog() as index:
            return index.find(barcode)
    except CatalogError:
        titles = asked.queries.titles([barcode]) if asked.queries.exists else {}
        return ItemRecord(barcode=barcode, title=titles.get(barcode, ""))


FORMS: Final[tuple[tuple[str, Make], ...]] = (("/items/{barcode}/lost", lost), ("/items/{barcode}/found", found))
