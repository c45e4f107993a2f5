"""`station catalog check --file`: problems in the records of a file, before it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import click

from station.base.cells import table
from station.base.settings import Settings
from station.base.spreadsheet import as_csv
from station.base.text import clean
from station.base.words import tell
from station.catalog.findings.file_findings import CheckedRecord, FileFindings, check_record
from station.catalog.record.profiles import Profile
from station.cli.catalog.record_file import RecordFile
from station.cli.shared.app import DONE, NOT_GOOD, App
from station.cli.shared.interrupt import stoppable
from station.cli.shared.progress import shown

_EVERY: Final = 200
"""Records between two checks of progress and stop."""
_HEAD: Final = ("record", "id", "barcode", "severity", "code", "fields", "finding", "advice")


def check_file(app: App, settings: Settings, profile: Profile, file: Path, csv_file: Path | None) -> int:
    """Check all records of `file`. Raises `FileNotMarc`."""
    counts = FileFindings()
    year = int(app.clock.day()[:4])
    stopped = False
    with (
        closing(RecordFile(file)) as source,
        _rows(csv_file, file) as write,
        stoppable() as should_stop,
        shown(app) as progress,
    ):
        for record in source.records():
            checked = check_record(record, profile, settings.catalog, year=year)
            counts.add(checked)
            write(checked)
            if counts.records % _EVERY == 0:
                progress(source.progress(counts.records))
                if stopped := should_stop():
                    break
    app.report(_value(file, counts, csv_file, stopped), _lines(counts, profile, csv_file, stopped))
    return NOT_GOOD if counts.holds_back or stopped else DONE


@contextmanager
def _rows(csv_file: Path | None, file: Path) -> Iterator[Callable[[CheckedRecord], object]]:
    """Yield a function that writes the findings of a record, one row each. The file appears when all are written."""
    if csv_file is None:
        yield lambda _: None
        return
    new = csv_file.with_name(csv_file.name + ".new")
    try:
        if csv_file.exists() and csv_file.samefile(file):
            raise click.UsageError("--csv names the file that is checked.")
        stream = new.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(f"{clean(str(csv_file))}: {error.strerror}") from error
    try:
        with stream:
            stream.write(as_csv([_HEAD]))
            yield lambda checked: stream.write(as_csv(_row(checked)))
        new.replace(csv_file)
    finally:
        new.unlink(missing_ok=True)


def _row(checked: CheckedRecord) -> Iterator[tuple[str | int, ...]]:
    for finding, barcode in checked.findings:
        severity = tell(f"word.severity.{finding.severity.value}")
        fields = ", ".join(finding.fields)
        yield (
            checked.number,
            checked.record_id,
            barcode,
            severity,
            finding.code,
            fields,
            tell(finding.sentence),
            tell(finding.advice),
        )


def _value(file: Path, counts: FileFindings, csv_file: Path | None, stopped: bool) -> dict[str, object]:
    return {
        "file": file.name,
        "records": counts.records,
        "items": counts.items,
        "deleted": counts.deleted,
        "with_findings": counts.with_findings,
        "findings": counts.causes,
        "csv": "" if csv_file is None else str(csv_file),
        "stopped": stopped,
    }


def _lines(counts: FileFindings, profile: Profile, csv_file: Path | None, stopped: bool) -> Iterator[str]:
    yield tell(
        "record.file.read",
        count=counts.records,
        items=counts.items,
        profile=profile.name,
        found=counts.with_findings,
    )
    if counts.deleted:
        yield tell("record.file.deleted", count=counts.deleted)
    yield from table(
        [
            (
                tell(f"word.severity.{cause.severity.value}"),
                f"{cause.records:>8}",
                cause.code,
                tell("record.report.record", number=cause.number, why=cause.sentence),
            )
            for cause in counts.causes
        ]
    )
    if csv_file is not None:
        yield tell("record.file.csv", path=csv_file)
    if stopped:
        yield tell("record.report.stopped")
