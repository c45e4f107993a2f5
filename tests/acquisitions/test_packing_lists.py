"""Packing lists from CSV and JSON: what is read, and how everything else is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.acquisitions.packing_lists import number_of, read, typed
from station.base.errors import PackingRefused
from station.base.settings import Barcodes
from station.base.text import clean
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.receiving.vendor import Mapper
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

CSV = """list,vendor,date,line,barcode,order_line,isbn,title,quantity,ordered,price,library
INV-7,YBP,2026-03-02,1,,POL-11,978-0-262-03384-8,Algorithms,2,3,75.00 USD,MAIN
INV-7,YBP,2026-03-02,2,31999000000014,,,Barcoded already,,,,
INV-8,YBP,2026-03-03,1,,,0-262-03384-4;093624115567,Also a disc,1,,,
"""


def one(text: str, names: Mapping[str, str] | None = None, **options: str) -> PackingList:
    (packing_list,) = read(text.encode(), "list.csv", mapper=Mapper(columns=names or {}), **options).lists  # type: ignore[arg-type]
    return packing_list


def test_a_file_may_hold_several_lists() -> None:
    first, second = read(CSV.encode(), "lists.csv").lists
    assert (first.vendor, first.name, first.date, len(first.lines)) == ("YBP", "INV-7", "2026-03-02", 2)
    assert first.lines[0] == PackingLine(
        line="1",
        order_line="POL-11",
        numbers=("9780262033848",),
        title="Algorithms",
        quantity=2,
        ordered=3,
        price="75.00 USD",
        library="MAIN",
    )
    assert first.lines[1] == PackingLine(line="2", barcode="31999000000014", title="Barcoded already")
    # an ISBN of ten digits is the same number; a UPC is compared without its leading zeros, as in record and scan
    assert second.lines[0].numbers == ("9780262033848", "93624115567")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = f"isbn{delimiter}quantity\r\n9780262033848{delimiter}2\r\n"
    assert one(text).lines[0].quantity == 2


def test_a_byte_order_mark_is_no_name() -> None:
    assert read(b"\xef\xbb\xbf" + b"isbn\n9780262033848\n", "a.csv").lists[0].lines[0].numbers == ("9780262033848",)


def test_the_file_may_name_its_columns_otherwise() -> None:
    found = one(
        "EAN;Qty shipped;Anything\n9780262033848;4;x\n",
        names={"isbn": "EAN", "quantity": "qty shipped"},
        default_list="P 1",
        default_vendor="GOBI",
    )
    assert (found.vendor, found.name, found.lines[0].quantity) == ("GOBI", "P 1", 4)


def test_without_a_number_the_list_is_named_after_its_file() -> None:
    assert one("isbn\n9780262033848\n").name == "list"


VENDORS = "ISBN,Title,Qty,List,Net\n9780262033848,Algorithms,3,75.00,67.50\n9780140449136,Homer,1,{second},9.90\n"
"""A vendor's spreadsheet."""


@pytest.mark.parametrize("second", ["11.00", "$11", "11,00 EUR", "1,234.56", "11", ""])
def test_a_vendors_list_price_is_no_number_of_a_list(second: str) -> None:
    (found,), left_out = read(VENDORS.format(second=f'"{second}"').encode(), "box.csv")
    assert found.name == "box"
    assert [line.quantity for line in found.lines] == [3, 1], "Qty is read as the quantity"
    assert left_out == ("List", "Net"), "unused columns are named"
    priced = one(VENDORS.format(second=f'"{second}"'), names={"price": "List"})
    assert priced.lines[0].price == "75.00"


def test_amounts_and_dates_are_read_as_vendors_write_them() -> None:
    found = one('isbn,date,price\n9780262033848,20260302,"$1,234.56"\n')
    assert (found.date, found.lines[0].price) == ("2026-03-02", "$1,234.56")


def test_beside_a_list_price_the_invoice_number_names_the_list() -> None:
    found = one("Invoice Number,ISBN13,Qty Shipped,List,Net\nINV-7,9780140449136,1,$14.00,10.50\n")
    assert (found.name, found.lines[0].quantity) == ("INV-7", 1)


@pytest.mark.parametrize(
    "text", ["isbn,List,Net\n9780262033848,75,67\n", "isbn,List\n9780262033848,INV-7\n9780140449136,11.00\n"]
)
def test_a_list_that_may_be_a_number_or_a_price_is_asked_about(text: str) -> None:
    with raises_told(PackingRefused, match=r'line 1: the column "List" may be a number or a price.*--column list=List'):
        one(text)
    named = read(text.encode(), "a.csv", mapper=Mapper(columns={"list": "List"})).lists
    assert named[0].name in ("75", "INV-7")


@pytest.mark.parametrize("number", ["INV-7", "7041", "INV7", "2026.03.02"])
def test_numbers_of_lists_stay_numbers(number: str) -> None:
    assert one(f"list,isbn\n{number},9780262033848\n").name == number


