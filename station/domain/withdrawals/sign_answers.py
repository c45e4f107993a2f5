"""Answer the stop signs of an item from its record, the settings, and what each source says about its title.

A source that says nothing leaves the sign "not known": a record without 583, or a depository without codes in the
settings, is no "no". What the first of several sources says about the other items of the title counts: a library system
that was asked now comes before the catalog index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from station.base.settings import Rules
from station.base.settings.withdrawal import WithdrawalOptions
from station.base.text import clean
from station.domain.item import ItemRecord
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer, TitleStanding

_LONGEST: Final = 200
_GIFT: Final = ("gift", "donat", "bequest")
_LEASE: Final = ("lease", "rental")
_ON_LOAN: Final = frozenset(
    {"loan", "LOAN", "LOST_LOAN", "LOST_LOAN_AND_PAID", "CLAIM_RETURNED_LOAN", "ILL", "LOST_ILL"}
)
"""Values of `ItemRecord.status` of an item that a person has."""
_REQUESTED: Final = frozenset({"on-hold", "HOLDSHELF", "REQUESTED"})
_IN_PLACE: Final = frozenset({"available", "in place"})
_OF_THE_INDEX: Final = ("item.origin.index", "item.origin.instead")
"""Keys of `ItemRecord.came_from` of a record of the catalog index."""
_OTHERS: Final = re.compile(r"\b([0-9]{1,9}) OTHER HOLDINGS\b", re.IGNORECASE)
"""948 $h of an exported OCLC record: "NO HOLDINGS IN PAOLF - 377 OTHER HOLDINGS"."""


def sign_answers(
    record: ItemRecord, standings: Sequence[TitleStanding], options: WithdrawalOptions, rules: Rules
) -> tuple[SignAnswer, ...]:
    """Return one answer for each `Sign`, in their order. `standings`: the source that was asked now comes first. `rules`
    name the item types and locations of leases and gifts."""
    return (
        _retention(record),
        _depository(record, options),
        _lease(record, rules),
        _gift(record, rules),
        _circulation(Sign.LOAN, record, standings),
        _circulation(Sign.REQUEST, record, standings),
        _last(Sign.LAST_HERE, record, standings, anywhere=False),
        _last(Sign.LAST_UNDER_SYMBOL, record, standings, anywhere=options.one_symbol),
        _last_elsewhere(Sign.LAST_IN_GROUP, record),
        _last_elsewhere(Sign.LAST_ANYWHERE, record),
    )


def _retention(record: ItemRecord) -> SignAnswer:
    text = record.marc.retention if record.marc is not None else ""
    if text or record.retained:
        return _answer(Sign.RETENTION, Reply.YES, "record", text)
    if record.retained is False:
        return _answer(Sign.RETENTION, Reply.NO, "record")
    return _not_known(Sign.RETENTION)


def _depository(record: ItemRecord, options: WithdrawalOptions) -> SignAnswer:
    codes = [code for code in (record.location, record.item_type) if code]
    if not options.depository or not codes:
        return _not_known(Sign.DEPOSITORY)
    listed = [code for code in codes if code in options.depository]
    return _answer(Sign.DEPOSITORY, Reply.YES if listed else Reply.NO, "settings", ", ".join(listed))


def _lease(record: ItemRecord, rules: Rules) -> SignAnswer:
    how = record.marc.acquisition if record.marc is not None else ""
    if any(word in how.casefold() for word in _LEASE):
        return _answer(Sign.LEASE, Reply.YES, "record", how)
    listed = [
        code
        for code, codes in (
            (record.item_type, rules.leased_item_types),
            (record.location, rules.leased_locations),
        )
        if code in codes
    ]
    if listed:
        return _answer(Sign.LEASE, Reply.YES, "settings", ", ".join(listed))
    if rules.leased_item_types or rules.leased_locations:
        return _answer(Sign.LEASE, Reply.NO, "settings")
    return _answer(Sign.LEASE, Reply.NO, "record", how) if how else _not_known(Sign.LEASE)


def _gift(record: ItemRecord, rules: Rules) -> SignAnswer:
    how, donor = (record.marc.acquisition, record.marc.donor) if record.marc is not None else ("", "")
    if any(word in how.casefold() for word in _GIFT):
        return _answer(Sign.GIFT, Reply.YES, "record", donor or how)
    if record.item_type in rules.gift_item_types:
        return _answer(Sign.GIFT, Reply.YES, "settings", record.item_type)
    if how:
        return _answer(Sign.GIFT, Reply.NO, "record", how)
    if donor:  # who it came from, and not how
        return _answer(Sign.GIFT, Reply.NOT_KNOWN, "record", donor)
    return _answer(Sign.GIFT, Reply.NO, "settings") if rules.gift_item_types else _not_known(Sign.GIFT)


def _circulation(sign: Sign, record: ItemRecord, standings: Sequence[TitleStanding]) -> SignAnswer:
    for standing in standings:
        state = standing.on_loan if sign is Sign.LOAN else standing.requested
        if state is not None:
            reply = Reply.YES if state else Reply.NO
            return _answer(sign, reply, standing.source, record.status if state else "", standing.as_of)
    source = "catalog" if record.came_from.key in _OF_THE_INDEX or record.unknown_to else "record"
    as_of = next((standing.as_of for standing in standings if standing.source == source), "")
    if record.status in (_ON_LOAN if sign is Sign.LOAN else _REQUESTED):
        return _answer(sign, Reply.YES, source, record.status, as_of)
    if sign is Sign.LOAN and record.status in _IN_PLACE | _REQUESTED:
        return _answer(sign, Reply.NO, source, record.status, as_of)
    return _not_known(sign)


def _last(sign: Sign, record: ItemRecord, standings: Sequence[TitleStanding], *, anywhere: bool) -> SignAnswer:
    for standing in standings:
        if standing.libraries is None:
            continue
        others = standing.libraries
        if not anywhere and others:
            same = tuple(library for library in others if library.casefold() == record.library.casefold() != "")
            if not same and (not record.library or "" in others):
                continue  # whether the others are in its library cannot be told
            others = same
        reply = Reply.NO if others else Reply.YES
        return _answer(sign, reply, standing.source, str(len(others)), standing.as_of)
    return _not_known(sign)


def _last_elsewhere(sign: Sign, record: ItemRecord) -> SignAnswer:
    """Answer from the export: as old as the record, so that it can stop a person, and can never tell that all is well."""
    text = record.marc.exported_holdings if record.marc is not None else ""
    if not text:
        return _not_known(sign)
    others = _OTHERS.search(text)
    is_last = others is not None and int(others[1]) == 0
    return _answer(sign, Reply.YES if is_last else Reply.NOT_KNOWN, "export", text)


def _answer(sign: Sign, reply: Reply, source: str, detail: str = "", as_of: str = "") -> SignAnswer:
    return SignAnswer(sign=sign, reply=reply, source=source, detail=clean(detail, _LONGEST), as_of=as_of)


def _not_known(sign: Sign) -> SignAnswer:
    return SignAnswer(sign=sign, reply=Reply.NOT_KNOWN)
