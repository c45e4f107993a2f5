"""Import MARC files into the catalog index: all of them or nothing, in as many runs as it takes.

A file, or several that belong together, as titles and their holdings, is read into a half-built index
(`unfinished_import`); holdings are joined with their titles (`join_titles`). That is turned into an index of the file
(`finish_import`) and, if there is an index already, joined with a copy of it. The result is synced and moved into
place, so the station uses the current index until the next one is complete. The next import of the same file resumes a
stopped or killed import; an import of any other file discards the half. Decisions:

* An import is a delta: see `finish_import` for its effect on earlier records. `replace=True` starts from an empty
  index. Records without items are not kept.
* A file without a usable item, or one that is probably not what the library means (`plausible`), is refused before the
  index changes. Rebuilding the index from files that were imported before accepts them.
* An import that fails leaves no half, since it would fail again, and a full disk needs the space.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import ImportFewItems, ImportRefused, IndexUnusable, StationError
from station.base.files import open_own, replace_alike, replace_own
from station.base.sentence import EMPTY, Sentence
from station.base.settings import CatalogSettings
from station.catalog.findings.common_findings import CommonFinding
from station.catalog.marc.marc import NotMarc
from station.catalog.record import profiles
from station.catalog.record.file_prices import CommonPrice
from station.catalog.record.profiles import Profile
from station.store.catalog_index.file_rules import Judge
from station.store.catalog_index.finish_import import all_replaced, join, settle
from station.store.catalog_index.index import (
    common_findings,
    common_prices,
    index_errors,
    open_index,
    profile_of,
    sources_of,
    sources_path,
)
from station.store.catalog_index.join_titles import join_titles
from station.store.catalog_index.plausible import (
    BarcodesSeen,
    Expected,
    barcodes_seen,
    enough,
    field_of,
    hint,
    some_titles,
)
from station.store.catalog_index.rejected_list import list_path, write_list
from station.store.catalog_index.source import Source
from station.store.catalog_index.unfinished_import import (
    Cause,
    Duplicate,
    Progress,
    RejectedRecord,
    State,
    Stopped,
    UnfinishedImport,
    Untitled,
    Watch,
    discard,
    half_path,
    next_path,
    state_of,
)
from station.store.catalog_index.upgrade import upgrade
from station.store.database.database import store_error
from station.store.database.disk import disk_error, sync_file

_log = logging.getLogger("station.store")


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of an import. Lists are limited to `unfinished_import.LISTED` entries; the counts are complete."""

    source: str
    profile: str
    records: int
    """Usable records in the file."""
    items: int
    """Items with a barcode in these records."""
    without_items: int
    replaced: int
    """Records that were already in the index."""
    deleted: int
    rejected_count: int
    rejected: tuple[RejectedRecord, ...] = ()
    faults: tuple[Cause, ...] = ()
    """Reasons of the rejections, each with its number of records."""
    rejected_file: str = ""
    """List of all rejected records with position, reason and barcodes; of several files, their lists."""
    unread_count: int = 0
    """Barcodes in rejected records. A scan of such a barcode reports the record."""
    duplicate_count: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    repaired_count: int = 0
    repaired: tuple[tuple[int, str], ...] = ()
    notes: tuple[Cause, ...] = ()
    """The same texts, each with its number of records."""
    """(record number, repair): wrong lengths, mislabeled character sets."""
    charsets: dict[str, int] = {}
    """Records by character set."""
    windows_files: dict[str, int] = {}
    """Records that were read as Windows-1252, by file."""
    marc8_evidence: int = 0
    windows_evidence: int = 0
    """Weight of what fits only this set: `catalog.marc.evidence`."""
    unexplained_statuses: dict[str, int] = {}
    """Items by a status to which the profile gives no meaning."""
    joined: int = 0
    """Holdings records that were joined with their title."""
    untitled_count: int = 0
    """Holdings records with items whose title is in no file of the import."""
    untitled: tuple[Untitled, ...] = ()
    common_price: CommonPrice | None = None
    """What is true of the price of all items of the file; no rule judges the price of such an item."""
    common_findings: tuple[CommonFinding, ...] = ()
    """Rules that more than one record in twenty breaks; no item of the file fails by them."""
    barcodes: BarcodesSeen = BarcodesSeen()
    """Barcodes that the settings in [barcodes] refuse, among those checked."""


