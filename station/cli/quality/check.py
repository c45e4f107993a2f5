"""`station quality check`: the findings and checks of an item, with nothing written or journaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import click
import msgspec

from station.base.cells import table
from station.base.errors import BarcodeUnknown, CatalogError, SyncError
from station.base.sentence import EMPTY, Sentence
from station.base.words import tell
from station.bench.item.facts import Read, facts_of, ledger_of, receipt_of, site_of
from station.bench.item.tag_content import tag_profile
from station.catalog.labels import split_like
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.domain.findings import Check, Finding, Outcome
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog
from station.domain.tag_image import TagImage
from station.encoding.content import TagProfile
from station.encoding.recognition.recognise import recognise
from station.manual.pictures import sketch
from station.quality.checks.facts import Ledger, Task
from station.quality.verdict.checklist import checks, machine_findings
from station.quality.verdict.verdict import judge
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import catalog, catalog_index, load_rules
from station.runtime.station import load_profile
from station.store.lists.packing_lists import PackingLists
from station.store.queries.queries import Queries


class Checked(msgspec.Struct, frozen=True):
    """Findings of the machine on an item, and the checks that a person would be asked."""

    barcode: str
    title: str
    day: str
    verdict: str
    """Verdict by the machine's findings alone. A person may still find a defect."""
    findings: tuple[Finding, ...]
    checks: tuple[dict[str, object], ...]
    """`Check`, with the lines of its sketch."""


@click.command()
@data_option
@json_option
@click.argument("barcode")
@click.option("--scanned", default="", metavar="NUMBER", help="ISBN, UPC or publisher's number on the piece.")
@click.option(
    "--label", "label", default="", metavar="TEXT", help="Text of the label on the piece, its lines separated by |."
)
@click.option("--count", "counted", type=click.IntRange(0, 999), help="Number of pieces, counted by hand.")
@click.option("--part", type=click.IntRange(1, 255), default=1, show_default=True, help="Part number within the set.")
@click.option(
    "--task",
    type=click.Choice(get_args(Task)),
    default="processing",
    show_default=True,
    help="Task for which to check.",
)
@click.option("--on-pad", is_flag=True, help="Also read the tags on the pad; not while a station runs.")
@click.option(
    "--tag",
    "dump",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with a dump of the item's tag.",
)
@click.option("--each", is_flag=True, help="Ask each check separately, as for a trainee.")
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
    each: bool,
) -> int:
    """Show the findings and checks for the item with this BARCODE. Nothing is written or journaled.

    Exit code 1 unless the verdict is pass.
    """
    settings = app.settings()
    if on_pad and dump is not None:
        raise click.UsageError("Give either --on-pad or --tag.")
    item, in_catalog = _find(catalog(settings, app.data), barcode)
    profile = tag_profile(settings, load_profile(settings, app.data))
    read = _read(app, item, part, profile, on_pad=on_pad, dump=dump)
    item, receipt, why = receipt_of(
        PackingLists(Queries(app.data / JOURNAL, app.clock), settings.receiving), item, scanned
    )
    shelved = catalog_index(settings, app.data).same_number(item)
    read = msgspec.structs.replace(read, item=item, shelved=shelved, receipt=receipt, no_receipt=why)
    facts = facts_of(read, site_of(settings, profile), profile, _ledger(app, read))
    facts = msgspec.structs.replace(
        facts,
        task=task,
        found=in_catalog,
        scanned=scanned,
        counted=counted,
        label_seen=_lines(label, item) if label else None,
    )
    rules, day = load_rules(settings, app.data), app.clock.now()[:10]
    findings = machine_findings(rules, facts, day)
    asked = checks(rules, facts, day, each=each)
    verdict = judge(findings).verdict.value
    drawn = tuple(
        {**msgspec.structs.asdict(check), "sketch": [line for name in check.sketches for line in sketch(name)]}
        for check in asked
    )
    checked = Checked(facts.item.barcode, facts.item.title, day, verdict, findings, drawn)
    app.report(checked, _report(checked, asked))
    return 0 if verdict == "pass" else NOT_GOOD


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
    bits: tuple[tuple[bool | None, Sentence], ...] = ()
    if on_pad:
        from station.cli.shared.read_pad import tags as on_the_pad

        seen = on_the_pad(app, profile)
        images, bits = tuple(tag.image for tag in seen), tuple((tag.eas, tag.no_eas) for tag in seen)
    elif dump is not None:
        from station.cli.tag.source import read_file
        from station.encoding.dumps.dumps import read_dumps

        images = tuple(tag_dump.image() for tag_dump in read_dumps(read_file(dump), None))
    known = [(image, recognise(image, profile).content) for image in images]
    own = next(
        (at for at, (_, content) in enumerate(known) if content and content.primary_item_identifier == item.barcode), 0
    )
    others = tuple(content for at, (_, content) in enumerate(known) if at != own and content is not None)
    return Read(
        item=item,
        part=part,
        image=known[own][0] if known else None,
        content=known[own][1] if known else None,
        eas=bits[own][0] if bits else None,
        no_eas=bits[own][1] if bits else Sentence("finding.no-eas-in-dump") if known else EMPTY,
        tags_in_field=len(known) if on_pad else None,
        others=others if on_pad else None,
    )


def _ledger(app: App, read: Read) -> Ledger | None:
    journal = app.data / JOURNAL
    if read.image is None or not journal.exists():
        return None
    return ledger_of(Queries(journal, app.clock), read.image.uid, read.item, read.part)


def _report(checked: Checked, checks: Sequence[Check]) -> Iterator[str]:
    yield f"{checked.barcode}  {checked.title}"
    for outcome in (Outcome.FAIL, Outcome.ABSTAINED, Outcome.PASS):
        findings = [finding for finding in checked.findings if finding.outcome is outcome]
        if not findings:
            continue
        yield ""
        yield tell(f"quality.count.{outcome.value}", count=len(findings))
        if outcome is Outcome.PASS:
            yield "  " + ", ".join(finding.rule for finding in findings)
            continue
        yield from table(
            [("", str(finding.number), _severity(finding), finding.rule, tell(finding.reason)) for finding in findings]
        )
    yield ""
    yield tell("quality.taps", count=len(checks))
    for check in checks:
        yield f"  {tell(check.question)}"
        for look in check.looks:
            yield f"    - {tell(look)}"
        for line in tell(check.expectation).splitlines():
            yield f"    | {line}"
    yield ""
    yield tell(f"quality.verdict.{checked.verdict}")


def _severity(finding: Finding) -> str:
    return tell(f"correction.list.severity.{finding.severity.value}")
