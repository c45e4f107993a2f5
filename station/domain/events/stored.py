"""Stored form of an event as a JSON object, without repeated data.

* A field that has its default, and is empty, is omitted ("", 0, (), None, False).
* A finding of a rule that `RulesInForce` describes is stored without the rule's title, severity and number, and without
  `by` if that is the event's operator; `rules_in` is the sequence number of that event. Rules that the machine passed
  are in `passed`; those from which it abstained in `abstained`, without the reason. Both are a hexadecimal number: bit n
  is rule n of that event, from 0. They are a list of ids where the order differs, and in older journals.
* The block security status of a tag has one entry if no block is locked.
* The record of a scanned item is stored with the scan; `item_in` is the sequence number of that event.

Old journals hold whole events. Both forms are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from typing import Any, Final, Protocol

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence
from station.domain.events.base import Event
from station.domain.findings import Finding, Outcome, RuleText, Severity
from station.domain.item import ItemRecord
from station.domain.tag_image import TagImage

_MACHINE: Final = "machine"
_EMPTY: Final = ("", 0, (), None, EMPTY)
_TEXTS: Final = ("title", "severity", "number")
_ABSTENTION: Final = {*_TEXTS, "rule", "outcome", "by", "reason"}

RuleIds = tuple[str, ...] | str
"""Ids of rules, or a hexadecimal number with a bit for each."""


class Earlier(Protocol):
    """The events before the one being read. All methods raise `LookupError` if there is no such event."""

    def texts(self, seq: int) -> Mapping[str, RuleText]:
        """Return the rules of a `RulesInForce` event, by id."""

    def findings(
        self, rules_in: int, operator: str, stored: Sequence[StoredFinding], abstained: RuleIds
    ) -> tuple[Finding, ...]:
        """Return `whole_findings`, with the rules of event `rules_in`; 0 = none."""

    def item(self, seq: int) -> ItemRecord:
        """Return the item record that an event holds."""


class StoredFinding(msgspec.Struct, frozen=True):
    """A finding as stored; None = the value is in the rule's text or is the event's operator."""

    rule: str
    outcome: Outcome
    by: str | None = None
    title: str | None = None
    severity: Severity | None = None
    reason: Sentence = EMPTY
    note: Sentence = EMPTY
    code: str = ""
    photo: str = ""
    counted: int | None = None
    number: int = 0


_FINDINGS: Final = msgspec.json.Decoder(tuple[StoredFinding, ...], dec_hook=decode_sentence)
_RULES: Final = msgspec.json.Decoder(RuleIds)
_FORMS: Final[Mapping[str, tuple[Any, Any]]] = {
    "finding": (StoredFinding, msgspec.NODEFAULT),
    "findings": (tuple[StoredFinding, ...], msgspec.NODEFAULT),
    "item": (ItemRecord | None, None),
    "passed": (RuleIds, ()),
}
"""Fields with a different stored form: its type and default."""
_NO_JSON: Final = msgspec.Raw(b"[]")


def form(event: type[Event], unread: Collection[str] = ()) -> type[msgspec.Struct]:
    """Return the type that stored objects of this event type decode to, before `restore`. Fields in `unread` stay JSON
    (`msgspec.Raw`)."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(event):
        stored_as, default = _FORMS.get(field.name, (field.type, field.default))
        fields.append((field.name, stored_as) if default is msgspec.NODEFAULT else (field.name, stored_as, default))
    fields += [("rules_in", int, 0), ("item_in", int, 0), ("abstained", RuleIds, ())]
    fields = [(field[0], msgspec.Raw, _NO_JSON) if field[0] in unread else field for field in fields]
    tag = event.__struct_config__.tag
    return msgspec.defstruct(f"Stored{event.__name__}", fields, frozen=True, kw_only=True, tag_field="kind", tag=tag)


def plain(event: Event) -> dict[str, Any]:
    """Return the event as a dict, without empty defaults."""
    fields: dict[str, Any] = _plain(event)
    return fields


def shorten_findings(stored: dict[str, Any], rules_in: int, texts: Mapping[str, RuleText]) -> None:
    """Omit from each finding the values that `texts` supplies. A finding with another wording stays whole."""
    operator = stored.get("operator", "")
    if "finding" in stored:
        if _is_known(stored["finding"], texts):
            stored["rules_in"] = rules_in
        stored["finding"] = _short(stored["finding"], texts, operator)
    if "findings" in stored:
        known = [finding for finding in stored["findings"] if _is_known(finding, texts)]
        abstained = [finding for finding in known if _is_abstention(finding)]
        others = [finding for finding in stored["findings"] if finding not in abstained]
        stored["findings"] = [_short(finding, texts, operator) for finding in others]
        if abstained:
            stored["abstained"] = _bits([finding["rule"] for finding in abstained], texts)
        if "passed" in stored:
            stored["passed"] = _bits(stored["passed"], texts)
        if known or isinstance(stored.get("passed"), str):
            stored["rules_in"] = rules_in


def refer_to_item(stored: dict[str, Any], item_in: int) -> None:
    """Omit the record, because event `item_in` holds the same one."""
    del stored["item"]
    stored["item_in"] = item_in


