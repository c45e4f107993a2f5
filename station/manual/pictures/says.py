"""Values of the sides of a comparison for an item, line by line: the functions behind the table in `sides`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from station.base.sentence import Sentence
from station.base.words import tell
from station.catalog.callnumber import Role
from station.domain.item import ItemRecord, RecordFacts
from station.quality.checks.facts import Facts
from station.quality.checks.label import number_of
from station.quality.checks.record import MAGNETIC, set_of
from station.quality.checks.site_fields import values_of
from station.quality.checks.tag import wanted_of
from station.quality.rules import Rule

Says = Callable[[Facts, Rule], Iterable[str]]
"""Returns a side's values for an item, line by line; empty = no value."""


COPY: Final = ("LDR/17", "263$a", "300$a", "300$c")  # not for people
_TYPED: Final = ("LDR/06", "007/00", "336$b", "337$b", "338$b")  # not for people
_CONCERNED: Final[dict[str, tuple[str, ...]]] = {
    "rda-coded-aacr2": ("LDR/18", "040$e", "245$h", "336$b", "337$b", "338$b"),  # not for people
    "type-item": ("LDR/06", "item_type"),  # not for people
    "indicator-undefined": ("300^1", "300^2", "300$a"),  # not for people
    "title-added-entry": ("100$a", "245^1", "245^2", "245$a"),  # not for people
    "subject-missing": ("LDR/17", "008/33", "650$a"),  # not for people
    "publication-missing": ("264$a", "264$c"),  # not for people
    "extent-type": ("LDR/06", "300$a"),  # not for people
    "year-future": ("264$c", "008/07-10"),  # not for people
    "letter-in-date": ("264$c", "008/07-10", "020$a"),  # not for people
    "level-dates": ("LDR/07", "008/06", "300$a", "310$a"),  # not for people
    "form-carrier": ("008/23", "300$a", "338$b"),  # not for people
    "language-unknown": ("008/35-37", "008/15-17"),  # not for people
    "country-place": ("008/15-17", "264$a"),  # not for people
    "series-not-traced": ("490^1", "490$a", "830$a"),  # not for people
    "subject-source-missing": ("650^2", "650$a", "650$2"),  # not for people
    "isbn-invalid": ("020$a",),  # not for people
    "characters-lost": ("245$a", "264$b"),  # not for people
    "title-missing": ("245$a", "245$b"),  # not for people
    "fixed-length": ("008/35-37", "245$a", "264$c", "264$d"),  # not for people
    "word-doubled": ("245$a", "264$a", "264$b"),  # not for people
    "name-direct": ("100$a", "245$a", "650$a"),  # not for people
    "title-language": ("008/18-21", "008/35-37", "245$a", "300$b"),  # not for people
    "barcode-twice": ("barcode", "call_number", "description"),  # not for people
}
"""Fields concerned by the record findings of a rule, by its first code; `_TYPED` for any other."""
_NO_RECORD: Final = RecordFacts()
_SHOWN: Final = 4
"""Maximum codes or table rows of a rule that are shown; the others are counted."""


def marc(facts: Facts) -> RecordFacts:
    """Return the record's facts, or empty facts."""
    return facts.item.marc or _NO_RECORD


def item(name: str) -> Says:
    """Return a function that shows a field of the item."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        value = getattr(facts.item, name)
        values = value if isinstance(value, tuple) else (value,) if value not in ("", None) else ()
        return tuple(tell(text) if isinstance(text, Sentence) else str(text) for text in values)

    assert name in ItemRecord.__struct_fields__
    return says


def known(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the title, if the library system has the item."""
    return (facts.item.title,) if facts.found and not facts.item.unknown_to else ()


def record(*names: str) -> Says:
    """Return a function that shows fields of the record, in order."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        values: dict[str, None] = {}
        for name in names:
            value = getattr(marc(facts), name)
            values.update(dict.fromkeys(value if isinstance(value, tuple) else (value,) if value else ()))
        return values

    assert set(names) <= set(RecordFacts.__struct_fields__)
    return says


def yes_no(value: bool | None) -> tuple[str, ...]:
    """Return one word, or () if unknown."""
    return () if value is None else (tell("picture.yes" if value else "picture.no"),)


def part(part: int, parts: int) -> tuple[str, ...]:
    """Return the part number and the number of parts, as text."""
    return (tell("picture.part", part=part, parts=parts),)


def tag_set(facts: Facts, _: Rule) -> Iterable[str]:
    """Return relative OID 4."""
    return part(facts.tag.part, facts.tag.parts) if facts.tag else ()


def identifier(facts: Facts, _: Rule) -> Iterable[str]:
    """Return relative OID 1."""
    return (facts.tag.primary_item_identifier,) if facts.tag and facts.tag.primary_item_identifier else ()


def diagnoses(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the diagnoses of the tag doctor."""
    return tuple(diagnosis.sentence for diagnosis in facts.diagnoses or ())


