"""`station callnumber anscr`: propose or check ANSCR numbers for the sound recordings in a MARC file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from station.base.text import clean
from station.catalog.callnumber import anscr
from station.catalog.callnumber.anscr import Rules, Work
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import anscr as anscr_marc
from station.cli.catalog.call_number_options import site_ways
from station.cli.shared.app import App, as_json, data_option, json_option, pass_app, safe


class Made(msgspec.Struct, frozen=True):
    """Result for one recording."""

    record: int
    title: str
    categories: tuple[tuple[str, str], ...]
    """(category, reason): the categories that the record's codes suggest."""
    numbers: tuple[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]], ...]
    """(number, its terms with their reasons, remarks) per category."""
    findings: tuple[tuple[int, str, bool], ...] = ()
    """(term, sentence, True if certain), with --check."""


@click.command("anscr")
@data_option
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--record", type=click.IntRange(1), help="Only the record with this number in the file.")
@click.option("--category", help="Category of the number; by default, each category that the record's codes suggest.")
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
    file: Path,
    record: int | None,
    category: str | None,
    number: str | None,
    name_letters: int | None,
    title_letters: int | None,
    digits: int | None,
) -> int:
    """Propose ANSCR numbers for the sound recordings in FILE (ISO 2709, MARCXML or MARC-in-JSON).

    A person must confirm the category. Exit code 1 if a checked number disagrees with a record, or a record cannot be
    read.
    """
    said: dict[str, Any] = {"name_letters": name_letters, "title_letters": title_letters, "issue_digits": digits}
    site = site_ways(app).anscr
    rules = dataclasses.replace(site, **{name: value for name, value in said.items() if value is not None})
    if category is not None and category.upper() not in rules.categories:
        raise click.BadParameter(f"known are {', '.join(sorted(rules.categories))}", param_hint="--category")
    good = True
    for place, work in _recordings(app, file, record):
        if work is None:
            good = False
            continue
        made = _checked(place, work, number, rules) if number else _made(place, work, category, rules)
        good = good and not any(sure for _, _, sure in made.findings)
        if app.json:
            click.echo(as_json(made))
        else:
            for line in _lines(made, number):
                click.echo(safe(line))
    return 0 if good else 1


def _recordings(app: App, file: Path, wanted: int | None) -> Iterator[tuple[int, Work | None]]:
    """Yield the number in the file and the facts; for a record that cannot be read, print why and yield None."""
    with file.open("rb") as stream:
        try:
            found = marc.read(stream)
        except marc.NotMarc as error:
            raise click.BadParameter(f"{file.name}: {error}", param_hint="FILE") from error
        for raw in found:
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


def _made(place: int, work: Work, category: str | None, rules: Rules) -> Made:
    proposed = anscr.categories(work, rules)
    wanted = [category.upper()] if category else [proposal.category for proposal in proposed]
    numbers = [anscr.generate(work, name, rules) for name in wanted]
    return Made(
        record=place,
        title=clean(work.title),
        categories=tuple((proposal.category, proposal.reason) for proposal in proposed),
        numbers=tuple(
            (made.number, tuple((term.text, term.reason) for term in made.terms), made.remarks) for made in numbers
        ),
    )


def _checked(place: int, work: Work, number: str, rules: Rules) -> Made:
    findings = anscr.check(" ".join(number.split()), work, rules)
    return Made(place, clean(work.title), (), (), tuple((one.term, one.sentence, one.sure) for one in findings))


def _lines(made: Made, number: str | None) -> Iterator[str]:
    yield f"record {made.record}: {made.title}"
    if number:
        yield from (f"  {'' if sure else 'perhaps: '}{sentence}" for _, sentence, sure in made.findings)
        if not made.findings:
            yield f"  {number} agrees with the record"
        return
    for name, reason in made.categories:
        yield f"  {name}: {reason}"
    if not made.categories:
        yield "  no code in the record gives a category"
    for text, terms, remarks in made.numbers:
        yield f"  {text}"
        yield from (f"    {term}: {reason}" for term, reason in terms)
        yield from (f"    note: {remark}" for remark in remarks)
