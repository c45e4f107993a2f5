"""Settings of catalog records and labels."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class CallNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local practice for the order of volumes, and for SuDoc and ANSCR numbers."""

    dates_first: bool = False
    """Volumes: the date of a volume or issue counts before its number."""
    supplements_first: bool = False
    """Volumes: supplements sort before the volumes or parts of what they belong to; otherwise after them."""
    indexes_first: bool = False
    """Volumes: indexes sort before the volumes; otherwise after volumes and supplements."""
    winter_first: bool = False
    """Volumes: winter is the first season of its year; otherwise the last."""

    sudoc_letters_first: bool = True
    """SuDoc: letters sort before numbers in the same position."""
    sudoc_senate: Literal["session", "letters", "last"] = "session"
    """SuDoc: sort S.HRG. and S.PRT. by session of Congress, like other letters, or last in their class."""
    sudoc_years_first: bool = False
    """SuDoc: a year after a slash is a revision and sorts before other numbers."""
    anscr_categories: tuple[Annotated[str, Meta(pattern=r"^[A-Z]{1,4}$")], ...] = ()
    """ANSCR: the library's own categories in addition to the 46, e.g. ["MB"]."""
    anscr_name_letters: Annotated[int, Meta(ge=1, le=10)] = 4
    """ANSCR: number of letters in the second term."""
    anscr_title_words: Annotated[int, Meta(ge=1, le=10)] = 3
    """ANSCR: number of initials in the third term."""
    anscr_title_letters: Annotated[int, Meta(ge=1, le=10)] = 3
    """ANSCR: number of letters in the third term for a title of one word."""
    anscr_issue_digits: Annotated[int, Meta(ge=1, le=6)] = 2
    """ANSCR: number of digits in the fourth term."""


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Item data in catalog records."""

    profile: str = "symphony-949"
    """Item-field profile: symphony-949, symphony-999, koha-952, mfhd-852, innovative-945, carli-952, harvard-049,
    alma-ava, worldshare-949, evergreen-852, polaris-852, or your own TOML file (its name ends in .toml), relative to
    the data directory. `station catalog inspect FILE` says which one fits."""
    scheme: Literal["lc", "dewey", "nlm", "sudoc", "anscr", "local"] = "lc"
    """Call number scheme, if neither item nor record gives one."""
    remember_hours: Annotated[float, Meta(ge=0, le=8760)] = 72.0
    """With `live_records`: maximum age in hours of a stored answer that is used while the library system does not
    answer; 0 = never used."""
    numbers: CallNumbers = CallNumbers()


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels and slips of items and boxes; see docs/labels.md."""

    template: str = "us-common"
    """Rules for breaking call numbers into label lines: us-common, alma-1, alma-2, dewey-narrow, no-points, or your own
    TOML file (its name ends in .toml), relative to the data directory."""
    paper: str = "spine-25x38"
    """Stock for spine labels: a paper listed in docs/labels.md, or your own TOML file, relative to the data
    directory."""
    pocket_paper: str = "pocket-76x51"
    """Stock for pocket labels."""
    part_paper: str = "part-57x32"
    """Stock for the labels of the parts of a set."""
    flag_paper: str = "flag-102x152"
    """Stock for the flag slip of an item that failed."""
    box_paper: str = "box-102x152"
    """Stock for the label of a box to a site."""
    packing_slip_paper: str = ""
    """Stock for the packing slip in a box; empty = packing-slip-letter, for ZPL box-102x152."""
    item_slip_paper: str = "flag-102x152"
    """Stock for the slip in an item that goes to a site."""
    format: Literal["pdf", "zpl"] = "pdf"
    """"pdf" for any printer that CUPS supports; "zpl" = ZPL II, for label printers."""
    to: str = "labels"
    """Destination of labels: a directory, relative to the data directory; "cups:QUEUE"; or "device:/dev/usb/lp0"."""
    barcode: Literal["code39", "codabar", "code128", "qr"] = "codabar"
    """Type of barcode on labels whose paper has a place for one."""
    fonts: tuple[str, ...] = ()
    """Additional TrueType files (.ttf), relative to the data directory, for characters missing from the station's own
    fonts."""
