"""Dumps of other tools are read as those tools write them. Any other input is refused, with the line of the error.

The files in data/ are written by hand after the formats' sources (docstrings of `dumps.text` and `dumps.other_tools`).
The memory in them is the worked example of the standard (docs/reference/tag-data.md#worked-example, vector
`91 00 05 1C`); its lock map is `ll....lll`. The hexdumps are real output of xxd, hexdump and od.
"""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import DumpUnreadable
from station.domain.tag_image import TagImage, Uid
from station.encoding.dumps.dumps import detect, read_dump, read_dumps
from station.encoding.dumps.value import MAX_DUMP, MAX_MEMORY, Dump, Format
from station.encoding.dumps.write import write_dump
from tests.support.for_each import for_each
from tests.support.told import told

DATA = Path(__file__).resolve().parents[1] / "data"
MEMORY = bytes.fromhex("9100051CBE991A140201D0140204B34607441CB6E2E335D6830207ACC09EBAA06F6B0000").ljust(112, b"\0")
UID = "E00401501F453D8F"
LOCKED = tuple(block in (0, 1, 6, 7, 8) for block in range(28))
WHOLE = TagImage(Uid(UID), 4, MEMORY, LOCKED, 0x07, 0x06)


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


# --- every format, recognized by its content ------------------------------------------------------------------------

ONLY_MEMORY = [
    ("spaces.hex", Format.HEX, None),
    ("colons.hex", Format.HEX, None),
    ("array.hex", Format.HEX, None),
    ("plain.b64", Format.BASE64, None),
    ("blocks-bare.txt", Format.BLOCKS, 4),
    ("xxd.txt", Format.HEXDUMP, None),
    ("hexdump-c.txt", Format.HEXDUMP, None),
    ("od.txt", Format.HEXDUMP, None),
    ("plain.eml", Format.EML, 4),
    ("plain.bin", Format.RAW, None),
    ("proxmark-v1.json", Format.PROXMARK, 4),
    ("proxmark-v2.json", Format.PROXMARK, 4),
    ("proxmark-v3.json", Format.PROXMARK, 8),
]
WITH_EVERYTHING = [
    ("proxmark-v4.json", Format.PROXMARK, (False, True)),
    ("proxmark-v5.json", Format.PROXMARK, (False, True)),
    ("iso15693.nfc", Format.FLIPPER, (False, True)),
    ("slix.nfc", Format.FLIPPER, (False, True)),
    ("old.nfc", Format.FLIPPER, (False, True)),
    ("blocks.txt", Format.BLOCKS, (None, None)),
]


@for_each(("name", "form", "block_size"), ONLY_MEMORY)
def test_a_format_without_the_chips_bytes(name: str, form: Format, block_size: int | None) -> None:
    dump = read_dump(sample(name))
    assert (dump.format, dump.memory, dump.block_size) == (form, MEMORY, block_size)
    assert (dump.uid, dump.dsfid, dump.afi, dump.dsfid_locked) == (None, None, None, None)
    assert read_dump(sample(name), form) == dump
    image = dump.image(dsfid=6, afi=7, uid=Uid(UID))
    assert (image.memory, image.block_size, image.dsfid, image.afi) == (MEMORY, block_size or 4, 6, 7)
    assert image.locked == (False,) * image.block_count


@pytest.mark.parametrize(("name", "form", "system_locks"), WITH_EVERYTHING, ids=lambda value: str(value))
def test_what_a_format_tells_is_taken(name: str, form: Format, system_locks: tuple[bool | None, bool | None]) -> None:
    dump = read_dump(sample(name))
    assert dump.format is form
    assert dump.image(uid=Uid("E004000000000001"), block_size=8, dsfid=1, afi=1) == WHOLE, (
        "the dump's own values have priority"
    )
    assert (dump.dsfid_locked, dump.afi_locked) == system_locks


