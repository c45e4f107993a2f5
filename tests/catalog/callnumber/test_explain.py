"""Every piece of every scheme is explained in words that a student worker understands."""

from __future__ import annotations

from station.catalog.callnumber import Role, explain, parse
from tests.support.for_each import for_each

WORDS = {
    ("REF QA76.73 1st .P98 L46b Har 2010 & v.3 c.2", "lc"): [
        "a collection of its own, or the size; it does not change the order of the rest",
        "science",
        "76, a whole number; the digits behind the point count one by one, as a decimal",
        "part of the class, a number",
        "P, then the decimal 0.98",
        "L, then the decimal 0.46, then b",
        "letters for a name or title, in alphabetical order",
        "year of the edition; older first, then its letter",
        "not part of the scheme; sorts by its characters",
        "volume or part, in natural order: 2 before 10",
        "copy; copies of one volume stand side by side",
    ],
    ("PS3561 .W35 xF3", "lc"): [
        "language and literature",
        "3561, a whole number",
        "W, then the decimal 0.35",
        "F, then the decimal 0.3; the x does not count",
    ],
    ("M1507.A+", "lc"): ["music", "1507, a whole number", "a letter that has no number yet"],
    ("ZQT 18.2", "nlm"): [
        "bibliography of physiology",
        "18, a whole number; the digits behind the point count one by one, as a decimal",
    ],
    ("WG 120 H31", "nlm"): ["medicine and related subjects", "120, a whole number", "H, then the decimal 0.31"],
    ("813.54 S52m", "dewey"): [
        "813, literature; the digits behind the point count one by one, as a decimal",
        "S, then the decimal 0.52, then m",
    ],
    ("005 SMI", "dewey"): [
        "005, computer science, information, general works",
        "letters for a name or title, in alphabetical order",
    ],
    ("A 1.9: 993", "sudoc"): [
        "agency that issued it and its office; the point is not a decimal point",
        "series; compared as a whole before what follows the colon",
        "book part: which one of the series; all numbers are whole numbers",
    ],
    ("B MOZA MF A20", "anscr"): [
        "term 1 of four: category, opera",
        "term 2 of four: name of composer, performer or author, or title or topic",
        "term 3 of four: title",
        "term 4 of four: performer, issue number",
    ],
    ("CD 9", "local"): ["sorts by its characters, numbers as numbers"] * 2,
}


@for_each(("text", "scheme"), WORDS)
def test_words(text: str, scheme: str) -> None:
    found = explain(parse(text, scheme))
    assert [explained.words for explained in found] == WORDS[text, scheme]
    assert [explained.piece for explained in found] == list(parse(text, scheme).pieces)


def test_every_role_is_shown_above() -> None:
    seen = {piece.role for text, scheme in WORDS for piece in parse(text, scheme).pieces}
    assert seen == set(Role)


def test_a_part_of_a_town_is_one_piece() -> None:
    """So that it stays in one line of the label (schedule G: "G4364 .L8:2G7")."""
    assert parse("G4364 .L8:2G7 1990", "lc").of(Role.CUTTER, Role.DATE) == (".L8:2G7", "1990")
    assert parse("G4364:2G7", "lc").scheme == "local"
