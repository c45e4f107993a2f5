"""A bench asks the center at the scan, in a thread of its own, and uses at the gate what has come."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.base.errors import Unreachable
from station.base.settings import Corrections, load
from station.cli import station
from station.domain.events import CorrectionOpened
from station.domain.snapshot import Phase
from station.domain.tags_elsewhere import HeldTag, SecondTag, SecondTags, TagQuestion, TagsElsewhere
from station.fleet.center import Center
from station.fleet.elsewhere import KEPT_S, MOST, ElsewhereThread
from station.fleet.link import Link
from station.fleet.projector import Projector
from station.runtime.second_tags import SecondTagOrders
from station.store.owner import open_store
from station.store.postgres.connection import connect
from tests.bench.test_bench import BOOK, OTHER, told
from tests.conftest import FakeClock
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_link import code, eventually
from tests.support.copied_bench import CopiedBench
from tests.support.patience import PATIENCE_S
from tests.support.simulated_bench import RULES, Rig
from tests.support.tag_writes import erased, tagged

JOURNAL = "0" * 16
FIRST, SECOND = TagQuestion(BOOK), TagQuestion(OTHER)


class Answering:
    """A center that answers as the test says."""

    def __init__(self, *answers: TagsElsewhere) -> None:
        self.asked: list[TagQuestion] = []
        self._answers = list(answers)

    def tags(self, question: TagQuestion) -> TagsElsewhere:
        self.asked.append(question)
        if not self._answers:
            raise Unreachable()
        return self._answers.pop(0)

    def second_tags(self) -> SecondTags:
        raise Unreachable()

    def close(self) -> None: ...


def held(barcode: str = BOOK) -> HeldTag:
    return HeldTag("E0040100000000AA", barcode, 1, 1, "Bench 3", "2026-11-27T10:00:00+00:00")


def answer(*tags: HeldTag, journal: str = JOURNAL) -> TagsElsewhere:
    return TagsElsewhere(journal=journal, seq=7, held=tags)


def asking(*answers: TagsElsewhere) -> tuple[ElsewhereThread, Answering, FakeClock]:
    center, clock = Answering(*answers), FakeClock()
    return ElsewhereThread(center, JOURNAL, clock), center, clock


def test_an_answer_is_there_once_it_came_and_is_forgotten_later() -> None:
    thread, _, clock = asking(answer(held()))
    thread.ask(FIRST)
    assert thread.answer(FIRST) is None, "the bench does not wait"
    assert thread.step()
    assert thread.answer(FIRST) == answer(held())
    assert not thread.step()
    clock.pause(KEPT_S)
    assert thread.answer(FIRST) is None


def test_a_new_question_forgets_the_earlier_answer() -> None:
    thread, _, _ = asking(answer(held()))
    thread.ask(FIRST)
    thread.step()
    thread.ask(FIRST)
    assert thread.answer(FIRST) is None
    thread.step()
    assert thread.answer(FIRST) is None, "the center is away"


def test_what_an_answer_says_of_another_item_is_ignored() -> None:
    thread, _, _ = asking(answer(held(OTHER)), answer(held(OTHER)))
    thread.ask(FIRST)
    thread.step()
    assert thread.answer(FIRST) == answer()
    assert thread.answer(SECOND) is None


def test_a_center_that_does_not_know_this_timeline_knows_no_event_of_it() -> None:
    thread, _, _ = asking(answer(held(), journal="f" * 16))
    thread.ask(FIRST)
    thread.step()
    got = thread.answer(FIRST)
    assert got is not None and (got.seq, got.held) == (0, (held(),))


def test_the_newest_question_goes_first_and_the_oldest_is_dropped() -> None:
    thread, center, _ = asking()
    for number in range(MOST + 1):
        thread.ask(TagQuestion(str(number)))
    while thread.step():
        pass
    assert [question.barcode for question in center.asked] == [str(number) for number in range(MOST, 0, -1)]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("today", "today"),
        ("yesterday", "on"),
        ("1999-12-31T12:00:00+00:00", "on 1999-12-31"),
        ("2099-01-01T12:00:00+00:00", "earlier"),
        ("no time", "earlier"),
    ],
)
def test_the_day_of_another_bench_in_words(at: str, words: str) -> None:
    clock = SystemClock()
    thread = ElsewhereThread(Answering(), JOURNAL, clock)
    days = {"today": f"{clock.day()}T12:00:00", "yesterday": f"{clock.day(-1)}T12:00:00"}
    assert told(thread.day(days.get(at, at))).startswith(words)


class Bench(CopiedBench):
    """A bench of the center, with work on tags."""

    def __init__(self, folder: Path, center: ServedCenter) -> None:
        super().__init__(folder)
        self.work()
        center.settings_of_bench(folder)
        with (folder / "station.toml").open("a") as settings:
            settings.write(f'[station]\nname = "{folder.name}"\n')
        joined = CliRunner().invoke(station, ["--data", str(folder), "fleet", "join", code(center)])
        assert joined.exit_code == 0, joined.output

    def record(self, *events: object) -> None:
        with closing(open_store(self.path, self.clock)) as store:
            for event in events:
                store.journal.record(event)  # type: ignore[arg-type]

    def center(self) -> Center:
        return Center(load(self.folder / "station.toml").fleet, self.folder, SystemClock())

    def send(self) -> None:  # type: ignore[override]
        with closing(self.center()) as asked:
            link = Link(self.path, asked, SystemClock())
            while (status := link.step()).state == "sent":
                pass
        assert status.state == "current", status


def project(center: ServedCenter) -> None:
    with connect(center.database) as session:
        session.execute("SET ROLE station_projector")
        while Projector(session).run():
            pass


@pytest.fixture
def other(tmp_path: Path, center: ServedCenter) -> Bench:
    return Bench(tmp_path / "Bench 3", center)


@pytest.fixture
def elsewhere(tmp_path: Path, center: ServedCenter) -> Iterator[ElsewhereThread]:
    here = Bench(tmp_path / "Bench 1", center)
    here.send()
    with closing(here.center()) as asked:
        yield ElsewhereThread(asked, asked.path()[0].journal, SystemClock())


def test_a_tag_that_another_bench_wrote_stops_a_second_one_until_it_is_erased_there(
    center: ServedCenter, other: Bench, elsewhere: ElsewhereThread
) -> None:
    other.record(*tagged("E0040100000000AA", BOOK))
    other.send()
    project(center)
    rig = Rig()
    rig.start_with(elsewhere=elsewhere)
    tag = rig.world.tag(1)

    rig.scan(BOOK)
    while elsewhere.step():
        pass
    shown = rig.place(tag)
    assert shown.fault is not None
    assert told(shown.fault.sentence) == "Tagged at Bench 3 on 2026-09-21. Look for a second tag."
    rig.choose("set-aside")
    rig.lift()

    other.record(*erased("E0040100000000AA", BOOK))
    other.send()
    project(center)
    rig.scan(BOOK)
    while elsewhere.step():
        pass
    assert rig.place(tag).phase is Phase.CHECKING


def test_a_center_that_is_away_stops_nothing(center: ServedCenter, other: Bench, elsewhere: ElsewhereThread) -> None:
    other.record(*tagged("E0040100000000AA", BOOK))
    other.send()
    project(center)
    center.kill()
    rig = Rig()
    rig.start_with(elsewhere=elsewhere)

    rig.scan(BOOK)
    while elsewhere.step():
        pass
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING
    center.start()


def test_the_bench_sees_what_the_lost_part_of_its_own_journal_had_tagged(center: ServedCenter, other: Bench) -> None:
    other.send()
    older = other.path.read_bytes()
    other.record(*tagged("E0040100000000AA", BOOK))
    other.send()
    other.path.write_bytes(older)
    other.path.with_suffix(".head").unlink(missing_ok=True)
    other.go_on("00000000000000aa")
    other.send()
    project(center)

    with closing(other.center()) as asked:
        got = asked.tags(TagQuestion(BOOK))

    assert [(tag.uid, tag.bench) for tag in got.held] == [("E0040100000000AA", "Bench 3")]


def opened(bench: Bench, *tags: SecondTags) -> list[CorrectionOpened]:
    """Let the bench hear of second tags, and return the corrections that it opened."""
    with closing(open_store(bench.path, bench.clock)) as store:
        orders = SecondTagOrders(store.journal, store.queries, RULES, Corrections(), bench.clock)
        for found in tags:
            orders(found)
        events = [logged.event for logged in store.queries.events()]
    return [event for event in events if isinstance(event, CorrectionOpened)]


def test_two_tags_that_are_found_afterwards_become_one_correction_of_the_later_bench(
    center: ServedCenter, other: Bench, tmp_path: Path
) -> None:
    here = Bench(tmp_path / "Bench 1", center)
    other.record(*tagged("E0040100000000AA", BOOK))
    here.clock.pause(3600)
    here.record(*tagged("E0040100000000BB", BOOK))
    for bench in (here, other):
        bench.send()
    project(center)
    found: list[SecondTags] = []
    with closing(here.center()) as asked:
        ElsewhereThread(asked, JOURNAL, SystemClock(), found.append).look()
    with closing(other.center()) as asked:
        assert asked.second_tags() == ()

    (correction,) = opened(here, *found, *found)

    assert (correction.barcode, correction.part, correction.operator) == (BOOK, 1, "machine")
    assert told(correction.reason) == "Bench 3 tagged it, too, on 2026-09-21: tag E0040100000000AA"


def test_a_second_tag_that_the_bench_no_longer_has_opens_nothing(other: Bench) -> None:
    gone = SecondTag("E0040100000000BB", BOOK, 1, "E0040100000000AA", "Bench 1", "2026-09-21T10:00:00+00:00")
    assert opened(other, (gone,)) == []


def test_a_running_station_opens_the_correction_in_its_own_journal(
    center: ServedCenter, other: Bench, tmp_path: Path
) -> None:
    here = Bench(tmp_path / "Bench 1", center)
    other.record(*tagged("E0040100000000AA", BOOK))
    here.clock.pause(3600)
    here.record(*tagged("E0040100000000BB", BOOK))
    for bench in (here, other):
        bench.send()
    project(center)

    command = [sys.executable, "-m", "station", "serve", "--data", str(here.folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        try:
            eventually(lambda: "correction-opened" in [row[2] for row in here.rows()])
        finally:
            running.terminate()
        assert running.wait(PATIENCE_S) == 0
    kinds = [row[2] for row in here.rows()]
    assert kinds.count("correction-opened") == 1
    assert CliRunner().invoke(station, ["--data", str(here.folder), "journal", "verify"]).exit_code == 0
