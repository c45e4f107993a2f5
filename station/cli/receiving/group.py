"""`station receiving`: what vendors send, from their files to the last copy."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

_HERE: Final = "station.cli.receiving"
COMMANDS: Final = deferred(
    {
        "import": (
            f"{_HERE}.imports:import_",
            "Import the packing lists or orders in FILE: CSV or XLSX with a header row, JSON, a vendor's EDIFACT file, or MARC "
            "records with order fields.",
        ),
        "type": (f"{_HERE}.imports:type_", "Type in the packing list LIST, which came on paper."),
        "read": (
            f"{_HERE}.read:read",
            "Show what a vendor's file says, and import nothing: the documents and lines of an EDIFACT file, the lines of "
            "MARC orders, or the columns and the first five rows of a spreadsheet.",
        ),
        "list": (
            f"{_HERE}.lists:list_",
            "List the packing lists and orders, the oldest import first, and how many copies of each have arrived.",
        ),
        "show": (
            f"{_HERE}.lists:show",
            "Show the lines of a list, and the items that arrived for each, counted or judged.",
        ),
        "close": (
            f"{_HERE}.lists:close",
            "Close a list, and show what is missing: no further copies are expected.",
        ),
        "vendors": (
            f"{_HERE}.vendors:vendors",
            "Vendors: names, codes, accounts, contacts, and how their files are read.",
        ),
        "accounts": (
            f"{_HERE}.accounts:accounts",
            "The account plan: codes, rules, charges and taxes of invoices.",
        ),
        "shipment": (
            f"{_HERE}.shipments:shipment",
            "Shipments: cartons that are opened and counted together.",
        ),
        "count": (
            f"{_HERE}.counts:count_",
            "Count a copy for each TEXT: ISBN or other number of the piece, order line, vendor's number, or the barcode that "
            "the vendor stuck on.",
        ),
        "fault": (
            f"{_HERE}.counts:fault",
            "Record a fault of the counted copy COUNT: it becomes a difference.",
        ),
        "undo": (
            f"{_HERE}.counts:undo",
            "Undo the count COUNT, and what followed from it: its barcode, its differences, and a receipt that was not sent.",
        ),
        "return": (
            f"{_HERE}.counts:return_",
            "Send the counted copy COUNT back: an approval book that was not chosen, or a faulty copy.",
        ),
        "bind": (
            f"{_HERE}.counts:bind",
            "Record that BARCODE of the library was stuck on the counted copy COUNT: it belongs to the collection from now "
            "on.",
        ),
        "boxes": (
            f"{_HERE}.boxes:boxes",
            "Boxes to the sites: open, pack, close, receive at the site.",
        ),
        "receipts": (
            f"{_HERE}.receipts:receipts",
            "Receipts in the library system: what it has received of the counted copies.",
        ),
        "claim": (
            f"{_HERE}.claims:claim",
            "Claim differences from their vendor, and show the text of the mail.",
        ),
        "differences": (
            f"{_HERE}.differences:differences",
            "Differences from lists and orders: short, not ordered, damaged, ..., until each has its end.",
        ),
        "invoices": (
            f"{_HERE}.invoices:invoices",
            "Invoices and credit memos: read or typed, coded, given the okay to pay, exported, paid.",
        ),
        "orders": (
            f"{_HERE}.orders:orders",
            "Blanket and standing orders: amounts, what is charged to them, and their annual review.",
        ),
        "order-lines": (
            f"{_HERE}.order_lines:order_lines",
            "Order lines as the library system has them: looked up there, or as they were last read.",
        ),
        "expenditure": (
            f"{_HERE}.expenditure:expenditure",
            "Show what was spent in a fiscal year, as a table of invoices with the okay to pay: by month, fund, vendor or "
            "account; and what is still open.",
        ),
    }
)


@click.group(commands=COMMANDS)
def receiving() -> None:
    """Receiving: what vendors send, from their files to the last copy."""
