"""Every route of the office with values for its path, and what each of its answers must be. The routes are the app's
own, so that a new one needs a value here, or a test fails."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import httpx2
from starlette.routing import Route

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.words import Library, Session
from station.office.app import application
from station.office.sources import Sources
from tests.support.harmless import bad_characters

ENDLESS: Final = "/live"
"""The only route whose answer does not end: `test_live`."""
_KNOWN: Final = re.compile(
    "a|b|body|br|button|caption|code|d[dlt]|details|div|em|fieldset|figcaption|figure|footer|form|h[1-3]|head|header|html|"
    "input|label|legend|li|link|main|meta|nav|ol|optgroup|option|p|pre|script|section|select|small|span|strong|summary|"
    "table|tbody|td|textarea|th|thead|time|title|tr|ul|wbr|circle|g|line|path|polyline|polygon|rect|svg|text|tspan|desc"
)
"""Elements that the templates and drawings have."""
_LOCAL: Final = re.compile(r"(/(?!/)|#|\?|data:,$|data:image/svg)")
_KEY: Final = re.compile(r">\s*(?:[a-z-]+\.)+[a-z-]+\s*<")
"""A sentence without words shows its key."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def routes(data: Path) -> list[Route]:
    """Return the routes of the office."""
    sources = Sources(load(data / "station.toml"), data, SystemClock())
    app = application(sources, lambda: Session(Library("en", data / "words")))
    return [route for route in app.routes if isinstance(route, Route)]


def paths(data: Path, values: Mapping[str, str], at: Mapping[str, str] = {}) -> Iterator[tuple[Route, str]]:
    """Yield each route that can be read, with its path. `values`: of the parts of a path by name; "folder/id" = the id
    in this folder. `at`: whole paths of routes that need other values. Raises `KeyError` for a route without values."""
    for route in routes(data):
        if "GET" in (route.methods or ()) and route.path != ENDLESS:
            folder = route.path.split("/")[1]
            known = {name: values.get(f"{folder}/{name}") or values[name] for name in route.param_convertors}
            yield route, at.get(route.path) or route.path.format(**known)


class _Markup(HTMLParser):
    """Notices what a page may not have: unknown elements, scripts in it, styles, addresses of other places."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: set[str] = set()
        self.headings = ""
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self._in_heading = tag == "h1"
        if not _KNOWN.fullmatch(tag) or (tag == "script" and "src" not in own):
            self.wrong.add(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.add(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and not _LOCAL.match(value or ""):
                self.wrong.add(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.headings += data


def whole(answer: httpx2.Response, where: str, language: str = "") -> None:
    """Assert that an answer is one: never blank, never with text that acts, always with the headers."""
    assert answer.status_code < 500, where
    assert answer.headers["content-security-policy"].startswith("default-src 'none'"), where
    assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == ("nosniff", "same-origin")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code == 303:
        assert _LOCAL.match(answer.headers["location"]), where
        return
    if "/static/" in where and answer.status_code in (200, 404):
        return
    assert answer.headers["cache-control"] == "no-store", where
    if kind == "text/html":
        _page(answer.text, where, language)
    elif kind == "text/csv":
        _cells(answer.content, where)
    elif kind in ("text/plain", "application/toml"):
        assert not bad_characters(answer.content.decode(), allowed="\r\n"), where
    elif kind == "application/pdf":
        assert answer.content.startswith(b"%PDF"), where
    else:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            assert not any("<f>" in book.read(name).decode("utf-8", "replace") for name in book.namelist()), where


def _page(text: str, where: str, language: str) -> None:
    assert f'<html lang="{language or "e"}' in text, where
    bad = bad_characters(text, allowed="\n\u00ad")
    assert not bad, f"{where}: {bad[:5]!a}"
    markup = _Markup()
    markup.feed(text)
    assert not markup.wrong and markup.headings.strip(), f"{where}: {markup.wrong} {markup.headings}"
    missing = _KEY.search(text)
    assert missing is None or where.startswith("/settings"), f"{where}: {missing}"  # whose names look like keys


def _cells(content: bytes, where: str) -> None:
    text = content.decode("utf-8-sig")
    assert not bad_characters(text, allowed="\r\n"), where
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(_FORMULA) for cell in row), f"{where}: {row}"
