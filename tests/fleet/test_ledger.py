"""The center's ledger of tags: the same holdings in whatever order the events of the benches arrive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from copy import copy
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from station.base.errors import StoreError
from station.domain import events as ev
from station.domain.tags_elsewhere import TagQuestion
from station.fleet.ledger import Ledger
from station.fleet.projector import Projector
from station.store.owner import open_store
from station.store.postgres.connection import Connection, connect
from station.store.postgres.copies import Copies
from tests.support.copied_bench import CopiedBench
from tests.support.tag_writes import erased, looked, tagged

ITEM, OTHER = "30001000000010", "30001000000028"
U, V, W = "E004010000000001", "E004010000000002", "E004010000000003"


class LedgerBench(CopiedBench):
    """A bench that joined the center."""

    def __init__(self, folder: Path, copies: Copies, database: str) -> None:
        super().__init__(folder)
        self._copies = copies
        self._database = database
        self.work()
        self.id = self.join(copies, database).bench

    def continued_copy(self, folder: Path, journal: str) -> LedgerBench:
        """Return the bench that the center adopts with a copy of this journal, which continues under another id."""
        clone = copy(self)
        clone.folder, clone.path, clone.heads = folder, folder / "journal.db", folder / "heads"
        folder.mkdir()
        shutil.copy(self.path, clone.path)
        clone.go_on(journal)
        clone.id = clone.adopt(self._copies, self._database).bench
        return clone

    def record(self, *events: ev.AnyEvent) -> None:
        self.clock.pause(1)
        with closing(open_store(self.path, self.clock)) as store:
            for event in events:
                store.journal.record(event)

    def arrive(self) -> None:
        self.send(self._copies, self.id)


class Center:
    def __init__(self, database: str, folder: Path) -> None:
        self._folder = folder
        self.database = database
        self.copies = Copies(f"{database.replace('user=owner', 'user=station_receiver')}")

    def bench(self, name: str) -> LedgerBench:
        return LedgerBench(self._folder / name, self.copies, self.database)

    def project(self) -> None:
        with connect(self.database) as session:
            session.execute("SET ROLE station_projector")
            projector = Projector(session)
            while projector.run():
                pass

    def holdings(self) -> list[tuple[object, ...]]:
        """Return tag, item, part, bench, certain and lost of each holding."""
        with connect(self.database) as session:
            session.execute("SET ROLE station_viewer")
            session.execute("SELECT set_config('station.sites', '*', false)")
            return session.execute(
                "SELECT uid, barcode, part, bench, certain, lost FROM holding ORDER BY uid"
            ).fetchall()

    def second_tags(self) -> list[tuple[object, ...]]:
        """Return tag and bench, and the other tag, of each second tag."""
        with connect(self.database) as owner:
            return owner.execute("SELECT uid, bench, other_uid FROM second_tag ORDER BY uid").fetchall()

    def forget(self) -> None:
        """Forget what the ledger holds."""
        with self.session() as owner:
            owner.execute("TRUNCATE holding, tag_write, second_tag")

    def session(self) -> Connection:
        return connect(self.database)


@pytest.fixture
def center(center_database: str, tmp_path: Path) -> Iterator[Center]:
    made = Center(center_database, tmp_path)
    yield made
    made.copies.close()


Work = tuple[str, Sequence[ev.AnyEvent]]
STORIES: dict[str, tuple[list[Work], list[tuple[str, str, str]]]] = {
    "one bench": ([("A", tagged(U, ITEM))], [(U, ITEM, "A")]),
    "a tag gets another item elsewhere": (
        [("A", tagged(U, ITEM)), ("B", tagged(U, OTHER, ITEM))],
        [(U, OTHER, "B")],
    ),
    "a tag is erased elsewhere and used again": (
        [("A", tagged(U, ITEM)), ("B", erased(U, ITEM)), ("C", tagged(U, OTHER))],
        [(U, OTHER, "C")],
    ),
    "a tag is erased elsewhere": ([("A", tagged(U, ITEM)), ("B", erased(U, ITEM))], []),
    "a tag is replaced elsewhere": (
        [("A", tagged(U, ITEM)), ("B", tagged(V, ITEM, replaces=U))],
        [(V, ITEM, "B")],
    ),
    "a tag is replaced twice": (
        [("A", tagged(U, ITEM)), ("B", tagged(V, ITEM, replaces=U)), ("C", tagged(W, ITEM, replaces=V))],
        [(W, ITEM, "C")],
    ),
    "a tag is replaced at its own bench": (
        [("A", (*tagged(U, ITEM), *tagged(V, ITEM))), ("B", tagged(W, ITEM, part=2))],
        [(V, ITEM, "A"), (W, ITEM, "B")],
    ),
    "a replaced tag comes back": (
        [("A", (*tagged(U, ITEM), *tagged(V, ITEM, replaces=U), *looked(U, ITEM, replaces=V)))],
        [(U, ITEM, "A")],
    ),
    "two tags of one item": (
        [("A", tagged(U, ITEM)), ("B", tagged(V, ITEM))],
        [(U, ITEM, "A"), (V, ITEM, "B")],
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_the_holdings_do_not_depend_on_the_order_of_arrival(center: Center, tmp_path: Path, story: str) -> None:
    work, expected = STORIES[story]
    names = [name for name, _ in work]
    for number, order in enumerate(permutations(work)):
        benches = {name: center.bench(f"{number}-{name}") for name in names}
        center.forget()
        for name, events in order:
            benches[name].record(*events)
            benches[name].arrive()
            center.project()
        assert [(uid, item, bench) for uid, item, _, bench, _, _ in center.holdings()] == [
            (uid, item, benches[name].id) for uid, item, name in expected
        ]
        assert len(center.second_tags()) == (story == "two tags of one item")


def test_after_a_write_that_was_cut_off_nobody_knows_what_the_tag_carries_until_the_next_one(
    center: Center,
) -> None:
    for number, later in enumerate((0, 1)):
        center.forget()
        benches = [center.bench(f"{number}-{name}") for name in "ABC"]
        first, cutting, asking = benches
        first.record(*tagged(U, ITEM))
        cutting.record(tagged(U, OTHER, ITEM)[0])
        for bench in (benches[later], benches[1 - later]):
            bench.arrive()
            center.project()
        assert center.holdings() == [(U, ITEM, 1, first.id, False, False)]
        assert center.copies.tags(asking.id, TagQuestion(ITEM)).held == ()

        asking.record(*tagged(U, OTHER, "half of each"))
        asking.arrive()
        center.project()
        assert center.holdings() == [(U, OTHER, 1, asking.id, True, False)]


def test_a_second_tag_is_the_later_benchs_until_one_of_the_tags_is_gone(center: Center) -> None:
    first, later = center.bench("A"), center.bench("B")
    later.clock.pause(3600)
    for bench, uid in ((later, V), (first, U)):
        bench.record(*tagged(uid, ITEM))
        bench.arrive()
        center.project()
    assert center.second_tags() == [(V, later.id, U)]

    first.record(*tagged(U, OTHER, ITEM))
    first.arrive()
    center.project()
    assert center.second_tags() == []


class World:
    """Items and tags as they are, and what the benches do to them one after another. `tag_of`: of an item's part 1."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.tag_of: dict[str, str] = {}
        self.again: set[str] = set()
        """Items that got a tag again that they had before."""
        self._on_tag = dict.fromkeys((U, V, W), "")
        self._had: set[tuple[str, str]] = set()

    def _moved(self, uid: str, item: str) -> None:
        for other, tag in list(self.tag_of.items()):
            if tag == uid:
                del self.tag_of[other]
        self._on_tag[uid] = item
        if item:
            self.tag_of[item] = uid
            self.again |= {item} if (item, uid) in self._had else set()
            self._had.add((item, uid))

    def step(self) -> Sequence[ev.AnyEvent]:
        """Do something with a tag, as a bench does that the center has answered."""
        uid, item = self._random.choice(list(self._on_tag)), self._random.choice((ITEM, OTHER))
        found, former = self._on_tag[uid], self.tag_of.get(item, "")
        if found and self._random.random() < 0.3:
            self._moved(uid, "")
            return erased(uid, found)
        self._moved(uid, item)
        if found == item:
            return looked(uid, item, replaces=former if former != uid else "")
        return tagged(uid, item, found, replaces=former if former != uid else "")


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(10, 300))])
def test_the_holdings_are_what_the_tags_carry_after_any_work_of_benches_that_ask(center: Center, seed: int) -> None:
    random = Random(seed)
    world, benches = World(random), [center.bench(name) for name in "ABC"]
    for bench in benches:
        bench.clock.pause(random.randrange(10**8))  # clocks are wrong by years
    for _ in range(25):
        random.choice(benches).record(*world.step())
        if random.random() < 0.3:
            random.choice(benches).arrive()
            center.project()
    for bench in random.sample(benches, 3):
        bench.arrive()
        center.project()

    held = {(item, uid) for uid, item, *_ in center.holdings()}
    carried = set(world.tag_of.items())
    assert held <= carried, "the gate would stop the right tag"
    assert {pair for pair in carried - held if pair[0] not in world.again} == set()
    assert center.second_tags() == []


