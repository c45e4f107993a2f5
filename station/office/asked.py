"""One request of a reader: who asks, for what, and what the answer needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from station.base.text import clean
from station.base.words import tell
from station.domain.ports import Worker
from station.office.filters import Filter
from station.office.sources import Sources
from station.office.upload import Upload
from station.reports.tables.table import Table
from station.store.queries.queries import Queries

LONGEST: Final = 200
"""Characters of a parameter."""
LONGEST_FIELD: Final = 8000
"""Characters of a field of a form."""
VIA: Final = "office"
"""The face that events name (`domain.events.Event.via`)."""
PAGE: Final = 100
"""Rows of a page."""
MOST: Final = 1000
"""Rows of a page on request, and of a piece of a file."""
FILES: Final = ("csv", "xlsx")
BENCH: Final = "bench"
"""At a center: parameter with the id of a bench."""
HIDE: Final = "hide"
"""Parameter with the hidden columns."""
HIDE_BETWEEN: Final = "."
"""Between two of their keys."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request to read a page."""

    path: str
    names: Mapping[str, str]
    """Parts of the path by name, cleaned."""
    parameters: Mapping[str, str]
    """Parameters after the "?", cleaned; the first of each name."""
    viewer: Worker
    sources: Sources
    names_seen: Callable[[], Mapping[str, str]]
    """Returns the names that the viewer may see, by worker id; read once for a request."""
    every: Mapping[str, tuple[str, ...]] = {}
    """All values of each parameter, cleaned."""
    posted: Mapping[str, str] | None = None
    """Fields of a form that was sent, cleaned; None = a page is read."""
    upload: Upload | None = None
    """The file of a form that was sent."""
    session: str = ""
    """Session of the browser; "" = nobody has signed in."""
    address: str = ""
    """Address of the browser."""
    colors: str = ""
    """Color scheme that the browser keeps; "" = as the device."""
    most: int = 0
    """Rows that a page may have; 0 = `MOST`."""

    @property
    def queries(self) -> Queries:
        """The journal as the viewer may read it."""
        return self.sources.queries(self.viewer)

    def newest(self) -> int:
        """Return the number of the journal's newest event."""
        return self.sources.newest()

    def text(self, name: str) -> str:
        """Return a parameter; "" = missing."""
        return self.parameters.get(name, "")

    def number(self, name: str) -> int | None:
        """Return a parameter that is a number above 0; None if it is missing or is none."""
        return as_number(self.text(name))

    def day(self, name: str) -> str:
        """Return a parameter that is a date (ISO 8601); "" = missing, or none."""
        return Filter(name, "", day=True).value(self.text(name))

    @property
    def file(self) -> str:
        """Kind of the file that the reader takes in place of the page; "" = none."""
        return kind if (kind := self.text("as")) in FILES else ""

    @property
    def hidden(self) -> tuple[str, ...]:
        """Keys of the columns that the reader has hidden."""
        return tuple(dict.fromkeys(filter(None, self.text(HIDE).split(HIDE_BETWEEN))))

    @property
    def rows(self) -> int:
        """Number of rows of a page."""
        most = self.most or MOST
        return most if self.file else min(self.number("rows") or PAGE, most)

    def url(self, **changes: str) -> str:
        """Return this page's URL with other parameters; an empty one is left out."""
        parameters = {name: value for name, value in {**self.parameters, **changes}.items() if value}
        return f"{self.path}?{urlencode(parameters)}" if parameters else self.path


def as_number(text: str) -> int | None:
    """Return a number above 0; None if the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 and int(text) else None


def parameter(text: str) -> str:
    """Return a part of a URL as the pages use it."""
    return clean(text, LONGEST)


def part_of_path(name: str) -> str:
    """Return a name as a part of a path. Servers and programs before them take "/" for the end of a part, however it is
    quoted, so that "~" begins its code."""
    return quote(name.replace("~", "~7E").replace("/", "~2F"), safe="")


def in_path(part: str) -> str:
    """Return the name of a part of a path, cleaned."""
    return parameter(part.replace("~2F", "/").replace("~7E", "~"))


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request to read: values for a template."""

    template: str
    title: str
    values: Mapping[str, object] = {}
    read: Callable[[str], Table] | None = None
    """Returns the list of the page from a key on, "" = from its beginning. The reader may also take it as a file."""
    page_in: str = "after"
    """Parameter that holds the key where a page of the list begins."""
    filters: tuple[Filter, ...] = ()
    groups: tuple[str, ...] = ()
    """Keys of columns whose values are headings above the rows, unless the reader sorts these."""
    grouped: bool = False
    """True if these headings stay when the reader sorts: the rows are sorted below each."""
    about_a_person: bool = False
    """True if all rows of the list are about one person."""
    choose: tuple[tuple[str, str], ...] = ()
    """Addresses of forms about several rows that the reader chooses, and the words of their buttons."""
    live: bool = False
    """True if an open page shows what changes meanwhile."""
    status: int = 200
    location: str = ""
    """Path of another page that is the answer."""
    session: str | None = None
    """Session that the browser keeps from now on: "" = none any more; None = as before."""
    colors: str = ""
    """Color scheme that the browser keeps from now on; "" = as before."""
    file: bytes = b""
    """A file that is the answer, with `title` and `suffix` as its name."""
    suffix: str = "pdf"


def to_page(path: str) -> Page:
    """Return the answer that leads to another page of the office."""
    return Page(template="", title="", location=quote(path), status=303)


def missing() -> Page:
    """Return the answer to a request for one thing that is not known."""
    values = {"sentence": tell("office.missing-what")}
    return Page(template="sentence", title=tell("office.missing"), values=values, status=404)
