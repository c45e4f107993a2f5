"""`station callnumber`: parse, sort, label and explain call numbers, from the arguments or standard input, line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from station.catalog.callnumber import CallNumber, Scheme, parse
from station.catalog.labels import ExpectedLabel, Template, expected_label, shipped
from station.catalog.labels import parse as parse_template
from station.catalog.labels.template import DEFAULT, SHIPPED
from station.cli.app import App, as_json, data_option, json_option, pass_app, safe
from station.errors import SettingsError
from station.text import clean

MAX_LINE: Final = 2000
"""Longest line that is read; a call number has some 60 characters."""
OWN_FILE: Final = ".toml"

numbers_argument: Final[Callable[[Any], Any]] = click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
scheme_option: Final[Callable[[Any], Any]] = click.option(
    "--scheme",
    type=click.Choice([scheme.value for scheme in Scheme]),
    help="How to read them; found by itself if not given.",
)


@click.group()
def callnumber() -> None:
    """Call numbers: LC, Dewey, NLM, SuDoc, ANSCR and local ones.

    Give them as arguments, or one a line on standard input.
    """


class Parsed(msgspec.Struct, frozen=True):
    """What `parse` reports of one line."""

    text: str
    scheme: str
    pieces: tuple[tuple[str, str], ...]
    """(what it is, text)."""
    remarks: tuple[str, ...]


@callnumber.command("parse")
@data_option
@json_option
@scheme_option
@numbers_argument
@pass_app
def parse_(app: App, numbers: tuple[str, ...], scheme: str | None) -> None:
    """Take each NUMBER apart: scheme and pieces, separated by tabs; with --json one JSON value a line."""
    for number in _given(numbers):
        found = parse(number, scheme)
        if app.json:
            click.echo(as_json(_parsed(found)))
        else:
            pieces = (f"{piece.role.value}={piece.text}" for piece in found.pieces)
            click.echo("\t".join(map(_cell, (found.text, found.scheme.value, *pieces))))


@callnumber.command()
@data_option
@json_option
@scheme_option
@click.option("--unique", is_flag=True, help="Of numbers that are one place on the shelf keep the first.")
@numbers_argument
@pass_app
def sort(app: App, numbers: tuple[str, ...], scheme: str | None, unique: bool) -> None:
    """Print the NUMBERs in shelf order, as they were given; equal places keep their order."""
    found = [(parse(number, scheme).key, number) for number in _given(numbers)]
    found.sort(key=lambda pair: pair[0])
    kept = [pair for at, pair in enumerate(found) if not (unique and at and found[at - 1][0] == pair[0])]
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
    wanted = load_template(template)
    fits = True
    for number in _given(numbers):
        found = expected_label(number, scheme or "", wanted, location=location, copy=copy_number, description=volume)
        fits = fits and not found.problems
        if app.json:
            click.echo(as_json(_labelled(number, found)))
        else:
            click.echo(safe(" | ".join(found.text)))
            for problem in found.problems:
                app.note(f"{number}: {problem}")
    return 0 if fits else 1


@callnumber.command()
@data_option
@json_option
@scheme_option
@numbers_argument
@pass_app
def explain(app: App, numbers: tuple[str, ...], scheme: str | None) -> None:
    """Say what each piece of each NUMBER is, and what is odd about it."""
    for number in _given(numbers):
        found = parse(number, scheme)
        if app.json:
            click.echo(as_json(_parsed(found)))
            continue
        click.echo(safe(f"{found.text}: {_SCHEMES[found.scheme]}"))
        for piece in found.pieces:
            words = f" ({piece.words})" if piece.words else ""
            click.echo(safe(f"  {piece.role.value}: {piece.text}{words}"))
        for remark in found.remarks:
            click.echo(safe(f"  note: {remark}"))


_SCHEMES: Final = {
    Scheme.LC: "Library of Congress Classification",
    Scheme.DEWEY: "Dewey Decimal Classification",
    Scheme.NLM: "National Library of Medicine Classification",
    Scheme.SUDOC: "Superintendent of Documents",
    Scheme.ANSCR: "ANSCR, for recordings",
    Scheme.LOCAL: "a local number; it sorts word by word, numbers as numbers",
}


def load_template(name: str) -> Template:
    """A ready template by name, or a site's own file. Raises `SettingsError`."""
    if not name.endswith(OWN_FILE):
        return shipped(name)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: {error}") from error
    return parse_template(text, Path(name).name)


def _given(numbers: tuple[str, ...]) -> Iterator[str]:
    """The arguments, else the lines of standard input; empty lines are passed over, all text is cleaned."""
    lines: Iterator[str] = iter(numbers) if numbers else _lines()
    for line in lines:
        tidy = clean(line, MAX_LINE)
        if tidy:
            yield tidy


def _lines() -> Iterator[str]:
    """Lines of standard input; of one that is too long the beginning."""
    stream = sys.stdin.buffer
    while line := stream.readline(4 * MAX_LINE):
        yield line.decode("utf-8", "replace")
        while line and not line.endswith(b"\n"):
            line = stream.readline(4 * MAX_LINE)


def _cell(text: str) -> str:
    return safe(text.replace("\t", " "))


def _parsed(found: CallNumber) -> Parsed:
    pieces = tuple((piece.role.value, piece.text) for piece in found.pieces)
    return Parsed(found.text, found.scheme.value, pieces, found.remarks)


class Labelled(msgspec.Struct, frozen=True):
    """What `label` reports of one line."""

    text: str
    lines: tuple[str, ...]
    scheme: str
    problems: tuple[str, ...]
    reason: str


def _labelled(number: str, found: ExpectedLabel) -> Labelled:
    return Labelled(number, found.text, found.scheme.value, found.problems, found.reason)
