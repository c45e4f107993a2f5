"""Colors: dark, calm, high contrast. White or black on each light's color has a ratio of at least 7 to 1 (WCAG 2.2,
1.4.6 AAA), and every other text 4.5, in high contrast 7; tests compute it. Red and green are never the only difference:
symbol, word, picture and sound differ too.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

VARIABLES: Final = {
    "ink": "#f2f5f7",
    "quiet": "#b4c0ca",
    "ground": "#10161c",
    "card": "#18212a",
    "line": "#627585",
    "off": "#7d91a2",
    "key": "#9fd3ff",
    "light-neutral": "#2b3846",
    "light-neutral-ink": "#ffffff",
    "light-busy": "#004f8a",
    "light-busy-ink": "#ffffff",
    "light-good": "#005f45",
    "light-good-ink": "#ffffff",
    "light-warning": "#ffc233",
    "light-warning-ink": "#000000",
    "light-bad": "#a11d0a",
    "light-bad-ink": "#ffffff",
    "call": "#ff9de2",
    "call-ink": "#000000",
    "button": "#33424f",
    "button-ink": "#ffffff",
    "button-quiet": "#222d37",
    "button-quiet-ink": "#d5dde3",
    "button-main": "#8fd0ff",
    "button-main-ink": "#00131f",
    "demo": "#41345c",
    "demo-ink": "#ffffff",
    "paper": "#f6f1e4",
    "paper-ink": "#111111",
}

CONTRAST: Final = {
    **VARIABLES,
    "ink": "#ffffff",
    "quiet": "#ffffff",
    "ground": "#000000",
    "card": "#000000",
    "line": "#ffffff",
    "off": "#a0a0a0",
    "key": "#ffff00",
    "light-neutral": "#000000",
    "light-neutral-ink": "#ffffff",
    "light-busy": "#00265f",
    "light-busy-ink": "#ffffff",
    "light-good": "#ffffff",
    "light-good-ink": "#000000",
    "light-warning": "#ffff00",
    "light-warning-ink": "#000000",
    "light-bad": "#6e0000",
    "light-bad-ink": "#ffffff",
    "call": "#ffb0ff",
    "call-ink": "#000000",
    "button": "#2b2b2b",
    "button-ink": "#ffffff",
    "button-quiet": "#2b2b2b",
    "button-quiet-ink": "#ffffff",
    "button-main": "#ffff00",
    "button-main-ink": "#000000",
    "demo": "#2d0a4a",
    "demo-ink": "#ffffff",
    "paper": "#ffffff",
    "paper-ink": "#000000",
}
"""High-contrast theme: black and white, and one yellow for emphasis; each pair has at least 12 to 1. A pass is white on
the black ground, a fail is dark with its own picture, so that they differ in brightness, not only in hue."""


def _theme(name: str, colours: dict[str, str]) -> Theme:
    return Theme(
        name=f"station-{name}",  # not for people
        primary=colours["button-main"],
        secondary=colours["quiet"],
        warning=colours["light-warning"],
        error=colours["light-bad"],
        success=colours["light-good"],
        accent=colours["button-main"],
        foreground=colours["ink"],
        background=colours["ground"],
        surface=colours["card"],
        panel=colours["button-quiet"],
        dark=True,
        variables=colours,
    )


THEMES: Final = {"calm": _theme("calm", VARIABLES), "contrast": _theme("contrast", CONTRAST)}
"""Themes by the values of the setting `screen.theme`."""


def next_theme(name: str) -> str:
    """Return the name of the next theme."""
    names = list(THEMES)
    return names[(names.index(name) + 1) % len(names)]
