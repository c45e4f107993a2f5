"""The pad, for commands that only look: they hold the station's lock while they use the reader."""

from __future__ import annotations

from station.bench.writing import read_image
from station.cli.app import App
from station.control.lock import hold
from station.drivers.registry import reader_owner
from station.errors import TagAbsent, TagsCollide
from station.model import Inventory, TagImage
from station.ports import Reader, ReaderCapabilities


def images(app: App) -> tuple[TagImage, ...]:
    """Everything on the pad; raises `TagAbsent` for an empty one, `TagsCollide` when tags could not be told apart."""
    with hold(app.data, app.clock):
        owner = reader_owner(app.settings().reader, app.clock, data=app.data)
        owner.start()
        try:
            return _images(owner.reader)
        finally:
            owner.stop()


def _images(reader: Reader) -> tuple[TagImage, ...]:
    reader.reconnect()
    inventory = reader.inventory()
    if inventory.collision:
        raise TagsCollide(f"{len(inventory.tags)} could be told apart")
    if not inventory.tags:
        raise TagAbsent("the pad is empty")
    return tuple(read_image(reader, seen.uid) for seen in inventory.tags)


def greeting(app: App) -> tuple[ReaderCapabilities, Inventory]:
    """Who the reader is and what lies on the pad; the caller holds the lock."""
    owner = reader_owner(app.settings().reader, app.clock, data=app.data)
    owner.start()
    try:
        owner.reader.reconnect()
        return owner.reader.capabilities, owner.reader.inventory()
    finally:
        owner.stop()