def proxmark_bin(pages: int, count: bytes, state: int = 4) -> bytes:
    """struct iso15_tag_t of the Proxmark3, include/iso15.h, packed."""
    head = bytes.fromhex(UID)[::-1] + bytes([0x06, 0, 0x07, 1, 4]) + count + b"\x01"
    return head + bytes(LOCKED).ljust(pages, b"\0") + MEMORY.ljust(2048, b"\0") + bytes(2 + 4 + state + 2)


@pytest.mark.parametrize(
    ("pages", "count", "length"), [(64, b"\x1c", 2139), (160, b"\x1c", 2235), (256, b"\x1c\0", 2332)]
)
def test_a_binary_dump_of_the_proxmark3(pages: int, count: bytes, length: int) -> None:
    data = proxmark_bin(pages, count)
    assert len(data) == length, "ISO15_V4_DUMP_LENGTH, ISO15_V5_DUMP_LENGTH"
    dump = read_dump(data)
    assert dump.format is Format.PROXMARK_BIN
    assert dump.image() == WHOLE
    assert (dump.dsfid_locked, dump.afi_locked) == (False, True)
    assert read_dump(bytes(length)).format is Format.RAW, "zeros of that length are raw memory"
    with pytest.raises(DumpUnreadable, match="do not fit"):
        read_dump(bytes(length), Format.PROXMARK_BIN)


def test_several_tags_stand_in_one_dump() -> None:
    both = sample("blocks.txt") + sample("blocks.txt").replace(UID.encode(), b"E00401501F453D90").replace(
        b"07\n", b"C2\n", 1
    )
    first, second = read_dumps(both)
    assert first.image() == WHOLE
    assert (second.uid, second.afi, second.memory) == ("E00401501F453D90", 0xC2, MEMORY)
    with pytest.raises(DumpUnreadable, match="2 tags"):
        read_dump(both)
    as_json = json.dumps([json.loads(write_dump(WHOLE, Format.JSON))] * 2).encode()
    assert [dump.image() for dump in read_dumps(as_json)] == [WHOLE, WHOLE]
    wrapped = json.dumps({"image": json.loads(write_dump(WHOLE, Format.JSON)), "more": 1}).encode()
    assert read_dump(wrapped).image() == WHOLE


@for_each("encoding", ["utf-8-sig", "utf-16"])
@for_each("name", ["blocks.txt", "plain.eml", "iso15693.nfc", "proxmark-v4.json", "spaces.hex"])
def test_line_ends_and_byte_order_marks_of_windows(name: str, encoding: str) -> None:
    text = sample(name).decode().replace("\n", "\r\n")
    assert read_dump(text.encode(encoding)) == read_dump(sample(name))


def test_hexadecimal_before_base64() -> None:
    assert detect(b"AAAA") is Format.HEX
    assert detect(base64.b64encode(bytes(112))) is Format.BASE64, "its padding shows that it is base64"
    assert read_dump(b"AAAA", Format.BASE64).memory == bytes(3)
    assert detect(b"9100051CBE99lA14") is Format.HEX, "one mistyped character does not make it base64"
    assert read_dump(b"# note\n11 22\n33-44_55 0x6 \\x77").memory == bytes.fromhex("11223344550677")


def test_lines_of_other_lengths_are_no_blocks() -> None:
    assert detect(b"11223344\n55667788\n") is Format.EML
    assert detect(b"1122334455667788\n1122334455667788\n") is Format.EML
    for text in (b"11223344\n", b"112233\n445566\n", b"11223344\n5566778899\n", b"11 22 33 44\n55 66 77 88\n"):
        assert detect(text) is Format.HEX
    assert read_dump(b"112233\n445566\n", Format.EML).block_size == 3


def test_a_blank_tag_in_groups_is_no_hexdump() -> None:
    assert read_dump(b"00000000 00000000\n00000000 00000000\n").memory == bytes(16)
    assert detect(b"0000 1122\n") is Format.HEX


