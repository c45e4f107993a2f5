"""Known defects, one for each rule and for each wrong thing that catalogers find: each changes one fact of a clean item.

Shares no code with the checks: record defects edit the MARC record with pymarc, bench defects replace what was seen. A
defect that cannot be seeded into an item (no article in the title, no second disc) returns False or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

import msgspec
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.domain.item import Barcode
from station.domain.packing_lists.packing_list import Receipt
from station.encoding.content import Severity, TagContent
from station.encoding.doctor.doctor import Diagnosis
from station.quality.checks.facts import Facts, Ledger

OnRecord = Callable[[Record, Random], bool]
OnFacts = Callable[[Facts, Random], Facts | None]


class Defect(NamedTuple):
    """One kind of defect."""

    name: str
    rules: tuple[str, ...]
    """It is found if one of these rules fails. The first is the one that it was made for."""
    on_record: OnRecord | None = None
    on_facts: OnFacts | None = None


# --- tools ----------------------------------------------------------------------------------------------------------

_YEAR: Final = re.compile(r"(?<!\d)(1[5-9]\d\d|20[0-2]\d)(?!\d)")
_HEADINGS: Final = ("100", "110", "111", "130")


def _field(record: Record, *tags: str) -> Field | None:
    return next(iter(record.get_fields(*tags)), None)


def _edit(record: Record, tag: str, code: str, change: Callable[[str], str]) -> bool:
    """Change the first subfield; False if there is none, or the change leaves it as it was."""
    for field in record.get_fields(tag):
        for at, (found, value) in enumerate(field.subfields):
            if found == code:
                new = change(value)
                field.subfields[at] = Subfield(code, new)
                return new != value
    return False


def _fixed(record: Record, at: int, text: str) -> bool:
    field = _field(record, "008")
    data = (field.data or "") if field else ""
    if field is None or len(data) != 40 or len(record.get_fields("008")) > 1 or data[at : at + len(text)] == text:
        return False
    field.data = data[:at] + text + data[at + len(text) :]
    return True


def _leader(record: Record, at: int, text: str) -> bool:
    leader = str(record.leader)
    if leader[at] == text:
        return False
    record.leader = Leader(leader[:at] + text + leader[at + 1 :])
    return True


def _type(record: Record) -> str:
    return str(record.leader)[6:8]


def _add(record: Record, tag: str, indicators: str, *subfields: tuple[str, str]) -> bool:
    record.add_field(  # type: ignore[no-untyped-call]
        Field(tag, Indicators(*indicators), [Subfield(*one) for one in subfields])
    )
    return True


def _indicator(record: Record, tags: tuple[str, ...], at: int, value: str) -> bool:
    field = _field(record, *tags)
    if field is None or field.indicators is None or field.indicators[at] == value:
        return False
    both = list(field.indicators)
    both[at] = value
    field.indicators = Indicators(*both)
    return True


def _set(**changes: object) -> OnFacts:
    return lambda facts, _: msgspec.structs.replace(facts, **changes)


def _item(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, item=msgspec.structs.replace(facts.item, **changes))


def _tag(facts: Facts, **changes: object) -> Facts:
    tag = facts.tag
    assert tag is not None, "every item of the seeder has a tag"
    given: dict[str, object] = {
        "primary_item_identifier": tag.primary_item_identifier,
        "owner_institution": tag.owner_institution,
        "part": tag.part,
        "parts": tag.parts,
        "type_of_usage": tag.type_of_usage,
    }
    return msgspec.structs.replace(facts, tag=TagContent(**(given | changes)))  # type: ignore[arg-type]


def _swapped(text: str, random: Random) -> str:
    """Return the text with one digit replaced."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + str((int(text[at]) + 1 + random.randrange(8)) % 10) + text[at + 1 :]


# --- record: title, indicators, completeness ------------------------------------------------------------------------


