"""In each state, the screen's sentence and the page that Help opens suffice for the next step: a table over
all states.

`SENTENCES` has a row for every sentence with which the bench gives the next step; a new sentence without a row fails.
The page must contain the same sentence. Beside it, the page must name the step by the words of the screen, and every
offered button.
"""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

import pytest

from station.base import words
from station.base.errors import walk
from station.base.words import english, tell
from station.base.words.telling import codes
from station.bench import snapshot
from station.bench.workflows import inspect as workflows_inspect
from station.bench.workflows.convert import workflow as convert_workflow
from station.bench.workflows.pack import rules as pack_rules
from station.bench.workflows.receive import rules as receive_rules
from station.bench.workflows.release import workflow as release_workflow
from station.bench.workflows.retag import rules as retag_rules
from station.bench.workflows.retag import workflow as retag_workflow
from station.bench.workflows.sets import workflow as sets_workflow
from station.bench.workflows.withdraw import workflow as workflows_withdraw
from station.domain.distribution import obstacle_words
from station.domain.manual_page import Heading, Paragraph, Row
from station.domain.people.sign_on import Asks
from station.domain.receiving.counting import CopyFault, CountOutcome
from station.domain.signals import STATES, of_code
from station.domain.workflows import Workflow
from station.manual import Manual
from station.quality.rulebook.shipped import shipped
from station.tui.app import StationApp
from station.tui.pages.menu import ENTRIES, OTHERS
from station.tui.widgets.screen import StationScreen
from tests.support.for_each import for_each

MANUAL = Manual(shipped())
CATALOGUE = english().entries


class Says(NamedTuple):
    """The page, the words of the next step in the sentence ("" = a button is the step), and the offered buttons."""

    topic: str
    step: str = ""
    buttons: tuple[str, ...] = ()


