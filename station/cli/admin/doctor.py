"""`station doctor`: check everything the station needs, and report problems with advice. Changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from typing import Final

import click
import msgspec

from station import __version__
from station.base import credentials, words
from station.base.errors import ExtraMissing, PinsUnusable, StationError, Unreachable
from station.base.extras import extra
from station.base.installation import install_command, installer, project_file
from station.base.settings import Settings
from station.base.words import tell
from station.base.words.telling import command_message
from station.cli.admin.init import judge_isil
from station.cli.admin.start_files import obstacles
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.shared.read_pad import greeting
from station.domain.deliveries.delivery import WAITING as STILL_WAITING
from station.domain.ports import Lack, ReaderCapabilities
from station.drivers.registry import badge_reader
from station.printing.outputs import obstacle, target
from station.printing.paper import Kind
from station.runtime.data_directory import CATALOG, JOURNAL, PEOPLE, SETTINGS_NAME, head_directory
from station.runtime.identity.authenticator import PEPPER, open_authenticator, workforce
from station.runtime.library_systems import (
    catalog_index,
    close_systems,
    load_item_profile,
    load_rules,
    load_template,
    system_names,
    systems,
)
from station.runtime.lock import hold, holder
from station.runtime.open_journal import sent_heads
from station.runtime.socket.client import connect
from station.runtime.station import load_profile, load_sampling
from station.store.catalog_index.walk import changed
from station.store.database.engine import engine_version, fixed_engine
from station.store.people.names import People
from station.store.people.pins import pins_of
from station.store.projections.workers import ACTIVE
from station.store.queries.pin_trace import Disagreement, disagreements
from station.store.queries.queries import Queries
from station.sync.alma.mapping import load_mapping
from station.tui.widgets.sounds import find_player

LOW_DISK: Final = 500_000_000
FULL_DISK: Final = 50_000_000
PAPERS: Final[tuple[Kind, ...]] = ("spine", "pocket", "part", "flag")
"""Kinds of labels whose paper the settings name."""
_LONG: Final = 3650
_SYSTEMS: Final = ("file", "alma", "sip2")
OLD_UNSENT: Final = timedelta(hours=1)
CERTIFICATE_LEFT: Final = timedelta(days=30)
WAITING: Final = 100
"""Number of waiting deliveries that deserves a warning."""


class Level(StrEnum):
    """Result of one check."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Line(msgspec.Struct, frozen=True):
    """Line of the report: one check, what it found, and advice."""

    level: Level
    name: str
    found: str
    advice: str = ""


Lines = Iterator[Line]


def _ok(name: str, finding: str) -> Line:
    return Line(Level.OK, name, finding)


def _warn(name: str, finding: str, advice: str) -> Line:
    return Line(Level.WARN, name, finding, advice)


def _fail(name: str, finding: str, advice: str) -> Line:
    return Line(Level.FAIL, name, finding, advice)


def _program(_: App, __: Settings) -> Lines:
    yield _ok("program", f"version {__version__}, installed by {installer()}; its pages are in {project_file('docs')}")


def _directory(app: App, settings: Settings) -> Lines:
    if not _writable(app):
        yield _fail(
            "data directory", f"{app.data} cannot be written", "Make it writable for the user who runs the station."
        )
        return
    mode = app.data.stat().st_mode & 0o777
    if mode & (0o027 if settings.office.group else 0o077):
        able = "changed" if mode & 0o022 else "read"
        yield _warn("data directory", f"{app.data} may be {able} by others ({mode:o})", f"Run: chmod 700 {app.data}")
    else:
        yield _ok("data directory", str(app.data))
    for path, problem, advice in obstacles(app.data):
        yield _fail("data directory", f"{path} {problem}", advice)


def _writable(app: App) -> bool:
    return os.access(app.data, os.W_OK | os.X_OK, effective_ids=True)


