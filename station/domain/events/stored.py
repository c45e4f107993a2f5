"""An event in the form that the journal stores, as a JSON object: nothing in it stands for a second time.

* A field that has its default, and is empty, is left out ("", 0, (), None, False).
* A finding of a rule that `RulesInForce` describes is stored without the rule's title, severity and number, and without `by`
  where that is the event's operator; `rules_in` is the number of that event. What the machine abstained from is stored as the
  rules' ids in `abstained`: why is not kept.
* The record of an item that was scanned is stored with the scan; `item_in` is the number of that event.

Old journals hold whole events. Both forms are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Protocol

import msgspec

from station.domain.events.base import Event
from station.domain.findings import Outcome, RuleText
from station.domain.item import ItemRecord

_MACHINE: Final = "machine"
_EMPTY: Final = ("", 0, (), None)
_TEXTS: Final = ("title", "severity", "number")
_ABSTENTION: Final = {*_TEXTS, "rule", "outcome", "by", "reason"}


class Earlier(Protocol):
    """The events before the one that is read. Both raise `LookupError` where there is no such event."""

    def texts(self, seq: int) -> Mapping[str, RuleText]:
        """The rules of a `RulesInForce`, by id."""

    def item(self, seq: int) -> ItemRecord:
        """The record that an event holds."""


class References(msgspec.Struct, frozen=True):
    """The numbers of the events that an event in its stored form refers to; 0 = none."""

    rules_in: int = 0
    item_in: int = 0


def plain(event: Event) -> dict[str, Any]:
    """Without empty defaults."""
    found: dict[str, Any] = _plain(event)
    return found


def shorten_findings(stored: dict[str, Any], rules_in: int, texts: Mapping[str, RuleText]) -> None:
    """Leave out what `texts` says of each finding; a finding of another wording stays whole."""
    operator = stored.get("operator", "")
    if "finding" in stored:
        if _is_known(stored["finding"], texts):
            stored["rules_in"] = rules_in
        stored["finding"] = _short(stored["finding"], texts, operator)
    if "findings" in stored:
        known = [one for one in stored["findings"] if _is_known(one, texts)]
        abstained = [one for one in known if _is_abstention(one)]
        others = [one for one in stored["findings"] if one not in abstained]
        stored["findings"] = [_short(one, texts, operator) for one in others]
        if abstained:
            stored["abstained"] = [one["rule"] for one in abstained]
        if known:
            stored["rules_in"] = rules_in


def refer_to_item(stored: dict[str, Any], item_in: int) -> None:
    """Leave out the record: event `item_in` holds the same."""
    del stored["item"]
    stored["item_in"] = item_in


def restore(stored: dict[str, Any], references: References, earlier: Earlier) -> dict[str, Any]:
    """The whole event as an object; raises `LookupError`. Abstentions come after the other findings."""
    whole = {name: value for name, value in stored.items() if name not in ("abstained", "rules_in", "item_in")}
    if references.item_in:
        whole["item"] = earlier.item(references.item_in)
    if references.rules_in:
        texts, operator = earlier.texts(references.rules_in), stored.get("operator", "")
        if "finding" in stored:
            whole["finding"] = _whole(stored["finding"], texts, operator)
        if "findings" in stored:
            abstained = [
                {"rule": rule, "outcome": Outcome.ABSTAINED, "by": _MACHINE} for rule in stored.get("abstained", ())
            ]
            whole["findings"] = [_whole(one, texts, operator) for one in (*stored["findings"], *abstained)]
    return whole


def _is_known(finding: dict[str, Any], texts: Mapping[str, RuleText]) -> bool:
    text = texts.get(finding["rule"])
    said = (finding["title"], finding["severity"], finding.get("number", 0))
    return text is not None and said == (text.title, text.severity, text.number)


def _short(finding: dict[str, Any], texts: Mapping[str, RuleText], operator: str) -> dict[str, Any]:
    if not _is_known(finding, texts):
        return finding
    left_out = {*_TEXTS, "by"} if finding["by"] == operator else _TEXTS
    return {name: value for name, value in finding.items() if name not in left_out}


def _is_abstention(finding: dict[str, Any]) -> bool:
    machine = finding["outcome"] == Outcome.ABSTAINED and finding["by"] == _MACHINE
    return machine and finding.keys() <= _ABSTENTION


def _whole(finding: dict[str, Any], texts: Mapping[str, RuleText], operator: str) -> dict[str, Any]:
    if "title" in finding:
        return finding
    text = texts[finding["rule"]]
    return {"by": operator, **finding, "title": text.title, "severity": text.severity, "number": text.number}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        tag: Any = value.__struct_config__.tag
        found = {} if tag is None else {str(value.__struct_config__.tag_field): tag}
        for name, default in _fields(type(value)):
            field = getattr(value, name)
            if field != default or field not in _EMPTY:
                found[name] = _plain(field)
        return found
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """Names and defaults; `msgspec.NODEFAULT` where a field has none."""
    return tuple((field.name, field.default) for field in msgspec.structs.fields(struct))
