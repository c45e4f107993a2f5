"""`station tag history` and `station tag ledger`: what the journal contains about tags and items."""

from __future__ import annotations

import re
from typing import Final

import click

from station.base.text import clean
from station.base.words import tell
from station.bench.item.ledger import ledger as read_ledger
from station.bench.item.ledger import of_item, of_tag, state_lines, suspects
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import views
from station.domain.workflows import HistoryLine

_UID: Final = re.compile(r"E0[0-9A-F]{14}")


@click.command()
@data_option
@json_option
@click.argument("name", metavar="UID|BARCODE")
@operator_option
@pass_app
def history(app: App, name: str, operator: str) -> int:
    """Show everything in the journal about a tag (its UID) or an item (its barcode), the newest first.

    Findings of an item that waits for its blind second check are hidden from everyone who could do that check. Exit
    code 1 if the journal contains nothing.
    """
    reading, plain = views(app, operator), clean(name)
    ledger_entries = read_ledger(reading.writes())
    if _UID.fullmatch(plain.upper()):
        logged, now = reading.about_tag(plain.upper()), ledger_entries.now.get(plain.upper())
        ledger_lines = of_tag(ledger_entries, plain.upper(), (now.barcode, now.part) if now is not None else None)
    else:
        logged, ledger_lines = (
            reading.about_item(plain),
            (*state_lines(reading.state_of(plain), reading.withdrawal_of_item(plain)), *of_item(ledger_entries, plain)),
        )
    lines = [HistoryLine(seq=entry.seq, at=entry.at, said=entry.said) for entry in reversed(logged)]
    shown = [*map(tell, ledger_lines), *(f"{line.seq:>6}  {line.at[:19]}  {clean(tell(line.said))}" for line in lines)]
    app.report({"ledger": ledger_lines, "history": lines}, shown or [tell("inspect.no-history")])
    return 0 if lines else NOT_GOOD


@click.command()
@data_option
@json_option
@pass_app
def ledger(app: App) -> int:
    """List second tags (two tags with the same item) and tags that were used again for another item.

    Exit code 1 if there is a second tag.
    """
    lines = suspects(read_ledger(queries(app).writes()))
    app.report(lines, [f"{line.kind}  {line.uid}  {tell(line.sentence)}" for line in lines])
    return NOT_GOOD if any(line.kind == "second-tag" for line in lines) else 0
