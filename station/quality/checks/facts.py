"""The facts that the machine checks may use, for one item: gathered by the bench, never fetched by a rule."""

from __future__ import annotations

from typing import Literal

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.catalog.callnumber import STANDARD, Options
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import Receipt
from station.encoding.content import TagContent
from station.encoding.doctor.doctor import Diagnosis

Task = Literal["processing", "withdrawal", "lease-return"]
"""Task that is being done with the item."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Values from the settings; empty = not specified, and rules that need the value abstain."""

    isil: str = ""
    barcodes: Barcodes | None = None
    afi_in_stock: int = 0x07
    afi_on_loan: int = 0xC2
    model: str = ""
    """Data model of the library's own tags."""
    usage: int | None = None
    """Type of usage written by the tag profile (relative OID 5)."""
    oversize_cm: float = 30.0
    oversize_locations: tuple[str, ...] = ()
    leased_item_types: tuple[str, ...] = ()
    leased_locations: tuple[str, ...] = ()
    gift_item_types: tuple[str, ...] = ()
    bind_first_item_types: tuple[str, ...] = ()
    stamp_place: str = "title-page-and-edges"
    tag_place: str = "inside-back-cover"
    label_place: str = "spine"
    numbers: Options = STANDARD
    """The library's options for call numbers."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """Data about tag and item in this station's journal."""

    holders: tuple[str, ...] = ()
    """UIDs of the tags whose newest verified write is this part of this item."""
    bound_to: str = ""
    """Barcode of this tag's newest verified write; "" = none known."""
    live: tuple[str, ...] = ()
    """UIDs of the tags that carry any part of an item that leaves."""
    erased: bool = False
    """This station erased a tag of an item that leaves."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One item's facts. `None` or "" = unknown: a rule that needs it abstains."""

    item: ItemRecord
    part: int = 1
    task: Task = "processing"
    found: bool = True
    """True if the library system or the catalog index has the barcode."""
    by_search: bool = False
    """True if the operator chose the item in the search: no barcode proves which item it is."""
    site: Site = Site()
    # the piece
    scanned: str = ""
    """ISBN, EAN, UPC or publisher's number, as scanned from the piece."""
    label_seen: tuple[str, ...] | None = None
    """Lines of the label on the piece, as scanned or typed."""
    counted: int | None = None
    """Number of pieces, counted by a person."""
    # the tag
    uid: str = ""
    """UID of the tag that was read."""
    tag: TagContent | None = None
    """Content read back from the tag after the field was off and on."""
    afi: int | None = None
    eas: bool | None = None
    """The EAS bit; None = unknown, for the reason in `no_eas` (a sentence; "" = no tag was read)."""
    no_eas: Sentence = EMPTY
    tags_in_field: int | None = None
    others: tuple[TagContent, ...] | None = None
    """Content of the other tags in the item; None = not examined."""
    foreign: bool = False
    """True if the tag belonged to another library before."""
    replaced: str = ""
    """UID of the tag that this tag replaces."""
    diagnoses: tuple[Diagnosis, ...] | None = None
    """Diagnoses of the tag doctor; None = no tag was read."""
    ledger: Ledger | None = None
    polls: tuple[int, int] | None = None
    """(looks at the pad in which the tag answered, looks while it was on the pad)."""
    # the context
    receipt: Receipt | None = None
    """Data about the item in the packing lists; None = none, for the reason in `no_receipt` (a sentence)."""
    no_receipt: Sentence = EMPTY
    same_number: tuple[str, ...] | None = None
    """Other titles with the same call number, as "record: title"; None = unknown, for the reason in `no_shelf_list` (a
    sentence; "" = not looked up)."""
    no_shelf_list: Sentence = EMPTY
    rules_of_file: tuple[str, ...] = ()
    """Ids of the rules that many records of the item's file break."""

    @property
    def leased(self) -> bool | None:
        """Return True if the item must be returned to its vendor; None = unknown from site and record."""
        site, item = self.site, self.item
        how = (item.marc.acquisition if item.marc else "").casefold()
        if "lease" in how or "rental" in how:
            return True
        if not (site.leased_item_types or site.leased_locations):
            return False if how else None
        return item.item_type in site.leased_item_types or item.location in site.leased_locations

    @property
    def gift(self) -> bool | None:
        """Return True if the item is a gift; None = unknown from site and record."""
        site, item = self.site, self.item
        how = (item.marc.acquisition if item.marc else "").casefold()
        if any(word in how for word in ("gift", "donat", "bequest")):
            return True
        if not site.gift_item_types:
            return False if how else None
        return item.item_type in site.gift_item_types

    @property
    def bind_first(self) -> bool | None:
        """Return True if the item goes to the bindery first; None = the site has not specified which items do."""
        types = self.site.bind_first_item_types
        return self.item.item_type in types if types else None
