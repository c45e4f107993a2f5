"""`station fleet doctor`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.base.extras import extra
from station.cli.fleet.center import center_settings
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, pass_app

CLOCK_S = 600
"""Seconds by which a bench's clock may differ from the center's."""


@click.command()
@data_option
@json_option
@click.option("--all", "whole", is_flag=True, help="Recompute the hashes of all events, not only of the newest 1,000.")
@pass_app
def doctor(app: App, whole: bool) -> int:
    """Check the center: server, steps, rights, copies, tables. Changes nothing. Exit code 1 if something is wrong."""
    with extra("fleet"):
        from station.store.postgres.benches import CopiedBench, benches
        from station.store.postgres.connection import connect
        from station.store.postgres.examination import SERVER, Examination, examine

    def problems(found: Examination, known: tuple[CopiedBench, ...]) -> Iterator[str]:
        if found.server != SERVER:
            yield f"PostgreSQL is {found.server}; the center is made for {SERVER}."
        if not found.checksums:
            yield "PostgreSQL has no checksums of pages: stop it, and run pg_checksums --enable."
        for step in found.missing_steps:
            yield f"Step {step} is missing: station fleet migrate"
        for role in found.too_much:
            yield f"The role {role} may more than its work: take its attributes and memberships away."
        if not found.projecting:
            yield "Nothing makes the tables: station fleet project"
        for bench, journal, seq in found.wrong:
            yield f"The copy of {bench} is damaged at event {seq} of journal {journal}: restore a backup of the center."
        for one in known:
            if one.quarantine:
                yield f"{one.bench} has {one.quarantine} events in quarantine: station fleet quarantine"
            if one.moved:
                yield f"Another machine uses key and journal of {one.bench}, last at {one.moved}."
            if one.refused_lately:
                yield f"{one.bench} sent {one.refused} requests that were refused unread, the last at {one.refused_at}."
            if one.clock_ahead_s is not None and abs(one.clock_ahead_s) > CLOCK_S:
                yield f"The clock of {one.bench} is {one.clock_ahead_s / 3600:+.0f} hours from the center's: set it."
            if one.stopped:
                yield f"Event {one.stopped} of {one.bench} stopped the tables of this bench: {one.why}"

    with connect(center_settings(app).database) as connection:
        found, known = examine(connection, whole), benches(connection)
    wrong = list(problems(found, known))
    behind = sum(max(0, bench.events - bench.projected) for bench in known)
    size = f"{len(known)} benches, {found.bytes // 1_000_000} MB. Events that are not in the tables yet: {behind}."
    app.report({"ok": not wrong, "problems": wrong, "examined": found, "behind": behind}, [*wrong, size])
    return NOT_GOOD if wrong else DONE
