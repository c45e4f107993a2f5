"""The catalog index made again from the files it was made of, in their order.

The index remembers each file by name, place, size and SHA-256; so does a text file beside it (`….sources.json`), for the case
that the index itself is lost. Rebuilding asks for these very files: one that is missing or has changed is named, and
nothing is begun. The new index is built as `….rebuilding` and takes the old one's place when it is whole; a stopped or
killed rebuilding is gone on with, file by file and within a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from station.base.errors import ImportRefused, IndexUnusable
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.base.words import tell
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.store.catalog_index.import_file import ImportReport, alone, import_file, storage
from station.store.catalog_index.index import SourceFile, profile_of, sources_of, sources_path
from station.store.catalog_index.source import Source
from station.store.catalog_index.unfinished_import import Progress, discard, half_path
from station.store.database.disk import sync_file


def remembered(index_path: Path) -> tuple[SourceFile, ...]:
    """The files that the index was made of: as it says itself, else as the text file beside it says."""
    try:
        found = sources_of(index_path)
    except IndexUnusable:
        found = ()
    beside = sources_path(index_path)
    if found or not beside.exists():
        return found
    try:
        return msgspec.json.decode(beside.read_bytes(), type=tuple[SourceFile, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ImportRefused(tell("store.rebuild.unreadable", path=beside, why=error)) from error


def rebuild(
    index_path: Path,
    profile: str | Profile,
    settings: CatalogSettings,
    *,
    places: Sequence[Path] = (),
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    note: Callable[[str], None] = lambda _: None,
) -> tuple[ImportReport, ...]:
    """Make the index again; the reports of the files read in this run. `places` are folders where the files may be now.

    Raises `ImportRefused` (nothing is remembered, files missing or changed, stopped) and what `import_file` raises.
    After any of them the index is as it was.
    """
    chosen = profiles.load(profile).name
    wanted = remembered(index_path)
    if not wanted:
        raise ImportRefused(tell("store.rebuild.not-known"))
    with storage(index_path), alone(index_path):
        files = _found(wanted, places, note)
        place = index_path.with_name(index_path.name + ".rebuilding")
        done = _done(place, wanted, chosen)
        if done:
            note(f"going on after file {done} of {len(wanted)}")
        reports: list[ImportReport] = []
        for path in files[done:]:
            note(f"importing {clean(path.name)}")
            reports.append(
                import_file(
                    path,
                    place,
                    profile,
                    settings,
                    progress=progress,
                    should_stop=should_stop,
                    note=note,
                    replace=not done and not reports,
                )
            )
        sync_file(place)
        place.replace(index_path)
        sources_path(place).replace(sources_path(index_path))
        sync_file(index_path.parent)
        place.with_name(place.name + ".lock").unlink(missing_ok=True)
    return tuple(reports)


def _done(place: Path, wanted: Sequence[SourceFile], profile: str) -> int:
    """How many of the files an earlier run has finished; what it left is removed where it does not fit."""
    try:
        made_of = [source.sha256 for source in sources_of(place)]
        usable = not made_of or profile_of(place) == profile
    except IndexUnusable:
        made_of, usable = [], False
    if usable and made_of == [source.sha256 for source in wanted][: len(made_of)]:
        return len(made_of)
    discard(place)
    discard(half_path(place))
    return 0


def _found(wanted: Sequence[SourceFile], places: Sequence[Path], note: Callable[[str], None]) -> list[Path]:
    files, lacking = [], []
    for source in wanted:
        note(f"looking for {source.name}")
        candidates = [Path(source.path), *(place / source.name for place in places)]
        match = next((path for path in candidates if _is(path, source)), None)
        if match is not None:
            files.append(match)
        else:
            key = "changed" if any(path.is_file() for path in candidates) else "gone"
            lacking.append(tell(f"store.rebuild.file.{key}", file=source.name, bytes=source.size))
    if lacking:
        raise ImportRefused(tell("store.rebuild.lacking", files=len(wanted), which="; ".join(lacking)))
    return files


def _is(path: Path, source: SourceFile) -> bool:
    try:
        if path.stat().st_size != source.size:
            return False
        with closing(Source(path)) as stream:
            return stream.digest() == source.sha256
    except OSError:
        return False
