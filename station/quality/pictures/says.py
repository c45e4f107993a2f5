"""What the sides of a comparison say of an item, line by line: the functions behind the table in `sides`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

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
"""What a side says of an item, line by line; nothing = it says nothing."""


COPY: Final = ("LDR/17", "263$a", "300$a", "300$c")  # not for people
_DESCRIBED: Final = ("LDR/18", "040$e", "245$h", "336$b", "337$b", "338$b")  # not for people
_TYPED: Final = ("LDR/06", "007/00", "336$b", "337$b", "338$b")  # not for people
_KIND: Final = ("LDR/06", "item_type")  # not for people
"""Fields that the record findings of rules are about."""
_NO_RECORD: Final = RecordFacts()
_SHOWN: Final = 4
"""Codes of a rule, rows of its table; the others are counted."""


def marc(facts: Facts) -> RecordFacts:
    """The record, or one that says nothing."""
    return facts.item.marc or _NO_RECORD


def item(name: str) -> Says:
    """A field of the item."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        value = getattr(facts.item, name)
        return value if isinstance(value, tuple) else (str(value),) if value not in ("", None) else ()

    assert name in ItemRecord.__struct_fields__
    return says


def known(facts: Facts, _: Rule) -> Iterable[str]:
    """The title, where the library system has the item."""
    return (facts.item.title,) if facts.found and not facts.item.unknown_to else ()


def record(*names: str) -> Says:
    """Fields of the record, one behind the other."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        said: dict[str, None] = {}
        for name in names:
            value = getattr(marc(facts), name)
            said.update(dict.fromkeys(value if isinstance(value, tuple) else (value,) if value else ()))
        return said

    assert set(names) <= set(RecordFacts.__struct_fields__)
    return says


def yes_no(value: bool | None) -> tuple[str, ...]:
    """In a word; nothing where nobody knows."""
    return () if value is None else (tell("picture.yes" if value else "picture.no"),)


def part(part: int, parts: int) -> tuple[str, ...]:
    """Which part of how many."""
    return (tell("picture.part", part=part, parts=parts),)


def tag_set(facts: Facts, _: Rule) -> Iterable[str]:
    """Relative OID 4."""
    return part(facts.tag.part, facts.tag.parts) if facts.tag else ()


def identifier(facts: Facts, _: Rule) -> Iterable[str]:
    """Relative OID 1."""
    return (facts.tag.primary_item_identifier,) if facts.tag and facts.tag.primary_item_identifier else ()


def diagnoses(facts: Facts, _: Rule) -> Iterable[str]:
    """What the tag doctor says."""
    return tuple(one.sentence for one in facts.diagnoses or ())


def afi(value: int | None) -> tuple[str, ...]:
    """Two hexadecimal digits."""
    return () if value is None else (f"{value:02X}",)


def wanted_afi(facts: Facts, _: Rule) -> Iterable[str]:
    """The AFI that the settings want of this item."""
    return afi(facts.site.afi_on_loan if facts.item.status.casefold() == "loan" else facts.site.afi_in_stock)


def eas(facts: Facts, _: Rule) -> Iterable[str]:
    """Whether the bit is set."""
    return () if facts.eas is None else (tell("picture.set" if facts.eas else "picture.not-set"),)


def others(facts: Facts, _: Rule) -> Iterable[str]:
    """Identifier and owner of the other tags in the item."""
    for one in facts.others or ():
        yield from (one.primary_item_identifier or tell("picture.nothing"), one.owner_institution)


def looks(facts: Facts, rule: Rule) -> tuple[str, str]:
    """(looks in which the tag answered, looks in which it must), both of all."""
    answered, looks = facts.polls or (0, 0)
    wanted = 1.0 if rule.limit is None else rule.limit
    return f"{answered} / {looks}", f"{wanted * looks:g} / {looks}"


def usage_wanted(facts: Facts, rule: Rule) -> Iterable[str]:
    """By the rule's table, or else as the tag profile writes it."""
    said = wanted_of(facts, rule)
    return (said,) if said else afi(facts.site.usage)


def table(_: Facts, rule: Rule) -> Iterable[str]:
    """The first rows of the rule's table."""
    rows = [f"{code}: {wanted}" for code, wanted in (rule.table or {}).items()]
    more = len(rows) - _SHOWN
    return (*rows[:_SHOWN], tell("picture.more", count=more) if more > 0 else "")


def roles(*roles: Role) -> Says:
    """Pieces of the call number as it was understood."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        text = " ".join(number_of(facts).of(*roles))
        return (text,) if text else ()

    return says


def class_of(facts: Facts, _: Rule) -> Iterable[str]:
    """The class of the call number."""
    text = "".join(number_of(facts).of(Role.LETTERS, Role.NUMBER))
    return (text,) if text else ()


def classes(facts: Facts, _: Rule) -> Iterable[str]:
    """The class numbers of the record, each with its field."""
    return tuple(f"{field}: {number}" for field, _scheme, number in marc(facts).class_numbers)


def barcodes(facts: Facts, _: Rule) -> Iterable[str]:
    """What barcodes look like by the settings."""
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
    """How many pieces a source of the set check names."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        number = dict(set_of(facts).sources).get(source)
        return () if number is None else (str(number),)

    return says


def copies(facts: Facts, _: Rule) -> Iterable[str]:
    """Copies on the packing list."""
    said = facts.receipt
    return (tell("picture.copies", count=said.shipped),) if said is not None and said.listed else ()


def came(facts: Facts, _: Rule) -> Iterable[str]:
    """Copies that came."""
    return (tell("picture.copies", count=facts.receipt.received),) if facts.receipt else ()


def receipt(facts: Facts, _: Rule) -> Iterable[str]:
    """Library and order line of the packing list."""
    said = facts.receipt
    return (said.library, said.order_line) if said is not None and said.listed else ()


def codes(_: Facts, rule: Rule) -> Iterable[str]:
    """The first codes of the rule."""
    more = len(rule.codes) - _SHOWN
    return (", ".join(rule.codes[:_SHOWN]), tell("picture.more", count=more) if more > 0 else "")


def chosen(*names: str) -> Says:
    """Fields of the record by name, each with what stands in it; a blank position is a "#"."""

    def says(facts: Facts, _: Rule) -> Iterable[str]:
        for name in names:
            for value in values_of(facts, name) or ():
                yield f"{name.replace('$', ' $')}: {value if value.strip() else '#'}"

    return says


def field(facts: Facts, rule: Rule) -> Iterable[str]:
    """The field of a site's rule."""
    return (f"{rule.field}:", *(values_of(facts, rule.field) or (tell("picture.nothing"),)))


def wish(_: Facts, rule: Rule) -> Iterable[str]:
    """Operator, values and limit of a site's rule."""
    return (rule.operator, *rule.values[:4], "" if rule.limit is None else f"{rule.limit:g}")


def fields_of(rule: Rule) -> tuple[str, ...]:
    """The fields that the record findings of a rule are about."""
    if any(code.startswith("rda") for code in rule.codes):
        return _DESCRIBED
    return _KIND if rule.codes == ("type-item",) else _TYPED


def magnetic(_: Facts, _rule: Rule) -> Iterable[str]:
    """Carriers on which no strip may be."""
    return (", ".join(sorted(MAGNETIC)),)
