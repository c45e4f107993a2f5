"""The picture of a rule: its sketch, the values compared, and an example that passes beside one that fails.

The rule is run on the examples while they are drawn: a picture shows "passes" only if the rule passed. All text has at
most `frames.ROOM` cells per line, for page, terminal and screen alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from station.base.cells import cells, centered, wrapped
from station.base.words import tell
from station.base.words.drawing import drawing
from station.domain.commands import Answer
from station.domain.findings import Check, Outcome
from station.manual.pictures.examples import Example, example, judged
from station.manual.pictures.frames import ROOM, Box, beside, drawn, widths
from station.manual.pictures.sides import COMPARED, SIGNS, Compared
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import Judgement
from station.quality.rules import Catalogue, Rule
from station.quality.sketches import SKETCHES, WIDEST
from station.quality.verdict.checklist import answered, checks

_TALL: Final = 16
"""Two examples taller than this in total are drawn side by side, if there is room."""
_GAP: Final = 3
_DAY: Final = "2026-01-01"


def picture(rule: Rule, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the whole drawing of a rule, line by line, with an empty line between its parts, where it may be split."""
    shown = example(rule)
    parts = [list(sketch(rule.sketch)), _invented(shown), _machine(shown), _person(shown, catalogue)]
    lines: list[str] = []
    for part in (part for part in parts if part):
        lines += [""] * bool(lines) + part
    return tuple(lines)


def sketch(name: str) -> tuple[str, ...]:
    """Return the lines of a sketch; () for "" or an unknown name."""
    return drawing(f"sketch.{name}", SKETCHES.get(name, ""), WIDEST)


# --- machine check ----------------------------------------------------------------------------------------------------


def _machine(shown: Example) -> list[str]:
    """Return the example that passes and the one that fails, as lines."""
    rule, compared = shown.rule, COMPARED.get(shown.rule.check)
    if shown.right is None or shown.wrong is None or compared is None:
        return []
    right, wrong = boxes(compared, rule, shown.right), boxes(compared, rule, shown.wrong)
    marked = [box._replace(changed=_difference(box, other)) for box, other in zip(wrong, right, strict=True)]
    judgements = [judged(rule, facts) for facts in (shown.right, shown.wrong)]
    cases = [
        (row, _joints(compared, row, judgement), judgement)
        for row, judgement in zip((right, marked), judgements, strict=True)
    ]
    tall = _drawn(rule, cases, ROOM)
    if sum(map(len, tall)) >= _TALL:
        half = (ROOM - _GAP) // 2
        narrow = _drawn(rule, cases, half)
        if all(cells(line) <= half for case in narrow for line in case) and len(narrow[1]) < sum(map(len, tall)):
            return beside(*narrow, gap=_GAP)
    return [*tall[0], "", *tall[1]]


_Case = tuple[list[Box], list[str], Judgement]


def _drawn(rule: Rule, cases: Sequence[_Case], room: int) -> tuple[list[str], list[str]]:
    """Return both examples, with boxes of the same width, and the rule's judgment of each."""
    gaps = [max(map(cells, column)) for column in zip(*(joints for _, joints, _ in cases), strict=True)]
    columns = widths([row for row, _, _ in cases], sum(gaps), room)
    right, wrong = (
        [
            *drawn(row, [centered(joint, gap) for joint, gap in zip(joints, gaps, strict=True)], columns),
            *_verdict(rule, judgement, room),
        ]
        for row, joints, judgement in cases
    )
    return right, wrong


def _verdict(rule: Rule, judgement: Judgement, room: int) -> list[str]:
    if judgement.outcome is Outcome.PASS:
        return [tell("picture.passes")]
    return wrapped(tell("picture.fails", severity=rule.severity.value, reason=judgement.reason), room)


def boxes(compared: Compared, rule: Rule, facts: Facts) -> list[Box]:
    """Return a box for each side, with its values for an item."""
    return [
        Box(
            tell(f"picture.source-{side.source}"),
            tell(side.place),
            tuple(text for text in side.says(facts, rule) if text) or (tell("picture.nothing"),),
        )
        for side in compared.sides
    ]