PROCESS = {
    "state.idle": Says("start", "Scan a barcode"),
    "state.need-tag": Says("ordinary-item", "Put the item on the pad"),
    "state.need-tag-part": Says("sets", "Put part"),
    "state.need-tag-lift": Says("ordinary-item", "Take the finished item off"),
    "state.need-scan": Says("ordinary-item", "Scan the barcode"),
    "state.reading": Says("ordinary-item", "Do not move the item"),
    "state.writing": Says("ordinary-item", "do not move the item"),
    "state.checking": Says("ordinary-item", "", ("button.pass", "button.fail", "button.not-applicable")),
    "state.checking-other": Says("ordinary-item", "back"),
    "state.checking-piece": Says("ordinary-item", "Check the item", ("button.back",)),
    "check.page": Says("ordinary-item", "Tap its line", ("button.all-good", "button.rest-good", "button.wrong")),
    "state.done-lift": Says("ordinary-item", "take it off the pad", ("button.print-label",)),
    "state.done-pass": Says("ordinary-item", "put the next item on the pad", ("button.print-label",)),
    "state.done-fail": Says("ordinary-item", "Put it on the problem shelf", ("button.print-slip", "button.waive")),
    "state.done-part": Says("sets", "put part"),
    "state.done-fixed": Says("to-fix", "Scan the item once more to finish it"),
    "state.done-recheck": Says("to-fix", "put the item on the shelf for rechecks"),
    "state.done-check-left": Says("to-fix", "tap Menu, then To fix"),
    "state.done-flags": Says("to-fix", "put the item on the problem shelf"),
}
"""`state.stopped` is never alone: the fault gives the next step, by its code."""
CONVERT = {
    "convert.stack-full": Says("convert", "Put them all on the pad", ("convert.button.check-stack",)),
    "convert.lay-stack": Says("convert", "stack on the pad", ("convert.button.go-on",)),
    "stack.whole": Says("convert", "off the pad"),
    "stack.take-out": Says("convert", "out", ("convert.button.go-on",)),
    "stack.to-come": Says("convert", "on the pad", ("convert.button.go-on",)),
}
_LIST = ("release.button.release",)
RELEASE = {
    "release.scan": Says("release", "Scan", ("release.button.session",)),
    "release.all-right": Says("release", "", _LIST),
    "release.some": Says("release", "", _LIST),
    "release.choose-file": Says("release", "Tap the list", ("button.back",)),
    "release.released": Says("release", "may leave", ("release.button.slip", "release.button.clear")),
}
_COUNTED = ("receive.button.close",)
_NAMES = ("receive.button.type-name", "receive.button.no-name")
RECEIVE = {
    "receive.start": Says(
        "receive", "Scan the carton label", ("receive.button.no-papers", "receive.button.type-number")
    ),
    "receive.choose-list": Says("receive", "Tap the list"),
    "receive.choose-purpose": Says("receive", "Tap what is in the carton"),
    "receive.choose-vendor": Says("receive", "Tap who sent", ("receive.button.no-vendor",)),
    "receive.type-donor": Says("receive", "Type who gave it", _NAMES),
    "receive.type-plan": Says("receive", "Type the lease plan", _NAMES),
    "receive.scan": Says("receive", "Scan the next copy", ("receive.button.find", *_COUNTED)),
    "receive.of-line.matched": Says("receive", "", _COUNTED),
    "receive.of-line.over": Says("receive", "", ("receive.button.undo",)),
    "receive.outcome.matched": Says("receive", "", _COUNTED),
    "receive.outcome.over": Says("receive", "Put it aside", ("receive.button.undo",)),
    "receive.outcome.not-ordered": Says("receive", "Put it aside"),
    "receive.outcome.wrong-edition": Says("receive", "Put it aside"),
    "receive.outcome.cancelled": Says("receive", "Put it aside"),
    "receive.outcome.duplicate": Says("receive", "Put it aside"),
    "receive.fault.damaged": Says("receive", "Put it aside", ("receive.button.note",)),
    "receive.fault.processing": Says("receive", "Put it aside", ("receive.button.note",)),
    "receive.choose-line": Says(
        "receive", "Tap the title", ("receive.button.is-edition", "receive.button.count-words")
    ),
    "receive.choose-edition": Says("receive", "Tap the title", ("receive.button.same-edition",)),
    "receive.no-line": Says("receive", "Type other words", ("receive.button.find", "receive.button.count-words")),
    "receive.other-barcode": Says("receive", "", ("receive.button.look-again", "receive.button.use")),
    "receive.kept": Says("receive", "", ("receive.button.leave-it", "receive.button.go-on")),
    "receive.more": Says("receive", "", ("receive.button.another", "receive.button.all", "button.back")),
}
_INTO = ("pack.button.other-box",)
_STAFF = ("pack.button.despite", "pack.button.aside")
PACK = {
    "pack.start": Says("pack", "Scan a box label or an item", ("pack.button.new",)),
    "pack.choose-site": Says("pack", "Tap the site", ("button.back",)),
    "pack.no-sites": Says("pack", "Scan an item instead"),
    "pack.where": Says("pack", "", _INTO),
    "pack.scan": Says("pack", "Scan the next item", ("pack.button.close",)),
    "pack.packed": Says("pack", "Put it in", ("pack.button.take-out", "pack.button.close")),
    "pack.tag": Says("pack", "Put it on the pad", ("pack.button.no-tag",)),
    "pack.not-done": Says("pack", "Take it back to processing", ("pack.button.process", "pack.button.aside")),
    "pack.in-other-box": Says("pack", "", ("pack.button.take-out",)),
    "pack.closed": Says("pack", "Stick its label on", ("pack.button.print", "pack.button.next", "pack.button.reopen")),
    "pack.arrived": Says("pack", "Scan the items of this box", ("pack.button.all-here", "pack.button.rest-missing")),
    "pack.complete": Says("pack", "Tap All here", ("pack.button.all-here",)),
    "pack.lacks": Says("pack", "", ("pack.button.look-again", "pack.button.missing")),
    "obstacle.other-tag": Says("pack", "Check tag and barcode"),
    "obstacle.no-tag": Says("pack", "Put the item on the pad"),
    "obstacle.unknown-site": Says("pack", "Ask staff where it belongs"),
    "obstacle.other-site": Says("pack", "Put it into a box for", (*_INTO, "pack.button.aside")),
    "obstacle.other-title": Says("pack", "", _STAFF),
    "obstacle.other-copy": Says("pack", "", _STAFF),
    "obstacle.other-library": Says("pack", "", _STAFF),
}
_STAYS, _AS_IT_WAS = ("choice.size-stays",), ("choice.model-stays",)
SETS = {
    "sets.scan": Says("sets", "put one part on the pad"),
    "sets.lay": Says("sets", "Put the parts on the pad", ("sets.button.size", "sets.button.one-tag")),
    "sets.lay-known": Says("sets", "Put the missing parts on the pad", ("button.set-aside",)),
    "sets.ask-order": Says("sets", "umber", ("choice.number-them", "choice.one-at-a-time")),
    "sets.ask-size": Says("sets", "", ("choice.size", *_STAYS)),
    "sets.ask-which": Says("sets", "parts"),
    "sets.ask-main": Says("sets", "", ("choice.model-main", *_AS_IT_WAS)),
    "sets.ask-every": Says("sets", "", ("choice.model-every", *_AS_IT_WAS)),
    "sets.count": Says("sets", "no tag and no barcode", ("sets.button.loose", "sets.button.another-count")),
    "sets.count-main": Says("sets", "Count all pieces", ("sets.button.another-count",)),
    "sets.complete": Says("sets", "Scan the next set", ("sets.button.checks",)),
    "sets.take-off": Says("sets", "Take it off"),
}
_LEAVE, _KEEP = ("retag.button.leave",), ("choice.keep",)
RETAG_PROMPTS = {
    "retag.lay.erase": Says("erase", "on the pad"),
    "retag.lay.migrate": Says("erase", "on the pad"),
    "retag.shown.erase": Says("erase", "tap Erase it", ("retag.button.erase", *_LEAVE)),
    "retag.shown.migrate": Says("erase", "Tap Update tag", ("retag.button.migrate", *_LEAVE)),
    "retag.scan-claim": Says("erase", "Scan the"),
    "retag.stray": Says("erase", "", ("choice.stray", *_KEEP)),
    "retag.sure.erase": Says("erase", "scan the barcode", _KEEP),
    "retag.sure.migrate": Says("erase", "scan the barcode", _KEEP),
    "retag.lift-and-lay": Says("erase", "take it off", _KEEP),
    "retag.lay-again": Says("erase", "Put the same tag back"),
    "retag.done.erase": Says("erase", "Take it off"),
    "retag.done.migrate": Says("erase", "Take it off the pad"),
    "retag.empty-already": Says("erase", "", _LEAVE),
    "retag.ours-already": Says("erase", "", _LEAVE),
    "retag.nothing-to-carry": Says("erase", "", _LEAVE),
    "retag.not-ours": Says("erase", "", _LEAVE),
    "retag.locked": Says("erase", "Destroy", _LEAVE),
    "retag.not-allowed": Says("erase", "Ask", _LEAVE),
}
_SIDES = tuple(f"inspect.tab.{side}" for side in ("overview", "bytes", "doctor", "history"))
_GO_ON = ("inspect.button.settle",)
INSPECT = {
    "inspect.lay-down": Says("inspect", "Put an item on the pad"),
    "inspect.one": Says("inspect", "take it off", (*_SIDES, "inspect.button.undo")),
    "inspect.tags": Says("inspect", "look", (*_SIDES, "inspect.button.undo", "inspect.button.next-tag")),
    "inspect.item": Says("inspect", "", ("inspect.button.item-off",)),
    "undo.lay-down": Says("inspect", "on the pad"),
    "undo.really": Says("inspect", "", ("inspect.button.undo-yes", "inspect.button.undo-no")),
    "undo.really-old": Says("inspect", "", ("inspect.button.undo-yes", "inspect.button.undo-no")),
    "undo.writing": Says("inspect", "do not move the item"),
    "undo.done": Says("inspect", "Process the item again", _GO_ON),
    "undo.put-back": Says("inspect", "put the item back on the pad", ("inspect.button.undo-no",)),
    "undo.nothing": Says("inspect", "", _GO_ON),
    "undo.not-the-one": Says("inspect", "", _GO_ON),
    "undo.alone": Says("inspect", "leave only this", _GO_ON),
}
_TASKS = ("withdraw.task.withdrawal", "withdraw.task.lease-return")
LEAVING = {
    "withdraw.scan.withdrawal": Says("withdraw", "Scan the item", _TASKS),
    "withdraw.scan.lease-return": Says("withdraw", "Scan the leased item", _TASKS),
    "withdraw.done.pass": Says("withdraw", "Scan the next one"),
    "withdraw.done.flags": Says("withdraw", "put it on the problem shelf"),
    "withdraw.done.fail": Says("withdraw", "put it on the problem shelf", ("button.print-slip",)),
}
_TAKE = ("people.button.take",)
SIGN_ON = {
    "people.ask.who": Says("sign-on", "Scan"),
    "people.ask.pin": Says("sign-on", "type your PIN", (*_TAKE, "people.button.another", "people.button.not-now")),
    "people.ask.new-pin": Says("sign-on", "Choose", _TAKE),
    "people.ask.again": Says("sign-on", "type the new PIN once more", _TAKE),
    "people.authorise": Says("sign-on", "ask", ("people.button.not-now",)),
}
SENTENCES = PROCESS | CONVERT | RECEIVE | PACK | RELEASE | SETS | RETAG_PROMPTS | INSPECT | LEAVING | SIGN_ON