# --- refusals, with the line ----------------------------------------------------------------------------------------


@for_each(
    ("data", "line", "words"),
    [
        (b"", 0, "empty"),
        (b" \n\t\n", 0, "empty"),
        (b"# only a comment\n", 0, "no memory"),
        (b"11 22\n33 4\n", 2, "odd number"),
        (b"11 22\n\n33 4g\n", 3, "hexadecimal digits"),
        (b"11 0x", 1, "hexadecimal digits"),
        (b"\xc2\xb2\xc2\xb2", 1, "hexadecimal digits"),
        (b"00" * (MAX_MEMORY + 1), 1, "8192"),
        (b"00" * MAX_DUMP, 0, "too many for a dump"),
        (bytes(MAX_MEMORY + 1), 0, "8192"),
        (b"block 0: 11 22\nblock 2: 33 44\n", 2, "block 1 is expected here"),
        (b"block 0: 11 22\nblock 1: 33\n", 2, "1 bytes, not 2"),
        (b"block 0: 11 22\nblock 1 ? 33 44\n", 2, "neither a tag nor a block"),
        (b"block 0: 11 22\nblock 1: 33 44 open\n", 2, "neither a tag nor a block"),
        (b"UID E00401501F453D8F  DSFID 06  AFI 07\n", 0, "without blocks"),
        (b"00000000: 1122 3344  .\n00000008: 5566 7788  .\n", 2, "should be 00000004"),
        (b"00000000: 1122 33g4  .\n", 1, "hexadecimal digits"),
        (b"00000000  11 22 |..|\n*\n00000005\n", 3, "repeated"),
        (b"00000000  11 22 |..|\n*\n", 0, "size is missing"),
        (b"00000000  11 22 |..|\n*\n*\n", 3, "has no line to repeat"),
        (b"00000000  11 22 |..|\n*\nffffffff\n", 3, "8192"),
        (b"00000000  11 22 |..|\nxyz\n", 2, "offset"),
        (b'{"FileType": "15693 v2",\n "blocks": }', 2, "not JSON"),
        (b'{"FileType": "15693 v2"}', 0, '"blocks"'),
        (b'{"FileType": "15693 v2", "blocks": {}}', 0, "0 blocks"),
        (b'{"FileType": "15693 v2", "blocks": {"0": "112233"}}', 0, "3 bytes, not 4"),
        (b'{"FileType": "15693 v2", "blocks": {"1": "11223344"}}', 0, '"0" is missing'),
        (b'{"FileType": "15693 v2", "blocks": {"0": 7}}', 0, "not text"),
        (b'{"FileType": 7}', 0, "not an ISO 15693 tag"),
        (b'{"memory": "00"}', 0, "block_size"),
        (b'{"block_size": 1, "memory": "00", "afi": 256}', 0, '"afi"'),
        (b'{"block_size": 1, "memory": "00", "afi": true}', 0, '"afi"'),
        (b'{"block_size": 1, "memory": "00", "locked": [1]}', 0, '"locked"'),
        (b'{"block_size": 1, "memory": "00", "uid": "E0"}', 0, "1 bytes, not 8"),
        (b"[]", 0, "0 tags"),
        (b"[1]", 0, "not an object"),
        (b"[" * 100_000, 0, "not JSON"),
        (b'{"a": ' + b"1" * 5000 + b"}", 0, "not JSON"),
    ],
)
def test_a_broken_dump_is_refused_with_its_line(data: bytes, line: int, words: str) -> None:
    with pytest.raises(DumpUnreadable) as caught:
        for dump in read_dumps(data):
            dump.image()
    assert words in told(caught.value.reason)
    assert caught.value.line == line
    assert (f"line {line}: " in told(caught.value.detail)) is bool(line)
    assert told(caught.value.detail).isprintable()


