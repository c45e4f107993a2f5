"""MARC-in-JSON: pymarc's output is the counterparty; every shape of file; everything that is not a record."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, MARCReader, Record, Subfield

from station.catalog.marc import marc, marcjson
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from tests.support.for_each import for_each

LEADER = "00000nam a2200000 i 4500"


def book(number: int, title: str = "A title") -> Record:
    record = Record()
    record.add_field(Field("001", data=f"n{number}"))
    record.add_field(Field("245", Indicators("1", "0"), [Subfield("a", title), Subfield("c", "someone")]))
    return record


def titles(data: bytes) -> list[str]:
    found = []
    for one in marc.read(data):
        if isinstance(one, RawRecord):
            found.append(marc.parse(one.data)["245"]["a"])
        else:
            found.append(f"! {one.reason}")
    return found


THREE = [book(1, "Één"), book(2, 'Two {braces} "quotes" [brackets],'), book(3, "三")]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", ["array", "lines", "run on"])
def test_every_shape_of_file(shape: str, indent: int | None) -> None:
    texts = [json.dumps(record.as_dict(), indent=indent) for record in THREE]
    whole = {"array": f"[{','.join(texts)}]", "lines": "\n".join(texts) + "\n", "run on": "".join(texts)}[shape]
    assert titles(whole.encode()) == [record["245"]["a"] for record in THREE]
    assert titles(b"\xef\xbb\xbf" + whole.encode()) == [record["245"]["a"] for record in THREE]


def test_small_pieces_of_the_stream_make_no_difference() -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(7)

    whole = json.dumps([record.as_dict() for record in THREE]).encode()
    assert [marcjson.one(one.data)["001"].data for one in marcjson.records(Drip(whole))] == ["n1", "n2", "n3"]


def test_a_bad_record_is_refused_alone() -> None:
    good = json.dumps(book(1).as_dict())
    bad = '{"leader": "short", "fields": []}'
    assert titles(f"[{good},{bad},{good}]".encode()) == [
        "A title",
        "! the leader has 5 characters, not 24",
        "A title",
    ]


def test_broken_json_on_lines_costs_its_line_only() -> None:
    good = json.dumps(book(1).as_dict())
    found = titles(f'{good}\n{{"leader": }}\n{good}\n'.encode())
    assert found[0] == found[2] == "A title"
    assert found[1].startswith("! broken JSON")
    cut = titles(f"[{good},{good[:-20]}".encode())
    assert cut[0] == "A title"
    assert cut[1].startswith("! broken JSON")


def fields(*entries: object) -> dict[str, object]:
    return {"leader": LEADER, "fields": list(entries)}


@for_each(
    ("value", "said"),
    [
        ([], "JSON object"),
        ({}, "leader"),
        ({"leader": LEADER, "fields": {}}, "no fields"),
        (fields({"001": "x", "002": "y"}), "one tag"),
        (fields({"01": "x"}), "no fields"),
        (fields({"001": {"subfields": []}}), "no subfields"),
        (fields({"245": {"ind1": "10", "subfields": []}}), "indicator"),
        (fields({"245": {"ind1": 1, "subfields": []}}), "indicator"),
        (fields({"245": {"subfields": [{"a": "x", "b": "y"}]}}), "one code"),
        (fields({"245": {"subfields": [{"": "x"}]}}), "not a code"),
        (fields({"245": {"subfields": [{"a": 1}]}}), "not a code"),
        (fields(*[{"001": "x"}] * 10_001), "10000 fields"),
        (fields({"001": "x" * 2_000_001}), "longer than"),
    ],
)
def test_what_is_no_record(value: object, said: str) -> None:
    with pytest.raises(BadRecord, match=said):
        marcjson.record(value)


def test_nesting_without_end_is_an_error_like_any_other() -> None:
    assert [isinstance(one, Rejected) for one in marc.read(b"[{" + b'"a":[' * 100_000)] == [True]


@given(st.binary(max_size=200), st.sampled_from([b"", b"{", b"[{", b'{"leader":']))
def test_any_bytes_are_records_or_reasons(junk: bytes, start: bytes) -> None:
    for one in marcjson.records(io.BytesIO(start + junk)):
        assert one.problem or marcjson.one(one.data)


def test_genuine_records_read_the_same_from_both_forms(shared: Path) -> None:
    with (shared / "data/marc/tr_test_data.utf8.mrc").open("rb") as stream:
        records = [record for record in MARCReader(stream) if record is not None]
    assert len(records) == 30  # docs/reference/systems.md#genuine-records
    whole = json.dumps([record.as_dict() for record in records]).encode()
    found = [marc.parse(one.data) for one in marc.read(whole) if isinstance(one, RawRecord)]
    assert [record.as_dict()["fields"] for record in found] == [record.as_dict()["fields"] for record in records]
