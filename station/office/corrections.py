"""To fix: one correction, what a person may do about it, and several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from station.base.errors import ControlRefused, CorrectionNotOpen, NotAllowed, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import date_words, local_day_and_time
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck, Result
from station.domain.corrections.correction import UNKNOWN, Entry, is_second_check, lacks, refusal
from station.domain.corrections.words import headline, to_do, waits_for, words
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    CorrectionStep,
    FindingWaived,
    SecondCheckSeen,
)
from station.domain.findings import Severity
from station.domain.people.rights import Right, Role
from station.domain.ports import Worker
from station.office import papers
from station.office.answers import REASON
from station.office.asked import Asked, Page
from station.office.forms import NEW, Change, Field, FieldKind, Form, Lent, Make
from station.runtime.library_systems import rules_to_show, system_names
from station.store.people.visibility import ANOTHER

MOST: Final = 100
"""Corrections that are changed at once."""
LONGEST_REASON: Final = 200
_BY_HAND: Final = (Result.NO_DEFECT, Result.WITHDRAWN)
OWNER, DUE, RESULT, NOTE, IDS = "owner", "due", "result", "note", "ids"


class Doing(msgspec.Struct, frozen=True):
    """One thing that a person may do about a correction. Its name is the last part of its path."""

    name: str
    right: Callable[[Entry], Right]
    step: Callable[[Entry, Worker], CorrectionStep | None]
    """Returns the step with as little as it may have, to see whether it is possible; None = it is not."""
    make: Callable[[Asked, Entry], Form]


def one(asked: Asked) -> Page:
    """One correction: its facts, its history, and what the viewer may do about it."""
    entry = asked.sources.correction(asked.viewer, asked.names["id"])
    now, names = entry.correction, asked.names_seen()
    item = asked.sources.item_to_fix(asked.viewer, now.barcode) if now.kind is CorrectionKind.MEND else UNKNOWN
    next_step = to_do(entry, item, asked.viewer.id, sign_on=asked.sources.signs_on)
    new = asked.number(NEW) or 0
    severity = tell(f"correction.list.severity.{now.severity.value}")
    facts = (
        (tell("office.head.owner"), names.get(now.owner, now.owner) or tell("correction.nobody")),
        (tell("office.head.due"), date_words(now.due)),
        (tell("form.age"), tell("correction.row.days", count=entry.age)),
        (tell("office.head.severity"), severity if now.rule else ""),
        (tell("form.work-of"), names.get(now.worker, now.worker)),
        (tell("form.rule"), now.rule),
        (tell("form.spine-label"), " / ".join(item.label)),
        (tell("office.head.barcode"), now.barcode),
    )
    return Page(
        template="correction",
        title=now.item_title or now.barcode,
        values={
            "id": now.id,
            "barcode": now.barcode,
            "state": tell(waits_for(entry)),
            "what": tell(headline(entry)),
            "late": entry.overdue,
            "facts": [fact for fact in facts if fact[1]],
            "next_step": tell(next_step) if next_step else "",
            "saved": bool(new),
            "steps": [
                (
                    step.seq,
                    step.at,
                    local_day_and_time(step.at),
                    tell(words(step, names)),
                    bool(new) and step.seq >= new,
                )
                for step in reversed(entry.steps)
            ],
            "doings": [
                (f"/fix/{now.id}/{doing.name}", tell(f"form.do.{doing.name}"))
                for doing in DOINGS
                if _is_possible(asked, entry, doing)
            ],
            "undo": _undo(entry, names) if new else None,
            "open": not entry.closed_at,
        },
    )


def _is_possible(asked: Asked, entry: Entry, doing: Doing) -> bool:
    """Return whether the state of the correction allows it, and the viewer or a person who lends the right."""
    if _refusal(asked, entry, doing) is not None:
        return False
    return asked.sources.signs_on or lacks(asked.viewer.role, doing.right(entry)) is None


def _refusal(asked: Asked, entry: Entry, doing: Doing) -> StationError | None:
    """Return why it is not possible, whatever the viewer's rights are."""
    step = doing.step(entry, asked.viewer)
    if step is None or entry.closed_at:
        return CorrectionNotOpen(waits_for(entry))
    refused = refusal(entry.correction, step, Role.SYSTEMS)
    return None if isinstance(refused, NotAllowed) else refused


