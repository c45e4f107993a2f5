"""`station catalog search`: find an item by title, author, call number or ISBN."""

from __future__ import annotations

import click

from station.base.cells import table
from station.base.words import tell
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.shared.who_asks import views
from station.domain.ports import FoundItem, Wanted, with_states
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import catalog_index


@click.command("search")
@data_option
@json_option
@click.argument("words", nargs=-1)
@click.option("--title", default="", metavar="WORDS", help="Words of the title.")
@click.option("--author", default="", metavar="WORDS", help="Words of the names.")
@click.option("--call-number", default="", metavar="NUMBER", help="Call number, or its beginning.")
@click.option("--isbn", default="", metavar="ISBN", help="ISBN with 10 or 13 digits, or its beginning.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number of items.")
@pass_app
def search_command(
    app: App, words: tuple[str, ...], title: str, author: str, call_number: str, isbn: str, limit: int
) -> int:
    """Find the items that fit WORDS: words of title and author, a call number, or an ISBN.

    Case, accents and hyphens do not count. The last word may be incomplete. Items of the newest records come first.
    Exit code 1 if no item fits.
    """
    wanted = Wanted(text=" ".join(words), title=title, author=author, call_number=call_number, isbn=isbn)
    if wanted == Wanted():
        raise click.UsageError("Give words, --title, --author, --call-number or --isbn.")
    index = catalog_index(app.settings(), app.data)
    try:
        results = index.search(wanted, limit)
        if (app.data / JOURNAL).exists():
            results = with_states(results, views(app, ""))
    finally:
        index.close()
    lines = list(table([row_of(item) for item in results.items]))
    if not lines:
        lines = [tell("search.none")]
    elif results.more:
        lines.append(tell("search.more-command", option="--limit"))
    app.report(results, lines)
    return DONE if results.items else NOT_GOOD


def row_of(item: FoundItem) -> tuple[str, ...]:
    """Return barcode, title, author, call number, volume and copy, location, and state."""
    which = " ".join(map(tell, item.which))
    return (item.barcode, item.title, item.author, item.call_number, which, item.location, tell(item.state_words))