def _difference(box: Box, other: Box) -> int | None:
    """Return the index of the first value that differs from the other box; None = no difference, though the other box
    may have more values."""
    return next((at for at, text in enumerate(box.says) if at >= len(other.says) or text != other.says[at]), None)


def _joints(compared: Compared, row: Sequence[Box], judgement: Judgement) -> list[str]:
    """Return the text between the sides."""
    gaps = [*compared.gaps, *[""] * len(row)][: len(row) - 1]
    return [
        _joint(gap, left.says == right.says, judgement) for gap, (left, right) in zip(gaps, pairwise(row), strict=True)
    ]


def _joint(gap: str, same: bool, judgement: Judgement) -> str:
    good = same if gap == "same" else judgement.outcome is Outcome.PASS
    if gap in SIGNS:
        sign = SIGNS[gap][0 if good else 1]
    else:
        sign = tell("picture.in" if good is (gap == "in") else "picture.not-in")
    return f" {sign} "


def _invented(shown: Example) -> list[str]:
    """Return the note that the table was invented for the example."""
    if not shown.invented:
        return []
    table = ", ".join(f"{code}: {wanted}" for code, wanted in (shown.rule.table or {}).items())
    return wrapped(tell("picture.invented", table=table), ROOM)


# --- question to a person ---------------------------------------------------------------------------------------------


def _person(shown: Example, catalogue: Catalogue) -> list[str]:
    """Return the screen's text, what to look at, and the effect of each answer, as lines."""
    rule = shown.rule
    check = asked(shown, catalogue)
    if check is None:
        return []
    lines = wrapped(tell("picture.asks", question=tell(check.question)), ROOM)
    if shown.right is None and (rule.expectation or not rule.sketch):
        screen = Box(
            tell("picture.source-screen"), tell("picture.at-shown"), tuple(tell(check.expectation).splitlines())
        )
        look = tuple(tell(cover.look) for cover in check.covers if cover.rule == rule.id)
        hand = Box(tell("picture.source-piece"), tell("picture.at-look"), look)
        row = [screen, hand] if screen.says else [hand]
        joints = [" ? "] * (len(row) - 1)
        lines += ["", *drawn(row, joints, widths([row], sum(map(len, joints)), ROOM)), ""]
    passing = [(Outcome.PASS, code, tell(words)) for cover in check.covers for code, words, _ in cover.pass_reasons]
    first = catalogue.reasons_of(rule)[0]
    answers = [(Outcome.PASS, "", ""), (Outcome.FAIL, first.code, first.words)]
    for outcome, code, words in passing or answers:
        lines += _answer(rule, check, Answer(check.rule, outcome, code), words)
    return lines


def _answer(rule: Rule, check: Check, answer: Answer, words: str) -> list[str]:
    """Return an answer and the resulting outcome of the rule, as lines. `words`: of its reason."""
    answered_check = answered(check, answer, "")
    mine = (
        next((finding for finding in answered_check.findings if finding.rule == rule.id), None)
        if answered_check is not None
        else None
    )
    if mine is None:
        return []
    if mine.outcome is Outcome.PASS:
        return [tell("picture.answer-passes", tap=words or tell("button.pass"))]
    tap = f"{tell('button.fail')}, {words}"
    return wrapped(tell("picture.answer-fails", tap=tap, severity=rule.severity.value), ROOM)


def asked(shown: Example, catalogue: Catalogue) -> Check | None:
    """Return the rule's question about the example, with the rule that it is asked with, if any; None = a person is not
    asked."""
    if shown.asked is None:
        return None
    lead = catalogue.rule(shown.rule.asked_with, _DAY)
    alone, together = (_check(shown, rules, catalogue) for rules in ((shown.rule,), (lead, shown.rule)))
    if alone is None or together is None or alone.expectation:
        return alone
    return msgspec.structs.replace(alone, expectation=together.expectation)


def _check(shown: Example, rules: Sequence[Rule | None], catalogue: Catalogue) -> Check | None:
    assert shown.asked is not None
    always = [msgspec.structs.replace(rule, retired=False, valid_from="", valid_to="") for rule in rules if rule]
    asked_checks = checks(Catalogue(tuple(always), catalogue.reasons), shown.asked, _DAY)
    return next((check for check in asked_checks if shown.rule.id in {cover.rule for cover in check.covers}), None)
