"""Drawing of snapshots: pure functions from a `Snapshot` and a size in cells to content."""

from __future__ import annotations

from typing import Final

import msgspec
from textual.content import Content

from station.base.cells import cells
from station.base.local_time import is_today, local_day
from station.base.sentence import EMPTY, Sentence
from station.base.words import tell
from station.base.words.times import local_time, time_cells
from station.domain.element_words import element_word
from station.domain.item import ItemRecord
from station.domain.notices import NONE, NOT_POSSIBLE
from station.domain.people.sign_on import Why
from station.domain.snapshot import Fault, Finished, Light, Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import InspectView, UndoState, Workflow
from station.tui.drawing import draw
from station.tui.drawing.bigfont import HEIGHT, big
from station.tui.drawing.checks import check_lines
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.lately import idle
from station.tui.drawing.verdict import verdict_lines
from station.tui.drawing.words import (
    LIGHTS,
    VERDICTS,
    for_staff,
    in_hand,
    material_word,
    reader_word,
    say,
)

PICTURES: Final = {
    Light.NEUTRAL: "ring",
    Light.BUSY: "dots",
    Light.GOOD: "tick",
    Light.WARNING: "triangle",
    Light.BAD: "cross",
}
ART: Final = 9
"""Width of a light's picture, in cells."""
NOTICE_LINES: Final = 2
"""A sentence next to the state is shown uncut if it fits into this many lines."""
LABEL_WIDTH: Final = 22
"""Minimum cells of the label beside the item; a longer line of it makes it wider."""
_VALUE: Final = 20
"""Cells that are enough for most values of a planned tag; its elements' names may have the rest."""
_ENDLESS: Final = 99
"""Rows of a stop that cuts nothing."""
_FRAME: Final = 2
"""Rows of the label's frame."""
STANDING_SHOWN: Final = 2
"""Maximum sentences shown about the item: what its record lacks, and what its library system says."""
PAPER: Final = "$paper-ink on $paper"
CALL: Final = "◆"
"""Symbol of a call for staff."""


READER: Final = (14, 18, 29)
LIBRARY: Final = (0, 0, 30)
WEB: Final = (16, 17, 47)
SOUND: Final = (12, 12, 28)
RATE: Final = ((), (23,), (25,))
"""Cells of each part of the title line on a narrow, medium and wide screen: those of its longest words in English and
Spanish. A part never moves, whatever its text. RATE: today's work with the pace of the last hour, which a narrow screen
never shows."""
MOST_TODAY: Final = 9999
"""Items of a day whose count always fits."""
GAPS: Final = (1, 2, 2)
"""Cells between two of these parts."""
NAMES: Final = 18
"""Minimum cells for the names of library, station and operator; today's work gives way to them."""


def header(snapshot: Snapshot, library: str, station: str, width: int, time: str) -> Content:
    """Return the title line: the names of library, station and operator on the left; reader, library system, today's
    work and the local time on the right, each at a fixed place."""
    operator = tell(snapshot.operator)
    names = (library, station, operator)
    if snapshot.sign_on:  # The operator may be wrong, so that name must not be cut off.
        names = (operator, station, library)
    right = _title_parts(snapshot, width, time)
    room = width - right.cell_length - 1
    if room < 1:
        return draw.one_line(right, width)
    shown = [name for name in names if name]
    left = say(" · ".join(shown)).truncate(room, ellipsis=True)
    kept = left.plain.removesuffix("…").rstrip(" ·")
    if kept in (" · ".join(shown[:number]) for number in range(1, len(shown))):
        left = say(kept)  # nothing is left of a name that is cut off completely
    return left.truncate(room + 1, pad=True) + right


def _title_parts(snapshot: Snapshot, width: int, time: str) -> Content:
    """Return the right side of the title line: the longest that leaves room for the names. Today's work may be left out
    altogether: the idle screen shows it too."""
    right = Content("")
    for size in range((width >= 96) + (width >= 140), -1, -1):
        for today in (*RATE[size], say(tell("page.today", count=MOST_TODAY)).cell_length, 0):
            parts = (
                (_light(snapshot.reader_ready, "page.reader", reader_word(snapshot, wide=size > 0)), READER[size]),
                (_library(snapshot), max(_library_cells(), LIBRARY[size])),
                *(((_web(snapshot, wide=size == 2), WEB[size]),) if snapshot.web else ()),
                *(((_no_sound(wide=size == 2), SOUND[size]),) if snapshot.silent else ()),
                *(((_today(snapshot, wide=today in RATE[size]), today),) if today else ()),
                (say(time), time_cells()),
            )
            cut = (part.truncate(cells, ellipsis=True).truncate(cells, pad=True) for part, cells in parts)
            right = Content(" " * GAPS[size]).join(cut)
            if width - right.cell_length - 1 >= NAMES:
                return right
    return right


