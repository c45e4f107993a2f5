"""`station manual`: the operator's manual in the terminal, by topic, rule or code."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.base.cells import cells, filled, wrapped
from station.base.errors import SettingsError
from station.base.words import tell
from station.base.words.telling import codes
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, pass_app
from station.domain.manual_page import Drawing, Heading, Item, Page, Paragraph, Picture, Row
from station.domain.signals import of_code
from station.manual import Manual
from station.quality.rulebook.shipped import shipped

MANUAL = "manual"
"""Folder of the data directory with the site's own pages."""


@click.command()
@click.argument("topic", default="")
@click.option("--rules", is_flag=True, help="List the pages of the rules.")
@data_option
@json_option
@pass_app
def manual(app: App, topic: str, rules: bool) -> int:
    """Read a page of the manual. TOPIC is rule:ID, a code (docs/errors.md), or a name that is listed without TOPIC."""
    book = open_manual(app)
    if not topic:
        pages = book.rules() if rules else book.topics()
        app.report(pages, [f"{filled(page.name, 28)} {page.title}" for page in pages])
        return DONE
    page = book.page(topic)
    if page is None and topic in codes():
        page = book.page(of_code(topic).page, topic)
    if page is None:
        app.report({"topic": topic, "found": False}, [tell("manual.no-page", topic=topic)])
        return NOT_GOOD
    app.report(page, text_of(page, book))
    return DONE


def open_manual(app: App) -> Manual:
    """Return the manual of this station; if there are no usable settings yet, the manual of the program."""
    from station.runtime.library_systems import rules_to_show

    try:
        settings = app.settings()
        return Manual(rules_to_show(settings, app.data)[0], app.data / MANUAL)
    except SettingsError:
        return Manual(shipped())


def text_of(page: Page, book: Manual, width: int = 100) -> Iterator[str]:
    """Yield the page as lines of text."""
    for block in page.blocks:
        match block:
            case Heading(level=level, text=text):
                yield from ("", text, ("=" if level == 1 else "-") * cells(text))
            case Paragraph(text=text):
                yield from ("", *wrapped(text, width))
            case Item(mark=mark, text=text, depth=depth):
                begin = f"{'  ' * depth}{mark} "
                yield from _hanging(begin, text, width)
            case Row(cells=columns):
                first, *rest = (cell for _, cell in columns)
                yield from ("", *wrapped(first, width))
                for cell in rest:
                    yield from _hanging("    ", cell, width)
            case Drawing(lines=lines):
                yield from ("", *lines)
            case Picture(name=name):
                yield from (f"  | {row}" for row in book.picture(name))


def _hanging(begin: str, text: str, width: int) -> Iterator[str]:
    """Yield the lines of `text`, the first after `begin`, the others indented by its width."""
    room = cells(begin)
    for at, line in enumerate(wrapped(text, width - room)):
        yield f"{' ' * room if at else begin}{line}"
