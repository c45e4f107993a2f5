"""The command line: one file a noun; every action of the touch screen has a twin here."""

from __future__ import annotations


def main() -> None:
    """Entry point of the command `station`."""
