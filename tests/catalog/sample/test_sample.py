"""The sample catalog: reproducible, recognizably fictitious, and with the promised variety."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from station.base.settings import Barcodes, CatalogSettings
from station.catalog.barcodes import barcode
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles, record
from station.catalog.sample import sample
from station.domain.item import Barcode, ItemRecord
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
PROFILE = profiles.load("symphony-949")


def items(data: bytes) -> dict[str, ItemRecord]:
    found = {}
    for one in marc.read(data):
        assert isinstance(one, RawRecord)
        assert one.notes == ()
        for item in profiles.items(marc.parse(one.data), PROFILE):
            assert item.barcode not in found
            found[item.barcode] = record.describe(one.data, Barcode(item.barcode), PROFILE, CatalogSettings())
    return found


def test_the_script_reproduces_the_committed_file(tmp_path: Path) -> None:
    made = tmp_path / "sample.mrc"
    script = ROOT / "scripts" / "make_sample_catalog.py"
    subprocess.run(
        [sys.executable, str(script), str(made)],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        timeout=PATIENCE_S,
    )
    assert made.read_bytes() == (ROOT / "station" / "catalog" / "data" / "sample.mrc").read_bytes()


def test_every_record_says_that_it_is_fictitious() -> None:
    for one in marc.read(sample.catalog()):
        assert isinstance(one, RawRecord)
        parsed = marc.parse(one.data)
        assert sample.NOTE in [value for found in parsed.get_fields("500") for value in found.get_subfields("a")]
        assert parsed["264"]["b"].startswith(sample.PUBLISHER)


def test_sample_items_are_the_items() -> None:
    found = items(sample.catalog())
    assert [entry[0] for entry in sample.SAMPLE_ITEMS] == list(found)
    assert all(barcode.check(code, Barcodes()) == code for code in found)
    for code, title, special in sample.SAMPLE_ITEMS:
        assert special
        assert found[Barcode(code)].title.rstrip(".…")[:60] == ("" if title == "(no title)" else title)[:60]


def test_what_it_spans() -> None:
    found = {
        special: item
        for (_, _, special), item in zip(sample.SAMPLE_ITEMS, items(sample.catalog()).values(), strict=True)
    }
    assert {item.call_number_scheme for item in found.values()} >= {"lc", "dewey", "anscr"}
    assert {item.material for item in found.values()} >= {"book", "dvd", "music-cd", "audiobook", "score", "map", "kit"}
    assert found["DVD set: three parts"].parts == 3
    assert found["book with a CD: two parts"].parts == 2
    assert found["book with a CD: two parts"].accompanying
    assert (found["oversize: 38 cm"].height_cm or 0) > 30
    assert "[" in found["square brackets in the title"].title
    assert len(found["a very long title"].title) == 200
    assert found["title in Hebrew script (880)"].alternate_title == "ספר המדבר הדמיוני"
    assert found["no call number anywhere"].label_lines == ()
    assert found["no call number at the item; the record has a hint"].call_number_source == "050 (hint)"
    assert found["no title"].title == ""
    assert found["a second copy"].label_lines[-1] == "c.2"


def test_numbered_items() -> None:
    found = items(sample.numbered(5))
    assert list(found) == [sample.numbered_barcode(number) for number in range(1, 6)]
    assert all(barcode.check(code, Barcodes()) for code in found)
    assert found[sample.numbered_barcode(3)].label_lines == ("PZ", "4", ".C68", "I43", "no.3")
    assert not set(found) & {entry[0] for entry in sample.SAMPLE_ITEMS}
