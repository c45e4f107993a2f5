"""The class letters of the Library of Congress Classification, so that other letters are not taken for a class.

Source: the outline of the classification, with FC of Library and Archives Canada. The outlines of UMass Dartmouth, Fort
Lewis and Pitt, which were available, have most of the subclasses; the rest is from memory. So an unknown subclass is
not an error: if the scheme was given as LC and a cutter follows, the number is read, with a remark. Class K has too
many subclasses to list and grows: K with up to two more letters counts as a class. I, O, W, X and Y are not used, so
that "I 3", "XZ 1" (pycallnumber accepts both; docs/reference/call-numbers.md#pycallnumber) and "VHS 12" are not LC
numbers.
"""

from __future__ import annotations

from typing import Final

_SUBCLASSES: Final = {
    "A": "CEGIMNPSYZ",
    "B": "CDFHJLMPQRSTVX",
    "C": "BCDEJNRST",
    "D": "ABCDEFGHJKLPQRSTUX",
    "E": "",
    "F": "C",
    "G": "ABCEFNRTV",
    "H": "ABCDEFGJMNQSTVX",
    "J": "ACFJKLNQSVXZ",
    "L": "ABCDEFGHJT",
    "M": "LT",
    "N": "ABCDEKX",
    "P": "ABCDEFGHJKLMNQRSTZ",
    "Q": "ABCDEHKLMPR",
    "R": "ABCDEFGJKLMSTVXZ",
    "S": "BDFHK",
    "T": "ACDEFGHJKLNPRSTX",
    "U": "ABCDEFGH",
    "V": "ABCDEFGKM",
    "Z": "A",
}
FIRST_LETTERS: Final = frozenset(_SUBCLASSES) | {"K"}
KNOWN: Final = frozenset(
    {first + second for first, seconds in _SUBCLASSES.items() for second in ("", *seconds)} | {"DAW", "DJK"}
)
"""All classes and subclasses except class K."""


def is_class(letters: str) -> bool:
    """Return True if upper-case `letters` are a class or subclass."""
    return letters in KNOWN or letters[0] == "K"
