"""A bench and its archive: an old write is undone with the file, and stops the bench without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.deliveries.delivery import DeliveryState
from station.domain.snapshot import Phase
from station.domain.workflows import Workflow
from station.runtime.data_directory import ARCHIVES
from station.store.journal.archiving import archive
from station.store.journal.outbox import OutboxStore
from tests.stories.test_stored_form import opened, process
from tests.support.simulated_bench import BOOK, RULES, Rig


@pytest.mark.parametrize("here", [True, False])
def test_the_undo_of_an_archived_write_reads_the_archive_or_stops(tmp_path: Path, here: bool) -> None:
    (directory := tmp_path / ARCHIVES).mkdir()
    with opened(tmp_path, RULES) as journal:
        rig = Rig(journal=journal)  # type: ignore[arg-type]
        rig.look()
        process(rig, BOOK, 1)
        (uid,) = rig.world.tags
        written = rig.world.tags[uid].image()
        outbox = OutboxStore(journal.sql, journal)
        for delivery in outbox.heads():
            outbox.lease(delivery.id)
            outbox.settle(delivery.id, DeliveryState.DELIVERED)
        made = archive(journal, journal.sql, "2100", directory, directory)
        assert made is not None
        if not here:
            made.path.unlink()
        rig.lift()
        rig.enter(Workflow.INSPECT)
        rig.place(uid)
        rig.look(2)
        if here:
            rig.act("undo")
            rig.act("undo-yes")
            assert not any(rig.world.tags[uid].memory), "the tag is blank, as before the write"
        else:
            assert rig.now.phase is Phase.STOPPED and rig.now.fault is not None
            assert rig.now.fault.code == "archive-unusable"
            assert rig.world.tags[uid].image() == written
