"""Messages of the control socket (one JSON object per line, of limited length), and the socket's address.

A request is exactly one of: `{"submit": COMMAND}`, `{"snapshot": true}`, `{"watch": true}`, `{"retry": "ID"}`,
`{"retry_all": true}`, `{"decide": DECISION}` (a person's decision about a delivery), `{"pad": REQUEST}` (a pad request,
answered by `{"pad": ANSWER}` when the bench has carried it out), `{"order": [EVENT, ...]}` (a person's orders about
corrections, waivers, packing lists or workers, which are checked for permission, or what a program reports: an import, a
released truck, the cataloging queue; all are journaled or none, answered by the `number` of the last event),
`{"health": true}` (the reader's figures), `{"sign_on": CLAIM}` (a person and the PIN; answered by `{"who": "ID"}`),
`{"authorise": {"what", "right", "claim"}}` (a person lends a right once; answered by `{"grant": "..."}`, which is put
into the command or request concerned), `{"sign_in": CLAIM}` (begins a session at a desk; answered by `{"session": "...",
"worker": WORKER}`), `{"sign_out": "SESSION"}`, `{"viewer": "SESSION"}` (whose it is), `{"names": "SESSION"}`
(the names that its person may see), `{"account": "ID", "session": "SESSION"}` (login, language, state of the PIN, and
cards of a person), `{"change": CHANGE}` (a change of people that the file of names keeps, too; answered by
`{"changed": ...}`), `{"own_pin": {"claim", "pin"}}` (a person chooses another PIN), `{"read": QUESTION}` (order lines
or an invoice in the library system; answered by `{"read": ANSWER}`) or `{"quit": true}`. Required proofs are sent as
`"claims": [CLAIM, ...]`, or as `"session"`; docs/people.md lists the proof that each kind of request needs.
`"expects"` is the number of the newest event that the person has seen of what the request is about. COMMAND is a
command of station/domain/commands.py with its `type`, for example `{"version": 4, "submit": {"type": "scan", "text":
"31234000000007"}}`. Each request and each reply names `VERSION`.

A connection that has submitted `begin-job` ends that job when it closes.

Each request gets one line: `{"ok": true}` (for `submit`, with the `ticket` under which `answered` of a later snapshot
reports the command's outcome), `{"snapshot": ...}`, `{"retried": n}`, `{"decided": ANSWER}` or `{"error": {"code",
"sentence", "detail"}}`. Words are text or `[KEY, {VALUES}]` (`base.sentence_json`): each reader tells them in its own
language. `watch` gets a line for the present snapshot and one for each later snapshot, until either side
closes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from station.base.errors import OtherVersion, SettingsError, StationError
from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence, encode_sentence
from station.base.text import clean, clean_sentence
from station.domain.commands import (
    Abandon,
    Act,
    AllGood,
    Answer,
    Assign,
    Authorise,
    Badge,
    CancelQuestion,
    Choose,
    Close,
    Command,
    GivePin,
    LoadRoll,
    LookFirst,
    Mend,
    OrderRechecks,
    PadRequest,
    ReadPad,
    Recheck,
    Scan,
    Settle,
    SignOn,
    TakeFound,
    Waive,
)
from station.domain.deliveries.intents import Decision
from station.domain.events import Ordered
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.pad_answers import PadAnswer
from station.domain.people.changes import Account, Change, Changed, OwnPin
from station.domain.people.rights import Right
from station.domain.people.sign_on import Claim, Pin
from station.domain.ports import Worker
from station.domain.reader_health import ReaderHealth
from station.domain.snapshot import Snapshot

SOCKET_NAME: Final = "station.sock"
OFFICE_SOCKET: Final = "office.sock"
VERSION: Final = 4
"""Version of the messages. A request or reply of another version is refused. Version 1 had no number."""
MAX_REQUEST: Final = 16 * 1024 * 1024
"""Longest request line in bytes, without the newline: an order with the longest packing list."""
MAX_REPLY: Final = 4 * 1024 * 1024
"""Longest reply line in bytes that a client accepts."""
_MAX_ADDRESS: Final = 107
"""sockaddr_un.sun_path holds 108 bytes with its final NUL (unix(7))."""


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's decision about a delivery."""

    delivery: str
    decision: Decision
    operator: str
    reason: str = ""
    authorised: str = ""
    """Id of the worker who lent the right, if the operator's own rights do not suffice."""


