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
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
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
        Charge(allowance=False, code="PAB", text="POSTAGE", amounts=(Amount("8", Decimal("6.60")),), in_summary=True),
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
    made = packing_list(read(sample(**options), "a.edi").documents[place], "a.edi")
    assert made is not None
    return made


def test_a_despatch_advice_is_a_packing_list() -> None:
    assert packing(0) == PackingList(
        name="SHIP-7",
        vendor="7654321",
        date="2026-11-30",
        lines=(
            PackingLine(
                line="1", order_line="POL-11", numbers=("9780262033848",), quantity=2, carton="016921002621109648"
            ),
            PackingLine(
                line="2", order_line="POL-12", numbers=("9780140449136",), quantity=1, carton="016921002621109655"
            ),
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


@for_each(
    "replaced, cartons, of_list",
    [
        (
            ("GIN+BJ+00016921002621109648'", "GIN+BJ+00016921002621109648+00016921002621109662'"),
            ["", "55"],
            ["48", "62"],
        ),
        (("QTY+12:2'", "QTY+12:2'GIN+BJ+00016921002621109662'"), ["62", "55"], ["48"]),
        (("LIN+2++9780140449136:EN'\r\n", ""), ["48"], ["55"]),
    ],
)
def test_a_line_in_one_of_several_cartons_names_none_of_them(
    replaced: tuple[str, str], cartons: list[str], of_list: list[str]
) -> None:
    advice = packing(0, replaced=replaced)
    assert [line.carton[-2:] for line in advice.lines] == cartons
    assert [carton[-2:] for carton in advice.cartons] == of_list


def test_a_line_has_the_vendors_number_and_the_fund_of_all_its_copies() -> None:
    numbered = packing(1, replaced=("IMD+L", "PIA+1+99986227863:SA'IMD+L")).lines
    assert {line.vendor_number for line in numbered} == {"99986227863"}
    referred = packing(1, replaced=("RFF+LI", "RFF+SLI:99988994112'RFF+LI")).lines
    assert {line.vendor_number for line in referred} == {"99988994112"}
    funds = packing(1, replaced=("GIR+001+", "GIR+001+HIST:LFN+")).lines
    assert [line.fund for line in funds] == ["HIST", "", ""]


def test_a_text_that_no_list_may_hold_is_refused() -> None:
    with raises_told(PackingRefused, match="too long"):
        packing(0, replaced=("RFF+ON:POL-11", f"RFF+ON:{'9' * 101}"))


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


def test_genuine_orders_and_responses_are_lists_of_what_is_ordered(shared: Path) -> None:
    def lists(name: str) -> list[PackingList]:
        data = (shared / "data" / "edifact" / name).read_bytes()
        made = (packing_list(document, name) for document in read(data, name).documents)
        return [named for named in made if named is not None]

    (response,) = lists("ingram_ordrsp_ung.edi")
    assert (response.vendor, response.name, response.kind) == ("Ingram", "17 ORDRSP", ListKind.ORDER)
    assert [(line.order_line, line.quantity, line.cancelled) for line in response.lines] == [
        ("17/27", 19, False),
        ("17/30", 4, False),
        ("17/38", 4, True),
        ("17/40", 3, True),
    ]
    (brodart,) = lists("brodart_ordrsp.edi")
    assert (len(brodart.lines), {line.cancelled for line in brodart.lines}) == (67, {False}), "back-ordered lines come"
    order, *_ = lists("bt_orders.edi")
    assert (order.name, order.kind, order.lines[0].quantity, order.lines[0].ordered) == (
        "E071124PB",
        ListKind.ORDER,
        8,
        8,
    )
    (quote,) = lists("uk_quote_2qty.edi")
    assert (quote.name, quote.kind, quote.copies) == ("MG0001 QUOTES", ListKind.ORDER, 2)
    template, _ = lists("folio_orders_template.edi")
    # the third order of the template orders no copies
    assert (template.lines[0].vendor_number, template.lines[0].price) == ("ORD1000", "2.00 USD")
    (approval,) = lists("gobi_approval_22lines.edi")
    assert (approval.kind, approval.lines[0].vendor_number) == (ListKind.BOX, "99986227863")
