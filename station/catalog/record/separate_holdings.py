"""Holdings records of their own: 004 is the 001 of their title (MARC 21 Format for Holdings Data, 004 and leader/06)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from pymarc import Field, Record

from station.base.text import clean
from station.catalog.marc import marc
from station.catalog.marc.marc import HOLDINGS, RawRecord

TITLE: Final = frozenset({"245"})


def control_field(fields: Iterable[Field], tag: str) -> str:
    """Return the first control field with this tag that has text, cleaned; "" = none."""
    for field in fields:
        if field.tag == tag and (text := clean(field.data or "")):
            return text
    return ""


def is_holdings(record: RawRecord, leader: str, link: str) -> bool:
    """Return True for a holdings record without a title of its own. `link`: its 004. Raise `BadRecord`."""
    return bool(link or leader[6:7] in HOLDINGS) and not any(
        marc.fields_of(record.data, TITLE, record.known, record.charset)
    )


def is_title(record: Record) -> bool:
    """Return True for a record that may be the title of holdings."""
    return str(record.leader)[6:7] not in HOLDINGS and not record.get_fields("004")


def joined(title: Record, holdings: Record, tags: frozenset[str]) -> Record:
    """Return the title with the holdings' fields from 010 on. The title's own item and holdings fields (`tags`) are left out."""
    record = Record()
    record.leader = title.leader
    record.fields = [field for field in title.fields if field.tag not in tags]
    record.fields += [field for field in holdings.fields if not field.is_control_field()]
    return record


def as_raw(record: Record) -> RawRecord:
    """Return a record as MARC-in-JSON, which has no limit of length and takes any character."""
    data = json.dumps(record.as_dict(), ensure_ascii=False, separators=(",", ":")).encode()
    return RawRecord(0, data, known=record)
