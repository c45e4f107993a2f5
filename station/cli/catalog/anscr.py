"""`station callnumber anscr`: propose or check ANSCR numbers for an item, or for the sound recordings in a MARC file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec

from station.base.errors import CatalogError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.catalog.barcodes.barcode import check
from station.catalog.callnumber import Scheme, anscr
from station.catalog.callnumber.anscr import Rules, Work
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import anscr as anscr_marc
from station.cli.catalog.call_number_options import site_ways
from station.cli.catalog.record_file import RecordFile
from station.cli.shared.app import App, as_json, data_option, json_option, pass_app, safe
from station.domain.item import Barcode, ItemRecord
from station.runtime.library_systems import catalog_index, live_marc
from station.store.catalog_index.walk import raws_of


class Made(msgspec.Struct, frozen=True):
    """Result for one recording."""

    record: int
    """Number in the file; 0 for an item."""
    title: str
    categories: tuple[tuple[str, str], ...]
    """(category, reason): the categories that the record suggests."""
    numbers: tuple[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]], ...]
    """(number, its terms with their reasons, remarks) per category."""
    findings: tuple[tuple[int, str, bool], ...] = ()
    """(term, sentence, True if certain): of a checked number."""
    checked: str = ""
    """The number that was checked."""
    barcode: str = ""


Found = tuple[int, Work | None, str]
"""Number of the record, its facts (None: it cannot be read), and the number to check ("": none)."""


@click.command("anscr")
@data_option
@json_option
@click.argument("source", metavar="BARCODE|FILE")
@click.option("--live", is_flag=True, help="Ask the library system for the record of BARCODE, not the catalog index.")
@click.option("--record", type=click.IntRange(1), help="Only the record with this number in the file.")
@click.option("--category", help="Category of the number; by default, each category that the record suggests.")
@click.option(
    "--check", "number", metavar="NUMBER", help="Check this number against the recordings instead of proposing one."
)
@click.option("--name-letters", type=click.IntRange(1, 10), help="Letters of term 2.  [default: catalog.numbers]")
@click.option(
    "--title-letters", type=click.IntRange(1, 10), help="Letters of one word in term 3.  [default: catalog.numbers]"
)
@click.option("--digits", type=click.IntRange(1, 6), help="Digits of term 4.  [default: catalog.numbers]")
@pass_app
def anscr_(
    app: App,
    source: str,
    live: bool,
    record: int | None,
    category: str | None,
    number: str | None,
    name_letters: int | None,
    title_letters: int | None,
    digits: int | None,
) -> int:
    """Propose ANSCR numbers for the item with BARCODE, or for the sound recordings in FILE (ISO 2709, MARCXML or
    MARC-in-JSON).

    A person must confirm the category. An item's own ANSCR number is checked too. Exit code 1 if a checked number
    disagrees with a record, or a record cannot be read.
    """
    options: dict[str, Any] = {"name_letters": name_letters, "title_letters": title_letters, "issue_digits": digits}
    site = site_ways(app).anscr
    rules = dataclasses.replace(site, **{name: value for name, value in options.items() if value is not None})
    if category is not None and category.upper() not in rules.categories:
        raise click.BadParameter(f"known are {', '.join(sorted(rules.categories))}", param_hint="--category")
    good = True
    barcode, file = "", Path(source)
    recordings: Iterable[Found]
    if file.is_file() and not live:
        recordings = ((place, work, number or "") for place, work in _recordings(app, file, record))
    elif file.suffix:
        raise click.BadParameter(f"there is no file {source}", param_hint="BARCODE|FILE")
    elif record is not None:
        raise click.UsageError("--record needs a FILE.")
    else:
        barcode, recordings = _of_item(app, source, number, live=live)
    for place, work, wanted in recordings:
        if work is None:
            good = False
            continue
        made = _made(place, work, category, rules, propose=not number)
        if wanted:
            findings = anscr.check(" ".join(wanted.split()), work, rules)
            made = msgspec.structs.replace(
                made,
                checked=wanted,
                findings=tuple((finding.term, finding.sentence, finding.sure) for finding in findings),
            )
        made = msgspec.structs.replace(made, barcode=barcode)
        good = good and not any(sure for _, _, sure in made.findings)
        if app.json:
            click.echo(as_json(made))
        else:
            for line in _lines(made, propose=not number):
                click.echo(safe(line))
    return 0 if good else 1


def _recordings(app: App, file: Path, wanted: int | None) -> Iterator[tuple[int, Work | None]]:
    """Yield the number in the file and the facts; for a record that cannot be read, print why and yield None."""
    with closing(RecordFile(file)) as source:
        for raw in source.records():
            if wanted not in (None, raw.number):
                continue
            try:
                record = marc.parse(raw.data) if isinstance(raw, marc.RawRecord) else None
                reason = "" if isinstance(raw, marc.RawRecord) else raw.reason
            except BadRecord as error:
                record, reason = None, str(error)
            if record is None:
                app.note(f"record {raw.number}: {reason}")
                yield raw.number, None
            elif anscr_marc.is_recording(record):
                yield raw.number, anscr_marc.work(record)


def _of_item(app: App, text: str, number: str | None, *, live: bool) -> tuple[str, Iterable[Found]]:
    """Return (barcode, the item's facts with the number to check: this one, else its own ANSCR number). Raises
    `CatalogError` and what the library system raises."""
    settings = app.settings()
    barcode = check(text, settings.barcodes)
    item, raw = live_marc(settings, app.data, barcode) if live else _indexed(settings, app.data, barcode)
    try:
        record = marc.parse(raw)
    except BadRecord as error:
        raise CatalogError(Sentence("callnumber.unreadable-of", barcode=barcode, why=clean(str(error)))) from error
    if not anscr_marc.is_recording(record):
        raise CatalogError(Sentence("callnumber.no-recording", barcode=barcode))
    own = item.call_number if item.call_number_scheme == Scheme.ANSCR else ""
    return barcode, [(0, anscr_marc.work(record), number or own)]


def _indexed(settings: Settings, data: Path, barcode: Barcode) -> tuple[ItemRecord, bytes]:
    index = catalog_index(settings, data)
    try:
        return index.find(barcode), next(iter(raws_of(index.path, barcode)))
    finally:
        index.close()


def _made(place: int, work: Work, category: str | None, rules: Rules, *, propose: bool) -> Made:
    proposed = anscr.categories(work, rules) if propose else ()
    wanted = [category.upper()] if category and propose else [proposal.category for proposal in proposed]
    numbers = [anscr.generate(work, name, rules) for name in wanted]
    return Made(
        record=place,
        title=clean(work.title),
        categories=tuple((proposal.category, proposal.reason) for proposal in proposed),
        numbers=tuple(
            (made.number, tuple((term.text, term.reason) for term in made.terms), made.remarks) for made in numbers
        ),
    )


def _lines(made: Made, *, propose: bool) -> Iterator[str]:
    yield f"{made.barcode or f'record {made.record}'}: {made.title}"
    if made.checked:
        yield from (f"  {'' if sure else 'perhaps: '}{sentence}" for _, sentence, sure in made.findings)
        if not made.findings:
            yield f"  {made.checked} agrees with the record"
    if not propose:
        return
    for name, reason in made.categories:
        yield f"  {name}: {reason}"
    if not made.categories:
        yield "  neither a code nor a heading of the record gives a category"
    for text, terms, remarks in made.numbers:
        yield f"  {text}"
        yield from (f"    {term}: {reason}" for term, reason in terms)
        yield from (f"    note: {remark}" for remark in remarks)
