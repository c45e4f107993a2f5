"""Settings of quality control: rules, sampling, corrections."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quality rules."""

    site_file: str = ""
    """TOML file with the site's own rules and changes; empty = only the shipped ones."""
    oversize_cm: Annotated[float, Meta(gt=0, le=200)] = 30.0
    """Items taller than this are oversize."""
    oversize_locations: tuple[str, ...] = ("OVERSIZE",)
    """Location codes where oversize items belong."""
    leased_item_types: tuple[str, ...] = ()
    """Item types of what is leased and goes back; empty = only the record says (541 $c)."""
    leased_locations: tuple[str, ...] = ()
    """Location codes of what is leased."""
    gift_item_types: tuple[str, ...] = ()
    """Item types of gifts; empty = only the record says (541 $c)."""
    bind_first_item_types: tuple[str, ...] = ()
    """Item types of what goes to the bindery before it is stamped; empty = the site has not said."""


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which human confirmations are asked for; see docs/sampling.md."""

    enabled: bool = False
    """Ask for confirmations by sample; false = every confirmation for every item."""
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    """How sure a clean sample shall make us."""
    target_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.02
    """The share of bad items that must not be reached, for new workers and at the normal level; 0.02 = 98 % good."""
    tightened_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.03
    """The same where every item is looked at again after bad work was found; at least target_rate."""
    reduced_rate: Annotated[float, Meta(gt=0, lt=1)] = 0.05
    """The same at the reduced level; at least target_rate."""
    lot: Annotated[int, Meta(ge=10, le=10000)] = 500
    """Items of one worker or vendor that make a lot."""
    reduce_after: Annotated[int, Meta(ge=0, le=1000)] = 5
    """Lots accepted in succession before the reduced level; 0 = never."""
    retrain_after: Annotated[int, Meta(ge=0, le=1000)] = 3
    """Bad items, while every item is looked at again, before the technician is told; 0 = never."""
    idle_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """Days without an item after which every item is looked at again; 0 = never."""
    by_vendor: bool = True
    """Also sample by vendor, where the record says one; what is bad there then counts for the vendor, not the worker."""
    table: str = ""
    """TOML file with the site's own plans, relative to the data directory; empty = computed (extra "statistics")."""


class Corrections(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a failed finding; see docs/corrections.md."""

    from_severity: Literal["critical", "major", "minor"] = "major"
    """The least bad finding that becomes a correction."""
    critical_days: Annotated[int, Meta(ge=0, le=366)] = 1
    """Days until a critical finding must be mended."""
    major_days: Annotated[int, Meta(ge=0, le=366)] = 3
    """Days until a major finding must be mended."""
    minor_days: Annotated[int, Meta(ge=0, le=366)] = 14
    """Days until a minor finding must be mended."""
    recheck_days: Annotated[int, Meta(ge=0, le=366)] = 2
    """Days until a recheck must be done."""
    waiver_reasons: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=8)] = (
        "Accepted as it is",
        "Cannot be mended",
        "Rule does not fit this item",
    )
    """Reasons that the screen offers when a finding is waived."""


class Receiving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What vendors have sent; see docs/receiving.md."""

    lists: str = "packing-lists"
    """Directory of the packing lists that were imported, relative to the data directory."""
    expect_listed: Literal["never", "same-vendor", "always"] = "same-vendor"
    """When an item that is on no open packing list is wrong: "same-vendor" = its record names a vendor of whom a list is open;
    "always" = some list is open."""


class Trucks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trucks of finished items."""

    lists: Annotated[tuple[str, ...], Meta(max_length=8)] = ("lists",)
    """Folders whose files (.txt, .csv, .lst: one barcode a line) the screen offers as lists of trucks, also from folders in
    them; relative to the data directory. Add "/media" where sticks are mounted."""


class Convert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bulk conversion."""

    stack: Annotated[int, Meta(ge=2, le=20)] = 8
    """Finished items after which the station asks for the stack: laid on the pad together, every tag is read and compared."""


class Sets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items of several parts."""

    model: Literal["every", "main"] = "every"
    """Which parts carry a tag, until the operator says otherwise: every one ("n of m"), or the main part alone."""
