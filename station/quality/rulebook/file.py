"""Files of rules: TOML with `[[rule]]`, `[[reason]]`, and in a site's file also `[[change]]` and `[[retire]]` tables.

Every defect is refused with file and line. The station's own rules are read in the same way.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import named_key, table_line
from station.domain.findings import Severity
from station.quality.checks.table import PREDICATES
from station.quality.rules import NUMBERS, Catalogue, Day, Reason, Rule, may_meet, same_days
from station.quality.sketches import SKETCHES

NO_ID: Final = "(no id)"
TAKEN: Final = ("codes", "limit", "field", "operator", "values")
"""Entries that a predicate may use, besides a table."""
_VERB: Final = re.compile(r"[,:;.]|\b(?:is|are|has|have|was|were|must|names?|says?|gives?|fits?|follows?|stands?)\b")
_ARTICLE: Final = re.compile(r"^(?:the|an?|no|each|every|all)\s+(?=\S)", re.IGNORECASE)
_TABLES: Final = ("rule", "change", "retire", "reason")


class _Retire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    valid_to: Day = ""
    """Last day; empty = at once."""
    why: str


class Placed(msgspec.Struct, frozen=True):
    """A rule with its file and line."""

    rule: Rule
    source: str
    line: int


def read(files: tuple[tuple[str, str], ...], site: tuple[str, str] | None = None) -> Catalogue:
    """Return the catalog of these (name, text) files, changed by the site's file. Raise `SettingsError` "FILE, line N:
    what is wrong"."""
    base, known = _base(files)
    placed, reasons = list(base), dict(known)
    if site is not None:
        name, text = site
        tables = _tables(text, name, _TABLES)
        _reasons(tables, name, text, reasons, shipped=known)
        placed = _changed(placed, tables, name, text)
    for one in placed:
        for wrong in _alone(one.rule, reasons):
            raise _refused(one.source, one.line, one.rule.id, wrong)
    for one in placed:
        _sound(one, placed, site[0] if site is not None else "")
    return Catalogue(tuple(one.rule for one in placed), tuple(reasons.values()))


@functools.lru_cache(maxsize=4)
def _base(files: tuple[tuple[str, str], ...]) -> tuple[tuple[Placed, ...], Mapping[str, Reason]]:
    placed: list[Placed] = []
    reasons: dict[str, Reason] = {}
    for name, text in files:
        tables = _tables(text, name, ("rule", "reason"))
        _reasons(tables, name, text, reasons)
        placed += _rules(tables, name, text)
    return tuple(placed), reasons


# --- reading --------------------------------------------------------------------------------------------------------


def _tables(text: str, name: str, allowed: tuple[str, ...]) -> dict[str, list[Any]]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    for key, value in raw.items():
        if key not in allowed or not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            shown = ", ".join(f"[[{table}]]" for table in allowed)
            raise SettingsError(
                f"{name}, line {table_line(text, key)}: only {shown} tables are allowed here: {clean(key)}"
            )
    return raw


def _rules(tables: Mapping[str, list[Any]], name: str, text: str) -> list[Placed]:
    return [
        Placed(_convert(_named(table), Rule, (name, text), "rule", at), name, table_line(text, "rule", at))
        for at, table in enumerate(tables.get("rule", ()))
    ]


def _reasons(
    tables: Mapping[str, list[Any]],
    name: str,
    text: str,
    known: dict[str, Reason],
    shipped: Mapping[str, Reason] = MappingProxyType({}),
) -> None:
    """Add the reasons of a file to `known`. A reason in `shipped` takes the new words (another language, or the site's
    own). No two reasons may have the same words, because an answer identifies its reason by them."""
    for at, table in enumerate(tables.get("reason", ())):
        reason: Reason = _convert(table, Reason, (name, text), "reason", at)
        before, line = known.get(reason.code), table_line(text, "reason", at)
        if before is not None and before is not shipped.get(reason.code):
            raise _refused(name, line, reason.code, "this reason is defined twice")
        if before is not None and before.family != reason.family:
            raise _refused(name, line, reason.code, f'it is counted as "{before.family}", not as "{reason.family}"')
        known[reason.code] = reason
    by_words: dict[str, str] = {}
    for reason in known.values():
        other = by_words.setdefault(reason.words.casefold(), reason.code)
        if other != reason.code:
            own = [table.get("code") for table in tables.get("reason", ())]
            code = reason.code if reason.code in own else other
            line = table_line(text, "reason", own.index(code))
            raise _refused(name, line, code, f'the words "{clean(reason.words)}" are already those of another reason')


