"""A site's own words and rules with an error: the bench opens, and nothing is judged by rules that the site did not
mean."""

from __future__ import annotations

import json

import pytest

from tests.support import station_process
from tests.support.whole_bench import Bench

BAD_RULES = '[[rule]]\nid = "own"\nnumber = 100\nquestionn = "?"\n'
BAD_WORDS = 'msgid "word.verdict.pass"\nmsgstr "{wrong}"\n'


@pytest.fixture
def bad_rules(desk: Bench) -> Bench:
    """A bench whose rule file has an error in its first table."""
    (desk.data / "rules.toml").write_text(BAD_RULES)
    with (desk.data / "station.toml").open("a") as settings:
        settings.write('[rules]\nsite_file = "rules.toml"\n')
    return desk


@pytest.mark.parametrize("running", [False, True], ids=["alone", "remote"])
def test_no_item_is_judged_with_bad_rules(bad_rules: Bench, running: bool) -> None:
    desk = bad_rules
    if running:
        desk.open()
    code, uid = desk.item()
    done = desk.station("process", code, "--pass-all")
    assert done.code == 3, repr(done)
    assert "rules.toml, line 4: own: " in done.err and "questionn" in done.err, done.err
    desk.blank(uid)
    assert station_process.events(desk.data, "item-judged") == []
    board = json.loads(desk.station("board", "--json").out)
    assert board["unusable"]["count"] == 1 and "rules.toml, line 4" in board["unusable"]["oldest"][0]

    (desk.data / "rules.toml").write_text("")
    if running:
        assert desk.station("process", code, "--pass-all").code == 3, "until it starts again"
    else:
        assert desk.station("process", code, "--pass-all").code == 0, "the corrected file is used"


def test_bad_words_are_left_out(desk: Bench) -> None:
    (desk.data / "words").mkdir()
    (desk.data / "words" / "en.po").write_text(BAD_WORDS)
    code, uid = desk.item()
    done = desk.station("process", code, "--pass-all")
    assert done.code == 0 and "wrong" not in done.out, repr(done)
    desk.holds(uid, code)
    board = desk.station("board")
    assert board.code == 1 and "words/en.po:1: word.verdict.pass: " in board.out, repr(board)
