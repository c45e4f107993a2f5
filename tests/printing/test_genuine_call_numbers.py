"""Call numbers of genuine records on paper: each line is whole and read back, or refused with its width."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.catalog.labels import expected_label, shipped
from station.catalog.marc import marc
from station.printing import content
from tests.conftest import SOAK
from tests.support.sample_labels import lines_of, render, set_page

# Records by docs/reference/systems.md#genuine-records; from each record the call number of its first 050 or 949 $a.
FILES = {"evergreen_lul_fre_500.mrc": 500, "evergreen_hebrew_marc8.mrc": 20, "tr_test_data.utf8.mrc": 30}


@pytest.mark.parametrize(("name", "records"), FILES.items())
def test_genuine_call_numbers_on_a_spine_label(shared: Path, name: str, records: int) -> None:
    read = list(marc.read((shared / "data/marc" / name).read_bytes()))
    assert len(read) == records
    printed = refused = 0
    pages = []
    for raw in read[:: 1 if SOAK else 4]:
        assert isinstance(raw, marc.RawRecord)
        field = next(iter(marc.parse(raw.data).get_fields("949", "050", "090")), None)
        if field is None or not field.get_subfields("a"):
            continue
        number = " ".join(field.get_subfields("a", "b") if field.tag != "949" else field.get_subfields("a")[:1])
        label = expected_label(number, "lc", shipped("us-common"))
        page = set_page(content.spine(label.text, ""), "spine-25x38")
        if page.problems:
            refused += 1
            assert all(
                "mm" in problem or "lines" in problem or "cannot be printed" in problem for problem in page.problems
            )
            continue
        assert [text.text for text in page.texts] == list(label.text)
        pages.append((label.text, page))
        printed += 1
    data = render(*(page for _, page in pages))
    for position, (lines, _) in enumerate(pages):
        assert lines_of(data, position) == list(lines)
    assert printed > refused * 10
