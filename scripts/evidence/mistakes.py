"""Kinds of mistakes that catalogers and student copy catalogers make, each with a function that makes it in a record.

The list comes from the practice of copy cataloging, MARC 21 Format for Bibliographic Data and ISBD. Its author had not
read the quality rules, nor what they cite, but knew the titles of a dozen structure rules that were to come. Do not
change the list or `SEED` to make a rule look better: add kinds, with the reason in the commit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, Literal, NamedTuple

from pymarc import Field, Indicators, Record, Subfield

from station.catalog.record.profiles import Profile

SEED: Final = 20261201
"""Seed of the choice of records, fields and characters."""

Severity = Literal["critical", "major", "minor"]
"""For a user of the catalog: critical = the item is not found or is taken for another; major = it is missed in one way
of searching, or wrongly described; minor = a reader sees it, but is not misled."""


class Draft(NamedTuple):
    """A record to make a mistake in, and the item of it that is meant; without items `profile` is None."""

    record: Record
    profile: Profile | None = None
    barcode: str = ""


Seed = Callable[[Draft, Random], bool]
"""Make the mistake in the record; False = the record has no place for it, and is unchanged."""
Change = Callable[[str, Random], str | None]
"""Return the mistaken text; None = the text has no place for the mistake."""


class Mistake(NamedTuple):
    """One kind of mistake. `proved_by_record`: the record alone shows it, without the piece, an authority file, a
    dictionary or a list of the library; `reason` says by what, or what is missing."""

    name: str
    sentence: str
    proved_by_record: bool
    reason: str
    severity: Severity
    seed: Seed


# --- text -----------------------------------------------------------------------------------------------------------


def _places(text: str, pattern: str) -> list[re.Match[str]]:
    return list(re.finditer(pattern, text))


def _put(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Change:
    """Replace one match of the pattern, chosen at random."""

    def change(text: str, random: Random) -> str | None:
        places = _places(text, pattern)
        if not places:
            return None
        place = random.choice(places)
        changed = place.expand(new) if isinstance(new, str) else new(place)
        result = text[: place.start()] + changed + text[place.end() :]
        return result if result != text else None

    return change


def _within(pattern: str, change: Change) -> Change:
    """Change only the first part of the text that matches the pattern."""

    def changed(text: str, random: Random) -> str | None:
        part = re.search(pattern, text)
        new = change(part[0], random) if part else None
        return None if part is None or new is None else text[: part.start()] + new + text[part.end() :]

    return changed


def _to(new: str) -> Change:
    return lambda text, _: new if text != new else None


_transposed: Final = _put(r"(?<=[a-z])([a-z])(?!\1)([a-z])(?=[a-z])", r"\2\1")
_digits_transposed: Final = _put(r"(\d)(?!\1)(\d)", r"\2\1")
_letter_in_number: Final = _put(r"[01]", lambda place: "Ol"[int(place[0])])


def _other_digit(place: re.Match[str]) -> str:
    return str((int(place[0]) + 3) % 10)


# --- places in a record ---------------------------------------------------------------------------------------------


def _subfields(fields: list[Field], codes: str) -> Iterator[tuple[Field, int]]:
    """Yield field and index of all subfields with these codes; "" = of all."""
    for field in fields:
        if not field.is_control_field():
            yield from ((field, at) for at, part in enumerate(field.subfields) if not codes or part.code in codes)


def _in(fields: list[Field], codes: str, change: Change, random: Random) -> bool:
    """Change one of these subfields, chosen at random among those that have a place for it."""
    places = list(_subfields(fields, codes))
    random.shuffle(places)
    for field, at in places:
        code, value = field.subfields[at]
        if (new := change(value, random)) is not None:
            field.subfields[at] = Subfield(code, new)
            return True
    return False


def _indicators(field: Field) -> Indicators:
    return field.indicators or Indicators(" ", " ")


def _text(tags: str, codes: str, change: Change) -> Seed:
    """Change one subfield of these fields (tags separated by blanks)."""
    return lambda draft, random: _in(draft.record.get_fields(*tags.split()), codes, change, random)


def _fixed(position: int, change: Change, length: int = 1) -> Seed:
    """Change these characters of 008."""

    def seed(draft: Draft, random: Random) -> bool:
        field = draft.record.get("008")
        if field is None or field.data is None or len(field.data) != 40:
            return False
        new = change(field.data[position : position + length], random)
        if new is None:
            return False
        field.data = field.data[:position] + new + field.data[position + length :]
        return True

    return seed


def _leader(position: int, new: str) -> Seed:
    def seed(draft: Draft, _: Random) -> bool:
        leader = str(draft.record.leader)
        if leader[position] == new:
            return False
        draft.record.leader = leader[:position] + new + leader[position + 1 :]  # type: ignore[assignment]
        return True

    return seed


def _any_field(_: Field) -> bool:
    return True


def _indicator(tags: str, number: Literal[1, 2], new: str, needed: Callable[[Field], bool] = _any_field) -> Seed:
    """Put another indicator on one of these fields, of those that are `needed`."""

    def seed(draft: Draft, random: Random) -> bool:
        fields = [
            field
            for field in draft.record.get_fields(*tags.split())
            if _indicators(field)[number - 1] != new and needed(field)
        ]
        if not fields:
            return False
        field = random.choice(fields)
        first, second = _indicators(field)
        field.indicators = Indicators(new, second) if number == 1 else Indicators(first, new)
        return True

    return seed


def _when(condition: Callable[[Record], bool], seed: Seed) -> Seed:
    """Make the mistake only in records of this condition."""
    return lambda draft, random: condition(draft.record) and seed(draft, random)


def _has(tag: str, codes: str, pattern: str) -> Callable[[Record], bool]:
    """Return whether a subfield of the record matches (case is ignored)."""

    def condition(record: Record) -> bool:
        return any(
            re.search(pattern, field.subfields[at].value, re.IGNORECASE)
            for field, at in _subfields(record.get_fields(tag), codes)
        )

    return condition


def _data(record: Record) -> str:
    field = record.get("008")
    return field.data or "" if field is not None else ""


def _is_book(record: Record) -> bool:
    return str(record.leader)[6:8] == "am"


def _has_pages(record: Record) -> bool:
    return _is_book(record) and _has("300", "a", r"\d+ ?(p\.|pages|p\b)")(record)


def _all(*conditions: Callable[[Record], bool]) -> Callable[[Record], bool]:
    return lambda record: all(condition(record) for condition in conditions)


def _field(tag: str, indicators: str, *subfields: str) -> Field:
    """Return a field; each subfield is its code and its text."""
    parts = [Subfield(part[0], part[1:]) for part in subfields]
    return Field(tag, Indicators(*indicators), parts)


def _twice(tags: str) -> Seed:
    """Enter one of these fields a second time."""

    def seed(draft: Draft, random: Random) -> bool:
        fields = draft.record.get_fields(*tags.split())
        if not fields:
            return False
        field = random.choice(fields)
        draft.record.add_ordered_field(Field(field.tag, field.indicators, list(field.subfields)))
        return True

    return seed


def _other_code(tags: str, old: str, new: str, pattern: str = "") -> Seed:
    """Give a subfield another code, where its text matches."""

    def seed(draft: Draft, random: Random) -> bool:
        places = [
            (field, at)
            for field, at in _subfields(draft.record.get_fields(*tags.split()), old)
            if re.search(pattern, field.subfields[at].value)
        ]
        if not places:
            return False
        field, at = random.choice(places)
        field.subfields[at] = Subfield(new, field.subfields[at].value)
        return True

    return seed


def _joined(tags: str, first: str, second: str, between: str = " ") -> Seed:
    """Write a subfield into the one before it."""

    def seed(draft: Draft, random: Random) -> bool:
        places = [
            (field, at)
            for field, at in _subfields(draft.record.get_fields(*tags.split()), second)
            if at and field.subfields[at - 1].code in first
        ]
        if not places:
            return False
        field, at = random.choice(places)
        before, after = field.subfields[at - 1 : at + 1]
        field.subfields[at - 1 : at + 1] = [Subfield(before.code, before.value + between + after.value)]
        return True

    return seed


def _without(tags: str, codes: str = "", pattern: str = "") -> Seed:
    """Leave out a field; with codes, a subfield of it."""

    def seed(draft: Draft, random: Random) -> bool:
        places = [
            (field, at)
            for field, at in _subfields(draft.record.get_fields(*tags.split()), codes)
            if re.search(pattern, field.subfields[at].value, re.IGNORECASE)
        ]
        if not places:
            return False
        field, at = random.choice(places)
        if codes:
            del field.subfields[at]
        if not codes or not field.subfields:
            draft.record.remove_field(field)
        return True

    return seed


# --- item and holdings ----------------------------------------------------------------------------------------------


def _item_field(draft: Draft) -> Field | None:
    """Return the field that carries the item's barcode."""
    if draft.profile is None:
        return None
    codes = draft.profile.barcode + draft.profile.holdings_barcode
    tags = (
        (*draft.profile.item_tags, draft.profile.holdings_tag)
        if draft.profile.kind == "holdings"
        else (draft.profile.tag,)
    )
    for field, at in _subfields(draft.record.get_fields(*tags), codes):
        if field.subfields[at].value.strip() == draft.barcode:
            return field
    return None


