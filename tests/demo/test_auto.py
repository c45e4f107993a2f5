"""`station demo --auto`: the scripted operator on the real station, judged by the results and not by its report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base.words import Catalogue
from tests.golden.comparing import unexplained
from tests.golden.corpus import recorded
from tests.golden.doings import ended_as
from tests.support import station_process
from tests.support.pseudo_language import catalogue, plain_words

STORIES = {
    1: ("pass", station_process.own),
    2: ("pass", station_process.own),
    3: ("pass", station_process.own),
    4: ("pass", station_process.spare),
    5: ("fail", station_process.own),
    6: ("pass", station_process.own),
    7: ("pass", station_process.own),
    8: ("barcode-unknown", None),
    9: ("pass", station_process.own),
    10: ("pass", station_process.own),
    11: ("pass", station_process.spare),
    12: ("pass", station_process.spare),
    13: ("pass", station_process.spare),
    14: ("set-aside", None),
    15: ("pass", station_process.own),
}
"""Item -> expected verdict, and which of its two tags must hold it in the end."""

JUDGED = {station_process.barcode(number): what for number, (what, _) in STORIES.items() if what in ("pass", "fail")}
FOREIGN = "MIGRATED: N | a note of somebody else's that must stay"
COUNT = len(STORIES)
BLANK = bytes(112)
HALF = bytes.fromhex("0000000017e5281f0201f003050cc018").ljust(112, b"\0")
"""Memory of a tag whose first write was cut off: the first block, which finishes it, is not written yet."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with station_process.short_folder() as found:
        yield found


@pytest.fixture(scope="module")
def run(folder: Path) -> station_process.Ended:
    return auto(folder)


def auto(folder: Path) -> station_process.Ended:
    return station_process.station(
        folder, "demo", "--data", str(folder / "d"), "--auto", str(COUNT), "--fast", "--json"
    )


def test_its_files_are_for_its_own_account_only(folder: Path, run: station_process.Ended) -> None:
    assert run.code == 0, repr(run)
    open_to_others = {
        str(path.relative_to(folder)): f"{path.lstat().st_mode & 0o777:o}"
        for path in (folder / "d", *(folder / "d").rglob("*"))
        if path.lstat().st_mode & 0o077
    }
    assert open_to_others == {}


def test_every_story_ends_as_written(run: station_process.Ended) -> None:
    assert run.code == 0, repr(run)
    assert run.json["ok"] is True
    came = {row["number"]: (row["barcode"], row["came"], row["ok"]) for row in run.json["items"]}
    assert came == {number: (station_process.barcode(number), what, True) for number, (what, _) in STORIES.items()}
    assert "Traceback" not in run.err


def test_it_ends_as_it_ended_when_it_was_recorded(run: station_process.Ended, folder: Path) -> None:
    assert unexplained("demo", recorded("demo"), ended_as(run, folder / "d")) == set()


def test_tags_hold_their_items_by_a_literal_reading(run: station_process.Ended, folder: Path) -> None:
    tags = station_process.tag_files(folder / "d")
    holders = {uid(number): number for number, (_, uid) in STORIES.items() if uid is not None}
    for uid, number in holders.items():
        tag = tags[uid]
        assert (tag["dsfid"], tag["afi"], tag["locked"]) == (0x06, 0x07, []), uid
        memory = bytes.fromhex(tag["memory"])
        found = station_process.elements(memory)
        assert station_process.text_of(found[1]) == station_process.barcode(number)
        assert station_process.text_of(found[3]) == station_process.ISIL
        assert found[5] == b"\x06\x10"
        assert station_process.text_of(found[6]) == f"PZ4.C68 I43 no.{number}"
        end = sum(len(data) + 1 for data in found.values())
        assert not any(memory[end:]), "nothing follows the last element"


