"""Orders that another person repeats the checks: of one item, or of a rejected lot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from station.base.errors import BarcodeUnknown, CorrectionNotOpen
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.catalog.barcodes.barcode import check
from station.domain.people.rights import Right
from station.domain.sampling import RejectedLot, Whose, lot_of
from station.office.answers import REASON
from station.office.asked import Asked, Page
from station.office.corrections import LONGEST_REASON
from station.office.forms import Field, FieldKind, Form, Lent, Make
from station.quality.verdict.corrections import recheck_order

WORKER: Final = "worker"
MOST: Final = 200
"""Orders of one act."""


def of_item(asked: Asked) -> Form:
    """Order that another person repeats the checks of an item."""
    sources = asked.sources
    barcode = check(asked.names["barcode"], sources.settings.barcodes)
    judged = asked.queries.last_judged(barcode) if asked.queries.exists else None
    if judged is None:
        raise BarcodeUnknown(Sentence("form.never-judged"))
    event, names = judged.event, asked.names_seen()
    people = tuple((worker, names.get(worker, worker)) for worker in sources.active(asked.viewer))

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        order = recheck_order(
            uuid.uuid4().hex,
            event.item,
            event.part,
            worker=typed.get(WORKER, ""),
            due=sources.clock.day(sources.settings.corrections.recheck_days),
            found_by=asked.viewer.id,
            reason=Sentence.verbatim(clean(typed.get(REASON, ""), LONGEST_REASON)),
        )
        order = msgspec.structs.replace(order, operator=asked.viewer.id, authorised=lent.authorised)
        sources.acts.order([order], lent.by, last)
        return f"/fix/{order.correction}?new={last}"

    known = {worker for worker, _ in people}
    return Form(
        title=tell("form.title.order-recheck"),
        subject=event.item.title or barcode,
        button=tell("form.do.order-recheck"),
        back=f"/items/{barcode}",
        act=act,
        right=Right.TRAIN,
        fields=(
            Field(
                name=WORKER,
                label=tell("form.whose-work"),
                kind=FieldKind.CHOICE,
                value=event.operator if event.operator in known else "",
                choices=people,
                needed=True,
            ),
            Field(name=REASON, label=tell("form.reason"), kind=FieldKind.LONG, needed=True),
        ),
    )


def lots(asked: Asked) -> Page:
    """Rejected lots with items that no person has checked since."""
    names = asked.names_seen()
    rejected = asked.sources.rejected(asked.viewer)
    return Page(
        template="lots",
        title=tell("form.lots"),
        values={
            "rows": [
                (
                    _name(lot, names),
                    lot.lot,
                    local_day_and_time(lot.at),
                    len(lot.items),
                    f"/fix/lots/{lot.whose.value}/{lot.lot}?subject={quote(lot.subject, safe='')}"
                    if lot.unordered
                    else "",
                )
                for lot in rejected
            ],
        },
    )


def of_lot(asked: Asked) -> Form:
    """Order that another person repeats the checks of the items of a rejected lot: all, or none."""
    sources = asked.sources
    subject = asked.text("subject") if asked.posted is None else asked.posted.get("subject", "")
    whose, number = asked.names["whose"], asked.names["lot"]
    seen = sources.rejected(asked.viewer)
    lot = lot_of(seen, whose, subject, int(number)) if number.isascii() and number.isdecimal() else None
    if lot is None:
        raise CorrectionNotOpen(Sentence("sampling.none-rejected"))

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        events = sources.lot_orders()(whose, subject, lot.lot, asked.viewer.id)
        if not events:
            raise CorrectionNotOpen(Sentence("sampling.none-rejected"))
        sources.acts.order(
            [
                msgspec.structs.replace(event, operator=asked.viewer.id, authorised=lent.authorised)
                for event in events[:MOST]
            ],
            lent.by,
            last,
        )
        return "/fix/lots"

    count = min(len(lot.unordered), MOST)
    return Form(
        title=tell("form.title.order-rechecks"),
        subject=tell("form.lot-named", name=_name(lot, asked.names_seen()), lot=lot.lot),
        button=tell("form.do.order-rechecks", count=count),
        back="/fix/lots",
        act=act,
        right=Right.TRAIN,
        notes=(tell("form.each-item", count=count),),
        refusal=None if lot.unordered else CorrectionNotOpen(Sentence("sampling.none-rejected")),
        hidden=(("subject", subject),),
    )


def _name(lot: RejectedLot, names: Mapping[str, str]) -> str:
    return names.get(lot.subject, lot.subject) if lot.whose is Whose.WORKER else lot.subject


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (("/fix/lots", lots),)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/items/{barcode}/recheck", of_item),
    ("/fix/lots/{whose}/{lot}", of_lot),
)
