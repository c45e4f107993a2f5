"""Voyager's item service: the data read from it, and that hostile or broken answers leave the record from SIP2
unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Rejected, Unreachable
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import CheckOutcome
from station.domain.item import Barcode, ItemRecord
from station.sync.http import Answer
from station.sync.sip2.voyager import Voyager, items_of, refined
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

RECORD = ItemRecord(
    barcode=Barcode("31234000000017"), title="A title", location="CIRC", origin=Sentence.verbatim("SIP2 (available)")
)


def body(*items: str) -> bytes:
    inner = "".join(f'<item href="http://x/vxws/record/1/items/{n}">{item}</item>' for n, item in enumerate(items))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><response><reply-text>ok</reply-text><reply-code>0</reply-code>'
        f"<items><institution id='LOCAL'>{inner}</institution></items></response>"
    ).encode()


FULL = (
    '<itemData name="itemBarcode">31234000000017</itemData>'
    '<itemData id="32" name="permLocation" code="stk">Stacks</itemData>'
    '<itemData id="0" name="tempLocation"/>'
    '<itemData id="32" name="location" code="stk">Stacks</itemData>'
    '<itemData name="typeDesc">normal</itemData><itemData name="itemStatus">Not Charged</itemData>'
    '<itemData name="callNumber">QA76 .S5 2020</itemData><itemData name="enumeration">v.2</itemData>'
)
OTHER = FULL.replace("31234000000017", "31234000000025").replace("stk", "ref")


def test_the_item_with_the_barcode() -> None:
    record = refined(RECORD, items_of(body(OTHER, FULL)))
    assert (record.location, record.item_type, record.call_number) == ("stk", "normal", "QA76 .S5 2020")
    assert record.description == "v.2" and told(record.origin) == "Voyager (Not Charged)" and record.title == "A title"


def test_a_temporary_location_stands_before_the_permanent_one() -> None:
    moved = FULL.replace(
        '<itemData id="0" name="tempLocation"/>', '<itemData name="tempLocation" code="resv">Reserve</itemData>'
    )
    assert refined(RECORD, items_of(body(moved))).location == "resv"


def test_no_item_is_guessed() -> None:
    without = FULL.replace('<itemData name="itemBarcode">31234000000017</itemData>', "")
    assert refined(RECORD, items_of(body(without, without))) == RECORD
    assert refined(RECORD, items_of(body(OTHER))) == RECORD
    assert refined(RECORD, items_of(body(FULL, FULL))) == RECORD
    assert refined(RECORD, items_of(body())) == RECORD
    assert refined(RECORD, items_of(body(without))).location == "stk"  # the record's only item


@for_each(
    ("data", "why"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><response>&a;</response>", "document type"),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><response/>", "document type"),
        (b"<response><items>", "not XML"),
        (b"", "not XML"),
        (b"<a>" * 60, "nested too deep"),
        (b'<?xml version="1.0" encoding="none-such"?><response/>', "not XML"),
        (b'<?xml version="1.0" encoding="shift_jis"?><response/>', "not XML"),
        (b'<?xml version="1.0" encoding="punycode"?><response/>', "not XML"),
        (b'<?xml version="1.0" encoding="base64"?><response/>', "not XML"),
        (
            b"<response><reply-text>Record not found</reply-text><reply-code>22</reply-code></response>",
            "Record not found",
        ),
    ],
)
def test_bad_answers(data: bytes, why: str) -> None:
    with raises_told(Rejected, match=why):
        items_of(data)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    reason = ""
    try:
        items_of(data)
    except Rejected as error:
        reason = told(error.detail)
    assert reason == "" or reason.isprintable()


def test_hostile_text_is_harmless() -> None:
    hostile = FULL.replace("Not Charged", "&#x202e;[red]&#x9b;31m").replace('code="stk"', 'code="&#x85;s"')
    record = refined(RECORD, items_of(body(hostile)))
    assert told(record.origin) == "Voyager ([red]31m)" and record.location == "s"


def test_trouble_leaves_the_record_and_says_so() -> None:
    def down(_path: str) -> Answer:
        raise Unreachable("no connection")

    asked: list[str] = []

    def fine(path: str) -> Answer:
        asked.append(path)
        return Answer(200, {}, body(FULL), "")

    assert told(Voyager(down, lambda _: "17").refine(RECORD).origin) == "SIP2 (available); Voyager: no connection"
    assert Voyager(fine, lambda _: "").refine(RECORD) == RECORD
    assert Voyager(fine, lambda _: "17/../x").refine(RECORD) == RECORD
    assert Voyager(fine, lambda _: "17").refine(RECORD).location == "stk"
    assert asked == ["/record/17/items?view=full"]


def checked(answer: Answer | Exception) -> CheckOutcome:
    def get(_path: str) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    (check,) = Voyager(get, lambda _: "").check()
    assert (check.outcome is CheckOutcome.GOOD) is not bool(check.remedy)
    return check.outcome


def test_the_check_takes_a_service_that_does_not_know_the_record_and_nothing_else() -> None:
    unknown = b"<response><reply-text>Failed</reply-text><reply-code>22</reply-code></response>"
    assert checked(Answer(200, {}, unknown, "")) is CheckOutcome.GOOD
    assert checked(Answer(200, {}, body(FULL), "")) is CheckOutcome.GOOD
    assert checked(Answer(404, {}, unknown, "")) is CheckOutcome.BAD
    assert checked(Answer(200, {}, b"<html><reply-code>0</reply-code></html>", "")) is CheckOutcome.BAD
    assert checked(Answer(200, {}, b"<response/>", "")) is CheckOutcome.BAD
    assert checked(Unreachable("no connection")) is CheckOutcome.BAD
