"""The quality rules as a table."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.quality import rule_words
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Rule
from station.reports.tables.table import Column, Kind, Table, table


def rules(shown: Sequence[Rule], day: str) -> Table:
    """Return rules as they stand on a day (ISO 8601)."""
    own = {rule.id: rule for rule in shipped().rules}
    return table(
        (
            Column("number", Sentence("office.head.number"), Kind.COUNT, sorts=True),
            Column("id", Sentence("office.filter.rule"), Kind.CODE),
            Column("name", Sentence("office.filter.rule"), leads_to="/rules", sorts=True),
            Column("title", Sentence("office.filter.rule"), Kind.CODE),
            Column("how", Sentence("office.head.how"), Kind.STATUS, "rule.how", sorts=True),
            Column("severity", Sentence("office.head.severity"), Kind.STATUS, "correction.list.severity", sorts=True),
            Column("owner", Sentence("office.head.owner"), sorts=True),
            Column("origin", Sentence("office.head.origin"), Kind.STATUS, "office.origin", sorts=True),
            Column("state", Sentence("office.head.rule-state"), Kind.CODE),
            Column("state_words", Sentence("office.head.rule-state")),
        ),
        [
            (
                rule.number,
                rule.id,
                rule_words.title(rule),
                rule.title,
                rule.how,
                rule.severity.value,
                rule.owner,
                "site" if rule.id not in own else "shipped" if rule == own[rule.id] else "changed",
                " ".join(filter(None, state_of(rule, day))).replace("-force", " force"),  # not for people: of --json
                state_words(rule, day),
            )
            for rule in shown
        ],
        id_at=1,
    )


def state_of(rule: Rule, day: str) -> tuple[str, str]:
    """Return the state of a rule on a day, and the day from or to which it holds ("" = none)."""
    if rule.retired:
        return "retired", ""
    if day < rule.valid_from:
        return "from", rule.valid_from
    return ("ended", rule.valid_to) if rule.valid_to and rule.valid_to < day else ("in-force", "")


def state_words(rule: Rule, day: str) -> Sentence:
    """Return the state of a rule on a day as a sentence."""
    state, limit = state_of(rule, day)
    return Sentence(f"rule.state.{state}", day=limit) if limit else Sentence(f"rule.state.{state}")
