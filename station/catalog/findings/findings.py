"""What is wrong with a catalog record, for the processing desk: a table of rows, each with its question and its source.

The rows are data (data/findings/rows.toml), as is the matrix of types (types.toml); the questions are in
`checks`. Pure: nothing is read but these tables. A finding never stops the bench.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import msgspec
from pymarc import Record

from station.base.text import clean
from station.base.words import tell
from station.catalog.callnumber import STANDARD, Options
from station.catalog.findings.checks import CHECKS
from station.catalog.findings.facts import Facts, Piece, TypeRow
from station.domain.findings import Severity
from station.domain.item import ItemRecord

_HOLDINGS: Final = frozenset("uvxy")
"""Leader/06 of holdings records (MARC 21 Holdings)."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    code: str
    severity: Severity
    source: str
    check: str = ""
    """Name of the question; "" = the code with _ for -."""
    codes: tuple[str, ...] = ()
    """What the question looks for."""
    poor: bool = False
    """Such a record needs original cataloging."""
    holdings: bool = False
    """Asked of holdings records, too."""

    @property
    def sentence(self) -> str:
        """What is wrong; {what} stands for what was found."""
        return tell(f"record.{self.code}")

    @property
    def advice(self) -> str:
        """What is to be done."""
        return tell(f"record.{self.code}.advice")

    @property
    def question(self) -> str:
        """The name of its check."""
        return self.check or self.code.replace("-", "_")


class RecordFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a record. All text is clean."""

    code: str
    severity: Severity
    sentence: str
    advice: str
    fields: tuple[str, ...]
    """Where: "245", "leader/18", "020 $z"."""
    poor: bool = False
    """The record needs original cataloging because of this."""


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
) -> tuple[RecordFinding, ...]:
    """Everything that is wrong, in the order of the table.

    Without `item` price and call number are looked for in the record alone; without `piece` no number is compared.
    `charset_note`: what the reader of the record said about its character set (`marc.RawRecord.notes`).
    """
    facts = Facts(record, item, piece, clean(charset_note), _types(), numbers)
    of_holdings = facts.type_code in _HOLDINGS
    found: list[RecordFinding] = []
    for row in rows() if table is None else table:
        if of_holdings and not row.holdings:
            continue
        hit = CHECKS[row.question](facts, row.codes)
        if hit is not None:
            found.append(
                RecordFinding(
                    code=row.code,
                    severity=row.severity,
                    sentence=clean(tell(f"record.{row.code}", what=clean(hit.what, 120))),
                    advice=row.advice,
                    fields=hit.fields,
                    poor=row.poor,
                )
            )
    return tuple(found)


def too_poor(found: Sequence[RecordFinding]) -> tuple[RecordFinding, ...]:
    """The findings for which the record needs original cataloging; none = the record will do."""
    return tuple(finding for finding in found if finding.poor)


@functools.cache
def rows() -> tuple[Row, ...]:
    """The table as shipped."""
    return msgspec.convert(_toml("rows.toml"), _Rows).finding


@functools.cache
def _types() -> tuple[TypeRow, ...]:
    return msgspec.convert(_toml("types.toml"), _Types).type


def _toml(name: str) -> object:
    return tomllib.loads(files("station.catalog").joinpath("data", "findings", name).read_text(encoding="utf-8"))