def _title_not_traced(record: Record, _: Random) -> bool:
    """Only where titles are traced: by the Library of Congress, and by RDA."""
    made_by = _field(record, "040")
    strict = made_by is not None and ("DLC" in made_by.get_subfields("a") or "rda" in made_by.get_subfields("e"))
    if not strict or not _field(record, "100") or record.get_fields("240", "243"):
        return False
    names = _words(_field(record, "100"))
    title = _words(_field(record, "245"))
    return not title <= names and _indicator(record, ("245",), 0, "0")


def _words(field: Field | None) -> set[str]:
    value = field.get_subfields("a")[:1] if field is not None else []
    return set(re.findall(r"\w+", " ".join(value).casefold()))


def _title_traced_without_author(record: Record, _: Random) -> bool:
    return not record.get_fields(*_HEADINGS) and _indicator(record, ("245",), 0, "1")


def _article_filed(record: Record, _: Random) -> bool:
    field = _field(record, "245")
    title = (field.get_subfields("a") or [""])[0] if field else ""
    fixed = _field(record, "008")
    language = (fixed.data or "")[35:38] if fixed else ""
    articles = {"eng": ("The ",), "fre": ("Les ", "Le "), "ger": ("Der ", "Das ")}.get(language, ())
    return title.startswith(articles or "\0") and _indicator(record, ("245",), 1, "0")


def _title_cut(record: Record, _: Random) -> bool:
    field = _field(record, "245")
    title = (field.get_subfields("a") or [""])[0] if field else ""
    return len(title) > 12 and " " not in title[:6] and _indicator(record, ("245",), 1, "4")


def _title_in_another_tag(record: Record, _: Random) -> bool:
    field = _field(record, "245")
    if field is None:
        return False
    field.tag = "254"
    return True


def _without_subjects(record: Record, _: Random) -> bool:
    number = _field(record, "090", "050")
    literature = number is not None and (number.get_subfields("a") or ["P"])[0].startswith("P")
    had = [field for field in record.fields if field.tag.startswith("6") and field.tag != "653"]
    if (
        not had
        or literature
        or number is None
        or str(record.leader)[17] not in " 1"
        or _type(record) not in ("am", "em")
    ):
        return False
    record.fields = [field for field in record.fields if not field.tag.startswith("6")]
    return True


def _without_publication(record: Record, _: Random) -> bool:
    if not record.get_fields("260", "264") or _type(record)[0] in "ptdf" or str(record.leader)[17] not in " 1":
        return False
    record.remove_fields("260", "264")
    return True


def _without(tag: str, code: str = "") -> OnRecord:
    def change(record: Record, _: Random) -> bool:
        if _type(record) != "am" or not record.get_fields(tag):
            return False
        if not code:
            record.remove_fields(tag)
            return True
        field = record.get_fields(tag)[0]
        field.subfields = [one for one in field.subfields if one.code != code]
        return len(field.subfields) > 1

    return change


def _series_without_entry(record: Record, _: Random) -> bool:
    record.remove_fields("800", "810", "811", "830")
    return _add(record, "490", "1 ", ("a", "Collected studies ;"), ("v", "7"))


def _series_lost(record: Record, _: Random) -> bool:
    traced = [field for field in record.get_fields("490") if field.indicators and field.indicators[0] == "1"]
    if not traced or not record.get_fields("800", "810", "811", "830"):
        return False
    record.remove_fields("800", "810", "811", "830")
    return True


# --- record: kind of thing ------------------------------------------------------------------------------------------


def _extent(text: str, *kinds: str) -> OnRecord:
    def change(record: Record, _: Random) -> bool:
        return (
            _type(record) in kinds and not record.get_fields("006", "007") and _edit(record, "300", "a", lambda _: text)
        )

    return change


def _sound_extent(record: Record, _: Random) -> bool:
    return _type(record) in ("jm", "im", "gm") and _edit(record, "300", "a", lambda _: "xii, 245 p. :")


def _other_leader(type_code: str) -> OnRecord:
    return lambda record, _: (
        _type(record) == "am" and not record.get_fields("006", "007") and _leader(record, 6, type_code)
    )


def _video_007(record: Record, _: Random) -> bool:
    if _type(record) != "am" or record.get_fields("007", "006"):
        return False
    record.add_field(Field("007", data="vd cvaizq"))  # type: ignore[no-untyped-call]
    return True


