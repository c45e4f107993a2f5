"""Order data in records: what was ordered and invoiced, by field and subfield, as data (`data/orders/*.toml`).

Order data are not items: nothing here has a barcode. Each vendor and library system uses different fields
(docs/reference/systems.md#local-fields), so a profile gives the subfields of price, fund, quantity and invoice number.
Receiving and outsourcing use this.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

import msgspec
from pymarc import Field, Record

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import line_of, named_key
from station.catalog.record.prices import amount
from station.catalog.record.profiles import Codes, Tag

ORDER_NAMES: Final = ("evergreen-970", "innovative-960", "gobi-980", "harvard-980", "carli-952")


class OrderProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Location of order data in a record. A subfield entry is a string of codes; the first subfield with text is
    used."""

    name: str
    about: str
    source: str
    open: str = ""
    tag: Tag
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


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order field of a record; all text cleaned, "" if not given."""

    record_id: str = ""
    title: str = ""
    isbns: tuple[str, ...] = ()
    price: Decimal | None = None
    """None if there is no price, or it is not an amount: see `price_text`."""
    price_text: str = ""
    net_price: Decimal | None = None
    fund: str = ""
    quantity: int = 1
    """1 if not given."""
    library: str = ""
    location: str = ""
    vendor: str = ""
    invoice: str = ""
    invoice_date: str = ""


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
        said = {name: _value(field, getattr(profile, name)) for name in _FIELDS}
        if not any(said.values()):
            continue
        yield OrderLine(
            record_id=record_id,
            title=title,
            isbns=isbns,
            price=amount(said["price"]),
            price_text=said["price"],
            net_price=amount(said["net_price"]),
            fund=said["fund"],
            quantity=_quantity(said["quantity"]),
            library=said["library"],
            location=said["location"],
            vendor=said["vendor"],
            invoice=said["invoice"],
            invoice_date=said["invoice_date"],
        )


_FIELDS: Final = OrderProfile.__struct_fields__[5:]
"""All subfield entries."""


def _quantity(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 1 <= len(text) <= 4 and int(text) else 1


def _value(field: Field, codes: str) -> str:
    return next((said for code in codes for value in field.get_subfields(code) if (said := clean(value))), "")
