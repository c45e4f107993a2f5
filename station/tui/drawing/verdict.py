"""Drawing of a verdict: its large letters, the failed checks, and the open corrections. Pure functions of a snapshot.

Failed checks and their corrections matter more than large letters, so the letters shrink first.
"""

from __future__ import annotations

from typing import Final

from textual.content import Content

from station.base.words import tell
from station.domain.correction_states import CorrectionKind, CorrectionState
from station.domain.findings import Outcome, Severity
from station.domain.snapshot import Snapshot
from station.domain.verdict import Verdict
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import OUTCOMES, VERDICTS, say

_WORST_FIRST: Final = tuple(Severity)


def verdict_lines(snapshot: Snapshot, width: int, height: int) -> Lines:
    """Draw the verdict, what is not as it should be, each failed check and each open correction, as far as `height` lines
    allow."""
    verdict = snapshot.verdict or Verdict.ABANDONED
    waived = [
        finding for finding in snapshot.findings if finding.outcome is Outcome.FAIL and finding.rule in snapshot.waived
    ]
    counted = [finding for finding in snapshot.findings if finding not in waived]
    by_outcome = {outcome: [f for f in counted if f.outcome is outcome] for outcome in Outcome}
    left = by_outcome[Outcome.NOT_SAMPLED]
    good = verdict is Verdict.PASS
    worst_first = sorted(by_outcome[Outcome.FAIL], key=lambda finding: _WORST_FIRST.index(finding.severity))
    wrong = [finding for finding in worst_first if finding.fails_item]
    notes = [finding for finding in worst_first if not finding.fails_item]
    counts = [tell("stage.failed", count=len(wrong))] if wrong else []
    counts += [tell("stage.for-staff", count=len(notes))] if notes and not wrong else []
    counts += [tell("stage.notes", count=len(notes))] if notes and wrong else []
    counts += [f"{len(left)} {OUTCOMES[Outcome.NOT_SAMPLED]}"] if left else []
    counts += [tell("stage.waived-count", count=len(waived))] if waived else []
    summary = ", ".join(counts) or (tell("stage.all-passed") if good and counted else "")
    head = [say(summary, "$quiet")] if summary else []
    failed = [(f"× {tell(finding.said)}", "bold") for finding in wrong]
    failed += [(f"i {tell(finding.said)}", "") for finding in notes]
    failed += [(f"✓ {tell('stage.waived', finding=finding.said)}", "") for finding in waived]
    flags = [draw.listed(text, width) for text in _flags(snapshot)]
    needed = len(head) + sum(len(draw.paragraph(text, width)) for text, _ in failed) + sum(map(len, flags))
    lines = (
        [*_parts(snapshot, width), *head] if snapshot.parts_left else [*_large_verdict(verdict, height, needed), *head]
    )
    room = max(0, height - len(lines) - min(len(flags), max(0, (height - len(lines)) // 2)))
    shown = failed if len(failed) <= room else failed[: max(0, room - 1)]
    lines += draw.whole_or_cut(shown, width, height - len(lines) - sum(map(len, flags)))
    if len(shown) < len(failed):
        lines.append(say(tell("stage.more-failed", count=len(failed) - len(shown))))
    return [*lines, *_whole_flags(flags, width, max(0, height - len(lines)))]


def _large_verdict(verdict: Verdict, height: int, needed: int) -> Lines:
    """Return the verdict in the largest letters that leave room for the failures, then a blank line. (The band shows it
    too.)"""
    for scale, rows, least in ((2, 6, 9), (1, 4, 6)):
        if height >= max(least, rows + min(needed, least)):
            return [*(Content.styled(row, "bold") for row in draw.large(VERDICTS[verdict], scale)), BLANK]
    return []


def _parts(snapshot: Snapshot, width: int) -> Lines:
    """Return the parts of a set that is not finished, with a tick for each that carries its tag, then a blank line. Large
    letters PASS would be read as the end."""
    tags = snapshot.item.tags if snapshot.item is not None else 0
    row = " · ".join(
        f"{'○' if part in snapshot.parts_left else '✓'} {tell('item.part')} {part}" for part in range(1, tags + 1)
    )
    return [*draw.paragraph(row, width, "bold", 2), BLANK]


def _flags(snapshot: Snapshot) -> list[str]:
    """Return each open correction of the item: its owner and due date."""
    lines = []
    for flag in snapshot.flags:
        recheck = flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED
        what = (
            tell("stage.flag-recheck")
            if recheck
            else tell("stage.flag-owner", owner=flag.owner or tell("stage.nobody"))
        )
        late = f"{tell('stage.overdue')}, " if flag.overdue else ""
        text = tell("stage.flag", what=what, late=late, due=flag.due, title=tell(flag.title))
        lines.append(f"▲ {text}")
    return lines


def _whole_flags(flags: list[Lines], width: int, room: int) -> Lines:
    """Return as many corrections as fit uncut, then the count of the others."""
    if sum(map(len, flags)) <= room:
        return [line for flag in flags for line in flag]
    shown: Lines = []
    for number, flag in enumerate(flags):
        if len(shown) + len(flag) >= room:
            more = draw.one_line(say(tell("stage.more-flags", count=len(flags) - number)), width)
            return [*shown, more][:room]
        shown += flag
    return shown