def test_a_name_of_a_vendor_gives_way_to_ours() -> None:
    found = one("Quantity,Qty,ISBN,ISBN13\n2,5,0262033844,9780140449136\n")
    assert (found.lines[0].quantity, found.lines[0].numbers) == (2, ("9780262033848",))
    found = one("Qty,Qty shipped,isbn\n5,2,0262033844\n", names={"quantity": "Qty shipped"})
    assert found.lines[0].quantity == 2


def test_json_says_the_same() -> None:
    text = (
        '[{"list": "INV-7", "vendor": "YBP", "lines": [{"isbn": ["9780262033848", "0262033844"], "quantity": 2},'
        ' {"line": 9, "barcode": "31999000000014", "price": 12.5}]}]'
    )
    ((found,), _) = read(text.encode(), "a.json")
    assert (found.vendor, found.name) == ("YBP", "INV-7")
    assert found.lines == (
        PackingLine(line="1", numbers=("9780262033848", "9780262033848"), quantity=2),
        PackingLine(line="9", barcode="31999000000014", price="12.5"),
    )


@for_each(
    ("text", "said"),
    [
        ("", "it has no lines"),
        ("isbn\n", "it has no lines"),
        ("title,quantity\nA,1\n", "line 1: it has no column for any of barcode, order_line, isbn"),
        ("isbn,isbn\n1,2\n", "line 1: a column is there twice"),
        ("isbn,title\n,A\n", "line 2: it has none of barcode, order_line, isbn"),
        ("isbn,quantity\n9780262033848,two\n", 'line 2: quantity is "two"'),
        ("isbn,quantity\n9780262033848,-1\n", 'line 2: quantity is "-1"'),
        ("isbn,quantity\n9780262033848,99999999999\n", "line 2: Expected `int` <= 9999"),
        ("isbn,date\n9780262033848,2.3.2026\n", 'line 2: date is "2.3.2026". Write it as YYYY-MM-DD'),
        ("isbn,date\n9780262033848,2026-13-02\n", 'line 2: date is "2026-13-02"'),
        ("isbn,price\n9780262033848,PBK12\n", 'line 2: price is "PBK12", which is not an amount'),
        ('isbn,price\n9780262033848,"1,234"\n', 'line 2: price is "1,234", which is not an amount'),
        ("isbn\n9780262033848,1\n", "line 2: 2 cells, but 1 column names"),
        (
            "isbn\n0262033844\n9.78014E+12\n",
            'line 3: isbn is "9.78014E+12", shortened by a spreadsheet. Format that column',
        ),
        ("isbn;title\n9,78014E+12;x\n", 'line 2: isbn is "9,78014E+12", shortened'),
        ("isbn\n9780262033848.0\n", 'line 2: isbn is "9780262033848.0", shortened'),
        ("barcode\n3.1999E+13\n", 'line 2: barcode is "3.1999E+13", shortened'),
        ('{"lines": [{"isbn": 9.78014e12}]}', 'line 1: isbn is "9780140000000.0", shortened'),
        ("isbn\n9780262033848\n9780262033849\n", "line 3: 9780262033849 is not an ISBN: its check digit"),
        ("isbn\n0-262-03384-5\n", "line 2: 0-262-03384-5 is not an ISBN"),
        ("isbn\n0262033844;978026203384\n", "line 2: 978026203384 is not an ISBN"),
        (
            "barcode\n9780262033848\n",
            "line 2: the barcode 9780262033848 is an ISBN. Name that column with --column isbn",
        ),
        ("isbn,line\n9780262033848,7\n0262033844,7\n", "line 3: line 7 is already in line 2"),
        ("barcode\n31\n31\n", "line 3: barcode 31 is already in line 2"),
        ('isbn\n"978\n', "line 2: "),
        ("{", "not valid JSON"),
        ("[1]", 'an object with "lines"'),
        ('{"lines": [3]}', "line 1: a line must be an object"),
        ('{"lines": [{"isnb": "1"}]}', 'line 1: there is no "isnb"'),
        ('{"lines": [{"isbn": {}}]}', "line 1: isbn is neither text nor a number"),
    ],
)
def test_what_is_not_sound_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(PackingRefused) as error:
        read(text.encode(), "list.csv")
    assert said in told(error.value.detail)
    assert told(error.value.detail).startswith("list.csv")


def test_barcodes_that_are_none_of_the_library_s_are_refused_with_their_line() -> None:
    text = b"barcode\n31999000000014\n31999000000015\n"
    with raises_told(PackingRefused, match=r"line 3: this is not one of the library's barcodes: .*\[barcodes\]"):
        read(text, "list.csv", barcodes=Barcodes())
    assert len(read(text, "list.csv", barcodes=Barcodes(check_digit="none")).lists[0].lines) == 2


def test_a_barcode_in_groups_is_the_one_that_is_scanned() -> None:
    (line,) = read(b"list,barcode\nL1,3 1236 00307 1241\n", "list.csv", barcodes=Barcodes()).lists[0].lines
    assert line.barcode == "31236003071241"


def test_numbers_that_are_no_isbns_stay_what_they_are() -> None:
    """UPC, EAN of a disc, publisher's numbers, and an ISBN whose leading zero a spreadsheet has removed."""
    found = one("isbn\n093624115567;4006381333931;CAT 12 345;289477877;262033844\n")
    assert found.lines[0].numbers == ("93624115567", "4006381333931", "CAT12345", "289477877", "9780262033848")


