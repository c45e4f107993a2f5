"""Forms about whole pull lists: one is imported, lines leave without their pieces, one is closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final

import msgspec

from station.base.errors import ControlRefused, DepartureRefused, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.events import PullListClosed, PullListImported
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.people.rights import Right
from station.domain.people.sign_on import By
from station.domain.withdrawals.pull_list import PullStanding, pull_list_id
from station.domain.withdrawals.withdrawal import Piece
from station.office.asked import VIA, Asked, Page, in_path, part_of_path
from station.office.corrections import NOTE
from station.office.departures.decide import APPROVER, DESPITE, DESTINATION, PIECE, REASON, choices_of, sign_words
from station.office.departures.pull_lists import IMPORT, known
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make, Once
from station.office.sent_file import FILE
from station.reports.tables.pull_lists import LISTS
from station.runtime.library_systems import system_names
from station.runtime.pull_imports import PullWish, from_file, from_set
from station.runtime.pull_loans import MOST_ASKED, asked_loans, loans_of
from station.runtime.withdrawal_decisions import decided, stopping, wish_of_line

NAME, SET, IDS = "name", "set", "ids"
MOST: Final = 25
"""Lines that leave at once: the stop signs of each are asked."""


def import_(asked: Asked) -> Form:
    """Take a weeding list from a file or from a set in the library system: all lines, or none."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event = msgspec.structs.replace(_imported(asked, typed), authorised=lent.authorised)
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"{LISTS}/{pull_list_id(seq)}?{NEW}={seq}"

    return Form(
        title=tell("form.title.import-pull"),
        subject="",
        button=tell("form.do.import-pull"),
        back=LISTS,
        act=act,
        right=Right.WITHDRAW,
        fields=(
            Field(name=FILE, label=tell("shipment.head.file"), kind=FieldKind.FILE, hint=tell("pull.file-hint")),
            Field(name=SET, label=tell("pull.or-set"), hint=tell("pull.set-hint")),
            Field(name=NAME, label=tell("pull.list-name"), hint=tell("pull.name-hint")),
            *choices_of(asked),
            Field(name=NOTE, label=tell("pull.head.note")),
        ),
        notes=(tell("pull.all-or-none"),),
    )


def _imported(asked: Asked, typed: Mapping[str, str]) -> PullListImported:
    """Return the list that a person sent or named. Raise `Declined`, and what the library system raises."""
    sources, upload, set_id = asked.sources, asked.upload, typed.get(SET, "").strip()
    if (upload is None) == (not set_id):
        raise Declined(tell("pull.file-or-set"), FILE)
    source = set_id if upload is None else PurePath(upload.name).stem
    wish = PullWish(
        name=typed.get(NAME, "").strip() or source,
        reason=typed.get(REASON, ""),
        destination=typed.get(DESTINATION, ""),
        approver=typed.get(APPROVER, ""),
        note=typed.get(NOTE, ""),
    )
    if upload is None:
        return from_set(sources.settings, sources.data, wish, set_id, asked.viewer.id)
    try:
        return from_file(sources.settings, sources.data, wish, upload.content, upload.name, asked.viewer.id)
    except DepartureRefused as error:
        raise Declined(tell(error.detail or error.sentence), FILE) from error


# --- without the piece ------------------------------------------------------------------------------------------------


def without(asked: Asked) -> Form:
    """Withdraw the items of the lines that the reader chose, whose pieces are not at hand: all, or none."""
    now, lines = known(asked), _chosen(asked)
    failure: StationError | None = None
    answers: list[ItemAnswer] = []
    try:
        answers = list(_answers(asked, lines))
    except StationError as error:
        if asked.posted is None:
            raise
        failure = error
    stops = any(stopping(answer.signs) for answer in answers)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        if failure is not None:
            raise failure
        if stops and not typed.get(DESPITE, "").strip():
            raise Declined(tell("withdrawal.say-why"), DESPITE)
        events = [
            msgspec.structs.replace(
                decided(
                    asked.sources.settings,
                    asked.sources.data,
                    wish_of_line(line, Piece(typed[PIECE]), typed.get(DESPITE, "")),
                    answer,
                    asked.viewer.id,
                ),
                authorised=lent.authorised,
            )
            for line, answer in zip(lines, answers, strict=True)
        ]
        return f"{LISTS}/{now.id}?{NEW}={asked.sources.acts.order(events, lent.by, last)}"

    pieces = [piece for piece in Piece if piece is not Piece.PRESENT]
    why = Field(name=DESPITE, label=tell("withdrawal.despite"), kind=FieldKind.LONG)
    return Form(
        title=tell("form.title.without-pull"),
        subject=clean(now.name),
        button=tell("form.do.without-pull"),
        back=f"{LISTS}/{now.id}",
        act=act,
        right=Right.WITHDRAW,
        fields=(
            Field(
                name=PIECE,
                label=tell("withdrawal.head.piece"),
                kind=FieldKind.RADIO,
                choices=tuple((piece.value, tell(f"withdrawal.piece.{piece}")) for piece in pieces),
                needed=True,
            ),
            *((why,) if stops or failure is not None else ()),
        ),
        lines=tuple(_lines(lines, answers)),
        notes=(tell("pull.are-watched"), tell("withdrawal.until-sent")),
        refusal=DepartureRefused(Sentence("pull.closed", name=now.name)) if now.closed_at else None,
        hidden=((IDS, " ".join(part_of_path(line.content.line) for line in lines)),),
    )