def _number_fields(draft: Draft) -> list[Field]:
    """Return the field that carries the item's call number: its own, or the only holdings field."""
    field = _item_field(draft)
    if field is None or draft.profile is None:
        return []
    holdings = draft.record.get_fields(draft.profile.holdings_tag) if draft.profile.kind == "holdings" else [field]
    return holdings if len(holdings) == 1 else []


def _number_codes(draft: Draft) -> str:
    return (draft.profile.call_number if draft.profile else "") or "hi"


def _number(change: Change) -> Seed:
    """Change the item's call number."""
    return lambda draft, random: _in(_number_fields(draft), _number_codes(draft), change, random)


def _item(entry: str, change: Change) -> Seed:
    """Change a subfield of the item field that the profile names in this entry."""

    def seed(draft: Draft, random: Random) -> bool:
        field = _item_field(draft)
        codes = str(getattr(draft.profile, entry, ""))
        return bool(field is not None and codes and _in([field], codes, change, random))

    return seed


def _price(text: str) -> Seed:
    """Give the item this price, in the first subfield that the profile names for prices."""

    def seed(draft: Draft, _: Random) -> bool:
        field = _item_field(draft)
        if field is None or draft.profile is None or not draft.profile.price:
            return False
        code = draft.profile.price[0]
        rest = [part for part in field.subfields if part.code not in draft.profile.price]
        field.subfields = [*rest, Subfield(code, text)]
        return True

    return seed


