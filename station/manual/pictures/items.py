"""The invented items and their changes, read from examples.toml."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from station.base.sentence_json import decode_sentence
from station.encoding.doctor import doctor
from station.quality.checks.facts import Facts
from station.quality.rules import Rule

_Facts = dict[str, Any]


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: str
    fact: str
    to: Any = None
    fields: dict[str, str] | None = None
    diagnosis: str = ""
    with_: dict[str, str] = msgspec.field(name="with", default_factory=dict)
    first_code: bool = False
    finds: _Facts = {}


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fields: dict[str, str]
    items: dict[str, _Facts]
    changes: dict[str, tuple[_Change, ...]]
    tables: dict[str, dict[str, str]]


_DATA: Final = msgspec.toml.decode(Path(__file__).with_name("examples.toml").read_bytes(), type=_Data)


class Change(NamedTuple):
    """One change to a passing item. A value may depend on the rule, because a site may have changed the rule."""

    base: str
    path: str
    value: Any
    follows: tuple[tuple[str, Any], ...] = ()
    """Resulting findings: of the catalog in a record, of the label template in a line."""


def changed(facts: Facts, path: str, value: Any) -> Facts:
    """Return the facts with one of them, named like "item.marc.years", changed."""
    name, _, rest = path.partition(".")
    inner = getattr(facts, name)
    new: Any = changed(inner, rest, value) if rest else value
    if dataclasses.is_dataclass(facts):
        return dataclasses.replace(facts, **{name: new})
    return msgspec.structs.replace(facts, **{name: new})


def _facts(item: str) -> _Facts:
    """Return all facts of an item, as plain values."""
    values = dict(_DATA.items[item])
    like, unknown, fields = values.pop("like", None), values.pop("unknown", ()), values.pop("fields", None)
    facts = _merged(_facts(like) if like else {}, values)
    if fields is not None:
        facts = _merged(facts, {"item": {"chosen": _chosen(fields)}})
    for path in unknown:
        facts = _merged(facts, _nested(path, None))
    return facts


def _merged(facts: _Facts, other: _Facts) -> _Facts:
    """Return the facts, with `other` replacing those of the same name."""
    result = dict(facts)
    for name, value in other.items():
        old = result.get(name)
        result[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _nested(path: str, value: Any) -> _Facts:
    for name in reversed(path.split(".")):
        value = {name: value}
    return dict(value)


def _paths(facts: _Facts, before: str = "") -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _paths(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def _chosen(other: dict[str, str]) -> list[Any]:
    """Return the record's fields with other values; "" = the field is missing."""
    record = {**_DATA.fields, **other}
    return [[name, [text] if text else []] for name, text in record.items()]


def _diagnosed(code: str, values: dict[str, str]) -> tuple[doctor.Diagnosis, ...]:
    """Return the tag doctor's diagnosis, with its own sentence."""
    check = next(check for check in doctor.CHECKS if check.code == code)
    return (doctor.Diagnosis(code, check.severity, check.sentence.format(**values), check.advice),)


def _first_code(rule: Rule) -> str:
    return next(iter(rule.codes), "")


def _change(change: _Change) -> Change:
    if change.first_code:
        return Change(change.item, change.fact, _first_code)
    if change.diagnosis:
        return Change(change.item, change.fact, _diagnosed(change.diagnosis, change.with_))
    value = change.to if change.fields is None else _chosen(change.fields)
    facts = _merged(_facts(change.item), _nested(change.fact, value))
    wrong = msgspec.convert(_merged(facts, change.finds), Facts, dec_hook=decode_sentence)
    follows = tuple((path, attrgetter(path)(wrong)) for path in _paths(change.finds))
    return Change(change.item, change.fact, attrgetter(change.fact)(wrong), follows)


BASES: Final = {name: msgspec.convert(_facts(name), Facts, dec_hook=decode_sentence) for name in _DATA.items}
"""Example items by name; every one passes every rule that applies to it."""
CHANGES: Final = {check: tuple(map(_change, changes)) for check, changes in _DATA.changes.items()}
"""Changes by machine check."""
TABLES: Final = _DATA.tables
"""Example tables by machine check, or by rule for checks by a person."""