def _disk(app: App, _: Settings) -> Lines:
    free = shutil.disk_usage(app.data).free
    finding = f"{free / 1e9:.1f} GB free"
    if free < FULL_DISK:
        yield _fail("disk", finding, "Make room; the station stops when the journal cannot grow.")
    elif free < LOW_DISK:
        yield _warn("disk", finding, "Make room soon.")
    else:
        yield _ok("disk", finding)


def _library(_: App, settings: Settings) -> Lines:
    warning = judge_isil(settings.library.isil)
    if not settings.library.isil:
        yield _fail("ISIL", "not set", f"Set library.isil in {SETTINGS_NAME}; no tag is written without it.")
    elif warning:
        yield _warn("ISIL", settings.library.isil, warning)
    else:
        yield _ok("ISIL", settings.library.isil)


def _extras(_: App, settings: Settings) -> Lines:
    """Report each extra that a setting asks for and of which a package is missing."""
    for setting, needed, name, packages in (
        ("web.enabled", settings.web.enabled, "web", ("cryptography", "starlette", "uvicorn")),
        ("badge.port", bool(settings.badge.port) and settings.people.sign_on, "badges", ("nfc",)),
        ("reader.driver", settings.reader.driver == "nfcpy", "badges", ("nfc",)),
        ("sampling.enabled", settings.sampling.enabled, "statistics", ("scipy",)),
        ("fleet.database", bool(settings.fleet.database), "fleet", ("psycopg",)),
    ):
        missing = next((package for package in packages if find_spec(package) is None), "") if needed else ""
        if missing:
            command = install_command(missing, name)
            yield _fail("extras", f"{setting} needs the extra {name}: {missing} is missing", f"Install it: {command}")


def _words(_: App, settings: Settings) -> Lines:
    for wrong in words.unusable():
        yield _warn("words", f"not used: {wrong}", "Correct the file; until then the shipped sentences are shown.")
    if not words.unusable():
        yield _ok("words", settings.screen.language)


def _rules(app: App, settings: Settings) -> Lines:
    yield _ok("rules", f"{len(load_rules(settings, app.data).in_force(app.clock.now()[:10]))} rules in force")


def _sampling(app: App, settings: Settings) -> Lines:
    policy = load_sampling(settings, app.data)
    if policy is None:
        yield _ok("sampling", "off: every confirmation is asked for every item")
    else:
        plans = (f"{policy.new.sample} in succession", f"{policy.normal.sample} of {policy.normal.lot}")
        yield _ok("sampling", f"on: every item until {plans[0]} are good, then {plans[1]}")


def _profile(app: App, settings: Settings) -> Lines:
    site = load_profile(settings, app.data)
    if site.read_only:
        yield _warn("tag profile", site.name, "No tag is written with it; set tag.profile to a profile that writes.")
    else:
        yield _ok("tag profile", site.name)


def _lock(app: App, _: Settings) -> Lines:
    lock_holder = holder(app.data)
    client = connect(app.data)
    if client is not None:
        with client:
            snapshot = client.snapshot()
        who = tell(lock_holder.describe()) if lock_holder is not None else "without a lock"
        yield _ok("station", f"running ({who}), {snapshot.phase}, reader {tell(snapshot.reader)}")
    elif lock_holder is not None:
        yield _fail(
            "station",
            f"{tell(lock_holder.describe())} holds the data but does not answer",
            "Wait, or end that process.",
        )
    else:
        yield _ok("station", "not running")


