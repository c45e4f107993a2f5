"""Sign-on dialog over any screen: asks for a card or badge, then for a PIN by the on-screen pad, a keyboard or a
scanner.

It opens and closes with `Snapshot.sign_on_prompt` and leaves the screens under it unchanged. The PIN is shown as dots,
is cleared with every answer, and leaves in a command that never prints it. Enter submits the PIN, because keyboards and
scanners send Enter; it does nothing if nothing was typed.
"""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from station.base.words import tell
from station.domain.commands import CancelQuestion, GivePin
from station.domain.people.rights import person_with
from station.domain.people.sign_on import Asks, Pin, SignOnPrompt, Why
from station.domain.ports import DemoCard
from station.domain.snapshot import Light, Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.snapshot_views import PICTURES
from station.tui.drawing.words import LIGHTS, in_hand, say
from station.tui.widgets.dialogs import Dialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import MAIN, SMALL, Action, ButtonGrid, DemoAct, Go, Pick, TouchButton

MOST: Final = 64
"""Maximum characters kept of the typed text, which may also be a scanned card."""
_ENTER: Final = frozenset({"enter", "tab", "ctrl+j", "ctrl+m", "ctrl+i"})
_CLEAR: Final = "clear"
_TAKE: Final = "take"
_DOT: Final = "● "
_ART: Final = 9
"""Columns of the light's picture."""


class SignOnDialog(Dialog):
    """Text on the left, digit pad on the right, exits and Help below."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._sign_on_prompt = desk.snapshot.sign_on_prompt or SignOnPrompt(asks=Asks.WHO, why=Why.SIGN_ON)
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Lay out the question, the digit pad, and the exits with Help."""
        with Horizontal(id="sign-on"):
            yield Pane("sign-on-text")
            yield ButtonGrid(self.desk.guard, 12, "pad")
        yield ButtonGrid(self.desk.guard, 3, "sign-on-ways")

    @property
    def takes_keys(self) -> bool:
        """True while keys belong to a PIN. While a card is asked for, they belong to the scanner."""
        return self._sign_on_prompt.asks is not Asks.WHO

    def type_key(self, key: str, character: str | None) -> None:
        """Take one key of a keyboard or scanner."""
        if key in _ENTER:
            self._take()
        elif key in ("backspace", "delete"):
            self._typed = self._typed[:-1]
        elif key == "escape":
            self._typed = ""
        elif character is not None and character.isprintable() and len(self._typed) < MOST:
            self._typed += character
        self._draw(self.desk.snapshot)

    def scanned(self, text: str) -> None:
        """Take a burst in the scanner's own frame (a card, a badge number, or an item) and drop what was typed."""
        self._typed = text[:MOST]
        self._take()

    def _take(self) -> None:
        text, self._typed = self._typed, ""
        if text:
            self.post_message(TouchButton.Tapped(Action("", GivePin(Pin(text)))))

    def show(self, snapshot: Snapshot) -> None:
        """Draw the current question; clear the typed text if the person or the step has changed."""
        sign_on_prompt = snapshot.sign_on_prompt
        if sign_on_prompt is None:
            return
        if (sign_on_prompt.asks, sign_on_prompt.who) != (self._sign_on_prompt.asks, self._sign_on_prompt.who):
            self._typed = ""
        self._sign_on_prompt = sign_on_prompt
        self._draw(snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        sign_on_prompt, pad = self._sign_on_prompt, self.query_one("#pad", ButtonGrid)
        pin = self.takes_keys
        self.query_one("#sign-on-text", Pane).show(
            lambda width, height: draw.stack(
                [
                    *text_of(sign_on_prompt, len(self._typed), width, waits=in_hand(snapshot)),
                    *self._demo_words(sign_on_prompt, width),
                ],
                height,
            )
        )
        cards = self._demo_cards()
        pad.display = pin or bool(cards)
        if cards and not pin:
            pad.offer(
                tuple(
                    Action(
                        card.name,
                        DemoAct(f"card:{card.card}"),  # not for people
                        "demo",
                        says=card_words(card),
                    )
                    for card in cards
                ),
                2,
                rows=2,
                height=MAIN[1],
            )
        if pin:
            keys = [Action(str(digit), Pick(str(digit))) for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9)]
            keys += [
                Action(tell("people.button.clear"), Pick(_CLEAR), "quiet"),
                Action(str(0), Pick(str(0))),
                Action(tell("people.button.take"), Pick(_TAKE), "main"),
            ]
            pad.offer(keys, 3, rows=4, height=SMALL[1])
        ways = []
        if sign_on_prompt.leave:
            other = sign_on_prompt.why is Why.SIGN_ON
            ways.append(Action(tell("people.button.another" if other else "people.button.not-now"), CancelQuestion()))
        if sign_on_prompt.why is Why.SIGN_ON:
            ways.append(Action(tell("button.quit"), Go.QUIT, "quiet"))
        ways.append(Action(tell("button.help"), Go.HELP, "quiet"))
        self.query_one("#sign-on-ways", ButtonGrid).offer(tuple(ways), 3)

    def _demo_cards(self) -> tuple[DemoCard, ...]:
        return self.desk.demo_state.cards if self.desk.demo_state is not None else ()

    def _demo_words(self, sign_on_prompt: SignOnPrompt, width: int) -> Lines:
        """Return what a person at the demo cannot know: that the cards are keys, or the PIN of the card."""
        cards = self._demo_cards()
        card = next((card for card in cards if card.name == sign_on_prompt.who), None)
        if sign_on_prompt.asks is Asks.WHO and cards:
            return [BLANK, *draw.paragraph(tell("demo.cards"), width, "$key")]
        if sign_on_prompt.asks is Asks.PIN and card is not None:
            words = tell("demo.pin", pin=card.pin) if card.pin else tell("demo.pin-changed")
            return [BLANK, *draw.paragraph(words, width, "$key")]
        return []

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Take a key of the pad."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if does.answer == _TAKE:
            self._take()
        elif does.answer == _CLEAR:
            self._typed = ""
        elif len(self._typed) < MOST:
            self._typed += does.answer
        self._draw(self.desk.snapshot)


