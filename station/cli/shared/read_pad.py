"""Reading the pad, for commands that change nothing. They hold the station's lock while they use the reader."""

from __future__ import annotations

from typing import NamedTuple

from station.base.errors import TagAbsent, TagsCollide
from station.base.sentence import EMPTY, Sentence
from station.bench.item.security import eas_of
from station.bench.item.write_steps import read_image
from station.cli.shared.app import App
from station.domain.inventory import Inventory
from station.domain.ports import Reader, ReaderCapabilities
from station.domain.tag_image import TagImage
from station.drivers.registry import reader_owner
from station.encoding.content import TagProfile
from station.runtime.lock import hold


class PadReading(NamedTuple):
    """Tag on the pad, and its EAS bit (None = unknown; `no_eas` gives the reason)."""

    image: TagImage
    eas: bool | None = None
    no_eas: Sentence = EMPTY


def images(app: App) -> tuple[TagImage, ...]:
    """Return every tag on the pad. Raises `TagAbsent` for no tag, `TagsCollide` if tags could not be separated."""
    return tuple(reading.image for reading in tags(app, None))


def tags(app: App, profile: TagProfile | None) -> tuple[PadReading, ...]:
    """Return every tag on the pad, with its EAS bit if the site's security uses it. Raises what `images` raises."""
    with hold(app.data, app.clock):
        owner = reader_owner(app.settings().reader, app.clock, data=app.data)
        owner.start()
        try:
            return _tags(owner.reader, profile)
        finally:
            owner.stop()


def _tags(reader: Reader, profile: TagProfile | None) -> tuple[PadReading, ...]:
    reader.reconnect()
    inventory = reader.inventory()
    if inventory.collision:
        raise TagsCollide(Sentence("detail.told-apart", count=len(inventory.tags)))
    if not inventory.tags:
        raise TagAbsent(Sentence("pad.empty"))
    readings = []
    for seen in inventory.tags:
        image = read_image(reader, seen.uid)
        readings.append(
            PadReading(image, *eas_of(reader, profile, seen.uid)) if profile is not None else PadReading(image)
        )
    return tuple(readings)


def greeting(app: App) -> tuple[ReaderCapabilities, Inventory]:
    """Return the capabilities of the reader and the inventory of the pad, after one of its tags was read as a whole. The
    caller holds the lock. Raises `TagUnreadable` for a tag that cannot be read."""
    owner = reader_owner(app.settings().reader, app.clock, data=app.data)
    owner.start()
    try:
        owner.reader.reconnect()
        inventory = owner.reader.inventory()
        if inventory.tags and not inventory.collision:
            read_image(owner.reader, inventory.tags[0].uid)
        return owner.reader.capabilities, inventory
    finally:
        owner.stop()
