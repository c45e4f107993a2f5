"""`station sync`: check whether the library systems answer, with which rights, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from station.base.cells import cells, filled
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app, under
from station.domain.deliveries.delivery import Check, CheckOutcome
from station.runtime.library_systems import close_systems, systems


@click.group()
def sync() -> None:
    """The library systems that results go to."""


@sync.command()
@data_option
@json_option
@click.argument("system", required=False)
@pass_app
def check(app: App, system: str | None) -> int:
    """Check every configured library system (or SYSTEM): whether it answers, with which rights, and what is missing.

    Changes nothing there. The few requests count toward the station's share, even beside a running station. Exit code 1
    if a result is bad, or no system is configured.
    """
    settings = app.settings()
    configured = systems(settings, app.data)
    try:
        if system is not None and system not in configured:
            raise click.UsageError(f"{system!r} is not configured; there are: {', '.join(configured) or 'none'}")
        checked = {name: adapter.check() for name, adapter in configured.items() if system in (None, name)}
    finally:
        close_systems(configured)
    good = bool(checked) and all(row.outcome is not CheckOutcome.BAD for rows in checked.values() for row in rows)
    app.report({"good": good, "systems": checked}, list(_page(checked)))
    return 0 if good else NOT_GOOD


def _page(checked: dict[str, tuple[Check, ...]]) -> Iterator[str]:
    if not checked:
        yield tell("sync-check.nothing")
    for name, rows in checked.items():
        yield tell("sync-check.of", system=name, verdict=_verdict(rows))
        stands = [tell(f"sync-check.is.{row.outcome.value}") for row in rows]
        wide = max(cells(word) for word in stands)
        indent = wide + 4
        for word, row in zip(stands, rows, strict=True):
            what, *more = under(tell(row.what), indent)
            yield f"  {filled(word, wide)}  {what.strip()}"
            yield from more
            yield from under(tell(row.found), indent)
            if row.remedy:
                yield from under(tell("sync-check.to-do", what=tell(row.remedy)), indent)
        yield ""


def _verdict(rows: Sequence[Check]) -> str:
    bad = sum(row.outcome is CheckOutcome.BAD for row in rows)
    if bad:
        return tell("sync-check.some-bad", bad=bad, all=len(rows))
    return tell("sync-check.none-bad", all=len(rows))