def test_what_the_lost_part_of_a_journal_had_tagged_stays_held(center: Center) -> None:
    bench = center.bench("A")
    bench.record(*tagged(U, ITEM))
    older = bench.path.read_bytes()
    bench.record(*tagged(V, OTHER))
    bench.arrive()
    center.project()
    bench.path.write_bytes(older)
    bench.path.with_suffix(".head").unlink(missing_ok=True)

    bench.go_on("00000000000000aa")
    bench.record(*tagged(W, OTHER, part=2))
    bench.arrive()
    center.project()

    assert center.holdings() == [
        (U, ITEM, 1, bench.id, True, False),
        (V, OTHER, 1, bench.id, True, True),
        (W, OTHER, 2, bench.id, True, False),
    ]
    other = center.bench("B")
    other.record(*tagged(V, ITEM, OTHER))
    other.arrive()
    center.project()
    assert center.copies.tags(bench.id, TagQuestion(OTHER)).gone == (), "the bench does not know the lost write"


def test_what_was_lost_is_not_once_the_path_goes_through_it_again(center: Center) -> None:
    bench = center.bench("A")
    older = bench.path.read_bytes()
    bench.record(*tagged(U, ITEM))
    bench.arrive()
    center.project()
    newer = bench.path.read_bytes()
    for content, journal in ((older, "00000000000000aa"), (newer, "00000000000000bb")):
        bench.path.write_bytes(content)
        bench.path.with_suffix(".head").unlink(missing_ok=True)
        bench.go_on(journal)
        bench.arrive()
        center.project()
        assert center.holdings() == [(U, ITEM, 1, bench.id, True, content == older)]


