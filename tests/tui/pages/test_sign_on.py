"""The sign-on question on the screen: by scan, keys and taps alone; no PIN is shown; the screen below returns."""

from __future__ import annotations

import re

import msgspec
import pytest
from textual import events

from station.base.sentence import Sentence
from station.base.settings import Scanner
from station.domain.commands import CancelQuestion, Choose, GivePin, Scan, SignOff
from station.domain.people.sign_on import Asks, Pin, SignOnPrompt, Why
from station.domain.ports import DemoCard
from station.domain.snapshot import Snapshot
from station.manual import Manual
from station.quality.rulebook.shipped import shipped
from station.tui.pages.manual import ManualScreen
from station.tui.pages.note import NoteDialog
from station.tui.pages.sign_on import SignOnDialog
from station.tui.widgets.dialogs import QuitDialog
from station.tui.widgets.touch import SMALL, Go
from station.tui.workflows.process import ProcessScreen
from tests.support.hostile_text import CORPUS
from tests.support.told import told
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import DEMO_STATE, SCENES
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

MANUAL = Manual(shipped())
WHO = SignOnPrompt(asks=Asks.WHO, why=Why.SIGN_ON)
PIN = SignOnPrompt(asks=Asks.PIN, why=Why.SIGN_ON, who="Ann", leave=True)
CHANGE = SignOnPrompt(asks=Asks.PIN, why=Why.CHANGE, who="Bea", leave=True)
AUTHORISE = SignOnPrompt(
    asks=Asks.WHO,
    why=Why.AUTHORISE,
    what=Sentence.verbatim("Overwrite another library's tag."),
    role="technician",
    leave=True,
)
PROMPTS = {
    "who": WHO,
    "pin": PIN,
    "wait": msgspec.structs.replace(PIN, wait_s=59, sentence="Wrong PIN. 9 more wrong PINs lock it."),
    "new-pin": msgspec.structs.replace(PIN, asks=Asks.NEW_PIN),
    "again": msgspec.structs.replace(PIN, asks=Asks.AGAIN),
    "change": CHANGE,
    "authorise": AUTHORISE,
    "authorise-pin": msgspec.structs.replace(AUTHORISE, asks=Asks.PIN, who="Tess"),
}
IN_HAND = "An item is open. It waits for the next sign-on."
PIN_OF_ANN = "Ann: type your PIN, then press OK or Enter."
OVERWRITE = "Overwrite another library's tag. Ask a technician to approve this."
SAID: dict[str, tuple[str, ...]] = {
    "who": ("Scan your staff card or tap your badge. Or type your login and press Enter.", IN_HAND, "Quit", "Help"),
    "pin": (PIN_OF_ANN, IN_HAND, "Not me", "Quit", "Help"),
    "wait": (
        PIN_OF_ANN,
        "▲ Wait 59 seconds before the next try.",
        "Wrong PIN. 9 more wrong PINs lock it.",
        "Not me",
    ),
    "new-pin": ("Ann",),
    "again": ("Ann",),
    "change": ("Bea: type your PIN, then press OK or Enter.",),
    "authorise": ("Who approves this?", OVERWRITE, "Not now", "Help"),
    "authorise-pin": ("Who approves this?", OVERWRITE, "Tess: type your PIN, then press OK or Enter.", "Not now"),
}
"""Words of each question at every size."""
ASKING = sorted(name for name, sign_on_prompt in PROMPTS.items() if sign_on_prompt.asks is not Asks.WHO)


def with_prompt(sign_on_prompt: SignOnPrompt | None, scene: str = "check-label") -> Snapshot:
    return msgspec.structs.replace(SCENES[scene], sign_on_prompt=sign_on_prompt, sign_on=True)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_targets_and_words(size: tuple[int, int]) -> None:
    async with running("check-label", size=size) as desk:
        for name, sign_on_prompt in PROMPTS.items():
            await desk.show(with_prompt(sign_on_prompt))
            assert isinstance(desk.app.screen, SignOnDialog), name
            targets_are_good(desk, size)
            tells(desk, SAID[name])
            digits = {label for label in desk.labels() if label.isdigit()}
            assert digits == ({str(digit) for digit in range(10)} if name in ASKING else set()), name
            for button in desk.buttons:
                assert button.region.width >= SMALL[0] and button.region.height >= SMALL[1], name
            assert SCENES["check-label"].item is not None
            assert SCENES["check-label"].item.title[:20] not in desk.text, "a passer-by must see no work"
            assert len(desk.app.screen.query("*")) <= 50, name
            await desk.show(with_prompt(None))


