"""The invented works of the sample catalog, as data. See `sample`."""

from __future__ import annotations

from typing import Final

import msgspec


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One 949."""

    call: str = ""
    scheme: str = "LC"
    location: str = "STACKS"
    kind: str = "BOOK"
    copy: str = ""
    price: str = ""
    pieces: int = 1
    volume: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One record. `title` is a, b, n, p of 245 with its punctuation; `special` is what it shows."""

    special: str
    title: tuple[str, ...] = ()
    codes: str = "abnp"
    author: str = ""
    leader: str = "am"
    extent: str = "212 pages"
    size: str = "24 cm"
    accompanying: str = ""
    year: str = "2024"
    carriers: tuple[str, ...] = ("n/nc",)
    fixed: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = (Copy(),)
    alternate: str = ""
    bib_call: tuple[str, str, str] | None = None
    notes: tuple[str, ...] = ()
    isbn: bool = True
    gift: str = ""
    issue: str = ""
    """Publisher's number of a recording (028)."""


WORKS: Final = (
    Work(
        special="LC call number with two cutters",
        title=("A field guide to imaginary rivers /",),
        author="Quillfeather, Ada.",
        copies=(Copy(call="QH541.5.S7 Q55 2024", price="34.00"),),
    ),
    Work(
        special="LC class number with a decimal",
        title=("The clockmaker's almanac :", "tables for days that never were /"),
        author="Brandlewick, Tobias.",
        extent="xii, 388 pages",
        copies=(Copy(call="QA76.9.D3 B73 2023", price="59.95"),),
        year="2023",
    ),
    Work(
        special="square brackets in the title",
        title=("[Untitled notebook] :", "[place of writing not identified] /"),
        author="Anonymous of Nowhere.",
        copies=(Copy(call="PN6081 .U58 2022"),),
        year="2022",
    ),
    Work(
        special="a very long title",
        title=(
            "A complete, exact and impartial account of the voyages, perils, inventions, quarrels, reconciliations and "
            "second thoughts of a company of travelling librarians :",
            "with a description of every shelf they passed, a list of the books they meant to read, and a full "
            "apparatus of notes on the weather, the roads and the price of lamp oil in eleven imaginary provinces /",
        ),
        author="Longwind, Peregrine.",
        extent="1204 pages",
        copies=(Copy(call="Z721 .L66 2021", price="120.00"),),
        year="2021",
    ),
    Work(
        special="oversize: 38 cm",
        title=("Atlas of shadows :", "plates /"),
        author="Umbra, Celeste.",
        size="38 cm",
        extent="96 pages, 80 unnumbered plates",
        copies=(Copy(call="N7430 .U52 2020", location="OVERSIZE", price="88.50"),),
        year="2020",
    ),
    Work(
        special="reference location: prefix on the label",
        title=("Dictionary of words nobody uses /",),
        author="Lexington, Hortense.",
        extent="640 pages",
        copies=(Copy(call="PE1680 .L49 2019", location="REF", price="75.00"),),
        year="2019",
    ),
    Work(
        special="two volumes of a set, each with its barcode",
        title=("History of the lighthouse republic /",),
        author="Faro, Marina.",
        extent="2 volumes",
        copies=(
            Copy(call="DP402.F3 F37 2018 v.1", price="45.00"),
            Copy(call="DP402.F3 F37 2018 v.2", price="45.00"),
        ),
        year="2018",
    ),
    Work(
        special="a second copy",
        title=("Bread without ovens /",),
        author="Krustenberg, Otto.",
        copies=(
            Copy(call="TX769 .K78 2024", copy="1", price="19.95"),
            Copy(call="TX769 .K78 2024", copy="2", price="19.95"),
        ),
    ),
    Work(
        special="Dewey",
        title=("Soup for beginners /",),
        author="Smithers, Olive.",
        copies=(Copy(call="641.813 SMI", scheme="DEWEY", location="BRANCH", price="16.00"),),
    ),
    Work(
        special="Dewey, juvenile prefix",
        title=("The moon's lost mitten /",),
        author="Nimbus, Pia.",
        extent="32 pages",
        size="21 x 26 cm",
        copies=(Copy(call="813.6 NIM", scheme="DEWEY", location="JUV", price="14.99"),),
    ),
    Work(
        special="book with a CD: two parts",
        title=("Learn Utopian in thirty walks /",),
        author="Polyglot, Zeno.",
        extent="180 pages",
        accompanying="1 audio disc (digital ; 4 3/4 in.)",
        carriers=("n/nc", "s/sd"),
        copies=(Copy(call="PM8008 .P65 2022", kind="BOOK-CD", pieces=2, price="42.00"),),
        year="2022",
    ),
    Work(
        special="DVD set: three parts",
        title=("The glass harbor.", "The complete first season /"),
        codes="ap",
        leader="gm",
        extent="3 videodiscs (540 min.)",
        size="4 3/4 in.",
        carriers=("v/vd",),
        fixed=("vd cvaizq",),
        copies=(Copy(call="PN1992.77.G53 G53 2021", location="DVD", kind="DVD", pieces=3, price="39.99"),),
        isbn=False,
        year="2021",
    ),
    Work(
        special="music CD with an ANSCR number",
        title=("Concerto for theremin and village band /",),
        author="Mozzarelli, Amadeo.",
        leader="jm",
        extent="1 audio disc (62 min.)",
        size="4 3/4 in.",
        carriers=("s/sd",),
        fixed=("sd fsngnnmmned",),
        copies=(Copy(call="EC MOZZ CTV O47", scheme="ANSCR", location="CD", kind="CD", price="17.98"),),
        issue="IP 1047",
        isbn=False,
        year="2017",
    ),
    Work(
        special="popular music CD with an ANSCR number",
        title=("Songs for an empty ballroom /",),
        author="The Beetroots (Musical group)",
        leader="jm",
        extent="1 audio disc (41 min.)",
        size="4 3/4 in.",
        carriers=("s/sd",),
        fixed=("sd fsngnnmmned",),
        copies=(Copy(call="MA BEET SEB B12", scheme="ANSCR", location="CD", kind="CD", price="15.98"),),
        issue="IP 2012",
        isbn=False,
        year="2016",
    ),
    Work(
        special="audiobook on four discs",
        title=("Nightfall /",),
        author="Somnus, Greta.",
        leader="im",
        extent="4 audio discs (5 hr.)",
        size="4 3/4 in.",
        carriers=("s/sd",),
        fixed=("sd fsngnnmmned",),
        copies=(Copy(call="V SOMN NIG S04", scheme="ANSCR", location="CD", kind="AUDIOBOOK", pieces=4, price="29.95"),),
        issue="IP 3004",
        isbn=False,
        year="2019",
    ),
    Work(
        special="score",
        title=("Quartet for four left hands :", "score and parts /"),
        author="Sinistra, Aldo.",
        leader="cm",
        extent="1 score (48 pages) + 4 parts",
        size="31 cm",
        copies=(Copy(call="M452.S56 Q37 2015", location="SCORE", kind="SCORE", price="28.00"),),
        isbn=False,
        year="2015",
    ),
    Work(
        special="map",
        title=("Map of the drowned counties /",),
        author="Cartographic Office of Nowhere.",
        leader="em",
        extent="1 map : color",
        size="70 x 90 cm, folded to 23 x 11 cm",
        carriers=("n/nb",),
        fixed=("aj canzn",),
        copies=(Copy(call="G9999.N6 2014 .C3", location="MAP", kind="MAP", price="12.00"),),
        isbn=False,
        year="2014",
    ),
    Work(
        special="title in Hebrew script (880)",
        title=("Sefer ha-midbar ha-dimyoni /",),
        author="Dimyoni, Yael.",
        alternate="ספר המדבר הדמיוני /",
        copies=(Copy(call="PJ5055.2.D56 S44 2023"),),
        year="2023",
    ),
    Work(
        special="title in Japanese script (880)",
        title=("Kūsō toshokan no yoru /",),
        author="Yumeno, Hikaru.",
        alternate="空想図書館の夜 /",
        copies=(Copy(call="PL879.U44 K87 2022"),),
        year="2022",
    ),
    Work(
        special="title in Cyrillic script (880), Latin diacritics",
        title=("Voobrazhaemyĭ gorod na Dnestrě /",),
        author="Němec, Žofie.",
        alternate="Воображаемый город на Днестре /",
        copies=(Copy(call="DK34 .N46 2021"),),
        year="2021",
    ),
    Work(
        special="gift with a plate",
        title=("Letters to a future gardener /",),
        author="Thornbury, Rosalind.",
        gift="Gift of the Imaginary Friends of the Library.",
        copies=(Copy(call="SB455 .T46 2013"),),
        year="2013",
    ),
    Work(
        special="no call number at the item; the record has a hint",
        title=("Umbrellas, a natural history /",),
        author="Parapluie, Jean.",
        bib_call=("050", "GT2210", ".P37 2024"),
        copies=(Copy(call=""),),
    ),
    Work(
        special="no call number anywhere",
        title=("Uncut pages /",),
        author="Blank, Emmeline.",
        copies=(Copy(call="", scheme=""),),
    ),
    Work(
        special="no title",
        title=(),
        author="Nameless, Nell.",
        copies=(Copy(call="PR9999 .N36 2020"),),
        year="2020",
    ),
    Work(
        special="kit of a game, a book and a puppet",
        title=("Meet the friendly volcano :", "activity kit /"),
        author="Magma, Stella.",
        leader="om",
        extent="1 game, 1 book, 1 puppet",
        size="in box 31 x 24 x 9 cm",
        carriers=("n/nc", "n/nr"),
        copies=(Copy(call="551.21 MAG", scheme="DEWEY", location="JUV", kind="KIT", pieces=3, price="49.00"),),
        isbn=False,
    ),
)
