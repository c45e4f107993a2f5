"""`station receiving count`, and what is done with a counted copy: `fault`, `undo`, `return`, `bind`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import click
import msgspec

from station.acquisitions.packing_lists import POINTS
from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.item.titles import Titles
from station.bench.workflows.receive.catalog import CopyCatalog
from station.bench.workflows.receive.rules import addition, copy_scanned, numbers_of
from station.bench.workflows.receive.workflow import LONGEST
from station.catalog.barcodes.barcode import check, ungrouped
from station.cli.receiving.lists import identity
from station.cli.receiving.named import count_named, shipment_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.events import Added, CopyCounted, CopyFaulted, CopyReturned, CountUndone, Gift, LeaseIn
from station.domain.packing_lists.packing_list import LineKey
from station.domain.receiving.counting import CopyFault, CountOutcome, OpenLine, Purpose
from station.domain.receiving.shipment import Count, Shipment
from station.reports.tables.receiving import counts as counts_table
from station.runtime.library_systems import catalog_index
from station.store.queries.queries import Queries


@click.command("count")
@data_option
@json_option
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--shipment", "name", default="", metavar="SHIPMENT", help="Id or carton; by default, the only open one.")
@click.option("--title", default="", metavar="WORDS", help="Words of the title, if there is nothing to scan.")
@click.option("--line", "line", default="", metavar="LIST.LINE", help="The line to count the copy on.")
@click.option("--edition", "other_edition", is_flag=True, help="The piece is another edition than its line.")
@operator_option
@pass_app
def count_(
    app: App, texts: tuple[str, ...], name: str, title: str, line: str, other_edition: bool, operator: str
) -> int:
    """Count a copy for each TEXT: ISBN or other number of the piece, order line, vendor's number, or the barcode that the
    vendor stuck on. Exit code 1 unless all copies are on their lines."""
    if not (texts or title or line):
        raise click.UsageError("Give TEXT, --title or --line.")
    app.settings()
    views = queries(app)
    now, who = shipment_named(views, name), asker(app, operator).id
    if line or title:
        if texts:
            raise click.UsageError("--title and --line stand for a copy with nothing to scan: leave out TEXT.")
        events = [_by_line(views, now, line, title)]
    else:
        events = [_scanned(app, now, text) for text in texts]
    counts = [
        _counted(views, order(app, msgspec.structs.replace(event, other_edition=other_edition, operator=who)))
        for event in events
    ]
    _report(app, counts)
    return DONE if all(count.outcome is CountOutcome.MATCHED for count in counts) else NOT_GOOD


def _scanned(app: App, now: Shipment, text: str) -> CopyCounted:
    """Return the count of a copy with this text on it. The catalog tells the title, and numbers of other editions."""
    scanned = clean(ungrouped(text.strip(), app.settings().barcodes), LONGEST)
    numbers = numbers_of(scanned)
    with _catalog(app) as catalog:
        return copy_scanned(now, scanned, numbers, catalog.record_of(numbers[0]) if numbers else None)


@contextmanager
def _catalog(app: App) -> Iterator[CopyCatalog]:
    with closing(catalog_index(app.settings(), app.data)) as index:
        yield CopyCatalog(index, Titles(index, queries(app)))


def _by_line(views: Queries, now: Shipment, line: str, title: str) -> CopyCounted:
    """Return the count of a copy with nothing to scan. A gift is on no line. Raise `ReceivingRefused` unless exactly one
    open line has these words."""
    if line:
        ident, _, number = line.partition(".")
        return CopyCounted(shipment=now.id, key=LineKey(ident, number), chosen=True)
    if now.purpose is Purpose.GIFT:
        return CopyCounted(shipment=now.id, title=clean(title, LONGEST))
    lines = views.line_proposals(now, clean(title, LONGEST).split())
    if len(lines) != 1:
        known = "; ".join(map(_proposal, lines)) or "-"
        raise ReceivingRefused(Sentence("receiving.which-line", title=clean(title), option="--line", lines=known))
    return CopyCounted(shipment=now.id, key=lines[0].key, chosen=True)


def _proposal(line: OpenLine) -> str:
    return f"{line.key.list}.{line.key.line} {line.line.title or identity(line.line)}"


def _counted(views: Queries, seq: int) -> Count:
    count = views.count(seq)
    if count is None:
        raise ReceivingRefused(Sentence("shipment.unknown-count", number=seq))
    return count


@click.command()
@data_option
@json_option
@click.argument("name", metavar="COUNT")
@click.argument("fault", type=click.Choice([fault.value for fault in CopyFault]))
@click.option("--note", default="", help="What is wrong.")
@click.option("--photo", default="", metavar="FILE", help="Path of a photo.")
@operator_option
@pass_app
def fault(app: App, name: str, fault: str, note: str, photo: str, operator: str) -> None:
    """Record a fault of the counted copy COUNT: it becomes a difference."""
    app.settings()
    count = count_named(queries(app), name)
    event = CopyFaulted(
        count=count.id,
        fault=CopyFault(fault),
        note=clean(note, 300),
        photo=clean(photo, 300),
        operator=asker(app, operator).id,
    )
    _done(app, event, count)


@click.command()
@data_option
@json_option
@click.argument("name", metavar="COUNT")
@click.option(
    "--despite-receipt",
    is_flag=True,
    help="The library system has received the copy: undo the count all the same, and correct its receipt there.",
)
@operator_option
@pass_app
def undo(app: App, name: str, despite_receipt: bool, operator: str) -> None:
    """Undo the count COUNT, and what followed from it: its barcode, its differences, and a receipt that was not sent."""
    app.settings()
    count = count_named(queries(app), name)
    event = CountUndone(count=count.id, despite_receipt=despite_receipt, operator=asker(app, operator).id)
    _done(app, event, count)


@click.command("return")
@data_option
@json_option
@click.argument("name", metavar="COUNT")
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def return_(app: App, name: str, reason: str, operator: str) -> None:
    """Send the counted copy COUNT back: an approval book that was not chosen, or a faulty copy."""
    app.settings()
    count = count_named(queries(app), name)
    _done(app, CopyReturned(count=count.id, reason=clean(reason, 300), operator=asker(app, operator).id), count)


@click.command()
@data_option
@json_option
@click.argument("name", metavar="COUNT")
@click.argument("barcode")
@click.option("--points", default="", metavar="NUMBER", help="Allowance that a leased copy uses; else as in its list.")
@operator_option
@pass_app
def bind(app: App, name: str, barcode: str, points: str, operator: str) -> None:
    """Record that BARCODE of the library was stuck on the counted copy COUNT: it belongs to the collection from now on."""
    views = queries(app)
    code = check(barcode, app.settings().barcodes)
    count = count_named(views, name)
    now = shipment_named(views, count.shipment)
    line = views.shipment_line(now, count.key) if count.key is not None else None
    with _catalog(app) as catalog:
        copy = catalog.added(now, count, code, line.line if line is not None else None)
    if points and not POINTS.fullmatch(points):
        raise click.UsageError("--points takes a decimal number, such as 1.5.")
    listed = line.line.points if line is not None else ""
    added = addition(now, count, code, copy, points or listed)
    event = msgspec.structs.replace(added, operator=asker(app, operator).id)
    _done(app, event, count)


def _done(app: App, event: CopyFaulted | CountUndone | CopyReturned | Added | Gift | LeaseIn, count: Count) -> None:
    order(app, event)
    _report(app, [_counted(queries(app), count.id)])


def _report(app: App, counts: Sequence[Count]) -> None:
    """Report counts, without the person who counted: that may be another one."""
    shown = counts_table([msgspec.structs.replace(count, by="") for count in counts])
    app.report(shown.values(), rows(shown, {}, ("by",)))
