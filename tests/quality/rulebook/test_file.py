"""Unsound rule files are refused with file and line; a site adds, changes and retires rules without code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import SettingsError
from station.base.toml_lines import line_of, table_line
from station.domain.findings import Severity
from station.quality.rulebook.file import read
from station.quality.rulebook.shipped import shipped, texts, with_site
from station.quality.rules import Applies, Rule, may_meet, same_days
from tests.conftest import ROOT
from tests.quality.examples import TODAY
from tests.support.for_each import for_each
from tests.support.told import told

SHIPPED = shipped()
LOOK = """
[[rule]]
id = "look"
number = 100
family = "condition"
title = "t"
compares = "c"
severity = "minor"
how = "person"
question = "Good?"
look = "good"
reasons = ["damaged"]
"""
SEE = """
[[rule]]
id = "see"
number = 101
family = "tag"
title = "t"
compares = "c"
severity = "minor"
how = "machine"
check = "suppressed"
"""


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as raised:
        with_site(text, "site.toml")
    return told(raised.value.detail)


def said(code: str, family: str, words: str) -> str:
    return f'[[reason]]\ncode = "{code}"\nfamily = "{family}"\nwords = "{words}"\n'


def retire(id: str) -> str:
    return f'[[retire]]\nid = "{id}"\nwhy = "w"\n'


BAD: list[tuple[str, str, int, str]] = [
    # what, file, line, words
    ("not TOML", "[[rule]]\nid=", 0, "not valid TOML"),
    ("another table", LOOK + "\n[other]\nx = 1\n", 14, "other"),
    ("rule is no list", "\n\n[rule]\nid = 'x'\n", 3, "only"),
    ("a number as rule", "x = 1\nrule = [1]\n", 1, "x"),
    ("unknown field", LOOK + 'colour = "red"\n', 13, "colour"),
    ("unknown condition", LOOK + "applies = { moon = true }\n", 13, "moon"),
    ("unknown severity", LOOK.replace('"minor"', '"grave"'), 8, "grave"),
    ("unknown way", LOOK.replace('"person"', '"oracle"'), 9, "oracle"),
    ("unknown family", LOOK.replace('"condition"', '"weather"'), 5, "weather"),
    ("wrong type", LOOK.replace("100", '"one"'), 4, "int"),
    ("no rule of the catalogue", LOOK.replace("100", "90"), 2, "number 90"),
    ("a day that is none", LOOK + 'valid_from = "soon"\n', 13, "valid_from"),
    ("a day of no month", LOOK + 'valid_to = "2026-13-01"\n', 13, "valid_to"),
    ("ends before it begins", LOOK + 'valid_from = "2026-06-01"\nvalid_to = "2026-05-31"\n', 2, "before it begins"),
    ("an id with spaces", LOOK.replace('"look"', '"look at"'), 3, "id"),
    ("no title", LOOK.replace('title = "t"\n', ""), 2, "title"),
    ("no question", LOOK.replace('question = "Good?"\n', ""), 2, "needs a question and reasons"),
    ("no reasons", LOOK.replace('reasons = ["damaged"]\n', ""), 2, "needs a question and reasons"),
    ("unknown reason", LOOK.replace("damaged", "damagde"), 2, 'did you mean "damaged"?'),
    ("a reason twice", LOOK.replace('["damaged"]', '["damaged", "damaged"]'), 2, "twice"),
    ("unknown check", SEE.replace("suppressed", "supressed"), 2, 'did you mean "suppressed"?'),
    ("no check", SEE.replace('check = "suppressed"\n', ""), 2, "no machine check"),
    ("codes for a check that takes none", SEE + 'codes = ["x"]\n', 2, "takes no codes"),
    ("a check that needs codes", SEE.replace("suppressed", "item_status"), 2, "needs codes"),
    (
        "a record finding that does not exist",
        SEE.replace("suppressed", "record_findings") + 'codes = ["type-008"]\n',
        2,
        "type-008",
    ),
    ("no usage", SEE.replace("suppressed", "tag_usage") + 'table = { REF = "1" }\n', 2, "not a type of usage"),
    (
        "a machine's rule with a question",
        SEE.replace("minor", "major") + 'question = "Good?"\n',
        2,
        "question does nothing",
    ),
    ("a person's rule with a check", LOOK + 'check = "suppressed"\n', 2, "check does nothing"),
    ("open without a machine", LOOK + 'ask = "open"\n', 2, 'how = "both"'),
    ("wanted without a table", LOOK.replace("Good?", "Is it {wanted}?"), 2, "no table"),
    (
        "a critical rule that may not apply",
        LOOK.replace('"minor"', '"critical"') + "may_not_apply = true\n",
        2,
        "a critical rule is answered pass or fail",
    ),
    (
        "a rule that may not apply made critical",
        '\n[[change]]\nid = "finish"\nseverity = "critical"\n',
        2,
        "may_not_apply",
    ),
    ("may not apply, without a person", SEE + "may_not_apply = true\n", 2, "may_not_apply does nothing"),
    ("unknown sketch", LOOK + 'sketch = "moon"\n', 2, "moon"),
    ("asked with nobody", LOOK + 'asked_with = "nobody"\n', 2, "nobody"),
    ("asked with a machine", LOOK + 'asked_with = "tag-single"\n', 2, "that a person is asked"),
    ("asked with one that is asked with another", LOOK + 'asked_with = "undamaged"\n', 2, "itself asked with"),
    ("opposite of nobody", LOOK + 'opposite = "nobody"\n', 2, "nobody"),
    ("parts that no item has", LOOK + "applies = { parts_at_least = 3, parts_at_most = 2 }\n", 2, "no item"),
    ("a leased gift", LOOK + "applies = { leased = true, gift = true }\n", 2, "no item"),
    ("an id twice", LOOK + LOOK, 14, "the same days"),
    ("change of nobody", '[[change]]\nid = "price-presnt"\n', 1, 'did you mean "price-present"?'),
    ("retirement of nobody", "\n" + retire("nobody"), 2, "no such rule"),
    ("retired without a reason", '[[retire]]\nid = "price-present"\n', 1, "why"),
    ("retired twice", retire("price-present") * 2, 4, "contradicts line 1"),
    ("changed and retired", '[[change]]\nid = "finish"\nlook = "x"\n' + retire("finish"), 4, "contradicts line 1"),
    ("replaced and retired", LOOK.replace('"look"', '"finish"') + retire("finish"), 13, "same file"),
    ("a change that is not sound", '[[change]]\nid = "finish"\nseverity = "grave"\n', 3, "grave"),
    ("a reason of the file twice", 2 * said("damaged", "condition", "Broken"), 5, "twice"),
    ("a reason of another family", said("damaged", "label", "Broken"), 1, 'counted as "condition"'),
    ("words of another reason", said("torn", "condition", "Other TITLE"), 1, "those of another reason"),
    ("a reason that gets the words of another", said("damaged", "condition", "Other title"), 1, "of another reason"),
    (
        "contradictory severities",
        SEE.replace('severity = "minor"', 'severity = "critical"'),
        2,
        "the same check of the same items with another severity",
    ),
    (
        "rules that ask for the contrary",
        '\n[[change]]\nid = "property-stamp"\napplies = { materials = ["book"] }\n',
        2,
        "they require the opposite",
    ),
]


@for_each(("text", "line", "words"), [bad[1:] for bad in BAD])
def test_a_bad_file_is_refused_with_file_and_line(text: str, line: int, words: str) -> None:
    said = refused(text)
    assert said.startswith(f"site.toml, line {line}: " if line else "site.toml: ")
    assert words in said


def test_a_contradiction_names_the_other_rule_and_its_place() -> None:
    said = refused(SEE.replace('severity = "minor"', 'severity = "critical"'))
    assert "the other: not-suppressed, 1-identity.toml, line " in said


def test_the_shipped_files_go_through_the_same_door() -> None:
    assert read(texts()) == SHIPPED
    broken = tuple((name, text.replace('"tag_locks"', '"tag_lock"')) for name, text in texts())
    with pytest.raises(SettingsError) as raised:
        read(broken)
    wanted = dict(texts())["2-tag.toml"].splitlines()
    line = next(number for number, one in enumerate(wanted, 1) if one == 'id = "tag-locks"') - 1
    assert told(raised.value.detail).startswith(f"2-tag.toml, line {line}: tag-locks: ")


def test_a_site_adds_changes_replaces_and_retires() -> None:
    site = with_site(
        LOOK
        + '[[change]]\nid = "undamaged"\nseverity = "critical"\n'
        + retire("price-present")
        + '[[retire]]\nid = "finish"\nwhy = "w"\nvalid_to = "2026-06-30"\n'
        + LOOK.replace('"look"', '"note-read"'),
        "site.toml",
    )
    assert [rule.id for rule in site.rules] == [*(rule.id for rule in SHIPPED.rules), "look"]
    plain, changed = SHIPPED.rule("undamaged", TODAY), site.rule("undamaged", TODAY)
    assert plain is not None and changed is not None
    assert (changed.severity, changed.question) == (Severity.CRITICAL, plain.question)
    assert "price-present" not in {rule.id for rule in site.in_force(TODAY)}
    assert "finish" in {rule.id for rule in site.in_force("2026-06-30")}
    assert "finish" not in {rule.id for rule in site.in_force("2026-07-01")}
    replaced = site.rule("note-read", TODAY)
    assert replaced is not None and replaced.question == "Good?"


def test_a_title_that_is_a_sentence_gives_its_subject() -> None:
    """A file of an older version has no `requires`. A title that is a noun changes no sentence."""
    sentence = LOOK.replace('title = "t"', 'title = "The date due slip is pasted in"')
    changed = '[[change]]\nid = "spine-label"\ntitle = "Label on the spine"\n'
    own = with_site(sentence + changed + said("no-slip", "package", "No slip"), "site.toml")
    slip, label = own.rule("look", TODAY), own.rule("spine-label", TODAY)
    assert slip is not None and (slip.title, slip.requires) == ("Date due slip", "The date due slip is pasted in")
    assert label is not None and (label.title, label.requires) == (
        "Label on the spine",
        "The spine label is the expected one, line by line",
    )
    assert own.reasons[-1].phrase == "no slip"


def test_one_id_may_have_a_rule_for_each_time() -> None:
    before = LOOK + 'valid_to = "2026-06-30"\n'
    after = LOOK.replace('"minor"', '"major"') + 'valid_from = "2026-07-01"\n'
    site = with_site(before + after, "site.toml")
    for day, severity in (("2026-06-30", Severity.MINOR), ("2026-07-01", Severity.MAJOR)):
        rule = site.rule("look", day)
        assert rule is not None and rule.severity is severity
    assert "the same days" in refused(before + after.replace("2026-07-01", "2026-06-30"))


def test_an_empty_site_file_changes_nothing() -> None:
    assert with_site("", "site.toml") == SHIPPED


@given(st.text(max_size=200) | st.text(alphabet='[rule]="\n change_id{}', max_size=80))
def test_any_text_is_a_catalogue_or_a_sentence_with_the_file(text: str) -> None:
    try:
        found = with_site(text, "site.toml")
    except SettingsError as error:
        said = told(error.detail)
    else:
        said = f"site.toml: {len(found.rules)}"
    assert said.startswith("site.toml")


SWITCH = st.none() | st.booleans()
WHEN = st.builds(
    Applies,
    materials=st.lists(st.sampled_from(["book", "dvd", "map"]), max_size=2).map(tuple),
    parts_at_least=st.integers(1, 3),
    parts_at_most=st.integers(1, 3),
    leased=SWITCH,
    volume=SWITCH,
)


@given(WHEN, WHEN, st.sampled_from(["book", "dvd", "map"]), st.integers(1, 3), st.booleans(), st.booleans())
def test_conditions_that_never_meet_have_no_item_in_common(
    one: Applies, other: Applies, material: str, parts: int, leased: bool, volume: bool
) -> None:
    def holds(when: Applies) -> bool:
        return (
            (not when.materials or material in when.materials)
            and when.parts_at_least <= parts <= when.parts_at_most
            and when.leased in (None, leased)
            and when.volume in (None, volume)
        )

    assert may_meet(one, other) == may_meet(other, one)
    if holds(one) and holds(other):
        assert may_meet(one, other)


def test_days_that_touch_are_the_same_days() -> None:
    first = SHIPPED.rules[0]
    site = with_site(LOOK + 'valid_from = "2026-07-01"\n', "site.toml").rules[-1]
    assert same_days(first, site) and same_days(site, first)


def test_where_a_table_of_many_stands() -> None:
    text = '# c\n[[a]]\nx = 1\n[[b]]\nx = 2\n[[a]]\ny = """\n[[a]]\n"""\nx = 3\n'
    assert [table_line(text, "a", at) for at in (0, 1)] == [2, 6]
    assert table_line(text, "a", 1, ("x",)) == 10
    assert table_line(text, "b", 0, ("x",)) == 5
    assert table_line(text, "b", 0, ("z",)) == 4
    assert table_line(text, "c") == line_of(text, ("c",)) == 1


def test_the_german_rules_of_the_manual_are_sound_and_speak_german() -> None:
    page = (ROOT / "docs/quality.md").read_text(encoding="utf-8").split("## In another language")[1]
    catalogue = with_site(page.split("```toml\n")[1].split("```")[0], "site.toml")
    rule = catalogue.rule("property-stamp", "2026-06-01")
    assert rule is not None and rule.question == "Sind alle Stempel da?"
    assert catalogue.words(rule)[0] == "Kein Stempel"
    assert rule.reasons == shipped_rule("property-stamp").reasons, "the codes by which fails are counted do not change"


def shipped_rule(name: str) -> Rule:
    rule = shipped().rule(name, "2026-06-01")
    assert rule is not None
    return rule
