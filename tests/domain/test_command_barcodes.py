"""Command barcodes: read back whatever their case, and never an item's barcode, a card or a truck label."""

from __future__ import annotations

from itertools import product

import pytest

from station.base.errors import SettingsError
from station.base.settings import Barcodes, parse
from station.catalog.barcodes.barcode import is_ours, truck_of
from station.domain.command_barcodes import FailReason, OnScreen, ScreenCommand, command_of, is_command, text_of

COMMANDS: tuple[OnScreen, ...] = (*ScreenCommand, FailReason(21, "label-line-missing"), FailReason(1000, "x"))


@pytest.mark.parametrize("command", COMMANDS, ids=text_of)
def test_a_command_is_read_back_even_with_caps_lock(command: OnScreen) -> None:
    text = text_of(command)
    assert {command_of(one) for one in (text, text.lower(), f" {text} ")} == {command}


@pytest.mark.parametrize(
    "text", ["", "$", "PASS", "$PASS", "31234000004217", "9780306406157", "%B4000^ANN?", "x$$PASS"]
)
def test_other_texts_are_no_commands(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize(
    "text", ["$$", "$$NOTHING", "$$.", "$$x.no-label", "$$12345.no-label", "$$PASS $$PASS", "$$²1.x"]
)
def test_an_unknown_command_is_no_command_and_no_barcode(text: str) -> None:
    assert is_command(text)
    assert not isinstance(command_of(text), ScreenCommand)


@pytest.mark.parametrize("command", COMMANDS, ids=text_of)
def test_no_scheme_of_barcodes_has_a_command(command: OnScreen) -> None:
    text = text_of(command)
    for length, digits, characters in product((0, len(text)), ("luhn", "none"), ("digits", "alphanumeric")):
        rules = Barcodes(length=length, prefixes=(), check_digit=digits, characters=characters)
        assert not is_ours(text, rules)
        assert not truck_of(text, rules)


@pytest.mark.parametrize("key", ['prefixes = ["3", "$$1"]', 'truck_prefix = "$"', 'truck_prefix = "$$T"'])
def test_a_scheme_that_would_collide_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="begins a command barcode"):
        parse(f"[barcodes]\n{key}\n")
