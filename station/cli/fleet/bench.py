"""Commands of a bench that has a center."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import closing
from pathlib import Path

import click

from station.base.errors import CredentialsRefused, SettingsError
from station.base.sentence import Sentence
from station.cli.admin.journal import checking
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.domain.heartbeat import Move
from station.domain.journal_copy import JoinRequest
from station.fleet.center import CREDENTIAL, Center
from station.fleet.fetched import make, require_new
from station.fleet.machine import machine_digest
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.open_journal import views
from station.store.database.database import open_reader
from station.store.database.disk import sync_file
from station.store.journal import tail


@click.command()
@data_option
@json_option
@click.argument("code", required=False)
@click.option(
    "--moved", is_flag=True, help="The center knows the bench on another machine, or its journal was replaced."
)
@pass_app
def join(app: App, code: str | None, moved: bool) -> None:
    """Join the center of `fleet.center` with the CODE of an invitation. The running station then sends its journal from
    its next start on.

    With --moved instead of CODE: say that this bench moved to this machine, and that no other machine has its journal.
    The center then takes what it refused as `moved`.
    """
    if moved == (code is not None):
        raise click.UsageError("Give either CODE or --moved.")
    with closing(center_of(app)) as center:
        if code is None:
            center.move(Move(machine_digest(app.data / JOURNAL)))
            app.report({"moved": True}, ["The center knows this bench on this machine now."])
            return
        _require_no_key(app.data)
        views(app.data, app.clock, app.settings)  # makes the journal if no station has run here
        with closing(open_reader(app.data / JOURNAL)) as sql:
            journal = tail.path(sql)[-1].journal
        bench = joined(app, center, code, journal)
    app.report({"bench": bench}, [f"This bench joined the center as {bench}. Restart the station."])


@click.command()
@data_option
@json_option
@click.argument("code", required=False)
@pass_app
def restore(app: App, code: str | None) -> None:
    """Make journal and outbox again from the center's copy, in a data directory without a journal. CODE: of
    `station fleet invite --bench` at the center; none to repeat a restore that was interrupted. The key of the former
    machine ends.

    The copy is checked as by `station journal verify`. Afterwards `station journal continue --restored` begins a new
    timeline, so that no result goes out twice. Until then the station does not start.
    """
    with hold(app.data, app.clock), closing(center_of(app)) as center:
        require_new(app.data / JOURNAL)
        if code is not None:
            _require_no_key(app.data)
            joined(app, center, code, secrets.token_hex(8))
        with checking(app) as progress:
            report = make(app.data / JOURNAL, center.path()[-1].journal, center.events_after(0), app.clock, progress)
    app.report(
        {"journal": report.journal_id, "events": report.events, "head": report.head},
        [
            f"The journal has {report.events} events again. It verifies.",
            "Next: station journal continue --restored",
        ],
    )


def center_of(app: App) -> Center:
    settings = app.settings()
    if not settings.fleet.center:
        raise SettingsError(Sentence("fleet.no-center"))
    return Center(settings.fleet, app.data, app.clock)


def _require_no_key(data: Path) -> None:
    path = data / "credentials" / CREDENTIAL
    if path.exists():
        raise CredentialsRefused(Sentence("fleet.joined-already", path=str(path)))


def joined(app: App, center: Center, code: str, journal: str, newest: str = "") -> str:
    """Make a key, have the center keep its digest, and write it down in the place of a former one. `newest`: newest
    journal id of a bench that asks to be adopted. Return the bench's id."""
    key, settings = secrets.token_hex(32), app.settings()
    digest = hashlib.sha256(key.encode()).digest()
    answer = center.join(JoinRequest(code, journal, settings.station.name[:100], digest, newest))
    if answer.outcome != "joined":
        known = "fleet.journal-not-continued" if newest else "fleet.journal-known"
        refusals = {"known": known, "unknown": "fleet.journal-unknown"}
        refusal = refusals.get(answer.outcome, "fleet.no-code")
        raise CredentialsRefused(Sentence(refusal, origin=settings.fleet.center))
    path = app.data / "credentials" / CREDENTIAL
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(f"{answer.bench}.{key}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_file(path.parent)
    return answer.bench
