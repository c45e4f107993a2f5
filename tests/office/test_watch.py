"""The deletion watch at the desk and by command: what a look-up showed stands on its page, and Today counts it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from station.cli import station
from station.domain.events import Presence, PresenceRead
from tests.office.conftest import office
from tests.office.desk import EVIL, ITEM, journal, made, text_of
from tests.support.harmless import bad_characters


def reads(data: Path, presence: Presence) -> None:
    store = journal(data)
    try:
        store.journal.order(PresenceRead(system="alma", barcode=ITEM, presence=presence, title=EVIL))
    finally:
        store.close()


def test_an_item_that_the_library_system_does_not_have_is_counted_until_it_is_there_again(tmp_path: Path) -> None:
    made(tmp_path, sign_on=False)
    reads(tmp_path, Presence.ABSENT)
    with office(tmp_path) as desk:
        today, page = desk.get("/today").text, desk.get("/withdrawals/watch").text
        other = desk.get("/withdrawals/watch?kind=still-there").text
    assert '<a href="/withdrawals/watch">▲ 1 item is in only one of library system and journal</a>' in today
    assert ITEM in page and "Gone there, in use here" in text_of(page) and "Alma" in page
    assert not bad_characters(page, allowed="\n\u00ad")
    assert ITEM not in other
    command = ["--data", str(tmp_path), "withdraw", "watch", "--json"]
    listed = CliRunner().invoke(station, command)
    (row,) = json.loads(listed.stdout)["items"]
    assert (listed.exit_code, row["barcode"], row["kind"], row["source"]) == (1, ITEM, "gone-there", "alma")
    reads(tmp_path, Presence.PRESENT)
    with office(tmp_path) as desk:
        assert "/withdrawals/watch" not in desk.get("/today").text
    assert CliRunner().invoke(station, command).exit_code == 0
