"""ISO 28560-4: every cited vector in its direction, both banks both ways, and only the two documented errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from crccheck.crc import Crc16Genibus
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, Undecodable
from station.base.text import clean
from station.encoding.content import TagContent
from station.encoding.iso28560_4 import codec as part4
from station.encoding.iso28560_4 import urn40
from station.encoding.iso28560_4.codec import Application, EpcBank, OwnerPlace, ProtocolControl, Uii
from tests.support.for_each import for_each
from tests.support.sample_tags import of_model, vectors

MODELS = {
    "28560-4/urn40": "test_urn40",
    "28560-4/uii": "test_urn40, here",
    "28560-4/epc-bank": "here",
    "28560-4/user-bank": "here",
    "gen2/crc": "here",
    "uhf/bookwaves-header": "test_urn40, test_uhf_fields",
    "uhf/bookwaves-DE290": "test_uhf_fields",
    "uhf/smartfreq-BR": "test_uhf_fields",
    "uhf/cn-university-alliance-96": "test_uhf_fields",
    "uhf/cn-university-alliance-epc": "test_uhf_fields",
}
BANK = bytes.fromhex("45c2141cc04fc70badb5c6e2da1ded4dd319")
USER = bytes.fromhex("060201d0140204b34607441cb6e2e335d65308ab4d6c9dd556cdeb00")


def codes(decoded: part4.Decoded) -> set[str]:
    return {remark.code for remark in decoded.remarks}


def test_every_vector_is_cited_and_has_a_test() -> None:
    for vector in vectors("28560-4"):
        assert vector["source"].strip()
        assert vector["model"] in MODELS
        assert vector["direction"] in ("both", "decode")


def by_hex(vector: dict[str, Any]) -> str:
    return vector["hex"][:24]


@for_each("vector", of_model("28560-4", "gen2/crc"))
def test_crc(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    assert f"{part4.gen2_crc(data):04X}" == vector["decoded"]["stored_crc"]
    assert Crc16Genibus.calc(data) == part4.gen2_crc(data)


@pytest.mark.parametrize("vector", of_model("28560-4", "28560-4/epc-bank"), ids=by_hex)
def test_epc_bank(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    bank = part4.decode_epc_bank(data, with_crc=False)
    pc = want["pc"]
    assert bank.pc == ProtocolControl(pc["length_words"], pc["umi"], pc["xpc"], pc["toggle_iso"], int(pc["afi"], 16))
    uii = part4.decode_uii(bank.data)
    assert f"{uii.owner}.{uii.identifier}" == want["uii"]
    assert part4.encode_epc_bank(uii.owner, uii.identifier, afi=0xC2, umi=True) == data


@pytest.mark.parametrize("vector", of_model("28560-4", "28560-4/uii"), ids=by_hex)
def test_uii(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    text = want.get("uii") or want["text"]
    uii = part4.decode_uii(data)
    assert uii == part4.split_uii(text)
    assert part4.encode_uii(uii.owner, uii.identifier) == data + bytes(len(data) % 2)


@pytest.mark.parametrize("vector", of_model("28560-4", "28560-4/user-bank"), ids=by_hex)
def test_user_bank(vector: dict[str, Any]) -> None:
    data, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    content, remarks = part4.decode_user_bank(data, "30123000000017")
    rows = want["elements"]
    assert [(e.oid, e.compaction) for e in content.elements] == [(r["oid"], r["compaction"]) for r in rows]
    values = [", ".join(map(str, r["value"])) if isinstance(r["value"], list) else r["value"] for r in rows]
    assert [e.value for e in content.elements] == values
    for element, row in zip(content.elements, rows, strict=True):
        assert data[element.offset : element.offset + element.length].endswith(bytes.fromhex(row["raw"]))
        assert data[element.offset] & 0x0F == row["oid"]
    assert (content.part, content.parts, content.shelf_location) == (3, 12, "QA268.L55")
    assert content.primary_item_identifier == "30123000000017"
    assert all(remark.offset is None or remark.offset < len(data) for remark in remarks)


def test_what_we_write_differs_from_the_example_only_in_the_owners_encoding() -> None:
    # The example packs the owner by 7 bits into the user bank. The station writes it into the UII; the other bytes are
    # the same.
    content = TagContent("12345678.31", "CH-000134-1", part=3, parts=12, shelf_location="QA268.L55")
    written = part4.encode(content, afi=0xC2)
    assert written.epc_bank == BANK
    assert written.user_bank == USER[:3] + b"\x50" + USER[4:17] + b"\0"


def test_with_the_owner_in_the_user_bank_the_example_of_the_standard_is_written_byte_for_byte() -> None:
    """ISO/TS 28560-4:2014 p. 52, as quoted in dp2's Test_encode_userbank_2: the owner as text, after all else."""
    content = TagContent("30123000000017", "US-InU-Mu", part=3, parts=12, shelf_location="QA268.L55")
    written = part4.encode(content, afi=7, owner=OwnerPlace.USER_BANK)
    assert written.user_bank == USER
    assert part4.decode_uii(part4.decode_epc_bank(written.epc_bank, with_crc=False).data) == Uii("", "30123000000017")
    decoded = part4.decode(written.epc_bank, written.user_bank, with_crc=False)
    assert replace(decoded.content, elements=()) == content
    # The standard's own example gets no remark.
    assert codes(decoded) == set()
    # There, an owner alone is enough to make a user bank. With the owner in the UII it makes none.
    alone = TagContent("30123000000017", "US-InU-Mu")
    assert part4.encode_user_bank(alone) == b""
    assert part4.encode_user_bank(alone, OwnerPlace.USER_BANK)
    with pytest.raises(ElementInvalid):
        part4.encode(replace(content, owner_institution="US InU"), afi=7, owner=OwnerPlace.USER_BANK)


