"""`station library`: a person's request to a library system about one item or set, as an order in the outbox.

The order is journaled with its author and reason. The courier carries it out like a result: at once if the station is
running, else at its next start. An order is sent once; `station outbox` shows its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, order
from station.domain.deliveries.intents import (
    FactsIntent,
    Intent,
    MembersIntent,
    NoteIntent,
    ScanInIntent,
    kind,
)
from station.domain.events import DeliveryOrdered
from station.runtime.library_systems import close_systems, systems
from station.sync.alma.fields import WRITABLE, Kind

BATCH: Final = 500
"""Maximum number of barcodes in one order to add members; more barcodes make several orders."""
_NOTES: Final = [name for name, field in WRITABLE.items() if field.kind is Kind.NOTE]
_CODE: Final = 60

system_option: Final[Callable[[Any], Any]] = click.option(
    "--system", default="", metavar="NAME", help="Library system; by default, the one that can do it."
)
reason_option: Final[Callable[[Any], Any]] = click.option("--reason", default="", help="Why, for the journal.")


@click.group()
def library() -> None:
    """Order a change in the library system: a note, facts, a scan-in, members of a set."""


def _command(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (pass_app, system_option, reason_option, operator_option, json_option, data_option):
        function = option(function)
    return function


@library.command()
@_command
@click.argument("barcode")
@click.argument("text")
@click.option(
    "--field", type=click.Choice(_NOTES), default=None, help="Note to change; by default, the one in the settings."
)
def note(app: App, barcode: str, text: str, field: str | None, **asked: str) -> None:
    """Put TEXT in a note of the item BARCODE. Text of other people in that note stays."""
    if not clean(text, 500):
        raise click.UsageError("TEXT is empty.")
    _give(
        app,
        NoteIntent(barcode=_item(app, barcode), text=clean(text, 500), field=field or "", operator=_who(app, asked)),
        asked,
    )


@library.command()
@_command
@click.argument("barcode")
@click.option("--condition", default="", metavar="CODE", help="Code of the physical condition.")
@click.option("--weeding-number", default="", metavar="NUMBER", help="Number in the weeding list.")
@click.option("--weeding-date", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day of weeding.")
def facts(app: App, barcode: str, condition: str, weeding_number: str, weeding_date: Any, **asked: str) -> None:
    """Set facts of the item BARCODE, in the fields that delivery.alma.mapping assigns to them."""
    intent = FactsIntent(
        barcode=_item(app, barcode),
        condition=clean(condition, _CODE),
        weeding_number=clean(weeding_number, 100),
        weeding_date=weeding_date.strftime("%Y-%m-%d") if weeding_date is not None else "",
        operator=_who(app, asked),
    )
    if not intent.facts:
        raise click.UsageError("Give at least one of --condition, --weeding-number, --weeding-date.")
    _give(app, intent, asked)


@library.command("scan-in")
@_command
@click.argument("barcode")
@click.option("--library", "where", default="", metavar="CODE", help="Library; by default, the one in the settings.")
@click.option("--department", default="", metavar="CODE", help="Department where the item is scanned in.")
@click.option("--desk", default="", metavar="CODE", help="Circulation desk where the item is scanned in.")
@click.option("--work-order-type", default="", metavar="CODE", help="Type of the work order, with a department.")
@click.option("--status", default="", metavar="CODE", help="Status of the work order.")
@click.option("--done", is_flag=True, help="The department is done with the item.")
def scan_in(
    app: App,
    barcode: str,
    where: str,
    department: str,
    desk: str,
    work_order_type: str,
    status: str,
    done: bool,
    **asked: str,
) -> None:
    """Scan in the item BARCODE, once; by default at the place in the settings. No in-house use is counted."""
    if department and desk:
        raise click.UsageError("Give a department or a desk, not both.")
    if (work_order_type or status or done) and desk:
        raise click.UsageError("A work order belongs to a department, not to a desk.")
    codes = [clean(code, _CODE) for code in (where, department, desk, work_order_type, status)]
    intent = ScanInIntent(
        barcode=_item(app, barcode), library=codes[0], department=codes[1], desk=codes[2], work_order_type=codes[3],
        status=codes[4], done=done, operator=_who(app, asked),
    )  # fmt: skip
    _give(app, intent, asked)


@library.command()
@_command
@click.argument("set_id")
@click.argument("barcodes", nargs=-1)
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with barcodes, one per line.",
)
def members(app: App, set_id: str, barcodes: tuple[str, ...], source: Path | None, **asked: str) -> None:
    """Add the items BARCODES (or those in a file) to the set SET_ID. Items that are already members stay."""
    lines = source.read_text(encoding="utf-8-sig").split() if source is not None else []
    items = list(dict.fromkeys(_item(app, barcode) for barcode in (*barcodes, *lines)))
    if not items or not (set_id.isascii() and set_id.isdigit()):
        raise click.UsageError("Give the number of a set and at least one barcode.")
    intents = [
        MembersIntent(set_id=set_id, barcodes=tuple(items[start : start + BATCH]), operator=_who(app, asked))
        for start in range(0, len(items), BATCH)
    ]
    _give(app, *intents, asked)


def _item(app: App, barcode: str) -> str:
    return str(check(barcode, app.settings().barcodes))


def _who(app: App, asked: dict[str, str]) -> str:
    return asker(app, asked["operator"]).id


def _give(app: App, *intents_and_asked: Any) -> None:
    *intents, asked = intents_and_asked
    name = _system(app, intents[0], asked["system"])
    reason = clean(asked["reason"], 500)
    events = [
        DeliveryOrdered(system=name, intent=intent, operator=intent.operator, reason=Sentence.verbatim(reason))
        for intent in intents
    ]
    order(app, *events)
    app.report({"system": name, "orders": len(events)}, list(_said(name, intents)))


def _said(name: str, intents: list[Intent]) -> Iterator[str]:
    for intent in intents:
        yield tell(
            "library.ordered", system=name, subject=clean(tell(intent.subject)), what=clean(tell(intent.words), 200)
        )


def _system(app: App, intent: Intent, wanted: str) -> str:
    """Return the named system, else the only system that can do the work. The results file counts only if it is named."""
    configured = systems(app.settings(), app.data)
    try:
        able = [name for name, system in configured.items() if kind(intent) in system.kinds]
    finally:
        close_systems(configured)
    if wanted:
        if wanted not in able:
            raise click.UsageError(f"{clean(wanted)!r} cannot do this; there are: {', '.join(able) or 'none'}")
        return wanted
    able = [name for name in able if name != "file"]
    if len(able) != 1:
        raise SettingsError(Sentence("library.which", names=", ".join(able)) if able else Sentence("library.none"))
    return able[0]