class Authorising(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person lends a right once, and proves their identity."""

    what: str
    """The id of the open question (`domain.people.sign_on.SignOnPrompt.question`), or the `purpose` of a pad request."""
    right: Right
    claim: Claim


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A client's request; exactly one of the request fields is set."""

    version: int = 0
    """`VERSION` of the program that sends the request."""
    submit: Command | None = None
    snapshot: bool = False
    watch: bool = False
    retry: str = ""
    """Id of a delivery to retry."""
    retry_all: bool = False
    decide: Decided | None = None
    pad: PadRequest | None = None
    """A request to read or change tags on the pad; the only request that takes time."""
    order: tuple[Ordered, ...] = ()
    """A person's orders about work or people, or what another process reports: all or none."""
    health: bool = False
    """Request for the reader's figures."""
    sign_on: Claim | None = None
    """A person signs on at the bench."""
    authorise: Authorising | None = None
    """A person lends a right."""
    sign_in: Claim | None = None
    """A person signs in at a desk."""
    sign_out: str = ""
    """Session to end."""
    viewer: str = ""
    """Session of which the person is asked."""
    names: str = ""
    """Session whose person asks for the names they may see."""
    account: str = ""
    """Id of a worker whose account the person of `session` asks for."""
    change: Change | None = None
    """A change of people that the file of names keeps, too."""
    own_pin: OwnPin | None = None
    """A person chooses another PIN."""
    read: OrderQuestion | None = None
    """A person asks for order lines or an invoice in the library system. It takes seconds."""
    item: ItemQuestion | None = None
    """A person asks about an item in the library system. It takes seconds."""
    idle: bool = False
    """With `viewer`: a page asks by itself, so the session does not last longer."""
    operator: str = ""
    """With `retry`, `retry_all`, `read` and `item`: id of the worker who asks."""
    claims: tuple[Claim, ...] = ()
    """With `order`, `change`, `decide`, `retry`, `retry_all`, `read` and `item`: proofs of every worker whom the request
    names, if people sign on."""
    session: str = ""
    """With the same, and with `account`: a session in place of the claim of the worker who asks."""
    via: str = ""
    """The face that the person uses (`domain.events.Event.via`)."""
    expects: int | None = None
    """Number of the newest event that the person has seen of what the request is about; None = anything."""
    quit: bool = False

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is to be checked or made, which takes 50 to 100 ms."""
        asked = self.sign_on or self.authorise or self.sign_in or self.own_pin or self.change
        return bool(self.claims or asked)


class Problem(msgspec.Struct, frozen=True):
    """An error, in the form that is sent."""

    code: str
    sentence: Sentence
    detail: Sentence = EMPTY


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The station's answer; exactly one of the answer fields is set."""

    version: int = 0
    ok: bool = False
    ticket: str = ""
    """Ticket of the submitted command (`Snapshot.answered`)."""
    snapshot: Snapshot | None = None
    retried: int | None = None
    decided: str = ""
    """Outcome of the decision (`store.journal.outbox.RetryAnswer`)."""
    pad: PadAnswer | None = None
    health: ReaderHealth | None = None
    who: str = ""
    """Id of the worker who has proven their identity."""
    grant: str = ""
    """Grant that works once, only for the authorized action."""
    number: int = 0
    """Number of the last event of an order."""
    session: str = ""
    worker: Worker | None = None
    """The person of a session; None = it has ended."""
    names: dict[str, str] = {}
    """Names by worker id."""
    account: Account | None = None
    changed: Changed | None = None
    read: OrderAnswer | None = None
    item: ItemAnswer | None = None
    error: Problem | None = None


_REQUESTS: Final = (
    *("submit", "snapshot", "watch", "retry", "retry_all", "decide", "sign_on", "authorise", "order", "pad", "health"),
    *("sign_in", "sign_out", "viewer", "names", "account", "change", "own_pin", "read", "item", "quit"),
)
"""Fields of which a request has exactly one."""


class BadLine(ValueError):
    """A line that is not a message; the text states why. Never raised outside this package."""


_REQUEST = msgspec.json.Decoder(Request, dec_hook=decode_sentence)
_REPLY = msgspec.json.Decoder(Reply, dec_hook=decode_sentence)
_ENCODER = msgspec.json.Encoder(enc_hook=encode_sentence)


class _Numbered(msgspec.Struct, frozen=True):
    """The part of a message that is common to all versions."""

    version: int = 0


_NUMBERED = msgspec.json.Decoder(_Numbered)


def encode(message: Request | Reply) -> bytes:
    """Return the line with this program's version and a newline (JSON never contains a raw one)."""
    return _ENCODER.encode(msgspec.structs.replace(message, version=VERSION)) + b"\n"


def asked(request: Request) -> str:
    """Return the field that is the request. Raises `BadLine` if it is not exactly one."""
    fields = [name for name in _REQUESTS if getattr(request, name) not in (None, False, "", ())]
    if len(fields) != 1:
        raise BadLine(f"a request has exactly one of: {', '.join(_REQUESTS)}")
    return fields[0]


def _check_version(line: bytes) -> None:
    """Raise `OtherVersion` for a message of another version, even if this version cannot read the rest of it."""
    try:
        numbered = _NUMBERED.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(f"not a message: {error}") from error
    if numbered.version != VERSION:
        raise OtherVersion(Sentence("control.version", theirs=numbered.version or 1, ours=VERSION))


def decode_request(line: bytes) -> Request:
    """Read a request and clean its texts. Raises `BadLine`, and `OtherVersion` for a request of another version."""
    _check_version(line)
    try:
        request = _REQUEST.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(f"not a request: {error}") from error
    asked(request)
    if request.submit is not None:
        request = msgspec.structs.replace(request, submit=_cleaned(request.submit))
    if request.sign_on is not None:
        request = msgspec.structs.replace(request, sign_on=_claim(request.sign_on))
    if request.authorise is not None:
        lent = request.authorise
        lent = msgspec.structs.replace(lent, what=clean(lent.what, 200), claim=_claim(lent.claim))
        request = msgspec.structs.replace(request, authorise=lent)
    if request.sign_in is not None:
        request = msgspec.structs.replace(request, sign_in=_claim(request.sign_in))
    if request.own_pin is not None:
        own = OwnPin(claim=_claim(request.own_pin.claim), pin=Pin(clean(request.own_pin.pin.text)))
        request = msgspec.structs.replace(request, own_pin=own)
    if request.change is not None:
        fields = {name: _texts(value) for name, value in msgspec.structs.asdict(request.change).items()}
        request = msgspec.structs.replace(request, change=msgspec.structs.replace(request.change, **fields))
    if request.claims or request.operator or request.via:
        claims, via = tuple(map(_claim, request.claims)), clean(request.via, 20)
        request = msgspec.structs.replace(request, operator=clean(request.operator, 60), claims=claims, via=via)
    if request.read is not None:
        asked_for = {name: _texts(value) for name, value in msgspec.structs.asdict(request.read).items()}
        request = msgspec.structs.replace(request, read=OrderQuestion(**asked_for))
    if request.item is not None:
        asked_about = clean(request.item.barcode, 100)
        request = msgspec.structs.replace(request, item=msgspec.structs.replace(request.item, barcode=asked_about))
    if request.pad is not None and not isinstance(request.pad, ReadPad):
        values = msgspec.structs.asdict(request.pad)
        texts = {name: clean(text) for name, text in values.items() if isinstance(text, str)}
        request = msgspec.structs.replace(request, pad=msgspec.structs.replace(request.pad, **texts))
    if request.decide is not None:
        decided = msgspec.structs.replace(
            request.decide,
            operator=clean(request.decide.operator, 60),
            reason=clean(request.decide.reason, 500),
            authorised=clean(request.decide.authorised, 60),
        )
        request = msgspec.structs.replace(request, decide=decided)
    if request.order:
        request = msgspec.structs.replace(request, order=tuple(map(_event, request.order)))
    return request


def _claim(claim: Claim) -> Claim:
    return Claim(name=clean(claim.name), pin=Pin(clean(claim.pin.text)))


def _event(event: Ordered) -> Ordered:
    fields = {name: _texts(value) for name, value in msgspec.structs.asdict(event).items()}
    return msgspec.structs.replace(event, **fields)


def _texts(value: Any) -> Any:
    """Return a field with its texts cleaned; values of a fixed list (a role, a result) are unchanged."""
    if type(value) is str:
        return clean(value, 500)
    if isinstance(value, Sentence):
        return clean_sentence(value, 500)
    if isinstance(value, msgspec.Struct):  # an intent
        fields = {name: _texts(part) for name, part in msgspec.structs.asdict(value).items()}
        return msgspec.structs.replace(value, **fields)
    return tuple(_texts(part) for part in value) if isinstance(value, tuple) else value


def decode_reply(line: bytes) -> Reply:
    """Read a reply. Raises `BadLine`, and `OtherVersion` for a reply of another version."""
    _check_version(line)
    try:
        return _REPLY.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(f"not a reply: {error}") from error


def problem(error: StationError) -> Problem:
    """Return an error in the form that is sent."""
    return Problem(error.code, clean_sentence(error.sentence, 500), clean_sentence(error.detail, 2000))


def _cleaned(command: Command) -> Command:
    match command:
        case Scan(text):
            return msgspec.structs.replace(command, text=clean(text))
        case TakeFound(barcode):
            return TakeFound(clean(barcode))
        case Abandon():
            return Abandon(clean(command.uid, 16), clean(command.reason))
        case Choose(choice):
            return Choose(clean(choice))
        case AllGood(rules):
            return AllGood(tuple(clean(rule) for rule in rules))
        case Answer():
            return msgspec.structs.replace(
                command,
                rule=clean(command.rule),
                reason=clean(command.reason),
                note=clean(command.note),
                photo=clean(command.photo, 500),
            )
        case Act(name, argument):
            return Act(clean(name), clean(argument))
        case LoadRoll(name):
            return LoadRoll(clean(name, 60))
        case SignOn():
            return SignOn(clean(command.operator), clean(command.grant))
        case Authorise(question, grant):
            return Authorise(clean(question), clean(grant))
        case CancelQuestion(question):
            return CancelQuestion(clean(question))
        case Badge():
            return Badge(clean(command.uid), clean(command.text))
        case GivePin():
            return GivePin(Pin(clean(command.pin.text)))
        case Settle():  # the bench refuses an invalid decision
            return msgspec.structs.replace(
                command, delivery=clean(command.delivery, 60), reason=clean(command.reason, 500)
            )
        case OrderRechecks():
            return msgspec.structs.replace(command, whose=clean(command.whose, 60), subject=clean(command.subject))
        case Waive(rule, reason, by):
            return Waive(clean(rule), clean(reason), clean(by))
        case Assign() | Mend() | Recheck() | Close() | LookFirst():
            values = msgspec.structs.asdict(command)
            texts = {name: clean(text) for name, text in values.items() if type(text) is str}
            return msgspec.structs.replace(command, **texts)
        case _:
            return command


class Lines:
    """A buffer that turns bytes into whole lines; a line longer than `limit` is refused before it is stored."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add bytes, and return the lines that are now complete. Raises `BadLine` for a line that is too long."""
        self._buffer += data
        if b"\n" not in data and len(self._buffer) <= self._limit:
            return []
        *lines, rest = bytes(self._buffer).split(b"\n")
        if any(len(line) > self._limit for line in (*lines, rest)):
            raise BadLine(f"a line has more than {self._limit} bytes")
        self._buffer = bytearray(rest)
        return lines


@contextmanager
def address(data: Path, name: str = SOCKET_NAME) -> Iterator[str]:
    """Yield a socket's address for bind or connect, valid inside the `with` block.

    A path too long for sockaddr_un is reached through an open descriptor of its directory (/proc/self/fd, Linux).
    Without /proc/self/fd, a `SettingsError` asks for a shorter data directory.
    """
    path = data / name
    if len(os.fsencode(path)) <= _MAX_ADDRESS:
        yield str(path)
        return
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        raise SettingsError(Sentence("control.too-long", path=str(path), bytes=_MAX_ADDRESS))
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield str(descriptors / str(descriptor) / name)
    finally:
        os.close(descriptor)
