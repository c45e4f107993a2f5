"""Every cited vector, in both directions if its bytes are canonical. A vector without a citation fails."""

from __future__ import annotations

from typing import Any

import pytest
from crccheck.crc import Crc16CcittFalse

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.content import TagState
from station.encoding.iso15962 import compaction, elements, isil
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2.codec import Iso28560Part2
from station.encoding.iso28560_3 import basic_block
from station.encoding.recognition import rfid501
from station.encoding.recognition.recognise import recognise
from tests.support.for_each import for_each
from tests.support.sample_tags import PROFILE, VECTORS, image, of_model, vectors

MODELS = {
    "15962/compaction",
    "28560-2",
    "28560-2/hint",
    "28560-2/isil",
    "28560-2/content-parameter",
    "28560-3",
    "28560-3/crc",
    "28560-3/negative",
    "danish/reversed-blocks",
    "3m-rfid501",
}
FILES = ("15962", "28560-2", "28560-3", "3m-rfid501")


def by_hex(vector: dict[str, Any]) -> str:
    return vector["hex"][:24]


@pytest.mark.parametrize("name", FILES)
def test_every_vector_is_cited_and_has_a_test(name: str) -> None:
    assert vectors(name)
    for vector in vectors(name):
        assert vector.get("source", "").strip(), vector
        assert vector["model"] in MODELS, vector
        assert vector["direction"] in ("both", "decode"), vector


def test_no_other_vector_file_lies_there_untested_by_us() -> None:
    tag_files = {path.stem for path in VECTORS.glob("*.jsonl") if path.stem.startswith(("15962", "28560", "3m-"))}
    # 28560-4 is UHF: test_28560_4, test_urn40 and test_uhf_fields.
    assert tag_files == {*FILES, "28560-4"}


