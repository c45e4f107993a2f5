"""ANSCR categories proposed from the codes and headings of a MARC record, each with its reason, for a person to confirm.

Sources: MARC 21 Bibliographic, 008 for music: form of composition (18-19, the same codes in 047), target audience (22),
literary text (30-31); 048 for the medium; 6XX (`headings`) for holidays, and for the rest if the codes of form or text
say nothing or "mu" (several forms). The mapping to categories is the station's choice; if two categories fit, both are
proposed. Local practice is the category of the first work on the disc (docs/reference/call-numbers.md#anscr), which
neither shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from station.catalog.callnumber.anscr import headings
from station.catalog.callnumber.anscr.facts import Work
from station.catalog.callnumber.anscr.notation import CATEGORIES, STANDARD, Rules


class CategoryProposal(NamedTuple):
    """A category and the reason for it."""

    category: str
    reason: str


def _table(rows: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Parse lines of "code, its name, categories"."""
    split = (line.split(",") for line in rows.strip().splitlines())
    return {code.strip(): (name.strip(), tuple(categories.split())) for code, name, categories in split}


FORMS: Final = _table("""
    an, anthems, C
    bd, ballads, D P
    bg, bluegrass music, MC
    bl, blues, MR
    bt, ballets, EB
    cb, chants, C
    cc, Christian chant, C
    cg, concerti grossi, EC
    ch, chorales, C
    cl, chorale preludes, GO
    co, concertos, EC
    cp, polyphonic chansons, C
    cr, carols, RC
    ct, cantatas, C
    cy, country music, MC
    dv, divertimentos and serenades, EA F
    fl, flamenco, P Q
    fm, folk music, P Q
    gm, gospel music, MG
    hy, hymns, C
    jz, jazz, MJ
    mc, musical revues and comedies, K
    md, madrigals, C
    mo, motets, C
    mp, motion picture music, L
    mr, marches, H
    ms, masses, C
    op, operas, B
    or, oratorios, C
    ov, overtures, EA
    pg, program music, EA
    pm, passion music, C
    pp, popular music, MA
    pt, part-songs, C
    rc, rock music, MR
    rg, ragtime music, MJ MA
    rq, requiems, C
    sd, square dance music, P
    sg, songs, D MA
    sp, symphonic poems, EA
    sy, symphonies, ES
    tl, teatro lirico, B K
    ts, trio-sonatas, F
    vi, villancicos, C
    za, zarzuelas, K
""")
"""008/18-19 and 047 -> name and categories. Forms that exist for every instrument (sonatas, suites ...) are omitted,
because they imply no category."""
SEVERAL: Final = "mu"
"""008/18-19: several forms of composition."""
TEXTS: Final = _table("""
    a, autobiography, VN
    b, biography, VN
    c, conference proceedings, W
    d, drama, T
    e, essays, VN
    f, fiction, V
    g, reporting, W
    h, history, W
    i, instruction, X
    j, language instruction, X
    k, comedy, S
    l, lectures and speeches, W VN
    m, memoirs, VN
    o, folktales, V
    p, poetry, U
    s, sounds, Y
    t, interviews, W
""")
"""008/30-31 -> name and categories."""
MEDIUMS: Final = _table("""
    ka, piano, GP
    kb, organ, GO
    sa, violin, GV
    sb, viola, GS
    sc, violoncello, GS
    sd, double bass, GS
    tb, guitar, GG
    oa, full orchestra, EA
    ob, chamber orchestra, EA
    oc, string orchestra, EA
    od, band, H
    of, brass band, H
    ea, synthesizer, J
    eb, tape, J
    ec, computer, J
""")
"""048, if it is the only one -> name and categories."""
_WINDS: Final = ("b", "w")
_PERCUSSION: Final = "p"
JUVENILE: Final = frozenset("abcj")
"""008/22: preschool, primary, pre-adolescent, juvenile."""
_CHILDREN: Final = {
    "X": "ZI", "R": "ZR", "RC": "ZRC", "U": "ZU", "T": "ZS", "V": "ZS", "VN": "ZS", "W": "ZS", "S": "ZS",
}  # fmt: skip
_SPOKEN: Final = frozenset({"SR", "ST", "T", "U", "V", "VN", "W", "X", "Y", "ZI", "ZS", "ZU"})
"""Categories that are not music; S (varieties, humor) is both."""


def is_spoken(category: str) -> bool:
    """Return True if recordings of this category are not music."""
    return category in _SPOKEN


def categories(work: Work, rules: Rules = STANDARD) -> tuple[CategoryProposal, ...]:
    """Return the proposed categories, each once: holidays, then by codes, else by headings; in the order of the record.
    Empty if neither a code nor a heading says anything."""
    found: dict[str, str] = {}
    if work.spoken:
        for code in work.texts:
            _add(found, TEXTS, code, "008/30-31")
        if not found:
            _add_headings(found, headings.spoken(work.headings))
    else:
        _add_headings(found, headings.holidays(work.headings))
        if SEVERAL in work.forms or not any(code in FORMS for code in work.forms):
            _add_headings(found, headings.music(work.headings))
        for code in work.forms:
            _add(found, FORMS, code, "008/18-19 or 047")
        mediums = dict.fromkeys(work.mediums)
        if len(mediums) == 1:
            code = next(iter(mediums))
            _add(found, MEDIUMS, code, "048")
            if code[:1] in _WINDS and code not in MEDIUMS:
                found.setdefault("GW", f"048 says a wind instrument ({code})")
            elif code[:1] == _PERCUSSION:
                found.setdefault("GX", f"048 says percussion ({code})")
    children = f"008/22 says for children ({work.audience})" if work.audience in JUVENILE else ""
    if not children and (said := headings.for_children(work.headings)):
        children = f"6XX says for children ({said})"
    if children:
        found = _for_children(found, work, children)
    return tuple(CategoryProposal(name, reason) for name, reason in found.items() if name in rules.categories)


def _add(found: dict[str, str], table: dict[str, tuple[str, tuple[str, ...]]], code: str, where: str) -> None:
    name, fitting = table.get(code, ("", ()))
    for category in fitting:
        found.setdefault(category, f"{where} says {name} ({code}): {CATEGORIES[category]}")


def _add_headings(found: dict[str, str], proposed: Iterable[tuple[str, str]]) -> None:
    for category, heading in proposed:
        found.setdefault(category, f"6XX says {heading}: {CATEGORIES[category]}")


def _for_children(found: dict[str, str], work: Work, audience: str) -> dict[str, str]:
    usual = "ZS" if work.spoken else "ZM"
    if not found:
        return {usual: audience}
    return {_CHILDREN.get(category, usual): f"{reason}; {audience}" for category, reason in found.items()}
