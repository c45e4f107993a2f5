"""Buttons of a snapshot: pure functions from values to actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from station.base.sentence import Sentence
from station.base.words import languages, spoken, tell
from station.domain.choice import SETS_ASIDE, Choice
from station.domain.commands import AllGood, Answer, Cancel, Choose, Command, Enter, Reopen, SelectPart, Speak
from station.domain.findings import Check, Outcome
from station.domain.ports import DemoState
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from station.tui.drawing.checks import current_check, page_checks
from station.tui.drawing.page_lines import NUMBER, PageLine
from station.tui.drawing.words import OUTCOME_SYMBOLS, in_hand
from station.tui.widgets.touch import Action, DemoAct, Go, OpenCheck, Print, numbered
from station.tui.workflows.check_aids import can_count

DEMO_KEYS: Final = {
    "f2": "next",
    "f3": "scan",
    "f4": "place",
    "f5": "swap",
    "f6": "lift",
    "f7": "two",
    "f8": "lift-mid-write",
    "f9": "plug",
    "f10": "ils",
}
"""Function keys of the demo; "plug" and "ils" toggle."""


DEMO_HANDS: Final = 2
"""Demo actions beside Back and Menu if only one strip has room."""


STRIP: Final = 4
"""Keys that every work screen has: Set aside, Back, Help, Menu."""


def stage_actions(
    snapshot: Snapshot,
    asking: Go | None,
    about: str = "",
    searching: bool = False,
) -> tuple[Action, ...]:
    """Return the actions of the current phase, in the place of the large button. After a verdict nothing is there: the
    strip has the actions (`done_actions`). `asking`: the open question about the check (its reasons, or what does not
    apply); `about`: the rule of the check whose line was tapped; `searching`: an item can be found without its barcode,
    and there is room to say so."""
    search = Action(tell("search.button"), Go.SEARCH, "quiet")
    if snapshot.phase is Phase.STOPPED and snapshot.fault is not None:
        safest = _safest(snapshot.fault.choices)
        choices = tuple(
            Action(tell(choice.label), Choose(choice.id), "main" if choice.id == safest else "plain")
            for choice in snapshot.fault.choices
        )
        return (*choices, search) if searching and snapshot.fault.code == "barcode-unknown" else choices
    if searching and snapshot.phase in (Phase.IDLE, Phase.NEED_SCAN):
        return (
            (search, Action(tell("last-items.title"), Go.LAST_ITEMS, "quiet")) if snapshot.lately.items else (search,)
        )
    if snapshot.phase is Phase.CHECKING:
        return _check_actions(current_check(snapshot, about), asking, in_page=len(page_checks(snapshot)) > 1)
    item = snapshot.item
    if snapshot.phase is Phase.NEED_TAG and item is not None and item.tags > 1:
        return tuple(
            Action(
                tell("button.part-here" if part == snapshot.part else "button.part", part=part),
                SelectPart(part),
                "main" if part == snapshot.part else "plain",
            )
            for part in range(1, item.tags + 1)
        )
    return ()


def _safest(choices: Sequence[Choice]) -> str:
    """Return the choice of the large button: the one that the stop prefers, else the one that sets the item aside."""
    return next(
        (choice.id for choice in choices if choice.main),
        next((choice.id for choice in choices if choice.id in SETS_ASIDE), ""),
    )


def done_actions(snapshot: Snapshot, *, printing: bool, waiving: bool) -> tuple[Action, ...]:
    """Return the actions for a judged item: print its spine label; if it failed, print a slip or waive a finding.
    `printing`: labels can be printed; `waiving`: findings can be waived."""
    if snapshot.phase is not Phase.DONE or snapshot.item is None:
        return ()
    actions = []
    if printing and snapshot.item.label_lines:
        actions.append(Action(tell("button.print-label"), Print.LABEL))
    if printing and snapshot.verdict is Verdict.FAIL:
        actions.append(Action(tell("button.print-slip"), Print.SLIP))
    if waiving and snapshot.verdict is Verdict.FAIL and snapshot.may_waive:
        actions.append(Action(tell("button.waive"), Go.WAIVE))
    return tuple(actions)


def line_action(line: PageLine, about: str | None) -> Action:
    """Return a line of a page of checks as a button. `about`: the rule of the line whose reasons are open; None = no
    line is open."""
    check = line.check
    shown = Action(
        "", OpenCheck(check.rule), lines=line.rows, indent=NUMBER, head=str(line.number), picture=line.picture
    )
    if check.answer is not None:
        bad = check.answer.outcome is Outcome.FAIL
        ends = "" if bad else OUTCOME_SYMBOLS[check.answer.outcome]
        return replace(shown, tone="bad" if bad else "quiet", enabled=False, ends=ends)
    if about is not None and check.rule == about:
        return replace(shown, does=Go.NO_REASON, tone="open")
    if line.brief:
        return replace(shown, tone="quiet", enabled=False)
    shown = replace(shown, ends=tell("button.wrong"))
    return shown if about is not None else numbered(shown, line.number)  # digits tap the reasons


OTHER_ON_PAD: Final = "checking-other"
"""State of a check while another item is on the pad: the bench takes no answer."""
PIECE_DIFFERS: Final = "checking-piece"
"""State of a check while the number scanned from the piece is not in the record: the item will fail."""


def all_good(lines: Sequence[PageLine], checks: Sequence[Check], state: str, *, awake: bool) -> tuple[Action, ...]:
    """Return the button that passes the open ones of the lines shown. If lines of the page follow, it neither says nor
    looks like the verdict. `state`: see `Snapshot.state`; `awake`: the lines were shown long enough."""
    shown = [line for line in lines if line.check.answer is None]
    rules = tuple(line.check.rule for line in shown)
    last = len(rules) == sum(check.answer is None for check in checks)
    tone = "good" if last else "main"
    if state == OTHER_ON_PAD or not awake:
        return (asleep(Action("", AllGood(rules), tone), state),)
    failed = state == PIECE_DIFFERS or any(check.answer and check.answer.outcome is Outcome.FAIL for check in checks)
    words = tell("button.rest-good" if failed else "button.all-good")
    if not last:
        numbers = sorted({shown[0].number, shown[-1].number})
        words = tell("button.good-next", lines="-".join(map(str, numbers)), of=len(checks))
    return (Action(words, AllGood(rules), tone),)


def asleep(action: Action, state: str) -> Action:
    """Return the action asleep, with the reason in place of its words: another item is on the pad, or the check was not
    shown long enough, or not to its last page."""
    words = tell("button.other-on-pad" if state == OTHER_ON_PAD else "button.look-first")
    return replace(action, label=words, enabled=False)


def with_sleep(actions: Sequence[Action], state: str) -> tuple[Action, ...]:
    """Return the answers to a check with the one that passes it asleep; while another item is on the pad, all."""
    offered = []
    for action in actions:
        if isinstance(action.does, Answer) and action.does.outcome is Outcome.PASS:
            offered.append(asleep(action, state))
        else:
            offered.append(replace(action, enabled=not (isinstance(action.does, Answer) and state == OTHER_ON_PAD)))
    return tuple(offered)


def _check_actions(check: Check | None, asking: Go | None, *, in_page: bool) -> tuple[Action, ...]:
    if check is None:
        return ()
    if asking is Go.NOT_APPLICABLE:
        return tuple(
            Action(
                tell("button.not-applicable-one", look=tell(cover.words)), Answer(cover.rule, Outcome.NOT_APPLICABLE)
            )
            for cover in check.may_not_apply
        )
    if check.pass_reasons:
        if asking is Go.REASONS:
            return tuple(
                Action(tell(words), Answer(check.rule, Outcome.PASS, code))
                for cover in check.covers
                for code, words, _ in cover.pass_reasons
            )
        later = Action(tell("button.later"), Answer(check.rule, Outcome.ABSTAINED), "main")
        return (later, Action(tell("button.destroyed"), Go.REASONS))
    if asking is Go.REASONS:
        other = (Action(tell("button.count-other"), Go.COUNT),) if can_count(check) else ()
        return (*_counts(check), *other, *_reasons(check), *(_not_applicable(check) if in_page else ()))
    good = tell("button.pass") if check.counted is None else tell("button.pass-count", count=check.counted)
    return (
        Action(good, Answer(check.rule, Outcome.PASS, count=check.counted), "good"),
        Action(tell("button.fail"), Go.REASONS, "bad"),
        *_not_applicable(check),
    )


def _not_applicable(check: Check) -> tuple[Action, ...]:
    """Return a direct answer if only one rule of the check may not apply, a question if several may; () = none may."""
    rules = check.may_not_apply
    if not rules:
        return ()
    does = Go.NOT_APPLICABLE if len(rules) > 1 else Answer(rules[0].rule, Outcome.NOT_APPLICABLE)
    return (Action(tell("button.not-applicable"), does),)


def _counts(check: Check) -> tuple[Action, ...]:
    """Return a button for each other number of pieces; the answer shows which source is wrong."""
    if check.counted is None:
        return ()
    actions = []
    for count in check.counts:
        reason = "piece-missing" if count < check.counted else "piece-too-many"
        if reason in _codes(check):
            actions.append(
                Action(tell("button.counted", count=count), Answer(check.rule, Outcome.FAIL, reason, count=count))
            )
    return tuple(actions)


def _reasons(check: Check) -> tuple[Action, ...]:
    """Return a button for each reason; equal words of several rules have one."""
    counted = ("piece-missing", "piece-too-many") if check.counts else ()
    codes = {words: code for code, words in reversed(_codes(check).items())}
    reasons = [(tell(words), codes.get(words, "")) for words in check.reasons if codes.get(words) not in counted]
    reasons = reasons or [(tell("button.not-as-expected"), "")]
    return tuple(Action(words, Answer(check.rule, Outcome.FAIL, code)) for words, code in reasons)


def _codes(check: Check) -> dict[str, Sentence]:
    """Return the reasons for a fail, by code."""
    return {code: words for cover in check.covers for code, words, _ in cover.reasons}


def can_go_back(snapshot: Snapshot) -> bool:
    """True if an answered check can be reopened, the number on the piece removed, or the verdict taken back."""
    if snapshot.take_back_s or snapshot.phase is Phase.DONE:
        return snapshot.take_back_s > 0
    answered = any(check.answer is not None for check in snapshot.checks)
    return snapshot.phase is Phase.CHECKING and (answered or snapshot.state == "checking-piece")


def next_language() -> tuple[Action, ...]:
    """Return the button for the next language; its label is the language's own name. () = there is no other."""
    known = languages()
    codes = sorted({*known, spoken()})
    if len(codes) < 2:
        return ()
    code = codes[(codes.index(spoken()) + 1) % len(codes)]
    return (Action(known.get(code, code), Speak(code)),)


