"""Who may connect to each socket of a running station, what it takes, and what it shows: the control socket of its own account,
and the narrow one of the office."""

from __future__ import annotations

import grp
from typing import Final

import msgspec

from station.base.errors import ControlRefused, SettingsError
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import (
    CardChanged,
    CatalogImported,
    Ordered,
    PinSet,
    TruckReleased,
    WorkerLeft,
    WorkerRegistered,
)
from station.domain.snapshot import Snapshot
from station.runtime.socket import wire

OFFICE: Final = "office"
"""The face of everything that comes through the office's socket (`domain.events.Event.via`)."""


class Access:
    """The control socket: takes every request, as it came."""

    name = wire.SOCKET_NAME
    thread = "control"

    def group_id(self) -> int | None:
        """Return the id of the group whose accounts may connect; None = the station's account only."""
        return None

    def allow(self, request: wire.Request) -> wire.Request:
        """Return the request as it is carried out. Raises `ControlRefused` if this socket does not take it."""
        return request

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """Return what a snapshot shows here."""
        return snapshot


OWN: Final = Access()


class OfficeAccess(Access):
    """The socket of an office with an account of its own. Takes what a person does at a desk, with a session, and
    shows the state of the bench without the item in hand. It never taps the screen, moves tags or ends the station. What
    `people.db` keeps changes by `change` and `own_pin` alone: as an order it would be half done."""

    name = wire.OFFICE_SOCKET
    thread = "control-office"
    _TAKEN: Final = frozenset(
        {
            "sign_in",
            "sign_out",
            "viewer",
            "names",
            "account",
            "change",
            "own_pin",
            "order",
            "read",
            "item",
            "decide",
            "retry",
            "retry_all",
            "health",
            "snapshot",
            "watch",
        }
    )
    _OF_A_PERSON: Final = frozenset({"account", "change", "order", "read", "item", "decide", "retry", "retry_all"})

    def __init__(self, group: str) -> None:
        """`group`: name of the group whose accounts may connect. Raises `SettingsError` for an unknown group."""
        try:
            self._group = grp.getgrnam(group).gr_gid
        except KeyError:
            raise SettingsError(f'office.group: this machine has no group "{clean(group)}"') from None

    def group_id(self) -> int:
        return self._group

    def allow(self, request: wire.Request) -> wire.Request:
        asked = wire.asked(request)
        if asked not in self._TAKEN or not all(map(_is_for_desks, request.order)):
            raise ControlRefused(Sentence("control.not-here"))
        if asked in self._OF_A_PERSON and not request.session:
            raise ControlRefused(Sentence("control.no-session"))
        return msgspec.structs.replace(request, via=OFFICE)

    def shown(self, snapshot: Snapshot) -> Snapshot:
        call = snapshot.staff_call
        return Snapshot(
            number=snapshot.number,
            phase=snapshot.phase,
            state=snapshot.state,
            light=snapshot.light,
            reader=snapshot.reader,
            reader_code=snapshot.reader_code,
            reader_ready=snapshot.reader_ready,
            outbox_depth=snapshot.outbox_depth,
            outbox_parked=snapshot.outbox_parked,
            outbox_note=snapshot.outbox_note,
            sign_on=snapshot.sign_on,
            worker=snapshot.worker,
            web=snapshot.web,
            web_ready=snapshot.web_ready,
            web_open=snapshot.web_open,
            unusable=snapshot.unusable,
            center=snapshot.center,
            workflow=snapshot.workflow,
            staff_call=None if call is None else msgspec.structs.replace(call, title=""),
        )


def _is_for_desks(event: Ordered) -> bool:
    if isinstance(event, WorkerLeft):
        return not event.erased
    return not isinstance(event, CatalogImported | TruckReleased | WorkerRegistered | PinSet | CardChanged)