def _other_carrier(record: Record, _: Random) -> bool:
    if _type(record) != "am" or record.get_fields("007", "006") or record.get_fields("337", "338"):
        return False
    _add(record, "337", "  ", ("a", "audio"), ("b", "s"), ("2", "rdamedia"))
    return _add(record, "338", "  ", ("a", "audio disc"), ("b", "sd"), ("2", "rdacarrier"))


def _serial_leader(record: Record, _: Random) -> bool:
    fixed = _field(record, "008")
    return (
        _type(record) == "am" and fixed is not None and (fixed.data or " " * 7)[6] in "smtr" and _leader(record, 7, "s")
    )


def _monograph_leader(record: Record, _: Random) -> bool:
    fixed = _field(record, "008")
    return (
        _type(record) == "as" and fixed is not None and (fixed.data or " " * 7)[6] in "cdu" and _leader(record, 7, "m")
    )


def _microform(record: Record, _: Random) -> bool:
    if _type(record) != "am" or record.get_fields("007", "533", "006"):
        return False
    return bool(re.search(r"\d p(\.|ages)", str(_field(record, "300")))) and _fixed(record, 23, "a")


def _rda_said(record: Record, _: Random) -> bool:
    if str(record.leader)[18] != "a" or record.get_fields("336", "337", "338"):
        return False
    field = _field(record, "040")
    if field is None or field.get_subfields("e"):
        return False
    field.add_subfield("e", "rda")
    return True


# --- record: years, codes, characters -------------------------------------------------------------------------------


def _dated(record: Record) -> str:
    field = _field(record, "264", "260")
    found = _YEAR.findall(" ".join(field.get_subfields("c"))) if field is not None else []
    fixed = _field(record, "008")
    single = fixed is not None and (fixed.data or "")[6:7] == "s" and (fixed.data or "")[11:15].strip() == ""
    return found[0] if len(found) == 1 and single and (fixed.data or "")[7:11] == found[0] else ""  # type: ignore[union-attr]


def _future(record: Record, _: Random) -> bool:
    year = _dated(record)
    if not year:
        return False
    for tag in ("260", "264"):
        _edit(record, tag, "c", lambda text: text.replace(year, "2046"))
    return _fixed(record, 7, "2046")


def _other_year(record: Record, random: Random) -> bool:
    year = _dated(record)
    return bool(year) and _fixed(record, 7, str(int(year) - random.randrange(11, 60)))


def _letter_in_year(record: Record, _: Random) -> bool:
    year = _dated(record)
    tag = "264" if record.get_fields("264") else "260"
    new = year[:1] + year[1:].replace("0", "O", 1) if "0" in year else year.replace("1", "l", 1)
    return bool(year) and _edit(record, tag, "c", lambda text: text.replace(year, new))


def _letter_in_isbn(record: Record, _: Random) -> bool:
    return _edit(
        record, "020", "a", lambda text: text.replace("0", "O", 1) if re.match(r"[\dXx]{10,13}", text) else text
    )


def _isbn_mistyped(record: Record, random: Random) -> bool:
    def change(text: str) -> str:
        found = re.match(r"\d{9,12}", text)
        return _swapped(found[0], random) + text[found.end() :] if found else text

    return _edit(record, "020", "a", change)


def _language(record: Record, _: Random) -> bool:
    return _fixed(record, 35, "xqz")


def _language_differs(record: Record, _: Random) -> bool:
    field = _field(record, "041")
    if field is None or "mul" in str(field):
        return False
    return "vie" not in str(field) and _fixed(record, 35, "vie")


def _audience(record: Record, _: Random) -> bool:
    return _type(record) == "am" and _fixed(record, 22, "q")


def _country(record: Record, _: Random) -> bool:
    return _fixed(record, 15, "qq ")


def _other_country(record: Record, _: Random) -> bool:
    field = _field(record, "264", "260")
    place = (field.get_subfields("a") or [""])[0] if field else ""
    known = ("Paris", "London", "New York", "Berlin", "Washington", "Boston", "Moskva", "Leipzig")
    return place.startswith(known) and _fixed(record, 15, "ja ")


