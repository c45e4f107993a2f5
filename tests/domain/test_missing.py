"""What a record lacks is named, in one sentence."""

from __future__ import annotations

import pytest

from station.domain.item import Barcode, ItemRecord
from tests.support.told import told

WHOLE = {"title": "T", "call_number": "QA 76", "location": "STACKS"}


@pytest.mark.parametrize(
    ("fields", "missing", "words"),
    [
        (WHOLE, (), ""),
        ({}, ("title", "call-number", "location"), "Missing: title, call number, location."),
        ({**WHOLE, "call_number_source": "050 (hint)"}, ("holdings",), "Missing: call number of the item or its holdings."),
        ({**WHOLE, "fullness": "brief"}, ("description",), "Missing: full description (the record is brief)."),
        ({**WHOLE, "fullness": "holdings"}, ("record",), "Missing: bibliographic record."),
        ({**WHOLE, "unread": "too long"}, ("record",), "Missing: bibliographic record."),
    ],
)  # fmt: skip
def test_missing(fields: dict[str, str], missing: tuple[str, ...], words: str) -> None:
    item = ItemRecord(barcode=Barcode("1"), **fields)  # type: ignore[arg-type]
    assert (item.missing, told(item.missing_words)) == (missing, words)
