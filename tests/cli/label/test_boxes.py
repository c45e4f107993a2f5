"""`station label --kind box|packing-slip|item-slip`: the papers of a box in the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.cli.label.test_label import run
from tests.conftest import FakeClock
from tests.support.sample_labels import BARCODE, lines_of, picture, scanned, write

SITE = '\n[[distribution.sites]]\ncode = "NORTH"\nname = "North Branch"\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a closed box."""
    write(tmp_path / "station.toml", template(**{"library.name": "Example Library"}).split("[distribution]")[0] + SITE)
    store = open_store(tmp_path / JOURNAL, FakeClock())
    try:
        item = ItemRecord(barcode=Barcode(BARCODE), title="Imaginary rivers")
        judged = ev.ItemJudged(
            barcode=BARCODE, uid="E004010000000001", part=1, parts=1, verdict=Verdict.PASS, findings=(), item=item
        )
        store.journal.record(judged)
        box = f"box-{store.journal.order(ev.BoxOpened(site='NORTH'))}"
        assert box == "box-2"
        store.journal.order(ev.BoxPacked(box=box, barcode=BARCODE, title="Imaginary rivers", call_number="QH 541"))
        store.journal.order(ev.BoxClosed(box=box))
    finally:
        store.close()
    return tmp_path


@pytest.mark.parametrize("kind", ["box", "packing-slip", "item-slip"])
def test_the_papers_of_a_box(data: Path, kind: str) -> None:
    name = BARCODE if kind == "item-slip" else "BOX-2"
    result = run(name, "--kind", kind, "--print", "--to", data, "--barcode", "code128", data=data)
    assert result.exit_code == 0, result.output
    file = (data / f"{kind}-{name}.pdf").read_bytes()
    assert scanned(picture(file)) == [("Code128", name)]
    text = " ".join(lines_of(file))
    assert "North" in text and "Branch" in text and "Box 2" in text
    assert ("Imaginary rivers" in text) == (kind != "box")


def test_what_has_no_box_has_no_papers(data: Path) -> None:
    for words, why in (
        (("box-9", "--kind", "box"), "there is no box box-9"),
        (("31234000000024", "--kind", "item-slip"), "the item is in no box"),
    ):
        result = run(*words, "--json", data=data)
        assert result.exit_code != 0 and why in json.dumps(json.loads(result.stdout)["error"])
