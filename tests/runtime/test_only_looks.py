"""The reader of a station that only looks, beside the journal that takes no event of a write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.base.errors import OnlyLooks
from station.domain.tag_image import Uid
from station.runtime.only_looks import LookingReader
from tests.support.simulated_bench import SimReader, World


@pytest.mark.parametrize(
    "write",
    [
        lambda reader, uid: reader.write_blocks(uid, 0, b"1234", 4),
        lambda reader, uid: reader.write_afi(uid, 7),
        lambda reader, uid: reader.write_dsfid(uid, 6),
        lambda reader, uid: reader.write_eas(uid, on=True),
        lambda reader, uid: reader.lock_block(uid, 0),
    ],
    ids=["blocks", "AFI", "DSFID", "EAS", "lock"],
)
def test_it_reads_and_refuses_every_write_before_the_reader_hears_of_it(
    write: Callable[[LookingReader, Uid], None],
) -> None:
    world = World()
    uid = world.tag(1)
    world.pad = [uid]
    reader = LookingReader(SimReader(world))
    reader.reconnect()
    assert [tag.uid for tag in reader.inventory().tags] == [uid]
    heard = world.commands
    with pytest.raises(OnlyLooks):
        write(reader, uid)
    assert world.commands == heard
