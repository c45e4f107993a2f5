"""The frame of every form: what it shows, what a person sends, and what becomes of it.

GET never changes anything. A form holds a token, which acts once, and `last`: the number of the journal's newest event
when the form was made. What it changes is compared with `last` where the journal is written. An act answers with a
redirect to its subject; a refusal shows the form again, with what was typed.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import ChangedMeanwhile, StationError, WorkerGone
from station.base.sentence import Sentence
from station.base.words import tell
from station.base.words.telling import with_field
from station.domain.corrections.correction import lacks
from station.domain.people.rights import BY_FRESH_PIN, Right
from station.domain.people.sign_on import By, Claim, Pin
from station.domain.ports import JournalRow
from station.office.answers import FIELDS, LENDER, LENDER_PIN, PIN, status_of
from station.office.asked import VIA, Asked, Page
from station.office.tokens import Tokens
from station.runtime.identity.sessions import FRESH_S

TOKEN: Final = "token"
LAST: Final = "last"
NEW: Final = "new"
"""Parameter of the page that an act leads to: the number of its event."""
_SHOWN_EVENTS: Final = 20


class FieldKind(StrEnum):
    """How a field is shown."""

    TEXT = "text"
    LONG = "long"
    """Several lines."""
    DAY = "date"
    CHOICE = "choice"
    """One of a list that is folded."""
    RADIO = "radio"
    """One of few choices, each with its words."""
    LOGIN = "login"
    """Login or card of a person."""
    PIN = "password"
    FILE = "file"
    """A file of the reader's computer; never shown again."""
    BUTTONS = "buttons"
    """Few choices, each a button that sends the form."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a form."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Values and their words."""
    hint: str = ""
    needed: bool = False
    longest: int = 500
    """Characters of `FieldKind.LONG`."""


class Change(msgspec.Struct, frozen=True):
    """One line of what the act changes: its name, its value before, and after."""

    name: str
    before: str | Sentence
    after: str | Sentence


class Declined(Exception):
    """The core answered an act with a code that is no error, such as a delivery that has ended meanwhile. Never raised
    outside this room."""

    def __init__(self, sentence: str, field: str = "") -> None:
        """`field`: name of the field at fault; "" = of no single one."""
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Lent(msgspec.Struct, frozen=True):
    """Who acts, by what proof, and who lends the right."""

    by: By
    authorised: str = ""
    """Login, card or id of the person who lends the right; "" = nobody."""


class Once(msgspec.Struct, frozen=True):
    """An answer that is given only once. The same form sent again leads to `location`."""

    location: str
    page: Page


class Onward(msgspec.Struct, frozen=True):
    """An answer to a form that changed nothing: it leads to `location`, and may be sent again with other values."""

    location: str