def _first_subfield_text(field: Field, codes: str) -> str:
    return next((field.subfields[at].value for _, at in _subfields([field], codes)), "")


def _number_text(draft: Draft) -> str:
    return " ".join(_first_subfield_text(field, _number_codes(draft)) for field in _number_fields(draft))


def _plain(number: str) -> str:
    return re.sub(r"[\s.]", "", number).upper()


def _transposed_against_record(draft: Draft, random: Random) -> bool:
    """Transpose digits of the class in a call number that also stands in 050, 060, 082 or 090."""
    number = _plain(_number_text(draft))
    classes = [
        _plain(field.subfields[at].value)
        for field, at in _subfields(draft.record.get_fields("050", "060", "082", "090"), "a")
    ]
    if not any(len(text) >= 4 and number.startswith(text) for text in classes):
        return False
    return _number(_within(r"^[A-Z]{0,3} ?\d{2,}", _digits_transposed))(draft, random)


def _year_of_number(draft: Draft, random: Random) -> bool:
    """Transpose the last digits of the year in a call number, if it is the year of 008."""
    year = _data(draft.record)[7:11]
    if not year.isdigit() or not re.search(rf"\b{year}\b", _number_text(draft)):
        return False
    return _number(_within(rf"\b{year}\b", _put(r"(\d)(?!\1)(\d)$", r"\2\1")))(draft, random)


def _scheme_of_number(draft: Draft, _: Random) -> bool:
    """Give a number of the Library of Congress classification the code of Dewey's."""
    fields, profile = _number_fields(draft), draft.profile
    if profile is None or not fields or not re.match(r"[A-Z]{1,3} ?\d", _number_text(draft)):
        return False
    if profile.kind == "holdings" or profile.indicator:
        if _indicators(fields[0])[0] != "0":
            return False
        fields[0].indicators = Indicators("1", _indicators(fields[0])[1])
        return True
    dewey = next((name for name, scheme in profile.schemes.items() if scheme == "dewey"), "")
    for field, at in _subfields(fields, profile.scheme or "\0"):
        if dewey and profile.schemes.get(field.subfields[at].value.upper()) == "lc":
            field.subfields[at] = Subfield(field.subfields[at].code, dewey)
            return True
    return False


_VOLUME: Final = r"(?<![A-Za-z])((?:[vV]|[vV]ol|[tT]|[dD]|[dD]isc)\.? ?|^)(\d+)\b"
"""Number of a volume or disc, with its abbreviation before it, or at the beginning of its own subfield."""


def _volumes(draft: Draft) -> list[tuple[Field, int]]:
    """Return the subfields with the volume of each item of a set, the item's own first; [] = the record is no set."""
    profile, own = draft.profile, _item_field(draft)
    if profile is None or own is None:
        return []
    codes = profile.description + profile.enumeration + (profile.call_number if profile.kind == "item" else "")
    fields = [own, *(field for field in draft.record.get_fields(own.tag) if field is not own)]
    found = []
    for field in fields:
        place = next(((field, at) for _, at in _subfields([field], codes) if _volume_of(field, at)), None)
        if place is not None:
            found.append(place)
    several = len({_volume_of(field, at) for field, at in found}) >= 3
    return found if several and found[0][0] is own else []