def test_both_banks_together() -> None:
    decoded = part4.decode(BANK, USER, with_crc=False)
    content = decoded.content
    assert (content.primary_item_identifier, content.owner_institution) == ("12345678.31", "CH-000134-1")
    assert (content.part, content.parts) == (3, 12)
    # The two examples belong to different libraries.
    assert "two-owners" in codes(decoded)


def test_owner_in_the_user_bank_alone() -> None:
    bank = part4.encode_epc_bank("", "12345678", afi=7, umi=True)
    decoded = part4.decode(bank, USER, with_crc=False)
    assert decoded.content.owner_institution == "US-InU-Mu"
    assert "two-owners" not in codes(decoded)


# --- protocol control word ------------------------------------------------------------------------------------------


@for_each("words", [0, 1, 6, 31])
@for_each("flags", [(True, False, False), (False, True, False), (False, False, True)])
@for_each("afi", [0, 7, 0xC2, 0xFF])
def test_control_word_both_ways(words: int, flags: tuple[bool, bool, bool], afi: int) -> None:
    pc = ProtocolControl(words, *flags, afi)
    data = part4.encode_pc(pc)
    assert int.from_bytes(data, "big") == words * 2048 + flags[0] * 1024 + flags[1] * 512 + flags[2] * 256 + afi
    assert part4.decode_pc(b"??" + data, 2) == pc


@pytest.mark.parametrize(("words", "afi"), [(-1, 7), (32, 7), (1, -1), (1, 256)])
def test_control_word_out_of_range(words: int, afi: int) -> None:
    with pytest.raises(ElementInvalid):
        part4.encode_pc(ProtocolControl(words, umi=False, xpc=False, iso=True, afi=afi))


@pytest.mark.parametrize(
    ("code", "application"),
    [
        ("3107", Application.LIBRARY),
        ("31c2", Application.LIBRARY),
        ("3121", Application.ISO),
        ("3000", Application.GS1),
        ("3007", Application.GS1),
        ("30c2", Application.GS1),
    ],
)
def test_toggle_and_afi_decide(code: str, application: Application) -> None:
    data = bytes.fromhex(code)
    assert part4.decode_pc(data).application is application
    bank = data + part4.encode_uii("US-InU-Mu", "12345")[:12].ljust(12, b"\0")
    if application is Application.LIBRARY:
        assert part4.decode(bank, with_crc=False).content.owner_institution == "US-InU-Mu"
    else:
        with pytest.raises(Undecodable, match=application.value):
            part4.decode(bank, with_crc=False)


# --- EPC bank -------------------------------------------------------------------------------------------------------


