"""Stop signs: each question is answered by a named source, and what no source answers is not known."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from station.base.sentence import Sentence
from station.base.settings import Rules
from station.base.settings.withdrawal import WithdrawalOptions
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.withdrawals.sign_answers import sign_answers
from station.domain.withdrawals.stop_signs import Reply, Sign, TitleStanding

PLAIN: Final = ItemRecord(barcode=Barcode("1"))
SITE: Final = WithdrawalOptions(depository=("DOCS",))
RULES: Final = Rules(leased_locations=("POPULAR",), gift_item_types=("GIFT",))
LIVE: Final = TitleStanding(source="alma", libraries=("EAST", "MAIN"), requested=False, on_loan=True)
CATALOG: Final = TitleStanding(source="catalog", libraries=("MAIN", "MAIN"), as_of="2026-11-01")


def answered(
    sign: Sign,
    record: ItemRecord = PLAIN,
    *standings: TitleStanding,
    site: WithdrawalOptions = SITE,
    rules: Rules = RULES,
) -> tuple[str, str, str, str]:
    answer = next(row for row in sign_answers(record, standings, site, rules) if row.sign is sign)
    return answer.reply.value, answer.source, answer.detail, answer.as_of


def record(**fields: Any) -> ItemRecord:
    marc = {name: fields.pop(name) for name in tuple(fields) if name in RecordFacts.__struct_fields__}
    return msgspec.structs.replace(PLAIN, marc=RecordFacts(**marc) if marc else None, **fields)


def test_what_no_source_answers_is_not_known() -> None:
    """A record without 583, 541 and status says nothing, and settings without codes neither."""
    answers = sign_answers(record(language="eng"), (), WithdrawalOptions(), Rules())
    assert tuple(answer.sign for answer in answers) == tuple(Sign)
    assert {(answer.reply, answer.source) for answer in answers} == {(Reply.NOT_KNOWN, "")}


@pytest.mark.parametrize(
    ("sign", "item", "expected"),
    [
        (Sign.RETENTION, record(retention="committed to retain EAST"), ("yes", "record", "committed to retain EAST")),
        (Sign.RETENTION, record(retained=True), ("yes", "record", "")),
        (Sign.RETENTION, record(retained=False), ("no", "record", "")),
        (Sign.DEPOSITORY, record(location="DOCS"), ("yes", "settings", "DOCS")),
        (Sign.DEPOSITORY, record(location="STACKS"), ("no", "settings", "")),
        (Sign.DEPOSITORY, record(class_numbers=(("086", "sudoc", "A 1.10:"),)), ("not-known", "", "")),
        (Sign.LEASE, record(acquisition="Lease plan"), ("yes", "record", "Lease plan")),
        (Sign.LEASE, record(location="POPULAR"), ("yes", "settings", "POPULAR")),
        (Sign.LEASE, record(location="STACKS"), ("no", "settings", "")),
        (Sign.GIFT, record(acquisition="Gift", donor="A friend"), ("yes", "record", "A friend")),
        (Sign.GIFT, record(acquisition="Purchase"), ("no", "record", "Purchase")),
        (Sign.GIFT, record(item_type="GIFT"), ("yes", "settings", "GIFT")),
        (Sign.LOAN, record(status="loan"), ("yes", "record", "loan")),
        (Sign.LOAN, record(status="available"), ("no", "record", "available")),
        (Sign.LOAN, record(status="missing"), ("not-known", "", "")),
        (Sign.REQUEST, record(status="HOLDSHELF"), ("yes", "record", "HOLDSHELF")),
        (Sign.REQUEST, record(status="available"), ("not-known", "", "")),
    ],
)  # fmt: skip
def test_the_record_answers_with_what_it_says(sign: Sign, item: ItemRecord, expected: tuple[str, str, str]) -> None:
    assert answered(sign, item)[:3] == expected


def test_who_came_before_is_no_answer_about_a_gift() -> None:
    assert answered(Sign.GIFT, record(donor="Baker"))[:3] == ("not-known", "record", "Baker")


def test_the_library_system_asked_now_comes_before_the_record_and_the_catalog() -> None:
    item = record(library="MAIN", status="available")
    assert answered(Sign.LOAN, item, LIVE, CATALOG) == ("yes", "alma", "available", "")
    assert answered(Sign.REQUEST, item, LIVE, CATALOG) == ("no", "alma", "", "")
    assert answered(Sign.LOAN, item, CATALOG) == ("no", "record", "available", "")
    indexed = msgspec.structs.replace(item, origin=Sentence.verbatim("catalog index"))
    assert answered(Sign.LOAN, indexed, CATALOG) == ("no", "catalog", "available", "2026-11-01")
    assert answered(Sign.LAST_HERE, item, LIVE, CATALOG) == ("no", "alma", "1", "")
    assert answered(Sign.LAST_HERE, item, CATALOG) == ("no", "catalog", "2", "2026-11-01")


def test_last_here_and_last_under_the_symbol_are_two_questions() -> None:
    west, apart = record(library="WEST"), msgspec.structs.replace(SITE, one_symbol=False)
    assert answered(Sign.LAST_HERE, west, LIVE)[:3] == ("yes", "alma", "0")
    assert answered(Sign.LAST_UNDER_SYMBOL, west, LIVE)[:3] == ("no", "alma", "2")
    assert answered(Sign.LAST_UNDER_SYMBOL, west, LIVE, site=apart)[:3] == ("yes", "alma", "0")
    alone = TitleStanding(source="alma", libraries=())
    assert answered(Sign.LAST_HERE, PLAIN, alone)[:3] == ("yes", "alma", "0"), "no library is needed for no other item"


def test_libraries_that_are_not_said_leave_the_last_copy_here_unknown() -> None:
    nowhere = TitleStanding(source="alma", libraries=("", "EAST"))
    assert answered(Sign.LAST_HERE, record(library="MAIN"), nowhere)[0] == "not-known"
    assert answered(Sign.LAST_HERE, record(library="EAST"), nowhere)[0] == "no"
    assert answered(Sign.LAST_HERE, PLAIN, LIVE)[0] == "not-known"


def test_an_export_can_stop_and_never_release() -> None:
    last = record(exported_holdings="NO HOLDINGS IN PAOLF - 0 OTHER HOLDINGS")
    many = record(exported_holdings="NO HOLDINGS IN PAOLF - 145 OTHER HOLDINGS")
    assert answered(Sign.LAST_ANYWHERE, last)[:2] == ("yes", "export")
    assert answered(Sign.LAST_ANYWHERE, many)[:3] == (
        "not-known",
        "export",
        "NO HOLDINGS IN PAOLF - 145 OTHER HOLDINGS",
    )
    assert answered(Sign.LAST_IN_GROUP, last)[0] == "yes"
