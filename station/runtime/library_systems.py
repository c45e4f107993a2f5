"""Create the library systems and the catalog from the settings. Names the adapters for `station` and the commands.

An adapter that the settings do not name is not imported: the HTTP client of Alma alone takes half of a command's
start-up time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from station.base import credentials
from station.base.clock import Clock, SystemClock
from station.base.errors import RulesUnusable, SettingsError, StationError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.bench.item.tag_content import OWN_FILE
from station.catalog import labels
from station.catalog.callnumber.settings import options
from station.catalog.findings.record_facts import live_with_facts
from station.catalog.labels import Template, labelled
from station.catalog.record import profiles
from station.catalog.record.profiles import Item, Profile
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog, CirculationSystem, DeliverySystem
from station.quality.rulebook.shipped import shipped, with_site
from station.quality.rules import Catalogue
from station.runtime.data_directory import CATALOG
from station.store.catalog_index.import_file import upgraded
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.last_answers import LastAnswers
from station.store.catalog_index.live import LiveCatalog
from station.sync.file_sink import FileSink

REMEMBERED: Final = "remembered.db"


def load_item_profile(settings: Settings, data: Path) -> Profile:
    """Return the profile that locates items in records: a shipped one, or the site's own file. Raises `SettingsError`
    with file and line."""
    name = settings.catalog.profile
    if not name.endswith(OWN_FILE):
        return profiles.load(name)
    return profiles.own(own_file(data / name, "catalog.profile"), name)


def load_template(settings: Settings, data: Path) -> Template:
    """Return the template that breaks labels into lines: a shipped one, or the site's own file. Raises `SettingsError`
    with file and line."""
    name = settings.labels.template
    if not name.endswith(OWN_FILE):
        return labels.shipped(name)
    return labels.parse(own_file(data / name, "labels.template"), name)


def with_label(settings: Settings, data: Path) -> Callable[[ItemRecord], ItemRecord]:
    """Return a function that adds to a record the label derived from its call number. Raises `SettingsError` with file
    and line."""
    return partial(labelled, template=load_template(settings, data), numbers=options(settings.catalog.numbers))


def catalog_index(settings: Settings, data: Path) -> CatalogIndex:
    """Return the local catalog index."""
    profile, template = load_item_profile(settings, data), load_template(settings, data)
    return CatalogIndex(
        data / CATALOG, profile, settings.catalog, template, asked_fields(settings, data), SystemClock()
    )


def _live(settings: Settings, data: Path) -> Callable[[bytes, bytes, Item], ItemRecord]:
    """Return a function that describes an item by two MARCXML records, on the day of the call."""
    template, fields, clock = load_template(settings, data), asked_fields(settings, data), SystemClock()

    def described(bib: bytes, holding: bytes, item: Item) -> ItemRecord:
        year = int(clock.day()[:4])
        return live_with_facts(bib, holding, item, settings.catalog, template=template, fields=fields, year=year)

    return described


def load_rules(settings: Settings, data: Path) -> Catalogue:
    """Return the shipped rules with the changes of the site's file. Raises `RulesUnusable` for a bad file."""
    if not settings.rules.site_file:
        return shipped()
    path = data / settings.rules.site_file
    try:
        return with_site(own_file(path, "rules.site_file"), path.name)
    except SettingsError as error:
        raise RulesUnusable(error.detail) from error


def rules_to_show(settings: Settings, data: Path) -> tuple[Catalogue, Sentence]:
    """Return the rules, and what is wrong with the site's file; empty = nothing. With a bad file, the rules are the
    shipped ones: they give titles and words, and no item is judged by them."""
    try:
        return load_rules(settings, data), EMPTY
    except RulesUnusable as error:
        return shipped(), error.detail


def asked_fields(settings: Settings, data: Path) -> tuple[str, ...]:
    """Return the fields that the site's own rules name. A bad rule file is refused where the rules are used, not
    here."""
    try:
        return load_rules(settings, data).fields if settings.rules.site_file else ()
    except SettingsError:
        return ()


def _untold(sentence: Sentence) -> str:
    """Refuse to deliver to the file of results, whose lines are told."""
    raise TypeError(f"no language for {sentence!r}")


def systems(settings: Settings, data: Path, tell: Callable[[Sentence], str] = _untold) -> dict[str, DeliverySystem]:
    """Return every configured destination of deliveries, by name. `tell` tells in the station's language; needed only to
    deliver."""
    opened: dict[str, DeliverySystem] = {}
    if settings.delivery.file.enabled:
        opened["file"] = FileSink(data / settings.delivery.file.path, tell)
    if settings.delivery.alma.enabled:
        from station.sync.alma.opening import open_alma, open_alma_orders

        opened["alma"] = open_alma(
            settings.delivery.alma,
            data,
            SystemClock(),
            lambda: credentials.load("alma", data),
            _live(settings, data),
            with_label(settings, data),
            asked_fields(settings, data),
            settings.withdrawal.note_field,
        )
        if settings.delivery.alma.orders.enabled:
            opened["alma-orders"] = open_alma_orders(
                settings.delivery.alma, data, SystemClock(), lambda: credentials.load("alma", data)
            )
    if settings.delivery.sip2.enabled:
        from station.sync.sip2.opening import open_sip2

        index = catalog_index(settings, data)
        opened["sip2"] = open_sip2(
            settings.delivery.sip2,
            data,
            SystemClock(),
            lambda: credentials.load("sip2", data),
            bib=lambda barcode: _record_number(index, barcode),
            complete=with_label(settings, data),
        )
    return opened