def _undo(entry: Entry, names: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the address of the form that takes back the newest step, and its words; None = nothing takes it back."""
    last = entry.steps[-1].event
    if not isinstance(last, CorrectionAssigned) or entry.closed_at or not last.owner:
        return None
    events = [step.event for step in entry.steps[:-1]]
    owners = [
        event.owner for event in events if isinstance(event, CorrectionOpened | CorrectionAssigned) and event.owner
    ]
    if not owners or owners[-1] in (ANOTHER, last.owner):
        return None
    return f"/fix/{entry.correction.id}/assign?owner={owners[-1]}", names.get(owners[-1], owners[-1])


# --- forms about one correction --------------------------------------------------------------------------------------


def form(name: str, asked: Asked) -> Form:
    """Return the form of what is done about one correction."""
    entry = asked.sources.correction(asked.viewer, asked.names["id"])
    doing = next(doing for doing in DOINGS if doing.name == name)
    return msgspec.structs.replace(doing.make(asked, entry), refusal=_refusal(asked, entry, doing))


def _form(
    asked: Asked,
    entry: Entry,
    name: str,
    right: Right,
    events: Callable[[Mapping[str, str], Worker], Sequence[CorrectionStep | FindingWaived]],
    *,
    fields: tuple[Field, ...] = (),
    changes: tuple[Change, ...] = (),
    notes: tuple[str, ...] = (),
    back: str = "",
) -> Form:
    """`events`: returns what to journal, from what was typed and who acts."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        ordered = [msgspec.structs.replace(event, authorised=lent.authorised) for event in events(typed, asked.viewer)]
        seq = asked.sources.acts.order(ordered, lent.by, last)
        return back or f"/fix/{entry.correction.id}?{NEW}={seq}"

    now = entry.correction
    return Form(
        title=tell(f"form.title.{name}"),
        subject=tell("form.about", item=now.item_title or now.barcode, what=headline(entry)),
        button=tell(f"form.do.{name}"),
        back=f"/fix/{now.id}",
        act=act,
        right=right,
        fields=fields,
        changes=changes,
        notes=notes,
    )


def _take(asked: Asked, entry: Entry) -> Form:
    now, names = entry.correction, asked.names_seen()
    viewer = asked.viewer
    owner = names.get(now.owner, now.owner) or Sentence("correction.nobody")
    return _form(
        asked,
        entry,
        "take",
        Right.MEND,
        lambda _, who: [CorrectionAssigned(correction=now.id, owner=who.id, operator=who.id)],
        changes=(Change(tell("correction.row.owner"), owner, viewer.name or viewer.id),),
    )


def _assign(asked: Asked, entry: Entry) -> Form:
    now = entry.correction

    def events(typed: Mapping[str, str], who: Worker) -> Sequence[CorrectionStep]:
        owner, due = typed.get(OWNER, ""), typed.get(DUE, "")
        return [
            CorrectionAssigned(
                correction=now.id,
                owner="" if owner == now.owner else owner,
                due="" if due == now.due else due,
                reason=reason_of(typed),
                operator=who.id,
            )
        ]

    names = asked.names_seen()
    before = names.get(now.owner, now.owner) or tell("correction.nobody")
    fields = (
        Field(
            name=OWNER,
            label=tell("form.new-owner"),
            kind=FieldKind.CHOICE,
            value=now.owner,
            choices=owners_to_choose(asked, now.owner),
            hint=tell("form.now", value=before),
        ),
        Field(
            name=DUE,
            label=tell("form.new-due"),
            kind=FieldKind.DAY,
            value=now.due,
            hint=tell("form.now", value=date_words(now.due)) if now.due else "",
        ),
        reason_field(),
    )
    return _form(asked, entry, "assign", Right.ASSIGN, events, fields=fields)


def owners_to_choose(asked: Asked, present: str, *also: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return who can own a correction: departments of the rules, and the people whom the viewer may see."""
    names = asked.names_seen()
    rules, _ = rules_to_show(asked.sources.settings, asked.sources.data)
    departments = sorted({rule.owner for rule in rules.rules if rule.owner}, key=str.casefold)
    people = asked.sources.active(asked.viewer)
    choices = {present: names.get(present, present) or tell("correction.nobody")} if present != ANOTHER else {}
    choices |= {name: name for name in departments}
    choices |= {worker: names.get(worker, worker) for worker in people}
    return (*also, *choices.items())


def _fixed(asked: Asked, entry: Entry) -> Form:
    now, sources = entry.correction, asked.sources
    due = sources.clock.day(sources.settings.corrections.recheck_days)
    checked = Sentence("correction.fixed-machine" if now.recheck is Recheck.MACHINE else "correction.fixed-person")
    ended = Sentence("correction.closed", result=Sentence(f"correction.result.{Result.MENDED.value}"))
    after = ended if now.recheck is Recheck.NONE else checked
    return _form(
        asked,
        entry,
        "fixed",
        Right.MEND,
        lambda typed, who: [
            CorrectionMended(
                correction=now.id,
                note=Sentence.verbatim(clean(typed.get(NOTE, ""), LONGEST_REASON)),
                due=due,
                operator=who.id,
            )
        ],
        fields=(Field(name=NOTE, label=tell("form.note"), kind=FieldKind.LONG),),
        changes=(Change(tell("correction.row.state"), waits_for(entry), after),),
    )


def _recheck(asked: Asked, entry: Entry) -> Form:
    return _form(
        asked,
        entry,
        "recheck",
        Right.RECHECK,
        lambda typed, who: [
            CorrectionRechecked(
                correction=entry.correction.id,
                passed=typed.get(RESULT) == "good",
                reason=Sentence.verbatim(reason_of(typed)),
                operator=who.id,
            )
        ],
        fields=(
            Field(
                name=RESULT,
                label=tell("form.recheck-result"),
                kind=FieldKind.RADIO,
                choices=(("good", tell("form.good")), ("bad", tell("form.not-good"))),
                needed=True,
            ),
            Field(name=REASON, label=tell("form.still-wrong"), kind=FieldKind.LONG, hint=tell("form.if-not-good")),
        ),
    )


def _close(asked: Asked, entry: Entry) -> Form:
    return _form(
        asked,
        entry,
        "close",
        Right.CLOSE,
        lambda typed, who: [
            CorrectionClosed(
                correction=entry.correction.id,
                result=Result(typed.get(RESULT, "")),
                reason=Sentence.verbatim(reason_of(typed)),
                operator=who.id,
            )
        ],
        fields=(
            Field(
                name=RESULT,
                label=tell("form.close-result"),
                kind=FieldKind.RADIO,
                choices=tuple((result.value, tell(f"correction.result.{result.value}")) for result in _BY_HAND),
                needed=True,
            ),
            reason_field(needed=True),
        ),
        notes=(tell("form.never-opens"),),
    )


def _accept(asked: Asked, entry: Entry) -> Form:
    now = entry.correction

    def events(typed: Mapping[str, str], who: Worker) -> Sequence[FindingWaived]:
        return [
            FindingWaived(
                barcode=now.barcode,
                part=part,
                rule=now.rule,
                title=now.title,
                severity=now.severity,
                reason=reason_of(typed),
                operator=who.id,
                role=who.role or Role.TRAINEE,
            )
            for part in now.parts
        ]

    systems = system_names(asked.sources.settings)
    out = tell("form.goes-out", systems=", ".join(tell(f"delivery.system.{name}") for name in systems))
    return _form(
        asked,
        entry,
        "accept",
        _accepts(entry),
        events,
        fields=(reason_field(needed=True),),
        notes=(tell("form.judged-again"), *([out] if systems else []), tell("form.never-opens")),
    )


def _look(asked: Asked, entry: Entry) -> Form:
    now = entry.correction
    return _form(
        asked,
        entry,
        "look",
        Right.SEE_OTHERS,
        lambda _, who: [SecondCheckSeen(correction=now.id, operator=who.id)],
        notes=(tell("form.another-checks"), tell("form.not-undone")),
        back=f"/items/{now.barcode}",
    )


def _accepts(entry: Entry) -> Right:
    return Right.WAIVE_CRITICAL if entry.correction.severity is Severity.CRITICAL else Right.WAIVE


def reason_field(*, needed: bool = False) -> Field:
    label = tell("form.reason" if needed else "form.reason-optional")
    return Field(name=REASON, label=label, kind=FieldKind.LONG, needed=needed)


def reason_of(typed: Mapping[str, str]) -> str:
    return clean(typed.get(REASON, ""), LONGEST_REASON)


def _checks_again(entry: Entry, viewer: Worker) -> CorrectionStep | None:
    """Return the recheck by a person; None = the machine rechecks, at the bench, or nothing is fixed yet."""
    now = entry.correction
    waits = now.kind is CorrectionKind.RECHECK or now.state is CorrectionState.MENDED
    if now.recheck is not Recheck.PERSON or not waits:
        return None
    return CorrectionRechecked(correction=now.id, passed=True, operator=viewer.id)


def _waives(entry: Entry, viewer: Worker) -> CorrectionStep | None:
    """Return a step that is possible when a waiver is: for as long as the finding is open."""
    now = entry.correction
    if now.kind is CorrectionKind.RECHECK or now.rule == "":
        return None
    return CorrectionAssigned(correction=now.id, due="9999-12-31", operator=viewer.id)


DOINGS: Final = (
    Doing(
        "take",
        lambda _: Right.MEND,
        lambda entry, viewer: (
            CorrectionAssigned(correction=entry.correction.id, owner=viewer.id, operator=viewer.id)
            if entry.correction.owner != viewer.id
            else None
        ),
        _take,
    ),
    Doing(
        "fixed",
        lambda _: Right.MEND,
        lambda entry, viewer: CorrectionMended(correction=entry.correction.id, operator=viewer.id),
        _fixed,
    ),
    Doing("recheck", lambda _: Right.RECHECK, _checks_again, _recheck),
    Doing(
        "assign",
        lambda _: Right.ASSIGN,
        lambda entry, viewer: CorrectionAssigned(correction=entry.correction.id, due="9999-12-31", operator=viewer.id),
        _assign,
    ),
    Doing(
        "close",
        lambda _: Right.CLOSE,
        lambda entry, viewer: CorrectionClosed(
            correction=entry.correction.id,
            result=Result.NO_DEFECT,
            reason=Sentence.verbatim("-"),
            operator=viewer.id,
        ),
        _close,
    ),
    Doing("accept", _accepts, _waives, _accept),
    Doing(
        "look",
        lambda _: Right.SEE_OTHERS,
        lambda entry, viewer: (
            SecondCheckSeen(correction=entry.correction.id, operator=viewer.id)
            if is_second_check(entry.correction, viewer.id)
            else None
        ),
        _look,
    ),
)
"""In the order of the page's buttons."""


# --- several at once -------------------------------------------------------------------------------------------------


def assign_many(asked: Asked) -> Form:
    """Give several corrections an owner or a due date: all, or none."""
    entries = _chosen(asked)
    names = asked.names_seen()

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        owner, due = typed.get(OWNER, ""), typed.get(DUE, "")
        events = [
            CorrectionAssigned(
                correction=entry.correction.id,
                owner="" if owner == entry.correction.owner else owner,
                due="" if due == entry.correction.due else due,
                reason=reason_of(typed),
                operator=asked.viewer.id,
                authorised=lent.authorised,
            )
            for entry in entries
        ]
        asked.sources.acts.order(events, lent.by, last)
        return "/fix/done?" + "&".join(f"id={entry.correction.id}" for entry in entries)

    unchanged = ("", tell("form.unchanged"))
    return Form(
        title=tell("form.assign-many", count=len(entries)),
        subject="",
        button=tell("form.do.assign"),
        back="/fix",
        act=act,
        right=Right.ASSIGN,
        fields=(
            Field(
                name=OWNER,
                label=tell("form.new-owner"),
                kind=FieldKind.CHOICE,
                choices=owners_to_choose(asked, ANOTHER, unchanged),
            ),
            Field(name=DUE, label=tell("form.new-due"), kind=FieldKind.DAY),
            reason_field(),
        ),
        changes=tuple(
            Change(
                entry.correction.item_title or entry.correction.barcode,
                Sentence.joined(
                    (names.get(entry.correction.owner, entry.correction.owner), date_words(entry.correction.due)), ", "
                ),
                "",
            )
            for entry in entries
        ),
        hidden=((IDS, " ".join(entry.correction.id for entry in entries)),),
    )


def _chosen(asked: Asked) -> list[Entry]:
    """Return the chosen corrections. Raises `CorrectionNotOpen` for none, and `ControlRefused` for too many."""
    ids = asked.every.get("id", ()) if asked.posted is None else tuple(asked.posted.get(IDS, "").split())
    ids = tuple(dict.fromkeys(filter(None, ids)))
    if not ids:
        raise CorrectionNotOpen(Sentence("form.none-chosen"))
    if len(ids) > MOST:
        raise ControlRefused(Sentence("form.too-many-chosen", most=MOST))
    return [asked.sources.correction(asked.viewer, name) for name in ids]


def done(asked: Asked) -> Page:
    """What several corrections are after they were changed at once."""
    names = asked.names_seen()
    entries = [asked.sources.correction(asked.viewer, name) for name in asked.every.get("id", ())[:MOST]]
    return Page(
        template="done",
        title=tell("form.done-many", count=len(entries)),
        values={
            "rows": [
                (
                    f"/fix/{entry.correction.id}",
                    entry.correction.item_title or entry.correction.barcode,
                    names.get(entry.correction.owner, entry.correction.owner),
                    date_words(entry.correction.due) if entry.correction.due else "",
                )
                for entry in entries
            ],
            "heads": [tell("office.head.title"), tell("office.head.owner"), tell("office.head.due")],
            "back": "/fix",
            "slips": "/fix/slips?" + "&".join(f"id={entry.correction.id}" for entry in entries),
        },
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/fix/slips", papers.slips),
    ("/fix/done", done),
    ("/fix/{id}", one),
    ("/fix/{id}/slip", papers.correction_slip),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/fix/assign", assign_many),
    *((f"/fix/{{id}}/{doing.name}", partial(form, doing.name)) for doing in DOINGS),
)
