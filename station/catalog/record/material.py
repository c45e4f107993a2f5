"""Material described by a record, by the type matrix of docs/reference/quality-sources.md#marc-fields-and-types.

Leader/06 is decisive; 007 and 338 (337 if there is no 338) decide the carrier. "" if the record gives no material, or
one that the station has no term for (videocassette, LP, microform, online resource).
"""

from __future__ import annotations

import re
from typing import Final

from pymarc import Record

_CD_SPEED: Final = "f"
"""007/03 of a sound disc: f = 1.4 meters per second, which is a compact disc (MARC 21, 007 sound recording)."""


def material(record: Record) -> str:
    """Return one of the values of `domain.item.ItemRecord.material`."""
    kind = str(record.leader)[6:7]
    fixed = [field.data or "" for field in record.get_fields("007")]
    carriers = {code for field in record.get_fields("338") for code in field.get_subfields("b")}
    media = {code for field in record.get_fields("337") for code in field.get_subfields("b")}
    text = " ".join(value for field in record.get_fields("300") for value in field.get_subfields("a")).casefold()
    match kind:
        case "a" | "t":
            return "" if _not_a_volume(fixed, carriers, media) else "book"
        case "c" | "d":
            return "score"
        case "e" | "f":
            return "map"
        case "g":
            disc = "vd" in carriers or any(one[:2] == "vd" for one in fixed)
            other = bool(carriers & {"vf", "vc", "vr", "cr"}) or any(one[:2] in ("vf", "vc", "vr") for one in fixed)
            named = not carriers and re.search(r"videodisc|dvd|blu-ray", text) is not None
            return "dvd" if disc or (named and not other) else ""
        case "i":
            return "" if carriers and carriers <= {"cr"} else "audiobook"
        case "j":
            return "music-cd" if _is_cd(fixed, carriers, text) else ""
        case "m":
            return "" if carriers and carriers <= {"cr"} else "software"
        case "o":
            return "kit"
        case "r":
            return "object"
    return ""


def _not_a_volume(fixed: list[str], carriers: set[str], media: set[str]) -> bool:
    """Return True for a text that is only on microform or online: according to 33X, or to 007 if there is no 33X."""
    if carriers:
        return not carriers & {"nc", "nb", "no", "zu"} and bool(carriers & {"cr", "cd"} or media & {"h"})
    return bool(fixed) and all(one[:1] == "h" or one[:2] == "cr" for one in fixed)


def _is_cd(fixed: list[str], carriers: set[str], text: str) -> bool:
    sound = [one for one in fixed if one[:2] == "sd"]
    if sound and any(len(one) > 3 for one in sound):
        speeds = {one[3] for one in sound if len(one) > 3}
        if speeds - {"|", " ", "n", "u", "z"}:
            return _CD_SPEED in speeds
    if re.search(r"\b(?:lp|33 1/3|78 rpm|45 rpm|cassette)", text):
        return False
    return bool(sound) or "sd" in carriers or re.search(r"sound disc|audio disc|\bcds?\b", text) is not None
