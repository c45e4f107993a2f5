"""Settings of quality control: rules, sampling, corrections."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quality rules."""

    site_file: str = ""
    """TOML file with the site's own rules and changes; empty = shipped rules only."""
    oversize_cm: Annotated[float, Meta(gt=0, le=200)] = 30.0
    """Items taller than this are oversize."""
    oversize_locations: tuple[str, ...] = ("OVERSIZE",)
    """Codes of locations for oversize items."""
    leased_item_types: tuple[str, ...] = ()
    """Item types of leased items, which are returned to their lessor; empty = only the record decides (541 $c)."""
    leased_locations: tuple[str, ...] = ()
    """Location codes of leased items."""
    gift_item_types: tuple[str, ...] = ()
    """Item types of gifts; empty = only the record decides (541 $c)."""
    bind_first_item_types: tuple[str, ...] = ()
    """Item types of items that go to the bindery before they are stamped; empty = not specified."""
    stamp_place: Literal["title-page-and-edges", "title-page", "edges"] = "title-page-and-edges"
    """Place of the property stamp, in questions and drawings."""
    tag_place: Literal["inside-back-cover", "inside-front-cover", "pocket"] = "inside-back-cover"
    """Place of the tag in a book, in questions and drawings."""
    label_place: Literal["spine", "front-lower-left"] = "spine"
    """Place of the spine label, in questions and drawings."""


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Selection of the confirmations that a person is asked for; see docs/sampling.md."""

    enabled: bool = False
    """Ask for confirmations by sample; false = every confirmation for every item."""
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    """Confidence that a sample without bad items must give."""
    target_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.02
    """Share of bad items that must not be reached, for new workers and at the normal level; 0.02 = 98 % good."""
    tightened_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.03
    """The same share while every item is checked again after bad work was found; at least target_rate."""
    reduced_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.05
    """The same share at the reduced level; at least target_rate."""
    lot: Annotated[int, Meta(ge=10, le=10000)] = 500
    """Number of items of one worker or vendor in a lot."""
    reduce_after: Annotated[int, Meta(ge=0, le=1000)] = 5
    """Consecutive accepted lots before the reduced level; 0 = never."""
    retrain_after: Annotated[int, Meta(ge=0, le=1000)] = 3
    """Number of bad items, while every item is checked again, before the technician is notified; 0 = never."""
    idle_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """Days without an item after which every item is checked again; 0 = never."""
    by_vendor: bool = True
    """Also sample by vendor, if the record names one; bad findings then count against the vendor, not the worker."""
    table: str = ""
    """TOML file with the site's own plans, relative to the data directory; empty = computed (extra "statistics")."""


class Corrections(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Handling of failed findings; see docs/corrections.md."""

    from_severity: Literal["critical", "major", "minor"] = "major"
    """Least severe finding that becomes a correction."""
    critical_days: Annotated[int, Meta(ge=0, le=366)] = 1
    """Days until a critical finding must be mended."""
    major_days: Annotated[int, Meta(ge=0, le=366)] = 3
    """Days until a major finding must be mended."""
    minor_days: Annotated[int, Meta(ge=0, le=366)] = 14
    """Days until a minor finding must be mended."""
    recheck_days: Annotated[int, Meta(ge=0, le=366)] = 2
    """Days until a recheck must be done."""
    waiver_reasons: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=8)] = (
        "Good enough to use",
        "Cannot be fixed",
        "Rule does not fit this item",
    )
    """Reasons that the screen offers when a finding is waived."""
    ready_notes: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...], Meta(max_length=20)] = (
        "On the cover",
        "On the spine",
        "On the pages",
        "On the disc or case",
        "It came like this",
        "It happened here",
        "Ask cataloging",
        "Return to the vendor",
    )
    """Notes to a fail that the screen offers to tap; [] = none. The station's own are told in each reader's language."""


class Receiving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deliveries by vendors; see docs/receiving.md."""

    lists: str = "packing-lists"
    """Directory of the packing lists that an earlier version kept as files, relative to the data directory. The first
    start takes them over into the journal."""
    expect_listed: Literal["never", "same-vendor", "always"] = "same-vendor"
    """When to fail an item that is on no open packing list: "same-vendor" = if its record names a vendor with an open
    list; "always" = if any list is open."""
    two_people: tuple[Literal["claimed", "credited", "replaced", "accepted", "okay"], ...] = ()
    """Ends of a difference that need a second person; "okay" = an okay to pay needs one, too. Where people do not sign on,
    the name is typed, and the record says that it is unproven."""


class Trucks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trucks with finished items."""

    lists: Annotated[tuple[str, ...], Meta(max_length=8)] = ("lists",)
    """Folders whose files (.txt, .csv, .lst: one barcode per line) the screen offers as truck lists, including their
    subfolders; relative to the data directory. Add "/media" if USB sticks are mounted there."""


class Convert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bulk conversion."""

    stack: Annotated[int, Meta(ge=2, le=20)] = 8
    """Number of finished items after which the station asks for the stack: the operator puts it on the pad, and every
    tag is read and compared."""


class Sets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items with several parts."""

    model: Literal["every", "main"] = "every"
    """Which parts carry a tag, unless the operator chooses otherwise: every part ("n of m"), or the main part only."""
