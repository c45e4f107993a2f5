"""Order data in records: what was ordered and invoiced, by field and subfield, as data (`data/orders/*.toml`).

Order data are not items: nothing here has a barcode. Each vendor and library system uses different fields
(docs/reference/systems.md#local-fields), so a profile gives the subfields of price, fund, quantity and invoice number.
Receiving and outsourcing use this.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

import msgspec
from pymarc import Field, Record

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import line_of, named_key
from station.catalog.record.profiles import Codes, Tag
from station.domain.amount import amount_of

ORDER_NAMES: Final = (
    "evergreen-970",
    "brodart-970",
    "innovative-960",
    "gobi-980",
    "gobi-order-980",
    "harvard-980",
    "carli-952",
)


class OrderProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Location of order data in a record. A subfield entry is a string of codes; the first subfield with text is
    used."""

    name: str
    about: str
    source: str
    open: str = ""
    tag: Tag
    marks: Codes = ""
    """Subfields that only this layout has. A field that has none of them, and has those of another profile of the same
    tag, is read by the other profile."""
    cents: bool = False
    """Amounts without a decimal mark count hundredths: 6000 is 60.00."""
    price: Codes = ""
    """List or order price."""
    net_price: Codes = ""
    """Price after discount, as invoiced."""
    fund: Codes = ""
    quantity: Codes = ""
    library: Codes = ""
    location: Codes = ""
    vendor: Codes = ""
    invoice: Codes = ""
    """Invoice number."""
    invoice_date: Codes = ""
    vendor_number: Codes = ""
    """The vendor's number of the title."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order field of a record; all text cleaned, "" if not given."""

    record_id: str = ""
    title: str = ""
    isbns: tuple[str, ...] = ()
    price: Decimal | None = None
    """None if there is no price, or it is not an amount: see `price_text`."""
    price_text: str = ""
    """As written."""
    net_price: Decimal | None = None
    net_price_text: str = ""
    currency: str = ""
    """Of the price, else of the net price; "" = not given."""
    fund: str = ""
    quantity: int = 1
    """1 if not given."""
    library: str = ""
    location: str = ""
    vendor: str = ""
    invoice: str = ""
    invoice_date: str = ""
    """ISO 8601. "" if there is none, or it is not a date: see `invoice_date_text`."""
    invoice_date_text: str = ""
    """As written."""
    vendor_number: str = ""


@cache
def load(name: str) -> OrderProfile:
    """Return a shipped order profile. Raise `SettingsError` with the known names."""
    if name not in ORDER_NAMES:
        raise SettingsError(f'there is no order profile "{clean(name)}"; known are {", ".join(ORDER_NAMES)}')
    text = resources.files("station.catalog").joinpath(f"data/orders/{name}.toml").read_text(encoding="utf-8")
    return parse(text, f"{name}.toml")


def parse(text: str, file: str) -> OrderProfile:
    """Read an order profile. Raise `SettingsError` "FILE, line N: what is wrong"."""
    name = clean(file)
    try:
        return msgspec.convert(tomllib.loads(text), OrderProfile)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{name}, line {line_of(text, named_key(str(error)))}: {clean(str(error), 500)}") from error


def lines(
    record: Record, profile: OrderProfile, *, record_id: str = "", title: str = "", isbns: tuple[str, ...] = ()
) -> Iterator[OrderLine]:
    """Yield the order lines of a record, in record order. Fields without any of the profile's subfields are skipped."""
    for field in record.get_fields(profile.tag):
        layout = _layout(field, profile)
        texts = {name: _value(field, getattr(layout, name)) for name in _FIELDS}
        if not any(texts.values()):
            continue
        price = amount_of(texts["price"], cents=layout.cents)
        net_price = amount_of(texts["net_price"], cents=layout.cents)
        yield OrderLine(
            record_id=record_id,
            title=title,
            isbns=isbns,
            price=price.value if price else None,
            price_text=texts["price"],
            net_price=net_price.value if net_price else None,
            net_price_text=texts["net_price"],
            currency=next((amount.currency for amount in (price, net_price) if amount and amount.currency), ""),
            fund=texts["fund"],
            quantity=_quantity(texts["quantity"]),
            library=texts["library"],
            location=texts["location"],
            vendor=texts["vendor"],
            invoice=texts["invoice"],
            invoice_date=_date(texts["invoice_date"]),
            invoice_date_text=texts["invoice_date"],
            vendor_number=texts["vendor_number"],
        )


_FIELDS: Final = OrderProfile.__struct_fields__[7:]
"""All subfield entries of an order line."""


def _layout(field: Field, profile: OrderProfile) -> OrderProfile:
    """Return the profile that reads this field: `profile`, unless only another one knows its marks."""
    if not profile.marks or _value(field, profile.marks):
        return profile
    others = (other for other in map(load, ORDER_NAMES) if other.tag == profile.tag and _value(field, other.marks))
    return next(others, profile)


def _date(text: str) -> str:
    """Return a date in ISO 8601; "" for other text. GOBI writes YYMMDD, other vendors YYYYMMDD."""
    try:
        return date.fromisoformat(f"20{text}" if len(text) == 6 else text).isoformat()
    except ValueError:
        return ""


def _quantity(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 1 <= len(text) <= 4 and int(text) else 1


def _value(field: Field, codes: str) -> str:
    return next((said for code in codes for value in field.get_subfields(code) if (said := clean(value))), "")