def _mojibake(record: Record, _: Random) -> bool:
    for tag in ("245", "100", "260"):
        for code in "abc":
            if _edit(record, tag, code, lambda text: text.encode().decode("cp1252", errors="replace")):
                return True
    return False


def _lost_character(record: Record, _: Random) -> bool:
    return _edit(record, "245", "a", lambda text: text[:3] + "\ufffd" + text[4:] if len(text) > 6 else text)


def _lone_script(record: Record, _: Random) -> bool:
    return not record.get_fields("880") and _add(record, "880", "10", ("a", "Заглавие"))


def _list_unnamed(record: Record, _: Random) -> bool:
    return _add(record, "650", " 7", ("a", "Histoire de la lecture."))


# --- call number and item -------------------------------------------------------------------------------------------


def _other_class(facts: Facts, _: Random) -> Facts | None:
    number = facts.item.call_number
    if facts.item.call_number_scheme != "lc" or not facts.item.marc or not facts.item.marc.class_numbers:
        return None
    found = re.match(r"([A-Z]{1,3}) ?(\d+)", number)
    if not found:
        return None
    return _item(facts, call_number="V" + str(int(found[2]) + 7) + number[found.end() :])


def _number_date(facts: Facts, _: Random) -> Facts | None:
    found = re.search(r" (1[5-9]\d\d|20[0-2]\d)$", facts.item.call_number)
    if not found or facts.item.material != "book":
        return None
    return _item(facts, call_number=facts.item.call_number[: found.start(1)] + str(int(found[1]) - 31))


def _cutter_exchanged(facts: Facts, random: Random) -> Facts | None:
    return _typed(facts, random, r"(?<=[A-Z])(\d)(?!\1)(\d)", lambda place: place[2] + place[1])


def _letter_typed(facts: Facts, random: Random) -> Facts | None:
    return _typed(facts, random, r"[01]", lambda place: "Ol"[int(place[0])])


def _typed(facts: Facts, random: Random, pattern: str, slip: Callable[[re.Match[str]], str]) -> Facts | None:
    """Return the facts with a slip behind the class of a call number that is also the record's."""
    number = facts.item.call_number
    found = re.match(r"[A-Z]{1,3} ?\d+(?:\.\d+)?(?=[ .]*[A-Z])", number)
    known = facts.item.marc.class_numbers if facts.item.marc is not None else ()
    if not found or not any(
        _letters(number).startswith(_letters(own)) for _field, _scheme, own in known if len(own) > 9
    ):
        return None
    places = list(re.compile(pattern).finditer(number, found.end()))
    if not places or re.search(r" (?:v|t|n|no|pt|bd)\.", number):
        return None
    place = random.choice(places)
    return _item(facts, call_number=number[: place.start()] + slip(place) + number[place.end() :])


def _letters(number: str) -> str:
    return "".join(char for char in number if char.isalnum())


def _class_alone(facts: Facts, _: Random) -> Facts | None:
    found = re.match(r"[A-Z]{1,3} ?\d+", facts.item.call_number)
    if facts.item.call_number_scheme != "lc" or not found or len(found[0]) == len(facts.item.call_number):
        return None
    return _item(facts, call_number=found[0])


def _no_number(facts: Facts, _: Random) -> Facts | None:
    return _item(facts, call_number="", call_number_source="", label_lines=(), label_problems=())


def _scheme_dewey(facts: Facts, _: Random) -> Facts | None:
    lc = facts.item.call_number_scheme == "lc" and re.match(r"[A-Z]{1,2}\d+ ?\.[A-Z]", facts.item.call_number)
    return _item(facts, call_number_scheme="dewey") if lc else None


def _other_volume(facts: Facts, random: Random) -> Facts | None:
    found = re.fullmatch(r"(?:v\.? ?)?(\d{1,2})", facts.item.description)
    number = facts.item.call_number
    if not found or facts.item.marc is None or facts.item.marc.part_title:
        return None
    other = int(found[1]) + 1 + random.randrange(5)
    if re.search(r"\bv\.", number):
        return _item(facts, description=f"v.{other}")
    return _item(facts, call_number=f"{number} v.{other}")