def test_tags_that_were_refused_are_untouched(run: station_process.Ended, folder: Path) -> None:
    tags = station_process.tag_files(folder / "d")
    assert station_process.identifier(tags[station_process.own(4)]) == station_process.barcode(5), (
        "the tag of another item keeps its content"
    )
    assert tags[station_process.own(11)]["locked"] == [1]
    assert tags[station_process.own(13)]["memory"].startswith("6865726520626520647261676f6e7321")
    for number in (4, 8, 11, 12, 13, 14):
        assert tags[station_process.own(number)]["writes"] == {}, number
    used = {uid(number) for number, (_, uid) in STORIES.items() if uid is station_process.spare}
    for number in STORIES:
        if station_process.spare(number) not in used:
            tag = tags[station_process.spare(number)]
            assert (bytes.fromhex(tag["memory"]), tag["dsfid"], tag["writes"]) == (BLANK, 0, {}), number


def test_the_results_file_holds_every_result_once(run: station_process.Ended, folder: Path) -> None:
    lines = station_process.results(folder / "d")
    assert sorted((line["barcode"], line["verdict"]) for line in lines) == sorted(JUDGED.items())
    for line in lines:
        number = int(line["barcode"][4:13])
        assert line["uid"] == STORIES[number][1](number)
    assert next(line for line in lines if line["verdict"] == "fail")["findings"]


def test_alma_holds_every_result_once_and_keeps_what_is_not_ours(run: station_process.Ended, folder: Path) -> None:
    items = json.loads((folder / "d" / "alma.json").read_text())
    for number in range(1, COUNT + 1):
        code = station_process.barcode(number)
        note = items[code]["item_data"]["internal_note_3"]
        assert note.startswith(FOREIGN), note
        entries = re.findall(r"RFID \[[^\]]+\] (\w+) 1/1 (\w+) ", note)
        uid = STORIES[number][1]
        assert entries == ([(JUDGED[code], uid(number))] if uid is not None else []), note


def test_the_journal_verifies_and_agrees(run: station_process.Ended, folder: Path) -> None:
    station_process.verified(folder, folder / "d")
    assert station_process.result_problems(folder / "d") == []
    assert {row["state"] for row in station_process.deliveries(folder / "d")} == {"delivered"}
    judged = {event["barcode"]: event["verdict"] for event in station_process.events(folder / "d", "item-judged")}
    assert judged == JUDGED
    kinds = {event["code"] for event in station_process.events(folder / "d", "tag-write-interrupted")}
    assert {"tag-lost"} <= kinds, "the lifted tag and the pulled plug were interruptions"


def test_the_same_command_again_exits_0_and_writes_nothing(run: station_process.Ended, folder: Path) -> None:
    data = folder / "d"

    def left() -> Any:
        notes = {code: item["item_data"] for code, item in json.loads((data / "alma.json").read_text()).items()}
        judged = [event["seq"] for event in station_process.events(data, "item-judged")]
        started = [event["seq"] for event in station_process.events(data, "tag-write-started")]
        return station_process.tag_files(data), (data / "results.jsonl").read_bytes(), notes, judged, started

    before = left()
    again = auto(folder)
    assert again.code == 0, repr(again)
    assert all(row["ok"] for row in again.json["items"])
    assert left() == before
    station_process.verified(folder, data)


# --- in another language ------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_every_story_ends_as_written_in_the_language_of_its_settings(folder: Path) -> None:
    """The operator acts on states and codes only, not on words of the screens. This language has codes for words."""
    data = folder / "x"
    (data / "words").mkdir(parents=True)
    (data / "words/xx.po").write_text(as_po(catalogue()), encoding="utf-8")
    (data / "station.toml").write_text('[library]\nisil = "US-Old"\n[screen]\nlanguage = "xx"\n')
    run = station_process.station(folder, "demo", "--data", str(data), "--auto", str(COUNT), "--fast")
    assert run.code == 0, repr(run)
    head, *rows, last = run.out.splitlines()
    assert [row.split()[1] for row in rows] == [station_process.barcode(number) for number in STORIES]
    codes = "pass fail set aside barcode unknown"
    assert plain_words("\n".join((head, *rows, last)), codes) == set(), run.out
    verdicts = {event["barcode"]: event["verdict"] for event in station_process.events(data, "item-judged")}
    assert verdicts == JUDGED
    settings = (data / "station.toml").read_text()
    assert 'language = "xx"' in settings and "US-Old" not in settings, (
        "the language stays, all other settings are the demo's"
    )


