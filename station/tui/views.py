"""Snapshots as pictures: pure functions from a `Snapshot` and a size in cells to content."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.model import (
    CorrectionKind,
    CorrectionState,
    ItemRecord,
    Light,
    Outcome,
    Phase,
    Snapshot,
    Verdict,
)
from station.tui import draw
from station.tui.checks import check_lines
from station.tui.draw import BLANK, Lines
from station.tui.words import LIGHTS, OUTCOMES, SEVERITIES, VERDICTS, say

PICTURES: Final = {
    Light.NEUTRAL: "ring",
    Light.BUSY: "dots",
    Light.GOOD: "tick",
    Light.WARNING: "triangle",
    Light.BAD: "cross",
}
LABEL_WIDTH: Final = 22
STANDING_SHOWN: Final = 2
"""Sentences about the item from the library system that are shown at most."""
PAPER: Final = "$paper-ink on $paper"


def header(snapshot: Snapshot, library: str, station: str, width: int) -> Content:
    """One line: whose bench this is on the left; reader, outbox and the day's work on the right."""
    ready = snapshot.reader_ready
    reader = say(snapshot.reader, "bold").truncate(26 if width < 100 else 44, ellipsis=True)
    right = Content.assemble(
        "✓ " if ready else "× ",
        "reader ",
        reader,
        "   outbox ",
        (_outbox(snapshot), "bold"),
        *_web(snapshot, width),
        "   today ",
        (str(snapshot.done_today), "bold"),
    )
    names = " · ".join(part for part in (library, station, snapshot.operator) if part)
    room = width - right.cell_length - 3
    if room < 1:
        return draw.one_line(right, width)
    left = say(names).truncate(room, ellipsis=True).truncate(room, pad=True)
    return left + Content("   ") + right


def _outbox(snapshot: Snapshot) -> str:
    """What waits, and what waits for a person: the courier goes on without the second, so nothing else tells of it."""
    staff = f"! {snapshot.outbox_parked} for staff" if snapshot.outbox_parked else ""
    waiting = f"{snapshot.outbox_depth} waiting" if snapshot.outbox_depth else ""
    return ", ".join(part for part in (waiting, staff) if part) or "empty"


def _web(snapshot: Snapshot, width: int) -> tuple[str | Content, ...]:
    """The light of the pad for Alma's page: symbol and word, and where there is room how it is served."""
    if not snapshot.web:
        return ()
    short = "off" if not snapshot.web_ready else "open" if snapshot.web.startswith("open") else "on"
    words = say(snapshot.web if width >= 100 else short, "bold")
    return ("   ✓ Alma page " if snapshot.web_ready else "   × Alma page ", words)


def light_word(snapshot: Snapshot) -> str:
    """The word beside the symbol: the verdict's, where one stands."""
    if snapshot.phase is Phase.DONE and snapshot.verdict is not None:
        return VERDICTS[snapshot.verdict]
    if snapshot.phase is Phase.CHECKING and snapshot.light is Light.NEUTRAL:
        return "CHECK"
    return LIGHTS[snapshot.light].word


def sentence(snapshot: Snapshot) -> str:
    """The one sentence that matters now."""
    return snapshot.fault.sentence if snapshot.fault is not None else snapshot.prompt


def band(snapshot: Snapshot, width: int, height: int) -> Content:
    """Picture, symbol and word, and the sentence."""
    art = [Content(row) for row in draw.picture(PICTURES[snapshot.light])]
    art_width = 9
    room = max(10, width - art_width - 2)
    word = f"{LIGHTS[snapshot.light].symbol} {light_word(snapshot)}"
    text = [say(word, "bold"), *draw.paragraph(sentence(snapshot), room, "bold", max(1, height - 1))]
    return draw.stack(draw.beside(art, text, art_width), height)


def notice(snapshot: Snapshot, width: int) -> Content:
    """A sentence that needs no action."""
    text = " · ".join(part for part in (snapshot.notice, snapshot.outbox_note) if part)
    return draw.one_line(Content.assemble(("i ", "bold $key"), say(text)), width) if text else BLANK


# --- the item -------------------------------------------------------------------------------------------------------


