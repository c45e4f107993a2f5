"""Findings of a whole file of records, before it is loaded: counted by code, in memory that does not grow with the file.

A record is judged once for each of its items, and once by itself if it has none. A finding that several items share
counts once: its cause is the record.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
from pymarc import Record

from station.base.sentence import Sentence
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.callnumber.settings import options
from station.catalog.findings.completeness import HOLDINGS_ONLY
from station.catalog.findings.findings import RecordFinding, Row, findings, rows
from station.catalog.findings.record_facts import charset_note
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.catalog.record.record import describe_item, record_id
from station.domain.findings import Severity

UNREADABLE: Final = "record-unreadable"
"""Code of a record that cannot be read, beside the codes of the table."""
_WORST_FIRST: Final = tuple(Severity)


class CheckedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a file."""

    number: int
    """In the file, from 1."""
    record_id: str = ""
    items: int = 0
    deleted: bool = False
    """True if leader/05 says that the library system has deleted it: it is not judged."""
    findings: tuple[tuple[RecordFinding, str], ...] = ()
    """Each finding, with the barcode of the first item that has it ("" = the record has no items)."""


class Cause(msgspec.Struct, kw_only=True):
    """What all findings of one code have in common, and the first of them."""

    code: str
    severity: Severity
    records: int = 0
    number: int
    """Of the first record that has it."""
    sentence: Sentence
    """Of that record."""


class FileFindings:
    """Counts of the records given to `add`."""

    def __init__(self) -> None:
        self.records = 0
        self.items = 0
        self.deleted = 0
        self.with_findings = 0
        self._causes: dict[str, Cause] = {}

    def add(self, checked: CheckedRecord) -> None:
        """Count one record."""
        self.records += 1
        self.items += checked.items
        self.deleted += checked.deleted
        self.with_findings += bool(checked.findings)
        for finding in {finding.code: finding for finding, _ in reversed(checked.findings)}.values():
            cause = self._causes.get(finding.code)
            if cause is None:
                cause = self._causes[finding.code] = Cause(
                    code=finding.code, severity=finding.severity, number=checked.number, sentence=finding.sentence
                )
            cause.records += 1

    @property
    def causes(self) -> list[Cause]:
        """Return the causes, the worst first, then those of most records."""
        return sorted(
            self._causes.values(), key=lambda cause: (_WORST_FIRST.index(cause.severity), -cause.records, cause.code)
        )

    @property
    def holds_back(self) -> bool:
        """True if a finding is critical or major."""
        return any(cause.severity.holds_back for cause in self._causes.values())


def check_record(
    raw: RawRecord | Rejected, profile: Profile, settings: CatalogSettings, *, year: int = 0
) -> CheckedRecord:
    """Judge one record of a file. `year`: the present year; 0 = years in the future are not compared."""
    if isinstance(raw, Rejected):
        return _unreadable(raw.number, raw.reason)
    try:
        record = raw.known if isinstance(raw.known, Record) else marc.parse(raw.data)
        note = charset_note(raw.data)
    except BadRecord as error:
        return _unreadable(raw.number, str(error))
    if str(record.leader)[5:6] == "d":
        return CheckedRecord(number=raw.number, record_id=record_id(record), deleted=True)
    items = profiles.items(record, profile)
    noted: dict[tuple[str, Sentence], tuple[RecordFinding, str]] = {}
    table = _of_files()
    for item in items or (None,):
        described = describe_item(record, item, settings) if item is not None else None
        for finding in findings(
            record,
            described,
            charset_note=note,
            table=table,
            numbers=options(settings.numbers),
            year=year,
            items=items,
            located=bool(profile.location),
        ):
            noted.setdefault((finding.code, finding.sentence), (finding, item.barcode if item is not None else ""))
        table = _of_items()
    return CheckedRecord(
        number=raw.number, record_id=record_id(record), items=len(items), findings=tuple(noted.values())
    )


@cache
def _of_files() -> tuple[Row, ...]:
    """Return all rows but one: the title of holdings may be elsewhere in the file, or in another. The import joins
    them."""
    return tuple(row for row in rows() if row.code != HOLDINGS_ONLY)


@cache
def _of_items() -> tuple[Row, ...]:
    """Return the rows that the items of a record may decide differently."""
    return tuple(row for row in rows() if row.item)


def _unreadable(number: int, reason: str) -> CheckedRecord:
    finding = RecordFinding(
        code=UNREADABLE,
        severity=Severity.CRITICAL,
        sentence=Sentence.verbatim(clean(reason)),
        advice=Sentence("record.file.unreadable-advice"),
        fields=(),
    )
    return CheckedRecord(number=number, findings=((finding, ""),))
