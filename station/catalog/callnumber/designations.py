"""Words of enumeration and chronology in several languages: designations, months, seasons.

Sources: the abbreviations of AACR2 appendix B and of RDA appendix B (English, French, German, Italian, Latin, Spanish,
Slavic languages), MARC 21 field 853 (levels; codes of seasons 21 to 24), and genuine item fields: those that
`tests/catalog/labels/test_genuine_labels.py` reads.

A designation that is not listed is also read if a point and a number follow ("vyp.3"); it is then its own abbreviation. Words
for the volume in several languages are one designation, since one set has them side by side ("v.55", "Jahrg. 37"); others
only if they are the same word ("Heft", "H.").
"""

from __future__ import annotations

from typing import Final

from station.catalog.callnumber.value import fold

_LEVELS: Final = {
    "v": "v vol vols volume volumes volumen volumina voll bd bde band bande baende t tome tomes tomo tomos tomus teil teile "
    "theil tl jg jahrg jahrgang jaarg jaargang jrg bind "
    "том т томов",
    "no": "n no nos nr nrs num number numbers numero numeros nummer № sz szam",
    "pt": "pt pts part parts parte partes partie parties ptie pties pars deel dl del dil часть ч",
    "hbd": "halbbd halbband",
    "h": "h hft heft hefte hefts",
    "lfg": "lfg lieferung lieferungen",
    "abt": "abt abth abteilung abtheilung",
    "fasc": "fasc fascicle fascicles fascicule fascicules fascicolo fascicoli fasciculo fasciculus fasz faszikel",
    "livr": "livr livraison livraisons",
    "annee": "annee annees an ano anos anno annata",
    "bk": "bk bks book books buch livre libro lib liber",
    "ch": "ch chap chapter chapters chapitre kap kapitel",
    "sect": "sect sec section sections",
    "level": "level levels niveau", "item": "item items", "unit": "unit units", "set": "set sets", "sess": "sess session",
    "cong": "cong congress",
    "sefer": "sefer", "helek": "helek kheylek", "kerekh": "kerekh", "juz": "juz", "knj": "knj knjiga", "kn": "kn kniga книга кн",
    "iss": "iss issue issues",
    "beih": "beih beiheft beihefte", "sonderh": "sonderh sonderheft sonderhefte", "afl": "afl aflevering",
    "evf": "evf evfolyam", "arg": "arg argang",
    "reel": "reel reels",
    "fiche": "fiche fiches",
    "roll": "roll rolls",
    "map": "map maps", "sheet": "sheet sheets", "folder": "folder folders", "box": "box boxes",
    "yr": "yr yrs year years",
    "op": "op opus",
    "cuad": "cuad cuaderno cuadernos",
    "quad": "quad quaderno quaderni",
    "zesz": "zesz zeszyt",
    "rocz": "rocz rocznik",
    "roc": "roc rocnik",
    "vyp": "vyp vypusk вып выпуск",
    "sv": "sv svazek",
    "god": "god godina год",
    "disc": "d disc discs disk disks disque disques",
    "cd": "cd cds", "dvd": "dvd dvds", "cass": "cass cassette cassettes", "tape": "tape tapes",
}  # fmt: skip
_SERIES: Final = {
    "ser": "ser series serie series epoca серия сер",
    "reihe": "reihe",
    "folge": "folge",
}
LEVEL: Final = {
    word: name for table in (_LEVELS, _SERIES) for name, words in table.items() for word in map(fold, words.split())
}
"""Designations that take a number."""
NAMES: Final = frozenset(LEVEL.values())
SERIES: Final = frozenset(_SERIES)
"""Designations of a series: what has none belongs to the first series."""
SUPPLEMENT: Final = frozenset({
    "suppl", "suppls", "supplement", "supplements", "supp", "supps", "supplt", "supplemento", "supplementband", "erg",
    "ergbd", "erganzungsband",
})  # fmt: skip
INDEX: Final = frozenset({"index", "indexes", "indices", "indice", "indici", "reg", "register", "ind"})
NEEDS_POINT: Final = frozenset({
    "an", "op", "lib", "ind", "erg", "reg", "supp", "god", "sv", "ch", "num",
})  # fmt: skip
"""Words that are a designation only with a point or, for those with a number, right before it ("op.7", "CD.2")."""
CARRIERS: Final = frozenset(["disc", "cd", "dvd", "cass", "tape"])
"""Designations that count the pieces of a set, not the volumes of a work."""
NO_LETTER: Final = CARRIERS | {"yr", "op"}
"""Designations whose number is never a letter or Roman."""

_MONTHS: Final = (
    "jan january januar janner janv janvier enero ene gennaio genn januari ianuarius",
    "feb february februar febr fevr fevrier febrero febbraio febbr februari",
    "mar march mars marz marzo maart",
    "apr april avr avril abr abril aprile",
    "may mai mayo maggio magg mei",
    "jun june juni juin junio giugno giu",
    "jul july juli juil juillet julio luglio lugl",
    "aug august aout agosto ago augustus",
    "sep sept september septembre septiembre settembre sett",
    "oct october okt oktober octobre octubre ottobre ott",
    "nov november novembre noviembre",
    "dec december dez dezember decembre diciembre dic dicembre",
)
_SEASONS: Final = (
    (35, "spring spr fruhjahr fruhling printemps primavera"),
    (65, "summer sum summ sommer ete verano estate"),
    (95, "fall autumn aut herbst automne otono autunno"),
    (125, "winter win wint hiver invierno inverno"),
)
WINTER: Final = 125
MONTH: Final = {name: 10 * month for month, names in enumerate(_MONTHS, 1) for name in names.split()} | {
    name: place for place, names in _SEASONS for name in names.split()
}
"""Places of months and seasons in the year: ten times the month, seasons after their first month."""
