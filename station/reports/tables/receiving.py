"""Shipments, their lines and counts, differences, and vendors as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.domain.corrections.words import OVERDUE
from station.domain.packing_lists.packing_list import ListStanding
from station.domain.receiving.difference import Difference, DifferenceState
from station.domain.receiving.order_line import OrderLine, ReceiptStanding
from station.domain.receiving.shipment import Count, Shipment, ShipmentLine
from station.domain.receiving.vendor import Vendor
from station.reports.tables.table import Cell, Column, Kind, Place, Table, table

_FILES: Final = Place.FILES
_TITLE: Final = Sentence("office.head.title")
_VENDOR: Final = Sentence("shipment.head.vendor")
_NUMBER: Final = Sentence("shipment.head.number")
_ORDER_LINE: Final = Sentence("shipment.head.order-line")
_OUTCOME: Final = "shipment.outcome"
_LINE_RANK: Final = ("short", "over", "cancelled", "complete")


def vendor_names(vendors: Iterable[Vendor]) -> dict[str, str]:
    """Return the name of each vendor by id."""
    return {vendor.id: vendor.name for vendor in vendors}


# --- shipments ------------------------------------------------------------------------------------------------------


def shipments(rows: Sequence[Shipment], names: Mapping[str, str]) -> Table:
    """Return shipments. `names`: of vendors, by id."""
    return table(
        (
            Column("sender", Sentence("shipment.head.sender"), leads_to="/shipments", leads_by="id", sorts=True),
            Column("purpose", Sentence("shipment.head.purpose"), Kind.STATUS, "shipment.purpose", only=_FILES),
            Column("lists", Sentence("shipment.head.lists")),
            Column("carton", Sentence("shipment.head.carton")),
            Column("matched_of", Sentence("shipment.head.here"), only=Place.PAGES),
            Column("counted", Sentence("shipment.head.counted"), Kind.COUNT, only=_FILES, part_of="matched_of"),
            Column("matched", Sentence("shipment.head.matched"), Kind.COUNT, only=_FILES, part_of="matched_of"),
            Column("listed", Sentence("shipment.head.listed"), Kind.COUNT, only=_FILES, part_of="matched_of"),
            Column("differences", Sentence("shipment.head.differences"), Kind.COUNT, sorts=True),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "shipment.is"),
            Column("opened_at", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("closed_at", Sentence("shipment.head.closed-at"), Kind.TIME, only=_FILES, part_of="state"),
            Column("vendor", _VENDOR, Kind.CODE),
            Column("donor", Sentence("shipment.head.donor"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                names.get(row.vendor, row.vendor) or row.donor,
                row.purpose.value,
                ", ".join(row.names),
                row.carton,
                matched(row),
                row.counted,
                row.matched,
                row.listed,
                row.differences,
                "closed" if row.closed_at else "open",
                row.opened_at,
                row.closed_at,
                row.vendor,
                row.donor,
                row.id,
            )
            for row in rows
        ],
        id_at=14,
    )


def matched(shipment: Shipment) -> Sentence:
    """Return how many copies that the lists of a shipment name are here; without lists, how many are counted."""
    if not shipment.listed:
        return Sentence("receiving.copies", count=shipment.counted)
    return Sentence("receiving.of", came=shipment.matched, quantity=shipment.listed)


def lines(
    rows: Sequence[ShipmentLine], names: Mapping[str, str], order_lines: Mapping[str, OrderLine] = {}, today: str = ""
) -> Table:
    """Return the lines of a shipment, the worst first. `names`: numbers of its lists, by id; `order_lines`: by number, as the
    library system has them; `today`: ISO 8601 date."""
    in_system = Place.ALL if any(row.line.order_line in order_lines for row in rows) else _FILES
    worst = sorted(rows, key=lambda row: (_LINE_RANK.index(_line_state(row)), -abs(row.line.quantity - row.here)))
    return table(
        (
            Column("title", _TITLE, Kind.TITLE, sorts=True),
            Column("difference", Sentence("shipment.head.difference"), Kind.STATUS, "shipment.line"),
            Column("order_state", Sentence("receipt.head.in-alma"), Kind.STATUS, "receipt.line", only=in_system),
            Column("expected", Sentence("receipt.head.expected"), Kind.DAY, only=in_system),
            Column("received_there", Sentence("receipt.head.received"), Kind.COUNT, only=_FILES, part_of="order_state"),
            Column("receiving_note", Sentence("receipt.head.note"), only=_FILES, part_of="order_state"),
            Column("ordered", Sentence("shipment.head.ordered"), Kind.COUNT),
            Column("listed", Sentence("shipment.head.listed"), Kind.COUNT),
            Column("here", Sentence("shipment.head.here"), Kind.COUNT),
            Column("number", _NUMBER, only=_FILES if in_system is Place.ALL else Place.ALL),
            Column("order_line", _ORDER_LINE),
            Column("list", Sentence("shipment.head.list")),
            Column("line", Sentence("shipment.head.line"), only=_FILES, part_of="list"),
            Column("here_now", Sentence("shipment.head.here-now"), Kind.COUNT, only=_FILES, part_of="here"),
            Column("price", Sentence("shipment.head.price"), only=_FILES),
            Column("library", Sentence("shipment.head.library"), only=_FILES),
            Column("list_id", Sentence("office.head.number"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.line.title,
                _line_state(row),
                *_in_system(order_lines.get(row.line.order_line), today),
                "" if row.ordered is None else row.ordered,
                row.line.quantity,
                row.here,
                next(iter(row.line.numbers), "") or row.line.barcode or row.line.vendor_number,
                row.line.order_line,
                names.get(row.key.list, row.key.list),
                row.line.line,
                row.here_now,
                row.line.price,
                row.line.library,
                row.key.list,
                f"{row.key.list}.{row.key.line}",
            )
            for row in worst
        ],
        id_at=17,
    )


def _in_system(line: OrderLine | None, today: str) -> tuple[str, str, Cell, str]:
    """Return state, expected date, received copies and receiving note of an order line in the library system."""
    if line is None:
        return "", "", "", ""
    return (
        line.standing(today),
        line.expected,
        sum(bool(copy.received) for copy in line.copies),
        line.receiving_note,
    )


def _line_state(row: ShipmentLine) -> str:
    if row.line.cancelled:
        return "cancelled"
    if row.lacks:
        return "short"
    return "over" if row.here > row.line.quantity else "complete"


def counts(rows: Sequence[Count], receipts: Mapping[int, ReceiptStanding] = {}) -> Table:
    """Return the counted copies of a shipment. `receipts`: by the number of the count."""
    return table(
        (
            Column("title", _TITLE, Kind.TITLE),
            Column("outcome", Sentence("shipment.head.outcome"), Kind.STATUS, _OUTCOME),
            Column(
                "receipt",
                Sentence("receipt.head.in-alma"),
                Kind.STATUS,
                "receipt.is",
                leads_to="/outbox",
                leads_by="delivery",
                only=Place.ALL if receipts else _FILES,
            ),
            Column("receipt_detail", Sentence("receipt.head.answer"), only=_FILES, part_of="receipt"),
            Column("faults", Sentence("shipment.head.faults")),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "shipment.count"),
            Column("number", _NUMBER, only=_FILES if receipts else Place.ALL),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("at", Sentence("office.head.time"), Kind.TIME),
            Column("by", Sentence("shipment.head.by"), Kind.PERSON),
            Column("listed_barcode", Sentence("shipment.head.listed-barcode"), only=_FILES, part_of="barcode"),
            Column("library", Sentence("shipment.head.library"), only=_FILES),
            Column("order_line", _ORDER_LINE, only=_FILES),
            Column("delivery", Sentence("office.head.number"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.title,
                row.outcome.value,
                *_receipt(receipts.get(row.id)),
                _faults(row.faults),
                "undone" if row.undone else "returned" if row.returned else "here",
                row.number,
                row.barcode,
                row.at,
                row.by,
                row.listed_barcode,
                row.library,
                row.order_line,
                receipts[row.id].delivery if row.id in receipts else "",
                row.id,
            )
            for row in rows
        ],
        id_at=14,
    )


def _receipt(standing: ReceiptStanding | None) -> tuple[Cell, Cell]:
    """Return state of a receipt, and what the library system answered."""
    return ("", "") if standing is None else (standing.state.value, standing.detail or "")


def _faults(codes: Sequence[str]) -> Cell:
    return Sentence.joined([Sentence(f"{_OUTCOME}.{code}") for code in codes], ", ") if codes else ""


# --- differences ----------------------------------------------------------------------------------------------------


class DifferenceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which differences are wanted. An empty field wants all."""

    kind: str = ""
    vendor: str = ""
    """Id or name, in whatever case."""
    owner: str = ""
    state: str = ""
    """A `DifferenceState`; "" = those that are not ended."""
    shipment: str = ""
    overdue_on: str = ""
    """Today's date, for only those that are overdue."""

    def wants(self, row: Difference) -> bool:
        """Return True for a difference that is wanted."""
        return (
            (not self.kind or row.kind == self.kind)
            and (not self.vendor or row.vendor.casefold() == self.vendor.casefold())
            and (not self.owner or row.owner.casefold() == self.owner.casefold())
            and (row.state == self.state if self.state else row.is_open)
            and (not self.shipment or row.shipment == self.shipment)
            and (not self.overdue_on or row.is_overdue(self.overdue_on))
        )

    @property
    def everything(self) -> bool:
        """Whether differences that are not open are wanted, too."""
        return self.state in (DifferenceState.ENDED, DifferenceState.UNDONE)


