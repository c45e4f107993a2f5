"""The sides that each machine check compares, and the place of each: on the tag, in the record, at the item, on the
label.

Places by docs/tag-formats.md (relative OIDs of ISO 28560-2), MARC 21 as `catalog.findings.record_facts` reads it, and
Alma's item object (docs/reference/systems.md#alma-item); their names are in the message catalogue.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from station.base.words import tell
from station.catalog.callnumber import Role
from station.manual.pictures import says
from station.quality.checks import piece_count


class Side(NamedTuple):
    """One side of a comparison."""

    source: str
    """Message key of its name: tag, record, item, label, settings ..."""
    place: str
    """Message key of its place."""
    says: says.Says


class Compared(NamedTuple):
    """The sides that a check compares."""

    sides: tuple[Side, ...]
    gaps: tuple[str, ...] = ("fits",)
    """Signs between the sides, from left to right: "fits" (= or ≠), "in", "not-in", "at-least" and "to" follow the
    rule's outcome, "same" follows the equality of the two sides, "" = nothing. Missing entries count as ""."""


SIGNS: Final = {"fits": ("=", "≠"), "same": ("=", "≠"), "at-least": ("≥", "<"), "to": ("→", "→"), "": ("", "")}
"""Signs for a pass and for a fail; the other kinds use words."""

_BARCODE: Final = Side("scan", "picture.at-barcode", says.item("barcode"))
_CALL_NUMBER: Final = Side("item", "picture.at-call-number", says.item("call_number"))
_LABEL: Final = Side("expected", "picture.at-label-lines", says.item("label_lines"))
_LABEL_TOP: Final = Side("expected", "picture.at-label-top", lambda facts, _: facts.item.label_lines[:3])
_DESCRIPTION: Final = Side("item", "picture.at-description", says.item("description"))
_CUTTER: Final = Side("number", "picture.at-cutter", says.roles(Role.CUTTER, Role.WORK, Role.TERM))
_DATE: Final = Side("number", "picture.at-date", says.roles(Role.DATE))
_LOCATION: Final = Side("item", "picture.at-location", says.item("location"))
_PIECE: Final = Side("piece", "picture.at-number", lambda facts, _: (facts.scanned,) if facts.scanned else ())
_FINDINGS: Final = Side(
    "check", "picture.at-findings", lambda facts, _: [tell(sentence) for _code, sentence in says.marc(facts).findings]
)
_TABLE_BY_LOCATION: Final = Side("rule", "picture.at-table-location", says.table)