@for_each(
    ("data", "form", "line", "words"),
    [
        (b"11223344\n112233\n", Format.EML, 2, "3 bytes among blocks of 4"),
        (b"11" * 33, Format.EML, 1, "not a block of ISO 15693"),
        (b"zz\n", Format.EML, 1, "hexadecimal digits"),
        (b"# nothing\n", Format.BLOCKS, 0, "no memory"),
        (b"kQAFHL6Z=hQ=\n", Format.BASE64, 0, "not base64"),
        (b"kQAF\nHL6Z\nab?d\n", Format.BASE64, 3, "not base64"),
        (b"\xff\xfe\x00\x01", Format.HEX, 0, "not text, so not hex"),
        (b"\x00", Format.JSON, 0, "not text, so not json"),
        (b"11 22", Format.FLIPPER, 1, "not a key"),
        (b"Filetype: Flipper NFC device\nDevice type: SLIX\nData Content: 00\n", None, 0, '"Block Size" is missing'),
        (
            b"Filetype: Flipper NFC device\nDevice type: SLIX\nData Content: 00\nBlock Size: 01\n",
            None,
            0,
            '"Block Count" is missing',
        ),
        (b"11 22", Format.PROXMARK_BIN, 0, "5 bytes; a dump of the client has 2139, 2235, 2332"),
        (b"UID E00401501F453D8F\n" * 65, None, 65, "more than 64 tags"),
    ],
)
def test_a_format_that_is_told_is_held_to(data: bytes, form: Format | None, line: int, words: str) -> None:
    with pytest.raises(DumpUnreadable) as caught:
        read_dumps(data, form)
    assert words in told(caught.value.reason)
    assert caught.value.line == line


def test_a_proxmark_dump_must_have_the_blocks_it_counts() -> None:
    whole = json.loads(sample("proxmark-v4.json"))
    for key, value, words in (
        ("pagescount", "1D", "28 blocks, not 29"),
        ("pagescount", "00", "0 blocks"),
        ("bytesperpage", "00", "blocks of 0 bytes"),
        ("bytesperpage", "FF", "blocks of 255 bytes"),
    ):
        with pytest.raises(DumpUnreadable, match=words):
            read_dump(json.dumps(whole | {"Card": whole["Card"] | {key: value}}).encode())
    silent = whole | {"Card": whole["Card"] | {"uid": "E000000000000000"}}
    assert read_dump(json.dumps(silent).encode()).uid is None, "the client writes this if the tag gave no UID"


def test_a_flipper_file_without_locks_does_not_know_them() -> None:
    text = sample("iso15693.nfc").decode()
    without = "\n".join(line for line in text.split("\n") if not line.startswith(("Security", "Lock", "AFI", "DSFID")))
    dump = read_dump(without.encode())
    assert (dump.locked, dump.dsfid, dump.afi, dump.afi_locked) == (None, None, None, None)
    assert dump.image().locked == (False,) * 28


def test_a_tag_that_begins_like_utf_16_is_raw() -> None:
    data = b"\xff\xfe" + "\u4e2d".encode("utf-16-le") * 7
    assert detect(data) is Format.RAW
    assert read_dump(data).memory == data


def test_a_short_hexdump_is_known_by_its_size() -> None:
    assert read_dump(b"000000 11 22 33 44\n000004\n").memory == bytes.fromhex("11223344")
    assert detect(b"000000 11 22 33 44\n000005 66\n") is Format.HEX


def test_words_in_some_machines_order_are_refused() -> None:
    with pytest.raises(DumpUnreadable, match="use xxd"):
        read_dump(sample("words.txt"))


@pytest.mark.parametrize("name", ["other.json", "mifare.nfc"])
def test_a_dump_of_another_kind_of_tag_is_named(name: str) -> None:
    with pytest.raises(DumpUnreadable, match="not an ISO 15693 tag"):
        read_dump(sample(name))