def _reader(app: App, settings: Settings) -> Lines:
    client = connect(app.data)
    if client is not None:
        with client:
            snapshot, health = client.snapshot(), client.reader_health()
        if snapshot.reader_ready:
            yield _ok(
                "reader", f"ready, in use by the running station; pad: {tell(snapshot.tag_summary) or 'nothing judged'}"
            )
        else:
            yield _fail("reader", tell(snapshot.reader), "See the running station's screen.")
        if health is not None:
            lacks = tuple(lack for lack in Lack if lack in health.lacks)
            yield from _lacks(ReaderCapabilities(health.name, iso15693=health.iso15693, lacks=lacks))
        return
    if not _writable(app):
        yield _warn("reader", "not asked: the data directory cannot be locked", "Ask it from the station's own data.")
        return
    with hold(app.data, app.clock):
        who, inventory = greeting(app)
    tags = "tags that could not be separated" if inventory.collision else f"{len(inventory.tags)} tags"
    uids = ", ".join(tag.uid for tag in inventory.tags)
    pad = f"{tags} ({uids})" if uids else tags
    at = f"{who.name} {who.firmware} at {settings.reader.port}"
    if inventory.tags and not inventory.collision:
        yield _ok("reader", f"{at}; it has read a tag; on the pad: {pad}")
    else:
        advice = "Put one tag on the pad and run doctor again. The tag is only read."
        yield _warn("reader", f"{at}; it has read no tag; on the pad: {pad}", advice)
    yield from _lacks(who)


def _lacks(reader: ReaderCapabilities) -> Lines:
    """Report what the reader was found to lack."""
    lacks = " ".join(tell(f"reader.lacks.{lack}") for lack in reader.lacks)
    if not reader.can_pass_items:
        yield _fail("reader", lacks, "No item can pass here: take another reader or another firmware.")
    elif lacks:
        yield _ok("reader", lacks)


def _badges(app: App, settings: Settings) -> Lines:
    port = settings.badge.port
    if not port or not settings.people.sign_on:
        yield _ok("badge reader", "not used: people.sign_on is off" if port else "none is set up")
        return
    badge_reader(settings.badge, app.clock)  # raises an error without nfcpy; does not open the port
    if port.startswith("/") and not os.access(port, os.R_OK | os.W_OK):
        yield _fail(
            "badge reader",
            f"{port} is missing, or may not be opened",
            f"Plug it in, or set badge.port in {SETTINGS_NAME}.",
        )
    else:
        yield _ok("badge reader", f"{port} (not tried)")


def _labels(app: App, settings: Settings) -> Lines:
    """Check every paper, the fonts, and the target, as for a job. Nothing is printed."""
    from station.printing.job import Printer, load_paper, paper_of

    labels = settings.labels
    where = target(labels.to)
    for kind in PAPERS:
        paper = load_paper(paper_of(kind, labels), app.data)
        Printer(paper, kind, labels.format, where, settings=labels, data=app.data, clock=app.clock)
    wrong = obstacle(where, app.data)
    if wrong:
        yield _fail("labels", wrong, f"Set labels.to in {SETTINGS_NAME}, or set up the printer.")
    else:
        yield _ok("labels", f"{labels.format} to {where}")


def _sound(_: App, settings: Settings) -> Lines:
    screen = settings.screen
    player = find_player(screen.sound_player)
    if screen.sound_through == "reader":
        yield _ok("sound", "through the reader")
    elif player and shutil.which(player[0]):
        yield _ok("sound", f"{player[0]} (try it: station sound test)")
    elif player:
        yield _fail(
            "sound", f"{player[0]} is not installed", f"Install it, or set screen.sound_player in {SETTINGS_NAME}."
        )
    elif screen.sound_through == "audio":
        yield _fail("sound", "no player is installed", "Install pw-play, paplay or aplay, or set screen.sound_through.")
    else:
        yield _warn(
            "sound", "no player is installed; only the reader's buzzer sounds", "Install pw-play, paplay or aplay."
        )


def _sign_on(app: App, settings: Settings) -> Lines:
    """Check that somebody can sign on, if people must."""
    if not settings.people.sign_on:
        yield _ok("sign-on", "off")
        return
    path = app.data / JOURNAL
    workers = Queries(path, app.clock).workers() if path.exists() else {}
    active = {worker for worker, (_, standing) in workers.items() if standing == ACTIVE}
    if not active:
        yield _fail("sign-on", "no person is registered, so nobody can sign on", "Register one: station people add")
    elif not active & set(pins_of(People(app.data / PEOPLE))):
        yield _fail("sign-on", "no person has a PIN, so nobody can sign on", "Set one: station people pin set")
    else:
        yield _ok("sign-on", "on")