def card(snapshot: Snapshot, width: int, height: int) -> Content:
    """The item, its expected label and what will be written; two or three lines where there is no room."""
    if height <= 3:
        return draw.stack(_card_short(snapshot, width), height)
    beside = width >= 56
    facts_width = width - LABEL_WIDTH - 2 if beside else width
    plan = _plan(snapshot, width)
    pad = _pad(snapshot, width)
    room = max(1, height - len(plan) - len(pad))  # what will be written is never cut for the sake of the rest
    facts = _facts(snapshot, facts_width)
    if len(facts) > room:
        facts = _tight_facts(snapshot, facts_width, room)
    label = _label(snapshot, room if beside else height)
    lines = draw.beside(facts, label, facts_width) if beside and label else [*facts, *label]
    lines = lines[:room]
    air = [BLANK] if len(lines) + 2 <= room else []
    return draw.stack([*lines, *air, *plan, *(air if plan else []), *pad], height)


def _card_short(snapshot: Snapshot, width: int) -> Lines:
    item = snapshot.item
    if item is None:
        return _pad(snapshot, width)
    source = f" ({item.call_number_source})" if item.call_number_source else ""
    second = " · ".join(
        part for part in (item.author, f"{item.call_number}{source}" if item.call_number else "") if part
    )
    tag = f"tag: {snapshot.tag_summary}" if snapshot.tag_summary else ""
    words = (
        str(item.barcode),
        item.age,
        *(f"▲ {said}" for said in item.standing[:1]),
        item.location,
        _part_words(snapshot),
        tag,
    )
    third = " · ".join(part for part in words if part)
    return [
        draw.one_line(say(item.title or "(no title)", "bold"), width),
        draw.one_line(say(second or "(no call number)"), width),
        draw.one_line(say(third, "$quiet"), width),
    ]


def _part_words(snapshot: Snapshot) -> str:
    parts = snapshot.item.parts if snapshot.item is not None else 1
    return f"part {snapshot.part} of {parts}" if parts > 1 else ""


def _facts(snapshot: Snapshot, width: int) -> Lines:
    item = snapshot.item
    if item is None:
        return []
    lines = draw.paragraph(item.title or "(no title)", width, "bold", 2)
    if item.alternate_title:
        lines += draw.paragraph(item.alternate_title, width, "", 1)
    if item.author:
        lines += draw.paragraph(item.author, width, "", 1)
    lines.append(BLANK)
    lines += draw.field("Barcode", item.barcode, width, most=1)
    lines += _call_number(item, width)
    # Of one part, the volume matters more than the count; of several, the count comes first.
    several = _part_words(snapshot)
    single = "" if several else "1 of 1"
    what = " · ".join(part for part in (several, item.description, item.copy, item.material, single) if part)
    lines += draw.field("Part", what, width, most=1)
    place = " · ".join(part for part in (item.library, item.location) if part)
    lines += draw.field("Location", place, width, most=1)
    if item.age:
        lines += draw.field("Record", f"{item.origin}, {item.age}", width, most=2)
    for sentence in item.standing[:STANDING_SHOWN]:
        lines += draw.paragraph(f"▲ {sentence}", width, "bold", 2)
    return lines


def _tight_facts(snapshot: Snapshot, width: int, room: int) -> Lines:
    """The same where there is little room: part and place share a line, the author goes first."""
    item = snapshot.item
    if item is None:
        return []
    title = draw.paragraph(item.title or "(no title)", width, "bold", 1)
    author = draw.paragraph(item.author, width, "", 1)
    what = (_part_words(snapshot), item.description, item.location)
    old = f" ({item.age})" if item.age else ""
    rest = [
        *(line for sentence in item.standing[:1] for line in draw.paragraph(f"▲ {sentence}", width, "bold", 1)),
        *draw.field("Barcode", f"{item.barcode}{old}", width, most=1),
        *_call_number(item, width),
        *draw.field("Part, place", " · ".join(part for part in what if part), width, most=1),
    ]
    return [*title, *author, *rest] if len(title) + len(author) + len(rest) <= room else [*title, *rest]