def test_stored_crc_is_checked_and_no_gate() -> None:
    crc = part4.gen2_crc(BANK).to_bytes(2, "big")
    assert codes(part4.decode(crc + BANK)) == set()
    # dp2's test has 0000 before the bank: a test image made by hand.
    decoded = part4.decode(b"\0\0" + BANK)
    assert codes(decoded) == {"stored-crc-differs"}
    assert f"is 0000 and should be {part4.gen2_crc(BANK):04X}" in decoded.remarks[0].sentence
    assert (decoded.remarks[0].offset, decoded.remarks[0].length) == (0, 2)


def test_words_behind_the_length_are_not_read() -> None:
    bank = part4.decode_epc_bank(BANK + b"\xff\xff\x12", with_crc=False)
    assert bank == EpcBank(part4.decode_pc(BANK), BANK[2:], None, part4.gen2_crc(BANK))


@pytest.mark.parametrize("bank", [b"", b"\x45", BANK[:-1], BANK[:-2]])
def test_short_banks(bank: bytes) -> None:
    with pytest.raises(Undecodable):
        part4.decode_epc_bank(bank, with_crc=False)
    with pytest.raises(Undecodable):
        part4.decode_epc_bank(b"\0\0" + bank)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(Undecodable, match="at byte 2: 8 words promised, 7 there"):
        part4.decode_epc_bank(b"\0\0" + BANK[:-2])
    with pytest.raises(Undecodable, match="at byte 4: the UII holds"):
        part4.decode(bytes.fromhex("0000 0907 fc1b"))
    with pytest.raises(ElementInvalid, match="takes 32 words; there is room for 31"):
        part4.encode_uii("", "A" * 94)


@pytest.mark.parametrize("afi", [0, 0x21, 0xD7, 256, -1])
def test_afi_of_another_application_is_not_written(afi: int) -> None:
    with pytest.raises(ElementInvalid):
        part4.encode_epc_bank("US-InU-Mu", "12345", afi=afi)


# --- UII ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "owner", "identifier"),
    [
        ("CH-000134-1.12345678.31", "CH-000134-1", "12345678.31"),
        ("12345678", "", "12345678"),
        (".12345678", "", "12345678"),
        ("CH-000134-1.", "CH-000134-1", ""),
    ],
)
def test_a_uii_is_divided_at_the_first_full_stop(text: str, owner: str, identifier: str) -> None:
    assert part4.split_uii(text) == Uii(owner, identifier)


@pytest.mark.parametrize(
    ("owner", "identifier"),
    [
        ("US-InU-Mu", ""),
        ("US.InU", "12345"),
        ("", "12345.31"),
        ("US-InU-Mu", "12\x1b45"),
        ("US-InU-Mu", " 12345"),
        ("US-InU-Mu", "A\U0001f4d6"),
        ("US-InU-Mu", "a" * 60),
    ],
)
def test_a_uii_that_would_not_read_back_is_not_written(owner: str, identifier: str) -> None:
    with pytest.raises(ElementInvalid):
        part4.encode_uii(owner, identifier)


@pytest.mark.parametrize("text", ["CH-000134-1.", "\x1b.12", "A\u202eB"])
def test_a_uii_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(Undecodable):
        part4.decode_uii(urn40.encode(text))


def test_the_longest_uii() -> None:
    longest = part4.encode_uii("", "A" * 93)
    assert len(longest) == 62
    assert part4.decode_epc_bank(part4.encode_epc_bank("", "A" * 93, afi=7), with_crc=False).pc.words == 31
    with pytest.raises(ElementInvalid):
        part4.encode_uii("", "A" * 94)


# --- user bank ------------------------------------------------------------------------------------------------------


def test_nothing_to_say_needs_no_user_bank() -> None:
    written = part4.encode(TagContent("12345", "US-InU-Mu"), afi=7)
    assert written.user_bank == b""
    assert not part4.decode_pc(written.epc_bank).umi


