"""Input of the quality rules, from settings, tag and journal."""

from __future__ import annotations

from typing import Protocol, TypedDict

import msgspec

from station.base.errors import StoreError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.catalog.callnumber.settings import options
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import Receipt
from station.domain.ports import Binding, PackingLists, Shelved
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.doctor.doctor import examine
from station.quality.checks.facts import Facts, Ledger, Site


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """An item with the data read from its tag; None = not read."""

    item: ItemRecord
    part: int = 1
    image: TagImage | None = None
    content: TagContent | None = None
    tags_in_field: int | None = None
    others: tuple[TagContent, ...] | None = None
    foreign: bool = False
    replaced: str = ""
    eas: bool | None = None
    no_eas: Sentence = EMPTY
    """Reason why the EAS bit of a tag that was read is unknown."""
    shelved: Shelved | None = None
    """Entry of the shelf list; None = not looked up."""
    receipt: Receipt | None = None
    no_receipt: Sentence = EMPTY
    """Reason why the packing lists give no answer, if that needs an explanation."""


def site_of(settings: Settings, profile: TagProfile) -> Site:
    """Return the settings of this site that the rules use."""
    rules = settings.rules
    return Site(
        isil=settings.library.isil,
        barcodes=settings.barcodes,
        afi_in_stock=profile.afi_in_stock,
        afi_on_loan=profile.afi_on_loan,
        model=profile.model,
        usage=profile.type_of_usage,
        oversize_cm=rules.oversize_cm,
        oversize_locations=rules.oversize_locations,
        leased_item_types=rules.leased_item_types,
        leased_locations=rules.leased_locations,
        gift_item_types=rules.gift_item_types,
        bind_first_item_types=rules.bind_first_item_types,
        stamp_place=rules.stamp_place,
        tag_place=rules.tag_place,
        label_place=rules.label_place,
        numbers=options(settings.catalog.numbers),
    )


def facts_of(read: Read, site: Site, profile: TagProfile, ledger: Ledger | None = None) -> Facts:
    """Return the known facts of an item and its tag."""
    item, image = read.item, read.image
    diagnoses = None
    if image is not None:
        diagnoses = examine(image, profile, barcode=item.barcode, parts=item.parts, part=read.part)
    return Facts(
        item=item,
        part=read.part,
        site=site,
        uid=image.uid if image is not None else "",
        tag=read.content,
        afi=image.afi if image is not None else None,
        eas=read.eas if image is not None else None,
        no_eas=read.no_eas if image is not None else EMPTY,
        tags_in_field=read.tags_in_field,
        others=read.others,
        foreign=read.foreign,
        replaced=read.replaced,
        diagnoses=diagnoses,
        ledger=ledger,
        **_around(read),
    )


class _Around(TypedDict, total=False):
    same_number: tuple[str, ...] | None
    no_shelf_list: Sentence
    rules_of_file: tuple[str, ...]
    receipt: Receipt | None
    no_receipt: Sentence


def _around(read: Read) -> _Around:
    around = _Around(receipt=read.receipt)
    if read.no_receipt:
        around["no_receipt"] = read.no_receipt
    if read.shelved is not None:
        around["rules_of_file"] = read.shelved.rules_of_file
        around["same_number"] = None if read.shelved.unknown else read.shelved.others
        if read.shelved.unknown:
            around["no_shelf_list"] = read.shelved.unknown
    return around


def receipt_of(lists: PackingLists, item: ItemRecord, scanned: str) -> tuple[ItemRecord, Receipt | None, Sentence]:
    """Return (item, receipt, why there is no receipt). If the record names no vendor, the item gets the vendor of its
    packing list."""
    try:
        receipt = lists.receipt(item, scanned)
    except StoreError as error:
        return item, None, Sentence("finding.receipt-unreadable", detail=error.detail)
    if receipt is not None and receipt.listed and not item.vendor:
        item = msgspec.structs.replace(item, vendor=receipt.vendor)
    return item, receipt, EMPTY


def ledger_of_leaving(ledger: Ledger | None, journal: Bindings, item: ItemRecord, *, erased: bool) -> Ledger:
    """Return the ledger of an item that leaves, with all its tags. `erased`: this station erased a tag of it."""
    live = tuple(binding.uid for binding in journal.bindings_for(item.barcode))
    return msgspec.structs.replace(ledger or Ledger(), live=live, erased=erased)


class Bindings(Protocol):
    """Source of the newest verified writes: the journal, or its views."""

    def binding_of(self, uid: Uid) -> Binding | None: ...

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]: ...


def ledger_of(journal: Bindings, uid: Uid, item: ItemRecord, part: int) -> Ledger:
    """Return what the journal of verified writes has about this tag and part."""
    bound = journal.binding_of(uid)
    holders = tuple(binding.uid for binding in journal.bindings_for(item.barcode) if binding.part == part)
    return Ledger(holders=holders, bound_to=bound.barcode if bound is not None else "")
