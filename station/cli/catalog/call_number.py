"""`station callnumber`: parse, sort, label and explain call numbers from arguments or standard input, one per line."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.words import tell
from station.catalog.callnumber import CallNumber, Options, Scheme, cutter, parse, sudoc
from station.catalog.callnumber import explain as in_words
from station.catalog.callnumber.explain import SCHEMES
from station.catalog.labels import ExpectedLabel, Template, expected_label, shipped
from station.catalog.labels import parse as parse_template
from station.catalog.labels.template import DEFAULT, SHIPPED
from station.cli.catalog.anscr import anscr_
from station.cli.catalog.call_number_options import site_ways
from station.cli.shared.app import App, as_json, data_option, json_option, pass_app, safe

MAX_LINE: Final = 2000
"""Longest line that is read, in characters; a call number has about 60."""
OWN_FILE: Final = ".toml"

numbers_argument: Final[Callable[[Any], Any]] = click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
scheme_option: Final[Callable[[Any], Any]] = click.option(
    "--scheme",
    type=click.Choice([scheme.value for scheme in Scheme]),
    help="Scheme of the numbers; detected if not given.",
)


def order_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add options for a library's own order of volumes and SuDoc numbers; the command gets them as `ways`."""

    @click.option(
        "--dates-first/--volumes-first",
        default=None,
        help="Volumes: which counts first, the date of a volume or its number.  [default: catalog.numbers]",
    )
    @click.option(
        "--supplements-first/--supplements-last",
        default=None,
        help="Volumes: supplements before or after the volumes that they belong to.  [default: catalog.numbers]",
    )
    @click.option(
        "--indexes-first/--indexes-last",
        default=None,
        help="Volumes: indexes before or after the volumes.  [default: catalog.numbers]",
    )
    @click.option(
        "--winter-first/--winter-last",
        default=None,
        help="Volumes: winter as the first or last season of its year.  [default: catalog.numbers]",
    )
    @click.option(
        "--letters-first/--numbers-first",
        default=None,
        help="SuDoc: which sort first in the same place.  [default: catalog.numbers]",
    )
    @click.option(
        "--senate",
        type=click.Choice([place.value for place in sudoc.Senate]),
        help="SuDoc: sort S.HRG. and S.PRT. by session of Congress, like other letters, or last in their class.  "
        "[default: catalog.numbers]",
    )
    @click.option(
        "--years-first/--years-as-numbers",
        default=None,
        help="SuDoc: a year after a slash is a revision and sorts before other numbers.  [default: catalog.numbers]",
    )
    @functools.wraps(command)
    @pass_app
    def with_options(app: App, /, *args: Any, senate: str | None, **more: Any) -> Any:
        def said(rules: Any) -> dict[str, Any]:
            names = [field.name for field in dataclasses.fields(rules) if field.name in more]
            return {name: value for name in names if (value := more.pop(name)) is not None}

        site = site_ways(app)
        books = dataclasses.replace(site.sudoc, **said(site.sudoc))
        ways = dataclasses.replace(
            site,
            volumes=dataclasses.replace(site.volumes, **said(site.volumes)),
            sudoc=dataclasses.replace(books, senate=sudoc.Senate(senate)) if senate else books,
        )
        return command(*args, ways=ways, **more)

    return with_options


@click.group()
def callnumber() -> None:
    """Call numbers: LC, Dewey, NLM, SuDoc, ANSCR and local ones.

    Give them as arguments, or one per line on standard input.
    """


callnumber.add_command(anscr_)


class Parsed(msgspec.Struct, frozen=True):
    """Result of `parse` for one line."""

    text: str
    scheme: str
    pieces: tuple[tuple[str, str], ...]
    """(role, text)."""
    remarks: tuple[str, ...]
    key: str
    """Sort key: keys in byte order are in shelf order."""


class InWords(msgspec.Struct, frozen=True):
    """Result of `explain` for one line."""

    text: str
    scheme: str
    pieces: tuple[tuple[str, str, str], ...]
    """(role, text, meaning)."""
    remarks: tuple[str, ...]


@callnumber.command("parse")
@data_option
@json_option
@scheme_option
@order_options
@numbers_argument
@pass_app
def parse_(app: App, numbers: tuple[str, ...], scheme: str | None, ways: Options) -> None:
    """Split each NUMBER into scheme and pieces, separated by tabs. With --json, print one JSON value per line."""
    for number in _given(numbers):
        call_number = parse(number, scheme, ways)
        if app.json:
            click.echo(as_json(_parsed(call_number)))
        else:
            pieces = (f"{piece.role.value}={piece.text}" for piece in call_number.pieces)
            click.echo("\t".join(map(_cell, (call_number.text, call_number.scheme.value, *pieces))))


@callnumber.command()
@data_option
@json_option
@scheme_option
@order_options
@click.option("--unique", is_flag=True, help="Keep only the first of the numbers with the same place on the shelf.")
@numbers_argument
@pass_app
def sort(app: App, numbers: tuple[str, ...], scheme: str | None, unique: bool, ways: Options) -> None:
    """Print the NUMBERs in shelf order, unchanged. Numbers with the same place on the shelf keep their order."""
    pairs = [(parse(number, scheme, ways).key, number) for number in _given(numbers)]
    pairs.sort(key=lambda pair: pair[0])
    kept = [pair for at, pair in enumerate(pairs) if not (unique and at and pairs[at - 1][0] == pair[0])]
    app.report([number for _, number in kept], (number for _, number in kept))