def _journal(app: App, settings: Settings) -> Lines:
    path = app.data / JOURNAL
    if not path.exists():
        yield _ok("journal", "none yet; the first start creates it")
        return
    queries = Queries(path, app.clock)
    report = queries.verify(None, head_directory(settings, app.data), sent_heads(settings, app.data))
    if report.ok:
        yield _ok("journal", f"{report.events} events, chain verifies, {report.heads_checked} exported heads in it")
    else:
        problems = "; ".join(
            (*map(tell, report.problems), *(f"head {tell(lost)} is missing" for lost in report.missing_heads))
        )
        lost = bool(report.missing_heads) and report.first_bad is None
        damaged = f"Do not continue with it; see {project_file('docs/journal.md')}."
        yield _fail("journal", problems, tell("chain.older") if lost else damaged)
    if restored := queries.restored():
        yield _fail("journal", tell(restored.detail), "Continue it: station journal continue --restored")
    yield from _outbox(queries)


def _size(app: App, _: Settings) -> Lines:
    """Forecast the size of the journal from the last days."""
    if not (app.data / JOURNAL).exists():
        return
    from station.runtime.archiving import growth

    forecast = growth(app.data, app.clock)
    finding = f"{forecast.size / 1e6:.1f} MB"
    if forecast.a_day:
        finding += f", {forecast.a_day / 1e6:.2f} MB more each day, measured over {forecast.days} day(s)"
        finding += f"; the disk is full {_in_days(forecast.full_in)}"
    if forecast.archive_in < 1:
        yield _warn("journal size", finding, "Archive old events: station journal archive --older-than 400")
    elif forecast.a_day:
        yield _ok("journal size", f"{finding}; archive old events {_in_days(forecast.archive_in)}")
    else:
        yield _ok("journal size", finding)


def _in_days(days: float) -> str:
    return f"in {days:,.0f} days" if days < _LONG else "in more than ten years"


def _corrections(app: App, _: Settings) -> Lines:
    """Report overdue corrections."""
    if not (app.data / JOURNAL).exists():
        return
    waiting = Queries(app.data / JOURNAL, app.clock).corrections()
    late = sum(1 for entry in waiting if entry.overdue)
    if late:
        yield _warn("corrections", f"{len(waiting)} open, {late} overdue", "Look at them: station corrections overdue")
    else:
        yield _ok("corrections", f"{len(waiting)} open, none overdue")


def _people(app: App, settings: Settings) -> Lines:
    """Report people whose name and role do not agree (after an interrupted command)."""
    if not (app.data / JOURNAL).exists():
        return
    views = Queries(app.data / JOURNAL, app.clock)
    known = views.workers()
    named = {person.worker: person.login for person in People(app.data / PEOPLE).all_of()}
    active = {worker for worker, (_, standing) in known.items() if standing == ACTIVE}
    unfinished = sorted(login for worker, login in named.items() if worker not in known)
    left = sorted(worker for worker in named if known.get(worker, (None, ""))[1] == "erased")
    registered = f"{len(active)} registered"
    if unfinished:
        yield _warn(
            "people", f"{registered}; no role: {', '.join(unfinished)}", "Repeat the command: station people add"
        )
    elif left:
        yield _fail(
            "people", f"{registered}; erased, but named: {', '.join(left)}", "Repeat the command: station people erase"
        )
    elif workforce(app.data, views).find(settings.station.operator).role is None:
        yield _fail("people", f"{registered}; station.operator no longer works here", f"Change it in {SETTINGS_NAME}.")
    else:
        yield _ok("people", registered)


