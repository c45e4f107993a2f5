"""Rebuild the catalog index from its source files, in their order.

The index stores the name, path, size and SHA-256 of each file, and which files were imported together; so does a text
file beside it (`….sources.json`), in case the index itself is lost. A rebuild needs exactly these files. If one is
missing or has changed, the error names it and nothing begins. The new index is built as `….rebuilding` and replaces the
old one when it is complete. A stopped or killed rebuild is resumed, file by file and within a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from station.base.errors import ImportRefused, IndexUnusable
from station.base.files import replace_alike
from station.base.sentence import Sentence
from station.base.settings import Barcodes, CatalogSettings
from station.base.text import clean
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.store.catalog_index.file_rules import Judge
from station.store.catalog_index.import_file import ImportReport, alone, import_file, storage
from station.store.catalog_index.index import SourceFile, profile_of, sources_of, sources_path
from station.store.catalog_index.plausible import Expected
from station.store.catalog_index.source import Source
from station.store.catalog_index.unfinished_import import Progress, discard, half_path
from station.store.database.disk import sync_file


def remembered(index_path: Path) -> tuple[SourceFile, ...]:
    """Return the source files of the index: as stored in the index, or else in the text file beside it."""
    try:
        files = sources_of(index_path)
    except IndexUnusable:
        files = ()
    beside = sources_path(index_path)
    if files or not beside.exists():
        return files
    try:
        return msgspec.json.decode(beside.read_bytes(), type=tuple[SourceFile, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ImportRefused(Sentence("store.rebuild.unreadable", path=str(beside), why=clean(str(error)))) from error


def rebuild(
    index_path: Path,
    profile: str | Profile,
    settings: CatalogSettings,
    *,
    places: Sequence[Path] = (),
    barcodes: Barcodes | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    note: Callable[[str], None] = lambda _: None,
    judge: Judge | None = None,
) -> tuple[ImportReport, ...]:
    """Rebuild the index. Return the reports of the files read in this run. `places`: folders that may contain the files
    now. `barcodes`: the format by which blanks in a barcode are removed; None = blanks stay. `judge`: as in
    `import_file`.

    Raises `ImportRefused` (no source files known, files missing or changed, stopped) and the errors of `import_file`.
    After any of them the index is unchanged.
    """
    chosen = profiles.load(profile).name
    wanted = remembered(index_path)
    if not wanted:
        raise ImportRefused(Sentence("store.rebuild.not-known"))
    with storage(index_path), alone(index_path):
        files = _found(wanted, places, note)
        place = index_path.with_name(index_path.name + ".rebuilding")
        done = _done(place, wanted, chosen)
        if done:
            note(f"going on after file {done} of {len(wanted)}")
        reports: list[ImportReport] = []
        at = done
        while at < len(files):
            together = [path for path, source in zip(files, wanted, strict=True) if source.token == wanted[at].token]
            at += len(together)
            note(f"importing {', '.join(clean(path.name) for path in together)}")
            reports.append(
                import_file(
                    together[0],
                    place,
                    profile,
                    settings,
                    others=together[1:],
                    progress=progress,
                    should_stop=should_stop,
                    note=note,
                    replace=not done and not reports,
                    expected=Expected(barcodes, few_items=True, odd_barcodes=True, few_call_numbers=True)
                    if barcodes is not None
                    else None,
                    judge=judge,
                )
            )
        sync_file(place)
        replace_alike(place, index_path)
        sources_path(place).replace(sources_path(index_path))
        sync_file(index_path.parent)
        place.with_name(place.name + ".lock").unlink(missing_ok=True)
    return tuple(reports)


def _done(place: Path, wanted: Sequence[SourceFile], profile: str) -> int:
    """Return the number of files that an earlier run has finished. Remove its result if it does not fit."""
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
            lacking.append(Sentence(f"store.rebuild.file.{key}", file=source.name, bytes=source.size))
    if lacking:
        raise ImportRefused(Sentence("store.rebuild.lacking", files=len(wanted), which=Sentence.joined(lacking)))
    return files


def _is(path: Path, source: SourceFile) -> bool:
    try:
        if path.stat().st_size != source.size:
            return False
        with closing(Source(path)) as stream:
            return stream.digest() == source.sha256
    except OSError:
        return False