def _volume_of(field: Field, at: int) -> str:
    place = re.search(_VOLUME, field.subfields[at].value)
    return place[2] if place else ""


def _volume(new: Callable[[str, list[str], Random], str]) -> Seed:
    """Replace the item's volume number: `new` gets it, the volume numbers of the other items, and the random source."""

    def seed(draft: Draft, random: Random) -> bool:
        places = _volumes(draft)
        if not places:
            return False
        (field, at), numbers = places[0], [_volume_of(*place) for place in places]
        number = new(numbers[0], [other for other in numbers[1:] if other != numbers[0]], random)
        if number == numbers[0]:
            return False
        code, text = field.subfields[at]
        changed = re.sub(_VOLUME, lambda place: place[1] + number if number else "", text, count=1).strip()
        field.subfields[at] = Subfield(code, changed)
        return True

    return seed


def _volumes_in_300(draft: Draft, random: Random) -> bool:
    """State fewer volumes in 300 than the highest volume number of the items."""
    highest = max((int(_volume_of(*place)) for place in _volumes(draft)), default=0)
    return highest >= 3 and _text("300", "a", _put(r"^\d+(?= (?:v\b|vol))", str(highest - 1)))(draft, random)


def _copy_doubled(draft: Draft, _: Random) -> bool:
    """Give the item the copy number of another item that has the same call number and volume."""
    profile, own = draft.profile, _item_field(draft)
    if profile is None or own is None or not profile.copy:
        return False
    same = profile.call_number + profile.description + profile.enumeration + profile.library + profile.location
    place = next(_subfields([own], profile.copy), None)
    for other in draft.record.get_fields(own.tag):
        number = _first_subfield_text(other, profile.copy)
        alike = all(_first_subfield_text(other, code) == _first_subfield_text(own, code) for code in same)
        if place and other is not own and alike and number and number != own.subfields[place[1]].value:
            own.subfields[place[1]] = Subfield(own.subfields[place[1]].code, number)
            return True
    return False


def _barcode_doubled(draft: Draft, random: Random) -> bool:
    """Give another item of the record the item's barcode."""
    own = _item_field(draft)
    if own is None or draft.profile is None:
        return False
    others = [field for field in draft.record.get_fields(own.tag) if field is not own]
    return _in(others, draft.profile.barcode, _to(draft.barcode), random)


# --- single kinds ---------------------------------------------------------------------------------------------------


_FUNCTION_WORDS: Final = {
    "eng": frozenset({"the", "of", "and", "in", "to", "for", "from", "with", "on"}),
    "fre": frozenset({"le", "la", "les", "de", "des", "du", "et", "en", "dans", "pour"}),
}
_ARTICLES: Final = {"eng": ("The ", "A ", "An "), "fre": ("Le ", "La ", "Les ", "L'")}


def _has_plain_title(language: str) -> Callable[[Record], bool]:
    """Return whether the title has two function words of this language, which 008 also says."""

    def condition(record: Record) -> bool:
        text = " ".join(field.subfields[at].value for field, at in _subfields(record.get_fields("245"), "ab"))
        words = sum(word in _FUNCTION_WORDS[language] for word in text.lower().split())
        return _data(record)[35:38] == language and words >= 2

    return condition


def _other_language(draft: Draft, random: Random) -> bool:
    return any(
        _has_plain_title(language)(draft.record) and _fixed(35, _to(other), 3)(draft, random)
        for language, other in (("eng", "ger"), ("fre", "eng"))
    )


def _article_not_skipped(draft: Draft, random: Random) -> bool:
    articles = _ARTICLES.get(_data(draft.record)[35:38], ("\0",))
    begins = _indicator(
        "245", 2, "0", lambda field: (field.get("a") or "").startswith(articles) and _indicators(field)[1] in "234"
    )
    return begins(draft, random)


def _year_transposed_in_008(draft: Draft, random: Random) -> bool:
    """Transpose digits of the date in 008, if it also stands in 260 or 264."""
    year = _data(draft.record)[7:11]
    if not year.isdigit() or not any(_has(tag, "c", year)(draft.record) for tag in ("260", "264")):
        return False
    return _fixed(7, _put(r"(\d)(?!\1)(\d)$", r"\2\1"), 4)(draft, random)


def _year_in_future(draft: Draft, random: Random) -> bool:
    """Put 20 before the last digits of a year of the last century, in 008 and in 260 or 264."""
    year = _data(draft.record)[7:11]
    if not re.fullmatch(r"19[3-9]\d", year):
        return False
    seeds = [_text(tag, "c", _put(year, "20" + year[2:])) for tag in ("260", "264")]
    return bool(sum(seed(draft, random) for seed in seeds)) and _fixed(7, _to("20" + year[2:]), 4)(draft, random)


