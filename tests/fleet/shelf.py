"""Items and tags as they are, whatever benches know of them: a small model of the world."""

from __future__ import annotations

from collections.abc import Iterable

ITEMS = tuple(f"3000100000{number:04}" for number in range(4))
TAGS = tuple(f"E0040100000000{number:02}" for number in range(8))


class Shelf:
    """Which tag is in which item, and what it says."""

    def __init__(self) -> None:
        self.says = dict.fromkeys(TAGS, "")
        """Item on the tag; "" = blank. A write that was cut off leaves what names no item."""
        self._inside = dict.fromkeys(TAGS, "")
        """Item that the tag is glued into; "" = none."""
        self._joined = {name: name for name in (*ITEMS, *TAGS)}
        self._doubt: dict[str, str] = {}
        """What tags said before a write of them was cut off."""
        self.again: set[str] = set()
        """Items that got a tag again that they had before, and tags that were cut off in a write."""
        self._had: set[tuple[str, str]] = set()

    def tags_of(self, item: str) -> set[str]:
        """Return the tags that are in the item and name it."""
        return {tag for tag in TAGS if self._inside[tag] == item == self.says[tag]}

    def doubtful(self, item: str) -> set[str]:
        """Return the tags that named the item when a write of them was cut off: nobody knows what they say."""
        return {tag for tag, former in self._doubt.items() if former == item}

    def write(self, tag: str, text: str) -> None:
        self.says[tag] = text
        self._doubt.pop(tag, None)

    def cut_off(self, tag: str, text: str) -> None:
        """Let a write of a tag end with this text on it."""
        self._doubt.setdefault(tag, self.says[tag])
        self.says[tag] = text
        self.again.add(tag)

    def glue(self, tag: str, item: str) -> None:
        self._inside[tag] = item
        if item and (tag, item) in self._had:
            self.again.add(item)
        self._had.add((tag, item))

    def take_out(self, tag: str, item: str) -> None:
        """Take a tag out of an item, if it is there."""
        if self._inside.get(tag) == item:
            self._inside[tag] = ""

    def join(self, names: Iterable[str]) -> None:
        """Know that an event is about these items and tags: what one bench does to one of them concerns the others."""
        roots = [self._root(name) for name in names if name in self._joined]
        for root in roots:
            self._joined[root] = roots[0]

    def is_clear(self, item: str, without: Iterable[set[str]]) -> bool:
        """Return True if the center can know everything about the item. `without`: names of each event that it has not."""
        roots = {self._root(name) for names in without for name in names if name in self._joined}
        return self._root(item) not in roots

    def is_plain(self, item: str) -> bool:
        """Return True if no tag came back to this item or to one that it has to do with."""
        return self._root(item) not in {self._root(name) for name in self.again}

    def _root(self, name: str) -> str:
        while self._joined[name] != name:
            name = self._joined[name]
        return name