def test_a_second_tag_in_a_lost_part_is_the_other_benchs(center: Center) -> None:
    lost, other = center.bench("A"), center.bench("B")
    other.record(*tagged(U, ITEM))
    older = lost.path.read_bytes()
    lost.clock.pause(3600)
    lost.record(*tagged(V, ITEM))
    for bench in (lost, other):
        bench.arrive()
        center.project()
    assert center.second_tags() == [(V, lost.id, U)]

    lost.path.write_bytes(older)
    lost.path.with_suffix(".head").unlink(missing_ok=True)
    lost.go_on("00000000000000aa")
    lost.arrive()
    center.project()

    assert center.second_tags() == [(U, other.id, V)]


def test_while_the_ledger_is_made_again_it_answers_nothing(center: Center) -> None:
    """Of a tag that is erased elsewhere it would know the earlier write only."""
    tagging, erasing, asking = (center.bench(name) for name in "ABC")
    tagging.record(*tagged(U, ITEM))
    erasing.record(*erased(U, ITEM))
    for bench in (tagging, erasing):
        bench.arrive()
    center.project()
    assert center.copies.tags(asking.id, TagQuestion(ITEM)).held == ()

    with center.session() as owner:
        owner.execute("TRUNCATE ledger_place, tag_write, holding, second_tag")
        owner.execute("SET ROLE station_projector")
        owner.execute("SELECT set_config('station.bench', %s, false)", (tagging.id,))
        Ledger(owner).run(tagging.id)

    with pytest.raises(StoreError, match="store.ledger-made"):
        center.copies.tags(asking.id, TagQuestion(ITEM))
    center.project()
    assert center.copies.tags(asking.id, TagQuestion(ITEM)).held == ()


def test_second_tags_wait_for_the_events_that_may_end_them(center: Center) -> None:
    first, later = center.bench("A"), center.bench("B")
    later.clock.pause(3600)
    for bench, uid in ((first, U), (later, V)):
        bench.record(*tagged(uid, ITEM))
        bench.arrive()
    center.project()
    later.record(*tagged("E0040100000000CC", OTHER))
    later.arrive()
    assert len(center.copies.second_tags(later.id)) == 1, "events of other items end nothing"

    first.record(*erased(U, ITEM))
    first.arrive()
    assert center.copies.second_tags(later.id) == ()
    center.project()
    assert center.copies.second_tags(later.id) == ()


def test_an_event_that_cannot_be_read_stops_the_ledger_of_its_bench_only(center: Center) -> None:
    bad, good = center.bench("bad"), center.bench("good")
    for bench, uid in ((bad, U), (good, V)):
        bench.record(*tagged(uid, ITEM))
        bench.arrive()
    with center.session() as owner:
        owner.execute(
            "UPDATE event SET payload = '{}' WHERE kind = 'tag-write-verified' AND journal IN "
            "(SELECT journal FROM timeline WHERE bench = %s)",
            (bad.id,),
        )
    center.project()

    assert [uid for uid, *_ in center.holdings()] == [V]
    assert center.copies.tags(bad.id, TagQuestion(ITEM)).held[0].uid == V, "the others are answered"
