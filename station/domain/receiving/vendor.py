"""A vendor: who sends material, under which names and numbers, and how its files are read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Short = Annotated[str, Meta(min_length=1, max_length=100)]
Optional = Annotated[str, Meta(max_length=200)]
VendorId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
Dates = Literal["mdy", "dmy"]

CLAIM_DAYS: Final = 30
"""Days in which a difference is due, for a vendor without days of its own."""


class VendorFormat(StrEnum):
    """A form in which a vendor sends its lists."""

    EDIFACT = "edifact"
    SPREADSHEET = "spreadsheet"
    MARC = "marc"
    PAPER = "paper"


class Mapper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one vendor's spreadsheets are read."""

    columns: Mapping[str, Annotated[str, Meta(min_length=1, max_length=60)]] = {}
    """Name of `acquisitions.columns.COLUMNS` -> the vendor's name of the column."""
    dates: Dates | Literal[""] = ""
    """Order of day and month in dates with slashes, points or hyphens; "" = such dates are refused."""
    code_page: str = ""
    """One of `acquisitions.sheets.CODE_PAGES`; "" = UTF-8."""
    sheet: Annotated[str, Meta(max_length=31)] = ""
    """Sheet of a workbook; "" = the only one with content."""


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The library's account with a vendor."""

    number: Short
    library: Optional = ""
    """Code of the library that uses the account; "" = all."""
    note: Optional = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person or a desk at the vendor."""

    name: Short
    task: Optional = ""
    """What it answers for: "claims"."""
    mail: Optional = ""
    phone: Optional = ""


class Vendor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A vendor. `id` never changes."""

    id: VendorId
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    names: Annotated[tuple[Short, ...], Meta(max_length=20)] = ()
    """Other names, as files and records write them."""
    codes: Annotated[tuple[Short, ...], Meta(max_length=20)] = ()
    """Identifiers in files: SAN, GLN, code in the library system."""
    accounts: Annotated[tuple[Account, ...], Meta(max_length=50)] = ()
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=20)] = ()
    formats: tuple[VendorFormat, ...] = ()
    mapper: Mapper = msgspec.field(default_factory=Mapper)
    tolerance: Annotated[str, Meta(pattern=r"^([0-9]{1,2}([.][0-9]{1,2})?)?\Z")] = ""
    """Percent by which an invoiced price may differ from the ordered one; "" = not compared."""
    claim_days: Annotated[int, Meta(ge=1, le=365)] = CLAIM_DAYS
    """Days in which a difference with the vendor is due, and again after each claim."""
    closed: bool = False
    """True if the library orders nothing more from the vendor."""

    def is_named(self, name: str) -> bool:
        """Return True for the vendor's id, a name or a code, in whatever case."""
        return name.strip().casefold() in self.known_as

    @property
    def known_as(self) -> frozenset[str]:
        """Return id, names and codes, in lower case."""
        return frozenset(text.strip().casefold() for text in (self.id, self.name, *self.names, *self.codes))
