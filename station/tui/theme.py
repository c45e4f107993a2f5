"""Colours: dark, calm, high contrast. White or black on each light's colour is at least 7 to 1 (WCAG 2.2, 1.4.6 AAA; a
test computes it). Red and green are never the only difference: symbol, word, picture and sound differ too.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

VARIABLES: Final = {
    "ink": "#f2f5f7",
    "quiet": "#b4c0ca",
    "ground": "#10161c",
    "card": "#18212a",
    "line": "#4a5a68",
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

THEME: Final = Theme(
    name="station",
    primary="#8fd0ff",
    secondary="#b4c0ca",
    warning="#ffc233",
    error="#a11d0a",
    success="#005f45",
    accent="#8fd0ff",
    foreground="#f2f5f7",
    background="#10161c",
    surface="#18212a",
    panel="#222d37",
    dark=True,
    variables=VARIABLES,
)