def _volume_lost(facts: Facts, _: Random) -> Facts | None:
    found = re.search(r"\d+", facts.item.description)
    said = facts.item.label_lines
    if not found or len(said) < 3 or found[0] not in said[-1]:
        return None
    left = said[:-1]
    return _item(facts, label_lines=left) if found[0] not in " ".join(left) else None


def _label_digit(facts: Facts, random: Random) -> Facts | None:
    seen = facts.label_seen
    places = [at for at, line in enumerate(seen or ()) if any(char.isdigit() for char in line)]
    if seen is None or not places:
        return None
    at = random.choice(places)
    return msgspec.structs.replace(facts, label_seen=(*seen[:at], _swapped(seen[at], random), *seen[at + 1 :]))


def _label_line(facts: Facts, random: Random) -> Facts | None:
    seen = facts.label_seen or ()
    at = random.randrange(1, len(seen)) if len(seen) > 1 else 0
    return msgspec.structs.replace(facts, label_seen=seen[:at] + seen[at + 1 :]) if at else None


def _prefix_lost(facts: Facts, _: Random) -> Facts | None:
    return _item(facts, location="REF") if facts.item.label_lines else None


def _barcode_short(facts: Facts, _: Random) -> Facts | None:
    code = facts.item.barcode[:-1]
    return _tag(_item(facts, barcode=Barcode(code)), primary_item_identifier=code)


def _unknown_location(facts: Facts, _: Random) -> Facts | None:
    return _item(facts, location=f"{facts.item.location}X")


def _price(text: str) -> OnFacts:
    return lambda facts, _: _item(facts, price=text)


def _scanned_where_none(facts: Facts, _: Random) -> Facts | None:
    marc = facts.item.marc
    if facts.item.isbns or marc is None or marc.cancelled_isbns or marc.other_numbers:
        return None
    return msgspec.structs.replace(facts, scanned="9780131103627")


def _scanned_other(facts: Facts, _: Random) -> Facts | None:
    return msgspec.structs.replace(facts, scanned="9780131103627") if facts.item.isbns else None


def _scanned_cancelled(record: Record, _: Random) -> bool:
    """Needs the piece's ISBN in $z; the bench scans what the record of before had in $a."""
    field = _field(record, "020")
    if field is None or not re.match(r"\d{9,12}[\dX]", (field.get_subfields("a") or [""])[0]):
        return False
    for one in record.get_fields("020"):
        one.subfields = [Subfield("z" if code == "a" else code, value) for code, value in one.subfields]
    return True


def _piece_missing(facts: Facts, _: Random) -> Facts | None:
    counted = facts.counted
    return msgspec.structs.replace(facts, counted=counted - 1) if counted is not None and counted > 1 else None


def _parts_in_item_only(facts: Facts, _: Random) -> Facts | None:
    book = re.fullmatch(r"[\divxlc, \[\]]+ ?p(\.|ages)?[ :;]*", facts.item.extent)
    if not book or facts.item.accompanying:
        return None
    return _tag(_item(facts, parts=2), parts=2)


def _item_type(record: Record, _: Random) -> bool:
    return _type(record) == "am" and not record.get_fields("006", "007") and _items(record, "t", "VIDEO-DVD")


def _items(record: Record, code: str, value: str) -> bool:
    found = [field for field in record.get_fields("949", "999") if field.get_subfields("i")]
    for field in found:
        field.subfields = [one for one in field.subfields if one.code != code]
        field.add_subfield(code, value)
    return bool(found)


def _vendor_swapped(record: Record, _: Random) -> bool:
    """Add a barcode as long as that of the item: one of another length is none of this library's."""
    used = record.get_fields("949", "952")
    own = next((code for field in record.get_fields("991", "999") for code in field.get_subfields("i")), "X001614137")
    return not used and _add(record, "949", "  ", ("i", f"X{17:0{len(own) - 1}}"))


