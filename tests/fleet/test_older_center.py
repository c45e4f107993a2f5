"""The center's database is set back to an older point: the benches send again from there, and nothing is missing."""

from __future__ import annotations

from pathlib import Path

from station.fleet.link import unsent
from station.store.postgres.connection import connect
from tests.fleet.conftest import ServedCenter
from tests.fleet.killed_center import PATH, KilledCenter
from tests.fleet.test_elsewhere import Bench
from tests.fleet.test_link import code, eventually, run, sent
from tests.store.postgres.test_backup import run as run_postgres
from tests.support.postgres import PostgresServer


def moved_on(fleet: KilledCenter) -> None:
    """Wait until each bench has sent and the projector has applied further events."""
    before = fleet.places()
    eventually(
        lambda: all(now[0] > then[0] and now[1] > then[1] for then, now in zip(before, fleet.places(), strict=True))
    )


def test_the_benches_send_again_what_an_older_database_lacks(
    postgres_server: PostgresServer, center: ServedCenter, tmp_path: Path
) -> None:
    fleet = KilledCenter(postgres_server, center, tmp_path, 5)
    fleet.start()
    try:
        moved_on(fleet)
        dump = str(tmp_path / "center.dump")
        run_postgres("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={center.database}")
        older = fleet.places()
        moved_on(fleet)
    finally:
        fleet.stop()
    continued, late = fleet.benches[0].bench, Bench(tmp_path / "Bench 9", center)
    continued.send()
    continued.go_on("00000000000000aa")  # a timeline that the older database does not know
    for bench in (continued, late):
        bench.work("30001000000051")
        bench.send()
    assert fleet.check() > 0

    center.kill()
    name = center.database.partition("dbname=")[2].partition(" ")[0]
    postgres_server.drop(name)
    run_postgres("pg_restore", "--create", "--exit-on-error", f"--dbname={postgres_server.address('postgres')}", dump)
    assert all(now[0] <= then[0] for then, now in zip(older, fleet.places(), strict=True))
    center.start()

    assert fleet.check() > 0, "copies, tables and ledger are complete"
    assert [unsent(bench.bench.path).count for bench in fleet.benches] == [0, 0]

    # A bench that joined later is not known any more. It joins again, and its journal comes whole.
    assert sent(late) == ["away"]
    assert run(late.folder, "fleet", "leave").exit_code == 0
    assert run(late.folder, "fleet", "join", code(center)).exit_code == 0
    late.send()
    key = (late.folder / "credentials" / "fleet").read_text().partition(".")[0]
    with connect(center.database) as owner:
        assert owner.execute(PATH, (key,)).fetchall() == late.rows()