_BY: Final[dict[str, Callable[[Difference], str | int]]] = {
    "what": lambda row: row.kind.value,
    "title": lambda row: row.title.casefold(),
    "vendor": lambda row: row.vendor.casefold(),
    "owner": lambda row: row.owner.casefold(),
    "due": lambda row: row.due,
    "age_days": lambda row: row.opened_at,
}


def ordered_differences(rows: Iterable[Difference], by: str, today: str) -> list[Difference]:
    """Return differences sorted by a column that sorts, "-" before its key = downward; empty cells come last. With any
    other text: overdue ones first, then those of one owner together, the oldest first."""
    name = by.removeprefix("-")
    key = _BY.get(name)
    if key is None:
        return sorted(rows, key=lambda row: (not row.is_overdue(today), row.owner.casefold(), row.opened_at, row.id))
    by_id = sorted(rows, key=lambda row: row.id)
    full = [row for row in by_id if key(row) != ""]
    full.sort(key=lambda row: _rank(key(row)), reverse=by.startswith("-") is not (name == "age_days"))
    return [*full, *(row for row in by_id if key(row) == "")]


def _rank(value: str | int) -> tuple[int, str]:
    return (0, value) if isinstance(value, str) else (value, "")


def differences_page(rows: Sequence[Difference], names: Mapping[str, str], today: str, after: str, limit: int) -> Table:
    """Return the `limit` differences that follow the one with id `after`; "" or an unknown one = the first ones."""
    first = next((at for at, row in enumerate(rows, 1) if after and row.id == after), 0)
    shown = rows[first : first + limit]
    more = first + limit < len(rows)
    return msgspec.structs.replace(differences(shown, names, today), next=shown[-1].id if more else "")