def _gift(record: Record, _: Random) -> bool:
    return not record.get_fields("541", "561") and _add(record, "541", "  ", ("c", "Gift"), ("d", "2001"))


def _lease(record: Record, _: Random) -> bool:
    return not record.get_fields("541", "561") and _add(record, "541", "  ", ("a", "Vendor"), ("c", "Lease"))


def _kept(record: Record, _: Random) -> bool:
    return not record.get_fields("583") and _add(record, "583", "1 ", ("a", "committed to retain"), ("c", "20150101"))


def _kept_withdrawn(facts: Facts, _: Random) -> Facts | None:
    gone = _item(facts, retained=True)
    return msgspec.structs.replace(gone, task="withdrawal", tag=TagContent(""), afi=facts.site.afi_on_loan, eas=False)


def _tag_still_says(facts: Facts, _: Random) -> Facts | None:
    return msgspec.structs.replace(facts, task="withdrawal", afi=facts.site.afi_on_loan, eas=False)


def _diagnosed(code: str) -> OnFacts:
    found = Diagnosis(code, Severity.MAJOR, f"It is {code}.", "Look.")
    return lambda facts, _: msgspec.structs.replace(facts, diagnoses=(found,))


def _tall(record: Record, _: Random) -> bool:
    return _type(record) == "am" and _edit(record, "300", "c", lambda _: "41 cm.")


def _tape(record: Record, _: Random) -> bool:
    if record.get_fields("338") or _type(record) != "jm":
        return False
    return _add(record, "338", "  ", ("a", "audiocassette"), ("b", "ss"), ("2", "rdacarrier"))


def _cutter_wide(facts: Facts, _: Random) -> Facts | None:
    lines = facts.item.label_lines
    if len(lines) < 2:
        return None
    return _item(facts, label_problems=(f"Line 2 ({lines[1]}ABCDEFGHIJKL) is too wide.",))


def _undated(facts: Facts, _: Random) -> Facts | None:
    found = re.search(r" (1[5-9]\d\d|20[0-2]\d)$", facts.item.call_number)
    if not found or facts.item.call_number_scheme != "lc":
        return None
    return _item(facts, location="DATED", call_number=facts.item.call_number[: found.start()])


def _wrong_place(facts: Facts, _: Random) -> Facts | None:
    here = facts.item.call_number_scheme == "lc" and re.match(r"(DC|QA) ?\d", facts.item.call_number)
    return _item(facts, location="MUSICONLY") if here else None


def _subfield_twice(record: Record, _: Random) -> bool:
    field = _field(record, "245")
    if field is None or not field.get_subfields("a"):
        return False
    field.add_subfield("a", "again")
    return True


def _subfield_of_no_field(record: Record, _: Random) -> bool:
    field = _field(record, "264", "260")
    if field is None:
        return False
    field.add_subfield("z", "of no field")
    return True


def _open_bracket(record: Record, _: Random) -> bool:
    return _edit(record, "245", "a", lambda text: "[" + text)


def _subject_again(record: Record, _: Random) -> bool:
    field = _field(record, "650")
    if field is None:
        return False
    record.add_field(Field("650", field.indicators, list(field.subfields)))  # type: ignore[no-untyped-call]
    return True


def _dates_backward(record: Record, _: Random) -> bool:
    return _edit(
        record, "100", "d", lambda text: re.sub(r"^(1\d{3})-(1\d{3})", lambda years: f"{years[2]}-{years[1]}", text)
    )


def _bibliography_not_coded(record: Record, _: Random) -> bool:
    if _type(record) != "am" or not _fixed(record, 24, "    "):
        return False
    return _add(record, "504", "  ", ("a", "Includes bibliographical references."))


def _of(name: str, rules: str, on_record: OnRecord | None = None, on_facts: OnFacts | None = None) -> Defect:
    return Defect(name, tuple(rules.split()), on_record, on_facts)


