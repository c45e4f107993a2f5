"""A site's rules over any field: how a field is found, the meaning of the operators, and how a bad rule is refused."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Record, Subfield

from station.base.errors import SettingsError
from station.catalog.marc.chosen_fields import chosen
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts
from station.quality.checks.site_fields import ALMA, MARC, OPERATORS, OWN, like, satisfied
from station.quality.rulebook.shipped import with_site
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import machine_findings
from station.sync.alma.fields import REFUSED, WRITABLE
from station.sync.alma.item import AlmaItem
from station.sync.alma.record import chosen as of_alma
from tests.support.for_each import for_each
from tests.support.told import told

DAY = "2026-06-01"


def site(lines: str) -> Catalogue:
    head = '[[rule]]\nid = "ours"\nnumber = 101\nfamily = "record"\ntitle = "Ours"\ncompares = "a field"\n'
    return with_site(f'{head}severity = "major"\nhow = "machine"\ncheck = "field"\n{lines}\n', "site.toml")


def outcome(lines: str, **item: object) -> tuple[Outcome, str]:
    facts = Facts(item=ItemRecord(barcode=Barcode("1"), title="T", **item))  # type: ignore[arg-type]
    found = next(one for one in machine_findings(site(lines), facts, DAY) if one.rule == "ours")
    return found.outcome, told(found.reason)


PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.ABSTAINED


@for_each(
    ("lines", "values", "said"),
    [
        ('operator = "present"', ("x",), (PASS, "")),
        ('operator = "present"', (), (FAIL, "949$t is empty")),
        ('operator = "absent"', (), (PASS, "")),
        ('operator = "absent"', ("x", "y"), (FAIL, "949$t is there: x; y")),
        ('operator = "equals"\nvalues = ["Book"]', ("BOOK",), (PASS, "")),
        ('operator = "equals"\nvalues = ["Book"]', ("DVD",), (FAIL, "949$t is DVD")),
        ('operator = "equals"\nvalues = ["Book"]', (), (UNKNOWN, "949$t is empty")),
        ('operator = "one-of"\nvalues = ["a", "b"]', ("c", "b"), (PASS, "")),
        ('operator = "none-of"\nvalues = ["a", "b"]', ("c", "b"), (FAIL, "949$t is c; b")),
        ('operator = "matches"\nvalues = ["QA*", "ML*"]', ("ml 410",), (PASS, "")),
        ('operator = "matches"\nvalues = ["QA??"]', ("QA7",), (FAIL, "949$t is QA7")),
        ('operator = "matches-not"\nvalues = ["*test*"]', ("a Test record",), (FAIL, "949$t is a Test record")),
        ('operator = "at-most"\nlimit = 30', ("24 cm", "31,5 cm"), (FAIL, "949$t is 24 cm; 31,5 cm")),
        ('operator = "at-least"\nlimit = 5.5', ("$5.50",), (PASS, "")),
        ('operator = "at-least"\nlimit = 1000', ("$1,234.56",), (PASS, "")),
        ('operator = "at-least"\nlimit = 5.5', ("free",), (UNKNOWN, "949$t is no number: free")),
    ],
)
def test_a_field_is_compared(lines: str, values: tuple[str, ...], said: tuple[Outcome, str]) -> None:
    assert outcome(f'field = "949$t"\n{lines}', chosen=(("949$t", values),)) == said


def test_a_field_that_nobody_looked_up_makes_the_rule_abstain() -> None:
    assert outcome('field = "949$t"\noperator = "present"') == (UNKNOWN, "949$t is not known")
    assert outcome('field = "process_type"\noperator = "absent"') == (UNKNOWN, "process_type is not known")


@for_each(
    ("name", "values"),
    [("245^1", ("1",)), ("245^2", ("#",)), ("505^1", ("0", "#")), ("505^2", ("#", "#")), ("246^1", ())],
)
def test_a_site_can_address_an_indicator(name: str, values: tuple[str, ...]) -> None:
    record = Record()
    for tag, both in (("245", "1 "), ("505", "0 "), ("505", "  ")):
        record.add_field(Field(tag, Indicators(*both), [Subfield("a", "T")]))  # type: ignore[no-untyped-call]
    found = chosen(record, (name,))
    assert found == ((name, values),)
    assert outcome(f'field = "{name}"\noperator = "none-of"\nvalues = ["x"]', chosen=found)[0] is (
        PASS if values else UNKNOWN
    )


def test_fields_of_the_stations_own_record_are_always_there() -> None:
    assert outcome('field = "location"\noperator = "equals"\nvalues = ["REF"]', location="REF")[0] is PASS
    assert outcome('field = "notes"\noperator = "absent"', notes=("do it",)) == (FAIL, "notes is there: do it")
    assert outcome('field = "height_cm"\noperator = "at-most"\nlimit = 30', height_cm=30.5) == (
        FAIL,
        "height_cm is 30.5",
    )
    assert outcome('field = "price"\noperator = "at-least"\nlimit = 10', price="PBK12") == (
        UNKNOWN,
        "price is no number: PBK12",
    )
    read = RecordFacts()
    assert outcome('field = "height_cm"\noperator = "present"', marc=read) == (FAIL, "height_cm is empty")


def test_without_a_record_an_empty_field_of_it_says_nothing() -> None:
    for operator in ("present", "absent"):
        said = outcome(f'field = "accompanying"\noperator = "{operator}"')
        assert said == (UNKNOWN, "accompanying is not known")
    assert outcome('field = "notes"\noperator = "absent"')[0] is PASS, "notes belong to the item"


def test_the_rule_may_apply_to_some_items_only() -> None:
    lines = 'field = "300$c"\noperator = "present"\napplies = { materials = ["map"] }'
    rule = site(lines).rule("ours", DAY)
    assert rule is not None
    assert applies(rule, Facts(item=ItemRecord(barcode=Barcode("1"), material="book")))[0] is False
    assert site(lines).fields == ("300$c",)


@for_each(
    ("lines", "said"),
    [
        ('operator = "present"', "line 1: ours: the check field needs a field"),
        ('field = "949t"\noperator = "present"', 'line 1: ours: there is no field "949t"; MARC fields are written'),
        ('field = "proces_type"\noperator = "present"', 'did you mean "process_type"?'),
        ('field = "245^3"\noperator = "present"', 'there is no field "245^3"; MARC fields are written'),
        ('field = "001^1"\noperator = "present"', 'there is no field "001^1"'),
        ('field = "008/40-35"\noperator = "present"', "ends before it begins"),
        ('field = "949$t"', "needs an operator"),
        ('field = "949$t"\noperator = "like"', "line 11: ours: Invalid enum value 'like'"),
        ('field = "949$t"\noperator = "present"\nvalues = ["a"]', "takes no values"),
        ('field = "949$t"\noperator = "equals"', "needs values"),
        ('field = "949$t"\noperator = "one-of"\nvalues = ["a", ""]', "none of them empty"),
        ('field = "949$t"\noperator = "equals"\nvalues = ["a", "b"]', '"one-of" takes several'),
        ('field = "949$t"\noperator = "at-most"', "needs a limit"),
        ('field = "949$t"\noperator = "equals"\nvalues = ["a"]\nlimit = 3', "takes no limit"),
        ('field = "949$t"\noperator = "present"\ncodes = ["a"]', "takes no codes"),
    ],
)
def test_a_bad_rule_is_refused_with_file_and_line(lines: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        site(lines)
    assert "site.toml, line " in told(error.value.detail)
    assert said in told(error.value.detail)


def test_another_check_takes_no_field() -> None:
    with pytest.raises(SettingsError, match="the check price_present takes no field"):
        with_site('[[change]]\nid = "price-present"\nfield = "949$p"\n', "site.toml")


def test_two_severities_for_one_field_are_a_contradiction_and_two_operators_are_not() -> None:
    rule = (
        '[[rule]]\nid = "{}"\nnumber = {}\nfamily = "record"\ntitle = "T"\ncompares = "f"\nseverity = "{}"\nhow = "machine"\n'
        'check = "field"\nfield = "949$t"\noperator = "{}"\n'
    )
    with_site(rule.format("one", 101, "minor", "present") + rule.format("two", 102, "major", "absent"), "site.toml")
    with pytest.raises(SettingsError, match="contradictory rules"):
        with_site(
            rule.format("one", 101, "minor", "present") + rule.format("two", 102, "major", "present"), "site.toml"
        )


TEXT = st.text(alphabet="ab*?[x", max_size=8)


@given(text=TEXT, pattern=TEXT)
def test_a_pattern_is_that_of_the_shell_without_brackets(text: str, pattern: str) -> None:
    plain = "".join("[[]" if char == "[" else char for char in pattern)
    assert like(text, pattern) == bool(re.match(fnmatch.translate(plain), text))


def test_no_pattern_takes_long() -> None:
    assert not like("a" * 300, "a*" * 100 + "b")


VALUES = st.lists(st.sampled_from(["a", "A", "b", "a b", "7", "7,5 cm", "x9"]), min_size=1, max_size=4).map(tuple)


@given(operator=st.sampled_from(OPERATORS[2:]), found=VALUES, wanted=VALUES, limit=st.none() | st.floats(-10, 10))
def test_operators_have_their_contraries(
    operator: str, found: tuple[str, ...], wanted: tuple[str, ...], limit: float | None
) -> None:
    pairs = {"one-of": "none-of", "none-of": "one-of", "matches": "matches-not", "matches-not": "matches"}
    said = satisfied(operator, found, wanted, limit)
    if operator in pairs:
        assert satisfied(pairs[operator], found, wanted, limit) is (not said)
    elif operator in ("at-least", "at-most") and said is not None:
        other = satisfied("at-most" if operator == "at-least" else "at-least", found, wanted, limit)
        assert said or other or len(found) > 1  # a single number is on one side of the limit, or equal to it
    # the order and the case of values make no difference
    assert said == satisfied(operator, found[::-1], tuple(one.upper() for one in wanted), limit)


# --- where the fields come from ------------------------------------------------------------------------------------------


def test_fields_of_a_marc_record() -> None:
    record = Record()
    record.leader = "00000cam a2200000 i 4500"  # type: ignore[assignment]
    record.add_field(Field("001", data="ocm1"), Field("008", data="240101s2024    xx            000 0 eng d"))  # type: ignore[no-untyped-call]
    for text in ("24 cm\x1b[2J", ""):
        record.fields.append(Field("300", Indicators(" ", " "), [Subfield("c", text)]))
    names = ("300$c", "949$t", "001", "008/35-37", "008/22", "LDR/06", "LDR/05-06", "process_type")
    assert dict(chosen(record, names)) == {
        "300$c": ("24 cm[2J",),
        "949$t": (),
        "001": ("ocm1",),
        "008/35-37": ("eng",),
        "008/22": (),
        "LDR/06": ("a",),
        "LDR/05-06": ("ca",),
    }
    assert all(MARC.match(name) for name in names[:-1])


def test_fields_of_a_genuine_alma_item(shared: Path) -> None:
    body = (shared / "data" / "alma" / "tul_item_from_barcode.json").read_bytes()
    said = json.loads(body)["item_data"]
    found = dict(of_alma(AlmaItem(body), ("process_type", "internal_note_1", "location", "copy_id", "949$t", "vendor")))
    assert found["location"] == (said["location"]["value"],)
    assert found["internal_note_1"] == ((said["internal_note_1"],) if said["internal_note_1"] else ())
    assert "copy_id" in found
    assert not {"949$t", "vendor"} & set(found)


def test_the_names_of_items_are_those_that_there_are() -> None:
    assert set(OWN) <= set(ItemRecord.__struct_fields__)
    known = set(WRITABLE) | set(REFUSED)
    assert set(ALMA) <= known, set(ALMA) - known


@pytest.mark.parametrize(
    "name", ["tul_item_from_barcode.json", "pul_barcode_32101108683143.json", "tul_bib_items.json"]
)
def test_no_genuine_alma_item_names_a_vendor(shared: Path, name: str) -> None:
    """So the vendor of an Alma item is from 541 or its packing list: the item has no field for it."""
    assert "vendor" not in (shared / "data" / "alma" / name).read_text(encoding="utf-8")
