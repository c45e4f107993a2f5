"""`kill -9` during another program's change of security: no identity is lost, and the next start reports the
interruption."""

from __future__ import annotations

from pathlib import Path

from tests.support import station_process
from tests.support.whole_bench import Bench, bench, until


@station_process.beside
def test_killed_while_security_was_set(template: Path) -> None:
    with bench(template) as desk:
        _killed(desk)


def _killed(desk: Bench) -> None:
    settings = desk.data / "station.toml"
    settings.write_text(settings.read_text().replace("answer_ms = 300", "answer_ms = 20000"))
    code, uid = desk.item()
    screen = desk.open()
    done = desk.station("pad", "update", code, "--json")
    assert done.code == 0 and done.json[0]["uid"] == uid, repr(done)
    before = desk.reader.dump(uid)

    # The reader writes the AFI and does not answer. The station waits for the answer and is killed meanwhile.
    desk.reader.do("drop-answer", n=1, command="b027")
    asking = desk.start("pad", "security", code, "off", "--json")
    until(lambda: desk.reader.dump(uid)["afi"] == 0xC2, "the AFI is written", screen.process)
    screen.process.kill()
    ended = station_process.Ended(asking)
    screen.close()
    assert ended.code != 0, "the requester must not get a success"
    assert len(station_process.events(desk.data, "security-write-started")) == 1
    assert not station_process.events(desk.data, "security-write-verified")
    torn = desk.reader.dump(uid)
    assert station_process.identifier(torn) == code and torn["memory"] == before["memory"], (
        "the identity must be unchanged"
    )

    screen = desk.open()
    until(
        lambda: bool(station_process.events(desk.data, "security-write-interrupted")),
        "the next start says so",
        screen.process,
    )
    (event,) = station_process.events(desk.data, "security-write-interrupted")
    assert (event["uid"], event["barcode"], event["secure"], event["code"]) == (uid, code, False, "station-closed")
    done = desk.station("pad", "security", code, "off", "--json")
    assert done.code == 0 and done.json[0]["afi"] == 0xC2, repr(done)
    station_process.verified(desk.folder, desk.data)