def _call_number(item: ItemRecord, width: int) -> Lines:
    """The call number and where it came from, on one line if it fits."""
    number = item.call_number or "none in the record"
    if not item.call_number_source:
        return draw.field("Call number", number, width)
    together = f"{number}  (from {item.call_number_source})"
    if say(together).cell_length <= width - 14:
        return draw.field("Call number", together, width)
    return [
        *draw.field("Call number", number, width),
        *draw.field("", f"from {item.call_number_source}", width, most=1),
    ]


def _label(snapshot: Snapshot, height: int) -> Lines:
    item = snapshot.item
    if item is None or not item.label_lines:
        return []
    lines = [say(line, "bold") for line in item.label_lines]
    return draw.paper(lines, LABEL_WIDTH, height, "spine label", PAPER)


def _plan(snapshot: Snapshot, width: int) -> Lines:
    plan = snapshot.planned
    if plan is None:
        return []
    if snapshot.verdict is Verdict.ABANDONED:
        when = "Was to be written"
    elif snapshot.phase in (Phase.CHECKING, Phase.DONE):
        when = "On the tag"
    else:
        when = "Being written" if snapshot.phase is Phase.WRITING else "Will be written"
    title = f"{when} ({plan.model}, AFI {plan.afi:02X})"
    names = max((len(name) for name, _ in plan.elements), default=0)
    lines = [draw.rule(title, width)]
    for name, value in plan.elements:
        lines += draw.field(name, value, width, min(names + 2, width // 2), most=1)
    return lines


def _pad(snapshot: Snapshot, width: int) -> Lines:
    if not (snapshot.tag_summary or snapshot.tag_uid):
        return []
    uid = f" ({snapshot.tag_uid})" if snapshot.tag_uid else ""
    return draw.field("On the pad", f"{snapshot.tag_summary or 'a tag'}{uid}", width, most=2)


# --- the stage: what is going on ------------------------------------------------------------------------------------


def stage(snapshot: Snapshot, width: int, height: int) -> Content:
    """What the phase needs to be shown besides the item."""
    match snapshot.phase:
        case Phase.STOPPED:
            lines = _fault(snapshot, width, height)
        case Phase.CHECKING:
            lines = check_lines(snapshot, width, height)
        case Phase.DONE:
            lines = _verdict(snapshot, width, height)
        case Phase.WRITING:
            lines = [draw.progress(snapshot.steps_done, snapshot.steps_total, width), *_hold_still(width, height)]
        case Phase.NEED_TAG:
            lines = _lay_down(width, height)
        case Phase.NEED_SCAN:
            lines = [*_pad(snapshot, width), BLANK, *_three_steps(width, height, 1)]
        case Phase.IDLE:
            lines = _welcome(snapshot, width, height)
    return draw.stack(lines, height)


def _hold_still(width: int, height: int) -> Lines:
    return [BLANK, *draw.paragraph("Leave the item on the pad until the station says so.", width)] if height > 2 else []


def _lay_down(width: int, height: int) -> Lines:
    return draw.middle(_three_steps(width, height, 2), height) if height >= 8 else []


def _three_steps(width: int, height: int, now: int) -> Lines:
    """The work as three steps, the present one marked."""
    each = (width - 4) // 3
    if each < 18 or height < 7:
        return []
    words = ("Scan the barcode", "Lay it on the pad", "Confirm on screen")
    blocks = []
    for number, text in enumerate(words, 1):
        here = number == now or now == 0
        art = [Content.styled(row, "$key" if here else "$line") for row in draw.large(str(number))]
        inner = [draw.centered(line, each - 4) for line in (*art, BLANK, say(text, "bold" if here else "$quiet"))]
        blocks.append(draw.box(inner, each, style="" if here else "$line"))
    first = draw.beside(blocks[0], blocks[1], each)
    return draw.beside(first, blocks[2], 2 * each + 2)


def _welcome(snapshot: Snapshot, width: int, height: int) -> Lines:
    lines = []
    if snapshot.unfinished:
        lines.append(
            Content.assemble(("▲ ", "bold $warning"), say("Check these items: their tags were not finished", "bold"))
        )
        lines += [draw.one_line(say(f"  {text}"), width) for text in snapshot.unfinished[:3]]
        if len(snapshot.unfinished) > 3:
            lines.append(say(f"  and {len(snapshot.unfinished) - 3} more"))
        lines.append(BLANK)
    return [*lines, *draw.middle(_three_steps(width, height - len(lines), 0), height - len(lines))]


def _fault(snapshot: Snapshot, width: int, height: int) -> Lines:
    fault = snapshot.fault
    if fault is None:
        return draw.paragraph(snapshot.prompt, width, "bold")
    lines: Lines = []
    if snapshot.prompt and snapshot.prompt != fault.sentence:
        lines += draw.paragraph(snapshot.prompt, width, "bold", 2)
    if fault.old or fault.new:
        half = (width - 2) // 2
        old = draw.paragraph(fault.old or "-", half - 4, "bold", 3)
        new = draw.paragraph(fault.new or "-", half - 4, "bold", 3)
        rows = max(len(old), len(new))
        old = draw.box([*old, *[BLANK] * (rows - len(old))], half, "On the tag now")
        new = draw.box([*new, *[BLANK] * (rows - len(new))], half, "Would be written")
        lines += draw.beside(old, new, half)
    staff = f"For staff: {fault.code}" + (f" · {fault.detail}" if fault.detail else "")
    small = draw.paragraph(staff, width, "$quiet", 2)
    room = max(0, height - len(lines) - len(small))
    return [*lines, *[BLANK] * min(1, room), *small]


def _verdict(snapshot: Snapshot, width: int, height: int) -> Lines:
    verdict = snapshot.verdict or Verdict.ABANDONED
    failures = sum(1 for finding in snapshot.findings if finding.outcome is Outcome.FAIL)
    lines = _large_verdict(verdict, height, 1 + failures + len(snapshot.flags))
    by_outcome = {outcome: [f for f in snapshot.findings if f.outcome is outcome] for outcome in Outcome}
    counts = [f"{len(found)} {OUTCOMES[outcome][1]}" for outcome, found in by_outcome.items() if found]
    if counts:
        lines.append(say("Checks: " + ", ".join(counts), "$quiet"))
    failed = by_outcome[Outcome.FAIL]
    flags = _flags(snapshot, width)
    room = max(0, height - len(lines) - min(len(flags), max(0, (height - len(lines)) // 2)))
    shown = failed if len(failed) <= room else failed[: max(0, room - 1)]
    for finding in shown:
        # What is wrong stands first: a rule's title says what would be right.
        why = " - ".join(said for said in (finding.reason, finding.note) if said) or "not so"
        text = f"× {why} ({SEVERITIES[finding.severity]}): {finding.title}"
        lines.append(draw.one_line(say(text, "bold"), width))
    if len(shown) < len(failed):
        lines.append(say(f"and {len(failed) - len(shown)} more; see the journal"))
    left = max(0, height - len(lines))
    if len(flags) > left:
        flags = [*flags[: max(0, left - 1)], say(f"and {len(flags) - max(0, left - 1)} more flags; see To mend")]
    return [*lines, *flags[:left]]


def _large_verdict(verdict: Verdict, height: int, needed: int) -> Lines:
    """The verdict in letters as large as what is wrong leaves room for (it stands in the band besides), and a blank line."""
    for scale, rows, least in ((2, 6, 9), (1, 4, 6)):
        if height >= max(least, rows + min(needed, least)):
            return [*(Content.styled(row, "bold") for row in draw.large(VERDICTS[verdict], scale)), BLANK]
    return []


def _flags(snapshot: Snapshot, width: int) -> Lines:
    """Each open correction of the item: who has it, until when."""
    found = []
    for flag in snapshot.flags:
        recheck = flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED
        what = "waits for a recheck" if recheck else f"goes to {flag.owner or 'nobody yet'}"
        late = "! OVERDUE, " if flag.overdue else ""
        text = f"▲ Flag {flag.correction[:8]} {what}, {late}due {flag.due}: {flag.title}"
        found.append(draw.one_line(say(text), width))
    return found
