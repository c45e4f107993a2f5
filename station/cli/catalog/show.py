"""`station catalog show`: a record as the station sees it, or the size of the index."""

from __future__ import annotations

import click

from station.base.cells import table
from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.cli.catalog.lines_of_file import common_finding_line, common_price_line
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.domain.ports import CirculationSystem
from station.reports.item_facts import facts
from station.runtime.library_systems import (
    catalog_index,
    close_systems,
    live_catalog,
    live_system,
    rules_to_show,
    systems,
)
from station.store.catalog_index.import_file import unfinished
from station.store.catalog_index.index import common_findings_at, common_prices_at
from station.store.catalog_index.rebuild import remembered


@click.command("show")
@data_option
@json_option
@click.option("--live", is_flag=True, help="Ask the library system, as the bench does with live records.")
@click.argument("barcode", required=False)
@pass_app
def show_command(app: App, barcode: str | None, live: bool) -> None:
    """Show the record of BARCODE as the station sees it; without BARCODE, show the size of the index.

    With --live, the record comes from the library system. If the system does not answer, its previous answer is shown
    with its age, or else the record of the index.
    """
    settings = app.settings()
    if live:
        _show_live(app, settings, barcode)
        return
    index = catalog_index(settings, app.data)
    try:
        if barcode is None:
            records, items = index.size()
            files = remembered(index.path)
            prices, findings = common_prices_at(index.path), common_findings_at(index.path)
            rules, day = rules_to_show(settings, app.data)[0], app.clock.day()
            stopped = unfinished(index.path)
            profile = settings.catalog.profile
            value = {
                "records": records,
                "items": items,
                "unread": (unread := index.unread()),
                "profile": profile,
                "sources": files,
                "common_prices": dict(prices.values()),
                "common_findings": {files[number - 1].name: common for number, common in findings.items()},
                "unfinished": stopped and {"source": stopped.name, "records": stopped.number, "bytes": stopped.offset},
            }
            lines = [tell("catalog.size", items=items, records=records, profile=profile)]
            for number, file in enumerate(files, 1):
                lines.append(tell("catalog.made-of", file=file.name, items=file.items, records=file.records))
                lines += [f"  {common_price_line(prices[number][1])}"] if number in prices else []
                lines += [f"  {common_finding_line(finding, rules, day)}" for finding in findings.get(number, ())]
            if unread:
                lines.append(tell("catalog.unread", count=unread))
            if stopped:
                lines.append(tell("catalog.unfinished", file=stopped.name, records=stopped.number))
            app.report(value, lines)
        else:
            item = index.find(check(barcode, settings.barcodes))
            app.report(item, table(list(facts(item))))
    finally:
        index.close()


def _show_live(app: App, settings: Settings, barcode: str | None) -> None:
    if barcode is None:
        raise click.UsageError("--live needs a barcode")
    configured = systems(settings, app.data)
    live = live_system(settings, configured) or next(
        (system for name, system in configured.items() if name != "file" and isinstance(system, CirculationSystem)),
        None,
    )
    if live is None:
        raise SettingsError(Sentence("catalog.no-system", first="delivery.alma", second="delivery.sip2"))
    try:
        item = live_catalog(settings, app.data, live, app.clock).find(check(barcode, settings.barcodes))
    finally:
        close_systems(configured)
    app.report(item, table(list(facts(item))))
