"""`station pad`: the pad requests of Alma's page on the command line, through the same bench and the same gate."""

from __future__ import annotations

import concurrent.futures
from typing import Final

import click
import msgspec

from station.base import logs
from station.base.cells import table
from station.base.errors import BenchBusy, NotFinished, StationError, walk
from station.base.sentence import Sentence
from station.base.words import station_session, tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.authorise import can_ask, lent_request
from station.cli.workflows.process import bench_of
from station.domain.commands import PadRequest, ReadPad, SetSecurity, UpdateItem
from station.domain.pad_answers import PadAnswer, PadTag, Refusal
from station.domain.people.rights import Right, lacking
from station.domain.people.sign_on import OWN_PROGRAM
from station.runtime.data_directory import LOG
from station.runtime.lock import hold
from station.runtime.socket.client import Client, connect

ANSWER_S: Final = 60.0


@click.group()
@data_option
def pad() -> None:
    """The pad: list its tags, switch an item's security, rewrite one tag. Uses the running station if there is one."""


@pad.command()
@data_option
@json_option
@pass_app
def items(app: App) -> None:
    """List every tag on the pad: item, part, security. Equivalent of Alma's getItems."""
    answer = asked(app, ReadPad())
    app.report(answer.tags, _lines(answer.tags) if answer.tags else [tell("pad.list.empty")])


@pad.command()
@data_option
@json_option
@click.argument("barcode")
@click.argument("state", type=click.Choice(["on", "off"]))
@pass_app
def security(app: App, barcode: str, state: str) -> None:
    """Switch the security of every tag of BARCODE on the pad on or off. Equivalent of Alma's setSecurity."""
    answer = asked(app, SetSecurity(barcode=barcode, secure=state == "on", source=OWN_PROGRAM))
    app.report(answer.tags, _lines(answer.tags))


@pad.command()
@data_option
@json_option
@click.argument("barcode")
@click.option(
    "--part",
    type=click.IntRange(0),
    default=0,
    help="Part number within the set; 0 = as on the tag, else the next part.",
)
@click.option("--uid", default="", help="Only if the tag on the pad has this UID.")
@click.option("--security", "state", type=click.Choice(["keep", "on", "off"]), default="keep", show_default=True)
@pass_app
def update(app: App, barcode: str, part: int, uid: str, state: str) -> None:
    """Rewrite the one tag on the pad for BARCODE, by the library's tag profile. Equivalent of Alma's itemUpdate.

    A tag that holds something else is refused. Overwriting it requires the second gesture, at the screen or with
    `station tag write`.
    """
    secure = {"keep": None, "on": True, "off": False}[state]
    request = UpdateItem(barcode=barcode, part=part, uid=uid.upper(), secure=secure, source=OWN_PROGRAM)
    answer = asked(app, request)
    app.report(answer.tags, _lines(answer.tags))


def asked(app: App, request: PadRequest) -> PadAnswer:
    """Ask the bench of the running station, or a bench of this process. Raise the refusal as an error."""
    client = connect(app.data)
    answer = _by(client, request) if client is not None else _alone(app, request)
    if client is None and answer.refusal is not None and answer.refusal.right and can_ask():
        with bench_of(app, "one question to the pad", as_job=False) as (_, at_end):  # not for people
            at_end(lambda: None)
            client = connect(app.data)
            answer = _by(client, request) if client is not None else answer
    if answer.refusal is not None:
        raise _error(answer.refusal)
    return answer


def _by(client: Client, request: PadRequest) -> PadAnswer:
    """Ask the running station. While a right is missing, ask for a person who has it."""
    with client:
        answer = client.ask(request)
        while answer.refusal is not None and (again := lent_request(client, request, answer.refusal)) is not None:
            answer = client.ask(again)
        return answer


def _alone(app: App, request: PadRequest) -> PadAnswer:
    from station.runtime.station import Station

    settings = app.settings()
    settings = msgspec.structs.replace(settings, web=msgspec.structs.replace(settings.web, enabled=False))
    with hold(app.data, app.clock):
        logs.configure(app.data / LOG)
        station = Station(settings, app.data, station_session())
        station.start()
        try:
            future = station.bench.ask(request)
            try:
                return future.result(ANSWER_S)
            except concurrent.futures.TimeoutError:
                future.cancel()
                raise BenchBusy(Sentence("pad.no-answer", seconds=f"{ANSWER_S:.0f}")) from None
        finally:
            station.stop("one question to the pad")  # not for people


def _error(refusal: Refusal) -> StationError:
    """Return the refusal as the error with its code; a stop of the gate becomes `NotFinished`."""
    known = _BY_CODE.get(refusal.code)
    if known is not None and refusal.right:
        return lacking(Right(refusal.right))
    if known is None or not refusal.is_error:
        return NotFinished(refusal.sentence, refusal.detail)
    error = known.__new__(known)
    StationError.__init__(error, refusal.detail)
    error.detail = error.detail or error.with_remedy
    return error


_BY_CODE: Final = {error.code: error for error in walk()}


def _lines(tags: tuple[PadTag, ...]) -> list[str]:
    rows = [
        (
            tag.barcode or "-",
            tell("pad.list.part", part=tag.part, parts=tag.parts) if tag.barcode else tag.state,
            tell("pad.list.secured" if tag.secure else "pad.list.not-secured", afi=f"{tag.afi:02X}"),
            tag.state,
            tag.uid,
        )
        for tag in tags
    ]
    return list(table(rows))