def _changed(placed: list[Placed], tables: Mapping[str, list[Any]], name: str, text: str) -> list[Placed]:
    """Apply the site's file to the shipped rules: a rule with a known id replaces it, changes modify rules, retired
    rules end."""
    own = _rules(tables, name, text)
    replaced = {one.rule.id for one in own}
    touched: dict[str, int] = {}
    for kind in ("change", "retire"):
        for at, table in enumerate(tables.get(kind, ())):
            line = table_line(text, kind, at)
            id = str(table.get("id", "?"))
            _known(id, placed, name, line)
            if id in replaced:
                raise _refused(name, line, id, f"a [[rule]] with this id is in the same file: {kind} it there")
            if id in touched:
                raise _refused(name, line, id, f"contradicts line {touched[id]}: a rule is changed or retired once")
            touched[id] = line
            found = next(at for at, one in enumerate(placed) if one.rule.id == id)
            if kind == "change":
                plain = msgspec.to_builtins(placed[found].rule)
                changed: Rule = _convert({**plain, **_named(table)}, Rule, (name, text), kind, at)
                placed[found] = Placed(changed, name, line)
            else:
                end: _Retire = _convert(table, _Retire, (name, text), kind, at)
                ended = msgspec.structs.replace(placed[found].rule, valid_to=end.valid_to, retired=not end.valid_to)
                placed[found] = Placed(ended, name, line)
    kept: list[Placed] = []
    for one in placed:
        here = [mine for mine in own if mine.rule.id == one.rule.id]
        kept += here if here else [one]
        own = [mine for mine in own if mine not in here]
    return kept + own


