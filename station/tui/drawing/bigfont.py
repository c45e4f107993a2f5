"""Letters three rows high, readable from a distance: 3 x 5 dots in half blocks, four cells per letter (M, N, W wider).

Made for the texts `state.NAME.big`. A text with a letter that is missing here is shown in plain bold.
"""

from __future__ import annotations

import unicodedata
from typing import Final

HEIGHT: Final = 3
"""Rows of a letter."""

_APART: Final = "NFD"  # not for people
"""Form in which an accent is a sign of its own."""
_MOST_SCALE: Final = 3
"""Cells for a dot of the largest letters."""

_DOTS: Final = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".## #.. #.# #.# .##",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "J": "..# ..# ..# #.# .#.",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "Q": ".#. #.# #.# ##. .##",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "##. ..# .#. #.. ###",
    "3": "##. ..# .#. ..# ##.",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ##. ..# ##.",
    "6": ".## #.. ### #.# ###",
    "7": "### ..# ..# .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ##.",
    " ": ".. .. .. .. ..",
    ".": ". . . . #",
    ",": ".. .. .. .# #.",
    ":": ". # . # .",
    "-": "... ... ### ... ...",
    "!": "# # # . #",
    "/": "..# ..# .#. #.. #..",
}  # not for people


def big(text: str, width: int, scale: int = 1) -> list[str] | None:
    """Return the text as rows of at most `width` cells, three for `scale` 1; None if it does not fit or a letter is
    missing. `scale`: cells for a dot."""
    letters = [_DOTS.get(letter) for letter in text.upper()]
    if None in letters or not letters:
        return None
    dots = [".".join(letter.split()[row] for letter in letters if letter is not None) for row in range(5)]
    rows = ["".join(dot * scale for dot in row) for row in dots for _ in range(scale)]
    if len(rows[0]) > width:
        return None
    rows += ["." * len(rows[0])] * (len(rows) % 2)
    block = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}
    return [
        "".join(block[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def largest(text: str, width: int, height: int) -> list[str] | None:
    """Return the text in the largest letters that fit into `width` cells and `height` rows, in several lines if it must;
    None if no letters fit. Accents are left out."""
    plain = "".join(sign for sign in unicodedata.normalize(_APART, text) if not unicodedata.combining(sign))
    for scale in range(_MOST_SCALE, 0, -1):
        rows = _wrapped(plain.split(), width, scale)
        if rows is not None and len(rows) <= height:
            return rows
    return None


def _wrapped(words: list[str], width: int, scale: int) -> list[str] | None:
    """Return the words in as few lines as possible; None if a word does not fit."""
    lines: list[list[str]] = []
    for word in words:
        if lines and big(" ".join((*lines[-1], word)), width, scale) is not None:
            lines[-1].append(word)
        else:
            lines.append([word])
    drawn = [big(" ".join(line), width, scale) for line in lines]
    if None in drawn or not drawn:
        return None
    return [row for line in drawn if line is not None for row in line]