VALUES = {
    "{self._task}": workflows_withdraw.TASKS,
    "{ending}": ("pass", "flags", "fail"),
    "{named}": tuple(STATES),
    "{self._task.value}": ("erase", "migrate"),
    "{copy.outcome}": tuple(CountOutcome),
    "{copy.faults[0]}": tuple(CopyFault),
    "{obstacle}": ("other-tag", "no-tag", "unknown-site"),
}
PROMPTS = (
    *(
        sets_workflow.prompt,
        sets_workflow._size_question,
        snapshot._prompt,
        retag_workflow.RetagWorkflow._prompt,
    ),
    *(
        workflows_inspect.InspectWorkflow._prompt,
        release_workflow.ReleaseWorkflow.shown,
        receive_rules.prompt,
        receive_rules.outcome_sentence,
        pack_rules.prompt,
        obstacle_words.obstacle_words,
        workflows_withdraw.WithdrawWorkflow.shown,
        convert_workflow.stack_sentence,
    ),
)
"""Functions in which the bench chooses the large sentence."""
PARTS_OF_A_SENTENCE = {"stack.right", "sets.none", "state.stopped", "obstacle.not-done"}


def _keys(source: str) -> set[str]:
    """Return the catalog keys that a piece of source uses, with all values of their placeholders."""
    found: set[str] = set()
    for key in re.findall(r'(?:tell|Sentence)\(f?"([a-z][^"]*)"', source):
        hole = re.search(r"\{[^}]*\}", key)
        found |= {key.replace(hole[0], value) for value in VALUES[hole[0]]} if hole else {key}
    return found


