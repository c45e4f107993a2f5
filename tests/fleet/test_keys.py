"""The key of a bench ends when the bench leaves, or by one command at the center; the copy stays."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.store.postgres.connection import connect
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_link import bench as bench  # the fixture
from tests.fleet.test_link import code, path_at, run, sent
from tests.support.copied_bench import CopiedBench


def key_of(bench: CopiedBench) -> Path:
    return bench.folder / "credentials" / "fleet"


@pytest.fixture
def operated(center: ServedCenter) -> ServedCenter:
    """The center, with the settings of the person who runs it."""
    (center.data / "station.toml").write_text(f'[fleet]\ndatabase = "{center.database}"\n')
    return center


def has_key(center: ServedCenter) -> list[bool]:
    return [bench["has_key"] for bench in msgspec.json.decode(run(center.data, "fleet", "status", "--json").output)]


def test_a_bench_that_leaves_sends_the_rest_and_its_key_ends(operated: ServedCenter, bench: CopiedBench) -> None:
    key = key_of(bench).read_text()
    assert has_key(operated) == [True]

    left = run(bench.folder, "fleet", "leave")

    assert left.exit_code == 0, left.output
    assert path_at(operated) == bench.rows()
    assert not key_of(bench).exists()
    key_of(bench).write_text(key)
    key_of(bench).chmod(0o600)
    assert sent(bench) == ["away"]
    assert has_key(operated) == [False]


def test_a_stolen_key_ends_by_one_command_and_the_bench_gets_another(
    operated: ServedCenter, bench: CopiedBench
) -> None:
    name = key_of(bench).read_text().partition(".")[0]
    assert run(operated.data, "fleet", "leave", "--bench", name).exit_code == 0
    assert sent(bench) == ["away"]
    assert run(operated.data, "fleet", "leave", "--bench", "nobody").exit_code != 0

    left = run(bench.folder, "fleet", "leave")
    assert f"Events not sent: {len(bench.rows())}." in left.output
    assert run(bench.folder, "fleet", "join", code(operated, name)).exit_code == 0
    assert sent(bench) == ["sent", "current"]
    assert path_at(operated) == bench.rows()
    with connect(operated.database) as connection:
        assert connection.execute("SELECT count(*) FROM bench").fetchone() == (1,)


def test_a_bench_whose_rest_is_not_taken_keeps_its_key(operated: ServedCenter, bench: CopiedBench) -> None:
    operated.kill()
    assert run(bench.folder, "fleet", "leave").exit_code != 0
    assert key_of(bench).exists()


def test_a_copy_on_another_machine_does_not_end_the_key(
    operated: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    sent(bench)
    clone = bench.copy_to(tmp_path / "clone")
    operated.settings_of_bench(clone.folder)
    (clone.folder / "credentials").mkdir()
    key_of(clone).write_text(key_of(bench).read_text())
    key_of(clone).chmod(0o600)

    assert run(clone.folder, "fleet", "leave").exit_code != 0
    assert has_key(operated) == [True]
