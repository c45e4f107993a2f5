"""The demo's cart of ten: its pieces, and what its library system deleted."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

from station.demo.stage import WEEDING_LIST, Stage
from station.demo.weeding import cart


def test_what_the_library_system_deleted_is_not_there_at_the_next_start(tmp_path: Path) -> None:
    state = tmp_path / "alma.json"
    with Stage(tmp_path, weeding=True) as stage:
        pieces = cart(stage.weeded, stage.settings)
        stage.create(*(piece.tag for piece in pieces))
        listed = [row["barcode"] for row in csv.DictReader((tmp_path / WEEDING_LIST).read_text("utf-8").splitlines())]
        known = json.loads(state.read_text("utf-8"))
    assert (len(listed), len({piece.item.barcode for piece in pieces})) == (10, 10)
    kinds = Counter(piece.kind for piece in pieces)
    assert kinds == {"ours": 5, "locked": 1, "on-loan": 1, "set": 2, "last": 1, "lost": 1}
    using = Counter(known[barcode]["item_data"]["process_type"]["value"] for barcode in listed)
    assert using == {"": 8, "LOAN": 1, "LOST_LOAN": 1}
    titles = Counter(known[record.barcode]["bib_data"]["mms_id"] for record in stage.weeded)
    assert sorted(titles.values()) == [1, *[2] * 9], "of nine titles a copy stays"

    del known[listed[0]]
    state.write_text(json.dumps(known), "utf-8")
    with Stage(tmp_path, weeding=True):
        again = json.loads(state.read_text("utf-8"))
    assert listed[0] not in again
    assert again.keys() == known.keys()