def test_every_sentence_of_the_bench_is_in_the_table() -> None:
    said = {key for chooser in PROMPTS for key in _keys(inspect.getsource(chooser))}
    said |= set(re.findall(r'refused=(?:tell|Sentence)\("([^"]+)"', inspect.getsource(retag_rules)))
    said |= {f"people.ask.{asks.value}" for asks in Asks}
    assert len(said) > 40
    assert said - PARTS_OF_A_SENTENCE <= set(SENTENCES), "a new sentence needs its row, here and in its page"
    assert {workflow for workflow in Workflow if not workflow.row.manual_page} == {Workflow.PROCESS}


def _spoken(key: str) -> list[str]:
    """Return the sentence in its forms, as a screen shows it."""
    return [re.sub(r"\{[^}]*\}", "7", form) for form in CATALOGUE[key].forms]


def _label(button: str) -> str:
    """Return a button's label, with a number for each of its values."""
    return re.sub(r"\{[^}]*\}", "7", CATALOGUE[button].forms[-1])


@for_each("key", SENTENCES)
def test_screen_and_page_name_the_next_step(key: str) -> None:
    row = SENTENCES[key]
    assert row.step or row.buttons, "a sentence must have a next step"
    for said in _spoken(key):
        assert row.step.lower() in said.lower(), "the screen names the step"
        page = MANUAL.page(row.topic, "", said, tuple(map(_label, row.buttons)))
        assert page is not None
        heading, advice = page.blocks[:2]
        assert isinstance(heading, Heading)
        assert heading.text == said, f"no row of {row.topic}.md has this sentence"
        assert isinstance(advice, Paragraph)
        assert row.step.lower() in advice.text.lower(), "the page names the step by the same words"
        told = [block.cells[0][1] for block in page.blocks if isinstance(block, Row)]
        for button in row.buttons:
            named = _label(button) in told or _label(button) in advice.text
            assert named, f"Help does not say what the button {tell(button)!r} does"


def test_every_button_of_a_stop_is_told() -> None:
    every = {key for key in CATALOGUE if key.startswith("choice.")}
    for key in every:
        label = _label(key)
        page = MANUAL.page("start", "", "", (label,))
        assert page is not None and isinstance(page.blocks[1], Row), f"buttons.md does not say what {label!r} does"
        assert page.blocks[1].cells[0][1] == label and len(page.blocks[1].cells[1][1]) > 15


def test_every_stop_has_its_advice_first() -> None:
    told = {error.code for error in walk() if "never raised itself" not in (error.__doc__ or "")}
    found = [code for code in codes() if MANUAL.about(code)]
    assert len(found) > 60 and set(found) & told
    for code in found:
        page = MANUAL.page(of_code(code).page, code, "nothing that is said")
        assert page is not None and page.blocks[:2] == MANUAL.about(code)


ENTRY_KEYS = [f"menu.{entry.key}" for entry in ENTRIES] + [key for key, *_ in OTHERS if key != "button.close"]


def _kinds(screen: type[StationScreen]) -> list[type[StationScreen]]:
    return [screen, *(kind for narrower in screen.__subclasses__() for kind in _kinds(narrower))]


PAGE_KEYS = [screen.helps[1] for screen in _kinds(StationScreen) if screen.helps[1]]
"""Titles of the pages that cover the work."""


@for_each("title", dict.fromkeys(ENTRY_KEYS + PAGE_KEYS))
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_place_of_the_menu_is_told(language: str, title: str) -> None:
    assert StationApp and {"display.check", "order.button", "last-items.title"} <= set(PAGE_KEYS)
    words.speak(language)
    try:
        advice = MANUAL.about_sentence(tell(title), "menu")
        assert advice and isinstance(advice[0], Heading) and advice[0].text == tell(title)
        assert isinstance(advice[1], Paragraph)
    finally:
        words.use()