def differences(rows: Sequence[Difference], names: Mapping[str, str], today: str) -> Table:
    """Return differences, in this order. `names`: of vendors, by id; `today`: ISO 8601 date."""
    return table(
        (
            Column("what", Sentence("office.head.wrong"), sorts=True, only=Place.PAGES),
            Column("kind", Sentence("office.head.wrong"), Kind.STATUS, _OUTCOME, only=_FILES, part_of="what"),
            Column("title", _TITLE, Kind.TITLE, leads_to="/differences", leads_by="id", sorts=True),
            Column("copies", Sentence("shipment.head.copies"), Kind.COUNT, only=_FILES, part_of="what"),
            Column("vendor", _VENDOR, sorts=True),
            Column("owner", Sentence("office.head.owner"), Kind.PERSON, sorts=True),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("overdue", Sentence("office.head.overdue"), Kind.FLAG, OVERDUE.key, only=_FILES, part_of="due"),
            Column("age_days", Sentence("office.head.days"), Kind.COUNT, sorts=True),
            Column("now", Sentence("shipment.head.state"), only=Place.PAGES),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "shipment.state", only=_FILES, part_of="now"),
            Column("end", Sentence("shipment.head.end"), Kind.STATUS, "shipment.end", only=_FILES, part_of="now"),
            Column("number", _NUMBER, only=_FILES, part_of="title"),
            Column("order_line", _ORDER_LINE, only=_FILES, part_of="title"),
            Column("price", Sentence("shipment.head.price"), only=_FILES),
            Column("shipment", Sentence("shipment.head.shipment"), Kind.CODE),
            Column("claim", Sentence("shipment.head.claim"), Kind.CODE),
            Column("delivery", Sentence("receipt.delivery"), Kind.CODE),
            Column("vendor_id", _VENDOR, Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                what_of(row),
                row.kind.value,
                row.title or row.number,
                row.copies,
                names.get(row.vendor, row.vendor),
                row.owner,
                row.due,
                row.is_overdue(today),
                age_of(row, today),
                state_words(row, today),
                row.state.value,
                row.end,
                row.number,
                row.order_line,
                row.price,
                row.shipment,
                row.claim,
                row.delivery,
                row.vendor,
                row.id,
            )
            for row in rows
        ],
        id_at=19,
    )