@pytest.mark.parametrize("way", ["taps", "keys", "mixed"])
async def test_a_pin_by_taps_and_keys(way: str) -> None:
    async with running(with_prompt(PIN)) as desk:
        if way == "keys":
            await desk.keys(*"482013", "backspace", "backspace", "backspace", *"913")
        else:
            for digit in "482":
                await desk.tap(digit, wait=0.5)
            await (desk.keys(*"913") if way == "mixed" else taps(desk, "913"))
        assert "● " * 6 in desk.text and "482913" not in desk.text
        await (desk.keys("enter") if way == "keys" else desk.tap("OK"))
        assert desk.bench.sent == [GivePin(Pin("482913"))]
        assert "●" not in desk.text, "the PIN is forgotten"
        await desk.keys("enter", "enter")
        await desk.tap("OK")
        assert len(desk.bench.sent) == 1, "an empty PIN is not sent"


async def taps(desk: Desk, text: str) -> None:
    for digit in text:
        await desk.tap(digit, wait=0.5)


async def test_keys_of_a_slow_hand_are_one_pin_and_clear_forgets() -> None:
    async with running(with_prompt(PIN)) as desk:
        for digit in "9999":
            desk.clock.pause(30)
            await desk.keys(digit)
        await desk.tap("Clear")
        for digit in "482913":
            desk.clock.pause(30)
            await desk.keys(digit)
        await desk.keys("enter")
        assert desk.bench.sent == [GivePin(Pin("482913"))]


@pytest.mark.parametrize("name", ASKING)
async def test_a_scan_while_a_pin_is_asked_for_goes_to_the_bench_whole(name: str) -> None:
    """The bench decides whether it is a card, an item or a PIN. No key of the scan reaches anything else."""
    async with running(with_prompt(PROMPTS[name])) as desk:
        await desk.scan("31234000004217")
        await desk.scan("Staff-0001")
        assert desk.bench.sent == [GivePin(Pin("31234000004217")), GivePin(Pin("Staff-0001"))]
        assert isinstance(desk.app.screen, SignOnDialog)


@pytest.mark.parametrize("name", sorted(set(PROMPTS) - set(ASKING)))
async def test_a_scan_while_a_card_is_asked_for_is_a_scan(name: str) -> None:
    async with running(with_prompt(PROMPTS[name])) as desk:
        await desk.scan("staff-0001")
        assert desk.bench.sent == [Scan("staff-0001")]
        assert isinstance(desk.app.screen, SignOnDialog)


async def test_a_scanner_with_a_prefix_is_told_from_a_hand() -> None:
    async with running(with_prompt(PIN), scanner=Scanner(prefix="\x02", terminator="tab")) as desk:
        await desk.keys(*"48")
        desk.app.post_message(events.Key("ctrl+b", "\x02"))
        await desk.keys(*"staff-1", "tab")
        await desk.keys(*"482913", "enter")
        assert desk.bench.sent == [GivePin(Pin("staff-1")), GivePin(Pin("482913"))]


async def test_it_comes_over_a_note_and_the_note_is_there_again() -> None:
    """The note that was being typed returns with its text."""
    async with running("check-label") as desk:
        await desk.tap("× No")
        await desk.tap("+ Note")
        await desk.keys(*"torn")
        await desk.show(with_prompt(CHANGE))
        assert isinstance(desk.app.screen, SignOnDialog)
        await desk.keys(*"482913", "enter")
        await desk.show(with_prompt(None))
        assert isinstance(desk.app.screen, NoteDialog)
        assert "torn_" in desk.text
        assert desk.bench.sent == [GivePin(Pin("482913"))]


async def test_ways_out() -> None:
    async with running(with_prompt(AUTHORISE)) as desk:
        await desk.tap("Not now")
        assert desk.bench.sent == [CancelQuestion()]
        await desk.show(with_prompt(WHO))
        await desk.tap("Quit")
        assert isinstance(desk.app.screen, QuitDialog)
        await desk.tap("Stay")
        assert isinstance(desk.app.screen, SignOnDialog), "Quit does not bypass the question"
        await desk.keys("escape", "enter", "ctrl+p", "f2")
        assert isinstance(desk.app.screen, SignOnDialog)


async def test_no_screen_gets_around_it() -> None:
    async with running(with_prompt(WHO)) as desk:
        for go in (Go.BACK, Go.CLOSE):
            await desk.open(go)
            assert isinstance(desk.app.screen, SignOnDialog)
        await desk.show(with_prompt(None, "idle"))
        assert isinstance(desk.app.screen, ProcessScreen)


