"""kill -9 of a bench at which items leave, at any point, also between two blocks of an erasure: what was begun is listed at
once, each tag that is reported erased is blank, and each item leaves exactly once."""

from __future__ import annotations

import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.store.database.database import open_reader
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from tests.stories.departures import killed_withdrawals
from tests.stories.departures.half_withdrawn import Facts, blank, faults
from tests.stories.departures.killed_withdrawals import SYSTEMS, TAGS, prepare, tag_of
from tests.stories.kill import checker
from tests.support import forked, station_process
from tests.support.alma_process import AlmaProcess, fictitious
from tests.support.feig_rig import Rig
from tests.support.patience import PATIENCE_S

SEED = 7
KILLS = 50


class Workplace:
    """Emulated Alma, emulated reader, and the journals of one story after another."""

    def __init__(self, folder: Path) -> None:
        for name in ("alma", "reader", "first"):
            (folder / name).mkdir()
        self.folder = folder
        self.alma, self.reader = AlmaProcess(folder / "alma"), Rig(folder / "reader").start("--no-drip")
        self.counts: Counter[str] = Counter()
        self.stories = 0
        prepare(folder / "first")
        self.begin()

    def close(self) -> None:
        self.alma.close()
        self.reader.close()

    def begin(self) -> None:
        """Begin a story: all items are in Alma, and have their tags."""
        self.stories += 1
        self.data = self.folder / f"d{self.stories}"
        shutil.copytree(self.folder / "first", self.data)
        self.alma.reset(
            {barcode: fictitious(barcode, 100 + n) for n, barcode in enumerate(TAGS) if SYSTEMS[barcode]}, {}
        )
        self.reader.anew()
        for barcode, uids in TAGS.items():
            for part, uid in enumerate(uids, 1):
                self.reader.do("create", uid=uid, place=False, replace=True, **tag_of(barcode, part))
        self.first = {uid: image for tags in self.tags().values() for uid, image in tags.items()}

    def tags(self) -> dict[str, dict[str, checker.Image]]:
        return {b: {uid: checker.image(self.reader.dump(uid)) for uid in uids} for b, uids in TAGS.items()}

    def run(self, kill: str = "") -> tuple[int, tuple[str, ...]]:
        """Run a station, which dies at the point `kill`. Return its exit code, and the points that it reached."""
        trace = self.data / "trace"
        trace.write_text("")
        with (self.data / "err").open("wb") as err:
            process = forked.Process(
                self.data,
                self.alma.base_url,
                self.reader.folder,
                module=killed_withdrawals.__name__,
                stderr=err,
                before=("tests.stories.kill.armed:arm", str(trace), kill, ""),
            )
            code = process.wait(PATIENCE_S)
        lines = trace.read_text().splitlines()
        assert code in (0, -signal.SIGKILL), (self.data / "err").read_text()
        acks = [int(line[4:]) for line in lines if line.startswith("ack ")]
        self.demand(list(checker.acknowledged(checker.Journal(self.data), acks)), kill)
        return code, tuple(line for line in lines if not line.startswith("ack "))

    def look(self, where: object) -> Facts:
        """Compare journal, Alma and tags."""
        listed = {each.id for each in Queries(self.data / "journal.db", SystemClock()).withdrawals()}
        there = {item["item_data"]["barcode"] for item in self.alma.do("items")["items"]}
        facts = Facts(checker.Journal(self.data), there, self.tags(), self.first, listed)
        self.demand([*checker.chain(facts.journal), *faults(facts)], where)
        return facts

    def demand(self, problems: list[str], where: object) -> None:
        assert not problems, f"{where}: {problems}"

    def killed(self, *points: str, tear: int = 0) -> None:
        """Kill one station after another, each at its point, and let the last one finish. `tear`: the tag is lifted in the
        middle of this write on the air, too, so that a block has neither its old nor its new content."""
        self.begin()
        if tear:
            self.reader.do("lift-after-writes", n=tear, mode="subset", seed=self.stories)
        for point in points:
            code, _ = self.run(point)
            facts = self.look(points)
            self.counts["kills"] += code == -signal.SIGKILL
            half = [uid for tags in facts.tags.values() for uid, image in tags.items() if self.half(uid, image)]
            self.counts["half erased"] += len(half)
        assert self.run()[0] == 0
        self.finished(points)

    def half(self, uid: str, image: checker.Image) -> bool:
        return image != self.first[uid] and not blank(image)

    def finished(self, where: object) -> None:
        """Check that each item has left exactly once, in every layer."""
        facts = self.look(where)
        now = facts.journal
        effects = Counter(row["barcode"] for row in self.alma.effects("withdraw"))
        assert effects == Counter(barcode for barcode, system in SYSTEMS.items() if system), where
        assert not facts.listed, where
        assert not now.open_attempts(), where
        assert all(blank(image) for tags in facts.tags.values() for image in tags.values()), where
        for kind in ("withdrawal-decided", "withdrawn", "withdrawal-placed"):
            assert len(now.of(kind)) == len(TAGS), (where, kind)
        assert sorted(event["barcode"] for event in now.of("withdrawn")) == sorted(TAGS), where
        by_hand = {event["barcode"] for event in now.of("withdrawn", by_hand=True)}
        assert by_hand == {barcode for barcode, system in SYSTEMS.items() if not system}, where
        with closing(open_reader(self.data / "journal.db")) as sql:
            assert compare(sql) == (), where


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    with station_process.short_folder() as folder:
        made = Workplace(folder)
        try:
            yield made
        finally:
            made.close()


def test_killed_between_two_blocks_of_an_erasure_and_around_each_proof(place: Workplace) -> None:
    place.killed("withdrawal-decided:1:after", "http:2:after", "write:2:sent", "tag-erased:1:inside", "write:1:before")
    place.killed("write:2:sent", tear=3)
    assert place.counts["kills"] == 6 and place.counts["half erased"] > 0


@pytest.mark.soak
def test_killed_at_50_points(place: Workplace) -> None:
    code, points = place.run()
    assert code == 0
    place.finished("without a kill")
    chance = random.Random(SEED)
    writes = [point for point in points if point.startswith("write:")]
    place.counts.clear()
    for number in range(KILLS):
        first = chance.choice(points[number * len(points) // KILLS : (number + 1) * len(points) // KILLS])
        later = [chance.choice(writes)] if number % 2 else []
        place.killed(first, *later, tear=chance.choice([0, 0, 1, 3, 9]))
    print(f"\nkill -9 of withdrawals: {dict(place.counts)} at {len(points)} points")
    assert place.counts["kills"] >= KILLS and place.counts["half erased"] >= 5