def afi(value: int | None) -> tuple[str, ...]:
    """Return the AFI as two hexadecimal digits."""
    return () if value is None else (f"{value:02X}",)


def wanted_afi(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the AFI that the settings require for this item."""
    return afi(facts.site.afi_on_loan if facts.item.status.casefold() == "loan" else facts.site.afi_in_stock)


def eas(facts: Facts, _: Rule) -> Iterable[str]:
    """Return whether the EAS bit is set."""
    return () if facts.eas is None else (tell("picture.set" if facts.eas else "picture.not-set"),)


def others(facts: Facts, _: Rule) -> Iterable[str]:
    """Yield identifier and owner of the other tags in the item."""
    for tag in facts.others or ():
        yield from (tag.primary_item_identifier or tell("picture.nothing"), tag.owner_institution)


def looks(facts: Facts, rule: Rule) -> tuple[str, str]:
    """Return (looks in which the tag answered, looks in which it must answer), each with the total."""
    answered, looks = facts.polls or (0, 0)
    wanted = 1.0 if rule.limit is None else rule.limit
    return f"{answered} / {looks}", f"{wanted * looks:g} / {looks}"


def usage_wanted(facts: Facts, rule: Rule) -> Iterable[str]:
    """Return the usage from the rule's table, else the usage that the tag profile writes."""
    usage = wanted_of(facts, rule)
    return (usage,) if usage else afi(facts.site.usage)


def table(_: Facts, rule: Rule) -> Iterable[str]:
    """Return the first rows of the rule's table."""
    rows = [f"{code}: {wanted}" for code, wanted in (rule.table or {}).items()]
    more = len(rows) - _SHOWN
    return (*rows[:_SHOWN], tell("picture.more", count=more) if more > 0 else "")


def roles(*roles: Role) -> Says:
    """Return a function that shows pieces of the parsed call number."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        text = " ".join(number_of(facts).of(*roles))
        return (text,) if text else ()

    return says


def class_of(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the class of the call number."""
    text = "".join(number_of(facts).of(Role.LETTERS, Role.NUMBER))
    return (text,) if text else ()


def classes(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the class numbers of the record, each with its field."""
    return tuple(f"{field}: {number}" for field, _scheme, number in marc(facts).class_numbers)


def barcodes(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the format of barcodes in the settings."""
    rules = facts.site.barcodes
    if rules is None:
        return ()
    prefixes = " ".join(rules.prefixes)
    return (
        tell("picture.length", count=rules.length),
        tell("picture.begins", prefixes=prefixes) if prefixes else "",
        tell("picture.check-digit") if rules.check_digit == "luhn" else "",
    )


def pieces(source: str) -> Says:
    """Return a function that shows the number of pieces given by a source of the set check."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        number = dict(set_of(facts).sources).get(source)
        return () if number is None else (str(number),)

    return says


def copies(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the number of copies on the packing list."""
    shipment = facts.receipt
    return (tell("picture.copies", count=shipment.shipped),) if shipment is not None and shipment.listed else ()


def came(facts: Facts, _: Rule) -> Iterable[str]:
    """Return the number of copies that arrived."""
    return (tell("picture.copies", count=facts.receipt.received),) if facts.receipt else ()


def receipt(facts: Facts, _: Rule) -> Iterable[str]:
    """Return library and order line from the packing list."""
    shipment = facts.receipt
    return (shipment.library, shipment.order_line) if shipment is not None and shipment.listed else ()


def codes(_: Facts, rule: Rule) -> Iterable[str]:
    """Return the first codes of the rule."""
    more = len(rule.codes) - _SHOWN
    return (", ".join(rule.codes[:_SHOWN]), tell("picture.more", count=more) if more > 0 else "")


def chosen(*names: str) -> Says:
    """Return a function that shows fields of the record by name, each with its content; a blank position is shown as
    "#"."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        for name in names:
            for value in values_of(facts, name) or ():
                yield f"{name.replace('$', ' $')}: {value if value.strip() else '#'}"

    return says


def field(facts: Facts, rule: Rule) -> Iterable[str]:
    """Return the field of a site's rule, with its values."""
    return (f"{rule.field}:", *(values_of(facts, rule.field) or (tell("picture.nothing"),)))


def wish(_: Facts, rule: Rule) -> Iterable[str]:
    """Return operator, values and limit of a site's rule."""
    return (rule.operator, *rule.values[:4], "" if rule.limit is None else f"{rule.limit:g}")


def fields_of(rule: Rule) -> tuple[str, ...]:
    """Return the fields concerned by the record findings of a rule."""
    return _CONCERNED.get(next(iter(rule.codes), ""), _TYPED)


def magnetic(_: Facts, _rule: Rule) -> Iterable[str]:
    """Return the carriers on which a strip is not permitted."""
    return (", ".join(sorted(MAGNETIC)),)