_DIFFER: Final = {
    Disagreement.GONE: "the journal has a PIN, people.db has none",
    Disagreement.UNKNOWN: "people.db has a PIN that was never journaled",
    Disagreement.OLDER: "people.db lacks the PIN that the journal has as the newest (an older people.db was put back)",
    Disagreement.CHANGED: "only one of journal and people.db says that the PIN was changed",
}


def _pins(app: App, settings: Settings) -> Lines:
    """Check whether journal and people.db agree about PINs, and whether their key is there. Report PINs that were given
    without proof."""
    if not (app.data / JOURNAL).exists():
        return
    views = Queries(app.data / JOURNAL, app.clock)
    known, people = views.pin_trace(), People(app.data / PEOPLE)
    kept = pins_of(people)
    active = frozenset(worker for worker, (_, standing) in views.workers().items() if standing == ACTIVE)
    if known.recoveries:
        last = known.recoveries[-1]
        finding = f"{len(known.recoveries)} given WITHOUT PROOF, last {last.at[:10]} to {last.worker}: {last.reason}"
        yield _warn(
            "PIN recovery",
            finding,
            f"It was done by the owner of the station's files; see {project_file('docs/people.md')}, The way back in.",
        )
    differing = [f"{worker}: {_DIFFER[how]}" for worker, how in disagreements(known, kept, active)]
    try:
        pins = open_authenticator(settings, app.data, views, app.clock).pins
        unusable = pins.with_other_key()
        lost = f"{len(unusable)} in people.db cannot be checked: the key {PEPPER} was changed" if unusable else ""
        differing += [f"{worker}: people.db has another login than when the PIN was set" for worker in pins.changed()]
    except PinsUnusable as error:
        lost = f"{len(kept)} in people.db cannot be checked: {tell(error.detail)}"
    if lost:
        page = project_file("docs/people.md")
        advice = f"Put the key back where it was. If it is lost: station people pin recover ({page})."
        yield _fail("PINs", lost, advice)
    elif differing:
        advice = (
            "people.db was changed outside the station, or a command was cut off. Set the PIN again: station people pin"
        )
        yield _fail("PINs", "; ".join(differing), advice)
    else:
        yield _ok("PINs", f"{len(kept)} in people.db, as the journal says")


def _outbox(queries: Queries) -> Lines:
    counts = queries.outbox_counts()
    parked = counts.get("parked", 0)
    waiting = sum(count for state, count in counts.items() if state in STILL_WAITING)
    summary = ", ".join(f"{count} {state}" for state, count in counts.items()) or "empty"
    if parked:
        yield _warn(
            "outbox", summary, "Look at the parked ones (station outbox show), then: station outbox retry --all"
        )
    elif waiting > WAITING:
        yield _warn("outbox", summary, "Is the library system reachable?")
    else:
        yield _ok("outbox", summary)


def _item_profile(app: App, settings: Settings) -> Lines:
    profile = load_item_profile(settings, app.data)
    yield _ok("catalog profile", f"{profile.name}: {profile.about}")


def _template(app: App, settings: Settings) -> Lines:
    template = load_template(settings, app.data)
    yield _ok("label template", f"{template.name}: {template.width} characters, {template.height} lines")


def _catalog(app: App, settings: Settings) -> Lines:
    if not (app.data / CATALOG).exists():
        yield _fail("catalog", "no index", "Import the library's records: station catalog import FILE")
        return
    index = catalog_index(settings, app.data)
    try:
        records, items = index.size()
    finally:
        index.close()
    damaged = changed(index.path)
    if damaged:
        yield _fail(
            "catalog",
            f"changed since the import: {', '.join(map(tell, damaged))}",
            "Rebuild it: station catalog rebuild",
        )
    elif items:
        yield _ok("catalog", f"{items} items in {records} records, profile {settings.catalog.profile}")
    else:
        yield _fail("catalog", "the index is empty", "Import the library's records: station catalog import FILE")


