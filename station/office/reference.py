"""Pages to look up: rules, settings and the manual."""

from __future__ import annotations

from typing import Final

from station.base.words import tell
from station.base.words.times import date_words
from station.domain.manual_page import Picture
from station.domain.signals import RULE
from station.manual import Manual
from station.office.asked import Asked, Page
from station.office.filters import Filter, only
from station.quality.rules import Catalogue
from station.reports.tables.rules import rules as rules_table
from station.reports.tables.rules import state_of, state_words
from station.reports.tables.settings import changed as changed_only
from station.reports.tables.settings import settings as settings_table
from station.reports.tables.table import Table, ordered, page_of
from station.runtime.data_directory import SETTINGS_NAME
from station.runtime.library_systems import rules_to_show

MANUAL: Final = "manual"
"""Folder of the data directory with the site's own pages."""


def rules(asked: Asked) -> Page:
    """The rules in force; on request also those that are not."""
    catalogue, wrong = _rules(asked)
    day = asked.sources.clock.day()
    everything = only("all", tell("office.filter.all-rules"))
    severities = sorted({rule.severity.value for rule in catalogue.rules})
    severity = Filter(
        "severity",
        tell("office.head.severity"),
        [(name, tell(f"correction.list.severity.{name}")) for name in severities],
    )
    origin = Filter(
        "origin",
        tell("office.head.origin"),
        [(name, tell(f"office.origin.{name}")) for name in ("shipped", "changed", "site")],
    )
    wanted = severity.value(asked.text("severity"))
    shown = [
        rule
        for rule in catalogue.rules
        if (everything.value(asked.text("all")) or rule.in_force(day)) and wanted in ("", rule.severity.value)
    ]
    table = rules_table(shown, day)
    came = origin.value(asked.text("origin"))
    at = [column.key for column in table.columns].index("origin")
    if came:
        table = table.only(lambda row: row[at] == came)
    return Page(
        template="list",
        title=tell("office.rules"),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=(severity, origin, everything),
        values={"note": wrong, "empty": tell("office.no-rules")},
    )


def rule(asked: Asked) -> Page:
    """One rule: what it asks, its picture, and since when it is in force."""
    catalogue, wrong = _rules(asked)
    name = asked.names["rule"]
    found = next((rule for rule in reversed(catalogue.rules) if rule.id == name), None)
    page = Manual(catalogue).page(f"{RULE}{name}")
    if found is None or page is None:
        return _missing()
    day = asked.sources.clock.day()
    state = state_words(found, day)
    since = (
        tell("office.rule-since", day=date_words(found.valid_from))
        if state_of(found, day)[0] == "in-force"
        else tell(state)
    )
    return Page(
        template="manual",
        title=page.title,
        values={"note": wrong, "blocks": page.blocks, "state": since, "topics": [], "pictures": {}},
    )


def settings(asked: Asked) -> Page:
    """Every setting, and where it comes from."""
    sources = asked.sources
    path = sources.data / SETTINGS_NAME
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    table = settings_table(sources.settings, text, path.name)
    changed = only("changed", tell("office.filter.changed"))
    if changed.value(asked.text("changed")):
        table = changed_only(table)

    def read(after: str) -> Table:
        return page_of(ordered(table, asked.text("sort")), after, asked.rows)

    return Page(
        template="list",
        title=tell("office.settings"),
        read=read,
        filters=(changed,),
        values={"note": tell("office.settings-note", file=path.name), "empty": ""},
    )


def manual(asked: Asked) -> Page:
    """The table of contents of the manual."""
    book = _manual(asked)
    topics = [(topic.title, f"/manual/{topic.name}") for topic in book.topics()]
    return Page(
        template="manual",
        title=tell("office.manual"),
        values={"note": "", "blocks": (), "state": "", "topics": topics, "pictures": {}},
    )


def manual_page(asked: Asked) -> Page:
    """One page of the manual."""
    book = _manual(asked)
    page = book.page(asked.names["topic"])
    if page is None or asked.names["topic"].startswith(RULE):
        return _missing()
    pictures = {block.name: book.picture(block.name) for block in page.blocks if isinstance(block, Picture)}
    return Page(
        template="manual",
        title=page.title,
        values={"note": "", "blocks": page.blocks, "state": "", "topics": [], "pictures": pictures},
    )


def _missing() -> Page:
    return Page(
        template="sentence",
        title=tell("office.missing"),
        values={"sentence": tell("office.missing-what")},
        status=404,
    )


def _rules(asked: Asked) -> tuple[Catalogue, str]:
    catalogue, wrong = rules_to_show(asked.sources.settings, asked.sources.data)
    return catalogue, tell(wrong) if wrong else ""


def _manual(asked: Asked) -> Manual:
    return Manual(_rules(asked)[0], asked.sources.data / MANUAL)
