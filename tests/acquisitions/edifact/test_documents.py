"""Documents of EDIFACT messages, and the packing lists made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from station.acquisitions.edifact.documents import Amount, Charge, Document, DocumentKind, Line, Qualified
from station.acquisitions.edifact.file import read
from station.acquisitions.edifact.messages import NoteCode
from station.acquisitions.edifact.messages import read as read_messages
from station.acquisitions.edifact.packing import packing_list
from station.base.errors import PackingRefused, VendorFileRefused
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from tests.acquisitions.edifact.samples import sample
from tests.support.for_each import for_each
from tests.support.told import raises_told


def invoice(**options: Any) -> Document:
    return read(sample(**options), "a.edi").documents[1]


def test_a_despatch_advice_names_the_carton_of_each_line() -> None:
    advice = read(sample(), "a.edi").documents[0]
    assert (advice.kind, advice.number, advice.date) == (DocumentKind.DESPATCH_ADVICE, "SHIP-7", "2026-11-30")
    assert advice.vendor == "7654321"
    assert advice.cartons == ("016921002621109648", "016921002621109655")
    assert [(line.number, line.carton, line.reference("ON")) for line in advice.lines] == [
        ("1", "016921002621109648", "POL-11"),
        ("2", "016921002621109655", "POL-12"),
    ]


def test_an_invoice_keeps_what_belongs_to_the_line_apart_from_charges_and_totals() -> None:
    document = invoice()
    (line,) = document.lines
    assert (document.kind, document.currency, document.counts) == (DocumentKind.INVOICE, "EUR", {"1": "3", "2": "1"})
    assert document.references == (Qualified("ON", "FREE TEXT"),)
    assert document.totals == (Amount("79", Decimal("156.60")),)
    assert document.charges == (
        Charge(allowance=False, code="PAB", text="POSTAGE", amounts=(Amount("8", Decimal("6.60")),)),
    )
    assert line.charges == (Charge(allowance=True, code="DI", amounts=(Amount("8", Decimal(30)),)),)
    assert line.amounts == (Amount("203", Decimal(150)),)
    assert line.quantities == (Amount("47", Decimal(3)),)
    assert line.trade_number == "9780262033848"
    assert line.order_line == "POL-11/1"


def test_copies_are_read_by_qualifier_whatever_their_order() -> None:
    copies = invoice().lines[0].copies
    assert [(copy.number, copy.barcode, copy.branch) for copy in copies] == [
        ("001", "31999000000014", "MAIN"),
        ("002", "31999000000022", "EAST"),
        ("003", "", "EAST"),
    ]


def test_pieces_of_a_title_are_joined_with_a_space_unless_the_first_is_full() -> None:
    assert invoice().lines[0].title == "INTRODUCTION TO ALGORITHMS AND MUL TI-CORE COMPUTERS: CAFÉ + '99"
    full = invoice(replaced=("ALGORITHMS AND MUL'", "ALGORITHMS ON MULTI'")).lines[0]
    assert len(full.title_pieces[0]) == 35
    assert full.title.startswith("INTRODUCTION TO ALGORITHMS ON MULTITI-CORE")
    colon = invoice(replaced=("ALGORITHMS AND MUL'", "ALGORITHMS ON MUL?:'")).lines[0]
    assert colon.title.startswith("INTRODUCTION TO ALGORITHMS ON MUL: TI-CORE")
    assert full.title_key.startswith("introductiontoalgorithmsonmultiticore")


def test_the_amount_of_a_line_is_no_charge_wherever_it_stands() -> None:
    (line,) = invoice(replaced=("MOA+8:30'", "MOA+8:30'MOA+203:7'")).lines
    assert by_qualifier(line.amounts)["203"] == [Decimal(150), Decimal(7)]
    assert by_qualifier(line.charges[0].amounts) == {"8": [Decimal(30)]}


def test_a_carton_without_number_does_not_take_that_of_the_carton_before() -> None:
    advice = read(sample(replaced=("GIN+BJ+00016921002621109655'", "")), "a.edi").documents[0]
    assert [line.carton for line in advice.lines] == ["016921002621109648", ""]


def test_a_vendor_is_known_by_its_number_with_the_letter_of_an_account() -> None:
    assert invoice(replaced=("+7654321:31B+", "+1694510A:ZZ+")).vendor == "GOBI"
    assert invoice(replaced=("+7654321:31B+", "+1694510AB:ZZ+")).vendor == "1694510AB"


def test_a_credit_note_is_no_invoice_and_the_vendor_of_an_order_is_its_recipient() -> None:
    assert invoice(replaced=("BGM+380", "BGM+381")).kind is DocumentKind.CREDIT_NOTE
    order = "UNB+UNOC:3+3472205:31B+1556150:31B+070618:1556+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E1'UNT+3+1'UNZ+1+1'"
    (document,) = read(order.encode(), "a.edi").documents
    assert (document.kind, document.vendor) == (DocumentKind.ORDER, "Baker & Taylor")


@for_each(
    "replaced, refusal",
    [
        (("MOA+203:150", "MOA+203:15O"), r'a\.edi, line 33, segment 32: MOA has "15O", which is not a number'),
        (("DTM+137:20261130", "DTM+137:20261331"), r'line 5, segment 4: DTM has "20261331", which is not a date'),
        (("BGM+380+INV-7", "BGM+380+"), r"line 20, segment 19: the message has no number"),
        (("DESADV:D", "PRICAT:D"), r"line 3, segment 2: PRICAT is no message of library acquisitions"),
        (("?'99'", "'99'"), r"line 28, segment 28: it does not begin with a tag"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(replaced: tuple[str, str], refusal: str) -> None:
    with raises_told(VendorFileRefused, match=refusal):
        read(sample(replaced=replaced), "a.edi")


# --- packing lists
# ----------------------------------------------------------------------------------------------------


def packing(place: int, **options: Any) -> PackingList:
    return packing_list(read(sample(**options), "a.edi").documents[place], "a.edi")


def test_a_despatch_advice_is_a_packing_list() -> None:
    assert packing(0) == PackingList(
        name="SHIP-7",
        vendor="7654321",
        date="2026-11-30",
        lines=(
            PackingLine(line="1", order_line="POL-11", numbers=("9780262033848",), quantity=2),
            PackingLine(line="2", order_line="POL-12", numbers=("9780140449136",), quantity=1),
        ),
    )


def test_each_barcoded_copy_of_an_invoice_is_a_line_with_its_branch() -> None:
    lines = packing(1).lines
    assert [(line.line, line.barcode, line.quantity, line.library) for line in lines] == [
        ("1.001", "31999000000014", 1, "MAIN"),
        ("1.002", "31999000000022", 1, "EAST"),
        ("1", "", 1, "EAST"),
    ]
    assert {(line.numbers, line.order_line, line.price) for line in lines} == {
        (("9780262033848",), "POL-11/1", "50.00 EUR")
    }


def test_with_more_barcodes_than_copies_no_copy_is_named() -> None:
    (line,) = packing(1, replaced=("QTY+47:3'", "QTY+47:1'")).lines
    assert (line.line, line.barcode, line.quantity) == ("1", "", 1)


@for_each(
    "replaced, refusal",
    [
        (("QTY+12:2'", "QTY+12:1.5'"), r'a\.edi, line 9, segment 8: QTY is "1.5", which is not a number of copies'),
        (("LIN+2++9780140449136:EN'\r\nQTY+12:1'\r\nRFF+ON:POL-12'", "LIN+2'"), r"segment 14: it has none of LIN, PIA"),
    ],
)
def test_a_line_without_item_or_number_of_copies_is_refused(replaced: tuple[str, str], refusal: str) -> None:
    with raises_told(PackingRefused, match=refusal):
        packing(0, replaced=replaced)


# --- genuine files
# ----------------------------------------------------------------------------------------------------


def by_qualifier(amounts: Iterable[Amount]) -> dict[str, list[Decimal]]:
    grouped: dict[str, list[Decimal]] = {}
    for amount in amounts:
        grouped.setdefault(amount.qualifier, []).append(amount.value)
    return grouped


def decimals(texts: dict[str, Any]) -> dict[str, list[Decimal]]:
    return {
        key: [Decimal(text) for text in ([value] if isinstance(value, str) else value)] for key, value in texts.items()
    }


def references(values: Iterable[Qualified]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for value in values:
        grouped.setdefault(value.qualifier, []).append(value.value)
    return grouped


def as_expected(line: Line) -> dict[str, Any]:
    """Return a line in the form of `expected.json`."""
    charged = (amount for charge in line.charges for amount in charge.amounts)
    return {
        "no": line.number,
        "action": line.action,
        "numbers": [[number.value, number.qualifier] for number in line.numbers],
        "qty": by_qualifier(line.quantities),
        "pri": by_qualifier(line.prices),
        "moa": by_qualifier([*line.amounts, *charged]),
        "rff": references(line.references),
        "title_pieces": list(line.title_pieces),
        "title_key": line.title_key,
    }


def expected_line(line: dict[str, Any]) -> dict[str, Any]:
    own = [[line["id"], line["idtype"]]] if "id" in line else []
    return {
        "no": line["no"],
        "action": line.get("action", ""),
        "numbers": own + line.get("pia", []),
        **{key: decimals(line.get(key, {})) for key in ("qty", "pri", "moa")},
        "rff": line.get("rff", {}),
        "title_pieces": line.get("title_pieces", []),
        "title_key": line.get("title_key", ""),
    }


def test_genuine_files_say_what_is_expected(shared: Path) -> None:
    folder = shared / "data" / "edifact"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for name, file in expected.items():
        data = (folder / name).read_bytes()
        if any(note.code is NoteCode.BAD_TAG for note in read_messages(data, name).notes):
            with raises_told(VendorFileRefused, match="segment 44: it does not begin with a tag"):
                read(data, name)
            assert name == "broken_invoic.edi"
            continue
        documents = read(data, name).documents
        assert len(documents) == len(file["messages"]), name
        for document, message in zip(documents, file["messages"], strict=True):
            lines = document.lines
            assert (document.number, document.date.replace("-", "")) == (message["number"], message["dates"]["137"])
            assert (len(lines), document.counts) == (message["lines"], message["cnt"]), name
            assert references(document.references) == message["header_rff"], name
            assert [copy.barcode for line in lines for copy in line.copies if copy.barcode] == message.get(
                "barcodes_LAC", []
            )
            assert as_expected(lines[0]) == expected_line(message["first_line"]), name
            assert as_expected(lines[-1]) == expected_line(message["last_line"]), name
            if "summary_moa" in message:
                charged = [amount for charge in document.charges for amount in charge.amounts]
                assert by_qualifier([*document.totals, *charged]) == decimals(message["summary_moa"]), name
                assert sum(line.quantity("47") or 0 for line in lines) == Decimal(message["sum_qty_47"]), name
                amounts = [amount.value for line in lines for amount in line.amounts if amount.qualifier == "203"]
                assert sum(amounts) == Decimal(message["sum_line_203"]), name