@runtime_checkable
class _Closed(Protocol):
    """A system that holds a connection."""

    def close(self) -> None: ...


def system_that(opened: Mapping[str, DeliverySystem], kind: str) -> str:
    """Return the name of the first system that carries out intents of this kind; "" = none."""
    return next((name for name, system in opened.items() if kind in system.kinds), "")


def close_systems(opened: Mapping[str, DeliverySystem]) -> None:
    """Close what `systems` opened."""
    for system in opened.values():
        if isinstance(system, _Closed):
            system.close()


def system_names(settings: Settings) -> tuple[str, ...]:
    """Return the names, in `systems`, of those that are told results."""
    wanted = {"file": settings.delivery.file.enabled, "alma": settings.delivery.alma.enabled}
    wanted["sip2"] = settings.delivery.sip2.enabled
    return tuple(name for name, enabled in wanted.items() if enabled)


def _record_number(index: Catalog, barcode: Barcode) -> str:
    try:
        return index.find(barcode).record_id
    except StationError:
        return ""


def asks_live(settings: Settings) -> bool:
    """Return True if a library system is asked for records, so that the catalog index may be older than a verdict."""
    alma, sip2 = settings.delivery.alma, settings.delivery.sip2
    return (alma.enabled and alma.live_records) or (sip2.enabled and sip2.live_records)


def live_system(settings: Settings, opened: Mapping[str, DeliverySystem]) -> CirculationSystem | None:
    """Return the library system that is asked for records before the catalog index; None if the settings name none."""
    live = {"alma": settings.delivery.alma.live_records, "sip2": settings.delivery.sip2.live_records}
    known = (opened[name] for name, is_live in live.items() if is_live and name in opened)
    return next((system for system in known if isinstance(system, CirculationSystem)), None)


Seen = Callable[[str, Barcode, ItemRecord | None], None]
"""As for `LiveCatalog`."""


def _unseen(_system: str, _barcode: Barcode, _record: ItemRecord | None) -> None:
    """Tell nobody."""


def live_catalog(
    settings: Settings, data: Path, live: CirculationSystem, clock: Clock, seen: Seen = _unseen
) -> LiveCatalog:
    """Return a catalog that asks the library system, and falls back to its remembered answers and the index."""
    return LiveCatalog(
        live,
        catalog_index(settings, data),
        clock,
        remembered=LastAnswers(data / REMEMBERED),
        limit_s=settings.catalog.remember_hours * 3600.0,
        relabel=with_label(settings, data),
        seen=seen,
    )


@runtime_checkable
class GivesMarc(Protocol):
    """A library system that gives whole catalog records."""

    def marc(self, barcode: Barcode) -> tuple[ItemRecord, bytes]: ...


@runtime_checkable
class GivesSets(Protocol):
    """A library system with sets of items."""

    def set_barcodes(self, set_id: str, most: int) -> tuple[str, ...]: ...


def set_barcodes(settings: Settings, data: Path, set_id: str, most: int) -> tuple[str, ...]:
    """Return the barcodes of a set's members, at most `most`. Raises `SettingsError` if no library system has sets, and what
    it raises."""
    opened = systems(settings, data)
    try:
        system = next((system for system in opened.values() if isinstance(system, GivesSets)), None)
        if system is None:
            raise SettingsError(Sentence("catalog.no-sets", first="delivery.alma"))
        return system.set_barcodes(set_id, most)
    finally:
        close_systems(opened)


def live_marc(settings: Settings, data: Path, barcode: Barcode) -> tuple[ItemRecord, bytes]:
    """Return the item and its MARC record, both from the library system. Raises `SettingsError` if none is configured
    that gives records, and what the library system raises."""
    opened = systems(settings, data)
    try:
        live = next((system for system in opened.values() if isinstance(system, GivesMarc)), None)
        if live is not None:
            return live.marc(barcode)
        named = next((name for name in opened if name != "file"), "")
        if named:
            raise SettingsError(Sentence("catalog.no-marc", system=named))
        raise SettingsError(Sentence("catalog.no-system", first="delivery.alma", second="delivery.sip2"))
    finally:
        close_systems(opened)


def catalog(
    settings: Settings, data: Path, known: Mapping[str, DeliverySystem] | None = None, seen: Seen = _unseen
) -> Catalog:
    """Return the configured source of records: the index, or the library system with the index as fallback. `known`:
    the open systems. `seen`: as for `LiveCatalog`. An index of an earlier version of the program is upgraded first."""
    upgraded(data / CATALOG)
    live = live_system(settings, systems(settings, data) if known is None else known)
    return (
        live_catalog(settings, data, live, SystemClock(), seen) if live is not None else catalog_index(settings, data)
    )


def own_file(path: Path, key: str) -> str:
    """Return the text of a site's own file, named by the setting `key`. Raises `SettingsError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{key}: {path}: {error}") from error
