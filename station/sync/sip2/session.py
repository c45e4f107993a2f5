"""A SIP2 session: log-in, status, one question at a time, sequence numbers, resends, and handling of silence.

Rules (docs/reference/systems.md#sip2-error-detection to #sip2-reports): one message under way at a time; read until CR
with one deadline for the whole answer; after anything but a clean answer the connection is dropped, so that a late
answer can never be taken for the answer to the next question; a new connection logs in again; a sequence number is
never reused for a new message while the server remembers it; 96 asks for the same bytes again.

A message that changes something is in doubt from its first byte on: only its own answer settles it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from station.base.clock import Clock, Deadline
from station.base.credentials import Secret
from station.base.errors import CredentialsRefused, InDoubt, StationError, Unreachable
from station.base.sentence import Sentence
from station.sync.sip2.codec import Charset, Check, LineReader, Message, SipUnreadable, decode, encode
from station.sync.sip2.connection import Wire
from station.sync.sip2.messages import LAYOUTS, Layout, supports

_LOG = logging.getLogger(__name__)

DEFAULT_TIMEOUT_S: Final = 5.0
DEFAULT_RETRIES: Final = 3
SHORTEST_TIMEOUT_S: Final = 1.0
LONGEST_TIMEOUT_S: Final = 60.0
STALE_LIMIT: Final = 8
"""Most answers to earlier messages that are skipped while waiting for ours."""
MAX_LINE: Final = 65536
"""Longest answer read, bytes."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Protocol parameters of one server."""

    institution: str = ""
    """AO."""
    location: str = ""
    """CP of the log-in: the desk or service point."""
    user: str = ""
    """CN; empty = no log-in message."""
    charset: Charset = "auto"
    fallback: str = "cp850"
    """Character set of text that is not valid UTF-8, if `charset` is "auto"."""
    terminator: bytes = b"\r"
    error_detection: bool = True
    delimiter: str = "|"
    timeout_s: float = 0.0
    """0: from the server's status, else 5 s."""
    limit_s: float = 20.0
    """Longest time for one question with all its repeats, seconds."""


class Status(msgspec.Struct, frozen=True):
    """Content of a 98."""

    online: bool
    checkin: bool
    status_update: bool
    """Item Status Update (19) is offered: by the flag of BX if there is one."""
    timeout_s: float
    retries: int
    institution: str
    library: str
    supported: str
    """BX as received."""
    checks: Check
    charset: str