def _name_against_statement(draft: Draft, random: Random) -> bool:
    """Misspell a surname in 100 that stands in 245 $c."""
    for field in draft.record.get_fields("100"):
        surname = _first_subfield_text(field, "a").split(",")[0]
        if len(surname) >= 5 and _has("245", "c", rf"\b{re.escape(surname)}\b")(draft.record):
            return _in([field], "a", _within(r"^[^,]+", _transposed), random)
    return False


def _death_before_birth(draft: Draft, random: Random) -> bool:
    def change(text: str, _: Random) -> str | None:
        dates = re.search(r"\b(\d{4})-(\d{4})\b", text)
        return text.replace(dates[0], f"{dates[2]}-{dates[1]}") if dates and dates[1] < dates[2] else None

    return _text("100 600 700", "d", change)(draft, random)


def _not_inverted(draft: Draft, random: Random) -> bool:
    surnames = [field for field in draft.record.get_fields("100", "700") if _indicators(field)[0] == "1"]
    return _in(surnames, "a", _put(r"^([^,]+), ([^,]+?)(,?)$", r"\2 \1\3"), random)


def _topic_with_person(draft: Draft, random: Random) -> bool:
    """Enter a person with dates of life as a topic: 600 becomes 650."""
    people = [field for field in draft.record.get_fields("600") if field.get("d")]
    if not people:
        return False
    field = random.choice(people)
    field.tag = "650"
    field.indicators = Indicators(" ", _indicators(field)[1])
    return True


def _disc_left_out(draft: Draft, random: Random) -> bool:
    """Name the disc of 300 only in a note."""
    if not _is_book(draft.record) or _has("300", "a", "disc|disk|cd")(draft.record):
        return False
    if not _without("300", "e", r"disc|disk|\bcd\b|dvd")(draft, random):
        return False
    _text("300", "abc", _put(r" \+$", ""))(draft, random)
    draft.record.add_ordered_field(_field("500", "  ", "aAccompanied by one CD-ROM in pocket."))
    return True


def _place_against_country(draft: Draft, random: Random) -> bool:
    """Code another country in 008 than that of a well-known city in 260 or 264."""
    cities = {"New York": "enk", "London": "nyu", "Paris": "gw ", "Berlin": "fr ", "Boston": "enk", "Chicago": "enk"}
    for city, country in cities.items():
        if any(_has(tag, "a", rf"^\[?{city}\b")(draft.record) for tag in ("260", "264")):
            return _fixed(15, _to(country), 3)(draft, random)
    return False


def _no_article(field: Field) -> bool:
    title = field.get("a") or ""
    return _indicators(field)[1] == "0" and len(title.split()[0] if title.split() else "") >= 6


def _mark_lost(tag: str, mark: str) -> Seed:
    """Leave out the mark at the end of a subfield."""
    return _when(lambda record: str(record.leader)[18] == "a", _text(tag, "ab", _put(rf" {re.escape(mark)}$", "")))


def _cut_008(draft: Draft) -> bool:
    """Lose one blank of 008."""
    field = draft.record.get("008")
    if field is None or field.data is None or len(field.data) != 40 or " " not in field.data[18:]:
        return False
    at = field.data.index(" ", 18)
    field.data = field.data[:at] + field.data[at + 1 :]
    return True


def _retagged(draft: Draft, random: Random, old: str, new: str) -> bool:
    fields = draft.record.get_fields(old)
    if not fields:
        return False
    random.choice(fields).tag = new
    return True


def _repeated(draft: Draft, tag: str, code: str) -> bool:
    field = draft.record.get(tag)
    if field is None or not field.get(code):
        return False
    field.subfields.append(Subfield(code, field[code]))
    return True


def _gmd(draft: Draft) -> bool:
    """Add the general material designation of an electronic resource after $a."""
    field = draft.record.get("245")
    if field is None or field.get("h") or not field.subfields or field.subfields[0].code != "a":
        return False
    field.subfields.insert(1, Subfield("h", "[electronic resource]"))
    return True


def _carrier(draft: Draft) -> bool:
    for field in draft.record.get_fields("338"):
        field.subfields = [Subfield("a", "audio disc"), Subfield("b", "sd"), Subfield("2", "rdacarrier")]
        return True
    return False


def _mojibake(text: str) -> str:
    """Return the UTF-8 bytes of a letter with an accent, read as Windows-1252."""
    return unicodedata.normalize("NFC", text).encode().decode("cp1252", "replace")


