"""`station tag encode`, `plan` and `migrate`: bytes as cited, plans that do what they say, no silent loss."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from crccheck.crc import Crc16CcittFalse

from station.base.errors import TagLocked
from station.base.words import tell
from station.bench.item.gate import Proceed, Question, Stop, decide
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared import read_pad
from station.cli.tag import encode as tag_encode
from station.cli.tag.words import plan_lines, step_words
from station.domain.item import Barcode, ItemRecord
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.dumps.dumps import read_dump
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import write_dump
from station.encoding.profiles.profiles import ready
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan import steps
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_item
from station.encoding.write_plan.steps import ChipLimits
from tests.support.for_each import for_each
from tests.support.sample_tags import three_m

DATA = Path(__file__).resolve().parents[2] / "encoding/data"
UID = "E00401501F453D8F"
ISIL = "US-InU-Mu"
OURS = TagProfile(ISIL)
BLANK = TagImage(Uid(UID), 4, bytes(112), (False,) * 28, 0, 0)
BARCODE = "31234000000016"
OTHER = "31234000000024"


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


def saved(path: Path, image: TagImage, form: Format = Format.JSON) -> Path:
    path.write_bytes(write_dump(image, form))
    return path


def finished(barcode: str = BARCODE, **more: Any) -> TagImage:
    return new_image(BLANK, TagContent(barcode, **more), OURS)


# --- encode ---------------------------------------------------------------------------------------------------------

# Elements of the worked example (docs/reference/tag-data.md#worked-example) without its locks, hence without padding:
# the identifier is 05 1C BE 99 1A 14, set information 04 B3, shelf location 6-bit, owner by the ISIL code, all as cited
# there.
EXAMPLE = ["encode", "--id", "123456789012", "--owner", ISIL, "--part", "3/12", "--model", "28560-2"]


def test_the_bytes_are_those_of_the_worked_example() -> None:
    value = of_json(*EXAMPLE, "--set", "shelf-location=QA268.L55")
    data = value["data"]
    for cited in ("11051CBE991A14", "0201D0", "140204B3", "4607441CB6E2E335D6", "0307ACC09EBAA06F6B"):
        assert cited in data
    assert value["used"] == len("11051CBE991A140201D0140204B34607441CB6E2E335D60307ACC09EBAA06F6B") // 2
    assert value["free"] == 112 - value["used"]
    assert value["image"]["memory"] == data.ljust(224, "0")
    assert (value["image"]["dsfid"], value["image"]["afi"], value["lock"]) == (6, 7, [])


def test_the_json_of_encode_is_stable() -> None:
    value = of_json(*EXAMPLE)
    assert set(value) == {"model", "image", "data", "used", "free", "lock", "content"}
    assert run("decode", "-", stdin=json.dumps(value)).exit_code == 0, "the output must be a dump itself"


def test_iso_28560_3_with_its_crc() -> None:
    value = of_json("encode", "--id", BARCODE, "--owner", "DE-705", "--model", "28560-3", "--size", "32")
    memory = bytes.fromhex(value["image"]["memory"])
    assert memory[3:19] == BARCODE.encode().ljust(16, b"\0")
    assert memory[21:32] == b"DE705".ljust(11, b"\0")
    # docs/reference/tag-data.md#crc: bytes 0-18, then 21-33, the two that are missing as 00.
    assert memory[19:21] == Crc16CcittFalse.calc(memory[:19] + memory[21:32] + b"\0\0").to_bytes(2, "little")
    assert value["image"]["dsfid"] == 0x3E


@for_each("form", [form for form in Format if form is not Format.PROXMARK_BIN])
def test_every_format_comes_out_and_goes_in(form: Format) -> None:
    made = CliRunner().invoke(station, ["tag", *EXAMPLE, "--uid", UID, "--to", form.value])
    assert (made.exit_code, made.stderr) == (0, "")
    dump = read_dump(made.stdout_bytes, form)
    assert dump.image().memory.hex().upper() == of_json(*EXAMPLE)["image"]["memory"]
    (value,) = of_json("decode", "-", stdin=made.stdout_bytes)
    assert value["format"] == form.value
    assert value["recognition"]["content"]["primary_item_identifier"] == "123456789012"
    if form in (Format.BLOCKS, Format.PROXMARK, Format.FLIPPER, Format.JSON):
        assert (value["assumed"], value["image"]["uid"]) == ([], UID)


def test_bytes_are_not_sent_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(tag_encode, "sys", terminal)
    result = run(*EXAMPLE, "--to", "raw")
    assert (result.exit_code, result.stdout) == (2, "")
    assert run(*EXAMPLE, "--to", "hex").exit_code == 0


def test_the_text_shows_blocks_and_what_they_say() -> None:
    result = run(*EXAMPLE)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "UID E004000000000000  DSFID 06  AFI 07"
    assert lines[1] == "block   0  11 05 1C BE"
    used = of_json(*EXAMPLE)["used"]
    assert f"{used} bytes of 112 are used, all others are zero." in lines
    assert "Item: 123456789012" in lines
    assert sum(line.startswith("block") for line in lines) == -(-(used + 1) // 4)


def test_a_profile_gives_its_constants_its_usage_and_its_locks(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "station/encoding/data/profiles/us-28560-2.toml").read_text()
    own = text.replace("smallest = 32", 'smallest = 32\nlock = ["primary-item-identifier"]')
    own = own.replace("[elements]", '[elements]\ntitle = "item.title"\nlocal-data-a = "constant:HALL"')
    assert own.count("\n") == text.count("\n") + 3
    (tmp_path / "own.toml").write_text(own)
    arguments = ["encode", "--id", BARCODE, "--owner", ISIL, "--profile", tmp_path / "own.toml"]
    value = of_json(*arguments)
    assert value["content"]["further"] == [[15, "HALL"]], "a title comes from a record, and there is none"
    assert value["content"]["type_of_usage"] == 0x10
    assert value["lock"] == [0, 1]
    assert "To be locked: blocks 0, 1." in run(*arguments).stdout
    value = of_json(*arguments, "--set", "title=Momo", "--set", "15=", "--usage", "0x62")
    assert (value["content"]["further"], value["content"]["type_of_usage"]) == ([[17, "Momo"]], 0x62)


def test_the_librarys_own_profile_file_counts(tmp_path: Path) -> None:
    data = tmp_path / "ours"
    data.mkdir()
    settings = template(**{"library.isil": ISIL, "tag.profile": "own.toml"})
    (data / "station.toml").write_text(settings, encoding="utf-8")
    text = (Path(__file__).resolve().parents[3] / "station/encoding/data/profiles/us-28560-2.toml").read_text()
    (data / "own.toml").write_text(text.replace("0xC2", "0xC3").replace("constant:10", "constant:12"))
    value = of_json("encode", "--id", BARCODE, "--data", data)
    assert value["content"]["type_of_usage"] == 0x12
    (data / "own.toml").write_text("#" * 300_000)
    huge = run("encode", "--id", BARCODE, "--owner", ISIL, "--profile", data / "own.toml")
    assert (huge.exit_code, "too large for a profile" in huge.stderr) == (3, True)
    (data / "own.toml").write_bytes(b"\xff")
    assert run("encode", "--id", BARCODE, "--profile", data / "own.toml").exit_code == 3


def test_the_librarys_own_settings_count(tmp_path: Path) -> None:
    data = tmp_path / "ours"
    data.mkdir()
    (data / "station.toml").write_text(template(**{"library.isil": ISIL}), encoding="utf-8")
    value = of_json("encode", "--id", BARCODE, "--data", data)
    assert value["content"]["owner_institution"] == ISIL
    assert bytes.fromhex(value["image"]["memory"]) == finished().memory, "the tag must be as the bench writes it"


@pytest.mark.parametrize(
    ("model", "dsfid"), [("28560-2", 0x06), ("28560-3", 0x3E), ("danish", 0x3E), ("danish-32", 0x3E)]
)
def test_a_model_by_name_makes_finished_tags(model: str, dsfid: int) -> None:
    """The mark is that of the model as which the tag reads (docs/reference/tag-data.md#dsfid-and-afi)."""
    said = ("--id", BARCODE, "--owner", "DK-718500", "--usage", "0x10", "--model", model)
    value = of_json("encode", *said)
    assert value["image"]["dsfid"] == dsfid
    assert "This tag is finished and belongs to this library." in run("encode", *said).stdout
    plan = of_json("plan", "00" * 112, *said)
    assert plan["new"] == value["image"]
    assert [step["values"] for step in plan["steps"] if step["kind"] == "SetDsfid"] == [{"value": dsfid}]


def test_nothing_is_migrated_to_a_profile_that_only_reads() -> None:
    result = run("migrate", DATA / "plain.eml", "--profile", "3m-read-only")
    assert (result.exit_code, result.stdout) == (21, "")
    assert "this library's tag profile only reads tags: none are written" in result.stderr


def test_a_profile_file_that_is_not_there_is_told_in_words() -> None:
    result = run("encode", "--id", "1", "--profile", "nosuch.toml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("nosuch.toml: No such file or directory. ")


@for_each(
    ("arguments", "code"),
    [
        (["encode"], 2),
        (["encode", "--id", "1", "--part", "3/2"], 2),
        (["encode", "--id", "1", "--part", "0/0"], 2),
        (["encode", "--id", "1", "--set", "title"], 2),
        (["encode", "--id", "1", "--set", "nonsense=1"], 2),
        (["encode", "--id", "1", "--set", "3=DE-1"], 2),
        (["encode", "--id", "1", "--set", "128=x"], 2),
        (["encode", "--id", "1", "--set", "17=a", "--set", "title=b"], 2),
        (["encode", "--id", "1", "--usage", "16x"], 2),
        (["encode", "--id", "1", "--size", "10"], 2),
        (["encode", "--id", "1", "--model", "28560-2", "--profile", "danish-32"], 2),
        (["encode", "--id", "1", "--json", "--to", "hex"], 2),
        (["encode", "--id", "1", "--to", "proxmark-bin"], 2),
        (["encode", "--id", "1", "--profile", "nobody"], 3),
        (["encode", "--id", "1", "--profile", "3m-read-only"], 21),
        (["encode", "--id", "", "--owner", ISIL], 21),
        (["encode", "--id", BARCODE, "--owner", ISIL, "--size", "8"], 21),
        (["encode", "--id", "1\x1b[2J", "--owner", ISIL], 21),
        (["encode", "--id", "1", "--owner", ISIL, "--set", "title=\u202e"], 21),
        (["encode", "--id", "1", "--owner", "DE_1"], 21),
        (["encode", "--id", BARCODE, "--owner", ISIL, "--size", "2048", "--to", "flipper"], 21),
        (["plan", "00" * 112], 2),
        (["plan", "00" * 112, "--id", "1", "--blocks-per-write", "0"], 2),
        (["plan", "00" * 112, "--id", "1"], 21),
        (["plan", "zz", "--id", "1", "--owner", ISIL], 21),
        (["plan", "--id", "1", "--owner", ISIL], 3),
        (["migrate"], 3),
        (["migrate", "zz"], 21),
        (["migrate", "00" * 112, "--profile", "3m-read-only"], 21),
    ],
)
def test_what_cannot_be_done_ends_with_the_code_of_its_kind(arguments: list[str], code: int) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.output.replace("\n", "").isprintable()
    if "--json" not in arguments:
        assert result.stdout == ""


# --- plan -----------------------------------------------------------------------------------------------------------

WANTED = ["--id", BARCODE, "--owner", ISIL]


def carried_out(image: TagImage, plan: list[dict[str, Any]]) -> TagImage:
    """Return the tag after the steps of a plan's JSON. Steps that check data are verified."""
    memory, dsfid, afi = bytearray(image.memory), image.dsfid, image.afi
    locked = list(image.locked)
    for step in plan:
        values = step["values"]
        match step["kind"]:
            case "SetBlocks":
                data = bytes.fromhex(values["data"])
                memory[values["first"] * 4 : values["first"] * 4 + len(data)] = data
            case "CheckBlocks":
                data = bytes.fromhex(values["data"])
                assert memory[values["first"] * 4 : values["first"] * 4 + len(data)] == data
            case "SetDsfid":
                dsfid = values["value"]
            case "CheckDsfid":
                assert dsfid == values["value"]
            case "SetAfi":
                afi = values["value"]
            case "LockBlocks":
                for block in range(values["first"], values["first"] + values["count"]):
                    locked[block] = True
            case "CheckLocks" | "ResetField" | "VerifyAll":
                pass
            case other:
                raise AssertionError(other)
    return replace(image, memory=bytes(memory), dsfid=dsfid, afi=afi, locked=tuple(locked))


@pytest.mark.parametrize("old", [BLANK, finished(OTHER, part=2, parts=3)], ids=["blank", "other item"])
def test_a_plan_is_the_librarys_and_does_what_it_says(tmp_path: Path, old: TagImage) -> None:
    path = saved(tmp_path / "old.json", old)
    value = of_json("plan", path, *WANTED)
    site = ready("us-28560-2").tag_profile(ISIL)
    plan = plan_item(old, TagContent(BARCODE, ISIL, type_of_usage=0x10), site, limits=ChipLimits())
    assert value["digest"] == plan.digest
    assert (value["write_commands"], value["block_writes"]) == (plan.write_commands, plan.block_writes)
    done = carried_out(old, value["steps"])
    assert done.memory.hex().upper() == value["new"]["memory"]
    assert done == finished()
    assert (value["undo"]["memory"], value["undo"]["dsfid"]) == (old.memory.hex().upper(), old.dsfid)
    assert value["refused"] == []
    lines = run("plan", path, *WANTED).stdout.splitlines()
    assert value["asks_first"] == (lines[1] == "The bench would ask before it overwrites this tag.") == (old != BLANK)
    lines = lines[1:] if value["asks_first"] else lines
    assert [line.partition(". ")[2] for line in lines[1 : len(plan.steps) + 1]] == [
        step["words"] for step in value["steps"]
    ]
    assert lines[len(plan.steps) + 1] == plan_lines(plan)[-1]


@pytest.mark.parametrize(
    ("old", "asks"),
    [
        (BLANK, False),
        (finished(), False),
        (finished(part=2, parts=3), False),
        (finished(OTHER), True),
        (replace(finished(), dsfid=0xC0), True),
        (new_image(BLANK, TagContent(BARCODE), TagProfile("DE-705")), True),
        (replace(BLANK, memory=b"\xff" * 112), True),
    ],
    ids=["blank", "this item", "this item's other part", "other item", "unfinished", "other library", "unknown"],
)
def test_where_the_bench_would_ask_first_the_plan_says_so(tmp_path: Path, old: TagImage, asks: bool) -> None:
    """The gate of the bench is asked as well: both must agree on which writes need no question."""
    path = saved(tmp_path / "old.json", old)
    assert of_json("plan", path, *WANTED)["asks_first"] is asks
    assert ("The bench would ask" in run("plan", path, *WANTED).stdout) is asks
    question = Question(
        item=ItemRecord(barcode=Barcode(BARCODE), title="", parts=3),
        part=1,
        part_chosen=False,
        uid=old.uid,
        recognition=recognise(old, OURS),
        isil=ISIL,
        bindings=(),
        attempt=None,
        overwrite=False,
    )
    assert isinstance(decide(question), Stop if asks else Proceed)


def test_the_undo_image_is_a_dump(tmp_path: Path) -> None:
    old = finished(OTHER)
    text = run("plan", saved(tmp_path / "old.json", old), *WANTED).stdout
    undo = text[text.index("UID ") :]
    assert read_dump(undo.encode()).image() == old


def test_the_json_of_plan_is_stable(tmp_path: Path) -> None:
    value = of_json("plan", saved(tmp_path / "old.json", BLANK), *WANTED)
    assert set(value) == {
        "format", "assumed", "recognition", "content", "refused", "asks_first", "steps", "write_commands", "block_writes",
        "locks", "digest", "undo", "undo_commands", "new",
    }  # fmt: skip
    assert set(value["steps"][0]) == {"kind", "values", "words"}


def test_commands_carry_no_more_blocks_than_allowed(tmp_path: Path) -> None:
    path = saved(tmp_path / "old.json", BLANK)
    one = of_json("plan", path, *WANTED, "--blocks-per-write", "1")
    assert max(len(step["values"]["data"]) for step in one["steps"] if step["kind"] == "SetBlocks") == 8
    assert one["write_commands"] > of_json("plan", path, *WANTED)["write_commands"]


def test_a_tag_that_is_right_already_needs_nothing(tmp_path: Path) -> None:
    result = run("plan", saved(tmp_path / "old.json", finished()), *WANTED)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == ["There is nothing to write: the tag holds exactly this."]


def test_every_locked_block_in_the_way_is_named(tmp_path: Path) -> None:
    locked = tuple(block in (0, 1, 20) for block in range(28))
    old = replace(finished(OTHER), locked=locked)
    path = saved(tmp_path / "old.json", old)
    result = run("plan", path, *WANTED)
    assert result.exit_code == 1
    needed = finished().memory
    in_the_way = [block for block in (0, 1) if old.block(block) != needed[block * 4 : block * 4 + 4]]
    assert in_the_way
    assert result.stdout.splitlines()[1:] == [
        f"Refused: Block {block} is locked and holds something else." for block in in_the_way
    ]
    value = of_json("plan", path, *WANTED)
    assert (value["steps"], value["new"], value["digest"]) == ([], None, "")
    with pytest.raises(TagLocked):
        plan_item(old, TagContent(BARCODE, ISIL), OURS)


def test_a_locked_block_is_judged_by_the_bytes_that_must_stand_there(tmp_path: Path) -> None:
    needed = of_json("plan", saved(tmp_path / "blank.json", BLANK), *WANTED)["new"]["memory"]
    memory = bytearray(bytes.fromhex(needed))
    end = len(bytes(memory).rstrip(b"\0"))
    block = end // 4
    assert 0 < end % 4 < 3, "the last block has a terminator and data after it"
    memory[block * 4 + 3] = 0x77
    memory[0] ^= 0xFF
    locked = tuple(number in (0, block) for number in range(28))
    result = run("plan", saved(tmp_path / "old.json", replace(BLANK, memory=bytes(memory), locked=locked)), *WANTED)
    assert result.stdout.splitlines()[1:] == ["Refused: Block 0 is locked and holds something else."]


@pytest.mark.parametrize(
    ("old", "new", "options", "said"),
    [
        ("Lock AFI: false", "Lock AFI: true", ["--afi", "0"], "AFI"),
        ("Lock DSFID: false", "Lock DSFID: true", ["--dsfid", "1"], "DSFID"),
    ],
)
def test_a_locked_afi_or_dsfid_is_refused_before_anything(
    tmp_path: Path, old: str, new: str, options: list[str], said: str
) -> None:
    text = write_dump(finished(OTHER), Format.FLIPPER).decode()
    assert old in text
    (tmp_path / "open.nfc").write_text(text)
    (tmp_path / "locked.nfc").write_text(text.replace(old, new))
    assert run("plan", tmp_path / "open.nfc", *options, *WANTED).exit_code == 0
    result = run("plan", tmp_path / "locked.nfc", *options, *WANTED)
    assert result.exit_code == 1
    (refused,) = result.stdout.splitlines()[1:]
    assert refused == f"Refused: Of this tag, {said} is locked and cannot be rewritten. {tell('do.tag-locked')}"


def test_a_small_tag_is_refused() -> None:
    result = run("plan", "00" * 24, *WANTED)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1].startswith("Refused: 32 bytes needed, 24 available. The tag is too small")


def test_the_eas_bit_is_for_chips_that_have_one(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "station/encoding/data/profiles/us-28560-2.toml").read_text()
    (tmp_path / "own.toml").write_text(text.replace("smallest = 32", "eas = true"))
    options = [*WANTED, "--profile", tmp_path / "own.toml"]
    value = of_json("plan", saved(tmp_path / "old.json", BLANK), *options)
    assert "SetEas" in [step["kind"] for step in value["steps"]]
    other = run("plan", saved(tmp_path / "ti.json", replace(BLANK, uid=Uid("E007000000000001"))), *options)
    assert other.exit_code == 1
    assert "The chip has no EAS bit." in other.stdout


def test_locks_are_announced_and_their_undo_is_honest(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "station/encoding/data/profiles/us-28560-2.toml").read_text()
    (tmp_path / "own.toml").write_text(text.replace("smallest = 32", 'lock = ["primary-item-identifier"]'))
    path = saved(tmp_path / "old.json", BLANK)
    value = of_json("plan", path, *WANTED, "--profile", tmp_path / "own.toml")
    assert value["locks"] == [0, 1]
    assert carried_out(BLANK, value["steps"]).locked[:3] == (True, True, False)
    shown = run("plan", path, *WANTED, "--profile", tmp_path / "own.toml").stdout
    assert "Lock blocks 0-1 permanently." in shown
    assert "It cannot be undone: it locks blocks that hold something else now." in shown
    assert value["undo_commands"] is None
    again = saved(tmp_path / "again.json", replace(finished(), locked=(True, True, *BLANK.locked[2:])))
    assert of_json("plan", again, *WANTED, "--profile", tmp_path / "own.toml")["locks"] == [], (
        "the block is already locked"
    )


def test_a_shelf_location_that_is_asked_for_is_written(tmp_path: Path) -> None:
    value = of_json("plan", saved(tmp_path / "old.json", BLANK), *WANTED, "--set", "shelf-location=QA268.L55")
    (decoded,) = of_json("decode", value["new"]["memory"])
    assert decoded["recognition"]["content"]["shelf_location"] == "QA268.L55"


@for_each(
    ("step", "words"),
    [
        (steps.SetDsfid(0), "Set DSFID to 00: the tag now counts as unfinished."),
        (steps.SetDsfid(0xC0), "Set DSFID to C0: the tag now counts as unfinished."),
        (steps.SetDsfid(6), "Set DSFID to 06: the tag is finished."),
        (steps.SetBlocks(3, bytes(4)), "Write block 3: 00 00 00 00"),
        (steps.SetBlocks(3, bytes(8)), "Write blocks 3-4: 00 00 00 00 00 00 00 00"),
        (steps.SetAfi(7), "Set AFI to 07."),
        (steps.SetEas(True), "Switch the EAS bit on."),
        (steps.SetEas(False), "Switch the EAS bit off."),
        (steps.LockBlocks(0, 2), "Lock blocks 0-1 permanently."),
        (steps.LockAfi(), "Lock the AFI permanently."),
        (steps.LockDsfid(), "Lock the DSFID permanently."),
        (steps.CheckBlocks(0, bytes(4)), "Read block 0 and compare."),
        (steps.CheckBlocks(1, bytes(8), twice=True), "Read blocks 1-2 twice and compare."),
        (steps.CheckDsfid(6), "Read the DSFID: it must be 06."),
        (steps.CheckAfi(7), "Read the AFI: it must be 07."),
        (steps.CheckLocks(0, 2), "Read the locks of blocks 0-1: all must be locked."),
        (steps.ResetField(), "Field off and on: the tag must answer alone."),
        (steps.VerifyAll(), "Read everything and compare byte for byte."),
        (steps.VerifyAll(locks=True), "Read everything, locks too, and compare byte for byte."),
    ],
)
def test_every_step_has_its_words(step: steps.Step, words: str) -> None:
    assert step_words(step, 4) == words


# --- migrate --------------------------------------------------------------------------------------------------------


def test_a_tag_is_carried_over_with_a_note_for_every_element() -> None:
    value = of_json("migrate", DATA / "plain.eml", "--profile", "iso-28560-3")
    assert set(value) == {
        "format", "assumed", "recognition", "profile", "model", "refused", "notes", "content", "image",
        "locked_in_the_way",
    }  # fmt: skip
    notes = {note["oid"]: note["kind"] for note in value["notes"]}
    assert notes == {1: "kept", 2: "dropped", 3: "kept", 4: "kept", 5: "guessed", 6: "dropped"}
    assert value["content"]["primary_item_identifier"] == "123456789012"
    (again,) = of_json("decode", "-", stdin=json.dumps(value["image"]))
    assert again["recognition"]["model"] == "28560-3"
    content = again["recognition"]["content"]
    assert (content["primary_item_identifier"], content["owner_institution"]) == ("123456789012", ISIL)
    assert (content["part"], content["parts"]) == (3, 12)
    lines = run("migrate", DATA / "plain.eml", "--profile", "iso-28560-3").stdout.splitlines()
    assert any(line.startswith("dropped       Shelf location (OID 6) = QA268.L55: ") for line in lines)
    assert any(line.startswith("kept          Set information (OID 4) = part 3 of 12") for line in lines)


def test_a_dump_of_the_result_goes_to_stdout_and_the_notes_to_stderr() -> None:
    result = run("migrate", DATA / "plain.eml", "--profile", "danish-32", "--to", "eml")
    assert result.exit_code == 0
    assert read_dump(result.stdout_bytes).format is Format.EML
    assert "kept          Primary item identifier (OID 1) = 123456789012" in result.stderr


def test_locked_blocks_ask_for_a_new_tag() -> None:
    value = of_json("migrate", DATA / "blocks.txt", "--profile", "iso-28560-3")
    assert value["locked_in_the_way"] == [0, 1, 6, 7, 8]
    assert not any(value["image"]["locked"])
    shown = run("migrate", DATA / "blocks.txt", "--profile", "iso-28560-3").stdout
    assert "This tag cannot take it: blocks 0 to 1, 6 to 8 are locked. Use a new tag." in shown


def test_a_3m_tag_becomes_ours_when_it_is_taken_over(tmp_path: Path) -> None:
    path = saved(tmp_path / "old.json", replace(BLANK, memory=three_m(BARCODE).ljust(112, b"\0")))
    value = of_json("migrate", path, "--take-over", "--barcode", BARCODE, "--profile", "us-28560-2")
    assert (value["refused"], value["content"]["primary_item_identifier"]) == ("", BARCODE)


def test_a_claim_is_not_carried_over_without_the_barcode(tmp_path: Path) -> None:
    path = saved(tmp_path / "old.json", replace(finished(), dsfid=0))
    result = run("migrate", path)
    assert result.exit_code == 1
    assert "Refused: What the tag says is a claim only" in result.stdout
    assert of_json("migrate", path)["image"] is None
    assert run("migrate", path, "--to", "hex").stdout == ""
    assert run("migrate", path, "--barcode", BARCODE).exit_code == 0
    wrong = run("migrate", path, "--barcode", OTHER)
    assert wrong.exit_code == 1
    assert OTHER in wrong.stdout


def test_what_does_not_fit_is_an_exit_code_too(tmp_path: Path) -> None:
    profile = (Path(__file__).resolve().parents[3] / "station/encoding/data/profiles/iso-28560-3.toml").read_text()
    assert "\n[elements]\n" in profile
    if '"item.title"' not in profile:
        profile = profile.replace("\n[elements]\n", '\n[elements]\ntitle = "item.title"\n')
    (tmp_path / "own.toml").write_text(profile)
    title = "The Life and Opinions of Tristram Shandy, Gentleman"
    sizes = {}
    for size in (84, 112):
        made = run("encode", *WANTED, "--set", f"title={title}", "--size", size, "--to", "json").stdout
        result = run("migrate", "-", "--profile", tmp_path / "own.toml", stdin=made)
        sizes[size] = (result.exit_code, f"does-not-fit  Title (OID 17) = {title}: " in result.stdout)
    assert sizes == {84: (1, True), 112: (0, False)}, "basic block 34, title 4 + 51, end 1"


def test_the_tag_on_the_pad_is_only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_pad, "images", lambda app: (finished(),))
    assert of_json("migrate", "--profile", "danish-32")["format"] == "pad"
    assert of_json("plan", "--id", OTHER, "--owner", ISIL)["format"] == "pad"
    monkeypatch.setattr(read_pad, "images", lambda app: (finished(), finished(OTHER)))
    assert run("plan", "--id", OTHER, "--owner", ISIL).exit_code == 21
