"""`station call-staff`: call staff to the bench, or lower the flag."""

from __future__ import annotations

import click

from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.record_event import reporter
from station.domain.commands import CallStaff
from station.domain.events import StaffCallAnswered, StaffCalled
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from station.runtime.socket.client import connect


@click.command("call-staff")
@click.option("--down", is_flag=True, help="Lower the flag: staff is here, or no longer needed.")
@data_option
@json_option
@pass_app
def call_staff(app: App, down: bool) -> None:
    """Call staff to the bench, or lower the flag with --down.

    The call is on the status board and on the operator's screen until it is lowered. A second call changes nothing.
    """
    settings = app.settings()
    client = connect(app.data)
    if client is not None:
        with client:
            client.submit(CallStaff(down=down))
    else:
        who = reporter(app, "") or settings.station.operator
        with hold(app.data, app.clock):
            store = open_journal(settings, app.data, app.clock)
            try:
                called = store.queries.staff_call() is not None
                if called and down:
                    store.journal.record(StaffCallAnswered(operator=who))
                elif not called and not down:
                    store.journal.record(StaffCalled(bench=settings.station.name, operator=who))
            finally:
                store.close()
    app.report({"called": not down}, [tell("command.staff-answered" if down else "command.staff-called")])
