"""Defects of a catalog record, for the processing desk: a table of rows, each with its check and its source.

The rows are data (data/findings/rows.toml), as are the tables that the checks use; the checks are in the modules
of `_CONCEPTS`. Pure: only these tables are read. A finding never
stops the bench.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, Literal

import msgspec
from pymarc import Record

from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.callnumber import STANDARD, Options
from station.catalog.findings import (
    checks,
    coded_data,
    completeness,
    dates,
    described,
    extent,
    headings,
    indicators,
    siblings,
    structure,
    typed,
)
from station.catalog.findings.facts import Check, Facts, Piece, TypeRow, shown
from station.catalog.marc.indexed import IndexedRecord
from station.catalog.marc.marc import HOLDINGS
from station.catalog.record.profiles import Item
from station.domain.findings import Severity
from station.domain.item import ItemRecord

_CONCEPTS: Final = (
    checks, indicators, completeness, dates, coded_data, extent, structure, typed, headings, described, siblings,
)  # fmt: skip
CHECKS: Final[dict[str, Check]] = {name: check for concept in _CONCEPTS for name, check in concept.CHECKS.items()}
"""All checks by name."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    code: str
    severity: Severity
    source: str
    check: str = ""
    """Name of the check; "" = the code with _ for -."""
    codes: tuple[str, ...] = ()
    """Codes that the check looks for."""
    poor: bool = False
    """True if such a record needs original cataloging."""
    holdings: bool = False
    """True if holdings records are checked, too."""
    item: bool = False
    """True if the item decides, too; else all items of a record have the same finding."""
    at_item: Literal["", "shown", "always"] = ""
    """When an item is told although many records of its file have it: always, where its title or label shows it, never."""

    @property
    def sentence(self) -> Sentence:
        """Return the description of the defect; {what} is the placeholder for the value found."""
        return Sentence(f"record.{self.code}")

    @property
    def advice(self) -> Sentence:
        """Return what to do about it."""
        return Sentence(f"record.{self.code}.advice")

    @property
    def question(self) -> str:
        """Return the name of the check."""
        return self.check or self.code.replace("-", "_")


class RecordFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One defect of a record. All text is clean."""

    code: str
    severity: Severity
    sentence: Sentence
    advice: Sentence
    fields: tuple[str, ...]
    """Fields of the defect: "245", "leader/18", "020 $z"."""
    poor: bool = False
    """True if the record needs original cataloging because of this."""


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    finding: tuple[Row, ...]


class _Types(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: tuple[TypeRow, ...]


def findings(
    record: Record,
    item: ItemRecord | None = None,
    piece: Piece | None = None,
    *,
    charset_note: str = "",
    table: Sequence[Row] | None = None,
    numbers: Options = STANDARD,
    year: int = 0,
    items: tuple[Item, ...] = (),
    located: bool = False,
) -> tuple[RecordFinding, ...]:
    """Return all findings, in the order of the table.

    Without `item`, price and call number are looked for in the record only; without `piece`, no number is compared.
    `charset_note`: the note about the record's character set (`marc.RawRecord.notes`). `year`: the present year, for
    years in the future; 0 = not compared. `items`: all items of the record, which the item is compared with. `located`:
    whether items have a location here.
    """
    facts = facts_of(
        record, item, piece, charset_note=charset_note, numbers=numbers, year=year, items=items, located=located
    )
    return findings_in(facts, table)


def facts_of(
    record: Record,
    item: ItemRecord | None = None,
    piece: Piece | None = None,
    *,
    charset_note: str = "",
    numbers: Options = STANDARD,
    year: int = 0,
    items: tuple[Item, ...] = (),
    located: bool = False,
) -> Facts:
    """Return the facts for `findings_in`. All as in `findings`."""
    return Facts(IndexedRecord.of(record), item, _types(), piece, clean(charset_note), numbers, year, items, located)


def findings_in(facts: Facts, table: Sequence[Row] | None = None) -> tuple[RecordFinding, ...]:
    """Return all findings, in the order of the table."""
    of_holdings = facts.type_code in HOLDINGS
    results: list[RecordFinding] = []
    for row, check in _checked() if table is None else _with_checks(table):
        if of_holdings and not row.holdings:
            continue
        hit = check(facts, row.codes)
        if hit is not None:
            results.append(
                RecordFinding(
                    code=row.code,
                    severity=row.severity,
                    sentence=Sentence(f"record.{row.code}", what=shown(hit.what)),
                    advice=row.advice,
                    fields=hit.fields,
                    poor=row.poor,
                )
            )
    return tuple(results)


def too_poor(record_findings: Sequence[RecordFinding]) -> tuple[RecordFinding, ...]:
    """Return the findings that make original cataloging necessary; none = the record is good enough."""
    return tuple(finding for finding in record_findings if finding.poor)


def is_told_at_item(finding: RecordFinding) -> bool:
    """Return True if an item is told this finding even if many records of its file have it: text is lost, or its title or
    label shows it."""
    when = _at_item()[finding.code]
    return when == "always" or (when == "shown" and any(_SHOWN.match(field) for field in finding.fields))


_SHOWN: Final = re.compile(r"(?:245(?: \$[abnp])?|call number|item|05\d|06\d|08\d|852|9\d\d)(?: .*)?\Z")
"""Fields of the title, and of the call number, copy and location on the label."""


@functools.cache
def _at_item() -> dict[str, str]:
    return {row.code: row.at_item for row in rows()}


@functools.cache
def rows() -> tuple[Row, ...]:
    """Return the table as shipped."""
    return msgspec.convert(_toml("rows.toml"), _Rows).finding


@functools.cache
def _checked() -> tuple[tuple[Row, Check], ...]:
    return _with_checks(rows())


def _with_checks(table: Sequence[Row]) -> tuple[tuple[Row, Check], ...]:
    return tuple((row, CHECKS[row.question]) for row in table)


@functools.cache
def _types() -> tuple[TypeRow, ...]:
    return msgspec.convert(_toml("types.toml"), _Types).type


def _toml(name: str) -> object:
    return tomllib.loads(files("station.catalog").joinpath("data", "findings", name).read_text(encoding="utf-8"))
