"""ANSCR categories by subject and genre headings (6XX: LCSH, LCGFT), for recordings whose codes say nothing.

008/18-19 is often blank, "uu" (unknown) or "mu" (several forms). A heading is its main term and its subdivisions, as
"Piano with jazz ensemble", "Songs (High voice) with piano", "Folk music -- United States". The terms are those of LCSH
and LCGFT as they occur in genuine records (docs/reference/systems.md#genuine-records); their mapping to categories is
the station's choice. The rows are tried from the top, the first that fits counts: a jazz ensemble before its solo
instrument, a choir before its orchestra.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from station.catalog.callnumber.anscr.facts import Heading
from station.catalog.callnumber.value import plain

_MUSIC: Final = tuple(
    (re.compile(rf"\b(?:{pattern})"), tuple(categories.split()))
    for pattern, categories in (
        # holidays
        (r"christmas|carols\b|noels\b|advent (?:music|hymns)", "RC"),
        (r"holiday (?:music|songs)|(?:hanukkah|easter|passover|halloween|thanksgiving|kwanzaa|new year|purim|fourth of july)"
         r"\b(?! island).*(?:music|songs|hymns)|hanukkah|kwanzaa", "R"),
        # popular kinds
        (r"ragtime", "MJ MA"),
        (r"jazz|big bands?|bop\b|bebop|swing \(music|dixieland", "MJ"),
        (r"blues|rhythm and blues|soul music|funk|rock\b|rockabilly|punk|heavy metal|grunge", "MR"),
        (r"country music|country rock|bluegrass|western swing|honky.tonk|cowboys? .*(?:music|songs)", "MC"),
        (r"gospel|contemporary christian|christian (?:rock|rap|popular)|spirituals", "MG"),
        (r"new age", "MN"),
        (r"popular (?:music|instrumental)|pop music|rap\b|hip.hop|reggae|disco|dance.orchestra|easy listening|electronica"
         r"|underground dance|torch songs|salsa \(music|bossa nova|lounge music", "MA"),
        # stage and screen
        (r"(?:motion picture|film|television|radio|video game)s? (?:music|soundtracks|scores)|soundtracks", "L"),
        (r"musicals?\b|musical (?:revues|theater|comedies)|operettas|zarzuelas|minstrel", "K"),
        (r"operas?\b|singspiel", "B"),
        (r"ballets?\b", "EB"),
        # voices
        (r"folk (?:music|songs|dance)|folksongs|sea songs|work songs|world music|gamelan|sitar|ragas?\b|klezmer|fados?\b"
         r"|calypso|flamenco|mariachi|steel band|shanties", "P Q"),
        (r"monologues with music", "D"),
        (r"(?:choruses|choral|choirs?|masses|motets|cantatas|oratorios|requiems|chants?|gregorian|anthems|hymns|psalms"
         r"|magnificat|te deum|stabat mater|ave maria|part.songs|madrigals|glees|passion.music|passions|vespers|canticles"
         r"|chorales|church music|sacred (?:vocal )?music|liturg\w*|shape.note)\b", "C"),
        (r"songs \(|songs with|songs?, unaccompanied|song cycles|art songs|lieder|vocal (?:music|duets?|trios?|quartets?"
         r"|ensembles)|solo cantatas|arias", "D"),
        (r"songs\b", "D MA"),
        # instruments together
        (r"concert(?:os?|i)\b", "EC"),
        (r"symphonies", "ES"),
        (r"symphonic poems|orchestral|orchestra music|overtures|(?:suites|variations|marches|waltzes) \([^)]*orchestra"
         r"|serenades|divertimenti", "EA"),
        (r"with (?:\w+ )?orchestra", "EC EA"),
        (r"electronic|computer music|tape\b|synthesizer|electroacoustic|musique concr|music box|player.piano"
         r"|mechanical", "J"),
        (r"(?:band|brass band|military|wind ensemble|concert band) music|marches|with band|bands \(music", "H"),
        (r"chamber music|(?:duets|trios?|quartets?|quintets?|sextets?|septets?|octets?|nonets?)\b|trio.sonatas|consorts?\b"
         r"|(?:instrumental|string|viol|wind|brass|recorder|percussion) ensembles", "F"),
    )
)  # fmt: skip
"""Beginning of a word in the main term -> categories of music."""
_SPOKEN: Final = tuple(
    (re.compile(rf"\b(?:{pattern})"), tuple(categories.split()))
    for pattern, categories in (
        (r"sound effects|nature sounds|animal sounds|bird.?songs|birdsongs", "Y"),
        (r"radio (?:programs|plays|comedies|serials|drama)", "SR"),
        (r"stand.up comedy|comedy|humor|wit and humor|comedies", "S"),
        (r"poe(?:try|ms)\b", "U"),
        (r"drama\b|plays\b", "T"),
        (r"(?:sound recordings for|textbooks for foreign|conversation and phrase books|self.instruction|programmed"
         r"|study and teaching|instruction)", "X"),
        (r"interviews|speeches|addresses|lectures|documentary|oral histor", "W"),
        (r"biograph|autobiograph|memoirs|diaries|essays|personal narratives", "VN"),
        (r"fiction|novels|stories|tales|fairy|folklore|legends|fables", "V"),
    )
)  # fmt: skip
"""The same for recordings that are not music; in the main term or a subdivision."""
_SOLO: Final = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), category)
    for pattern, category in (
        (r"pianos?|harpsichords?|clavichord|celesta|fortepiano|keyboard", "GP"),
        (r"organs?|harmonium", "GO"),
        (r"guitars?|lutes?|vihuela|theorbo|ukulele|banjo|mandolins?", "GG"),
        (r"violins?|fiddle", "GV"),
        (r"violas?|violoncellos?|cellos?|double basses|double bass|viols?|harps?|zither|viola da gamba", "GS"),
        (r"flutes?|piccolos?|recorders?|oboes?|english horn|clarinets?|bassoons?|saxophones?|horns?|trumpets?|cornets?"
         r"|trombones?|tubas?|euphonium|brass|woodwinds?|winds?|panpipes|bagpipes?|accordion|harmonica", "GW"),
        (r"percussion|drums?|marimba|vibraphone|vibes|xylophone|timpani|bells|carillon|tabla", "GX"),
    )
)  # fmt: skip
"""Instruments -> categories of solo music."""
_FOR_INSTRUMENTS: Final = re.compile(
    r"(?:\bmusic\b|\A(?:\w+,? )?(?:sonatas|suites|variations|fantasias|fugues|preludes|studies)\b)"
)
_ACCOMPANYING: Final = frozenset({"GP"})
_CHILDREN: Final = re.compile(
    r"\bchildren's (?:songs|music|stories|poetry|plays|literature|audio|recordings|sound)|\bnursery|\bjuvenile\b"
)
_COUNTRY: Final = frozenset({"united states", "southern states", "appalachian region"})


def for_children(headings: tuple[Heading, ...]) -> str:
    """Return the first heading that says that the recording is for children; "" if none does."""
    return next((str(one) for one in headings if any(_CHILDREN.search(plain(term)) for term in one.terms)), "")


def holidays(headings: tuple[Heading, ...]) -> Iterator[tuple[str, str]]:
    """Yield (category, heading) of the headings that name a holiday."""
    return ((category, heading) for category, heading in music(headings) if category in ("R", "RC"))


def music(headings: tuple[Heading, ...]) -> Iterator[tuple[str, str]]:
    """Yield (category, heading) for music, in the order of the headings."""
    for heading in headings:
        if not heading.topical or any(plain(term) == "instrumental settings" for term in heading.terms):
            continue
        main = plain(heading.terms[0])
        found = next((categories for pattern, categories in _MUSIC if pattern.search(main)), None)
        if found == ("P", "Q"):
            found = _folk(heading)
        yield from ((category, str(heading)) for category in (found or tuple(_solo(main))))


def spoken(headings: tuple[Heading, ...]) -> Iterator[tuple[str, str]]:
    """Yield (category, heading) for recordings that are not music."""
    for heading in headings:
        terms = " ".join(plain(term) for term in heading.terms[0 if heading.topical else 1 :])
        found = next((categories for pattern, categories in _SPOKEN if pattern.search(terms)), ())
        yield from ((category, str(heading)) for category in found)


def _folk(heading: Heading) -> tuple[str, ...]:
    """Return P (national) for the United States, Q (international) for another place or language, both without one."""
    said = [plain(term) for term in heading.terms]
    if any(term in _COUNTRY for term in said[1:]):
        return ("P",)
    abroad = heading.place or re.search(r", (?!english)\w+", said[0])
    return ("Q",) if abroad or not said[0].startswith("folk") else ("P", "Q")


def _solo(main: str) -> Iterator[str]:
    """Yield the categories of the instruments of a heading: of one alone, or of one with a piano; else chamber
    music."""
    if not _FOR_INSTRUMENTS.search(main):
        return
    found = [category for pattern, category in _SOLO for _ in pattern.finditer(main)]
    leading = [category for category in found if category not in _ACCOMPANYING] or found[:1]
    several = re.search(r"\band\b|,|\(\d", main.replace(", arranged", ""))
    if len(found) > 1 or (found and several and "hands" not in main):
        yield "F"
    if len(set(leading)) == 1:
        yield leading[0]