@for_each("vector", of_model("15962", "15962/compaction"))
def test_compaction(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    scheme = Scheme(want["compaction"])
    assert compaction.NAMES[scheme] == want["scheme"]
    assert compaction.decode(data, scheme) == want["text"]
    assert vector["direction"] == "both"
    assert compaction.encode(want["text"], scheme) == data


@pytest.mark.parametrize("vector", of_model("28560-2", "28560-2/isil"), ids=by_hex)
def test_isil(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]["isil"]
    assert isil.decode(data) == want
    assert isil.decode(isil.encode(want)) == want
    if vector["direction"] == "both":
        assert isil.encode(want) == data


def test_isil_rule_gives_dp2s_bytes_for_de_heu1() -> None:
    # docs/reference/tag-data.md#isil-code: the rule reproduces both US-InU-Mu and DE-Heu1 (dp2 TestRfid.cs).
    assert isil.encode("DE-Heu1").hex() == "21408e16bf1f"


@pytest.mark.parametrize("vector", of_model("28560-2", "28560-2/content-parameter"), ids=by_hex)
def test_content_parameter(vector: dict[str, Any]) -> None:
    data, oids = bytes.fromhex(vector["hex"]), tuple(vector["decoded"]["oids"])
    assert iso28560_2_codec.content_parameter_oids(data) == oids
    assert iso28560_2_codec.content_parameter(oids) == data


def wanted(row: dict[str, Any]) -> str:
    if isinstance(row["value"], list):
        return ", ".join(map(str, row["value"]))
    return clean(row["value"])


MEMORIES = [*of_model("28560-2", "28560-2"), *of_model("28560-2", "28560-2/hint")]


@for_each("vector", [v for v in MEMORIES if not v.get("negative")])
def test_28560_2_memory(vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["hex"])
    rows = vector["decoded"]["elements"]
    decoded = iso28560_2_codec.decode(memory)
    assert [
        (raw.oid, int(raw.scheme), int(raw.offset_bit), raw.pad_bytes, len(raw.data), raw.data.hex())
        for raw in decoded.raw
    ] == [(r["oid"], r["compaction"], r["offset_bit"], r["pad_bytes"], r["len"], r["raw"]) for r in rows]
    assert [value.value for value in decoded.content.elements] == [wanted(row) for row in rows]
    if "bytes_consumed" in vector["decoded"]:
        assert decoded.end == vector["decoded"]["bytes_consumed"]
    by_oid = {row["oid"]: row for row in rows}
    assert decoded.content.primary_item_identifier == by_oid[1]["value"]
    if 3 in by_oid:
        assert decoded.content.owner_institution == by_oid[3]["value"]
    if 5 in by_oid:
        assert decoded.content.type_of_usage == int(by_oid[5]["raw"], 16)
    if 2 in by_oid:
        assert not any("content parameter" in remark.sentence for remark in decoded.remarks)
    assert (
        b"".join(
            memory[found.offset : found.offset + found.length]
            for found in Iso28560Part2().annotate(memory, Iso28560Part2().read(image(), memory))
        )
        == memory
    )
    if vector["direction"] == "both":
        lockable = frozenset(row["oid"] for row in rows if lock_of(vector, memory, decoded, row["oid"]))
        values = [(row["oid"], row["value"]) for row in rows if row["oid"] != 2]
        assert iso28560_2_codec.encode_elements(values, vector.get("block_size", 4), lockable) == memory
        assert not decoded.remarks


# Remarks on tags of the field, each in dp2's TestRfid.cs: every looseness gets a remark.
FIELD_TAGS = {
    "c102071100b0c30c30ca0000": ["octet-scheme", "scheme-differs"],
    "c102071100b0c30c30c60000": ["octet-scheme", "scheme-differs"],
    "11030aa97700000000000000": [],
    "91020312d68700000201b803": ["empty-element", "unprintable", "unprintable"],
    "21040000001f020130650110": [],
    "610a53453031303336313033": ["scheme-differs"],
    "9100051cbe991a140205d000": [],
}


@pytest.mark.parametrize(
    "vector", [v for v in MEMORIES if not v.get("negative") and v["direction"] == "decode"], ids=by_hex
)
def test_what_the_tags_of_the_field_are_told(vector: dict[str, Any]) -> None:
    remarks = iso28560_2_codec.decode(bytes.fromhex(vector["hex"])).remarks
    assert [remark.code for remark in remarks] == FIELD_TAGS[vector["hex"][:24]]


@pytest.mark.parametrize("vector", [v for v in MEMORIES if v.get("lock_map")], ids=by_hex)
def test_lock_maps(vector: dict[str, Any]) -> None:
    """The ranges to lock match the vector's map: l = locked, w = will be locked, . = open."""
    memory, rows = bytes.fromhex(vector["hex"]), vector["decoded"]["elements"]
    decoded = iso28560_2_codec.decode(memory)
    locked = frozenset(row["oid"] for row in rows if lock_of(vector, memory, decoded, row["oid"]))
    room = next((len(bytes.fromhex(row["raw"]).lstrip(b"\xd0")) for row in rows if row["oid"] == 2), 0)
    values = [(row["oid"], row["value"]) for row in rows if row["oid"] != 2]
    layout = iso28560_2_codec.place_elements(values, 4, locked, reserve=room)
    assert layout.data == memory
    found = ["."] * (len(memory) // 4)
    for offset, length in layout.locks:
        for block in range(offset // 4, (offset + length) // 4):
            found[block] = "l"
    assert "".join(found) == vector["lock_map"].replace("w", "l")


def lock_of(vector: dict[str, Any], memory: bytes, decoded: iso28560_2_codec.Decoded, oid: int) -> bool:
    """Tell whether the vector's lock map locks the element ('l' locked, 'w' will be locked)."""
    raw = next(raw for raw in decoded.raw if raw.oid == oid)
    return vector["lock_map"][raw.offset // 4] in "lw"


def test_the_worked_example_of_the_standard_means_what_it_says() -> None:
    memory = bytes.fromhex("9100051cbe991a140201d0140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000")
    content = iso28560_2_codec.decode(memory).content
    assert (content.primary_item_identifier, content.owner_institution) == ("123456789012", "US-InU-Mu")
    assert (content.part, content.parts, content.shelf_location) == (3, 12, "QA268.L55")


@pytest.mark.parametrize("vector", [v for v in MEMORIES if v.get("negative")], ids=by_hex)
def test_28560_2_malformed(vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["hex"])
    with pytest.raises(Undecodable):
        iso28560_2_codec.decode(memory)
    judged = recognise(image(memory, dsfid=6), PROFILE)
    assert judged.state is TagState.UNKNOWN
    assert judged.content is None


@pytest.mark.parametrize("vector", of_model("28560-3", "28560-3/crc"), ids=by_hex)
def test_crc(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), int(vector["decoded"]["crc16"], 16)
    assert basic_block.crc16(data) == want
    assert Crc16CcittFalse.calc(data) == want


def with_hyphen(stored: str) -> str:
    return f"{stored[:2]}-{stored[2:]}"


@for_each("vector", of_model("28560-3", "28560-3"))
def test_28560_3(vector: dict[str, Any]) -> None:
    memory, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    assert f"{basic_block.crc_of(memory):04X}" == want["crc_calc"] == want["crc_stored"]
    decoded = basic_block.decode(memory)
    content = decoded.content
    assert content.type_of_usage == want["type_of_usage"] << 4
    assert (content.parts, content.part) == (want["parts"], want["part_no"])
    assert decoded.stored_owner == want["owner"]
    library = next((e.value for e in content.elements if e.oid == 3 and e.offset > 34), "")
    assert content.owner_institution == (library or with_hyphen(want["owner"]))
    basic_id = next(e.value for e in content.elements if e.oid == 1)
    assert basic_id == want["primary_item_id"]
    found, stopped = basic_block.frames(memory)
    assert not stopped
    assert [(f.length, f.block, f.payload.hex()) for f in found] == [
        (row["len"], row["id"], row["payload"]) for row in want["ext"] if row != "END"
    ]


def test_28560_3_fields_of_the_extension_blocks() -> None:
    # Second vector of the Wildau library: blocks 1, 3, 4 and 5 of a synthetic model.
    vector = next(v for v in of_model("28560-3", "28560-3") if v["hex"].startswith("120302"))
    content = basic_block.decode(bytes.fromhex(vector["hex"])).content
    named = {e.oid: e.value for e in content.elements if e.offset >= 34}
    assert named == {
        19: "02", 22: "ALT-1", 3: "DE-Own", 6: "QA76", 8: "aj", 7: "BB", 24: "Br1", 17: "Title X",
        11: "DE-ILL", 12: "T99", 25: "ALTILL",
    }  # fmt: skip
    assert (content.owner_institution, content.shelf_location, content.type_of_usage) == ("DE-Own", "QA76", 0x20)


@pytest.mark.parametrize("vector", of_model("28560-3", "danish/reversed-blocks"), ids=by_hex)
def test_reversed_blocks(vector: dict[str, Any]) -> None:
    turned = basic_block.decode(bytes.fromhex(vector["hex"]))
    straight = basic_block.decode(bytes.fromhex(vector["decoded"]["same_as"]))
    assert turned.content == straight.content
    assert any("reversed" in remark.sentence for remark in turned.remarks)
    assert not straight.remarks


@pytest.mark.parametrize("vector", of_model("28560-3", "28560-3/negative"), ids=by_hex)
def test_wrong_crc_is_not_accepted(vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["hex"])
    with pytest.raises(Undecodable):
        basic_block.decode(memory)
    judged = recognise(image(memory, dsfid=0x3E), PROFILE)
    assert (judged.state, judged.model, judged.identifier) == (TagState.INCOMPLETE, "28560-3", "")
    assert judged.decoding is not None
    assert not judged.decoding.sound
    assert judged.confidence < 0.5
    assert any("CRC is wrong" in reason for reason in judged.reasons)


@pytest.mark.parametrize("vector", of_model("3m-rfid501", "3m-rfid501"), ids=by_hex)
def test_3m(vector: dict[str, Any]) -> None:
    memory, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    judged = recognise(image(memory), PROFILE)
    if "state" in want:
        assert judged.state is TagState.BLANK
        assert rfid501.is_factory_blank(memory)
        return
    content = rfid501.decode(memory)
    assert content.primary_item_identifier == want["content"]
    assert (content.part, content.parts) == (want["set"], want["total"])
    named = {e.name: e.value for e in content.elements}
    assert named["Branch and library"] == f"{want['branch']}, {want['library']}"
    assert named["Item type"] == rfid501.TYPES[want["type"]]
    # The custom number's byte order is ambiguous in the source (shown as bytes); in these vectors it is big-endian.
    assert int.from_bytes(bytes.fromhex(named["Custom data"]), "big", signed=True) == want["custom"]
    assert (judged.state, judged.model, judged.content) == (TagState.FOREIGN, "3m", content)


def test_element_layout_of_unsettled_order_is_read_both_ways() -> None:
    # No vector covers it (docs/reference/tag-data.md#element-layout): OID first, and pad count first where OID first
    # overruns.
    oid_first = bytes.fromhex("ff0200") + bytes([3]) + b"abc"
    pad_first = bytes.fromhex("ff0008") + bytes([3]) + b"abc"
    assert [(e.oid, e.data) for e in elements.decode(oid_first)[0]] == [(17, b"abc")]
    assert [(e.oid, e.data) for e in elements.decode(pad_first)[0]] == [(23, b"abc")]
