"""Settings of the way to the sites."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class SiteOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site to which boxes go."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(max_length=60)] = ""
    """Name in large letters on screen and label; empty = the code."""
    libraries: tuple[str, ...] = ()
    """Codes of the libraries that the site serves; empty = the library with the site's code."""
    slip: bool = False
    """Print a slip for each item that is packed."""
    days: Annotated[int, Meta(ge=0, le=365)] = 3
    """Days in which the site must confirm a box; 0 = no limit."""


class Distribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boxes to the sites; see docs/boxes.md."""

    sites: tuple[SiteOptions, ...] = ()
    """Sites, each as {code = "EAST", name = "East Library", libraries = ["EAST"], slip = false, days = 3}: all but the code
    may be left out. A library that no site serves is a site of its own, without a slip and a limit."""
