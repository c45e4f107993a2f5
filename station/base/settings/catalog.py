"""Settings of catalog records and of labels."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class CallNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What libraries do their own way with SuDoc and ANSCR numbers."""

    sudoc_letters_first: bool = True
    """SuDoc: letters stand before numbers at the same place."""
    sudoc_senate: Literal["session", "letters", "last"] = "session"
    """SuDoc: S.HRG. and S.PRT. by session of Congress, like other letters, or last in their class."""
    sudoc_years_first: bool = False
    """SuDoc: a year behind a slash is a revision and stands before other numbers."""
    anscr_categories: tuple[Annotated[str, Meta(pattern=r"^[A-Z]{1,4}$")], ...] = ()
    """ANSCR: categories of your own beside the 46, e.g. ["MB"]."""
    anscr_name_letters: Annotated[int, Meta(ge=1, le=10)] = 4
    """ANSCR: letters of the second term."""
    anscr_title_words: Annotated[int, Meta(ge=1, le=10)] = 3
    """ANSCR: initials of the third term."""
    anscr_title_letters: Annotated[int, Meta(ge=1, le=10)] = 3
    """ANSCR: letters of the third term for a title of one word."""
    anscr_issue_digits: Annotated[int, Meta(ge=1, le=6)] = 2
    """ANSCR: digits of the fourth term."""


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where items stand in the catalog records."""

    profile: str = "symphony-949"
    """Item-field profile: symphony-949, symphony-999, koha-952, mfhd-852, innovative-945, carli-952, harvard-049,
    alma-ava, worldshare-949, or your own TOML file (its name ends in .toml), relative to the data directory."""
    scheme: Literal["lc", "dewey", "nlm", "sudoc", "anscr", "local"] = "lc"
    """Call number scheme where neither item nor record says."""
    remember_hours: Annotated[float, Meta(ge=0, le=8760)] = 72.0
    """Where records come from the library system itself (`live_records`): how old may be what it said before, when it does
    not answer; 0 = never used."""
    numbers: CallNumbers = CallNumbers()


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spine labels, pocket labels, parts labels and flag slips; see docs/labels.md."""

    template: str = "us-common"
    """How call numbers are broken into label lines: us-common, alma-1, alma-2, dewey-narrow, no-points, or your own TOML file
    (its name ends in .toml), relative to the data directory."""
    paper: str = "spine-25x38"
    """Stock for spine labels: a ready paper of docs/labels.md, or your own TOML file, relative to the data directory."""
    pocket_paper: str = "pocket-76x51"
    """Stock for pocket labels."""
    part_paper: str = "part-57x32"
    """Stock for the labels of the parts of a set."""
    flag_paper: str = "flag-102x152"
    """Stock for the flag slip of an item that failed."""
    format: Literal["pdf", "zpl"] = "pdf"
    """"pdf" for any printer that CUPS knows; "zpl" = ZPL II, for label printers."""
    to: str = "labels"
    """Where labels go: a directory, relative to the data directory; "cups:QUEUE"; or "device:/dev/usb/lp0"."""
    barcode: Literal["code39", "codabar", "code128", "qr"] = "codabar"
    """Kind of barcode on labels whose paper has a place for one."""
    fonts: tuple[str, ...] = ()
    """Further TrueType files (.ttf), relative to the data directory, for characters that the station's own fonts do not
    have."""
