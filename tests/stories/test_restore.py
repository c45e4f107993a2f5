"""A station is backed up in the middle of a shift and restored at another place: the next items are processed, and
nothing goes out twice."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter

from tests.support import station_process
from tests.support.patience import PATIENCE_S

WORLD = ("tags", "alma.json", "catalog.db", "catalog.db.sources.json", "numbered.mrc")
"""What is not the station's: tags and library system as they are now, and the catalog, which is imported again."""
ITEMS = 6


@station_process.beside
def test_a_shift_goes_on_at_another_machine() -> None:
    with station_process.short_folder() as folder:
        old, new, backup = folder / "d", folder / "other" / "place", folder / "b.zip"
        shift = ("demo", "--auto", str(ITEMS), "--fast", "--json")
        process = station_process.start(folder, *shift, "--data", str(old))
        end = time.monotonic() + PATIENCE_S
        while not station_process.results(old) and time.monotonic() < end:
            time.sleep(0.02)
        made = station_process.station(folder, "backup", "create", str(backup), "--data", str(old))
        assert made.code == 0, repr(made)
        worked = station_process.Ended(process)
        assert worked.code == 0, repr(worked)

        restored = station_process.station(folder, "restore", str(backup), "--data", str(new), "--json")
        assert restored.code == 0, repr(restored)
        with station_process.journal(old) as sql:
            assert restored.json["events"] < sql.execute("SELECT max(seq) FROM events").fetchone()[0]
        station_process.verified(folder, new)
        for name in WORLD:
            (shutil.copytree if (old / name).is_dir() else shutil.copy2)(old / name, new / name)
        refused = station_process.station(folder, *shift, "--data", str(new))
        assert refused.code == 50, repr(refused)
        words = ("journal", "continue", "--restored", "--yes", "--operator", "tess", "--data", str(new))
        assert station_process.station(folder, *words).code == 0
        worked = station_process.station(folder, *shift, "--data", str(new))
        assert worked.code == 0, repr(worked)
        station_process.verified(folder, new)

        sent = {line["delivery"]: line for line in station_process.results(old)}
        lines = station_process.results(new)
        assert set(Counter(line["delivery"] for line in lines).values()) == {1}
        assert all(sent.get(line["delivery"], line) == line for line in lines)
        assert {row["state"] for row in station_process.deliveries(new)} == {"delivered"}
        alma = json.loads((new / "alma.json").read_text())
        notes = [item["item_data"]["internal_note_3"].count("RFID [") for item in alma.values() if "item_data" in item]
        assert max(notes) == 1