def test_what_is_no_text_is_refused_with_its_line() -> None:
    with raises_told(PackingRefused, match=r"a\.csv, line 3: not UTF-8"):
        read(b"isbn\n1\n\xff", "a.csv")


def test_a_column_that_is_asked_for_and_not_there_is_refused() -> None:
    with raises_told(PackingRefused, match='no column "EAN"'):
        one("isbn\n9780262033848\n", names={"isbn": "EAN"})
    with raises_told(PackingRefused, match='no column "isnb"'):
        one("isbn\n9780262033848\n", names={"isnb": "EAN"})


@given(st.binary(max_size=300) | st.text(alphabet='isbn,;\t\n"{}[]:9\x1b', max_size=200).map(str.encode))
def test_any_bytes_are_lists_or_are_refused(data: bytes) -> None:
    refused = ""
    found: tuple[PackingList, ...] = ()
    try:
        found = read(data, "a\x1b[2J.csv")
    except PackingRefused as error:
        refused = told(error.detail)
    assert bool(refused) != bool(found)
    assert refused.isprintable()
    assert all(one.lines for one in found)


CELLS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\ufeff"), min_size=1, max_size=12
).filter(lambda text: clean(text) == text)
"""Not only invisible characters: such a barcode would be empty and refused."""


@given(st.lists(st.tuples(CELLS, st.integers(0, 9999), CELLS), min_size=1, max_size=8, unique_by=lambda row: row[0]))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, int, str]]) -> None:
    said = io.StringIO()
    writer = csv.writer(said)
    writer.writerow(["barcode", "quantity", "title"])
    writer.writerows(rows)
    ((found,), _) = read(said.getvalue().encode(), "a.csv")
    assert [line.quantity for line in found.lines] == [quantity for _, quantity, _ in rows]
    assert len({line.barcode for line in found.lines}) == len(rows)


@pytest.mark.parametrize("unseen", ["\u034f", "\ufe0f", "\u115f"])
def test_a_barcode_of_letters_that_nobody_sees_means_no_item(unseen: str) -> None:
    with raises_told(PackingRefused, match=r"line 2: it has none of barcode"):
        read(f"barcode,title\n{unseen},t\n".encode(), "a.csv")


def test_numbers_are_compared_as_those_of_records_are() -> None:
    assert number_of("0-262-03384-4") == number_of("978-0-262-03384-8") == "9780262033848"
    assert number_of(" 0093624-115567 ") == "93624115567"


def test_a_line_may_name_fund_carton_and_the_vendors_number() -> None:
    (line,) = one(
        "isbn,fund,carton,vendor_number,points\n9780262033848,HIST,(00)016921002621109648,99986227863,1.5\n"
    ).lines
    found = (line.fund, line.carton, line.vendor_number, line.points)
    assert found == ("HIST", "016921002621109648", "99986227863", "1.5")
    with raises_told(PackingRefused, match="points are"):
        one("isbn,points\n9780262033848,two\n")
    for column in ("carton", "vendor_number"):
        with raises_told(PackingRefused, match=rf'{column} is "1\.69210E\+17", shortened'):
            one(f"isbn,{column}\n9780262033848,1.69210E+17\n")


def test_the_copies_of_an_order_are_those_ordered() -> None:
    text = b"isbn,ordered,quantity\n9780262033848,3,\n9780140449136,3,2\n"
    (order,) = read(text, "a.csv", kind=ListKind.ORDER).lists
    assert (order.kind, [line.quantity for line in order.lines]) == (ListKind.ORDER, [3, 2])
    assert [line.quantity for line in one(text.decode()).lines] == [1, 2]


def test_a_list_on_paper_is_typed_line_by_line() -> None:
    listed = typed(["isbn=0-262-03384-4 quantity=2 title=Algorithms = fun, 3rd", "order_line=POL-1"], "7", "YBP")
    assert listed == PackingList(
        name="7",
        vendor="YBP",
        lines=(
            PackingLine(line="1", numbers=("9780262033848",), quantity=2, title="Algorithms = fun, 3rd"),
            PackingLine(line="2", order_line="POL-1"),
        ),
    )


@for_each(
    "line, refusal",
    [
        ("9780262033848", r"INV-7, line 2: write each line as NAME=TEXT"),
        ("2 isbn=9780262033848", r"line 2: write each line as NAME=TEXT"),
        ("isbn=9780262033848 isbn=9780140449136", r"line 2: isbn is there twice"),
        ("isbn=9780262033849", r'line 2: isbn "9780262033849"|line 2: .*9780262033849'),
        ("title=Only a title", r"line 2: it has none of barcode"),
        ("isbn=9780262033848 quantity=two", r"line 2: quantity is"),
    ],
)
def test_a_typed_line_is_checked_as_a_line_of_a_file(line: str, refusal: str) -> None:
    with raises_told(PackingRefused, match=refusal):
        typed(["isbn=9780262033848", line], "INV-7", "")