@callnumber.command()
@data_option
@json_option
@scheme_option
@click.option(
    "--template",
    default=DEFAULT,
    show_default=True,
    metavar="NAME|FILE",
    help=f"Label template: {', '.join(SHIPPED)}, or a file that ends in {OWN_FILE}.",
)
@click.option("--location", default="", help="Location code, for the prefix.")
@click.option("--copy", "copy_number", default="", help="Copy number of the item.")
@click.option("--volume", default="", help="Volume or part of the item.")
@numbers_argument
@pass_app
def label(
    app: App,
    numbers: tuple[str, ...],
    scheme: str | None,
    template: str,
    location: str,
    copy_number: str,
    volume: str,
) -> int:
    """Break each NUMBER into label lines, separated by " | ". Exit code 1 if one does not fit the label."""
    wanted, ways = load_template(template), site_ways(app)
    location, copy_number, volume = clean(location), clean(copy_number), clean(volume)
    fits = True
    for number in _given(numbers):
        expected = expected_label(
            number, scheme or "", wanted, location=location, copy=copy_number, description=volume, numbers=ways
        )
        fits = fits and not expected.problems
        if app.json:
            click.echo(as_json(_labelled(number, expected)))
        else:
            click.echo(safe(" | ".join(expected.text)))
            for problem in expected.problems:
                app.note(f"{number}: {tell(problem)}")
    return 0 if fits else 1


@callnumber.command()
@data_option
@json_option
@scheme_option
@numbers_argument
@pass_app
def explain(app: App, numbers: tuple[str, ...], scheme: str | None) -> None:
    """Explain each piece of each NUMBER, and note what is unusual."""
    ways = site_ways(app)
    for number in _given(numbers):
        call_number = parse(number, scheme, ways)
        if app.json:
            pieces = tuple((piece.role.value, piece.text, words) for piece, words in in_words(call_number))
            click.echo(as_json(InWords(call_number.text, call_number.scheme.value, pieces, call_number.remarks)))
            continue
        click.echo(safe(f"{call_number.text}: {SCHEMES[call_number.scheme]}"))
        for piece, words in in_words(call_number):
            click.echo(safe(f"  {piece.role.value}: {piece.text} ({words})"))
        for remark in call_number.remarks:
            click.echo(safe(f"  note: {remark}"))


@callnumber.command("cutter")
@data_option
@json_option
@click.option("--digits", type=click.IntRange(1, 10), default=2, show_default=True, help="Digits after the letter.")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@pass_app
def cutter_(app: App, words: tuple[str, ...], digits: int) -> int:
    """Propose a Cutter number for each WORD by the Library of Congress table (G 63).

    The shelflist may need a different number between its neighbors. Exit code 1 if a word has no Latin letter to start
    with.
    """
    good = True
    for word in _given(words):
        try:
            number = cutter(word, digits)
        except ValueError as error:
            good = False
            app.note(f"{word}: {error}")
            number = ""
        click.echo(as_json({"word": word, "cutter": number}) if app.json else "\t".join(map(_cell, (word, number))))
    return 0 if good else 1


def load_template(name: str) -> Template:
    """Return a shipped template by its name, or the site's template from a file. Raises `SettingsError`."""
    if not name.endswith(OWN_FILE):
        return shipped(name)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: {error}") from error
    return parse_template(text, Path(name).name)


def _given(numbers: tuple[str, ...]) -> Iterator[str]:
    """Yield the arguments, else the lines of standard input, all cleaned. Skip empty lines."""
    lines: Iterator[str] = iter(numbers) if numbers else _lines()
    for line in lines:
        tidy = clean(line, MAX_LINE)
        if tidy:
            yield tidy


def _lines() -> Iterator[str]:
    """Yield the lines of standard input; of a line that is too long, only its beginning."""
    stream = sys.stdin.buffer
    while line := stream.readline(4 * MAX_LINE):
        yield line.decode("utf-8", "replace")
        while line and not line.endswith(b"\n"):
            line = stream.readline(4 * MAX_LINE)


def _cell(text: str) -> str:
    return safe(text.replace("\t", " "))


def _parsed(call_number: CallNumber) -> Parsed:
    pieces = tuple((piece.role.value, piece.text) for piece in call_number.pieces)
    return Parsed(call_number.text, call_number.scheme.value, pieces, call_number.remarks, call_number.key)


class Labelled(msgspec.Struct, frozen=True):
    """Result of `label` for one line."""

    text: str
    lines: tuple[str, ...]
    scheme: str
    problems: tuple[str, ...]
    reason: str


def _labelled(number: str, expected: ExpectedLabel) -> Labelled:
    return Labelled(
        number, expected.text, expected.scheme.value, tuple(map(tell, expected.problems)), tell(expected.reason)
    )
