"""Checks of text as typed: damaged characters, words typed twice, brackets and marks of the description (ISBD).

A question mark within a word, an HTML entity and a typed subfield delimiter are signs of a damaged transfer. Addresses
(856, "http") may have all of them.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.findings.facts import Check, Facts, Hit

# --- signs of damage ------------------------------------------------------------------------------------------------


def _text_damaged(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    wrong: dict[str, str] = {}
    for tag, text in facts.tagged_texts if _SIGN.search(facts.all_text) else ():
        if tag in wrong or tag[:2] in _CODED or "9" in tag or "://" in text:
            continue
        if sign := _sign_of_damage(text):
            wrong[tag] = sign
    return Hit(", ".join(f"{tag} {sign}" for tag, sign in wrong.items()), tuple(wrong)) if wrong else None


def _sign_of_damage(text: str) -> str:
    for char, pattern in _SIGNS:
        if char in text and (match := pattern.search(text)):
            return match[0].strip()
    return ""


_CODED: Final = frozenset({"00", "01", "02", "03", "04", "85", "88"})
"""Beginnings of the tags of numbers and codes, addresses, other scripts."""
_DELIMITER: Final = r"(?:[:/;,.=+]\s?|\s){sign}[a-z](?=[A-Z0-9\[ ])|[:/;=+]\s?{sign}[a-z](?=\w)"
_SIGNS: Final = (
    ("&", re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{2,5}|#x[0-9A-Fa-f]{2,5});")),
    ("?", re.compile(r"[^\W\d_]*[a-z\u00df-\u00ff]\?[a-z\u00df-\u00ff][^\W\d_]*")),
    ("$", re.compile(_DELIMITER.format(sign=r"\$"))),
    ("|", re.compile(_DELIMITER.format(sign=r"\|"))),
    ("\u01c2", re.compile(r"\u01c2[a-z0-9]")),
    ("\u2021", re.compile(r"\u2021[a-z0-9]")),
)
"""A character to look for first, and the sign of damage that it may belong to."""
_SIGN: Final = re.compile(f"[{re.escape(''.join(char for char, _pattern in _SIGNS))}]")

# --- words and marks ------------------------------------------------------------------------------------------------


def _word_doubled(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields("245", "246"):
        for code, text in field.subfields:
            if code in "abnp" and (match := _TWICE.search(text)):
                return Hit(match[0], (f"{field.tag} ${code}",))
    return None


_TWICE: Final = re.compile(
    r"\b(?:[Tt]he the|[Oo]f of|[Aa]nd and|[Aa]n an|[Ff]or for|[Ff]rom from|[Ww]ith with|[Ll]es les|[Dd]es des|[Dd]e de|[Dd]u du"
    r"|[Ee]t et|[Uu]nd und|[Dd]el del|[Ll]os los|[Vv]on von|(?:[àÀ]|de|et|sur|dans|par|pour) la la)\b"
)
"""Words that never follow themselves. Others do ("that that", "die die", "la la")."""


def _bracket_open(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields(*_BRACKETED) if _BRACKET.search(facts.all_text) else ():
        text = " ".join([text for code, text in field.subfields if code.isalpha()]).rstrip(" .")
        if text.endswith(_OPEN):
            continue
        for opened, closed in ("[]", "()"):
            if text.count(opened) != text.count(closed) and not _ITEMIZED.search(text):
                return Hit(text, (field.tag,))
    return None


_OPEN: Final = ("-", ">")
"""The end of a date or extent of what still appears."""
_BRACKETED: Final = frozenset({"245", "250", "260", "264", "300", "490"})
_BRACKET: Final = re.compile(r"[\[\]()]")
_ITEMIZED: Final = re.compile(r"(?:^|[\s;,])\w{1,2}\)|[:;=8]-?[()]")
"""A list "1) ... 2)", and a smiley."""


def _statement_unmarked(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only where leader/18 says that the punctuation is that of ISBD."""
    if facts.leader(18) not in ("a", "i"):
        return None
    for field in facts.fields("245"):
        before = ""
        for code, text in field.subfields:
            if code == "c" and before and not before.rstrip().endswith(("/", "]")) and "/" not in before[-3:]:
                return Hit(text, ("245 $c",))
            if code == "c":
                break
            before = text if code.isalpha() else before
        texts = [text for code, text in field.subfields if code in "abnp"]
        if "c" not in {code for code, _text in field.subfields} and any(" / " in text for text in texts):
            return Hit(" ".join(texts), ("245 $c",))
    return None


CHECKS: Final[dict[str, Check]] = {
    "text_damaged": _text_damaged,
    "word_doubled": _word_doubled,
    "bracket_open": _bracket_open,
    "statement_unmarked": _statement_unmarked,
}
"""Checks by name."""
