"""Pages about people, as their reader may see them."""

from __future__ import annotations

from station.base.errors import WorkerUnknown
from station.base.words import languages, tell
from station.domain.people.rights import Right, may
from station.domain.ports import Worker
from station.office.asked import Asked, Page, to_page
from station.office.filters import Filter
from station.reports.tables.people import loops
from station.reports.tables.people import people as people_table
from station.reports.tables.table import Table, ordered, page_of


def people(asked: Asked) -> Page:
    """Everyone who works here, or worked here; a reader who may not see others is the only row."""
    title = tell("office.people")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    visibility = asked.sources.visibility(asked.viewer)
    standings = Filter(
        "standing",
        tell("office.head.standing"),
        [(name, tell(f"staff.standing.{name}")) for name in ("active", "left", "erased")],
    )
    standing = standings.value(asked.text("standing"))
    rows = [row for row in visibility.people() if not standing or row.standing == standing]
    hidden = "" if visibility.all else tell("office.people-masked")
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(people_table(rows), asked.text("sort")), after, asked.rows),
        filters=(standings,),
        values={"note": hidden, "empty": tell("office.no-people")},
    )


def person(asked: Asked) -> Page:
    """One person: role and record of the work. Raises `NotAllowed` for a reader who may not see others."""
    worker = asked.sources.visibility(asked.viewer).person(asked.names["worker"])
    found = asked.sources.person(worker)
    if not found.registered and found.id != asked.viewer.id:
        raise WorkerUnknown(worker)
    return _person(asked, found, found.name or found.id)


def me(asked: Asked) -> Page:
    """The reader's own record and language."""
    if not asked.viewer.id:
        return to_page("/today")
    return _person(asked, asked.viewer, tell("office.me"))


def _person(asked: Asked, worker: Worker, title: str) -> Page:
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    record = asked.sources.visibility(asked.viewer).record(worker.id)
    errors = loops(record.loops)
    spoken = languages().get(worker.language or asked.sources.settings.screen.language, "")
    facts = [
        (tell("office.head.name"), worker.name or worker.id),
        (tell("office.head.role"), tell(f"office.role.{worker.role.value}") if worker.role else tell("staff.gone")),
        (tell("office.head.language"), spoken),
        (
            tell("office.head.work"),
            tell("staff.judged", count=record.judged, passed=record.passed, failed=record.failed),
        ),
    ]

    def read(_: str) -> Table:
        return errors

    own = worker.id == asked.viewer.id
    links = [(tell("office.own-events"), f"/journal?person={worker.id}")]
    if own or may(asked.viewer.role, Right.SEE_OTHERS):
        links.append((tell("office.own-to-fix"), f"/fix?owner={worker.id}"))
    return Page(
        template="one",
        title=title,
        read=read,
        values={
            "facts": facts,
            "links": links,
            "heading": tell("office.errors-by-rule"),
            "empty": tell("office.no-errors"),
            "keys": own,
        },
    )
