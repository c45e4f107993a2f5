"""A vendor's file of packing lists or orders, sent from a desk: what it says, and what its import changes, before a person
takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from station.acquisitions import vendor_files
from station.acquisitions.vendor_files import FileForm, FileLists, FileOptions
from station.base.text import clean
from station.base.words import tell
from station.domain.packing_lists.packing_list import ListKind, PackingList
from station.domain.receiving.vendor import Mapper
from station.office import sent_file
from station.office.asked import Asked
from station.office.forms import Change, Declined, Field, FieldKind, Form, Lent, Make
from station.office.sent_file import VENDOR
from station.office.upload import Uploads
from station.reports.list_changes import change_words
from station.store.lists.import_plan import ImportState, PlannedImport, plan

PATH: Final = "/shipments/import"
LIST, KIND = "list", "kind"
_SHOWN_LINES: Final = 5
"""Lines of each list that are shown."""
_SHOWN_CHANGES: Final = 40


def forms(uploads: Uploads) -> tuple[tuple[str, Make], ...]:
    """Return the two forms of an import: choose a file; take what it says."""
    return (PATH, lambda asked: choose(asked, uploads)), (f"{PATH}/{{upload}}", lambda asked: take(asked, uploads))


def choose(asked: Asked, uploads: Uploads) -> Form:
    """Send a file. Nothing is imported yet."""
    vendors = asked.queries.vendors() if asked.queries.exists else ()

    def act(typed: Mapping[str, str], _lent: Lent, _last: int) -> str:
        def read(data: bytes, name: str) -> FileLists:
            vendor = typed.get(VENDOR, "")
            options = FileOptions(
                list=clean(typed.get(LIST, ""), 60), vendor=vendor, kind=ListKind(typed.get(KIND, "") or ListKind.BOX)
            )
            form = vendor_files.form_of(data)
            if form is FileForm.TABLE:
                options = options._replace(
                    mapper=next((each.mapper for each in vendors if each.id == vendor), Mapper())
                )
            if vendor_files.unused_options(form, options):
                options = FileOptions()  # the file has its own
            return vendor_files.read(data, name, options, asked.sources.settings.barcodes)

        return f"{PATH}/{sent_file.keep(asked, uploads, read)}"

    return Form(
        title=tell("form.title.import-list"),
        subject="",
        button=tell("form.do.look-at-file"),
        back="/shipments",
        act=act,
        fields=(
            *sent_file.fields(vendors, tell("shipment.file-hint")),
            Field(name=LIST, label=tell("shipment.head.list"), hint=tell("shipment.list-hint")),
            Field(
                name=KIND,
                label=tell("shipment.head.kind"),
                kind=FieldKind.CHOICE,
                value=ListKind.BOX.value,
                choices=tuple((kind.value, tell(f"shipment.list-kind.{kind}")) for kind in ListKind),
            ),
        ),
        notes=(tell("shipment.nothing-yet"),),
    )


def take(asked: Asked, uploads: Uploads) -> Form:
    """Import what a file says: all of its lists, or none. Raises `ReceivingRefused` if the file is gone."""
    sent, lists = sent_file.find(asked, uploads, FileLists)
    plans = plan(lists.lists, sent.digest, asked.queries)

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        made = [planned.event(sent.source, sent.digest, asked.viewer.id) for planned in plans]
        events = [event for event in made if event is not None]
        if not events:
            raise Declined(tell("shipment.nothing-new"))
        asked.sources.acts.order(events, lent.by, last)
        vendor = asked.queries.vendor_named(plans[0].content.vendor)
        return f"/vendors/{vendor.id}" if vendor is not None else "/shipments"

    return Form(
        title=tell("form.title.take-list"),
        subject=sent.source,
        button=tell("form.do.take-list"),
        back=PATH,
        act=act,
        changes=tuple(map(_change, plans)),
        lines=tuple(_lines(lists, plans)),
        notes=(tell("shipment.all-or-none"),),
        every_time=True,
    )


def _change(planned: PlannedImport) -> Change:
    standing = planned.standing
    before = tell("shipment.not-there") if standing is None else _size(standing.lines, standing.quantity)
    after = _size(len(planned.content.lines), planned.content.copies)
    if planned.state is ImportState.UNCHANGED:
        after = tell("form.unchanged")
    return Change(clean(planned.heading), before, after)


def _size(lines: int, copies: int) -> str:
    return f"{tell('receiving.lines', count=lines)}, {tell('receiving.copies', count=copies)}"


def _lines(lists: FileLists, plans: tuple[PlannedImport, ...]) -> Iterator[str]:
    """Yield what a person looks at before taking a file."""
    for note in lists.notes:
        yield tell(
            f"edifact.note.{note.code}", line=note.line, tag=note.tag, expected=note.expected, actual=note.actual
        )
    if lists.unused:
        yield tell("receiving.unused", columns=", ".join(map(clean, lists.unused)))
    for planned in plans:
        if planned.standing is not None:
            changes = planned.changes[:_SHOWN_CHANGES]
            yield from (f"{clean(planned.heading)}: {change_words(change)}" for change in changes)
        else:
            yield from _first_lines(planned.content)


def _first_lines(content: PackingList) -> Iterator[str]:
    for line in content.lines[:_SHOWN_LINES]:
        number = next(iter(line.numbers), "") or line.barcode or line.order_line
        yield clean(", ".join(filter(None, (f"{line.quantity} × {line.title}".strip(), number, line.price))))
    if len(content.lines) > _SHOWN_LINES:
        yield tell("shipment.more-lines", count=len(content.lines) - _SHOWN_LINES)
