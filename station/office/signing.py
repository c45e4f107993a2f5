"""Sign-in and sign-out. Where people sign on, the reader of a page is the person of the browser's session; elsewhere the
operator of the settings, as for commands.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from station.base.clock import Clock
from station.base.errors import StationError
from station.base.words import tell
from station.domain.people.changes import OwnPin
from station.domain.people.sign_on import Claim, Pin
from station.domain.ports import Worker
from station.office.answers import FIELDS, LOGIN, NEW_PIN, PIN, SECRETS, status_of
from station.office.asked import VIA, Asked, Page
from station.office.forms import TOKEN, Declined, Field, FieldKind, Forms, Problem
from station.office.person_forms import chosen_pin, new_pin_fields
from station.office.sources import Sources
from station.office.tokens import Tokens

PATH: Final = "/sign-in"
LEAVE: Final = "/sign-out"
TO: Final = "to"
KEPT: Final = "kept"
TRIES: Final = 10
TRIES_S: Final = 60.0
_ADDRESSES: Final = 1000
"""Addresses whose tries are kept."""


class Signing:
    """Signs people in and out."""

    def __init__(self, sources: Sources, forms: Forms) -> None:
        self._sources = sources
        self._forms = forms
        self._tokens = Tokens()
        self._tries = Tries(sources.clock)

    def viewer(self, session: str, *, use: bool = True) -> Worker | None:
        """Return who reads; None = nobody has signed in. `use`: as for `Acts.viewer`."""
        if not self._sources.signs_on:
            return self._sources.operator()
        return self._sources.acts.viewer(session, use=use) if session else None

    def page(self, asked: Asked) -> Page:
        """The page that asks for login and PIN, and what was typed there."""
        to = _local(asked.text(TO) if asked.posted is None else asked.posted.get(TO, ""))
        if not self._sources.signs_on:
            return _leads(to)
        if asked.posted is None:
            return _leads(to) if asked.viewer.id else self._drawn(to)
        kept = asked.posted.get(KEPT, "")
        if self._tokens.find(asked.posted.get(TOKEN, ""), "") is None:
            return self._drawn(to, kept, Problem(tell("form.old")), status=403)
        login, pin = asked.posted.get(LOGIN, "").strip(), asked.posted.get(PIN, "").strip()
        for name, text, label in ((LOGIN, login, "form.login"), (PIN, pin, "people.pin")):
            if not text:
                return self._drawn(to, kept, Problem(tell("form.missing", field=tell(label)), name), login, status=422)
        if not self._tries.allow(asked.address):
            return self._drawn(to, kept, Problem(tell("form.too-many-tries")), login, status=429)
        changes = NEW_PIN in asked.posted
        try:
            session = self._session(login, Pin(pin), asked.posted if changes else None)
        except Declined as declined:
            problem = Problem(declined.sentence, declined.field)
            return self._drawn(to, kept, problem, login, changes=changes, status=422)
        except StationError as error:
            if error.code == "pin-change-needed":
                problem, changes = Problem(tell("form.first-pin"), NEW_PIN), True
            else:
                field = NEW_PIN if error.code == "pin-unfit" else PIN if error.code in FIELDS else ""
                problem = Problem(tell(error.with_remedy), field)
            return self._drawn(to, kept, problem, login, changes=changes, status=status_of(error))
        if kept:
            self._forms.keep(session, to.partition("?")[0], dict(parse_qsl(kept, keep_blank_values=True)))
        return _leads(to, session=session)

    def _session(self, login: str, pin: Pin, chosen: Mapping[str, str] | None) -> str:
        """Begin a session. `chosen`: the fields of the PIN that the person chooses in place of a first one. Raises
        `Declined` and `StationError`."""
        acts = self._sources.acts
        if chosen is not None:
            new = chosen_pin(chosen)
            acts.own_pin(OwnPin(claim=Claim(name=login, pin=pin), pin=new), VIA)
            pin = new
        return acts.sign_in(login, pin, VIA)[0]

    def interrupted(self, asked: Asked) -> Page:
        """Ask a person whose session has ended to sign in; what was typed is kept, but for PINs."""
        posted = {} if asked.posted is None else asked.posted
        kept = urlencode({name: value for name, value in posted.items() if name != TOKEN and name not in SECRETS})
        return self._drawn(asked.path, kept, status=403)

    def leave(self, asked: Asked) -> Page:
        """End the session of this browser."""
        if asked.posted is None or asked.posted.get(TOKEN) != leaving(asked.session):
            return Page(
                template="sentence", title=tell("form.sign-out"), values={"sentence": tell("form.old")}, status=403
            )
        if asked.session and self._sources.signs_on:
            self._sources.acts.sign_out(asked.session, VIA)
        return _leads(PATH, session="")

    def _drawn(
        self,
        to: str,
        kept: str = "",
        problem: Problem | None = None,
        login: str = "",
        *,
        changes: bool = False,
        status: int = 200,
    ) -> Page:
        """`changes`: also ask for the PIN that the person chooses in place of a first one."""
        return Page(
            template="sign_in",
            title=tell("form.sign-in"),
            values={
                "hidden": ((TOKEN, self._tokens.new("")), (TO, to), (KEPT, kept)),
                "fields": (
                    Field(
                        name=LOGIN,
                        label=tell("form.login"),
                        kind=FieldKind.LOGIN,
                        value=login,
                        hint=tell("form.login-hint"),
                        needed=True,
                    ),
                    Field(
                        name=PIN,
                        label=tell("form.first-pin-again" if changes else "people.pin"),
                        kind=FieldKind.PIN,
                        needed=True,
                    ),
                    *(new_pin_fields() if changes else ()),
                ),
                "typed": bool(kept),
                "problems": () if problem is None else (problem,),
                "wrong": {problem.field: problem.sentence} if problem is not None and problem.field else {},
            },
            status=status,
        )


class Tries:
    """Counts sign-ins by address: `TRIES` in `TRIES_S` seconds. People have a lock-out of their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def allow(self, address: str) -> bool:
        """Return True if this address may try now, and count the try."""
        now = self._clock.monotonic()
        with self._lock:
            times = self._times.pop(address, deque())
            while times and now - times[0] >= TRIES_S:
                times.popleft()
            if allowed := len(times) < TRIES:
                times.append(now)
            while len(self._times) >= _ADDRESSES:
                del self._times[next(iter(self._times))]
            self._times[address] = times
        return allowed


def leaving(session: str) -> str:
    """Return the token of the button that ends a session. It may act often: it only signs out."""
    return hashlib.sha256(b"sign out" + session.encode("utf-8", "surrogatepass")).hexdigest()


def asking(address: str) -> str:
    """Return the address that asks a reader to sign in, and leads back to a page."""
    return f"{PATH}?{urlencode({TO: address})}"


def _local(to: str) -> str:
    """Return a path of this office; else its first page."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\", PATH, LEAVE)) else "/"


def _leads(to: str, *, session: str | None = None) -> Page:
    return Page(template="", title="", location=quote(to, safe="/?&=%+-._~:"), status=303, session=session)
