"""A machine that works with a copy of another bench's journal becomes a bench of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from station.domain.journal_copy import Batch
from station.domain.tags_elsewhere import GoneTag, HeldTag, TagQuestion
from station.store.journal import newest_head
from station.store.postgres.connection import connect
from station.store.postgres.examination import examine
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_ledger import ITEM, OTHER, Center, U, V, W
from tests.fleet.test_ledger import center as ledger_center  # noqa: F401 - the fixture
from tests.fleet.test_link import bench as bench  # the fixture
from tests.fleet.test_link import code, run, sent
from tests.support.copied_bench import CopiedBench
from tests.support.tag_writes import tagged

LATER, LATEST = "00000000000000aa", "00000000000000bb"
THIRD = "30001000000036"
Row = tuple[object, ...]


def id_of(bench: CopiedBench) -> str:
    return (bench.folder / "credentials" / "fleet").read_text().partition(".")[0]


def copy_at(database: str, bench: str) -> list[Row]:
    with connect(database) as owner:
        return owner.execute(
            "SELECT seq, at, kind, payload, deliveries, hash FROM events WHERE bench = %s ORDER BY seq", (bench,)
        ).fetchall()


def clone_of(bench: CopiedBench, center: ServedCenter, folder: Path) -> CopiedBench:
    """Return a second machine with a copy of the whole data directory."""
    clone = bench.copy_to(folder)
    center.settings_of_bench(clone.folder)
    shutil.copytree(bench.folder / "credentials", clone.folder / "credentials")
    return clone


def continued(bench: CopiedBench) -> None:
    done = run(bench.folder, "journal", "continue", "--restored", "--yes", "--operator", "tess")
    assert done.exit_code == 0, done.output


def test_a_copy_that_went_its_own_way_becomes_a_bench_with_all_its_past(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    sent(bench)
    clone = clone_of(bench, center, tmp_path / "clone")
    bench.work("30001000000044")
    sent(bench)
    clone.work("30001000000051")  # other events with the same numbers
    assert sent(clone) == ["refused"]
    too_early = run(clone.folder, "fleet", "adopt", code(center))
    assert "journal continue --restored" in too_early.stderr
    assert id_of(clone) == id_of(bench)

    continued(clone)
    adopted = run(clone.folder, "fleet", "adopt", code(center))

    assert adopted.exit_code == 0, adopted.output
    assert id_of(clone) != id_of(bench)
    assert f"acknowledged: {len(clone.rows())}," in run(clone.folder, "fleet", "status").output
    assert sent(clone) == ["sent", "current"]
    bench.work("30001000000069")
    clone.work("30001000000077")
    assert (sent(bench), sent(clone)) == (["sent", "current"], ["sent", "current"])
    assert copy_at(center.database, id_of(bench)) == bench.rows()
    assert copy_at(center.database, id_of(clone)) == clone.rows()
    with connect(center.database) as owner:
        assert examine(owner, whole=True).wrong == ()


def test_an_adopted_bench_is_restored_as_any_other(center: ServedCenter, bench: CopiedBench, tmp_path: Path) -> None:
    sent(bench)
    clone = clone_of(bench, center, tmp_path / "clone")
    clone.work("30001000000051")
    continued(clone)
    run(clone.folder, "fleet", "adopt", code(center))
    sent(clone)
    fresh = CopiedBench(tmp_path / "fresh")
    center.settings_of_bench(fresh.folder)

    restored = run(fresh.folder, "fleet", "restore", code(center, id_of(clone)))

    assert restored.exit_code == 0, restored.output
    assert fresh.rows() == clone.rows()
    assert fresh.outbox() == clone.outbox()
    assert run(fresh.folder, "journal", "verify").exit_code == 0


def test_the_first_machine_is_adopted_if_its_copy_took_its_place(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    sent(bench)
    clone = clone_of(bench, center, tmp_path / "clone")
    continued(clone)
    assert run(clone.folder, "fleet", "join", "--moved").exit_code == 0
    assert sent(clone) == ["sent", "current"]
    bench.work("30001000000044")
    assert sent(bench) == ["refused"]
    known = run(clone.folder, "fleet", "adopt", code(center))
    assert known.exit_code != 0, "the copy is the bench now"

    continued(bench)
    assert run(bench.folder, "fleet", "adopt", code(center)).exit_code == 0

    assert sent(bench) == ["sent", "current"]
    assert copy_at(center.database, id_of(bench)) == bench.rows()
    assert copy_at(center.database, id_of(clone)) == clone.rows()


def test_a_journal_that_no_bench_has_joins_and_is_not_adopted(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    sent(bench)
    key = id_of(bench)
    other = CopiedBench(tmp_path / "other")
    other.work("30001000000051")
    center.settings_of_bench(other.folder)
    continued(other)
    for words in (("adopt", code(center)), ("adopt", code(center, key))):
        assert run(other.folder, "fleet", *words).exit_code != 0
    assert not (other.folder / "credentials" / "fleet").exists()
    assert sent(bench) == ["current"], "a code for a bench adopts nobody"
    assert run(other.folder, "fleet", "join", code(center)).exit_code == 0


@pytest.fixture
def center_of_tags(ledger_center: Center) -> Center:  # noqa: F811
    return ledger_center


def test_a_past_that_two_benches_share_counts_once(center_of_tags: Center, tmp_path: Path) -> None:
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM), *tagged(V, OTHER))
    first.arrive()
    clone = first.continued_copy(tmp_path / "clone", LATER)
    clone.arrive()
    center.project()

    assert center.holdings() == [(U, ITEM, 1, first.id, True, False), (V, OTHER, 1, first.id, True, False)]
    assert center.second_tags() == []
    answer = center.copies.tags(clone.id, TagQuestion(ITEM))
    assert (answer.journal, answer.seq, answer.gone) == (LATER, clone.rows()[-1][0], ())
    assert [tag.uid for tag in answer.held] == [U]

    first.record(*tagged(U, OTHER, ITEM))
    first.arrive()
    center.project()
    told = center.copies.tags(clone.id, TagQuestion(ITEM))
    assert (told.gone, told.held) == ((GoneTag(U, ITEM, 1),), ()), "the copy still has the tag in its own tables"
    assert isinstance(center.copies.tags(clone.id, TagQuestion(uid=U)).held[0], HeldTag)


def test_a_shared_past_is_that_of_all_timelines_up_to_the_copy(center_of_tags: Center, tmp_path: Path) -> None:
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM))
    first.go_on(LATER)
    first.record(*tagged(V, OTHER))
    first.arrive()
    clone = first.continued_copy(tmp_path / "clone", LATEST)
    clone.record(*tagged(V, ITEM, OTHER))
    clone.arrive()
    first.record(*tagged(U, OTHER, ITEM))
    first.arrive()
    center.project()

    assert copy_at(center.database, clone.id) == clone.rows()
    assert copy_at(center.database, first.id) == first.rows()
    assert center.holdings() == [(U, OTHER, 1, first.id, True, False), (V, ITEM, 1, clone.id, True, False)]


@pytest.mark.parametrize("copy_sends_first", [False, True])
def test_either_bench_may_send_the_shared_past_first(
    center_of_tags: Center, tmp_path: Path, copy_sends_first: bool
) -> None:
    """The first machine had begun a timeline, and had not sent it, when its disk was copied."""
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM))
    first.arrive()
    first.go_on(LATER)
    first.record(*tagged(V, OTHER))
    clone = first.continued_copy(tmp_path / "clone", LATEST)
    for sender in (clone, first) if copy_sends_first else (first, clone):
        sender.arrive()
    center.project()

    assert copy_at(center.database, first.id) == first.rows()
    assert copy_at(center.database, clone.id) == clone.rows()
    assert [holding[:2] for holding in center.holdings()] == [(U, ITEM), (V, OTHER)]
    assert center.second_tags() == []


@pytest.mark.parametrize("copy_sends_first", [False, True])
def test_a_shared_write_counts_once(center_of_tags: Center, tmp_path: Path, copy_sends_first: bool) -> None:
    """The first machine had not sent the write when its disk was copied."""
    center = center_of_tags
    first, other = center.bench("first"), center.bench("other")
    first.record(*tagged(U, ITEM))
    clone = first.continued_copy(tmp_path / "clone", LATER)
    other.record(*tagged(U, OTHER, ITEM))
    for sender in (clone, first, other) if copy_sends_first else (first, clone, other):
        sender.arrive()
    center.project()

    assert center.holdings() == [(U, OTHER, 1, other.id, True, False)]


def test_a_bench_that_went_on_with_an_older_copy_sees_what_its_lost_part_had_tagged(
    center_of_tags: Center, tmp_path: Path
) -> None:
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM))
    first.arrive()
    older = first.path.read_bytes()
    first.record(*tagged(V, OTHER))
    first.arrive()
    first.path.write_bytes(older)
    newest_head.file_of(first.path).unlink()
    first.record(*tagged(W, THIRD))  # without the center: other events with the same numbers

    bench = first.continued_copy(tmp_path / "continued", LATER)
    bench.arrive()
    center.project()

    assert [tag.uid for tag in center.copies.tags(bench.id, TagQuestion(OTHER)).held] == [V]
    assert center.copies.tags(bench.id, TagQuestion(THIRD)).held == ()
    assert center.holdings()[-1] == (W, THIRD, 1, bench.id, True, False)


def test_a_bench_cannot_begin_the_timeline_of_an_adopted_one(center_of_tags: Center, tmp_path: Path) -> None:
    """The first machine's key and the copy's journal are on one disk: the center knows this timeline as the other's."""
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM))
    first.arrive()
    clone = first.continued_copy(tmp_path / "clone", LATER)
    clone.arrive()
    batch = clone.batch(center.copies, first.id)

    assert batch.events[0].kind == "timeline-began"
    assert center.copies.receive(first.id, Batch(batch.after, batch.events)).outcome == "foreign"
    assert copy_at(center.database, first.id) == first.rows()


def test_the_projector_makes_the_tables_of_both(center_of_tags: Center, tmp_path: Path) -> None:
    center = center_of_tags
    first = center.bench("first")
    first.record(*tagged(U, ITEM))
    first.work(ITEM)
    first.arrive()
    clone = first.continued_copy(tmp_path / "clone", LATER)
    clone.arrive()
    center.project()
    with connect(center.database) as owner:
        rows = owner.execute("SELECT bench, uid, barcode FROM bindings ORDER BY bench = %s", (clone.id,)).fetchall()
        ids = owner.execute("SELECT DISTINCT id FROM outbox WHERE bench = %s", (clone.id,)).fetchall()
    assert rows == [(first.id, U, ITEM), (clone.id, U, ITEM)]
    assert sorted(name for (name,) in ids) == sorted(str(row[0]) for row in clone.outbox())