@pytest.mark.parametrize(("name", "size"), [("who", SIZES[0]), ("pin", SIZES[0]), ("authorise-pin", SIZES[1])])
async def test_help_shows_the_page_about_it_and_no_work_and_goes_back(name: str, size: tuple[int, int]) -> None:
    shown = msgspec.structs.replace(with_prompt(PROMPTS[name]), undo="Undo: tag of 31234000004217")
    async with running(shown, size=size, manual=MANUAL) as desk:
        await desk.tap("Help")
        assert isinstance(desk.app.screen, ManualScreen)
        assert "Signing on, page 1 of" in desk.text
        assert SCENES["check-label"].item is not None
        assert SCENES["check-label"].item.title[:20] not in desk.text, "a passer-by must see no work"
        assert "GOOD" not in desk.text and told(SCENES["check-label"].prompt) not in desk.text
        targets_are_good(desk, size)
        for go in (Go.UNDO, Go.MENU, Go.JOURNAL, Go.SIGN_OFF, Go.OUTBOX):
            await desk.open(go)
            assert isinstance(desk.app.screen, ManualScreen) and desk.bench.sent == []
        await desk.tap("Contents")
        await desk.tap("Signs, keys")
        await desk.tap("Close")
        assert isinstance(desk.app.screen, SignOnDialog)
        await desk.tap("Help")
        await desk.show(with_prompt(None, "idle"))
        assert isinstance(desk.app.screen, ProcessScreen), "with the question its help closes too"


async def test_a_pin_typed_while_its_help_is_read_is_a_pin() -> None:
    async with running(with_prompt(PIN), manual=MANUAL) as desk:
        await desk.tap("Help")
        for digit in "482913":
            desk.clock.pause(30)
            await desk.keys(digit)
        assert isinstance(desk.app.screen, SignOnDialog) and "● " * 6 in desk.text
        await desk.keys("enter")
        assert desk.bench.sent == [GivePin(Pin("482913"))]
        await desk.tap("Help")
        await desk.scan("Staff-0001")
        assert desk.bench.sent[1:] == [GivePin(Pin("Staff-0001"))]
    async with running(with_prompt(WHO), manual=MANUAL) as desk:
        await desk.tap("Help")
        await desk.scan("staff-0001")
        assert desk.bench.sent == [Scan("staff-0001")] and isinstance(desk.app.screen, SignOnDialog)


async def test_signing_off_is_in_the_menu_where_people_sign_on() -> None:
    async with running(with_prompt(None, "idle")) as desk:
        await desk.open(Go.MENU)
        await desk.tap("Sign off")
        assert desk.bench.sent == [SignOff()]
    async with running("idle") as desk:
        await desk.open(Go.MENU)
        assert "Sign off" not in desk.labels()
        assert not [label for label in desk.labels() if label.startswith("More")]


async def test_another_person_or_step_forgets_what_was_typed() -> None:
    async with running(with_prompt(PIN)) as desk:
        await desk.keys(*"4829")
        await desk.show(with_prompt(msgspec.structs.replace(PIN, who="Bea")))
        assert "●" not in desk.text
        await desk.keys(*"482913")
        await desk.show(with_prompt(msgspec.structs.replace(PIN, who="Bea", wait_s=3)))
        assert "● " * 6 in desk.text, "a passing second removes no digit"


async def test_hostile_names_act_on_nothing() -> None:
    async with running("check-label") as desk:
        for text in CORPUS[::7]:
            await desk.show(with_prompt(msgspec.structs.replace(PIN, who=text, sentence=text, what=text)))
            assert isinstance(desk.app.screen, SignOnDialog), ascii(text)
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", desk.text), ascii(text)
            await desk.keys(*"482913", "enter")
            assert desk.bench.sent == [GivePin(Pin("482913"))], ascii(text)
            desk.bench.sent.clear()


async def test_choices_under_it_cannot_be_tapped() -> None:
    async with running(msgspec.structs.replace(SCENES["other-item"], sign_on_prompt=AUTHORISE)) as desk:
        assert "Overwrite it" not in desk.labels()
        assert not any(isinstance(sent, Choose) for sent in desk.bench.sent)


@pytest.mark.parametrize(("pin", "shown"), [("305882", "PIN 305882"), ("", "PIN changed")])
async def test_a_card_of_the_demo_shows_its_pin_only_while_it_holds(pin: str, shown: str) -> None:
    card = DemoCard("STAFF-tim", "Tim Newhouse", "trainee", pin)
    async with running("idle", demo=True) as desk:
        assert desk.demo is not None
        desk.demo.publish(msgspec.structs.replace(DEMO_STATE, cards=(card,)))
        await desk.show(with_prompt(WHO))
        assert shown in desk.text
        await desk.show(with_prompt(msgspec.structs.replace(PIN, who="Tim Newhouse")))
        await desk.sees(f"Demo: the PIN is {pin}." if pin else "Demo: this PIN was changed.")
