"""Pages about people, as their reader may see them."""

from __future__ import annotations

from collections import Counter

from station.base.errors import WorkerUnknown
from station.base.words import languages, tell
from station.base.words.times import local_day_and_time
from station.domain.people.changes import Account
from station.domain.people.rights import Right, Role, may
from station.domain.ports import Worker
from station.office.asked import Asked, Page, to_page
from station.office.filters import Filter
from station.office.forms import NEW
from station.office.person_forms import LANGUAGE, ROLE, STATION, WAS, doings, of_oneself
from station.reports.tables.people import loops
from station.reports.tables.people import people as people_table
from station.reports.tables.table import Table, ordered, page_of
from station.store.people.visibility import Record


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
        values={"note": hidden, "empty": tell("office.no-people"), "doings": _register(asked)},
    )


def person(asked: Asked) -> Page:
    """One person: role and record of the work. Raises `NotAllowed` for a reader who may not see others."""
    worker = asked.sources.visibility(asked.viewer).person(asked.names["worker"])
    found = asked.sources.person(worker, asked.viewer.id)
    if not found.registered and found.id != asked.viewer.id:
        raise WorkerUnknown(worker)
    return _person(asked, found, found.name or found.id)


def me(asked: Asked) -> Page:
    """The reader's own record and language."""
    if not asked.viewer.id:
        return to_page("/today")
    return _person(asked, asked.viewer, tell("office.me"))


def _register(asked: Asked) -> list[tuple[str, str]]:
    """Return the button that registers a person, for who may, or may have the right lent."""
    sources, role = asked.sources, asked.viewer.role
    possible = may(role, Right.SEE_OTHERS) and (sources.signs_on or may(role, Right.MANAGE_PEOPLE))
    return [("/people/new", tell("form.do.register"))] if possible or sources.nobody_manages() else []


def _person(asked: Asked, worker: Worker, title: str) -> Page:
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    record = asked.sources.visibility(asked.viewer).record(worker.id)
    account = asked.sources.acts.account(asked.session, worker.id)
    errors = loops(record.loops)
    spoken = languages().get(account.language or asked.sources.settings.screen.language, "")
    facts = [
        (tell("office.head.name"), worker.name or worker.id),
        (tell("office.head.login"), account.login),
        (tell("office.head.role"), tell(f"office.role.{worker.role.value}") if worker.role else tell("staff.gone")),
        (tell("office.head.language"), spoken),
        (tell("people.pin"), tell(f"form.pin-is.{account.pin}")),
        (tell("form.cards"), _cards(account)),
        (tell("office.head.retrained"), _retrained(record)),
        (
            tell("office.head.work"),
            tell("staff.judged", count=record.judged, passed=record.passed, failed=record.failed),
        ),
    ]

    def read(_: str) -> Table:
        return errors

    own, here = worker.id == asked.viewer.id, asked.path == "/me"
    links = [(tell("office.own-events"), f"/journal?person={worker.id}")]
    if own or may(asked.viewer.role, Right.SEE_OTHERS):
        links.append((tell("office.own-to-fix"), f"/fix?owner={worker.id}"))
    return Page(
        template="one",
        title=title,
        read=read,
        about_a_person=True,
        values={
            "facts": [fact for fact in facts if fact[1]],
            "links": links,
            "heading": tell("office.errors-by-rule"),
            "empty": tell("office.no-errors"),
            "keys": own,
            "saved": asked.number(NEW) is not None,
            "undo": _undo(asked, worker, account),
            "doings": of_oneself(worker) if here else doings(asked, worker, account),
        },
    )


def _undo(asked: Asked, worker: Worker, account: Account) -> tuple[str, str] | None:
    """Return the form that takes back a change of role or language that was just made, and the words of what was."""
    was = asked.text(WAS)
    if asked.path == "/me":
        language = "" if was == STATION else was
        known = {"": tell("form.station-language"), **languages()}
        if was and language in known and language != account.language:
            return f"/me/language?{LANGUAGE}={language}", known[language]
    elif was in list(Role) and worker.role is not None and was != worker.role:
        return f"/people/{worker.id}/role?{ROLE}={was}", tell(f"office.role.{was}")
    return None


def _cards(account: Account) -> str:
    counts = Counter(card.kind for card in account.cards)
    return ", ".join(tell(f"form.count-{kind}", count=counts[kind]) for kind in ("barcode", "badge") if counts[kind])


def _retrained(record: Record) -> str:
    times = [at for at, _ in record.retrainings]
    return tell("form.retrained", count=len(times), day=local_day_and_time(max(times))) if times else ""
