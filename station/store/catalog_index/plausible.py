"""Plausibility of an import file: is it what the library means? Checked before the index changes.

A wrong profile finds no items and would empty the index record by record. Wrong `[barcodes]` settings would refuse scans
at the bench. Where the limits are:

* Items: even where nine titles of ten are electronic, more than 1 record in 20 has an item. A profile that fits another
  field by chance (a number in the same subfield) may find more. So if fewer than half of the records have an item, it
  must also not be less than half of what another shipped profile finds.
* Call numbers: another profile may find the same items by chance, but not their call numbers. A profile that finds fewer
  than half of the call numbers of another is refused. Compared are the first records.
* Barcodes: right settings refuse exceptions only (temporary, mistyped and old barcodes). With 1 in 20 refused, a truck of
  100 items stops the line five times. Few barcodes prove little: of fewer than 20, up to half may be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, ImportBarcodes, ImportFewCallNumbers, ImportFewItems, ImportRefused
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check
from station.catalog.barcodes.learned import learned_sentence
from station.catalog.marc import marc
from station.catalog.record.item_fields import Likely, likely
from station.catalog.record.profiles import Profile
from station.store.catalog_index.source import Source
from station.store.catalog_index.unfinished_import import State, UnfinishedImport

MANY: Final = 20
"""Minimum number of records for the comparison with their items. A smaller file is a delta of any kind."""
ONE_IN: Final = 20
"""At least one record in this many must have an item, and at most one barcode in this many may be refused."""
BARCODES: Final = 20_000
"""Barcodes to check, of records spread over the file: half a second on a slow computer."""


class Expected(msgspec.Struct, frozen=True):
    """The site's expectations of its records."""

    barcodes: Barcodes
    few_items: bool = False
    """The user has confirmed that almost no record of this file has an item."""
    odd_barcodes: bool = False
    """The user has confirmed that the rules refuse barcodes of this file."""
    few_call_numbers: bool = False
    """The user has confirmed that another profile finds more call numbers in this file."""


class BarcodesSeen(msgspec.Struct, frozen=True):
    """Result of checking a file's barcodes against the site's rules."""

    looked_at: int = 0
    refused: int = 0
    first: str = ""
    """The first refused barcode."""
    why: Sentence = EMPTY


def enough(state: State, sources: Sequence[Source], profile: Profile, expected: Expected) -> None:
    """Raise `ImportFewItems` for a file in which almost no record has an item, or far fewer than another profile finds;
    `ImportFewCallNumbers` for a file in which another profile finds more than twice as many call numbers."""
    with_items = state.next_id - 1
    living = with_items + state.without
    if living < MANY:
        return
    if not expected.few_items and with_items * 2 < living:
        others = _looked(sources, expected, profile)
        if with_items * ONE_IN < living or any(
            count > 2 * others.own for name, count in others.loose if name != profile.name
        ):
            raise ImportFewItems(
                Sentence(
                    "store.import.few-items",
                    file=state.names,
                    items=with_items,
                    records=living,
                    profile=profile.name,
                    field=field_of(profile),
                    hint=hint(sources, profile, expected),
                    option="--few-items",
                )
            )
    if with_items and not expected.few_call_numbers:
        _enough_call_numbers(state, _looked(sources, expected, profile), profile)


def some_titles(state: State, expected: Expected) -> None:
    """Raise `ImportRefused` if items were found in holdings records only, and none of them with its title."""
    if state.untitled_count and state.untitled_count == state.next_id - 1 and not expected.few_items:
        raise ImportRefused(
            Sentence(
                "store.import.no-title",
                file=state.names,
                count=state.untitled_count,
                first=state.untitled[0].record,
                option="--few-items",
            )
        )


def _enough_call_numbers(state: State, others: Likely, profile: Profile) -> None:
    better = next(((name, count) for name, count in others.call_numbers if name != profile.name), None)
    if better is None or better[1] * ONE_IN < others.records or others.own_call_numbers * 2 >= better[1]:
        return
    raise ImportFewCallNumbers(
        Sentence(
            "store.import.few-call-numbers",
            file=state.names,
            profile=profile.name,
            numbers=others.own_call_numbers,
            records=others.records,
            better=better[0],
            more=better[1],
            option="--few-call-numbers",
        )
    )


def barcodes_seen(
    half: UnfinishedImport, sources: Sequence[Source], profile: Profile, expected: Expected
) -> BarcodesSeen:
    """Check the barcodes of a settled half. Raises `ImportBarcodes` if the rules refuse too many of them."""
    step = half.state.items // BARCODES + 1
    looked_at, refused, first, why = 0, 0, "", EMPTY
    for (barcode,) in half.connection.execute("SELECT barcode FROM barcode WHERE record % ? = 0", (step,)):
        looked_at += 1
        try:
            check(barcode, expected.barcodes)
        except BarcodeMalformed as error:
            refused += 1
            first, why = first or clean(barcode, 60), why or error.detail
    if not expected.odd_barcodes and refused * (2 if looked_at < MANY else ONE_IN) > looked_at:
        raise ImportBarcodes(
            Sentence(
                "store.import.barcodes",
                file=half.state.names,
                refused=refused,
                barcodes=looked_at,
                profile=profile.name,
                field=field_of(profile),
                first=first,
                why=why,
                hint=_elsewhere(_looked(sources, expected), profile) or _format(half, step),
                option="--odd-barcodes",
            )
        )
    return BarcodesSeen(looked_at, refused, first, why)


def _format(half: UnfinishedImport, step: int) -> Sentence:
    """Return a sentence with the format of the file's barcodes; empty if they have none in common."""
    rows = half.connection.execute("SELECT barcode FROM barcode WHERE record % ? = 0", (step,))
    return learned_sentence(barcode for (barcode,) in rows)


def field_of(profile: Profile) -> str:
    """Return the field of the profile that has the barcodes ("949 $i")."""
    return f"{profile.tag} ${profile.barcode}"


def hint(sources: Sequence[Source], profile: Profile, expected: Expected) -> Sentence:
    """Return a sentence that names the fields of the file that seem to have items."""
    candidates = _looked(sources, expected)
    elsewhere = _elsewhere(candidates, profile) or _said(
        "store.import.hint-profile", candidates, candidates.loose, profile.name
    )
    return elsewhere or Sentence("store.import.hint-none")


def _looked(sources: Sequence[Source], expected: Expected, profile: Profile | None = None) -> Likely:
    for source in sources:
        source.restart()
    in_turn = chain.from_iterable(zip_longest(*map(marc.read, sources)))
    return likely((record for record in in_turn if record is not None), expected.barcodes, profile)


def _elsewhere(candidates: Likely, profile: Profile) -> Sentence:
    """Return a sentence that names fields with the library's barcodes, other than those of the profile; empty = none."""
    own = {f"{profile.tag} ${code}" for code in profile.barcode}
    return _said("store.import.hint-profile", candidates, candidates.profiles, profile.name) or _said(
        "store.import.hint-field", candidates, candidates.fields, *own
    )


def _said(key: str, candidates: Likely, places: Sequence[tuple[str, int]], *without: str) -> Sentence:
    named = [Sentence("store.import.place", place=name, count=count) for name, count in places if name not in without]
    return Sentence(key, places=tuple(named), records=candidates.records) if named else EMPTY
