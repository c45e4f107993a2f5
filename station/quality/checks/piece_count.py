"""Number of pieces in a set, by four sources: record (300 $a $e), item, tag, and a count by a person.

A disagreement names the source that differs from at least two that agree, or reports that there is no majority.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.item import ItemRecord

RECORD: Final = "record"
ITEM: Final = "item"
TAG: Final = "tag"
COUNT: Final = "count"

_WHOLE: Final = re.compile(
    r"(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|a|an)\s+"
    r"(?P<between>(?:[^\W\d]|[-])+\s+){0,3}?"
    r"(?P<word>[^\W\d]+)",
    re.IGNORECASE,
)
_NUMBER_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NAMES: Final = {"a": 1, "an": 1, **{word: number for number, word in enumerate(_NUMBER_WORDS, 1)}}
_UNITS: Final = {
    "en": "p pp page pages leaf leaves folio folios column columns col cols plate plates",  # not for people
    "pictures": "lines frames illustrations ill b black",  # not for people
    "de": "s seite seiten sp spalten bl blatt blätter",  # not for people
    "fr": "ff f feuillet feuillets feuilles",  # not for people
    "es pt": "h hoja hojas página páginas pág págs",  # not for people
    "it": "pagina pagine pag carta carte cc",  # not for people
    "nl": "blz bladzijden bladzijde blad",  # not for people
    "da no sv is": "sider side sidor sida löv síður siður",  # not for people
    "fi et hu": "sivua lehteä lk oldal lap",  # not for people
    "pl cs sl hr": "str strana stran strany strani strona stron listov listů",  # not for people
    "lt lv": "puslapiai lpp",  # not for people
    "tr id vi": "sayfa halaman hlm trang",  # not for people
    "ru bg": "с стр страниц страница страницы л листов",  # not for people
    "el": "σ σελίδες",  # not for people
    "size and time": "cm mm min minutes minuten hr hrs hour hours std sec",  # not for people
}
_NOT_PIECES: Final = frozenset(word for words in _UNITS.values() for word in words.split())
"""Units in 300 $a that count the contents of one piece: pages and leaves in the languages of cataloging, time, size."""
_PLUS: Final = re.compile(r"\s*(?:\+|&|;|,|\band\b|\bet\b|\bund\b)\s*", re.IGNORECASE)


class SetCheck(msgspec.Struct, frozen=True):
    """The sources with a number, and their comparison."""

    sources: tuple[tuple[str, int], ...]
    """(source, pieces), in the order record, item, tag, count."""
    majority: int | None
    """The number given by most sources; None = no majority."""
    odd: tuple[str, ...]
    """The sources with another number; () if all agree, or if there is no majority."""

    @property
    def agree(self) -> bool:
        """Return True if all sources with a number agree."""
        return len({number for _, number in self.sources}) < 2

    @property
    def sentence(self) -> Sentence:
        """Return the sentence for a person. It starts with the differing source, because a narrow screen cuts the
        end."""
        sentences = tuple(Sentence(f"finding.pieces.says.{source}", number=number) for source, number in self.sources)
        if self.agree:
            return Sentence("finding.pieces.agree", said=sentences)
        if self.majority is None:
            return Sentence("finding.pieces.no-majority", said=sentences)
        if len(self.odd) == 1:
            return Sentence(f"finding.pieces.odd.{self.odd[0]}", said=sentences)
        first, second = (Sentence(f"finding.pieces.source.{source}") for source in self.odd)
        return Sentence("finding.pieces.odd-two", one=first, other=second, said=sentences)


def compare(record: int | None, item: int | None, tag: int | None, count: int | None) -> SetCheck:
    """Compare the numbers; None = the source gives none."""
    known = zip((RECORD, ITEM, TAG, COUNT), (record, item, tag, count), strict=True)
    sources = tuple((source, number) for source, number in known if number is not None)
    tally = Counter(number for _, number in sources).most_common(2)
    clear = bool(tally) and (len(tally) == 1 or tally[0][1] > tally[1][1])
    majority = tally[0][0] if clear else None
    odd = tuple(source for source, number in sources if majority is not None and number != majority)
    return SetCheck(sources, majority, odd)


def of_item(item: ItemRecord, tag_parts: int | None, counted: int | None) -> SetCheck:
    """Compare the four sources for an item. If the item does not state its number of parts, the default on item and tag
    says nothing."""
    stated = item.parts_given or item.parts > 1
    return compare(
        record_pieces(item), item.parts if stated else None, tag_parts if stated or tag_parts != 1 else None, counted
    )


def is_part(item: ItemRecord) -> bool:
    """Return True if the item is a part of a set or series, but the record describes this part alone."""
    numbered = item.description or (item.marc is not None and item.marc.part_title)
    return bool(numbered) and pieces_in(item.extent) == 1


def record_pieces(item: ItemRecord) -> int | None:
    """Return the number of pieces by 300 $a and $e; None if the field gives none, or counts the volumes of which this
    is one. A part whose record counts pages has a record of its own (a number of a series, an opus), which is of one
    piece."""
    main = pieces_in(item.extent)
    if main is None or item.set_barcodes or (item.description and not _inside(item.extent)):
        return None
    return main + accompanying_pieces(item.accompanying)


def pieces_in(extent: str) -> int | None:
    """Return the number of pieces in a text like 300 $a: "2 audio discs (95 min)" is 2, "xii, 345 pages" is 1,
    "volumes" is None.

    Text in parentheses or brackets describes the contents; a number in brackets is one that the piece does not print.
    For several kinds ("1 score + 4 parts") it is the sum.
    """
    plain = re.sub(r"\[(\d{1,4})\]", r"\1", re.sub(r"\([^()]*\)", " ", extent))
    plain = re.sub(r"\[[^\[\]]*\]", " ", plain)
    plain = re.sub(r"\s+", " ", plain).strip(" ;:,.+")
    if not plain:
        return None
    if re.match(r"(?:volumes?|v\.?|bd\.?|t\.?)(?:\s*$|\s*<)", plain, re.IGNORECASE):
        return None
    bound = re.match(r"\S+ v(?:\.|ols?\.?|olumes?) in (\d{1,3})\b", plain, re.IGNORECASE)
    if bound:
        return int(bound[1])
    total = 0
    for piece in _PLUS.split(plain):
        match = _WHOLE.match(piece)
        if match and match["word"].casefold() not in _NOT_PIECES and not _inside(piece):
            total += _number(match["number"])
    if total:
        return total
    return 1 if re.search(r"\d", plain) and _inside(plain) else None


def accompanying_pieces(text: str) -> int:
    """Return the number of pieces in 300 $e: "1 booklet + 2 maps" is 3; an entry without a number counts as one, no
    text as none."""
    plain = re.sub(r"\([^()]*\)", " ", text).strip(" ;:,.+")
    if not plain:
        return 0
    total = 0
    for piece in _PLUS.split(plain):
        match = _WHOLE.match(piece.strip())
        if match is None:
            total += int(bool(re.search(r"[^\W\d]", piece)))
        elif match["word"].casefold() not in _NOT_PIECES:
            total += _number(match["number"])
    return max(1, total)


def _number(text: str) -> int:
    return _NAMES.get(text.casefold()) or int(text)


def _inside(text: str) -> bool:
    """Return True if the text counts pages or similar units."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return any(word in _NOT_PIECES for word in words)