def _untraced(draft: Draft) -> bool:
    """Leave out the only 8XX of a record whose 490 is traced."""
    entries = draft.record.get_fields("800", "810", "811", "830")
    traced = [field for field in draft.record.get_fields("490") if _indicators(field)[0] == "1"]
    if len(entries) != 1 or not traced:
        return False
    draft.record.remove_field(entries[0])
    return True


MISTAKES: Final = (
    # title
    Mistake("title-letters-transposed", "Two letters of a word of the title are transposed.", False,
            "needs a dictionary or the title page", "major", _text("245", "a", _transposed)),
    Mistake("title-function-word-doubled", "A word such as 'the' or 'of' stands twice.", True,
            "an article or preposition never follows itself", "minor",
            _text("245", "ab", _put(r"\b(the|of|and|de|la|les|des|der|die|und)(?= )", r"\1 \1"))),
    Mistake("title-filing-article-not-skipped", "245 ind2 is 0, but the title begins with an article (The, A, Le, L').", True,
            "title and language show the article", "major",
            _article_not_skipped),
    Mistake("title-filing-skips-letters", "245 ind2 is 4, but the title begins with no article.", True,
            "the fourth character is not the end of a word", "major", _indicator("245", 2, "4", _no_article)),
    Mistake("title-statement-in-title", "The statement of responsibility is in $a or $b, after a slash.", True,
            "ISBD marks it", "minor", _when(_has("245", "ab", r" /$"), _joined("245", "ab", "c"))),
    Mistake("title-subfield-a-missing", "The title is in $b, and 245 has no $a.", True, "MARC 21 requires $a", "critical",
            _other_code("245", "a", "b")),
    Mistake("title-twice", "The record has two 245.", True, "245 is not repeatable", "major", _twice("245")),
    # names
    Mistake("name-not-inverted", "100 or 700 is coded as a surname (ind1 1), but the name is in direct order.", True,
            "ind1 1 needs a comma", "major",
            _not_inverted),
    Mistake("name-dates-exchanged", "The year of death is before the year of birth.", True, "the years show it", "minor",
            _death_before_birth),
    Mistake("name-misspelled-in-heading", "The surname of 100 has two letters transposed; 245 $c has it right.", True,
            "245 $c of the record has the right form", "critical", _name_against_statement),
    Mistake("name-main-entry-twice", "The record has two 100.", True, "1XX is not repeatable", "major", _twice("100 110 111")),
    Mistake("name-title-indicator", "245 ind1 is 0, but the record has a main entry.", True, "MARC 21, 245 ind1", "minor",
            _when(lambda record: bool(record.get_fields("100", "110", "111")), _indicator("245", 1, "0"))),
    # numbers
    Mistake("isbn-digit-wrong", "A digit of the ISBN is wrong.", True, "check digit", "critical",
            _text("020", "a", _within(r"^[\d-]{9,17}", _put(r"\d", _other_digit)))),
    Mistake("isbn-digits-transposed", "Two digits of the ISBN are transposed.", True, "check digit", "critical",
            _text("020", "a", _within(r"^\d{9,13}", _put(
                r"(\d)(?!\1)(\d)", lambda place: place[2] + place[1] if abs(int(place[1]) - int(place[2])) != 5 else place[0]
            )))),
    Mistake("isbn-digit-missing", "A digit of the ISBN is missing.", True, "length", "critical",
            _text("020", "a", _within(r"^\d{9,13}", _put(r"\d", "")))),
    Mistake("isbn-of-another-book", "The ISBN is that of another book.", False, "needs the piece", "critical",
            _text("020", "a", _within(r"^[\dX]{10,13}", _to("9780306406157")))),
    Mistake("issn-digit-wrong", "A digit of the ISSN is wrong.", True, "check digit", "major",
            _text("022 490 440 830", "ax", _within(r"^\d{4}-\d{3}", _put(r"\d", _other_digit)))),
    Mistake("price-letter-in-020", "The price in 020 $c has a letter O or l.", True, "no price has letters among digits", "minor",
            _text("020", "c", _within(r"\d[\d.,]*", _letter_in_number))),
    # fixed fields
    Mistake("fixed-too-short", "008 has 39 characters.", True, "008 has 40 characters", "major",
            lambda draft, _: _cut_008(draft)),
    Mistake("fixed-language-wrong", "008 says another language than that of the function words of the title.", True,
            "function words of the title",
            "major", _other_language),
    Mistake("fixed-country-against-place", "008 has another country than the city in 260 or 264.", True,
            "the city is well known", "minor", _place_against_country),
    Mistake("fixed-date-transposed", "The date of 008 has two digits transposed; 260 or 264 has it right.", True,
            "008 and 260 or 264 differ", "major", _year_transposed_in_008),
    Mistake("fixed-date-in-future", "The year of publication lies in the future.", True, "the day of today", "major",
            _year_in_future),
    Mistake("fixed-illustrations", "300 $b names illustrations, 008/18-21 does not.", True, "300 and 008 differ", "minor",
            _when(_all(_is_book, _has("300", "b", r"\bill")), _fixed(18, _to("    "), 4))),
    Mistake("fixed-bibliography", "504 names a bibliography, 008/24-27 does not.", True, "504 and 008 differ", "minor",
            _when(_all(_is_book, _has("504", "a", "bibliograph")), _fixed(24, _to("    "), 4))),
    Mistake("fixed-form-online", "008/23 says online, but the record describes a printed book.", True,
            "300 counts pages, nothing is online", "major", _when(_has_pages, _fixed(23, _to("o")))),
    Mistake("leader-type-wrong", "Leader/06 says video, but 300 counts pages.", True, "leader and 300 differ", "major",
            _when(_has_pages, _leader(6, "g"))),
    Mistake("leader-level-wrong", "Leader/07 says serial, but 300 counts the pages of one book.", True,
            "leader and 300 differ", "major", _when(_has_pages, _leader(7, "s"))),
    # structure
    Mistake("marc-delimiter-typed", "A subfield delimiter is typed as $b in the text.", True, "no text contains it", "major",
            _when(_has("245", "b", "."), _joined("245", "a", "b", " $b"))),
    Mistake("marc-subfield-undefined", "A subfield has a code that its field does not define.", True, "MARC 21", "minor",
            _other_code("260 264 300", "c", "d")),
    Mistake("marc-tag-undefined", "A field has a tag that MARC 21 does not define.", True, "MARC 21", "minor",
            lambda draft, random: _retagged(draft, random, "500", "512")),
    Mistake("marc-indicator-undefined", "An indicator has a value that MARC 21 does not define.", True, "MARC 21", "minor",
            _indicator("245", 1, "7")),
    Mistake("marc-subfield-repeated", "A subfield that is not repeatable stands twice.", True, "MARC 21", "minor",
            lambda draft, _: _repeated(draft, "245", "c")),
    Mistake("marc-subfield-empty", "A subfield has no text.", True, "the text shows it", "minor",
            _text("245 260 264 300 500 650", "bc", _to(""))),
    # publication, extent, edition
    Mistake("publication-letter-in-year", "The year of publication has a letter O or l.", True,
            "no year has letters", "major", _text("260 264", "c", _within(r"\d{4}", _letter_in_number))),
    Mistake("publication-bracket-open", "A bracket is opened and never closed.", True, "the text shows it", "minor",
            _text("245 260 264 300 490", "", _put(r"[\])]", ""))),
    Mistake("title-slash-lost", "The slash before the statement of responsibility is missing.", True, "ISBD", "minor",
            _mark_lost("245", "/")),
    Mistake("extent-pages-wrong", "The number of pages lacks a digit.", False, "needs the piece", "minor",
            _text("300", "a", _within(r"\d{3}(?= ?p)", _put(r"\d", "")))),
    Mistake("edition-number-wrong", "The record is that of another edition.", False, "needs the piece", "critical",
            _text("250", "a", _put(r"\b[4-8](?=th\b|e\b)", lambda place: str(int(place[0]) + 1)))),
    Mistake("gmd-against-leader", "245 $h says electronic resource, but the record describes a printed book.", True,
            "leader and 300 differ", "major", _when(_has_pages, lambda draft, _: _gmd(draft))),
    Mistake("carrier-against-extent", "338 says audio disc, but 300 counts pages.", True, "338 and 300 differ", "major",
            _when(_all(_has_pages, _has("338", "ab", "volume|nc")), lambda draft, _: _carrier(draft))),
    Mistake("disc-only-in-note", "A note names a disc, 300 does not.", True, "note and 300 differ", "critical", _disc_left_out),
    # encoding
    Mistake("encoding-utf8-as-latin", "A letter with an accent is damaged (Ã©).", True, "the text shows it", "major",
            _text("100 245 260 264 490 505 520 650 700", "", _put(
                r"[\u00c0-\u00ff]|[A-Za-z][\u0300-\u036f]",
                lambda place: _mojibake(place[0])))),
    Mistake("encoding-question-mark", "A question mark stands in place of a letter with an accent.", True,
            "a question mark within a word", "major", _text("100 245 260 264 490 505 520 650 700", "", _put(
                r"(?<=[a-z])(?:[\u00c0-\u00ff]|[A-Za-z][\u0300-\u036f])(?=[a-z])", "?"))),
    Mistake("encoding-entity", "An ampersand stands as &amp;.", True, "the text shows it", "minor",
            _text("245 260 264 490 505 520 650 710", "", _put(r" & ", " &amp; "))),
    # series, subjects, links
    Mistake("series-traced-without-entry", "490 ind1 says traced, but there is no 8XX.", True, "490 and 8XX differ", "major",
            lambda draft, _: _untraced(draft)),
    Mistake("series-number-differs", "490 and 8XX have different volume numbers.", True, "490 and 8XX differ", "major",
            _text("800 810 811 830", "v", _put(r"\d(?=\D*$)", _other_digit))),
    Mistake("subject-twice", "The same subject stands twice.", True, "the fields are equal", "minor", _twice("650 651 600")),
    Mistake("subject-source-missing", "650 ind2 is 7, but $2 is missing.", True, "MARC 21", "minor",
            _indicator("650", 2, "7", lambda field: _indicators(field)[1] == "0")),
    Mistake("subject-person-as-topic", "A person with dates of life is entered as a topic (650).", True, "dates of life", "major",
            _topic_with_person),
    Mistake("subject-misspelled", "A subject is misspelled.", False, "needs an authority file", "major",
            _text("650", "a", _transposed)),
    # call number
    Mistake("number-letter", "The call number has a letter O for a zero or a small l for a one.", True,
            "form of the classification", "critical",
            _number(_within(r"\d[\d.]*", _letter_in_number))),
    Mistake("number-blank-in-class", "A blank stands between the letters of the class.", True, "form of the classification",
            "critical", _number(_put(r"^([A-Z])(?=[A-Z]{1,2} ?\d)", r"\1 "))),
    Mistake("number-cutter-letter-lost", "The cutter has lost its letter.", True, "a cutter begins with a letter", "critical",
            _number(_put(r"(?<=\d)( ?\.| )[A-Z](?=\d)", r"\1"))),
    Mistake("number-year-transposed", "The year of the call number has two digits transposed; 008 has it right.", True,
            "008 has the right year", "major", _year_of_number),
    Mistake("number-class-transposed", "The class has two digits transposed; 050, 082 or 090 has it right.", True,
            "the right class stands in the record", "critical", _transposed_against_record),
    Mistake("number-of-another-book", "The call number is that of another book.", False, "the library may have its own class",
            "critical", _number(_within(r"^[A-Z]{1,3} ?\d+", lambda text, _: "S591" if text != "S591" else None))),
    Mistake("number-missing", "The item has no call number.", True, "the subfield is empty", "critical", _number(_to(""))),
    Mistake("number-scheme-wrong", "A Library of Congress number is coded as Dewey.", True, "form of the number", "major",
            _scheme_of_number),
    # item
    Mistake("item-barcode-letter", "The barcode has a letter O or l among its digits.", True, "all other characters are digits",
            "critical", _item("barcode", _within(r"^\d{8,}$", _letter_in_number))),
    Mistake("item-barcode-transposed", "Two digits of the barcode are transposed.", False, "the library sets the check digit",
            "critical", _item("barcode", _within(r"^\d{8,}$", _digits_transposed))),
    Mistake("item-barcode-twice", "Two items of the record have one barcode.", True, "the fields show it", "critical",
            _barcode_doubled),
    Mistake("item-price-letter", "The price has a letter O.", True, "no price has letters among digits", "minor",
            _price("2O.95")),
    Mistake("item-price-point-lost", "The decimal point of the price is missing.", False, "a price may be so high", "major",
            _price("2095")),
    Mistake("item-location-missing", "The item has no location.", True, "the subfield is empty", "major",
            _item("location", _to(""))),
    Mistake("item-copy-twice", "Two like items have one copy number.", True, "the fields show it", "minor", _copy_doubled),
    Mistake("set-volume-twice", "Two items of a set have one volume number.", True, "another item has it", "critical",
            _volume(lambda number, others, random: random.choice(others or [number]))),
    Mistake("set-volume-missing", "An item of a set has no volume number.", True, "the other items have one", "critical",
            _volume(lambda *_: "")),
    Mistake("set-volume-digit-doubled", "A digit of the volume number is doubled (v.33 in a set of 4).", True,
            "the volumes of the other items", "critical", _volume(lambda number, *_: number + number[-1])),
    Mistake("set-volume-letter", "The volume number has a letter O or l.", True, "no number has letters", "major",
            _volume(lambda number, *_: number.replace("1", "l", 1).replace("0", "O", 1))),
    Mistake("set-fewer-volumes-in-300", "300 states fewer volumes than the items have.", True, "300 and items differ", "minor",
            _volumes_in_300),
)  # fmt: skip
"""All kinds, in the order of a record: bibliographic part, call number, item, set."""