def import_file(
    path: Path,
    index_path: Path,
    profile: str | Profile,
    settings: CatalogSettings,
    *,
    others: Sequence[Path] = (),
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    note: Callable[[str], None] = lambda _: None,
    replace: bool = False,
    resume: bool = True,
    expected: Expected | None = None,
    judge: Judge | None = None,
) -> ImportReport:
    """Import `path` into `index_path`, or resume that import if it was stopped or killed (unless `resume=False`).

    `others`: further files of the same import, such as holdings records whose titles are in `path`.
    `should_stop` is called as often as `progress`. `note` receives sentences (resuming, starting over). `expected`: the
    library's expectations of the file; None = no check, and blanks in barcodes stay. `judge`: for the rules that many
    records of the file break; None = none is judged. Raises `ImportFewItems`,
    `ImportFewCallNumbers`, `ImportBarcodes`, `ImportRefused` (file unusable, stopped, another import running),
    `IndexUnusable` (current index; irrelevant with `replace`), `StoreFull`, `StoreReadOnly`. After any of them the index
    is unchanged.
    """
    chosen = profiles.load(profile)
    watch = Watch(progress, should_stop, note)
    with _sources((path, *others)) as sources, storage(index_path), alone(index_path):
        if not replace:
            upgrade(index_path)
        present = "" if replace else profile_of(index_path, to_join=True)
        if present and present != chosen.name:
            raise IndexUnusable(
                Sentence("store.index.joined-profile", path=str(index_path), profile=present, wanted=chosen.name)
            )
        _clear(index_path)
        try:
            half = UnfinishedImport(
                half_path(index_path),
                sources,
                chosen,
                watch,
                scheme=settings.scheme,
                barcodes=expected.barcodes if expected is not None else None,
                resume=resume,
            )
            return _import(half, sources, index_path, chosen, watch, expected, judge, joined=bool(present))
        except NotMarc as error:
            discard(half_path(index_path))
            raise ImportRefused(f"{half.state.name}: {error}") from error
        except Stopped as stopped:
            raise ImportRefused(Sentence("store.import.stopped", where=stopped.where)) from stopped
        except Exception:
            discard(half_path(index_path))
            raise
        finally:
            discard(next_path(index_path))


def upgraded(index_path: Path) -> None:
    """`upgrade` an index before use. Only log a failure: a reader of the index gets the error itself."""
    if not index_path.exists():
        return
    try:
        open_index(index_path).close()
    except IndexUnusable:
        try:
            with storage(index_path), alone(index_path):
                upgrade(index_path)
        except StationError as error:
            _log.warning("%s was not upgraded: %s", index_path, error)
    except StationError as error:
        _log.warning("%s: %s", index_path, error)


def unfinished(index_path: Path) -> State | None:
    """Return the import that was stopped or killed and can be resumed; None if there is none."""
    with storage(index_path):
        return state_of(half_path(index_path))


def _clear(index_path: Path) -> None:
    """Remove useless remains of a killed import: a copy, and a half that has already become part of the index."""
    discard(next_path(index_path))
    state = state_of(half_path(index_path))
    try:
        known = {source.token for source in sources_of(index_path)}
    except IndexUnusable:
        return
    if state is not None and state.token in known:
        discard(half_path(index_path))


def _import(
    half: UnfinishedImport,
    sources: Sequence[Source],
    index_path: Path,
    profile: Profile,
    watch: Watch,
    expected: Expected | None,
    judge: Judge | None,
    *,
    joined: bool,
) -> ImportReport:
    seen = BarcodesSeen()
    with closing(half):
        half.read()
        state = half.state
        if not state.records:
            file, among = state.names, state.rejected_count
            if not state.rejected:
                raise ImportRefused(Sentence("store.import.no-record", file=file, among=among))
            why = state.rejected[0].reason
            raise ImportRefused(Sentence("store.import.no-record-because", file=file, among=among, why=why))
        join_titles(half, watch.should_stop)
        if expected is not None:
            some_titles(state, expected)
            enough(state, sources, profile, expected)
        settle(half, watch.should_stop, judge)
        if expected is not None:
            seen = barcodes_seen(half, sources, profile, expected)
    counts = all_replaced(index_path, half.path) if joined else (0, 0)
    if counts is None:
        place = next_path(index_path)
        half.say("joining")
        shutil.copyfile(index_path, place)
        counts = join(place, half.path, lambda: half.say("joining"), watch.should_stop)
    else:
        place = half.path
    replaced, deleted = counts
    if not state.items and not replaced and not deleted:
        reason = Sentence(
            "store.import.no-item",
            file=state.names,
            records=state.records,
            profile=profile.name,
            field=field_of(profile),
        )
        hinted = EMPTY if expected is None else hint(sources, profile, expected)
        raise ImportFewItems(Sentence.joined((reason, hinted), between=". "))
    half.say("saving")
    listed = _rejected_lists(half, index_path)
    sync_file(place)
    replace_alike(place, index_path)
    sync_file(index_path.parent)
    discard(half.path)
    _write_sources(index_path)
    report = _report(state, profile, replaced, deleted, seen)
    price, findings = _in_common(index_path)
    return msgspec.structs.replace(report, rejected_file=listed, common_price=price, common_findings=findings)