def _only(settings: Settings, name: str) -> Settings:
    """Return the settings with this destination of results alone."""
    delivery = settings.delivery
    others = {
        other: msgspec.structs.replace(getattr(delivery, other), enabled=False) for other in _SYSTEMS if other != name
    }
    return msgspec.structs.replace(settings, delivery=msgspec.structs.replace(delivery, **others))


def _systems(_: App, settings: Settings) -> Lines:
    if system_names(settings):
        yield _ok("systems", ", ".join(system_names(settings)))
    else:
        yield _warn(
            "systems", "results go only to the journal", "Enable delivery.file, delivery.alma or delivery.sip2."
        )


def _results_file(app: App, settings: Settings) -> Lines:
    file = settings.delivery.file
    if not file.enabled:
        return
    path = app.data / file.path
    where = path if path.exists() else path.parent
    if path.is_symlink():
        yield _fail("results file", f"{path} is a symbolic link", "Set delivery.file.path to the file itself.")
        return
    usable = path.is_file() if path.exists() else where.is_dir()
    if usable and os.access(where, os.W_OK):
        yield _ok("results file", str(path))
    else:
        yield _fail("results file", f"{path} cannot be written", "Change delivery.file.path or its permissions.")


def _alma(app: App, settings: Settings) -> Lines:
    alma = settings.delivery.alma
    if alma.enabled:
        close_systems(systems(_only(settings, "alma"), app.data))  # raises an error if the settings cannot work
        yield _ok("Alma", alma.base_url)
        mapping = load_mapping(alma, app.data)
        yield _ok("Alma fields", f"{mapping.name}: {', '.join(mapping.fields)}")


def _alma_key(app: App, settings: Settings) -> Lines:
    if settings.delivery.alma.enabled:
        credentials.load("alma", app.data)
        yield _ok("Alma key", "present (not tried)")


def _sip2(app: App, settings: Settings) -> Lines:
    sip2 = settings.delivery.sip2
    if sip2.enabled:
        close_systems(systems(_only(settings, "sip2"), app.data))  # raises an error if the settings cannot work
        yield _ok("SIP2", f"{sip2.host}:{sip2.port}, tls {sip2.tls} (not tried)")


def _sip2_password(app: App, settings: Settings) -> Lines:
    if settings.delivery.sip2.enabled and settings.delivery.sip2.user:
        credentials.load("sip2", app.data)
        yield _ok("SIP2 password", "present (not tried)")


def _web(app: App, settings: Settings) -> Lines:
    """Report what `station web check` reports. The server itself is asked only while a station runs."""
    if not settings.web.enabled:
        return
    with extra("web"):
        from station.web.check import check

    client = connect(app.data)
    if client is not None:
        client.close()
    page = project_file("docs/library-systems/alma-rfid.md")
    for finding in check(settings.web, app.data, datetime.now(UTC)):
        name = f"Alma page, {finding.name}"
        if finding.name == "server" and client is None:
            yield _ok(name, "not asked: no station runs")
        elif finding.good:
            yield _ok(name, finding.sentence)
        else:
            yield _fail(name, finding.sentence, f"See {page}; after a change: station web check")