def card_words(card: DemoCard) -> str:
    """Return the words on the key of a card: its PIN if it still holds."""
    role = tell(f"demo.role.{card.role}")
    return tell("demo.card", role=role, pin=card.pin) if card.pin else tell("demo.card-changed", role=role)


def text_of(sign_on_prompt: SignOnPrompt, typed: int, width: int, *, waits: bool) -> Lines:
    """Return the heading, the request, the result of the last try, and a dot for each typed character."""
    light = (
        Light.WARNING
        if sign_on_prompt.sentence or sign_on_prompt.wait_s or sign_on_prompt.why is Why.AUTHORISE
        else Light.NEUTRAL
    )
    title = f"{LIGHTS[light].symbol} {tell(f'people.heading.{sign_on_prompt.why.value}')}"
    heading = draw.paragraph(title, max(1, width - _ART - 2), "bold")
    lines = draw.beside([Content(row) for row in draw.picture(PICTURES[light])], heading, _ART)
    lines += [say("─" * width, "$line"), BLANK]
    if sign_on_prompt.why is Why.AUTHORISE:
        lines += draw.paragraph(
            tell("people.authorise", what=tell(sign_on_prompt.what), role=person_with(sign_on_prompt.role)),
            width,
            "bold",
            4,
        )
        lines.append(BLANK)
    lines += draw.paragraph(
        tell(f"people.ask.{sign_on_prompt.asks.value}", name=sign_on_prompt.who), width, "bold $key", 5
    )
    if sign_on_prompt.asks is not Asks.WHO:
        lines += [BLANK, say(_DOT * min(typed, max(1, width // 2)) or "_", "bold")]
    if sign_on_prompt.wait_s:
        lines += [BLANK, *draw.paragraph(tell("people.wait", count=sign_on_prompt.wait_s), width, "bold", 2)]
    if sign_on_prompt.sentence:
        lines += [BLANK, *draw.paragraph(sign_on_prompt.sentence, width, "", 4)]
    if waits and sign_on_prompt.why is Why.SIGN_ON:
        lines += [BLANK, *draw.paragraph(tell("people.in-hand-waits"), width, "$quiet", 2)]
    return lines
