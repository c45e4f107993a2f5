"""What a vendor's EDIFACT files are like, as data (`data/vendors/*.toml`).

A profile exists only for a vendor whose files were read (docs/receiving.md#edifact). Every other vendor is read by the
standard.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

import msgspec

PROFILE_NAMES: Final = ("baker-taylor", "brodart", "ebsco", "gobi", "ingram")


class VendorProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    vendor: str = ""
    """Name of the vendor; "" = by the standard."""
    source: str = ""
    """Files that were read."""
    parties: tuple[str, ...] = ()
    """Identifiers in UNB. A Standard Address Number may end with a letter for the account."""
    title_codes: tuple[str, ...] = ("050",)
    """Codes of IMD with the title."""
    author_codes: tuple[str, ...] = ("009", "010")


STANDARD: Final = VendorProfile()


@cache
def load(name: str) -> VendorProfile:
    """Return a shipped profile."""
    data = resources.files("station.acquisitions").joinpath(f"data/vendors/{name}.toml").read_bytes()
    return msgspec.convert(tomllib.loads(data.decode("utf-8")), VendorProfile)


def of_party(party: str) -> VendorProfile:
    """Return the profile of a vendor, by the sender or recipient of UNB; `STANDARD` if there is none."""
    code = party.upper()
    account = code[:-1] if len(code) == 8 and code[:7].isdecimal() else code
    return next((profile for profile in map(load, PROFILE_NAMES) if {code, account} & {*profile.parties}), STANDARD)