def what_of(row: Difference) -> Sentence:
    """Return what differs, and at how many copies if that is more than one."""
    what = Sentence(f"{_OUTCOME}.{row.kind}")
    if row.copies == 1:
        return what
    return Sentence("shipment.what", what=what, copies=Sentence("receiving.copies", count=row.copies))


def state_words(row: Difference, today: str) -> Sentence:
    """Return how a difference stands: that it is overdue, its state, or its end."""
    if row.end:
        return Sentence(f"shipment.end.{row.end}")
    if row.is_overdue(today):
        return Sentence("shipment.late", state=Sentence(f"shipment.state.{row.state}"))
    return Sentence(f"shipment.state.{row.state}")


def age_of(row: Difference, today: str) -> int:
    """Return the age in local days, until it ended."""
    until = local_day(row.closed_at) if row.closed_at else today
    try:
        return (date.fromisoformat(until) - date.fromisoformat(local_day(row.opened_at))).days
    except ValueError:  # a time of a damaged journal
        return 0


# --- vendors --------------------------------------------------------------------------------------------------------


def vendors(rows: Sequence[Vendor], open_differences: Mapping[str, int], lists: Mapping[str, int]) -> Table:
    """Return vendors. `open_differences`, `lists`: how many are open, by the vendor's id."""
    return table(
        (
            Column("name", Sentence("office.head.name"), leads_to="/vendors", leads_by="id", sorts=True),
            Column("codes", Sentence("shipment.head.codes")),
            Column("formats", Sentence("shipment.head.formats")),
            Column("claim_days", Sentence("shipment.head.claim-days"), Kind.COUNT, sorts=True),
            Column("lists", Sentence("shipment.head.open-lists"), Kind.COUNT, sorts=True),
            Column("differences", Sentence("shipment.head.differences"), Kind.COUNT, sorts=True),
            Column("standing", Sentence("shipment.head.state"), Kind.STATUS, "shipment.vendor"),
            Column("tolerance", Sentence("shipment.head.tolerance"), only=_FILES),
            Column("names", Sentence("shipment.head.other-names"), only=_FILES, part_of="name"),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.name,
                ", ".join(row.codes),
                Sentence.joined([Sentence(f"shipment.format.{form}") for form in row.formats], ", ")
                if row.formats
                else "",
                row.claim_days,
                lists.get(row.id, 0),
                open_differences.get(row.id, 0),
                "closed" if row.closed else "active",
                row.tolerance,
                ", ".join(row.names),
                row.id,
            )
            for row in rows
        ],
        id_at=9,
    )


def packing_lists(rows: Sequence[ListStanding]) -> Table:
    """Return packing lists."""
    return table(
        (
            Column("name", Sentence("shipment.head.list"), sorts=True),
            Column("kind", Sentence("shipment.head.kind"), Kind.STATUS, "shipment.list-kind"),
            Column("date", Sentence("shipment.head.date"), Kind.DAY, sorts=True),
            Column("lines", Sentence("shipment.head.line-count"), Kind.COUNT),
            Column("quantity", Sentence("shipment.head.listed"), Kind.COUNT),
            Column("came", Sentence("shipment.head.here"), Kind.COUNT),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "shipment.is"),
            Column("imported", Sentence("shipment.head.imported"), Kind.TIME, sorts=True),
            Column("source", Sentence("shipment.head.file"), only=_FILES),
            Column("vendor", _VENDOR, Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.name,
                row.kind,
                row.date,
                row.lines,
                row.quantity,
                row.came,
                "closed" if row.closed else "open",
                row.imported,
                row.source,
                row.vendor,
                row.id,
            )
            for row in rows
        ],
        id_at=10,
    )
