"""Planned tag content from settings and an item. Only this module combines site profile, station.toml and record.

All users of this library's `TagProfile` (bench, `station tag`, demo) take it from here, so that all describe the same
tag.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.item import ItemRecord
from station.encoding.content import TagContent, TagProfile
from station.encoding.profiles import profiles
from station.encoding.profiles.value import SiteProfile

OWN_FILE: Final = ".toml"
"""Ending of `tag.profile` if it names the site's own file."""

_MEDIA: Final = {"": "00", "book": "01", "music-cd": "02", "dvd": "02"}
"""Kind of material -> ISO 28560-1 element 19 (docs/reference/tag-data.md#media-format): undefined, book, CD/DVD. All
others are 04, other."""
_OTHER_MEDIA: Final = "04"


def site_profile(settings: Settings, text: str | None = None) -> SiteProfile:
    """Return the profile that `tag.profile` names, with the other `tag` settings applied. Raises `SettingsError`.

    `text` is the content of the site's own file. Without it, `tag.profile` must not be a file name (see
    `runtime.station.load_profile`).
    """
    tag = settings.tag
    if tag.profile.endswith(OWN_FILE):
        if text is None:
            raise SettingsError(
                Sentence.joined(("tag.profile", Sentence("detail.not-read", file=tag.profile)), ": ")
            )  # not for people
        site = profiles.parse(text, tag.profile)
    else:
        site = profiles.ready(tag.profile)
    if tag.model not in ("profile", site.model):
        raise SettingsError(Sentence("detail.other-model", model=tag.model, profile=tag.profile, own=site.model))
    return site.changed(
        dsfid=_given(tag.dsfid),
        afi_in_stock=_given(tag.afi_in_stock),
        afi_on_loan=_given(tag.afi_on_loan),
        type_of_usage=_given(tag.type_of_usage),
        call_number=None if isinstance(tag.call_number_on_tag, str) else tag.call_number_on_tag,
    )


def tag_profile(settings: Settings, site: SiteProfile | None = None) -> TagProfile:
    """Return the profile of this library's own tags. `site` None = the built-in profile that the settings name."""
    return (site or site_profile(settings)).tag_profile(settings.library.isil)


def content_of(site: SiteProfile, isil: str, item: ItemRecord, part: int) -> TagContent:
    """Return the content for the tag of this part of the item. Raises `ElementInvalid` for a read-only profile."""
    values = {
        "item.barcode": item.barcode,
        "item.parts": str(item.parts),
        "item.title": item.title,
        "item.author": item.author,
        "item.call_number": item.call_number,
        "item.library": item.library,
        "item.location": item.location,
        "item.item_type": item.item_type,
        "item.description": item.description,
        "item.copy": item.copy,
        "item.isbn": _isbn(item),
        "item.media_format": _MEDIA.get(item.material, _OTHER_MEDIA),
        "item.record_id": item.record_id,
        "settings.isil": isil,
    }
    return site.content(values, part=part, parts=item.parts)


def _given(value: int | str) -> int | None:
    return None if isinstance(value, str) else value


def _isbn(item: ItemRecord) -> str:
    digits = (re.sub(r"[^0-9]", "", isbn) for isbn in item.isbns)
    return next((isbn for isbn in digits if len(isbn) == 13), "")