@for_each(
    ("old", "new", "at", "words"),
    [
        ("Block Count: 28", "Block Count: 27", "Data Content", '"Data Content" has 112 bytes, not 108'),
        ("Block Count: 28", "Block Count: 99999999", "Block Count", "cannot be a tag"),
        ("Block Count: 28", "Block Count: 999999999", "Block Count", "not a number"),
        ("Block Count: 28", "Block Count: \u0665", "Block Count", "not a number"),
        ("Block Size: 04", "Block Size: 00", "Block Count", "cannot be a tag"),
        ("Block Size: 04", "Block Size: 04 04", "Block Size", "2 bytes, not 1"),
        ("Lock AFI: true", "Lock AFI: maybe", "Lock AFI", "neither true nor false"),
        ("UID: E0 04", "UID: E0", "UID", "7 bytes, not 8"),
        ("DSFID: 06", "DSFID 06", "DSFID 06", "not a key"),
        ("DSFID: 06", "AFI: 06", "AFI: 07", "twice"),
        ("UID:", "UIX:", "", '"UID" is missing'),
        ("Data Content:", "Data:", "", "not read"),
        ("Flipper NFC device", "Flipper RFID key", "Filetype", "Filetype"),
    ],
)
def test_a_broken_flipper_file_names_its_line(old: str, new: str, at: str, words: str) -> None:
    text = sample("iso15693.nfc").decode()
    assert old in text
    broken = text.replace(old, new, 1)
    with pytest.raises(DumpUnreadable) as caught:
        read_dump(broken.encode())
    assert words in told(caught.value.reason)
    lines = broken.split("\n")
    assert caught.value.line == (next(n for n, row in enumerate(lines, 1) if row.startswith(at)) if at else 0)


def test_lock_bits_must_fit() -> None:
    broken = sample("proxmark-v4.json").replace(b'"locks": "01', b'"locks": "')
    with pytest.raises(DumpUnreadable, match='"locks" has 27 bytes, not 28'):
        read_dump(broken)
    with pytest.raises(DumpUnreadable, match="lock bits"):
        Dump(Format.JSON, bytes(8), 4, locked=(True,)).image()


def test_memory_must_be_whole_blocks() -> None:
    with pytest.raises(DumpUnreadable, match="3 bytes do not fill blocks of 4 bytes"):
        read_dump(b"112233").image()
    assert read_dump(b"112233").image(block_size=3).block_count == 1
    for size in (0, 33):
        with pytest.raises(DumpUnreadable, match="a block of"):
            read_dump(b"112233").image(block_size=size)


# --- writing --------------------------------------------------------------------------------------------------------


@for_each("form", [form for form in Format if form is not Format.PROXMARK_BIN])
def test_what_is_written_is_read_again(form: Format) -> None:
    data = write_dump(WHOLE, form)
    assert detect(data) is form
    image = read_dump(data).image(uid=WHOLE.uid, dsfid=WHOLE.dsfid, afi=WHOLE.afi)
    assert image.memory == MEMORY
    if form in (Format.BLOCKS, Format.PROXMARK, Format.FLIPPER, Format.JSON):
        assert read_dump(data).image() == WHOLE


def test_files_for_other_programs_are_as_theirs() -> None:
    ours = json.loads(write_dump(WHOLE, Format.PROXMARK))
    theirs = json.loads(sample("proxmark-v4.json"))
    assert ours["FileType"] == theirs["FileType"]
    assert list(ours["Card"]) == list(theirs["Card"]), "the keys of prepareJSON, in the same order"
    assert ours["Card"] == theirs["Card"] | {"afilock": "00", "ic": "00"}
    assert ours["blocks"] == theirs["blocks"]
    keys = [line.partition(":")[0] for line in sample("iso15693.nfc").decode().splitlines() if not line.startswith("#")]
    written = dict(line.split(": ", 1) for line in write_dump(WHOLE, Format.FLIPPER).decode().splitlines())
    assert list(written) == [key for key in keys if key != "IC Reference"]
    assert (written["UID"], written["Block Size"], written["Block Count"]) == ("E0 04 01 50 1F 45 3D 8F", "04", "28")
    assert write_dump(WHOLE, Format.EML) == sample("plain.eml")
    assert write_dump(WHOLE, Format.BLOCKS) == sample("blocks.txt")