def restore(stored: Any, event: type[Event], earlier: Earlier) -> Any:
    """Return the whole event for a stored `form`. Raise `LookupError` if an earlier event is missing."""
    whole = msgspec.structs.asdict(stored)
    operator, rules_in, item_in, abstained = stored.operator, *map(whole.pop, ("rules_in", "item_in", "abstained"))
    if "finding" in whole:
        (whole["finding"],) = earlier.findings(rules_in, operator, (stored.finding,), ())
    else:
        whole["findings"] = earlier.findings(rules_in, operator, stored.findings, abstained)
        if isinstance(stored.passed, str):
            whole["passed"] = _ids(stored.passed, earlier.texts(rules_in))
        if stored.item is None:
            whole["item"] = earlier.item(item_in)
    return event(**whole)


def findings_in(findings: bytes, abstained: bytes) -> tuple[tuple[StoredFinding, ...], RuleIds]:
    """Return the findings and the rules for which the machine abstained, from their JSON."""
    return _FINDINGS.decode(findings), _RULES.decode(abstained)


def whole_findings(
    findings: Sequence[StoredFinding], abstained: RuleIds, texts: Mapping[str, RuleText], operator: str
) -> tuple[Finding, ...]:
    """Return whole findings, and after them those of the machine's abstentions. Raise `LookupError` for an unknown
    rule."""
    return (
        *(_whole(finding, texts, operator) for finding in findings),
        *(_abstention(texts[rule]) for rule in _ids(abstained, texts)),
    )


def _bits(rules: Sequence[str], texts: Mapping[str, RuleText]) -> Sequence[str]:
    """Return ids of rules as a number, if they are all in `texts`, in its order."""
    if list(filter(set(rules).__contains__, texts)) != list(rules):
        return rules
    return f"{sum(1 << place for place, rule in enumerate(texts) if rule in rules):x}"


def _ids(rules: RuleIds, texts: Mapping[str, RuleText]) -> tuple[str, ...]:
    """Return ids of rules. Raise `LookupError` for a number that `texts` do not explain."""
    if not isinstance(rules, str):
        return rules
    return _in_number(rules, tuple(texts))


@lru_cache(maxsize=256)
def _in_number(number: str, rules: tuple[str, ...]) -> tuple[str, ...]:
    try:
        bits = int(number, 16)
    except ValueError:
        raise LookupError(f"{number!r} is no number of rules") from None
    if not 0 <= bits < 1 << len(rules):
        raise LookupError(f"{number!r} has more rules than there are")
    return tuple(rule for place, rule in enumerate(rules) if bits >> place & 1)


def _is_known(finding: dict[str, Any], texts: Mapping[str, RuleText]) -> bool:
    text = texts.get(finding["rule"])
    wording = (finding["title"], finding["severity"], finding.get("number", 0))
    return text is not None and wording == (text.title, text.severity, text.number)


def _short(finding: dict[str, Any], texts: Mapping[str, RuleText], operator: str) -> dict[str, Any]:
    if not _is_known(finding, texts):
        return finding
    left_out = {*_TEXTS, "by"} if finding["by"] == operator else _TEXTS
    return {name: value for name, value in finding.items() if name not in left_out}


def _is_abstention(finding: dict[str, Any]) -> bool:
    machine = finding["outcome"] == Outcome.ABSTAINED and finding["by"] == _MACHINE
    return machine and finding.keys() <= _ABSTENTION


@lru_cache(maxsize=256)
def _abstention(rule: RuleText) -> Finding:
    """Return the finding that is stored as the rule's id only."""
    return Finding(rule.id, rule.title, rule.severity, Outcome.ABSTAINED, _MACHINE, number=rule.number)


def _whole(finding: StoredFinding, texts: Mapping[str, RuleText], operator: str) -> Finding:
    title, severity, number = finding.title, finding.severity, finding.number
    if title is None or severity is None:
        text = texts[finding.rule]
        title, severity, number = text.title, text.severity, text.number
    return Finding(
        finding.rule,
        title,
        severity,
        finding.outcome,
        operator if finding.by is None else finding.by,
        finding.reason,
        finding.note,
        finding.code,
        finding.photo,
        finding.counted,
        number,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        tag: Any = value.__struct_config__.tag
        fields = {} if tag is None else {str(value.__struct_config__.tag_field): tag}
        for name, omitted in _fields(type(value)):
            field = getattr(value, name)
            if field is not omitted and field != omitted:
                fields[name] = _plain(field)
        return fields
    if isinstance(value, TagImage):
        open_blocks = value.locked if not any(value.locked) else ()
        whole = bool(open_blocks) and len(open_blocks) == value.block_count
        return {**asdict(value), "locked": (False,) if whole else value.locked}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    return value


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """Return names and the values that are omitted; `msgspec.NODEFAULT` for a field without an empty default."""
    return tuple(
        (field.name, field.default if field.default in _EMPTY else msgspec.NODEFAULT)
        for field in msgspec.structs.fields(struct)
    )