class Session:
    """One server, one connection at a time. May be used from several threads; they wait for each other."""

    def __init__(
        self,
        connect: Callable[[Deadline], Wire],
        terms: Terms,
        clock: Clock,
        password: Callable[[], Secret],
        place: str = "the SIP2 server",
    ) -> None:
        self._connect = connect
        self._terms = terms
        self._clock = clock
        self._password = password
        self._place = place
        self._lock = threading.Lock()
        self._wire: Wire | None = None
        self._lines = LineReader(MAX_LINE)
        self._sequence = 0
        self._detect = terms.error_detection
        self._quiet = False
        """True until the server has shown that it speaks SIP2: received bytes are not quoted, since they may only
        repeat our log-in."""
        self._status: Status | None = None

    @property
    def status(self) -> Status | None:
        """The newest status of the server, None before the first connection."""
        return self._status

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def connect(self) -> Status:
        """Reconnect, log in and ask for the status. Raises `Unreachable` or `CredentialsRefused`."""
        with self._lock:
            self._drop()
            self._open()
            if self._status is None:  # `_ready` sets it
                raise Unreachable(Sentence("sip2.no-status", place=self._place))
            return self._status

    def ask(self, code: str, fixed: dict[str, str], fields: tuple[tuple[str, str], ...]) -> Message:
        """Send a question that changes nothing. It is repeated over a new connection as often as the server's status
        allows.

        Raises `Unreachable`, `CredentialsRefused`, `Rejected` (it cannot be written).
        """
        with self._lock:
            tries = 0
            limit = Deadline(self._clock, self._terms.limit_s)
            while True:
                tries += 1
                try:
                    self._ready()
                    return self._exchange(LAYOUTS[code], fixed, fields)
                except (OSError, SipUnreadable) as error:
                    self._drop()
                    if tries > self._retries or limit.expired:
                        raise Unreachable(f"{self._place}: {_reason(error)}") from error
                except StationError:
                    self._drop()
                    raise

    def change(self, code: str, fixed: dict[str, str], fields: tuple[tuple[str, str], ...]) -> Message:
        """Send a message that changes something, at most once, unless the server itself asks for the bytes again (96).

        Raises `Unreachable` (nothing was sent), `InDoubt` (sent, no clean answer), `CredentialsRefused`, `Rejected`.
        """
        with self._lock:
            self._open()
            try:
                return self._exchange(LAYOUTS[code], fixed, fields)
            except (OSError, SipUnreadable) as error:
                self._drop()
                raise InDoubt(
                    Sentence("sip2.was-sent", place=self._place, message=LAYOUTS[code].name, why=_reason(error))
                ) from error

    def now(self) -> str:
        """Return the time of the message, in local time with a blank zone."""
        moment = datetime.fromisoformat(self._clock.now()).astimezone()
        return f"{moment:%Y%m%d}    {moment:%H%M%S}"

    @property
    def _timeout(self) -> float:
        if self._terms.timeout_s > 0:
            return self._terms.timeout_s
        return self._status.timeout_s if self._status is not None else DEFAULT_TIMEOUT_S

    @property
    def _retries(self) -> int:
        return self._status.retries if self._status is not None else DEFAULT_RETRIES

    def _open(self) -> None:
        """Ensure a connection whose server answers, so that a change is not lost on a connection that died while it was
        idle."""
        if self._wire is not None:
            try:
                self._ask_status()
                return
            except (OSError, SipUnreadable):
                self._drop()
        try:
            self._ready()
        except (OSError, SipUnreadable) as error:
            self._drop()
            raise Unreachable(f"{self._place}: {_reason(error)}") from error

    def _ready(self) -> None:
        if self._wire is not None:
            return
        self._lines = LineReader(MAX_LINE)
        self._detect = self._terms.error_detection
        self._wire = self._connect(Deadline(self._clock, self._timeout))
        self._quiet = True
        try:
            if self._terms.user:
                self._log_in()
            self._ask_status()
            self._quiet = False
        except BaseException:
            self._drop()
            raise

    def _log_in(self) -> None:
        fields = [("CN", self._terms.user), ("CO", self._password().reveal())]
        if self._terms.location:
            fields.append(("CP", self._terms.location))
        answer = self._exchange(LAYOUTS["93"], {"uid_algorithm": "0", "password_algorithm": "0"}, tuple(fields))
        if answer.fixed["ok"] != "1":
            raise CredentialsRefused(Sentence("sip2.refuses-login", place=self._place, user=repr(self._terms.user)))

    def _ask_status(self) -> None:
        answer = self._exchange(LAYOUTS["99"], {"status_code": "0", "max_print_width": "080", "version": "2.00"}, ())
        bx = answer.first("BX")
        offered = supports(bx, "19")
        tenths = answer.fixed["timeout"]
        wait = int(tenths) / 10 if tenths.isdigit() and tenths not in ("000", "999") else DEFAULT_TIMEOUT_S
        retries = answer.fixed["retries"]
        self._status = Status(
            online=answer.fixed["online"] == "Y" and tenths != "000",
            checkin=answer.fixed["checkin"] == "Y",
            status_update=offered if offered is not None else answer.fixed["status_update"] == "Y",
            timeout_s=min(LONGEST_TIMEOUT_S, max(SHORTEST_TIMEOUT_S, wait)),
            retries=min(10, int(retries)) if retries.isdigit() and retries != "999" else DEFAULT_RETRIES,
            institution=answer.first("AO"),
            library=answer.first("AM"),
            supported=bx,
            checks=answer.check,
            charset=answer.charset,
        )
        if not self._status.online:
            raise Unreachable(Sentence("sip2.off-line", place=self._place))

    def _exchange(self, layout: Layout, fixed: dict[str, str], fields: tuple[tuple[str, str], ...]) -> Message:
        """Send one message and return its answer. Raises `SipUnreadable`, `OSError`, or `Rejected` before anything is
        sent."""
        self._sequence = (self._sequence + 1) % 10
        sequence = self._sequence if self._detect else None
        terms = self._terms
        request = encode(
            layout.code,
            fixed,
            fields,
            sequence=sequence,
            charset=terms.charset,
            delimiter=terms.delimiter,
            terminator=terms.terminator,
        )
        asked_again = resends = stale = 0
        self._write(request)
        deadline = Deadline(self._clock, self._timeout)
        while True:
            answer = self._read(deadline)
            if answer.code == "96":
                resends += 1
                if layout.changes and asked_again:
                    raise SipUnreadable("the answer's checksum is wrong, and it cannot be had again")
                if resends > self._retries:
                    raise SipUnreadable("the server does not accept our checksum")
                self._write(request)
                deadline = Deadline(self._clock, self._timeout)
            elif answer.check is Check.WRONG:
                asked_again += 1
                if asked_again > 1:
                    raise SipUnreadable("the answer's checksum is wrong, again")
                self._write(encode("97", {}, (), sequence=0, terminator=terms.terminator))
                deadline = Deadline(self._clock, self._timeout)
            elif sequence is not None and answer.sequence not in (None, sequence):
                stale += 1
                if stale > STALE_LIMIT:
                    raise SipUnreadable("too many answers to earlier messages")
            elif answer.code != layout.reply:
                raise SipUnreadable(f"the answer to {layout.name} is a {LAYOUTS[answer.code].name}")
            else:
                # An answer repeated after our 97 may lack its trailer (Evergreen). That proves nothing about other
                # answers.
                if sequence is not None and answer.check is Check.ABSENT and not asked_again:
                    self._detect = False
                return answer

    def _write(self, data: bytes) -> None:
        if self._wire is None:
            raise SipUnreadable("not connected")
        self._wire.write(data, Deadline(self._clock, self._timeout))

    def _read(self, deadline: Deadline) -> Message:
        while True:
            line = self._lines.take()
            if line is not None:
                return self._decoded(line)
            if self._wire is None:
                raise SipUnreadable("not connected")
            try:
                data = self._wire.read(deadline)
            except TimeoutError:
                rest = self._lines.rest()
                what = f"{len(rest)} bytes came, but no end of the answer" if rest else "no answer in time"
                raise SipUnreadable(what) from None
            if not data:
                raise SipUnreadable("the server closed the connection")
            self._lines.feed(data)

    def _decoded(self, line: bytes) -> Message:
        terms = self._terms
        try:
            return decode(line, charset=terms.charset, fallback=terms.fallback, delimiter=terms.delimiter)
        except SipUnreadable:
            if not self._quiet:
                raise
        # Raised outside the handler, so that the exception does not hold the bytes even as its context.
        raise SipUnreadable(f"the answer is not SIP2 ({len(line)} bytes, not shown because they may repeat the log-in)")

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            try:
                wire.close()
            except OSError as error:
                _LOG.debug("closing: %s", error)


def _reason(error: Exception) -> str:
    if isinstance(error, SipUnreadable):
        return str(error)
    return (error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__) or "no answer"
