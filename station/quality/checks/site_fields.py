"""A site's rule on any single field of item or record, without code: `check = "field"` with `field`, `operator` and
`values`.

Fields: one subfield of MARC 21 ("949$t"), an indicator ("245^2", as in MARCspec), a control field or positions in it
("001", "008/35-37", "LDR/06"), or an item field. Item fields have the names used in the station's own record
(docs/quality.md lists them) and, with live records from Alma, those of Alma's item object
(docs/reference/systems.md#alma-item). If the library system does not supply a field, the rule abstains.
"""

from __future__ import annotations

import difflib
import re
from decimal import Decimal
from typing import Final

from station.base.text import clean
from station.domain.amount import amount_in, amount_of
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import PASS, Judgement, abstain, fail, predicate
from station.quality.rules import Rule

MARC: Final = re.compile(
    r"[0-9]{3}\$[0-9a-z]\Z|(?!00)[0-9]{3}\^[12]\Z|00[0-9](/[0-9]{2}(-[0-9]{2})?)?\Z|LDR/[0-9]{2}(-[0-9]{2})?\Z"
)
OWN: Final = (
    "barcode",
    "title",
    "author",
    "call_number",
    "call_number_scheme",
    "library",
    "location",
    "item_type",
    "description",
    "copy",
    "parts",
    "material",
    "extent",
    "accompanying",
    "height_cm",
    "isbns",
    "price",
    "vendor",
    "record_id",
    "status",
    "notes",
    "purchase",
)
"""Fields of the station's own item record (`domain.item.ItemRecord`)."""
_OF_RECORD: Final = frozenset(
    {"title", "author", "call_number", "material", "extent", "accompanying", "height_cm", "isbns", "price", "vendor"}
)
"""Fields that a MARC record can supply: without a record, an empty field is unknown."""
ALMA: Final = frozenset(
    {
        *(
            "pid",
            "creation_date",
            "modification_date",
            "base_status",
            "process_type",
            "requested",
            "awaiting_reshelving",
        ),
        *("work_order_type", "work_order_at", "physical_material_type", "policy", "provenance", "is_magnetic"),
        *("alternative_call_number", "alternative_call_number_type", "storage_location_id", "pieces", "year_of_issue"),
        *("pages", "type_of_unit", "pattern_type", "break_indicator", "linking_number", "po_line", "arrival_date"),
        *("expected_arrival_date", "receiving_operator", "replacement_cost", "inventory_number", "inventory_price"),
        *("inventory_date", "receive_number", "weeding_number", "weeding_date", "public_note", "fulfillment_note"),
        *(f"{kind}_note_{number}" for kind in ("internal", "statistics") for number in (1, 2, 3)),  # not for people
        *("physical_condition", "committed_to_retain", "retention_reason", "retention_note"),
        *(f"enumeration_{letter}" for letter in "abcdefgh"),  # not for people
        *(f"chronology_{letter}" for letter in "ijklm"),  # not for people
        *("copy_id", "in_temp_location", "temp_library", "temp_location", "temp_call_number", "temp_policy"),
        *("due_back_date", "call_number_type", "accession_number"),
    }
)
"""Fields of Alma's item object: item_data and holding_data, docs/reference/systems.md#alma-item."""
OPERATORS: Final = (
    "present",
    "absent",
    "equals",
    "one-of",
    "none-of",
    "matches",
    "matches-not",
    "at-least",
    "at-most",
)
_ALONE: Final = ("present", "absent")
_NUMBERS: Final = ("at-least", "at-most")
_MONEY: Final = frozenset({"price", "inventory_price", "replacement_cost", "020$c", "365$b"})
"""Fields whose number is an amount: "PBK12" is none."""
_NUMBER: Final = re.compile(r"\D*?(-?[0-9]{1,12}(?:[.,][0-9]{1,6})?)(?![0-9])")