DEFECTS: Final = (
    # record
    _of("245 first indicator 0 with an author", "title-indicators", _title_not_traced),
    _of("245 first indicator 1 without an author", "title-indicators", _title_traced_without_author),
    _of("245 second indicator 0 before an article", "title-indicators", _article_filed),
    _of("245 second indicator 4 in a word", "title-indicators", _title_cut),
    _of("650 second indicator 9", "indicators-defined", lambda record, _: _indicator(record, ("650",), 1, "9")),
    _of("1XX first indicator 7", "indicators-defined", lambda record, _: _indicator(record, ("100", "110"), 0, "7")),
    _of("title in 254", "title-present title-indicators indicators-defined", _title_in_another_tag),
    _of("no 6XX", "subjects-present", _without_subjects),
    _of("no 260 and no 264", "publication-present", _without_publication),
    _of("300 of a disc in a text record", "extent-agrees type-agrees", _extent("1 audio disc (60 min.) :", "am")),
    _of("300 of pages in a disc record", "extent-agrees type-agrees", _sound_extent),
    _of("leader/06 projected medium for a book", "type-agrees extent-agrees item-type-agrees", _other_leader("g")),
    _of("leader/06 music for a book", "type-agrees extent-agrees item-type-agrees", _other_leader("j")),
    _of("007 of a videodisc for a book", "type-agrees", _video_007),
    _of("338 audio disc for a book", "type-agrees", _other_carrier),
    _of("item type of a video for a book", "item-type-agrees", _item_type),
    _of("leader/07 s for a book", "serial-coded", _serial_leader),
    _of("leader/07 m for a serial", "serial-coded", _monograph_leader),
    _of("008/23 microfilm for print", "form-agrees", _microform),
    _of("008/35 no language", "codes-valid", _language),
    _of("008/35 another language than 041", "language-plausible", _language_differs),
    _of("008/22 no audience", "language-plausible", _audience),
    _of("008/15 no country", "codes-valid", _country),
    _of("008/15 another country than 26X", "country-agrees", _other_country),
    _of("490 traced without 8XX", "series-traced", _series_without_entry),
    _of("8XX lost", "series-traced", _series_lost),
    _of("650 _7 without $2", "subject-source", _list_unnamed),
    _of("year in the future", "years-plausible", _future),
    _of("008 another year than 26X", "years-agree", _other_year),
    _of("letter in a year", "digits-typed", _letter_in_year),
    _of("letter in an ISBN", "digits-typed isbn-valid", _letter_in_isbn),
    _of("ISBN with a wrong digit", "isbn-valid piece-number", _isbn_mistyped),
    _of("text encoded twice", "text-intact", _mojibake),
    _of("245 $a twice", "format-valid", _subfield_twice),
    _of("260 or 264 $z", "format-valid", _subfield_of_no_field),
    _of("bracket never closed", "text-typed", _open_bracket),
    _of("the same 650 twice", "headings-formed", _subject_again),
    _of("dates of life backward", "headings-formed", _dates_backward),
    _of("504 without 008/24", "coded-as-described", _bibliography_not_coded),
    _of(
        "item without a location",
        "items-agree location-known",
        lambda record, _: _items(record, "l", "") and _items(record, "m", ""),
    ),
    _of("character lost", "text-intact", _lost_character),
    _of("880 without $6", "text-intact", _lone_script),
    _of("no 300", "copy-complete", _without("300")),
    _of("no size", "copy-complete", _without("300", "c")),
    _of("leader/17 prepublication", "copy-complete", lambda record, _: _leader(record, 17, "8")),
    _of("263 left over", "copy-complete", lambda record, _: _add(record, "263", "  ", ("a", "0207"))),
    _of("040 $e rda in an AACR2 record", "rules-coded", _rda_said),
    _of("leader/05 deleted", "item-released", lambda record, _: _leader(record, 5, "d")),
    _of("taller than its location", "oversize-location", _tall),
    _of("gift without donor", "gift-donor", _gift),
    _of("lease without order", "lease-identified", _lease),
    _of("kept, and not shown", "retention-shown", _kept),
    _of("strip on a cassette", "strip-allowed", _tape),
    _of("supplier's barcode is another", "vendor-barcode", _vendor_swapped),
    _of("ISBN of the piece only in $z", "piece-number-cancelled", _scanned_cancelled),
    # call number, label and item
    _of("class of another record", "class-agrees class-near", None, _other_class),
    _of("another main class than that of other agencies", "class-near class-agrees", None, _other_class),
    _of("date of another edition in the number", "call-number-date", None, _number_date),
    _of("digits of a cutter exchanged", "call-number-typed", None, _cutter_exchanged),
    _of("l for 1 or O for 0 behind the class", "call-number-typed call-number-scheme", None, _letter_typed),
    _of("class without cutter", "call-number-complete", None, _class_alone),
    _of("no call number", "call-number-complete", None, _no_number),
    _of("LC number called Dewey", "call-number-scheme", None, _scheme_dewey),
    _of("date missing where wanted", "call-number-dated", None, _undated),
    _of("number of another title", "call-number-unique", None, _set(same_number=("u9: Another title",))),
    _of("number and description of two volumes", "volume-agrees", None, _other_volume),
    _of("volume not on the expected label", "volume-expected", None, _volume_lost),
    _of("collection word missing", "prefix-wanted", None, _prefix_lost),
    _of("class in another location", "class-location", None, _wrong_place),
    _of("label too wide", "label-fits", None, _cutter_wide),
    _of("digit on the label differs", "spine-label", None, _label_digit),
    _of("line of the label missing", "spine-label", None, _label_line),
    _of("price 0", "price-plausible price-present", None, _price("0.00")),
    _of("price absurd", "price-plausible", None, _price("$24950.00")),
    _of("barcode for a price", "price-plausible", None, lambda facts, _: _item(facts, price=facts.item.barcode)),
    _of("no price", "price-present", None, _price("")),
    _of("unknown location", "location-known", None, _unknown_location),
    _of("ISBN on the piece, none in the record", "piece-number-recorded piece-number", None, _scanned_where_none),
    _of("another ISBN on the piece", "piece-number", None, _scanned_other),
    _of("piece missing", "pieces-counted", None, _piece_missing),
    _of("two parts in the item, one in the record", "accompanying-parts", None, _parts_in_item_only),
    _of("barcode not in the catalog", "barcode-known", None, _set(found=False)),
    _of("barcode a digit short", "barcode-format", None, _barcode_short),
    _of("item missing", "item-released", None, lambda facts, _: _item(facts, status="MISSING")),
    _of("suppressed", "not-suppressed", None, lambda facts, _: _item(facts, suppressed=True)),
    _of("not on the packing list", "as-invoiced", None, _set(receipt=Receipt(listed=False))),
    _of("withdrawn, but to be kept", "retention-kept", None, _kept_withdrawn),
    # tag
    _of(
        "tag of another item",
        "tag-identifier",
        None,
        lambda facts, random: _tag(facts, primary_item_identifier=_swapped(facts.item.barcode, random)),
    ),
    _of("tag of another library", "tag-owner", None, lambda facts, _: _tag(facts, owner_institution="DE-Heu1")),
    _of("tag of part 2 of 3", "tag-set", None, lambda facts, _: _tag(facts, part=2, parts=3)),
    _of("tag broken", "tag-structure", None, _diagnosed("structure-broken")),
    _of(
        "AFI on loan", "tag-security", None, lambda facts, _: msgspec.structs.replace(facts, afi=facts.site.afi_on_loan)
    ),
    _of("EAS off", "tag-eas", None, _set(eas=False)),
    _of("AFI locked", "tag-locks", None, _diagnosed("afi-locked")),
    _of("two tags answer", "tag-single", None, _set(tags_in_field=2)),
    _of("tag written for another item", "tag-ledger", None, _set(ledger=Ledger(bound_to="31234000000024"))),
    _of("second tag inside", "second-tag", None, _set(others=(TagContent("30001000000001", "DE-Heu1"),))),
    _of("usage of another kind of item", "tag-usage", None, lambda facts, _: _tag(facts, type_of_usage=0x70)),
    _of("tag answers at 7 of 8 looks", "read-margin", None, _set(polls=(7, 8))),
    _of("withdrawn, tag still says the item", "tag-released", None, _tag_still_says),
)
