"""Generator of docs/quality-rules.md: one section per rule, from the shipped rules."""

from __future__ import annotations

from typing import Final

from scripts.reference.markdown import block, row
from station.manual.pictures import picture
from station.manual.rule_facts import facts_of, name_of
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped
from station.quality.rules import FAMILIES

_FAMILIES: Final = {
    "identity": "Identity: is this the right thing, and may it leave?",
    "tag": "Tag: encoding, security, set",
    "label": "Label: call number, text, place",
    "ownership": "Ownership: stamp, plate, lease",
    "package": "Package: parts, case, cover",
    "record": "Record: MARC, holdings, item",
    "receipt": "Receipt: order, invoice",
    "condition": "Condition",
}


def rules_page() -> str:
    catalogue = shipped()
    lines = [
        "# The quality rules",
        "",
        "The shipped rules: all 71 numbers of the [rule catalog](reference/quality-sources.md#rule-catalog). A number may have",
        "several rules. Sources are named as in [its list](reference/quality-sources.md#sources).",
        "[quality.md](quality.md) explains how they work together, and how a site changes them.",
        "",
        "Each rule has a picture: where people look, what the station compares, an example that passes, and an example that",
        "fails (► marks the change). The generator runs the examples through the rule.",
        "",
        "This page is made from `station/quality/` by `python -m scripts.reference.pages docs`; a test compares them.",
        "",
        "| number | rule | by | severity | title | what is right |",
        "|---|---|---|---|---|---|",
    ]
    for rule in sorted(catalogue.rules, key=lambda one: one.number):
        link = f"[`{rule.id}`](#{rule.id})"
        lines.append(row(str(rule.number), link, rule.how, rule.severity.value, rule.title, rule.requires))
    for family in FAMILIES:
        lines += ["", f"## {_FAMILIES[family]}"]
        for rule in (one for one in catalogue.rules if one.family == family):
            lines += ["", f"### {rule.id}", "", f"{rule.title}.", "", "| | |", "|---|---|"]
            lines += [row(name_of(key), what) for key, what in facts_of(rule, catalogue)]
            lines += block(picture(rule, catalogue))
    lines += ["", "## Machine checks", "", "Possible values of a rule's `check`.", ""]
    lines += ["| check | fails when | abstains without | takes |", "|---|---|---|---|"]
    for name, one in PREDICATES.items():
        lines.append(row(f"`{name}`", one.fails, one.needs or "-", ", ".join(sorted(one.takes)) or "-"))
    lines += ["", "## Reasons", "", "Reasons that a person may give, by the taxonomy of errors.", ""]
    lines += ["| family | code | button | after the title of a rule |", "|---|---|---|---|"]
    lines += [row(one.family, f"`{one.code}`", one.words, one.phrase) for one in catalogue.reasons]
    return "\n".join(lines) + "\n"
