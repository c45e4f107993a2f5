"""A model of the items and tags themselves, which the ledger must agree with."""

from __future__ import annotations

from collections.abc import Iterable

ITEMS = tuple(f"3000100000{number:04}" for number in range(4))
TAGS = tuple(f"E0040100000000{number:02}" for number in range(8))


class Shelf:
    """The item that each tag is glued into, and the item that it names."""

    def __init__(self) -> None:
        self.says = dict.fromkeys(TAGS, "")
        """Item that the tag names; "" = blank. A write that was cut off may leave a text that names no item."""
        self._inside = dict.fromkeys(TAGS, "")
        """Item that the tag is glued into; "" = none."""
        self._joined = {name: name for name in (*ITEMS, *TAGS)}
        self.again: set[str] = set()
        """Items that got a former tag again, and tags whose write was cut off."""
        self._had: set[tuple[str, str]] = set()

    def tags_of(self, item: str) -> set[str]:
        """Return the tags in the item that name it."""
        return {tag for tag in TAGS if self._inside[tag] == item == self.says[tag]}

    def write(self, tag: str, text: str) -> None:
        self.says[tag] = text

    def cut_off(self, tag: str, text: str) -> None:
        """Cut off a write, which leaves this text on the tag."""
        self.says[tag] = text
        self.again.add(tag)

    def glue(self, tag: str, item: str) -> None:
        self._inside[tag] = item
        if item and (tag, item) in self._had:
            self.again.add(item)
        self._had.add((tag, item))

    def take_out(self, tag: str, item: str) -> None:
        """Remove a tag from an item, if it is in it."""
        if self._inside.get(tag) == item:
            self._inside[tag] = ""

    def join(self, names: Iterable[str]) -> None:
        """Group these items and tags, because one event names them: an event about one can change what is known of all."""
        roots = [self._root(name) for name in names if name in self._joined]
        for root in roots:
            self._joined[root] = roots[0]

    def is_clear(self, item: str, without: Iterable[set[str]]) -> bool:
        """Return True if the center has each event about the item's group. `without`: names of each event that it lacks."""
        roots = {self._root(name) for names in without for name in names if name in self._joined}
        return self._root(item) not in roots

    def is_plain(self, item: str) -> bool:
        """Return True if no tag came back to an item of this item's group, and no write of a tag was cut off in it."""
        return self._root(item) not in {self._root(name) for name in self.again}

    def _root(self, name: str) -> str:
        while self._joined[name] != name:
            name = self._joined[name]
        return name