def _chosen(asked: Asked) -> list[PullStanding]:
    """Return the lines that the reader chose. Raise `DepartureRefused`, and `ControlRefused` for too many."""
    named = asked.every.get("id", ()) if asked.posted is None else map(in_path, asked.posted.get(IDS, "").split())
    names = dict.fromkeys(filter(None, named))
    if not names:
        raise DepartureRefused(Sentence("pull.none-chosen"))
    if len(names) > MOST:
        raise ControlRefused(Sentence("form.too-many-chosen", most=MOST))
    of_line = {line.content.line: line for line in asked.queries.pull_lines(asked.names["id"])}
    for name in names:
        if name not in of_line:
            raise DepartureRefused(Sentence("pull.no-line", line=clean(name, 60)))
        if of_line[name].withdrawal and asked.posted is None:
            raise DepartureRefused(Sentence("pull.withdrawn", title=_title(of_line[name])))
    return [of_line[name] for name in names]


def _title(line: PullStanding) -> str:
    return line.content.title or line.content.line


def _answers(asked: Asked, lines: Sequence[PullStanding]) -> Iterator[ItemAnswer]:
    """Yield what the stop signs say of each line. Raise `DepartureRefused` for an item without a record."""
    by = By(operator=asked.viewer.id, session=asked.session, via=VIA)
    for line in lines:
        answer = asked.sources.acts.item(ItemQuestion(barcode=line.content.barcode, signs=True), by)
        if answer.record is None:
            raise DepartureRefused(Sentence("withdrawal.no-record", barcode=line.content.barcode))
        yield answer


def _lines(lines: Sequence[PullStanding], answers: Sequence[ItemAnswer]) -> Iterator[str]:
    """Yield each title, with the stop signs that say yes."""
    for at, line in enumerate(lines):
        title = clean(_title(line))
        stops = [sign_words(sign) for sign in answers[at].signs if stopping([sign])] if answers else []
        yield f"{title}: {'; '.join(stops)}" if stops else title


# --- on loan ----------------------------------------------------------------------------------------------------------


def loans(asked: Asked) -> Form:
    """Ask the library system about the lines on loan. Those that are back are to look for again."""
    now, sources = known(asked), asked.sources
    waiting = loans_of(now, sources.visibility(asked.viewer).pull_lines(now.id))
    refusal = None if waiting else DepartureRefused(Sentence("pull.no-loans", name=now.name))
    back = f"{LISTS}/{now.id}"

    def act(_typed: Mapping[str, str], lent: Lent, last: int) -> Once:
        if refusal is not None:
            raise refusal

        def ask(question: ItemQuestion) -> ItemAnswer:
            return sources.acts.item(question, lent.by)

        answers = asked_loans(waiting, ask, system_names(sources.settings), asked.viewer.id)
        if answers.ticks:
            ticks = [msgspec.structs.replace(tick, authorised=lent.authorised) for tick in answers.ticks]
            sources.acts.order(ticks, lent.by, last)
        values = {"sentence": " ".join(map(tell, answers.sentences)), "back": back}
        return Once(back, Page(template="sentence", title=clean(now.name), values=values))

    return Form(
        title=tell("form.do.ask-loans"),
        subject=clean(now.name),
        button=tell("form.do.ask-loans"),
        back=back,
        act=act,
        right=Right.PROCESS,
        lines=tuple(clean(_title(line)) for line in waiting[:MOST_ASKED]),
        notes=(tell("receipt.changes-nothing"),),
        refusal=refusal,
    )


# --- the end ----------------------------------------------------------------------------------------------------------


def close(asked: Asked) -> Form:
    """Close a list: nothing more is pulled for it."""
    now = known(asked)

    def act(_typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event = PullListClosed(list=now.id, name=now.name, operator=asked.viewer.id, authorised=lent.authorised)
        return f"{LISTS}/{now.id}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"

    return Form(
        title=tell("form.title.close-pull"),
        subject=clean(now.name),
        button=tell("form.do.close-pull"),
        back=f"{LISTS}/{now.id}",
        act=act,
        right=Right.WITHDRAW,
        notes=(tell("pull.left", count=now.unseen),) if now.unseen else (),
        refusal=DepartureRefused(Sentence("pull.closed", name=now.name)) if now.closed_at else None,
    )


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    (IMPORT, import_),
    (f"{LISTS}/{{id}}/without", without),
    (f"{LISTS}/{{id}}/loans", loans),
    (f"{LISTS}/{{id}}/close", close),
)