def _light(good: bool, key: str, words: str) -> Content:
    return Content.assemble("✓ " if good else "× ", f"{tell(key)} ", say(words, "bold"))


def _library(snapshot: Snapshot) -> Content:
    """Return the light of the library system: × no answer, ! a result waits for a person, ~ on its way, ✓ all sent."""
    if snapshot.outbox_note:
        light, state = "×", tell("page.library-away")
    elif snapshot.outbox_parked:
        light, state = "!", tell("page.library-staff", count=snapshot.outbox_parked)
    elif snapshot.outbox_depth:
        light, state = "~", tell("page.library-waiting", count=snapshot.outbox_depth)
    else:
        light, state = "✓", tell("page.library-sent")
    return Content.assemble(f"{light} {tell('page.library')} ", (state, "bold"))


def _library_cells() -> int:
    """Return the cells of the longest words about the library system, in the language."""
    phrases = [tell("page.library-away"), tell("page.library-sent")]
    phrases += [tell(f"page.library-{what}", count=99) for what in ("staff", "waiting")]
    return 2 + say(tell("page.library")).cell_length + 1 + max(say(words).cell_length for words in phrases)


def _today(snapshot: Snapshot, *, wide: bool) -> Content:
    today = say(tell("page.today", count=snapshot.lately.today), "bold")
    return Content.assemble(today, " · ", say(tell("page.rate", count=snapshot.lately.hour))) if wide else today


def _no_sound(*, wide: bool) -> Content:
    return Content.assemble("× ", say(tell("page.no-sound-here" if wide else "page.no-sound"), "bold"))


def _web(snapshot: Snapshot, *, wide: bool) -> Content:
    """Return the light of the pad for Alma's page: symbol and word; on a wide screen, how it is served."""
    state = "off" if not snapshot.web_ready else "open" if snapshot.web_open else "on"
    words = tell(snapshot.web) if wide else tell(f"page.alma-{state}")
    return _light(snapshot.web_ready, "page.alma", words)


STEPS: Final = ("scan", "pad", "check", "shelf")


def _unchecked(snapshot: Snapshot) -> bool:
    """True in bulk conversion, unless the item has a check for a person, as one with an unreadable record has."""
    return snapshot.workflow is Workflow.CONVERT and not snapshot.checks