def _first_key(snapshot: Snapshot) -> Action:
    """Return Set aside; on the idle screen, where it has no use, the key for the next language."""
    if _offered(snapshot, "set-aside"):
        # The stop's own choice is the large button. The place stays empty, so that the others do not move.
        return Action("", Cancel(), enabled=False)
    lit = in_hand(snapshot) or _job_waits(snapshot)
    idle = snapshot.phase is Phase.IDLE and snapshot.workflow is Workflow.PROCESS
    others = next_language() if idle and not lit else ()
    return replace(others[0], tone="quiet") if others else Action(tell("button.set-aside"), Cancel(), enabled=lit)


def _back_words(snapshot: Snapshot) -> str:
    left = snapshot.take_back_s
    return tell("button.back-for", seconds=left) if left else tell("button.back")


def _offered(snapshot: Snapshot, choice: str) -> bool:
    """True if the stop itself offers this choice, so that the strip need not."""
    return snapshot.fault is not None and any(offered.id == choice for offered in snapshot.fault.choices)


def _job_waits(snapshot: Snapshot) -> bool:
    """True if another terminal waits for a tag, so that it can be sent away."""
    return bool(snapshot.sender) and snapshot.workflow.row.waits_for_tag


def bottom_actions(snapshot: Snapshot, *, asking: Go | None = None) -> tuple[Action, ...]:
    """Return the strip that every state has: four keys whose places never move, then what the moment adds."""
    back = (
        Action(tell("button.back"), Go.NO_REASON, is_back=True)
        if asking is not None
        else Action(_back_words(snapshot), Reopen(), enabled=can_go_back(snapshot), is_back=True)
    )
    to_fix = snapshot.lately.to_fix
    menu = tell("button.menu-to-fix", count=to_fix) if to_fix else tell("button.menu")
    actions = [
        _first_key(snapshot),
        back,
        Action(tell("button.help"), Go.HELP, "quiet"),
        Action(menu, Go.MENU, "quiet"),
    ]
    if asking is Go.REASONS:
        actions.append(Action(tell("button.note"), Go.NOTE))
    return tuple(actions)


