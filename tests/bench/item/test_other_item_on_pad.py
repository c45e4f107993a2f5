"""Another item on the pad during the checks."""

from __future__ import annotations

from station.domain.snapshot import Light, Phase, Sound
from station.domain.verdict import Verdict
from tests.bench.item.test_page_of_checks import all_good, answers
from tests.bench.item.test_rules import at_the_checks
from tests.support.simulated_bench import BOOK, CATALOG, Rig
from tests.support.told import told


def test_an_answer_waits_while_another_item_is_on_the_pad() -> None:
    rig = Rig()
    mine = at_the_checks(rig).tag_uid
    rig.lift()
    assert rig.now.state == "checking", "people look at the item in their hands"
    sounds = rig.now.sound_number
    rig.place(rig.world.tag(2))
    now = rig.look(2)
    assert (now.state, now.light, now.sound) == ("checking-other", Light.WARNING, Sound.WARNING)
    assert now.sound_number == sounds + 1, "it warns once"
    assert CATALOG[BOOK].title in told(now.prompt)
    assert all_good(rig).phase is Phase.CHECKING
    assert answers(rig) == []
    rig.lift()
    rig.place(mine)
    assert rig.now.state == "checking"
    assert all_good(rig).verdict is Verdict.PASS