def _center(app: App, settings: Settings) -> Lines:
    """Report the link of a bench to its center. Nothing is sent."""
    if not settings.fleet.center:
        return
    from station.fleet.center import Center
    from station.fleet.link import unsent
    from station.fleet.link_check import certificate_end, standing

    page = project_file("docs/fleet.md")
    left = unsent(app.data / JOURNAL)
    finding = f"{left.count} events are not at the center, the oldest of {left.oldest}" if left.count else "none"
    if left.oldest and datetime.fromisoformat(app.clock.now()) - datetime.fromisoformat(left.oldest) > OLD_UNSENT:
        yield _warn("unsent events", finding, "They go when the center answers; until then only this disk has them.")
    else:
        yield _ok("unsent events", finding)
    try:
        with closing(Center(settings.fleet, app.data, app.clock)) as center:
            state = standing(app.data / JOURNAL, center)
        end = certificate_end(settings.fleet, app.data)
    except Unreachable as error:
        yield _warn(
            "center", tell(error.detail), "The bench works on. Look at the network, the address and the center."
        )
        return
    finding = f"{settings.fleet.center} answers and accepts the key; its certificate is valid until {end:%Y-%m-%d}"
    if state == "older":
        yield _fail("center", f"{finding}; it has newer events of this journal", f"Restart the station. See {page}")
    elif state == "foreign":
        yield _fail("center", f"{finding}; it has another journal of this bench", f"See {page}")
    elif end - datetime.fromisoformat(app.clock.now()) < CERTIFICATE_LEFT:
        yield _warn("center", finding, "Make a new certificate at the center; without it nothing is sent.")
    else:
        yield _ok("center", finding)


def _engine(_: App, __: Settings) -> Lines:
    if fixed_engine():
        yield _ok("SQLite", engine_version())
    else:
        yield _warn(
            "SQLite",
            f"{engine_version()} has the WAL-reset defect (fixed in 3.51.3)",
            "The station avoids it with its one writer; let no other program write to the journal.",
        )


CHECKS: Final[tuple[tuple[str, Callable[[App, Settings], Lines]], ...]] = (
    ("data directory", _directory),
    ("disk", _disk),
    ("ISIL", _library),
    ("extras", _extras),
    ("words", _words),
    ("rules", _rules),
    ("sampling", _sampling),
    ("tag profile", _profile),
    ("catalog profile", _item_profile),
    ("label template", _template),
    ("SQLite", _engine),
    ("station", _lock),
    ("journal", _journal),
    ("journal size", _size),
    ("corrections", _corrections),
    ("people", _people),
    ("PINs", _pins),
    ("sign-on", _sign_on),
    ("catalog", _catalog),
    ("systems", _systems),
    ("results file", _results_file),
    ("Alma", _alma),
    ("Alma key", _alma_key),
    ("SIP2", _sip2),
    ("SIP2 password", _sip2_password),
    ("Alma page", _web),
    ("center", _center),
    ("labels", _labels),
    ("sound", _sound),
    ("badge reader", _badges),
    ("reader", _reader),
    ("program", _program),
)
"""Checks in their order. The reader comes late, since its check may take seconds."""


def examine(app: App) -> Lines:
    """Yield every line. An error in a check becomes a FAIL with the error's message as advice."""
    try:
        settings = app.settings()
    except StationError as error:
        yield _fail("settings", tell(error.detail) or error.code, tell(f"error.{error.code}.command"))
        return
    yield _ok("settings", str(app.data / SETTINGS_NAME))
    extras_named = False
    for name, check in CHECKS:
        try:
            for line in check(app, settings):
                extras_named = extras_named or line.name == "extras"
                yield line
        except ExtraMissing as error:
            if not extras_named:
                yield _fail(name, tell(error.detail), command_message(error))
        except StationError as error:
            yield _fail(name, tell(error.detail) or error.code, command_message(error))
        except OSError as error:
            yield _fail(name, str(error), "Look at the permissions and the disk.")


@click.command()
@data_option
@json_option
@pass_app
def doctor(app: App) -> int:
    """Check settings, data, journal, catalog, systems, printer, sound and readers. Exit code 1 if a check fails."""
    lines: list[Line] = []
    for line in examine(app):
        lines.append(line)
        if not app.json:
            app.report(
                None, [f"{line.level:4}  {line.name}: {line.found}", *([f"      {line.advice}"] * bool(line.advice))]
            )
    good = all(line.level is not Level.FAIL for line in lines)
    if app.json:
        app.report({"ok": good, "lines": lines}, ())
    return 0 if good else NOT_GOOD