def with_done(strip: tuple[Action, ...], done: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return the strip with the actions for a judged item: the first one in the place of Set aside, which has no use
    any more."""
    return (done[0], *strip[1:], *done[1:]) if done else strip


def with_way_back(actions: tuple[Action, ...], back: Command | None = None) -> tuple[Action, ...]:
    """Return the strip with another workflow's way back, or the way back to Process, in place of reopening a check."""
    return tuple(
        Action(tell("button.back"), back or Enter(Workflow.PROCESS), is_back=True)
        if isinstance(action.does, Reopen)
        else action
        for action in actions
    )


def demo_action(name: str, state: DemoState) -> str:
    """Return the action of `ports.DemoPort.act` for a key's name."""
    if name == "plug":
        return "unplug" if state.reader_plugged else "plug"
    if name == "ils":
        return "ils-down" if state.ils_up else "ils-up"
    return name


def one_strip(own: tuple[Action, ...], state: DemoState, page: int, *, done: bool = False) -> tuple[Action, ...]:
    """Return the one strip of a small screen at the demo bench: the station's own keys with the way to the demo's, then
    page by page two actions of the demo beside Back and Menu, which stay in sight. A key that a check adds takes that
    way's place; the function keys work all the same. `done`: after a verdict further keys follow the demo's."""
    hands = demo_actions(state)
    hands = (*hands[1:3], hands[0], *hands[3:])  # scan and place are needed for every item
    if done:
        own, hands = own[:STRIP], (*hands, *own[STRIP:])
    pages = -(-len(hands) // DEMO_HANDS)
    at = page % (pages + 1)
    if not at:
        return own if len(own) > STRIP else (*own, Action(tell("button.demo"), Go.HANDS, "demo"))
    more = Action(tell("button.more", page=at, pages=pages), Go.HANDS, "demo")
    return (own[1], own[3], *hands[(at - 1) * DEMO_HANDS : at * DEMO_HANDS], more)


def demo_actions(state: DemoState) -> tuple[Action, ...]:
    """Return the actions of the demo bench."""
    actions = []
    for key, name in DEMO_KEYS.items():
        action = demo_action(name, state)
        actions.append(Action(tell(f"demo.{action}"), DemoAct(action), "demo", key.upper()))
    return tuple(actions)
