"""`station update`: bring the data of an earlier version up to date, or go back to it."""

from __future__ import annotations

import click

from station.base.local_time import local_minute
from station.base.words import tell
from station.cli.admin.journal import checking
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.runtime.backup.update import NEWEST, go_back, schemas
from station.runtime.backup.update import update as bring_up_to_date
from station.runtime.lock import hold


@click.command()
@data_option
@json_option
@click.option("--back", is_flag=True, help="Go back to the data before the update.")
@pass_app
def update(app: App, back: bool) -> None:
    """Back up the data of an earlier version, and bring journal and people up to date. Run it after the program was
    updated. No station may be running.

    --back undoes it, for the earlier version of the program. It is refused when the new version has journaled anything,
    because that would be lost.
    """
    with hold(app.data, app.clock):
        if back:
            manifest = go_back(app.data, app.clock)
            app.report(
                {"made_at": manifest.made_at, "events": manifest.head.seq, "journal_schema": manifest.journal_schema},
                [
                    tell("update.back", at=local_minute(manifest.made_at), count=manifest.head.seq),
                    tell("update.install"),
                ],
            )
            return
        before = schemas(app.data, app.clock)
        with checking(app) as progress:
            made = bring_up_to_date(app.settings(), app.data, app.clock, progress)
    value = {"backup": None if made is None else str(made), "journal_schema": NEWEST.journal, "before": before.journal}
    if made is None:
        app.report(value, [tell("update.nothing")])
    else:
        app.report(
            value, [tell("update.done", old=before.journal, new=NEWEST.journal), tell("update.kept", path=str(made))]
        )