def test_user_memory_indicator_against_the_user_bank() -> None:
    content = TagContent("12345", "US-InU-Mu", shelf_location="QA1")
    written = part4.encode(content, afi=7)
    with_umi, user = written.epc_bank, written.user_bank
    without = bytes([with_umi[0] & ~4]) + with_umi[1:]
    assert codes(part4.decode(with_umi, user, with_crc=False)) == set()
    for bank, other, code in ((without, user, "user-bank-denied"), (with_umi, bytes(32), "user-bank-empty")):
        for crc in (b"", part4.gen2_crc(bank).to_bytes(2, "big")):
            [remark] = part4.decode(crc + bank, other, with_crc=bool(crc)).remarks
            assert (remark.code, remark.offset, remark.length) == (code, len(crc), 2)
    assert codes(part4.decode(without, bytes(32), with_crc=False)) == set()
    # A missing user bank is not an empty one.
    assert codes(part4.decode(with_umi, with_crc=False)) == set()


@pytest.mark.parametrize("user", ["07", "3e0201d0", "060201", "061405"])
def test_a_broken_user_bank_costs_no_identifier(user: str) -> None:
    decoded = part4.decode(BANK, bytes.fromhex(user), with_crc=False)
    assert decoded.content == TagContent("12345678.31", "CH-000134-1")
    assert "user-bank-unreadable" in codes(decoded)


@pytest.mark.parametrize(("user", "offset"), [("", 0), ("07", 0), ("060201", 3), ("0602", 2)])
def test_the_place_in_the_user_bank(user: str, offset: int) -> None:
    with pytest.raises(Undecodable) as error:
        part4.decode_user_bank(bytes.fromhex(user), "12345")
    assert error.value.offset == offset


# --- properties -----------------------------------------------------------------------------------------------------

readable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=14)
shelves = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x24F), max_size=12).filter(
    lambda text: clean(text) == text
)


@st.composite
def contents(draw: st.DrawFn) -> TagContent:
    part, parts = sorted((draw(st.integers(1, 99)), draw(st.integers(1, 99))))
    further = draw(st.dictionaries(st.sampled_from([8, 9, 10, 12, 15, 17, 22, 26]), readable, max_size=3))
    return TagContent(
        primary_item_identifier=draw(readable),
        owner_institution=draw(st.sampled_from(["US-InU-Mu", "DE-526", "CH-000134-1", "FI-He"])),
        part=part,
        parts=parts,
        type_of_usage=draw(st.sampled_from([None, 0x10, 0x71])),
        shelf_location=draw(shelves),
        further=tuple(sorted(further.items())),
    )


@given(contents(), st.sampled_from(sorted(part4.LIBRARY_AFIS)), st.booleans(), st.sampled_from(OwnerPlace))
def test_what_is_written_is_read(content: TagContent, afi: int, with_crc: bool, owner: OwnerPlace) -> None:
    if owner is OwnerPlace.USER_BANK:
        content = replace(content, primary_item_identifier=content.primary_item_identifier.replace(".", "-"))
    written = part4.encode(content, afi=afi, owner=owner)
    crc = part4.gen2_crc(written.epc_bank).to_bytes(2, "big") if with_crc else b""
    decoded = part4.decode(crc + written.epc_bank, written.user_bank, with_crc=with_crc)
    assert replace(decoded.content, elements=()) == content
    assert not {"two-owners", "user-bank-denied", "user-bank-unreadable", "stored-crc-differs"} & codes(decoded)
    assert decoded.bank.pc.afi == afi
    assert len(written.epc_bank) % 2 == len(written.user_bank) % 2 == 0


@given(
    st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda tail: BANK[:6] + tail)), st.binary(max_size=60)
)
def test_any_banks_are_read_or_refused(bank: bytes, user: bytes) -> None:
    for with_crc in (True, False):
        for other in (user, b"\x06" + user, USER[: len(user)] + user):
            offset, identifier = 0, "refused"
            try:
                identifier = part4.decode(bank, other, with_crc=with_crc).content.primary_item_identifier
            except Undecodable as error:
                offset = error.offset
            assert 0 <= offset <= len(bank)
            assert identifier


@given(st.text(max_size=30), st.text(max_size=30), st.integers(-1, 300))
def test_any_text_is_written_or_refused(owner: str, identifier: str, afi: int) -> None:
    try:
        bank = part4.encode_epc_bank(owner, identifier, afi=afi)
    except ElementInvalid:
        return
    assert part4.decode_uii(part4.decode_epc_bank(bank, with_crc=False).data) == Uii(owner, identifier)
