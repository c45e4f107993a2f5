"""`station tag decode`, `explain`, `diff`, `doctor` and `read`: any dump, no data directory, no output with control
characters."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared import read_pad
from station.cli.shared.app import App
from station.cli.tag import view as tag_view
from station.domain.events import TagWriteStarted
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import Part, TagContent, TagProfile
from station.encoding.dumps.dumps import read_dump
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import write_dump
from station.encoding.recognition.annotate import annotate, plain
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.support import forked
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S
from tests.support.sample_tags import of_model

DATA = Path(__file__).resolve().parents[2] / "encoding/data"
SAMPLES = sorted(
    path.name
    for path in DATA.iterdir()
    if path.name not in ("words.txt", "other.json", "mifare.nfc") and path.is_file()
)
UID = "E00401501F453D8F"
MEMORY = "9100051CBE991A140201D0140204B34607441CB6E2E335D6830207ACC09EBAA06F6B0000"
"""Worked example of the standard (docs/reference/tag-data.md#worked-example)."""
ISIL = "US-InU-Mu"
OURS = TagProfile(ISIL)
BLANK = TagImage(Uid(UID), 4, bytes(112), (False,) * 28, 0, 0)
BARCODE = "31234000000016"


def run(*arguments: object, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(station, ["tag", *map(str, arguments)], input=stdin)


def of_json(*arguments: object, stdin: str | bytes = "") -> Any:
    result = run(*arguments, "--json", stdin=stdin)
    assert result.stderr == ""
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[Path]:
    """A data directory that does not exist; assert that no command creates it."""
    data = tmp_path / "none"
    monkeypatch.setenv("STATION_DATA", str(data))
    yield data
    assert not data.exists()


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of the library that owns the tag of the worked example."""
    data = tmp_path / "ours"
    data.mkdir()
    (data / "station.toml").write_text(template(**{"library.isil": ISIL}), encoding="utf-8")
    monkeypatch.setenv("STATION_DATA", str(data))
    return data


def on_pad(monkeypatch: pytest.MonkeyPatch, *images: TagImage) -> None:
    monkeypatch.setattr(read_pad, "images", lambda app: images)


def finished(barcode: str = BARCODE, uid: str = UID, **more: Any) -> TagImage:
    return new_image(replace(BLANK, uid=Uid(uid)), TagContent(barcode, **more), OURS)


def saved(path: Path, image: TagImage, form: Format = Format.JSON) -> Path:
    path.write_bytes(write_dump(image, form))
    return path


# --- decode ---------------------------------------------------------------------------------------------------------


@for_each("name", SAMPLES)
def test_every_sample_is_decoded_from_wherever_it_comes(name: str) -> None:
    path = DATA / name
    by_name = run("decode", path)
    assert by_name.exit_code == 0, by_name.output
    assert "123456789012" in by_name.stdout
    assert by_name.stderr.startswith(f"Format: {read_dump(path.read_bytes()).format.value}.")
    assert run("decode", "--file", path).stdout == by_name.stdout
    assert run("decode", "-", stdin=path.read_bytes()).stdout == by_name.stdout
    assert run("decode", "--file", "-", stdin=path.read_bytes()).stdout == by_name.stdout
    (value,) = of_json("decode", path)
    content = value["recognition"]["content"]
    assert (content["primary_item_identifier"], content["owner_institution"]) == ("123456789012", ISIL)
    assert (content["part"], content["parts"], content["shelf_location"]) == (3, 12, "QA268.L55")
    assert value["image"]["memory"].startswith(MEMORY)
    assert value["explanation"] == by_name.stdout.splitlines()


def test_the_json_of_decode_is_stable() -> None:
    (value,) = of_json("decode", MEMORY)
    assert set(value) == {"format", "assumed", "image", "recognition", "explanation"}
    assert set(value["image"]) == {"uid", "block_size", "memory", "locked", "afi", "dsfid"}
    assert set(value["recognition"]) == {
        "state", "model", "confidence", "reasons", "content", "candidates", "decoding",
    }  # fmt: skip
    assert set(value["recognition"]["content"]) == {
        "primary_item_identifier", "owner_institution", "part", "parts", "type_of_usage", "shelf_location", "further",
        "elements",
    }  # fmt: skip
    assert set(value["recognition"]["content"]["elements"][0]) == {
        "oid", "name", "value", "offset", "length", "compaction",
    }  # fmt: skip


def test_what_a_dump_does_not_tell_is_assumed_and_said() -> None:
    (value,) = of_json("decode", MEMORY)
    assert (value["format"], value["assumed"]) == ("hex", ["uid", "block_size", "locked", "dsfid", "afi"])
    assert (value["image"]["dsfid"], value["image"]["afi"], value["image"]["block_size"]) == (6, 7, 4)
    said = run("decode", MEMORY).stderr
    assert "assumed: UID E004000000000000, block size 4, locks none, DSFID 06, AFI 07." in said
    (value,) = of_json("decode", DATA / "iso15693.nfc")
    assert (value["assumed"], value["image"]["uid"]) == ([], UID)
    assert run("decode", DATA / "iso15693.nfc").stderr == "Format: flipper.\n"


def test_a_dump_of_bytes_alone_is_not_held_against_the_tag() -> None:
    danish = run("encode", "--id", BARCODE, "--owner", "DE-705", "--model", "28560-3", "--to", "hex").stdout
    (value,) = of_json("decode", danish)
    assert (value["recognition"]["state"], value["image"]["dsfid"]) == ("foreign", 0x3E)
    (told,) = of_json("decode", danish, "--dsfid", "0")
    assert (told["recognition"]["state"], told["image"]["dsfid"]) == ("incomplete", 0)


def test_what_was_assumed_is_marked_where_it_is_shown() -> None:
    for command in ("decode", "explain"):
        lines = run(command, MEMORY, "--afi", "0x07").stdout.splitlines()
        assert lines[1] == "UID E004000000000000 (assumed), 36 bytes in blocks of 4."
        assert "DSFID 06 (assumed): marks a finished tag of this model." in lines
        assert "AFI 07: in stock; the gate alarms." in lines
        assert "(assumed)" not in run(command, DATA / "iso15693.nfc").stdout


def test_the_doctor_finds_nothing_wrong_with_a_dsfid_that_was_only_assumed() -> None:
    """The negative vector of ISO 28560-3: its CRC is wrong, and its DSFID is unknown."""
    (vector,) = of_model("28560-3", "28560-3/negative")
    (value,) = of_json("doctor", vector["hex"])
    assert [each["code"] for each in value["diagnoses"]] == ["crc-wrong", "isil-unset"]
    (told,) = of_json("doctor", vector["hex"], "--dsfid", "6")
    assert [each["code"] for each in told["diagnoses"]] == ["crc-wrong", "dsfid-other-model", "isil-unset"]


def test_a_blank_dump_is_of_a_new_tag() -> None:
    for blank in ("00" * 112, "55" * 24 + "00" * 88):
        (value,) = of_json("doctor", blank)
        assert (value["image"]["dsfid"], value["image"]["afi"], value["recognition"]["state"]) == (0, 0, "blank")
        assert not [each for each in value["diagnoses"] if each["severity"] in ("major", "critical")]


def test_the_command_line_counts_before_the_dump() -> None:
    options = ["--uid", "e004010000000001", "--dsfid", "0x3e", "--afi", "C2", "--block-size", "8"]
    (value,) = of_json("decode", DATA / "iso15693.nfc", *options[:6])
    image = value["image"]
    assert (image["uid"], image["dsfid"], image["afi"]) == ("E004010000000001", 0x3E, 0xC2)
    (value,) = of_json("decode", DATA / "plain.bin", *options)
    assert value["image"]["block_size"] == 8


@pytest.mark.parametrize(("said", "afi"), [("21", 0x21), ("0x21", 0x21), ("0X21", 0x21), ("c2", 0xC2), ("7", 0x07)])
def test_a_byte_on_the_command_line_is_hexadecimal(said: str, afi: int) -> None:
    for option, field in (("--afi", "afi"), ("--dsfid", "dsfid")):
        (value,) = of_json("decode", MEMORY, option, said)
        assert value["image"][field] == afi


def test_a_decimal_byte_is_refused_with_its_hexadecimal() -> None:
    refused = run("decode", MEMORY, "--afi", "194")
    assert refused.exit_code == 2
    assert "'194' is no byte. Give two hexadecimal digits, as C2 or 0xC2. Decimal 194 is C2." in refused.stderr


@for_each(
    ("arguments", "code"),
    [
        (["decode", MEMORY, "--dsfid", "C2h"], 2),
        (["decode", MEMORY, "--dsfid", "256"], 2),
        (["decode", MEMORY, "--dsfid", "0x100"], 2),
        (["decode", MEMORY, "--dsfid", "0b11"], 2),
        (["decode", MEMORY, "--dsfid", ""], 2),
        (["decode", MEMORY, "--afi", "-1"], 2),
        (["decode", MEMORY, "--uid", "E004"], 2),
        (["decode", MEMORY, "--block-size", "33"], 2),
        (["decode", MEMORY, "--format", "pdf"], 2),
        (["decode", MEMORY, "--binary", "--format", "hex"], 2),
        (["decode", "--format", "hex"], 2),
        (["decode", MEMORY, "--profile", "nobody"], 3),
        (["decode", MEMORY, "--profile", "none.toml"], 3),
        (["decode", MEMORY, "--format", "flipper"], 21),
        (["decode", "112233"], 21),
        (["decode", "x" * 5000], 21),
        (["decode", "a\x00b"], 21),
        (["decode", "nofile.txt"], 21),
        (["decode", "--file", "nofile.txt"], 21),
        (["decode", str(DATA / "other.json")], 21),
        (["decode", str(DATA / "words.txt")], 21),
        (["diff", "-", "-"], 2),
        (["diff", MEMORY, "--file", "x"], 2),
        (["doctor", MEMORY, "--part", "3/2"], 2),
        (["doctor", MEMORY, "--part", "2"], 2),
        (["abandon", "E004"], 2),
        (["decode"], 3),
        (["explain"], 3),
        (["doctor"], 3),
        (["diff", MEMORY], 3),
    ],
)
def test_what_cannot_be_done_ends_with_the_code_of_its_kind(arguments: list[str], code: int) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr
    assert result.stderr.replace("\n", "").isprintable()


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_text("block 0: 11 22 33 44\nblock 2: 11 22 33 44\n")
    result = run("decode", broken)
    assert (result.exit_code, result.stdout) == (21, "")
    assert "line 2: block 1 is expected here, not block 2" in result.stderr
    error = json.loads(run("decode", broken, "--json").stdout)["error"]
    assert (error["code"], error["exit_code"]) == ("dump-unreadable", 21)


def test_an_endless_stream_is_refused() -> None:
    assert run("decode", "-", stdin=b"\0" * 300_000).exit_code == 21
    assert run("decode", "--file", "/dev/zero").exit_code == 21
    with Path("/dev/zero").open("rb") as zeros:
        assert forked.run("tag", "decode", "-", stdin=zeros, timeout=PATIENCE_S).returncode == 21


# --- explain --------------------------------------------------------------------------------------------------------


def test_an_explained_dump_is_the_annotated_one() -> None:
    image = read_dump((DATA / "iso15693.nfc").read_bytes()).image()
    ranges = annotate(image, recognise(image, TagProfile("")))
    result = run("explain", DATA / "iso15693.nfc")
    assert result.exit_code == 0
    assert "\n".join(plain(image.memory, ranges)) + "\n" in result.stdout
    assert "Primary item identifier = 123456789012" in result.stdout
    (value,) = of_json("explain", DATA / "iso15693.nfc")
    assert set(value) == {"format", "assumed", "image", "recognition", "ranges"}
    assert [(each["offset"], each["length"], each["part"]) for each in value["ranges"]] == [
        (each.offset, each.length, each.part.value) for each in ranges
    ]
    assert sum(each["length"] for each in value["ranges"]) == 112


def test_colour_says_nothing_that_the_letters_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    without = run("explain", DATA / "iso15693.nfc")
    assert "\x1b" not in without.stdout, "not a terminal"
    coloured = run("explain", DATA / "iso15693.nfc", "--color")
    assert "\x1b[32m\x1b[1m91 00 05 1C BE 99 1A 14\x1b[0m" in coloured.stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.stdout) == without.stdout
    assert "\x1b" not in run("explain", DATA / "iso15693.nfc", "--color", "--json").stdout
    monkeypatch.setattr(tag_view, "wants_color", lambda color: color is not False)
    assert "\x1b" in run("explain", DATA / "iso15693.nfc").stdout
    assert "\x1b" not in run("explain", DATA / "iso15693.nfc", "--no-color").stdout


def test_coloured_lines_cannot_act_either(capsys: pytest.CaptureFixture[str]) -> None:
    tag_view.show(App(), None, [(("\x1b[2Ja\u202e", None), ("\x1b]0;b\x07", Part.OWNER))], color=True)
    assert capsys.readouterr().out == "[2Ja\x1b[36m]0;b\x1b[0m\n"


def test_a_terminal_gets_colour_unless_it_does_not_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert tag_view.wants_color(None)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not tag_view.wants_color(None)
    assert tag_view.wants_color(True)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not tag_view.wants_color(None)


def test_every_part_has_its_style_and_no_two_of_the_content_look_alike() -> None:
    assert set(tag_view.STYLES) == set(Part)
    content = [
        str(tag_view.STYLES[part]) for part in (Part.IDENTIFIER, Part.OWNER, Part.DATA, Part.CHECK, Part.LEFTOVER)
    ]
    assert len(set(content)) == len(content)


# --- hostile tags ---------------------------------------------------------------------------------------------------

_ESCAPE = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae"
HOSTILE = [
    bytes([0xC1, len(_ESCAPE)]) + _ESCAPE,  # UTF-8 identifier (ISO/IEC 15962 compaction 7)
    bytes([0x11, 0x02, 0x30, 0x39, 0xEF, 0x02, len(_ESCAPE)]) + _ESCAPE,  # a title
    b"\x04\x11\x00\x01\x1b[2Jabc",  # 3M
    b"\x1b[2J" * 20,
]


@for_each("command", ["decode", "explain", "doctor"])
@for_each("memory", HOSTILE)
def test_a_tag_cannot_act_on_the_terminal(command: str, memory: bytes) -> None:
    dump = memory.ljust(112, b"\0").hex()
    for arguments in ([command, dump], [command, dump, "--json"]):
        result = run(*arguments)
        assert result.exit_code in (0, 1), result.output
        assert result.output.replace("\n", "").isprintable()
    compared = run("diff", dump, "00" * 112)
    assert compared.exit_code == 1
    assert compared.output.replace("\n", "").isprintable()


# --- diff -----------------------------------------------------------------------------------------------------------


def test_the_same_tag_in_two_formats_does_not_differ() -> None:
    result = run("diff", DATA / "iso15693.nfc", DATA / "proxmark-v4.json")
    assert (result.exit_code, result.stdout) == (0, "No difference.\n")
    value = of_json("diff", DATA / "blocks.txt", DATA / "plain.eml")
    assert (value["same"], value["unknown"]) == (True, ["uid", "locked", "dsfid", "afi"])


def test_differences_are_told_by_element_and_by_block(tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", finished(part=1, parts=3))
    new = saved(
        tmp_path / "new.nfc", replace(finished(part=2, parts=3, uid="E00401501F453D90"), afi=0xC2), Format.FLIPPER
    )
    result = run("diff", old, new)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert f"UID: {UID} -> E00401501F453D90" in lines
    assert "AFI: 07 -> C2" in lines
    assert "Set information (OID 4): 31 -> 32" in lines
    (block,) = (line for line in lines if line.startswith("block"))
    was, now = (bytes.fromhex(each) for each in block[9:].split("->"))
    assert was != now
    value = of_json("diff", old, new)
    assert value["same"] is False
    assert set(value["differences"]) == {"chip", "meaning", "elements", "blocks"}
    assert value["differences"]["elements"] == [{"oid": 4, "name": "Set information", "old": "31", "new": "32"}]
    assert [(each["old"], each["new"]) for each in value["differences"]["blocks"]] == [
        (was.hex().upper(), now.hex().upper())
    ]


def test_elements_come_and_go_and_tags_have_other_sizes(tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", BLANK)
    new = saved(tmp_path / "new.json", finished())
    lines = run("diff", old, new).stdout.splitlines()
    assert "State: blank -> foreign" in lines
    assert f"Primary item identifier (OID 1): new, {BARCODE}" in lines
    assert f"Primary item identifier (OID 1): removed, it was {BARCODE}" in run("diff", new, old).stdout
    small = saved(tmp_path / "small.json", TagImage(Uid(UID), 4, bytes(32), (False,) * 8, 0, 0))
    shorter = run("diff", old, small).stdout
    assert "Bytes of memory: 112 -> 32" in shorter
    assert "block  27  00 00 00 00 -> no such block" in shorter
    assert "block   7" not in shorter


def test_two_models_are_compared_by_what_they_say(tmp_path: Path) -> None:
    options = ["--id", BARCODE, "--owner", ISIL, "--part", "2/3", "--to", "json"]
    (tmp_path / "two.json").write_text(run("encode", *options).stdout)
    (tmp_path / "three.json").write_text(run("encode", *options, "--profile", "iso-28560-3").stdout)
    value = of_json("diff", tmp_path / "two.json", tmp_path / "three.json")
    assert value["differences"]["elements"] == [], "the same item, part 2 of 3, of the same library"
    assert [change["name"] for change in value["differences"]["meaning"]] == ["Data model"]


def test_locks_differ_too(tmp_path: Path) -> None:
    locked = saved(tmp_path / "a.json", replace(BLANK, locked=(True, True, *BLANK.locked[2:])))
    result = run("diff", locked, saved(tmp_path / "b.json", BLANK))
    assert (result.exit_code, result.stdout) == (1, "Locked blocks: 0, 1 -> none\n")


def test_a_dump_is_compared_with_the_tag_on_the_pad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_pad(monkeypatch, finished())
    before = saved(tmp_path / "before.json", finished())
    assert run("diff", before).exit_code == 0
    assert run("diff", before, "--format", "json").exit_code == 0
    on_pad(monkeypatch, replace(finished(), dsfid=0))
    assert "DSFID: 06 -> 00" in run("diff", before).stdout
    on_pad(monkeypatch, finished(), finished(uid="E00401501F453D90"))
    assert run("diff", before).exit_code == 21


# --- doctor ---------------------------------------------------------------------------------------------------------


def test_a_healthy_tag(ours: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "tag.json", finished())
    result = run("doctor", path, "--barcode", BARCODE, "--part", "1/1")
    assert (result.exit_code, result.stdout) == (0, f"UID {UID}\nNothing is wrong with this tag.\n")
    (value,) = of_json("doctor", path)
    assert set(value) == {"format", "assumed", "image", "recognition", "diagnoses"}
    assert value["diagnoses"] == []
    assert ours.exists()


def test_a_sick_tag_says_how_serious_it_is_and_what_to_do(ours: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "tag.json", finished())
    result = run("doctor", path, "--barcode", "31234000000024")
    assert result.exit_code == 1
    (value,) = of_json("doctor", path, "--barcode", "31234000000024")
    (found,) = value["diagnoses"]
    assert set(found) == {"code", "severity", "sentence", "advice", "offset", "length", "detail", "values"}
    assert found["severity"] in ("major", "critical")
    assert f"{found['severity'].upper():8}  {found['sentence']}" in result.stdout.splitlines()
    assert f"What to do: {found['advice']}" in result.stdout
    assert ours.exists()


def test_something_major_fails(ours: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "tag.json", finished("12345"))
    (value,) = of_json("doctor", path)
    assert {each["severity"] for each in value["diagnoses"]} == {"major"}, "12345 is not one of this library's barcodes"
    assert run("doctor", path).exit_code == 1
    assert ours.exists()


def test_what_is_only_worth_knowing_does_not_fail(ours: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "tag.json", finished(part=2, parts=3))
    assert run("doctor", path).exit_code == 0
    (value,) = of_json("doctor", path)
    assert {each["severity"] for each in value["diagnoses"]} == {"info"}, "the other parts were not examined"
    assert run("doctor", DATA / "iso15693.nfc").exit_code == 1, "that dump says that the AFI is locked"
    assert "afi-locked" in run("doctor", DATA / "iso15693.nfc").stdout
    assert ours.exists()


def test_an_item_on_loan_and_a_dump_that_does_not_tell_the_afi(ours: Path, tmp_path: Path) -> None:
    dump = finished().memory.hex()
    for options in ([], ["--on-loan"]):
        assert of_json("doctor", dump, *options)[0]["diagnoses"] == [], "unknown data must not count against the tag"
    path = saved(tmp_path / "tag.json", finished())
    assert of_json("doctor", path, "--on-loan")[0]["diagnoses"]
    assert ours.exists()


def test_the_parts_of_a_set_on_the_pad_belong_together(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = finished(part=1, parts=2), finished(part=2, parts=2, uid="E00401501F453D90")
    on_pad(monkeypatch, first, second)
    assert [each["diagnoses"] for each in of_json("doctor")] == [[], []]
    on_pad(monkeypatch, first, replace(first, uid=Uid("E00401501F453D90")))
    assert all(each["diagnoses"] for each in of_json("doctor")), "part 1 twice"
    other = finished("31234000000024", uid="E00401501F453D90")
    on_pad(monkeypatch, finished(), other)
    assert [each["diagnoses"] for each in of_json("doctor")] == [[], []], "two items in one pile"
    result = run("doctor")
    assert result.stdout.count("Nothing is wrong with this tag.") == 2
    assert result.stderr == ""
    assert ours.exists()


def test_the_librarys_barcodes_are_known_only_with_its_settings(ours: Path, nowhere: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "tag.json", finished("12345"))
    codes = {each["code"] for each in of_json("doctor", path)[0]["diagnoses"]}
    without = {each["code"] for each in of_json("doctor", path, "--data", nowhere)[0]["diagnoses"]}
    assert codes - without, "12345 is not one of this library's barcodes"
    assert ours.exists()


def test_a_write_that_the_journal_does_not_see_finished(ours: Path, tmp_path: Path) -> None:
    old, new = BLANK, finished()
    path = saved(tmp_path / "tag.json", new)
    assert of_json("doctor", path)[0]["diagnoses"] == [], "there is no journal"
    store = open_store(ours / JOURNAL, FakeClock(), head_directory=ours / "heads")
    store.journal.record(
        TagWriteStarted(
            attempt="a1", uid=UID, barcode=BARCODE, part=1, parts=1, old=old, new=new, plan_digest="0" * 64, steps=9
        )
    )
    store.close()
    (value,) = of_json("doctor", path)
    assert {each["code"] for each in value["diagnoses"]} == {"unfinished-in-journal"}
    assert of_json("doctor", new.memory.hex())[0]["diagnoses"] == [], "without a UID the tag cannot be identified"
    assert of_json("doctor", saved(tmp_path / "b.json", finished(uid="E00401501F453D90")))[0]["diagnoses"] == []
    (ours / JOURNAL).write_bytes(b"no journal" * 500)
    assert run("doctor", path).exit_code == 50


# --- read -----------------------------------------------------------------------------------------------------------


def test_what_read_prints_every_command_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = (replace(finished(), locked=(True, *BLANK.locked[1:])), finished("31234000000024", uid="E00401501F453D90"))
    on_pad(monkeypatch, *tags)
    for arguments in (["read"], ["read", "--json"]):
        printed = run(*arguments).stdout
        values = of_json("decode", "-", stdin=printed)
        assert [value["image"]["uid"] for value in values] == [UID, "E00401501F453D90"]
        assert values[0]["image"]["locked"][:2] == [True, False]
        assert [value["assumed"] for value in values] == [[], []]
    assert len(run("decode").stdout.split("\n\n")) == 2
    assert [value["format"] for value in of_json("decode")] == ["pad", "pad"]


def test_read_turns_a_dump_into_another_format(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run("read", DATA / "iso15693.nfc").stdout == (DATA / "blocks.txt").read_text()
    assert of_json("read", DATA / "proxmark-v4.json") == of_json("read", DATA / "blocks.txt")
    for form in (Format.FLIPPER, Format.PROXMARK, Format.BLOCKS, Format.JSON):
        made = run("read", DATA / "blocks.txt", "--to", form.value)
        assert (made.exit_code, made.stderr) == (0, "Format: blocks.\n")
        assert (
            run("diff", DATA / "iso15693.nfc", saved(tmp_path / "x", read_dump(made.stdout_bytes).image())).exit_code
            == 0
        )
    on_pad(monkeypatch, finished())
    assert read_dump(run("read", "--to", "proxmark").stdout_bytes).image() == finished()
    on_pad(monkeypatch, finished(), finished(uid="E00401501F453D90"))
    assert run("read", "--to", "proxmark").exit_code == 21
    assert run("read", "--to", "proxmark", "--json").exit_code == 2


def test_commands_are_joined_by_pipes() -> None:
    """Two real processes: bytes as output, color on."""
    made = forked.run("tag", "encode", "--id", BARCODE, "--owner", ISIL, "--to", "raw", timeout=PATIENCE_S)
    assert (made.returncode, len(made.stdout)) == (0, 112)
    shown = forked.run("tag", "explain", "-", "--color", input=made.stdout, timeout=PATIENCE_S)
    assert shown.returncode == 0
    assert BARCODE in shown.stdout.decode()
    assert b"\x1b[32m" in shown.stdout


def test_a_word_with_a_slash_or_a_dot_is_the_name_of_a_file() -> None:
    for name in ("/nope", "tags/nope", "nope.txt"):
        result = run("doctor", name)
        assert result.exit_code == 21
        assert f"{name}: No such file or directory" in result.stderr


def test_bytes_that_do_not_fill_a_block_are_counted_in_words() -> None:
    assert "1 byte does not fill blocks of 4 bytes: add the missing bytes" in run("explain", "91").stderr
    assert "6 bytes do not fill blocks of 4 bytes" in run("explain", "112233445566").stderr
