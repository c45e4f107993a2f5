"""What `station run --safe` gives the bench: settings without the site's files and without network, a reader that writes
nothing, and the events that its journal takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

import msgspec

from station.base.errors import OnlyLooks
from station.base.settings import Settings
from station.bench.item.tag_content import OWN_FILE
from station.domain import events as ev
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.ports import Reader, ReaderCapabilities, Signal
from station.domain.tag_image import Uid
from station.store.journal.journal import Kinds

LOOKS: Final[Kinds] = frozenset(
    {
        *(ev.StationStarted, ev.StationStopped, ev.DefectFound),
        *(ev.SignedOn, ev.SignedOff, ev.SignOnRefused),
        *(ev.ItemScanned, ev.ScanRefused, ev.TagRecognised, ev.LineStopped, ev.ChoiceMade, ev.ItemSetAside),
        *(ev.PadRequestRefused, ev.StaffCalled, ev.StaffCallAnswered),
    }
)
"""Events that change no tag, verdict, delivery, person or list. The journal refuses every other kind."""

Table = TypeVar("Table", bound=msgspec.Struct)


def as_is(reader: Reader) -> Reader:
    """Return the reader of ordinary work: unchanged."""
    return reader


class LookingReader:
    """`ports.Reader` that reads, and raises `OnlyLooks` for every write before anything is sent."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._reader.capabilities

    def inventory(self) -> Inventory:
        return self._reader.inventory()

    def system_information(self, uid: Uid) -> SystemInformation:
        return self._reader.system_information(uid)

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return self._reader.read_blocks(uid, first, count)

    def read_eas(self, uid: Uid) -> bool:
        return self._reader.read_eas(uid)

    def reset_field(self) -> None:
        self._reader.reset_field()

    def signal(self, signal: Signal) -> None:
        self._reader.signal(signal)

    def reconnect(self) -> None:
        self._reader.reconnect()

    def _refuse(self, *_: object, **_named: object) -> NoReturn:
        raise OnlyLooks()

    write_blocks: Callable[..., None] = _refuse
    write_afi: Callable[..., None] = _refuse
    write_dsfid: Callable[..., None] = _refuse
    write_eas: Callable[..., None] = _refuse
    lock_block: Callable[..., None] = _refuse


def safe_settings(settings: Settings) -> Settings:
    """Return the settings with the default in the place of each file of the site, and without library systems, Alma's
    page, badge reader, printer and truck lists."""
    plain = Settings()
    replaced = msgspec.structs.replace
    delivery = settings.delivery
    return replaced(
        settings,
        tag=_shipped(settings.tag, plain.tag),
        catalog=_shipped(settings.catalog, plain.catalog),
        labels=replaced(_shipped(settings.labels, plain.labels), to=plain.labels.to, fonts=()),
        rules=replaced(settings.rules, site_file=""),
        sampling=replaced(settings.sampling, enabled=False, table=""),
        delivery=replaced(
            delivery,
            file=replaced(delivery.file, enabled=False),
            alma=replaced(delivery.alma, enabled=False),
            sip2=replaced(delivery.sip2, enabled=False),
        ),
        web=plain.web,
        badge=plain.badge,
        trucks=replaced(settings.trucks, lists=()),
        reader=replaced(settings.reader, capture=""),
    )


def _shipped(table: Table, plain: Table) -> Table:
    """Return the settings table with the default in the place of each file of the site."""
    values = msgspec.structs.asdict(table)
    own = [name for name, value in values.items() if isinstance(value, str) and value.endswith(OWN_FILE)]
    return msgspec.structs.replace(table, **{name: getattr(plain, name) for name in own})