def test_what_a_format_cannot_hold_is_refused() -> None:
    many = TagImage(Uid(UID), 4, bytes(257 * 4), (False,) * 257, 0, 0)
    for form in (Format.PROXMARK, Format.FLIPPER):
        with pytest.raises(DumpUnreadable, match="256"):
            write_dump(many, form)
    with pytest.raises(DumpUnreadable, match="read only"):
        write_dump(WHOLE, Format.PROXMARK_BIN)
    large = TagImage(Uid(UID), 4, bytes(200 * 4), (False,) * 200, 0, 0)
    assert json.loads(write_dump(large, Format.PROXMARK))["Card"]["pagescount"] == "C800"
    assert read_dump(write_dump(large, Format.PROXMARK)).image() == large


# --- any other input ------------------------------------------------------------------------------------------------

images = st.integers(1, 8).flatmap(
    lambda size: st.integers(1, 40).flatmap(
        lambda count: st.builds(
            TagImage,
            uid=st.binary(min_size=7, max_size=7).map(lambda rest: Uid("E0" + rest.hex().upper())),
            block_size=st.just(size),
            memory=st.binary(min_size=size * count, max_size=size * count),
            locked=st.lists(st.booleans(), min_size=count, max_size=count).map(tuple),
            afi=st.integers(0, 255),
            dsfid=st.integers(0, 255),
        )
    )
)


@given(images, st.sampled_from([form for form in Format if form is not Format.PROXMARK_BIN]))
def test_any_tag_survives_its_format(image: TagImage, form: Format) -> None:
    data = write_dump(image, form)
    dump = read_dump(data, form)
    assert dump.memory == image.memory
    if form in (Format.BLOCKS, Format.PROXMARK, Format.FLIPPER, Format.JSON):
        assert dump.image() == image
        assert read_dump(data) == dump, "the format is recognized by its content"


def read_anything(data: bytes) -> None:
    for form in (None, *Format):
        try:
            dumps = read_dumps(data, form)
        except DumpUnreadable as error:
            said = told(error.detail)
        else:
            said = ""
            for dump in dumps:
                assert 1 <= len(dump.memory) <= MAX_MEMORY
                assert form is None or dump.format is form
        assert said.isprintable()


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_dump_or_an_error(data: bytes) -> None:
    read_anything(data)


SAMPLES = sorted(
    path.name for path in DATA.iterdir() if path.suffix in (".hex", ".b64", ".txt", ".eml", ".json", ".nfc")
)


@given(st.sampled_from(SAMPLES), st.integers(0, 1200), st.integers(0, 60), st.binary(max_size=6))
def test_any_damage_is_a_dump_or_an_error(name: str, at: int, cut: int, put: bytes) -> None:
    data = sample(name)
    at %= len(data)
    read_anything(data[:at] + put + data[at + cut :])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("00"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["FileType", "Card", "blocks", "0", "raw", "image", "block_size", "memory", "locked", "uid"]
                )
                | st.text(max_size=3),
                inner | st.sampled_from(["15693", "15693 v2", "15693 v4", "15693 v5"]),
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_dump_or_an_error(value: object) -> None:
    read_anything(json.dumps(value).encode())


@given(st.binary(min_size=16, max_size=16), st.sampled_from([2139, 2235, 2332]))
def test_any_binary_of_the_clients_length_is_a_dump_or_an_error(head: bytes, length: int) -> None:
    read_anything(head.ljust(length, b"\x01"))
    read_anything(struct.pack("<8s", head[:7] + b"\xe0") + head.ljust(length - 8, b"\0"))
