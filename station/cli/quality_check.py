"""`station quality check`: what the Process screen's checks would say of an item, with nothing written or journaled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import msgspec

from station.bench.profile import tag_profile
from station.bench.site_facts import Read, facts_of, ledger_of, site_of
from station.catalog import marc, profiles
from station.catalog.callnumber import sort_key
from station.catalog.iso2709 import BadRecord
from station.catalog.labels import split_like
from station.catalog.record import record_id, title
from station.cli.app import NOT_GOOD, App, data_option, json_option, pass_app, table
from station.cli.stopping import stoppable
from station.encoding.content import TagProfile
from station.encoding.recognise import recognise
from station.errors import BarcodeUnknown, CatalogError, SyncError
from station.model import Barcode, Check, Finding, ItemRecord, Outcome, TagImage
from station.ports import Catalog
from station.quality.checklist import checks, machine_findings
from station.quality.facts import Facts, Ledger, Task
from station.quality.verdict import judge
from station.settings import Settings
from station.store.catalog_walk import walk
from station.store.queries import Queries
from station.systems import CATALOG, catalog, load_item_profile
from station.wiring import JOURNAL, load_profile, load_rules


class Checked(msgspec.Struct, frozen=True):
    """What the station says of an item, and what it would ask."""

    barcode: str
    title: str
    day: str
    verdict: str
    """By the machine's findings alone: a person may still find something."""
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]


@click.command()
@data_option
@json_option
@click.argument("barcode")
@click.option("--scanned", default="", metavar="NUMBER", help="ISBN, UPC or publisher's number on the piece.")
@click.option(
    "--label", "label", default="", metavar="TEXT", help="What the label on the piece says; lines with | between."
)
@click.option("--count", "counted", type=click.IntRange(0, 999), help="Pieces, counted by hand.")
@click.option(
    "--part", type=click.IntRange(1, 255), default=1, show_default=True, help="Part of the set that is in hand."
)
@click.option(
    "--task", type=click.Choice(get_args(Task)), default="processing", show_default=True, help="What is being done."
)
@click.option("--on-pad", is_flag=True, help="Read the tags on the pad, too; not beside a running station.")
@click.option(
    "--tag", "dump", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Dump of its tag, in a file."
)
@click.option("--shelf-list", is_flag=True, help="Look through the whole index for titles with the same call number.")
@click.option("--each", is_flag=True, help="Ask of each rule by itself, as of a trainee.")
@pass_app
def check(
    app: App,
    barcode: str,
    scanned: str,
    label: str,
    counted: int | None,
    part: int,
    task: Task,
    on_pad: bool,
    dump: Path | None,
    shelf_list: bool,
    each: bool,
) -> int:
    """What the rules say of the item with this BARCODE. Nothing is written, nothing journaled.

    Exit code 1 when the verdict is fail.
    """
    settings = app.settings()
    if on_pad and dump is not None:
        raise click.UsageError("Give either --on-pad or --tag.")
    item, found = _find(catalog(settings, app.data), barcode)
    profile = tag_profile(settings, load_profile(settings, app.data))
    read = _read(app, item, part, profile, on_pad=on_pad, dump=dump)
    facts = facts_of(read, site_of(settings, profile), profile, _ledger(app, read))
    facts = msgspec.structs.replace(
        facts,
        task=task,
        found=found,
        scanned=scanned,
        counted=counted,
        label_seen=_lines(label, item) if label else None,
        same_number=_same_number(app, settings, item) if shelf_list else None,
    )
    checked = _checked(app, settings, facts, each=each)
    app.report(checked, _report(checked))
    return 0 if checked.verdict == "pass" else NOT_GOOD


def _find(records: Catalog, barcode: str) -> tuple[ItemRecord, bool]:
    try:
        return records.find(Barcode(barcode)), True
    except BarcodeUnknown:
        return ItemRecord(barcode=Barcode(barcode)), False
    except SyncError as error:
        raise CatalogError(error.detail) from error


def _lines(label: str, item: ItemRecord) -> tuple[str, ...]:
    if "|" in label:
        return tuple(line.strip() for line in label.split("|"))
    return tuple(split_like(item.label_lines, label))


def _read(app: App, item: ItemRecord, part: int, profile: TagProfile, *, on_pad: bool, dump: Path | None) -> Read:
    images: tuple[TagImage, ...] = ()
    if on_pad:
        from station.cli.pad import images as on_the_pad

        images = on_the_pad(app)
    elif dump is not None:
        from station.cli.tag_source import read_file
        from station.encoding.dumps import read_dumps

        images = tuple(one.image() for one in read_dumps(read_file(dump), None))
    known = [(image, recognise(image, profile).content) for image in images]
    own = next((at for at, (_, said) in enumerate(known) if said and said.primary_item_identifier == item.barcode), 0)
    others = tuple(said for at, (_, said) in enumerate(known) if at != own and said is not None)
    return Read(
        item=item,
        part=part,
        image=known[own][0] if known else None,
        content=known[own][1] if known else None,
        tags_in_field=len(known) if on_pad else None,
        others=others if on_pad else None,
    )


def _ledger(app: App, read: Read) -> Ledger | None:
    journal = app.data / JOURNAL
    if read.image is None or not journal.exists():
        return None
    return ledger_of(Queries(journal, app.clock), read.image.uid, read.item, read.part)


def _same_number(app: App, settings: Settings, item: ItemRecord) -> tuple[str, ...]:
    """Other titles of the index with this call number. Ctrl-C stops, and then nothing is known."""
    profile = load_item_profile(settings, app.data)
    wanted = sort_key(item.call_number, item.call_number_scheme or None)
    found: list[str] = []
    with stoppable() as should_stop:
        for raw in walk(app.data / CATALOG, profile.name)[1]:
            if should_stop():
                raise click.Abort
            try:
                record = marc.parse(raw)
            except BadRecord:
                continue
            if record_id(record) == item.record_id or title(record) == item.title:
                continue
            numbers = {one.call_number for one in profiles.items(record, profile) if one.call_number}
            if any(sort_key(number, item.call_number_scheme or None) == wanted for number in numbers):
                found.append(f"{record_id(record) or 'record'}: {title(record)}")
    return tuple(found)


def _checked(app: App, settings: Settings, facts: Facts, *, each: bool) -> Checked:
    rules, day = load_rules(settings, app.data), app.clock.now()[:10]
    findings = machine_findings(rules, facts, day)
    asked = checks(rules, facts, day, each=each)
    return Checked(facts.item.barcode, facts.item.title, day, judge(findings).verdict.value, findings, asked)


def _report(checked: Checked) -> Iterator[str]:
    yield f"{checked.barcode}  {checked.title}"
    for outcome, word in ((Outcome.FAIL, "fails"), (Outcome.ABSTAINED, "not known"), (Outcome.PASS, "passes")):
        found = [one for one in checked.findings if one.outcome is outcome]
        if not found:
            continue
        yield ""
        yield f"{len(found)} {word}"
        if outcome is Outcome.PASS:
            yield "  " + ", ".join(one.rule for one in found)
            continue
        yield from table([("", str(one.number), one.severity.value, one.rule, one.reason) for one in found])
    yield ""
    yield f"{len(checked.checks)} taps of a person"
    for check in checked.checks:
        yield f"  {check.question}"
        for look in check.looks:
            yield f"    - {look}"
        for line in check.expectation.splitlines():
            yield f"    | {line}"
    yield ""
    yield f"the station alone says: {checked.verdict}"
