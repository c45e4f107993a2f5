"""Labels for the screen: printed by the settings, with a sentence about each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.base.errors import ItemWithdrawn, LabelRefused, PrinterFailed
from station.base.sentence import Sentence
from station.base.settings import Labels
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item_state import ItemState, StateSince
from station.domain.ports import LabelMade
from station.printing import zpl
from station.printing.label_port import BenchLabels
from tests.conftest import FakeClock
from tests.support.sample_labels import BARCODE, CONTENTS, FONTS, ITEM, LINES, lines_of, set_page
from tests.support.told import raises_told, told

FOUND = (
    Finding("r1", "Property stamp", Severity.MINOR, Outcome.FAIL, "ann", Sentence.verbatim("no stamp")),
    Finding("r2", "Spine label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("a line is missing")),
    Finding("r3", "Title", Severity.CRITICAL, Outcome.PASS, "ann"),
)


STATES: dict[str, StateSince] = {}


def bench(tmp_path: Path, **settings: object) -> BenchLabels:
    changed = msgspec.structs.replace(Labels(), **settings)
    return BenchLabels(changed, tmp_path, FakeClock(), {"r2": "Cataloging"}, STATES.get)


def test_a_label_as_the_settings_say(tmp_path: Path) -> None:
    made = bench(tmp_path).label(ITEM)
    assert made == LabelMade("saved", f"The label is in spine-{BARCODE}.pdf, folder labels.", "PDF")
    assert lines_of((tmp_path / f"labels/spine-{BARCODE}.pdf").read_bytes()) == list(LINES)
    made = bench(tmp_path, format="zpl").label(ITEM)
    assert (made.code, made.form) == ("saved", "ZPL")
    page = set_page(CONTENTS["spine"], Labels().paper)
    assert (tmp_path / f"labels/spine-{BARCODE}.zpl").read_bytes() == zpl.render([page], FONTS)
    made = bench(tmp_path, format="zpl", to="device:/dev/null").label(ITEM)
    assert made == LabelMade("printed", "The label is sent to device:/dev/null.", "ZPL")


def test_a_withdrawn_item_gets_no_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateSince(state=ItemState.WITHDRAWN, at="2026-11-30T09:00:00+00:00", seq=1, kind="checklist-judged")
    monkeypatch.setitem(STATES, ITEM.barcode, state)
    with pytest.raises(ItemWithdrawn) as refused:
        bench(tmp_path).label(ITEM)
    assert ITEM.title in told(refused.value.sentence) and not (tmp_path / "labels").exists()


def test_notes_are_told(tmp_path: Path) -> None:
    wide = msgspec.structs.replace(ITEM, label_lines=("PS", "no.93-14835"))
    assert "was made smaller" in bench(tmp_path).label(wide).sentence


def test_a_slip(tmp_path: Path) -> None:
    made = bench(tmp_path).slip(ITEM, FOUND, "ann")
    assert made == LabelMade("saved", f"The flag slip is in flag-{BARCODE}.pdf, folder labels.", "PDF")
    shown = lines_of((tmp_path / f"labels/flag-{BARCODE}.pdf").read_bytes())
    assert shown.index("- Spine label: a line is missing") < shown.index("- Property stamp: no stamp")
    assert "Corrected by: Cataloging" in shown
    assert f"Date: {FakeClock().now()[:10]}" in shown


def test_what_cannot_be_printed(tmp_path: Path) -> None:
    with raises_told(LabelRefused, match="no call number"):
        bench(tmp_path).label(msgspec.structs.replace(ITEM, label_lines=()))
    with raises_told(LabelRefused, match="nothing failed"):
        bench(tmp_path).slip(ITEM, FOUND[2:], "ann")
    with raises_told(LabelRefused, match="mm wide"):
        bench(tmp_path).label(msgspec.structs.replace(ITEM, label_lines=("W" * 40,)))
    with raises_told(PrinterFailed, match="out of paper"):
        bench(tmp_path, format="zpl", to="device:/dev/full").label(ITEM)
