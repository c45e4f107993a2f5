"""The expected spine label, line by line, from a call number as it stands in the record.

First sound version: the common break "letters / number / .cutter / cutter / date / v. / c." for LC and NLM
(processing-and-quality.md section 5.3: Florida International, Pasadena, SpineOMatic users); one line a part for Dewey,
whose segmentation slashes are not printed (section 5.2); ANSCR's four terms, one a line (5.5); SuDoc broken after the
agency and at the colon (5.2); everything else at its spaces. Case and points stay as entered (5.1, last row).
Prefixes come from the location's *code*, never its name (SpineOMatic #85, #76).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

_ANSCR: Final = (
    "A B C D EA EB EC ES F GG GO GP GS GV GW GX H J K L MA MC MG MJ MN MR P Q R RC S SR ST T U V VN W X Y "
    "ZI ZM ZR ZRC ZS ZU"
)
ANSCR_CATEGORIES: Final = frozenset(_ANSCR.split())
"""Term 1: the 46 categories (processing-and-quality.md section 5.5, count verified there)."""

LC_LETTERS: Final = frozenset("ABCDEFGHJKLMNPQRSTUVZ")
"""First letters of LC classes; I, O, W, X and Y are not used (so "XZ" or "CD 1234" is not LC; section 5.4)."""

_LC: Final = re.compile(
    r"(?P<letters>[A-Z]{1,3})\s*(?P<number>\d{1,4}(?:\.\d+)?)(?:\.(?=\s|\Z))?\s*"
    r"(?P<rest>(?:\.?\s?[A-Z]\d|(?<=\s)\d{4}|(?<=\s)\d+(?:st|nd|rd|th)\b).*|)\Z",
    re.IGNORECASE,
)
_SHELVES: Final = frozenset({"CD", "DVD", "LP", "VHS"})
"""Letters that with a bare number are an accession number and not LC (section 5.1: "CD 1234")."""
_NLM: Final = re.compile(
    r"(?P<letters>W[A-Z]?|Q[S-Z])\s*(?P<number>\d{1,4}(?:\.\d+)?)\s*\.?\s*(?P<rest>.*)\Z", re.IGNORECASE
)
_DEWEY: Final = re.compile(r"(?P<number>\d{3}(?:\.\d+)?)(?:\s+(?P<rest>.*))?\Z")
_SUDOC: Final = re.compile(r"(?P<agency>[A-Z]{1,4}\s*\d+\s*\.)\s*(?P<stem>[^:]+)(?P<rest>:.*)?\Z", re.IGNORECASE)
_ENUMERATION: Final = re.compile(
    r"(?:^|\s)(?P<part>(?:(?:v|vol|no|pt|bd|t|s|ser|d|disc|disk|dvd|cd|nr|suppl|index)\.?\s?\d[\w\-/]*\s*)+)"
    r"(?P<copy>c\.\s?\d+)?\s*\Z",
    re.IGNORECASE,
)
_COPY: Final = re.compile(r"(?:^|\s)c\.\s?(?P<copy>\d+)\s*\Z", re.IGNORECASE)
_ENUMERATION_TOKEN: Final = re.compile(r"(?:v|vol|no|pt|bd|t|d|c|nr)\.\Z", re.IGNORECASE)


@cache
def default_prefixes() -> Mapping[str, str]:
    """The shipped table: location code -> text above the call number; ";" begins a new line."""
    text = resources.files("station.catalog").joinpath("data/prefixes.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["prefixes"]
    return {str(code).upper(): str(said) for code, said in table.items()}


def lines(
    call_number: str,
    scheme: str,
    *,
    location: str = "",
    description: str = "",
    copy: str = "",
    prefixes: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """The label's lines; empty when there is no call number.

    `description` and `copy` get lines of their own unless the call number ends with them; a first copy gets none.
    A call number that does not follow its scheme is broken at its spaces, as a local one (accession numbers are not LC,
    section 5.1).
    """
    number = " ".join(call_number.split())
    if not number:
        return ()
    table = default_prefixes() if prefixes is None else prefixes
    prefix, number = _own_prefix(number, scheme)
    above = [line.strip() for line in table.get(location.upper(), "").split(";") if line.strip()]
    above = [line for line in above if line.casefold() not in {word.casefold() for word in prefix}]
    base, part, own_copy = split_enumeration(number)
    body = _body(base, scheme)
    below = _parts(part or description)
    copy_line = f"c.{own_copy or copy}" if (own_copy or copy).isdigit() and (own_copy or copy) not in ("0", "1") else ""
    if own_copy and not copy_line:
        copy_line = f"c.{own_copy}"
    return (*above, *prefix, *body, *below, *([copy_line] if copy_line else []))


def follows(call_number: str, scheme: str) -> bool:
    """Whether a call number (without prefix, volume and copy) has the form of its scheme."""
    _, number = _own_prefix(" ".join(call_number.split()), scheme)
    base = split_enumeration(number)[0]
    match scheme:
        case "lc":
            return _lc(base) is not None
        case "nlm":
            return _NLM.match(base) is not None
        case "dewey":
            return _DEWEY.match(base.replace("/", "")) is not None
        case "sudoc":
            return _SUDOC.match(base) is not None
        case "anscr":
            return base.split(" ")[0] in ANSCR_CATEGORIES and len(_anscr(base)) == 4
    return bool(base)


def split_enumeration(call_number: str) -> tuple[str, str, str]:
    """(call number, volume or disc designation, copy number) of one that carries them at its end."""
    copy = ""
    found = _COPY.search(call_number)
    if found and found.start() > 0:
        copy = found["copy"]
        call_number = call_number[: found.start()].rstrip()
    found = _ENUMERATION.search(call_number)
    if found and found.start() > 0 and "." in found["part"]:
        return call_number[: found.start()].rstrip(), found["part"].strip(), copy
    return call_number, "", copy


def _body(number: str, scheme: str) -> list[str]:
    match scheme:
        case "lc":
            found = _lc(number)
            if found:
                return [found["letters"], found["number"], *_cutters(found["rest"])]
        case "nlm":
            found = _NLM.match(number)
            if found:
                return [found["letters"], found["number"], *_cutters(found["rest"])]
        case "dewey":
            found = _DEWEY.match(number.replace("/", ""))
            if found:
                return [found["number"], *(found["rest"] or "").split()]
        case "sudoc":
            found = _SUDOC.match(number)
            if found:
                rest = (found["rest"] or "").removeprefix(":")
                stem = found["stem"].strip() + (":" if found["rest"] else "")
                return [line for line in (found["agency"].strip(), stem, rest.strip()) if line]
        case "anscr":
            return _anscr(number)
    return number.split(" ")


def _lc(number: str) -> re.Match[str] | None:
    found = _LC.match(number)
    if found is None or found["letters"][0].upper() not in LC_LETTERS:
        return None
    return None if found["letters"].upper() in _SHELVES and not found["rest"] else found


def _cutters(rest: str) -> list[str]:
    """The part after the class number: a line for each cutter, date and work mark (".D3D38" is two cutters)."""
    found: list[str] = []
    for word in re.sub(r"\.\s+(?=[A-Za-z]\d)", ".", rest).split():
        found.extend(re.findall(r"\.?[A-Za-z]\d+[a-z]*|.+", word))
    return found


def _anscr(number: str) -> list[str]:
    """Category / composer or performer / title / performer letter and issue digits ("B 28" is one term)."""
    words = number.split(" ")
    if len(words) > 4 and re.fullmatch(r"[A-Z]", words[3]) and re.fullmatch(r"\d{1,3}", words[4]):
        words[3:5] = [f"{words[3]} {words[4]}"]
    return words


def _own_prefix(number: str, scheme: str) -> tuple[list[str], str]:
    """Collection words before the call number proper ("REF QA76.9", "[CD] MA BEAT SPL B 28", "J 641.5")."""
    words = number.split(" ")
    taken: list[str] = []
    while len(words) > 1:
        word = words[0]
        rest = " ".join(words[1:])
        bracketed = word.startswith("[") and word.endswith("]")
        named = word.isalpha() and _starts(scheme, rest) and not _starts(scheme, " ".join(words))
        if not (bracketed or named):
            break
        taken.append(word)
        words = words[1:]
    return taken, " ".join(words)


def _starts(scheme: str, number: str) -> bool:
    base = split_enumeration(number)[0]
    match scheme:
        case "lc":
            return _lc(base) is not None
        case "nlm":
            return _NLM.match(base) is not None
        case "dewey":
            return _DEWEY.match(base.replace("/", "")) is not None
        case "anscr":
            return base.split(" ")[0] in ANSCR_CATEGORIES
    return True


def _parts(designation: str) -> list[str]:
    """ "v.2 pt.1" is two lines; "s.1 d.2" too; "disc 1" and anything else stays one; a bare number is a volume."""
    words = designation.split()
    if not words:
        return []
    if len(words) == 1 and words[0].isdigit():
        return [f"v.{words[0]}"]
    if all(re.fullmatch(r"[A-Za-z]+\.\d[\w\-/]*", word) for word in words):
        return words
    return [" ".join(words)]
