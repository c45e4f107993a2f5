"""The tag doctor: each row of its tables reports on a faulty tag and not on the repaired one; remarks of data models
appear too.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.encoding.content import (
    Severity,
)
from station.encoding.doctor import doctor
from station.encoding.doctor.doctor import CHECKS, examine
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition.registry import DATA_MODELS
from tests.encoding.doctor.cases import (
    BARCODE,
    CASES,
    DANISH_PROFILE,
    OCTET_OWNER,
    OTHER,
    PLAIN,
    Odd,
    Seen,
    changed,
    one_with,
    part_2,
)
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, danish, image, item


@for_each("code", [check.code for check in CHECKS])
def test_every_row_has_a_tag_that_shows_it_and_a_mended_one_that_does_not(code: str) -> None:
    sick, mended = CASES[code]
    check = next(check for check in CHECKS if check.code == code)
    shown = [each for each in sick.diagnoses() if each.code == code]
    assert shown, f"{code} is not found in {sorted(sick.codes())}"
    assert code not in mended.codes()
    for each in shown:
        assert (each.severity, each.advice) == (check.severity, check.advice)
        assert "{" not in each.sentence
        if each.offset is not None:
            assert each.offset >= 0
            assert each.offset + each.length <= len(sick.image.memory)
    differ = [name for name in sick.__dataclass_fields__ if getattr(sick, name) != getattr(mended, name)]
    assert len(differ) == 1, f"the repaired tag differs in {differ}"


@for_each("code", [check.code for check in CHECKS])
def test_a_row_taken_out_is_missed(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # No other row, and no remark of a data model, reports the same fault.
    monkeypatch.setattr(doctor, "CHECKS", tuple(check for check in CHECKS if check.code != code))
    assert code not in CASES[code][0].codes()


def test_codes_are_unique_and_every_case_is_a_row() -> None:
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    assert set(CASES) == set(codes)
    remarks = {kind.code for model in DATA_MODELS for kind in model.kinds}
    assert not remarks & set(codes)


def test_sentences_and_advice_are_sentences() -> None:
    for check in CHECKS:
        for text in (check.sentence, check.advice):
            assert text[0].isupper() or text[0] == "{"
            assert text.endswith(".")
        assert check.advice.count(". ") == 0, "advice is one action"


def test_rows_of_a_table_are_ordered_by_severity() -> None:
    order = list(Severity)[::-1]
    for table in (doctor.CHIP_CHECKS, doctor.SYSTEM_CHECKS, doctor.CONTENT_CHECKS, doctor.ITEM_CHECKS):
        places = [order.index(check.severity) for check in table]
        assert places == sorted(places)


def test_the_worst_comes_first() -> None:
    sick = Seen(
        replace(changed(item(OTHER), 80, b"\xff\x01"), afi=0), barcode=BARCODE, profile=replace(PROFILE, smallest=200)
    )
    severities = [each.severity for each in sick.diagnoses()]
    order = list(Severity)[::-1]
    assert severities == sorted(severities, key=order.index)
    assert {Severity.CRITICAL, Severity.MAJOR, Severity.INFO} <= set(severities)


# --- remarks of the data models -------------------------------------------------------------------------------------


def test_a_remark_brings_severity_and_advice_of_its_kind() -> None:
    found = examine(image(b"\x01", afi=7), PROFILE, models=(Odd(),))
    for level in Severity:
        [one] = [each for each in found if each.code == f"odd-{level}"]
        assert (one.severity, one.sentence, one.advice) == (level, f"It is {level}.", f"Do {level}.")
        assert (one.offset, one.length) == (3, 2)
    [unlisted] = [each for each in found if each.code == "unlisted"]
    assert unlisted.severity is Severity.MINOR


@pytest.mark.parametrize(
    ("tag", "severity"),
    [
        ("crc-wrong", Severity.CRITICAL),
        ("crc-missing", Severity.CRITICAL),
        ("swapped-parts", Severity.MAJOR),
        ("reversed-blocks", Severity.MAJOR),
        ("swapped-nibbles", Severity.MINOR),
    ],
)
def test_named_deviants_of_28560_3(tag: str, severity: Severity) -> None:
    sick, right = DEVIANTS[tag]
    one = one_with(examine(image(sick, dsfid=0x3E, afi=7), DANISH_PROFILE), tag)
    kind = next(kind for model in DATA_MODELS for kind in model.kinds if kind.code == tag)
    assert (one.severity, one.severity, one.advice) == (severity, kind.severity, kind.advice)
    # The data model's remark on an unproven tag is enough.
    assert "claim-only" not in {each.code for each in examine(image(sick, dsfid=0x3E, afi=7), DANISH_PROFILE)}
    assert examine(image(right, dsfid=0x3E, afi=7), DANISH_PROFILE) == ()


RIGHT = danish(BARCODE)
DEVIANTS = {
    "crc-wrong": (RIGHT[:19] + bytes([RIGHT[19] ^ 1]) + RIGHT[20:], RIGHT),
    "crc-missing": (RIGHT[:19] + b"\0\0" + RIGHT[21:], RIGHT),
    "swapped-parts": (danish(BARCODE, parts=2, part=3), RIGHT),
    "reversed-blocks": (b"".join(RIGHT.ljust(36, b"\0")[at : at + 4][::-1] for at in range(0, 36, 4)), RIGHT),
    "swapped-nibbles": (danish(BARCODE, first=0x21), RIGHT),
}


def test_content_parameter_that_names_other_elements() -> None:
    right = iso28560_2_codec.encode_elements([(1, BARCODE), (3, ISIL)])
    at = right.index(b"\x02\x01\x80") + 2
    wrong = right[:at] + b"\xc0" + right[at + 1 :]
    found = examine(image(wrong, dsfid=6, afi=7), PROFILE)
    one = one_with(found, "content-parameter-differs")
    assert (one.offset, one.severity) == (at - 2, Severity.MINOR)
    assert "content-parameter-differs" not in {each.code for each in examine(image(right, dsfid=6, afi=7), PROFILE)}


def test_an_owner_in_the_wrong_encoding() -> None:
    found = examine(image(PLAIN + OCTET_OWNER, dsfid=6, afi=7), PROFILE)
    [one] = [each for each in found if each.offset == len(PLAIN) and each.severity is Severity.MINOR]
    assert "Owner institution" in one.sentence


def test_what_a_check_says_better_is_not_said_twice() -> None:
    # The data models only remark that something follows the end of the content, or that no item is named.
    for code, remark in (
        ("leftover-item", "leftover"),
        ("leftover-text", "leftover"),
        ("no-identifier", "names-no-item"),
    ):
        sick = CASES[code][0]
        assert remark in {each.code for model in DATA_MODELS for each in model.kinds}
        assert remark not in sick.codes()


def test_an_empty_tag_that_must_not_be_used_is_not_to_be_written() -> None:
    blank = image(bytes(112))
    assert "blank" in Seen(blank).codes()
    assert Seen(replace(blank, locked=(True, *blank.locked[1:]))).codes() == {"locked-unwritten"}


def test_every_remark_that_is_replaced_exists() -> None:
    known = {kind.code for model in DATA_MODELS for kind in model.kinds} | {check.code for check in CHECKS}
    assert frozenset().union(*(check.instead_of for check in CHECKS)) <= known


def test_set_information_that_makes_no_sense() -> None:
    found = {each.code for each in examine(part_2((1, BARCODE), (3, ISIL), (4, "12")), PROFILE)}
    assert "set-nonsense" in found
    assert "set-nonsense" not in {each.code for each in examine(part_2((1, BARCODE), (3, ISIL), (4, "21")), PROFILE)}