@pytest.mark.parametrize(("text", "code"), [('[screen]\nlanguage = "yy"\n', 3), ("not TOML", 0)])
def test_a_language_without_words_is_refused_before_anything_is_made(text: str, code: int) -> None:
    """Unreadable settings are replaced."""
    with station_process.short_folder() as other:
        (other / "d").mkdir()
        (other / "d/station.toml").write_text('[library]\nisil = "US-Old"\n' + text)
        done = station_process.station(other, "demo", "--data", str(other / "d"), "--auto", "1", "--fast")
        assert done.code == code, repr(done)
        if code:
            assert "screen.language: there are no texts for the language 'yy'" in done.err
            assert text in (other / "d/station.toml").read_text()
            assert not (other / "d/tags").exists()


def as_po(words: Catalogue) -> str:
    """Return the sentences as a translator's file; those with several forms stay English."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    return head + "".join(
        f"\nmsgid {quoted(key)}\nmsgstr {quoted(one.forms[0])}\n"
        for key, one in words.entries.items()
        if len(one.forms) == 1
    )


# --- and when an item does not end as written ---------------------------------------------------------------------------


def items(folder: Path, *flags: str, count: int = 1) -> station_process.Ended:
    arguments = ("demo", "--data", str(folder / "d"), "--auto", str(count), "--fast", *flags)
    return station_process.station(folder, *arguments, before=("tests.demo.impatient:impatient",))


def put_tag(folder: Path, number: int, memory: str, **more: object) -> None:
    """Write the file of the tag in this item, as an earlier run of the demo left it."""
    tags, uid = folder / "d" / "tags", station_process.own(number)
    tags.mkdir(parents=True, exist_ok=True)
    tag = {"uid": uid, "chip": "slix", "memory": memory, "afi": 0, "dsfid": 0, "locked": [], **more}
    (tags / f"{uid}.json").write_text(json.dumps(tag))


def test_half_written_tags_of_a_session_that_the_journal_lost_are_overwritten() -> None:
    with station_process.short_folder() as other:
        for number in (2, 3):
            put_tag(other, number, HALF.hex())
        done = items(other, "--json", count=4)
        assert (done.code, [row["came"] for row in done.json["items"]]) == (0, ["pass"] * 4), repr(done)
        tags = station_process.tag_files(other / "d")
        for number in (1, 2, 3):
            assert station_process.identifier(tags[station_process.own(number)]) == station_process.barcode(number)


def test_a_sabotaged_tag_ends_with_1_and_says_which(folder: Path) -> None:
    """The tag's file makes block 2 locked, which no story of item 1 expects."""
    with station_process.short_folder() as other:
        put_tag(other, 1, BLANK.hex(), locked=[2])
        done = items(other, "--json")
        assert done.code == 1, repr(done)
        row = done.json["items"][0]
        assert (done.json["ok"], row["ok"], row["came"]) == (False, False, "stuck")
        assert "tag-locked" in row["note"]
        left = station_process.tag_files(other / "d")[station_process.own(1)]
        assert (left["memory"], left["dsfid"], left.get("writes", {})) == (BLANK.hex(), 0, {})
        assert station_process.results(other / "d") == []


def test_a_result_that_alma_cannot_take_ends_with_1(run: station_process.Ended, folder: Path) -> None:
    """The note field is full of other text: the delivery is parked, and the row reports it."""
    with station_process.short_folder() as other:
        (other / "d").mkdir()
        item = json.loads((folder / "d" / "alma.json").read_text())[station_process.barcode(1)]
        item["item_data"]["internal_note_3"] = "n" * 1000
        (other / "d" / "alma.json").write_text(json.dumps({station_process.barcode(1): item}))
        done = items(other)
        assert done.code == 1, repr(done)
        assert "NOT AS WRITTEN" in done.out and "parked" in done.out
        states = {row["system"]: row["state"] for row in station_process.deliveries(other / "d")}
        assert states == {"alma": "parked", "file": "delivered"}
        note = json.loads((other / "d" / "alma.json").read_text())[station_process.barcode(1)]["item_data"][
            "internal_note_3"
        ]
        assert note == "n" * 1000