Act = Callable[[Mapping[str, str], Lent, int], str | Once | Onward]
"""Carries out what was sent: values of the fields, who acts, and `last`. Returns the path of the page that shows it.
Raises `StationError`, and `Declined`."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form as its subject is now."""

    template: str = "form"
    title: str
    subject: str
    """What the act is about, in a few words; "" = `changes` name it."""
    button: str
    back: str
    """Path of the page of its subject."""
    act: Act
    right: Right | None = None
    """The right that the act needs; None = everyone may act."""
    fields: tuple[Field, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    """What goes out, and what cannot be undone."""
    refusal: StationError | None = None
    """Why the act is not possible now."""
    hidden: tuple[tuple[str, str], ...] = ()
    """Further names and values that the form sends back."""
    lines: tuple[str, ...] = ()
    """What is known of its subject."""
    text: tuple[str, ...] = ()
    """Lines of a text that the person sends elsewhere."""
    every_time: bool = False
    """True if the act needs the PIN every time."""
    sides: bool = False
    """True if `changes` hold what the library system has, and what the station wants."""


Make = Callable[[Asked], Form]


class Problem(msgspec.Struct, frozen=True):
    """One fault of what was sent; `field` "" = of no single field."""

    sentence: str
    field: str = ""


class Forms:
    """Shows and receives the forms of one office. Remembers for a short time what it must: tokens, when a PIN was given
    for which right (never the PIN), and what was typed when a session had ended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = Tokens()
        self._lock = threading.Lock()
        self._given: dict[tuple[str, Right], float] = {}
        """Monotonic time until which a PIN counts, by session and right."""
        self._typed: dict[tuple[str, str], Mapping[str, str]] = {}
        """By session and path."""

    def keep(self, session: str, path: str, typed: Mapping[str, str]) -> None:
        """Keep what was typed until the form at `path` is shown in this session."""
        with self._lock:
            self._typed[session, path] = typed

    def page(self, asked: Asked, make: Make) -> Page:
        """Answer a request for a form, or what was sent with it. Raises `StationError`."""
        if asked.viewer.role is None:
            raise WorkerGone(asked.viewer.id)
        return self._show(asked, make) if asked.posted is None else self._receive(asked, asked.posted, make)

    def _show(self, asked: Asked, make: Make) -> Page:
        last = asked.newest()
        form = make(asked)
        with self._lock:
            typed = self._typed.pop((asked.session, asked.path), {})
        if form.refusal is not None:
            raise form.refusal
        missing = lacks(asked.viewer.role, form.right) if form.right is not None else None
        if missing is not None and not asked.sources.signs_on:
            raise missing
        seen = typed.get(LAST, "")
        return self._drawn(asked, form, {**asked.parameters, **typed}, int(seen) if seen.isdecimal() else last)

    def _receive(self, asked: Asked, posted: Mapping[str, str], make: Make) -> Page:
        token = self._tokens.find(posted.get(TOKEN, ""), asked.session)
        last = asked.newest()
        if token is None:
            problem = Problem(tell("form.old"))
            return self._drawn(asked, make(asked), posted, last, (problem,), status=403)
        with token.lock:
            if token.location:
                return Page(template="", title="", location=token.location, status=303)
            form = make(asked)
            seen = posted.get(LAST, "")
            expects = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else 0
            if problems := tuple(_problems(self._fields(asked, form), posted)):
                return self._drawn(asked, form, posted, expects, problems, status=422)
            try:
                outcome = form.act(posted, self._lent(asked, form, posted), expects)
            except ChangedMeanwhile as error:
                events = _events(asked, error.numbers)
                problem = Problem(tell(error.sentence))
                return self._drawn(asked, make(asked), posted, last, (problem,), status=status_of(error), events=events)
            except Declined as declined:
                problem = Problem(declined.sentence, declined.field)
                return self._drawn(asked, make(asked), posted, last, (problem,), status=409)
            except StationError as error:
                fields = self._fields(asked, form, ask_pin=error.code == "fresh-pin-needed")
                labels = {field.name: field.label for field in fields}
                at = next((name for name in (error.answered_by, *FIELDS.get(error.code, ())) if name in labels), "")
                sentence = error.with_remedy
                answers = at and at == error.answered_by
                problem = Problem(with_field(sentence, labels[at]) if answers else tell(sentence), at)
                return self._drawn(asked, form, posted, expects, (problem,), status=status_of(error), fields=fields)
            if isinstance(outcome, Onward):
                return Page(template="", title="", location=outcome.location, status=303)
            if form.right in BY_FRESH_PIN and posted.get(PIN):
                self._remember(asked.session, form.right)
            token.location = outcome.location if isinstance(outcome, Once) else outcome
            if isinstance(outcome, Once):
                return outcome.page
            return Page(template="", title="", location=token.location, status=303)

    def _remember(self, session: str, right: Right) -> None:
        now = self._clock.monotonic()
        with self._lock:
            self._given = {key: until for key, until in self._given.items() if now < until}
            self._given[session, right] = now + FRESH_S

    def _is_lent(self, asked: Asked, form: Form) -> bool:
        return asked.sources.signs_on and form.right is not None and lacks(asked.viewer.role, form.right) is not None

    def _lent(self, asked: Asked, form: Form, posted: Mapping[str, str]) -> Lent:
        """Return who acts, and by what proof. Raises `NotAllowed`."""
        viewer = asked.viewer
        if not asked.sources.signs_on:
            if form.right is not None and (refused := lacks(viewer.role, form.right)) is not None:
                raise refused
            return Lent(By(operator=viewer.id, via=VIA))
        claims = [Claim(name=viewer.id, pin=Pin(posted[PIN]))] if posted.get(PIN) else []
        lender = posted.get(LENDER, "") if self._is_lent(asked, form) else ""
        if lender:
            claims.append(Claim(name=lender, pin=Pin(posted.get(LENDER_PIN, ""))))
        return Lent(By(operator=viewer.id, session=asked.session, claims=tuple(claims), via=VIA), lender)

    def _fields(self, asked: Asked, form: Form, *, ask_pin: bool = False) -> tuple[Field, ...]:
        """Return the fields with those that prove who acts."""
        proofs: list[Field] = []
        if self._is_lent(asked, form):
            who = tell("form.lender")
            proofs.append(
                Field(name=LENDER, label=who, kind=FieldKind.LOGIN, hint=tell("form.lender-hint"), needed=True)
            )
            proofs.append(Field(name=LENDER_PIN, label=tell("form.lender-pin"), kind=FieldKind.PIN, needed=True))
        if asked.sources.signs_on and (ask_pin or self._asks_pin(asked, form)):
            name = asked.viewer.name or asked.viewer.id
            proofs.append(Field(name=PIN, label=tell("people.pin-of", name=name), kind=FieldKind.PIN, needed=True))
        return (*form.fields, *proofs)

    def _asks_pin(self, asked: Asked, form: Form) -> bool:
        if form.every_time:
            return True
        if form.right not in BY_FRESH_PIN:
            return False
        with self._lock:
            return self._clock.monotonic() >= self._given.get((asked.session, form.right), 0.0)

    def _drawn(
        self,
        asked: Asked,
        form: Form,
        values: Mapping[str, str],
        last: int,
        problems: tuple[Problem, ...] = (),
        *,
        status: int = 200,
        events: tuple[JournalRow, ...] = (),
        fields: tuple[Field, ...] | None = None,
    ) -> Page:
        shown = [
            msgspec.structs.replace(
                field,
                value="" if field.kind in (FieldKind.PIN, FieldKind.FILE) else values.get(field.name, field.value),
            )
            for field in (self._fields(asked, form) if fields is None else fields)
        ]
        hidden = [(TOKEN, self._tokens.new(asked.session)), (LAST, str(last)), *form.hidden]
        return Page(
            template=form.template,
            title=form.title,
            values={
                "form": form,
                "fields": shown,
                "hidden": hidden,
                "problems": problems,
                "wrong": {problem.field: problem.sentence for problem in problems if problem.field},
                "events": events,
                "names": asked.names_seen(),
            },
            status=status,
        )


def _problems(fields: tuple[Field, ...], posted: Mapping[str, str]) -> Iterator[Problem]:
    for field in fields:
        text = posted.get(field.name, "").strip()
        if not text:
            if field.needed:
                yield Problem(tell("form.missing", field=field.label), field.name)
        elif field.choices and text not in {value for value, _ in field.choices}:
            yield Problem(tell("form.no-choice", field=field.label), field.name)
        elif field.kind is FieldKind.DAY and not _is_day(text):
            yield Problem(tell("form.no-day"), field.name)


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def _events(asked: Asked, numbers: tuple[int, ...]) -> tuple[JournalRow, ...]:
    """Return events as the viewer may see them, the newest first."""
    newest = sorted(numbers, reverse=True)[:_SHOWN_EVENTS]
    return tuple(row for number in newest for row in asked.queries.journal_page(number + 1, 1, plain=True))