def rail(snapshot: Snapshot, width: int) -> Content:
    """Return the steps of an item in one line; the current one is marked and bold."""
    steps = tuple(step for step in STEPS if step != "check" or not _unchecked(snapshot))
    now = steps.index(_step(snapshot))
    parts = []
    for at, step in enumerate(steps):
        here = at == now
        mark = "●" if here else "✓" if at < now else "○"
        parts.append(say(f"{mark} {at + 1} {tell(f'rail.{step}')}", "bold $key" if here else "$quiet"))
    gap = max(1, (width - sum(part.cell_length for part in parts) - 2 * (len(parts) - 1)) // (len(parts) - 1))
    return draw.one_line(Content.assemble(" ", ("─" * gap, "$line"), " ").join(parts), width)


def _step(snapshot: Snapshot) -> str:
    match snapshot.phase:
        case Phase.IDLE | Phase.NEED_SCAN:
            return "scan"
        case Phase.CHECKING:
            return "check"
        case Phase.DONE:
            return "pad" if snapshot.parts_left else "shelf"
        case Phase.STOPPED if snapshot.item is None:
            return "scan"
        case _:
            return "check" if snapshot.checks else "pad"


def light_word(snapshot: Snapshot) -> str:
    """Return the word beside the symbol: the verdict if there is one. PASS needs a check by a person."""
    judged = snapshot.phase is Phase.DONE and not snapshot.wrong_scan
    if judged and snapshot.verdict is Verdict.PASS and (snapshot.parts_left or _unchecked(snapshot)):
        return LIGHTS[snapshot.light].word
    if judged and snapshot.verdict is not None:
        return VERDICTS[snapshot.verdict]
    if snapshot.phase is Phase.CHECKING and snapshot.light is Light.NEUTRAL:
        return tell("light.check.word")
    return LIGHTS[snapshot.light].word


def sentence(snapshot: Snapshot) -> str:
    """Return the most important sentence: the fault's, else the prompt."""
    return tell(snapshot.fault.sentence if snapshot.fault is not None else snapshot.prompt)


def at_sign_on(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot to show while the station asks who the operator is: with the question, without the work."""
    sign_on_prompt = snapshot.sign_on_prompt
    if sign_on_prompt is None:
        return snapshot
    light = Light.WARNING if sign_on_prompt.why is Why.AUTHORISE else Light.NEUTRAL
    return msgspec.structs.replace(
        snapshot,
        light=light,
        prompt=Sentence(f"people.heading.{sign_on_prompt.why.value}"),
        fault=None,
        notice=NONE,
        wrong_scan="",
        undo="",
        phase=Phase.IDLE,
        workflow_view=None,
    )


def stop(snapshot: Snapshot, width: int, height: int = _ENDLESS, *, large: bool, large_call: bool = True) -> Lines:
    """Draw a stop: the picture beside the word, the sentence and what to do. `large`: the word in letters three rows
    high, which give way first; then words of the sentence do, and last what to do. The picture never does, for a stop is
    the gravest state. An open call for staff has rows of its own above it, in its color. `large_call`: these too in
    letters three rows high."""
    fault, room = snapshot.fault, max(10, width - ART - 2)
    what, do = (fault.sentence, fault.do) if fault is not None else (snapshot.prompt, EMPTY)
    call = _call_rows(snapshot, width, large=large_call)
    height -= len(call)
    letters = big(big_words(snapshot), room) if large else None
    sentences = [*draw.paragraph(what, room, "bold"), *draw.paragraph(do, room, "bold")]
    if letters is not None and len(letters) + len(sentences) <= height:
        lines = [*map(Content, letters), *sentences]
    else:
        to_do = draw.paragraph(do, room, "bold", max(1, height - 2))
        happened = draw.paragraph(what, room, "bold", max(1, height - 1 - len(to_do)))
        lines = [say(_state_word(snapshot), "bold"), *happened, *to_do]
    return [*call, *draw.beside([Content(row) for row in draw.picture(PICTURES[snapshot.light])], lines, ART)]


def call_words(snapshot: Snapshot) -> str:
    """Return when staff was called, and how the call is answered; "" = no call is open."""
    call = snapshot.staff_call
    return f"{CALL} {tell('notice.staff-called', time=local_time(call.at))}" if call is not None else ""


def _call_letters(width: int) -> Lines:
    """Return the word of a call in letters three rows high; [] if they take more than half of the width."""
    return [Content(row) for row in big(tell("display.big.call"), width // 2) or ()]


def _call_rows(snapshot: Snapshot, width: int, *, large: bool) -> Lines:
    """Draw the call as a bar across the band of a stop; [] if no call is open."""
    if not (words := call_words(snapshot)):
        return []
    letters = _call_letters(width) if large else []
    rows = _beside_letters(letters, draw.paragraph(words, width - _letters_width(letters), "bold", 3 if letters else 1))
    return [row.truncate(width, pad=True).stylize_before("$call-ink on $call") for row in rows]


def _letters_width(letters: Lines) -> int:
    return letters[0].cell_length + 2 if letters else 0


def _beside_letters(letters: Lines, lines: Lines) -> Lines:
    return draw.beside(letters, lines, letters[0].cell_length) if letters else lines


def _call_band(snapshot: Snapshot, width: int, height: int, below: str) -> Content | None:
    """Draw the call in large letters, and beside it the state in words. If there is no room: only the time of the
    sentence of the call, or nothing of it, or no letters. None = the state does not fit uncut."""
    letters, words = _call_letters(width), call_words(snapshot)
    time = local_time(snapshot.staff_call.at) if snapshot.staff_call is not None else ""
    for art, called in ((letters, words), (letters, time), (letters, ""), ([], words)):
        room = width - _letters_width(art)
        state = f"{_state_word(snapshot)}: {sentence(snapshot)}"
        texts = [line for text in (called, state, below) for line in draw.paragraph(text, room, "bold")]
        if max(len(art), len(texts)) <= height:
            return draw.stack(_beside_letters(art, texts), height)
    return None


def _state_word(snapshot: Snapshot) -> str:
    return f"{workflow_word(snapshot)}{LIGHTS[snapshot.light].symbol} {light_word(snapshot)}"


def _word(snapshot: Snapshot) -> str:
    call = f"{CALL} {tell('display.big.call')} · " if snapshot.staff_call is not None else ""
    return f"{call}{_state_word(snapshot)}"


def band(snapshot: Snapshot, width: int, height: int, below: str = "", *, large: bool = False) -> Content:
    """Draw the picture, workflow, symbol, word and sentence, and below it `below`. A long sentence follows its word on the
    same line. The picture is dropped before any word is, then the workflow's name, then a word of `below`. An open call for
    staff takes the place of the picture. A stop: see `stop`."""
    if snapshot.fault is not None:
        whole = stop(snapshot, width, height, large=large)
        fits = snapshot.staff_call is None or len(stop(snapshot, width, large=large)) <= height
        return draw.stack(whole if fits else stop(snapshot, width, height, large=large, large_call=False), height)
    if snapshot.staff_call is not None:
        called = _call_band(snapshot, width, height, below)
        if called is not None:
            return called
    statement = sentence(snapshot)
    call = f"{CALL} " if snapshot.staff_call is not None else ""
    state = f"{call}{LIGHTS[snapshot.light].symbol} {light_word(snapshot)}"
    word = _word(snapshot)
    together = f"{word}: {statement}"
    art = [Content(row) for row in draw.picture(PICTURES[snapshot.light])]
    room = max(10, width - ART - 2)
    second = draw.paragraph(below, room, "bold")
    for begin in (
        [say(word, "bold"), *draw.paragraph(statement, room, "bold")],
        draw.paragraph(together, room, "bold"),
    ):
        if max(len(art), len(begin) + len(second)) <= height:
            return draw.stack(draw.beside(art, [*begin, *second], ART), height)
    nameless = f"{state}: {statement}"
    for begin_with in dict.fromkeys((together, nameless)):
        # a notice is about something else: it begins a line of its own
        text = [*draw.paragraph(begin_with, width, "bold"), *draw.paragraph(below, width, "bold")]
        if len(text) <= height:
            return draw.stack(text, height)
    begin = draw.paragraph(nameless, width, "bold", max(1, height - bool(below)))
    return draw.stack([*begin, *draw.paragraph(below, width, "bold", max(1, height - len(begin)))], height)


def workflow_word(snapshot: Snapshot) -> str:
    """Return the name of a workflow other than Process, to begin the band; their screens resemble each other."""
    return "" if snapshot.workflow is Workflow.PROCESS else f"{tell(f'menu.{snapshot.workflow.value}').upper()} · "


def heading(title: str, statement: str, width: int, height: int, *, large: bool) -> Content:
    """Draw the title of a page over the work, and a sentence; the title alone in letters three rows high."""
    if large and not statement and (rows := big(title, width)) is not None:
        return draw.stack([Content(row) for row in rows], height)
    return draw.stack([say(title, "bold"), *draw.paragraph(statement, width, most=2)], height)


def meanwhile(snapshot: Snapshot) -> str:
    """Return what the operator must know of the work while a page covers it; "" = nothing."""
    if snapshot.fault is not None:
        return f"{LIGHTS[snapshot.light].symbol} {light_word(snapshot)}: {tell(snapshot.fault.sentence)}"
    return tell("display.waits") if in_hand(snapshot) else ""


def big_line(snapshot: Snapshot, width: int) -> Content:
    """Draw the state in letters three rows high; in bold if they do not fit."""
    words = big_words(snapshot)
    rows = big(words, width)
    if rows is None:
        return draw.stack([BLANK, draw.one_line(say(words, "bold"), width)], HEIGHT)
    return draw.stack([Content(row) for row in rows], HEIGHT)


def big_words(snapshot: Snapshot) -> str:
    """Return the next step, or the workflow that has the screen, in at most eighteen letters. The states of a workflow
    that handles items name the next step; the other workflows name themselves."""
    if snapshot.fault is not None and snapshot.light is Light.WARNING:
        return tell("display.big.look")
    if snapshot.fault is not None and snapshot.light is not Light.NEUTRAL:
        return tell("state.stopped.big")
    if snapshot.wrong_scan:
        return tell("notice.wrong-scan")
    if snapshot.workflow.row.handles_items or snapshot.phase in (Phase.WRITING, Phase.CHECKING, Phase.DONE):
        return tell(f"state.{snapshot.state}.big")
    view = snapshot.workflow_view
    if isinstance(view, InspectView) and view.undo is not UndoState.RESTS:
        return tell("display.big.undo")
    return tell(f"display.big.{snapshot.workflow}")


def notice(snapshot: Snapshot, width: int, most: int = NOTICE_LINES) -> Lines:
    """Return a sentence that needs no action, uncut if it fits into `most` lines; () if there is none."""
    sender = tell("stage.job", sender=snapshot.sender) if snapshot.sender else ""
    remark = "" if snapshot.wrong_scan else tell(snapshot.notice.sentence)  # the band says it
    finished = finished_words(snapshot.finished) if snapshot.finished is not None else ""
    text = " · ".join(part for part in (sender, finished, remark, tell(snapshot.outbox_note)) if part)
    lines = draw.paragraph(text, width - 2, most=most)
    if snapshot.notice.code == NOT_POSSIBLE:
        return [Content.assemble("▲ ", line).stylize("bold $light-warning") for line in lines]
    heads = [Content.styled("i ", "bold $key"), *[Content("  ")] * (len(lines) - 1)]
    return [Content.assemble(head, line) for head, line in zip(heads, lines, strict=True)] if lines else []


def finished_words(finished: Finished) -> str:
    """Return when, and by whom, the item was finished that is scanned again."""
    today, by = is_today(finished.at), "-by" if finished.who else ""
    if today:
        return tell(f"notice.done-today{by}", time=local_time(finished.at), who=finished.who)
    return tell(f"notice.done-before{by}", day=local_day(finished.at), who=finished.who)


# --- the item -------------------------------------------------------------------------------------------------------


def card(snapshot: Snapshot, width: int, height: int) -> Content:
    """Draw the item, its expected label and the planned content; two or three lines if there is little room."""
    if height <= 3:
        return draw.stack(_card_short(snapshot, width), height)
    beside = width >= 56
    label_width = _label_width(snapshot, width)
    facts_width = width - label_width - 2 if beside else width
    plan, pad = _plan(snapshot, width), _pad(snapshot, width)
    rows = len(snapshot.item.label_lines) if snapshot.item is not None else 0
    least = len(_tight_facts(snapshot, facts_width, 0))
    needed = max(rows, least) if beside else rows + least
    # What the tag holds is for staff: it gives way to the item, and the lines of the label never do.
    if needed + len(plan) + len(pad) > height:
        plan = []
    if needed + len(pad) > height:
        pad = []
    room = max(1, height - len(plan) - len(pad))
    facts = _facts(snapshot, facts_width)
    if len(facts) > (room if beside else room - rows - _FRAME):
        facts_room = room if beside else max(0, room - rows)
        facts = _tight_facts(snapshot, facts_width, facts_room)[:facts_room]
    label = _label(snapshot, label_width, room if beside else max(1, room - len(facts)))
    lines = draw.beside(facts, label, facts_width) if beside and label else [*facts, *label]
    lines = lines[:room]
    air = [BLANK] if len(lines) + 2 <= room else []
    return draw.stack([*lines, *air, *plan, *(air if plan else []), *pad], height)


def _card_short(snapshot: Snapshot, width: int) -> Lines:
    item = snapshot.item
    if item is None:
        return _pad(snapshot, width)
    second = " · ".join(part for part in (item.author, item.call_number) if part)
    tag = tell("item.tag", tag=tell(snapshot.tag_summary)) if snapshot.tag_summary else ""
    words = (
        str(item.barcode),
        tell(item.age),
        *(f"▲ {remark}" for remark in _remarks(item)[:1]),
        item.location,
        _part_words(snapshot),
        tag,
    )
    third = " · ".join(part for part in words if part)
    return [
        draw.one_line(say(item.title or tell("item.no-title"), "bold"), width),
        draw.one_line(say(second or tell("item.no-number")), width),
        draw.one_line(say(third, "$quiet"), width),
    ]


def _part_words(snapshot: Snapshot) -> str:
    parts = snapshot.item.parts if snapshot.item is not None else 1
    return tell("item.part-of", part=snapshot.part, parts=parts) if parts > 1 else ""


def _facts(snapshot: Snapshot, width: int) -> Lines:
    item = snapshot.item
    if item is None:
        return []
    lines = draw.paragraph(item.title or tell("item.no-title"), width, "bold", 2)
    if item.alternate_title:
        lines += draw.paragraph(item.alternate_title, width, "", 1)
    if item.author:
        lines += draw.paragraph(item.author, width, "", 1)
    lines.append(BLANK)
    lines += draw.field(tell("item.barcode"), item.barcode, width, most=1)
    lines += _call_number(item, width)
    copy = tell("item.copy-number", copy=item.copy) if item.copy.isdigit() else item.copy
    what = " · ".join(
        part for part in (_part_words(snapshot), item.description, copy, material_word(item.material)) if part
    )
    lines += draw.field(tell("item.item"), what, width, most=1)
    place = " · ".join(part for part in (item.library, item.location) if part)
    lines += draw.field(tell("item.location"), place, width, most=1)
    if item.age:
        lines += draw.field(tell("item.record"), f"{tell(item.came_from)}, {tell(item.age)}", width, most=2)
    for sentence in _remarks(item)[:STANDING_SHOWN]:
        lines += draw.paragraph(f"▲ {sentence}", width, "bold", 2)
    return lines


def _tight_facts(snapshot: Snapshot, width: int, room: int) -> Lines:
    """Return the facts for little room: part and location share a line, and the author is dropped first."""
    item = snapshot.item
    if item is None:
        return []
    title = draw.paragraph(item.title or tell("item.no-title"), width, "bold", 1)
    author = draw.paragraph(item.author, width, "", 1)
    part = " · ".join(words for words in (_part_words(snapshot), item.description) if words)
    old = f" ({tell(item.age)})" if item.age else ""
    rest = [
        *(line for sentence in _remarks(item)[:1] for line in draw.paragraph(f"▲ {sentence}", width, "bold", 1)),
        *draw.field(tell("item.barcode"), f"{item.barcode}{old}", width, most=1),
        *_call_number(item, width),
        *draw.field(
            tell("item.part-place" if part else "item.location"),
            " · ".join(words for words in (part, item.location) if words),
            width,
            most=1,
        ),
    ]
    return [*title, *author, *rest] if len(title) + len(author) + len(rest) <= room else [*title, *rest]


def _remarks(item: ItemRecord) -> tuple[str, ...]:
    """Return what a person should know of the item: first what its record lacks, then what its library system says."""
    return tuple(map(tell, filter(None, (item.missing_words, *item.standing))))


def _call_number(item: ItemRecord, width: int) -> Lines:
    """Return the call number. `_remarks` says if it is only a class number of the bibliographic record."""
    return draw.field(tell("item.call-number"), item.call_number or tell("item.none"), width)


def _label_width(snapshot: Snapshot, width: int) -> int:
    lines = snapshot.item.label_lines if snapshot.item is not None else ()
    return (
        min(max(LABEL_WIDTH, *(cells(line) + 4 for line in lines)), max(LABEL_WIDTH, width // 2))
        if lines
        else LABEL_WIDTH
    )


def _label(snapshot: Snapshot, width: int, height: int) -> Lines:
    item = snapshot.item
    if item is None or not item.label_lines:
        return []
    lines = [say(line, "bold") for line in item.label_lines]
    shown = draw.paper(lines, width, height, tell("item.label"), PAPER)
    if len(shown) <= height:
        return shown
    more = say(tell("stage.and-more", count=len(lines) - height + 1))
    return [*shown[: height - 1], *draw.label([more], width, "", PAPER)]


def _plan(snapshot: Snapshot, width: int) -> Lines:
    plan = snapshot.planned
    if plan is None:
        return []
    if snapshot.verdict is Verdict.ABANDONED:
        when = tell("item.was-to-be")
    elif plan.on_tag or snapshot.phase in (Phase.CHECKING, Phase.DONE):
        when = tell("item.on-tag")
    else:
        when = tell("item.being-written" if snapshot.phase is Phase.WRITING else "item.will-be")
    elements = [(tell(element_word(name)), value) for name, value in plan.elements]
    names = max((len(name) for name, _ in elements), default=0)
    lines = [draw.rule(when, width)]
    for name, value in elements:
        lines += draw.field(name, value, width, min(names + 2, max(width // 2, width - _VALUE)), most=1)
    return lines


def _pad(snapshot: Snapshot, width: int) -> Lines:
    if not (snapshot.tag_summary or snapshot.tag_uid):
        return []
    uid = f" ({snapshot.tag_uid})" if snapshot.tag_uid else ""
    return draw.field(
        tell("item.on-pad"), f"{tell(snapshot.tag_summary or Sentence('item.a-tag'))}{uid}", width, most=2
    )


# --- the stage ------------------------------------------------------------------------------------------------------


def stage(snapshot: Snapshot, width: int, height: int, about: str = "", goal: int = 0) -> Content:
    """Draw what the phase shows besides the item. `about`: the rule of the check whose line was tapped; `goal`: items
    that the bench is to do today."""
    match snapshot.phase:
        case Phase.STOPPED:
            lines = _fault(snapshot, width, height)
        case Phase.CHECKING:
            lines = check_lines(snapshot, width, frozenset(), about)
        case Phase.DONE:
            lines = verdict_lines(snapshot, width, height)
        case Phase.WRITING:
            lines = [draw.progress(snapshot.steps_done, snapshot.steps_total, width), *_hold_still(width, height)]
        case Phase.NEED_TAG:
            lines = []
        case Phase.NEED_SCAN:
            lines = [*_pad(snapshot, width), BLANK, *idle(snapshot, goal, width, height - 3)]
        case Phase.IDLE:
            lines = idle(snapshot, goal, width, height)
    return draw.stack(lines, height)


def _hold_still(width: int, height: int) -> Lines:
    return [BLANK, *draw.paragraph(tell("stage.hold-still"), width)] if height > 2 else []


def _fault(snapshot: Snapshot, width: int, height: int) -> Lines:
    fault = snapshot.fault
    if fault is None:
        return draw.paragraph(snapshot.prompt, width, "bold")
    lines: Lines = []
    if snapshot.prompt not in (EMPTY, fault.sentence, Sentence("state.stopped")):  # the band already shows STOP
        lines += draw.paragraph(snapshot.prompt, width, "bold", 2)
    small = draw.paragraph(for_staff(fault.code, tell(fault.detail)), width, "$quiet", 2)
    if fault.old or fault.new:
        lines += _two_items(fault, width, height - len(lines) - len(small))
    room = max(0, height - len(lines) - len(small))
    return [*lines, *[BLANK] * min(1, room), *small]


_NOTHING: Final = Sentence.verbatim("-")
_MIX_UPS: Final = frozenset({"other-item", "foreign-tag"})
"""Stops at which the item on the pad is compared with the item that was scanned."""


def _two_items(fault: Fault, width: int, height: int) -> Lines:
    """Draw what is on the tag, and the item in hand: in letters three rows high one below the other, or else in bold
    side by side."""
    held = {"second-tag": "stage.in-item", **dict.fromkeys(_MIX_UPS, "stage.on-pad")}.get(fault.code, "stage.now")
    if fault.old == fault.new:
        return draw.box(draw.paragraph(fault.old, width - 4, "bold", 3), width, tell(held))
    planned = "stage.scanned" if fault.code in _MIX_UPS else "stage.would"
    names = [big(tell(item), width - 4) for item in (fault.old, fault.new)] if fault.code in _MIX_UPS else []
    large = [[Content(row) for row in name] for name in names if name is not None]
    if len(large) == 2 and height >= 2 * (HEIGHT + _FRAME):
        old, new = large
        return [*draw.box(old, width, tell(held)), *draw.box(new, width, tell(planned))]
    half = (width - 2) // 2
    old = draw.paragraph(fault.old or _NOTHING, half - 4, "bold", 3)
    new = draw.paragraph(fault.new or _NOTHING, half - 4, "bold", 3)
    rows = max(len(old), len(new))
    old = draw.box([*old, *[BLANK] * (rows - len(old))], half, tell(held))
    new = draw.box([*new, *[BLANK] * (rows - len(new))], half, tell(planned))
    return draw.beside(old, new, half)