def _wrong(rule: Rule) -> str:
    """Return the defect of a rule on a field; "" = none."""
    known = (*OWN, *ALMA)
    if not rule.field:
        return "the check field needs a field"
    if not MARC.match(rule.field) and rule.field not in known:
        near = difflib.get_close_matches(rule.field, known, n=1, cutoff=0.6)
        hint = (
            f'did you mean "{near[0]}"?'
            if near
            else 'MARC fields are written "949$t", "245^2", "008/35-37" or "LDR/06"'
        )
        return f'there is no field "{clean(rule.field, 60)}"; {hint}'
    if "-" in rule.field and rule.field[-5:-3] > rule.field[-2:]:
        return f'"{rule.field}" ends before it begins'
    if not rule.operator:
        return f"the check field needs an operator; known are {', '.join(OPERATORS)}"
    if rule.operator in (*_ALONE, *_NUMBERS) and rule.values:
        return f'the operator "{rule.operator}" takes no values'
    if rule.operator in _NUMBERS and rule.limit is None:
        return f'the operator "{rule.operator}" needs a limit'
    if rule.operator not in _NUMBERS and rule.limit is not None:
        return f'the operator "{rule.operator}" takes no limit'
    if rule.operator not in (*_ALONE, *_NUMBERS) and not all(rule.values or [""]):
        return f'the operator "{rule.operator}" needs values, and none of them empty'
    if rule.operator == "equals" and len(rule.values) > 1:
        return 'the operator "equals" takes one value; "one-of" takes several'
    return ""


@predicate(needs="the field", takes=("field", "operator", "values", "limit"), refuse=_wrong)
def field(facts: Facts, rule: Rule) -> Judgement:
    """The field does not meet the condition that the rule's operator and values set."""
    found = values_of(facts, rule.field)
    if found is None:
        return abstain("finding.not-known.field", field=rule.field)
    if rule.operator in _ALONE:
        if bool(found) == (rule.operator == "present"):
            return PASS
        if not found:
            return fail("finding.field-empty", field=rule.field)
        return fail("finding.field-there", field=rule.field, said=_shown(found))
    if not found:
        return abstain("finding.field-empty", field=rule.field)
    good = satisfied(rule.operator, found, rule.values, rule.limit, money=rule.field in _MONEY)
    if good is None:
        return abstain("finding.field-no-number", field=rule.field, said=_shown(found))
    return PASS if good else fail("finding.field-is", field=rule.field, said=_shown(found))


def satisfied(
    operator: str, field_values: tuple[str, ...], values: tuple[str, ...], limit: float | None, *, money: bool = False
) -> bool | None:
    """Return True if a field with these values (at least one) is as required. Case is ignored. A required value must be
    in one of several values; a forbidden one in none; a limit applies to all. None = there is no number, or no amount if
    the field holds `money`."""
    mine, wanted = [_plain(text) for text in field_values], [_plain(text) for text in values]
    match operator:
        case "equals" | "one-of":
            return any(text in wanted for text in mine)
        case "none-of":
            return not any(text in wanted for text in mine)
        case "matches":
            return any(like(text, pattern) for text in mine for pattern in wanted)
        case "matches-not":
            return not any(like(text, pattern) for text in mine for pattern in wanted)
        case _:
            numbers = [_number(text, money=money) for text in field_values]
            if limit is None or None in numbers:
                return None
            known = [float(number) for number in numbers if number is not None]
            return all(number >= limit if operator == "at-least" else number <= limit for number in known)


def _number(text: str, *, money: bool) -> Decimal | None:
    amount = amount_in(text) if money else amount_of(text)
    if money or amount is not None:
        return amount.value if amount else None
    match = _NUMBER.match(text)
    return Decimal(match[1].replace(",", ".")) if match else None


def like(text: str, pattern: str) -> bool:
    """Return True if the whole text matches the pattern: "*" matches any characters, "?" exactly one. Takes time of at
    most text x pattern, for any input."""
    at = place = 0
    star, back = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, back = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            back += 1
            at, place = back, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


def values_of(facts: Facts, name: str) -> tuple[str, ...] | None:
    """Return all non-empty values of a field; None = the field was not looked up."""
    said = dict(facts.item.chosen).get(name)
    if said is not None or name not in OWN:
        return said
    value = getattr(facts.item, name)
    texts = value if isinstance(value, tuple) else (f"{value:g}" if isinstance(value, float) else str(value or ""),)
    found = tuple(text for text in texts if text)
    return None if not found and facts.item.marc is None and name in _OF_RECORD else found


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shown(found: tuple[str, ...]) -> str:
    return clean("; ".join(found), 120)


CHECKS: Final = (field,)
