"""The count of pieces by four sources: the differing source is named, or the lack of a majority is reported."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from station.domain.item import Barcode, ItemRecord
from station.quality.checks.piece_count import accompanying_pieces, compare, pieces_in, record_pieces
from tests.support.for_each import for_each
from tests.support.told import told

# (300 $a as in genuine and invented records, pieces), read by a person.
EXTENTS = [
    ("xii, 345 pages", 1),
    ("345 p.", 1),
    ("1 volume (various pagings)", 1),
    ("1 v. (unpaged)", 1),
    ("2 volumes", 2),
    ("3 v.", 3),
    ("2 v. in 1. (384 p.)", 1),
    ("4 volumes in 2", 2),
    ("v. <1-3>", None),
    ("volumes", None),
    ("v.", None),
    ("", None),
    ("1 score (24 pages)", 1),
    ("1 score (24 pages) + 3 parts", 4),
    ("1 score + 4 parts", 5),
    ("2 audio discs (95 min)", 2),
    ("2 sound discs : digital ; 4 3/4 in.", 2),
    ("1 audio disc (1 hr., 12 min.)", 1),
    ("1 videodisc (118 min.)", 1),
    ("4 DVD-videos", 4),
    ("one map", 1),
    ("1 online resource (xii, 345 pages)", 1),
    ("[24] leaves", 1),
    ("[39] p.", 1),
    ("[2] v.", 2),
    ("xi p., 90 p. of music", 1),
    ("31 sider", 1),
    ("1 unnumbered page", 1),
    ("212 stran", 1),
    ("64 с.", 1),
    ("24 leaves, 6 pages of plates", 1),
    ("1 game (2 boards, 48 cards, 1 die)", 1),
    ("Online-Ressource", None),
]


@for_each(("text", "pieces"), EXTENTS)
def test_pieces_of_300_a(text: str, pieces: int | None) -> None:
    assert pieces_in(text) == pieces


@for_each(
    ("text", "pieces"),
    [
        ("", 0),
        ("1 booklet", 1),
        ("1 booklet (12 pages : illustrations ; 12 cm)", 1),
        ("1 CD-ROM (4 3/4 in.) + 2 maps", 3),
        ("1 CD-ROM and 1 booklet", 2),
        ("booklet", 1),
        ("two folded maps", 2),
        ("1 sound disc (CD) ; 12 cm", 1),
    ],
)
def test_pieces_of_300_e(text: str, pieces: int) -> None:
    assert accompanying_pieces(text) == pieces


def test_of_a_volume_or_a_disc_with_its_own_barcode_the_record_says_nothing() -> None:
    item = ItemRecord(barcode=Barcode("1"), extent="2 volumes", accompanying="1 map")
    assert record_pieces(item) == 3
    assert record_pieces(ItemRecord(barcode=Barcode("1"), extent="2 volumes", description="v.1")) is None
    analytic = ItemRecord(barcode=Barcode("1"), extent="27 p. of music", description="no.1 1983")
    assert record_pieces(analytic) == 1, "the number of a series: the record is of this piece alone"
    assert record_pieces(ItemRecord(barcode=Barcode("1"), extent="2 discs", set_barcodes=("1", "2"))) is None


@for_each(
    ("sources", "odd", "key"),
    [
        ((3, 3, 3, 3), (), "finding.pieces.agree"),
        ((2, 3, 3, 3), ("record",), "finding.pieces.odd.record"),
        ((3, 1, 3, 3), ("item",), "finding.pieces.odd.item"),
        ((3, 3, 2, 3), ("tag",), "finding.pieces.odd.tag"),
        ((3, 3, 3, 2), ("count",), "finding.pieces.odd.count"),
        ((2, 3, None, 3), ("record",), "finding.pieces.odd.record"),
        ((1, 2, 3, 3), ("record", "item"), "finding.pieces.odd-two"),
        ((2, 2, 3, 3), (), "finding.pieces.no-majority"),
        ((1, 2, 3, 4), (), "finding.pieces.no-majority"),
        ((2, 3, None, None), (), "finding.pieces.no-majority"),
        ((None, 3, None, None), (), "finding.pieces.agree"),
        ((None, None, None, None), (), "finding.pieces.agree"),
    ],
)
def test_the_odd_source(sources: tuple[int | None, ...], odd: tuple[str, ...], key: str) -> None:
    found = compare(*sources)
    assert found.odd == odd
    assert found.sentence.key == key
    for number in sources:
        assert number is None or str(number) in told(found.sentence), "every source is named"


def test_the_odd_source_stands_first() -> None:
    """A narrow screen cuts the end of the sentence."""
    assert told(compare(2, 3, None, 3).sentence) == (
        "the record (300) differs: the record (300) says 2, the item says 3, the count by hand says 3"
    )


@given(st.tuples(*[st.none() | st.integers(0, 4)] * 4))
def test_the_majority_is_what_most_say(sources: tuple[int | None, ...]) -> None:
    found = compare(*sources)
    known = [number for number in sources if number is not None]
    tally = Counter(known)
    most = max(tally.values(), default=0)
    winners = [number for number, count in tally.items() if count == most]
    assert found.majority == (winners[0] if len(winners) == 1 else None)
    assert found.agree is (len(tally) < 2)
    assert len(found.odd) == (sum(number != found.majority for number in known) if found.majority is not None else 0)


@given(st.text(max_size=60))
def test_any_text_is_counted_or_not(text: str) -> None:
    assert accompanying_pieces(text) >= 0
    assert pieces_in(text) is None or pieces_in(text) >= 1  # type: ignore[operator]