_NEWEST: Final = (
    "SELECT number FROM source WHERE token = (SELECT token FROM source ORDER BY number DESC LIMIT 1) ORDER BY number"
)


def _in_common(index_path: Path) -> tuple[CommonPrice | None, tuple[CommonFinding, ...]]:
    """Return what is true of the price of all items of the newest import of the index, and the rules that many of its
    records break."""
    with closing(open_index(index_path)) as connection, index_errors(index_path):
        newest = connection.execute(_NEWEST).fetchall()
        of_files = common_findings(connection)
        by_rule = {finding.rule: finding for (number,) in newest for finding in of_files.get(number, ())}
        return common_prices(connection).get(newest[-1][0], ("", None))[1], tuple(by_rule.values())


def _rejected_lists(half: UnfinishedImport, index_path: Path) -> str:
    """Write a list of rejected records for each file that has some. Return the paths; "" if there are none."""
    paths = [(number, list_path(index_path, file.name)) for number, file in enumerate(half.state.files, 1)]
    return ", ".join(str(path) for number, path in paths if write_list(half.path, number, path))


def _write_sources(index_path: Path) -> None:
    """Write the list of source files as text, for `rebuild` in case the index is lost."""
    content = msgspec.json.format(msgspec.json.encode(sources_of(index_path)), indent=2) + b"\n"
    replace_own(sources_path(index_path), content)


def _report(state: State, profile: Profile, replaced: int, deleted: int, seen: BarcodesSeen) -> ImportReport:
    return ImportReport(
        source=state.names,
        profile=profile.name,
        records=state.records,
        items=state.items,
        without_items=state.without,
        replaced=replaced,
        deleted=deleted + state.dropped,
        rejected_count=state.rejected_count,
        rejected=tuple(state.rejected),
        faults=tuple(state.faults.values()),
        unread_count=state.unread_count,
        duplicate_count=state.duplicate_count,
        duplicates=tuple(state.duplicates),
        repaired_count=state.repaired_count,
        repaired=tuple(state.repaired),
        notes=tuple(state.notes.values()),
        charsets=state.charsets,
        windows_files=state.windows_files,
        marc8_evidence=sum(file.marc8_evidence for file in state.files),
        windows_evidence=sum(file.windows_evidence for file in state.files),
        unexplained_statuses=state.unexplained,
        joined=state.joined,
        untitled_count=state.untitled_count,
        untitled=tuple(state.untitled),
        barcodes=seen,
    )


@contextmanager
def _sources(paths: Sequence[Path]) -> Iterator[tuple[Source, ...]]:
    with ExitStack() as stack:
        sources = []
        for path in paths:
            try:
                sources.append(stack.enter_context(closing(Source(path))))
            except OSError as error:
                raise ImportRefused(f"{path}: {error.strerror or error}") from error
        yield tuple(sources)


@contextmanager
def storage(index_path: Path) -> Iterator[None]:
    """Turn errors of the disk and of SQLite into the station's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, index_path) from error
    except OSError as error:
        raise (disk_error(error, index_path) or ImportRefused(f"{error}")) from error


@contextmanager
def alone(index_path: Path) -> Iterator[None]:
    """Allow one import at a time. The lock ends with the process in any case."""
    index_path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(open_own(index_path.with_name(f"{index_path.name}.lock"), os.O_WRONLY), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ImportRefused(Sentence("store.import.running")) from error
        yield
