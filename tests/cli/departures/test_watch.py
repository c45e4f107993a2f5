"""`station withdraw watch --ask` beside the emulated Alma: the library system's answer is journaled, and contradicts the journal
until Alma agrees."""

from __future__ import annotations

from pathlib import Path

from station.base.clock import SystemClock
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Role
from station.domain.withdrawals.withdrawal import withdrawal_id
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.cli.library_systems.test_library import Run, alma, alma_process, data, run, value
from tests.cli.session.test_sign_on import running
from tests.support.alma_process import AlmaProcess

__all__ = ["alma", "alma_process", "data", "run"]


def withdrawn_by_hand(data: Path, barcode: str) -> str:
    """Record a withdrawal that a person confirmed. Return its id."""
    store = open_store(data / JOURNAL, SystemClock())
    try:
        store.journal.order(ev.WorkerRegistered(worker="tess", role=Role.TECHNICIAN, operator="root"))
        item = ItemRecord(barcode=Barcode(barcode), title="A title")
        name = withdrawal_id(
            store.journal.order(
                ev.WithdrawalDecided(
                    barcode=barcode, reason="weeded", destination="recycle", item=item, operator="tess"
                )
            )
        )
        store.journal.order(ev.DeletionConfirmed(withdrawal=name, reason="deleted there", operator="tess"))
        return name
    finally:
        assert store.close()


def test_a_withdrawn_item_that_alma_still_has_is_listed_until_it_is_gone(
    run: Run, data: Path, alma: AlmaProcess
) -> None:
    settings = data / "station.toml"
    settings.write_text(
        settings.read_text().replace("enabled = true\nbase_url", "enabled = true\nlive_records = true\nbase_url")
    )
    name = withdrawn_by_hand(data, "2")
    assert value(run("withdraw", "watch", "--json")) == {"items": [], "catalog": "none"}, "nobody asked Alma yet"
    (row,) = value(run("withdraw", "watch", "--ask", "--json"), code=1)["items"]
    assert (row["barcode"], row["kind"], row["source"], row["withdrawal"]) == ("2", "still-there", "alma", name)
    alma.do("remove", barcode="2")
    with running(data):
        assert value(run("withdraw", "watch", "--ask", "--json"))["items"] == [], "the running station asked"
    kinds = [row["kind"] for row in value(run("journal", "show", "--json"))]
    assert kinds.count("presence-read") == 2, "the contradiction and its end"