COMPARED: Final[dict[str, Compared]] = {
    "barcode_known": Compared(
        (
            _BARCODE,
            Side("system", "picture.at-known", says.known),
        ),
        ("in",),
    ),
    "barcode_format": Compared((_BARCODE, Side("settings", "picture.at-barcodes", says.barcodes))),
    "piece_number": Compared(
        (
            _PIECE,
            Side(
                "record",
                "picture.at-numbers",
                lambda facts, rule: (*facts.item.isbns, *says.record("cancelled_isbns", "other_numbers")(facts, rule)),
            ),
        ),
        ("in",),
    ),
    "piece_number_cancelled": Compared(
        (
            _PIECE,
            Side("record", "picture.at-isbn", says.item("isbns")),
            Side("record", "picture.at-cancelled", says.record("cancelled_isbns")),
        ),
        ("in",),
    ),
    "years_agree": Compared(
        (
            Side("record", "picture.at-years", says.record("years")),
            Side("record", "picture.at-fixed-years", says.record("fixed_years")),
        )
    ),
    "volume_agrees": Compared(
        (_DESCRIPTION, _CALL_NUMBER, Side("record", "picture.at-part-title", says.record("part_title"))), ("",)
    ),
    "item_status": Compared(
        (
            Side("item", "picture.at-status", says.item("status")),
            Side("rule", "picture.at-codes", says.codes),
            Side("record", "picture.at-deleted", lambda facts, _: says.yes_no(says.marc(facts).deleted)),
        ),
        ("not-in", ""),
    ),
    "suppressed": Compared(
        (Side("system", "picture.at-suppressed", lambda facts, _: says.yes_no(facts.item.suppressed)),), ()
    ),
    "on_packing_list": Compared(
        (
            Side("list", "picture.at-copies", says.copies),
            Side("piece", "picture.at-came", says.came),
            Side("list", "picture.at-line", says.receipt),
            Side("item", "picture.at-library", lambda facts, _: (facts.item.library, facts.item.purchase)),
        ),
        ("same", "", "same"),
    ),
    "lease_identified": Compared(
        (
            Side("item", "picture.at-notes", says.item("notes")),
            Side("item", "picture.at-order-line", says.item("purchase")),
        ),
        ("",),
    ),
    "donor_named": Compared(
        (
            Side("record", "picture.at-acquisition", says.record("acquisition")),
            Side("record", "picture.at-donor", says.record("donor")),
        ),
        ("",),
    ),
    "single_tag": Compared(
        (
            Side("pad", "picture.at-inventory", lambda facts, _: (str(facts.tags_in_field),)),
            Side("item", "picture.at-tags-wanted", lambda facts, _: (str(facts.item.tags if facts.others else 1),)),
        )
    ),
    "tag_identifier": Compared((Side("tag", "picture.at-identifier", says.identifier), _BARCODE)),
    "tag_owner": Compared(
        (
            Side(
                "tag",
                "picture.at-owner",
                lambda facts, _: (facts.tag.owner_institution,) if facts.tag and facts.tag.owner_institution else (),
            ),
            Side("settings", "picture.at-isil", lambda facts, _: (facts.site.isil,)),
        )
    ),
    "tag_set": Compared(
        (
            Side("tag", "picture.at-set", says.tag_set),
            Side("item", "picture.at-pieces", lambda facts, _: says.part(facts.part, facts.item.parts)),
        )
    ),
    "tag_structure": Compared((Side("tag", "picture.at-memory", says.diagnoses),)),
    "tag_security": Compared(
        (
            Side("chip", "picture.at-afi", lambda facts, _: says.afi(facts.afi)),
            Side("settings", "picture.at-afi-wanted", says.wanted_afi),
        )
    ),
    "tag_eas": Compared(
        (
            Side("chip", "picture.at-eas", says.eas),
            Side(
                "settings",
                "picture.at-profile",
                lambda facts, _: (
                    tell("picture.not-set" if facts.item.status.casefold() == "loan" else "picture.set"),
                ),
            ),
        )
    ),
    "tag_released": Compared(
        (
            Side("tag", "picture.at-identifier", says.identifier),
            Side("chip", "picture.at-afi", lambda facts, _: says.afi(facts.afi)),
            Side("chip", "picture.at-eas", says.eas),
            Side("settings", "picture.at-afi-stock", lambda facts, _: says.afi(facts.site.afi_in_stock)),
        ),
        ("",),
    ),
    "tag_locks": Compared((Side("chip", "picture.at-locks", says.diagnoses),)),
    "tag_ledger": Compared(
        (
            Side(
                "journal",
                "picture.at-written-for",
                lambda facts, _: (facts.ledger.bound_to,) if facts.ledger and facts.ledger.bound_to else (),
            ),
            _BARCODE,
            Side("journal", "picture.at-holders", lambda facts, _: facts.ledger.holders if facts.ledger else ()),
        )
    ),
    "second_tag": Compared((Side("pad", "picture.at-other-tags", says.others), _BARCODE), ("",)),
    "read_margin": Compared(
        (
            Side("pad", "picture.at-looks", lambda facts, rule: (says.looks(facts, rule)[0],)),
            Side("rule", "picture.at-limit", lambda facts, rule: (says.looks(facts, rule)[1],)),
        ),
        ("at-least",),
    ),
    "tag_usage": Compared(
        (
            Side("tag", "picture.at-usage", lambda facts, _: says.afi(facts.tag.type_of_usage if facts.tag else None)),
            Side("settings", "picture.at-usage-wanted", says.usage_wanted),
        )
    ),
    "label_matches": Compared(
        (_LABEL, Side("label", "picture.at-label-seen", lambda facts, _: facts.label_seen or ()))
    ),
    "class_agrees": Compared(
        (Side("item", "picture.at-class", says.class_of), Side("record", "picture.at-classes", says.classes)), ("in",)
    ),
    "class_near": Compared(
        (Side("item", "picture.at-class", says.class_of), Side("record", "picture.at-classes", says.classes)), ("in",)
    ),
    "call_number_typed": Compared((_CALL_NUMBER, Side("record", "picture.at-classes", says.classes))),
    "call_number_parses": Compared(
        (_CALL_NUMBER, Side("item", "picture.at-scheme", says.item("call_number_scheme"))), ("fits",)
    ),
    "call_number_complete": Compared(
        (_CALL_NUMBER, Side("number", "picture.at-class-alone", says.class_of), _CUTTER), ("",)
    ),
    "call_number_dated": Compared((_DATE, _LOCATION, _TABLE_BY_LOCATION), ("",)),
    "call_number_date": Compared(
        (_DATE, Side("record", "picture.at-all-years", says.record("years", "fixed_years"))), ("in",)
    ),
    "call_number_unique": Compared(
        (_CALL_NUMBER, Side("shelf", "picture.at-other-titles", lambda facts, _: facts.same_number or ())), ("not-in",)
    ),
    "prefix_on_label": Compared((_LOCATION, _TABLE_BY_LOCATION, _LABEL_TOP), ("",)),
    "class_fits_location": Compared(
        (
            Side("item", "picture.at-class", says.class_of),
            Side("rule", "picture.at-table-class", says.table),
            _LOCATION,
        ),
        ("to", "to"),
    ),
    "oversize_location": Compared(
        (
            Side(
                "record",
                "picture.at-height",
                lambda facts, _: (
                    () if facts.item.height_cm is None else (tell("picture.cm", number=f"{facts.item.height_cm:g}"),)
                ),
            ),
            Side(
                "settings",
                "picture.at-oversize",
                lambda facts, _: (
                    tell("picture.above-cm", number=f"{facts.site.oversize_cm:g}"),
                    *facts.site.oversize_locations,
                ),
            ),
            _LOCATION,
        ),
        ("",),
    ),
    "volume_on_label": Compared((_DESCRIPTION, _LABEL), ("in",)),
    "label_fits": Compared((_LABEL, Side("template", "picture.at-size", says.item("label_problems"))), ("",)),
    "record_findings": Compared(
        (
            Side("record", "picture.at-fields", lambda facts, rule: says.chosen(*says.fields_of(rule))(facts, rule)),
            _FINDINGS,
        ),
        ("",),
    ),
    "full_record_findings": Compared(
        (
            Side("record", "picture.at-fields", lambda facts, rule: says.chosen(*says.fields_of(rule))(facts, rule)),
            _FINDINGS,
        ),
        ("",),
    ),
    "copy_left_over": Compared((Side("record", "picture.at-fields", says.chosen(*says.COPY)), _FINDINGS), ("",)),
    "language_plausible": Compared(
        (
            Side("record", "picture.at-language", says.record("language")),
            Side("record", "picture.at-languages", says.record("languages")),
            Side("record", "picture.at-audience", says.record("audience")),
        ),
        ("in",),
    ),
    "price_present": Compared((Side("item", "picture.at-price", says.item("price")),)),
    "price_plausible": Compared(
        (
            Side("item", "picture.at-price", says.item("price")),
            Side("rule", "picture.at-highest", lambda _, rule: () if rule.limit is None else (f"{rule.limit:g}",)),
        ),
        ("",),
    ),
    "location_known": Compared((_LOCATION, _TABLE_BY_LOCATION), ("in",)),
    "piece_number_recorded": Compared(
        (
            _PIECE,
            Side(
                "record",
                "picture.at-numbers",
                lambda facts, rule: (*facts.item.isbns, *says.record("cancelled_isbns", "other_numbers")(facts, rule)),
            ),
        ),
        ("",),
    ),
    "vendor_barcode": Compared(
        (_BARCODE, Side("record", "picture.at-vendor", says.record("vendor_barcodes"))), ("in",)
    ),
    "retention": Compared(
        (
            Side("item", "picture.at-retained", lambda facts, _: says.yes_no(facts.item.retained)),
            Side("record", "picture.at-retention", says.record("retention")),
        ),
        ("",),
    ),
    "pieces_agree": Compared(
        (
            Side("record", "picture.at-extent", says.pieces(piece_count.RECORD)),
            Side("item", "picture.at-pieces", says.pieces(piece_count.ITEM)),
            Side("tag", "picture.at-set", says.pieces(piece_count.TAG)),
            Side("hand", "picture.at-count", says.pieces(piece_count.COUNT)),
        ),
        ("same", "same", "same"),
    ),
    "accompanying_parts": Compared(
        (
            Side("record", "picture.at-extent-alone", says.item("extent")),
            Side("record", "picture.at-accompanying", says.item("accompanying")),
            Side("item", "picture.at-pieces", says.item("parts")),
        ),
        ("",),
    ),
    "strip_allowed": Compared(
        (
            Side("record", "picture.at-carrier", says.record("carriers")),
            Side("rule", "picture.at-magnetic", says.magnetic),
            Side("rule", "picture.at-table-material", says.table),
        ),
        ("not-in",),
    ),
    "field": Compared((Side("item", "picture.at-field", says.field), Side("rule", "picture.at-operator", says.wish))),
}
"""Comparisons by machine check. A test requires one for each."""