def _named(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table of a rule whose `title` is a sentence and that has no `requires`: with the sentence as
    `requires`, and its subject as the title."""
    sentence = table.get("title")
    if (
        not isinstance(sentence, str)
        or "requires" in table
        or (noun := subject(sentence)).casefold() == sentence.casefold()
    ):
        return table
    return {**table, "title": noun, "requires": sentence}


def subject(sentence: str) -> str:
    """Return what an English sentence is about: the words before its first verb or punctuation, without an article.

    >>> subject("The date due slip is pasted in")
    'Date due slip'
    """
    words = _VERB.split(sentence.strip(), maxsplit=1)[0].strip()
    noun = _ARTICLE.sub("", words) or sentence.strip(" .")
    return noun[:1].upper() + noun[1:]


def _known(id: str, placed: Sequence[Placed], name: str, line: int) -> None:
    ids = [one.rule.id for one in placed]
    if id not in ids:
        near = difflib.get_close_matches(id, ids, n=1, cutoff=0.5)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        raise _refused(name, line, id, f"there is no such rule{hint}")


def _convert(table: Any, struct: Any, file: tuple[str, str], kind: str, at: int) -> Any:
    name, text = file
    try:
        return msgspec.convert(table, struct)
    except msgspec.ValidationError as error:
        line = table_line(text, kind, at, named_key(str(error)))
        shown = str(table.get("id", table.get("code", "?")))
        raise _refused(name, line, shown, clean(str(error), 300)) from error


def _refused(name: str, line: int, id: str, what: str) -> SettingsError:
    return SettingsError(f"{clean(name)}, line {line}: {clean(id, 60) or NO_ID}: {what}")


# --- validation -----------------------------------------------------------------------------------------------------


def _sound(one: Placed, placed: Sequence[Placed], newest: str) -> None:
    for other, wrong in _among(one, placed):
        # Of two rules that conflict, the later one is refused.
        later = (one.source == other.source and one.line < other.line) or other.source == newest != one.source
        mine, theirs = (other, one) if later else (one, other)
        against = (
            f" (the other: {theirs.rule.id}, {clean(theirs.source)}, line {theirs.line})" if theirs is not mine else ""
        )
        raise _refused(mine.source, mine.line, mine.rule.id, wrong + against)


def _alone(rule: Rule, reasons: Mapping[str, Reason]) -> list[str]:
    """Return the defects of a rule on its own."""
    wrong: list[str] = []
    if rule.valid_to and rule.valid_to < rule.valid_from:
        wrong.append(f"it ends ({rule.valid_to}) before it begins ({rule.valid_from})")
    if rule.applies.parts_at_least > rule.applies.parts_at_most:
        wrong.append("it applies to no item: parts_at_least is more than parts_at_most")
    if rule.applies.leased and rule.applies.gift:
        wrong.append("it applies to no item: a leased item is not a gift")
    if rule.number not in NUMBERS and rule.number < 100:
        wrong.append(f"number {rule.number} is not in the catalogue (1 to {NUMBERS[-1]}); a site's own begin at 100")
    if rule.sketch and rule.sketch not in SKETCHES:
        wrong.append(f'there is no sketch "{clean(rule.sketch)}"; known are {", ".join(sorted(SKETCHES))}')
    wrong += _machine_half(rule) if rule.by_machine else _no(rule, "person", ("check", *TAKEN))
    wrong += (
        _person_half(rule, reasons)
        if rule.by_person
        else _no(
            rule,
            "machine",
            (
                "question",
                "look",
                "asked_with",
                "expectation",
                "sketch",
                "reasons",
                "pass_reasons",
                "always_ask",
                "by_scan",
                "may_not_apply",
            ),
        )
    )
    if rule.may_not_apply and rule.severity is Severity.CRITICAL:
        wrong.append("may_not_apply: a critical rule is answered pass or fail; give it an applies, or another severity")
    if rule.ask == "open" and rule.how != "both":
        wrong.append('ask = "open" is for rules checked by machine and person (how = "both")')
    if "{wanted}" in rule.question + rule.look and rule.table is None:
        wrong.append("its question has {wanted}, but it has no table")
    return wrong


def _machine_half(rule: Rule) -> list[str]:
    predicate = PREDICATES.get(rule.check)
    if predicate is None:
        near = difflib.get_close_matches(rule.check, PREDICATES, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(PREDICATES))}"
        return [f'there is no machine check "{clean(rule.check)}"; {hint}']
    wrong = [
        f"the check {rule.check} takes no {name}"
        for name in (*TAKEN, "table")
        if name not in predicate.takes
        and getattr(rule, name) not in ((), None, "")
        and not (name == "table" and rule.by_person)
    ]
    if predicate.refuse is not None:
        said = predicate.refuse(rule)
        wrong += [said] if said else []
    return wrong


def _person_half(rule: Rule, reasons: Mapping[str, Reason]) -> list[str]:
    wrong = []
    if not rule.question or not rule.reasons:
        wrong.append("a rule that a person is asked needs a question and reasons")
    if rule.asked_with and not rule.look:
        wrong.append("a rule asked together with another one needs a look (a few words)")
    offered = (*rule.reasons, *rule.pass_reasons)
    unknown = [code for code in offered if code not in reasons]
    if unknown:
        near = difflib.get_close_matches(unknown[0], reasons, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else "add it as [[reason]]"
        wrong.append(f'there is no reason "{clean(unknown[0])}"; {hint}')
    if len(set(offered)) != len(offered):
        wrong.append("a reason is listed twice")
    return wrong


def _no(rule: Rule, who: str, names: tuple[str, ...]) -> list[str]:
    return [
        f"{name} does nothing in a rule that only the {who} checks"
        for name in names
        if getattr(rule, name) not in ("", (), None, False)
    ]


def _among(one: Placed, placed: Sequence[Placed]) -> list[tuple[Placed, str]]:
    """Return the defects of a rule in relation to the others, each with the other rule."""
    rule = one.rule
    wrong = [(one, said) for said in _references(rule, placed)]
    for other in placed:
        theirs = other.rule
        if other is one or not same_days(rule, theirs):
            continue
        if rule.id == theirs.id:
            wrong.append((other, "two rules with this id are in force on the same days"))
        elif rule.opposite == theirs.id:
            if may_meet(rule.applies, theirs.applies):
                wrong.append(
                    (other, "contradictory rules: both apply to the same items, and they require the opposite")
                )
        elif rule.check and _same_question(rule, theirs) and may_meet(rule.applies, theirs.applies):
            wrong.append((other, "contradictory rules: the same check of the same items with another severity"))
    return wrong


def _references(rule: Rule, placed: Sequence[Placed]) -> list[str]:
    ids = {other.rule.id for other in placed}
    wrong = []
    if rule.asked_with:
        lead = next((other.rule for other in placed if other.rule.id == rule.asked_with), None)
        if lead is None or not lead.by_person:
            wrong.append(f'asked_with = "{clean(rule.asked_with)}": there is no such rule that a person is asked')
        elif lead.asked_with:
            wrong.append(f'asked_with = "{lead.id}", which is itself asked with "{lead.asked_with}"')
    if rule.opposite and rule.opposite not in ids:
        wrong.append(f'opposite = "{clean(rule.opposite)}": there is no such rule')
    return wrong


def _same_question(one: Rule, other: Rule) -> bool:
    def of(rule: Rule) -> tuple[object, ...]:
        return (rule.check, rule.table, rule.table_by, *(getattr(rule, name) for name in TAKEN))

    # Compare the severity first, because it is cheap: each rule is compared with every other one.
    return one.severity is not other.severity and one.how == other.how and of(one) == of(other)
