"""`station tag read`, `decode`, `explain`, `diff` and `doctor`: look at tags, change nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import click
import msgspec

from station.base.errors import DumpUnreadable
from station.base.sentence import Sentence
from station.base.words import tell
from station.catalog.barcodes.barcode import is_ours
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.tag.content_options import part_of_option
from station.cli.tag.encode import TEXT, one_way_out, to_option, write_out
from station.cli.tag.source import (
    STDIN,
    Source,
    Tag,
    dump_options,
    one_tag,
    profile_option,
    settings_of,
    site_of,
    source_options,
    tags,
)
from station.cli.tag.view import Line, annotated, diff_lines, plain_line, say_origin, show
from station.domain.tag_image import TagImage, shown
from station.encoding.content import Range, Recognition, Severity, TagProfile
from station.encoding.doctor.doctor import Diagnosis, examine
from station.encoding.dumps.diff import TagDiff, compare
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import listing, write_dump
from station.encoding.recognition.annotate import annotate
from station.encoding.recognition.explain import explain as in_words
from station.encoding.recognition.recognise import recognise
from station.quality.diagnoses import advice, sentence
from station.runtime.data_directory import SETTINGS_NAME

__all__ = ["decode", "diff", "doctor", "explain", "read"]

_DUMP = "dump"


class DecodedTag(msgspec.Struct, frozen=True):
    """Report of `station tag decode --json` for each tag."""

    format: str
    """Format of the dump; "pad" for a tag that the reader read."""
    assumed: tuple[str, ...]
    """Values that the dump does not contain."""
    image: TagImage
    recognition: Recognition
    explanation: tuple[str, ...]


class ExplainedTag(msgspec.Struct, frozen=True):
    """Report of `station tag explain --json` for each tag."""

    format: str
    assumed: tuple[str, ...]
    image: TagImage
    recognition: Recognition
    ranges: tuple[Range, ...]
    """Ranges of the memory; every byte is in exactly one."""


class ExaminedTag(msgspec.Struct, frozen=True):
    """Report of `station tag doctor --json` for each tag."""

    format: str
    assumed: tuple[str, ...]
    image: TagImage
    recognition: Recognition
    diagnoses: tuple[Diagnosis, ...]
    """Problems, the worst first; empty = none."""


class Comparison(msgspec.Struct, frozen=True):
    """Report of `station tag diff --json`."""

    same: bool
    differences: TagDiff
    unknown: tuple[str, ...]
    """Values that one of the dumps does not contain, and that were not compared."""


def _wanted(app: App, profile_name: str | None) -> TagProfile:
    settings = settings_of(app)
    return site_of(app, settings, profile_name).tag_profile(settings.library.isil)


# --- read -----------------------------------------------------------------------------------------------------------


@click.command()
@data_option
@json_option
@click.argument(_DUMP, required=False)
@source_options
@to_option(TEXT)
@pass_app
def read(app: App, dump: str | None, source: Source, to: str) -> None:
    """Dump every tag on the pad, byte for byte, in a form that all other commands read.

    With DUMP or a file, show that dump instead. With --to, use another format.
    """
    one_way_out(app, to)
    from_dump = dump is not None or source.path is not None
    all_tags = tags(app, dump, source, _wanted(app, None) if from_dump else TagProfile(""))
    say_origin(app, all_tags)
    if to == TEXT:
        app.report(tuple(tag.image for tag in all_tags), [line for tag in all_tags for line in listing(tag.image)])
    elif len(all_tags) == 1:
        write_out(write_dump(all_tags[0].image, Format(to)), to)
    else:
        raise DumpUnreadable(Sentence("tag-report.one-written", number=len(all_tags)))


# --- decode, explain ------------------------------------------------------------------------------------------------


@click.command()
@data_option
@json_option
@click.argument(_DUMP, required=False)
@source_options
@profile_option
@pass_app
def decode(app: App, dump: str | None, source: Source, profile_name: str | None) -> None:
    """Decode DUMP (hexadecimal or base64, a file, "-" for stdin), a file, or by default every tag on the pad."""
    wanted = _wanted(app, profile_name)
    all_tags = tags(app, dump, source, wanted)
    decoded = tuple(_decoded(each, wanted) for each in all_tags)
    lines: list[str] = []
    for each in decoded:
        lines += [*([""] if lines else []), *each.explanation]
    say_origin(app, all_tags)
    app.report(decoded, lines)


def _decoded(tag: Tag, wanted: TagProfile) -> DecodedTag:
    recognition = recognise(tag.image, wanted)
    return DecodedTag(tag.format, tag.assumed, tag.image, recognition, _in_words(tag, recognition, wanted))


def _in_words(tag: Tag, recognition: Recognition, wanted: TagProfile, *, ranges: bool = True) -> tuple[str, ...]:
    """Return the tag as text. UID, DSFID and AFI that the dump does not contain are marked as assumed."""
    lines = in_words(tag.image, recognition, wanted, ranges=ranges)
    dsfid, afi = f"DSFID {shown(tag.image.dsfid)}", f"AFI {shown(tag.image.afi)}"  # not for people
    texts = {"uid": f"UID {tag.image.uid}", "dsfid": dsfid, "afi": afi}  # not for people
    starts = tuple(texts[name] for name in tag.assumed if name in texts)
    return tuple(_marked(line, starts) for line in lines)


def _marked(line: str, starts: tuple[str, ...]) -> str:
    start = next((each for each in starts if line.startswith((f"{each}:", f"{each},"))), "")
    return f"{tell('tag-report.was-assumed', start=start)}{line.removeprefix(start)}" if start else line


@click.command()
@data_option
@json_option
@click.argument(_DUMP, required=False)
@source_options
@profile_option
@click.option("--color/--no-color", default=None, help="Color the bytes; by default, on a terminal.")
@pass_app
def explain(app: App, dump: str | None, source: Source, profile_name: str | None, color: bool | None) -> None:
    """Explain DUMP, a file, or by default every tag on the pad, byte by byte, as an annotated dump.

    Each range has letters under its bytes; the legend explains the letters.
    """
    wanted = _wanted(app, profile_name)
    lines: list[Line] = []
    explained: list[ExplainedTag] = []
    all_tags = tags(app, dump, source, wanted)
    for tag in all_tags:
        recognition = recognise(tag.image, wanted)
        ranges = annotate(tag.image, recognition)
        explained.append(ExplainedTag(tag.format, tag.assumed, tag.image, recognition, ranges))
        head = _in_words(tag, recognition, wanted, ranges=False)
        lines += [*([plain_line("")] if lines else []), *map(plain_line, head), *annotated(tag.image.memory, ranges)]
    say_origin(app, all_tags)
    show(app, tuple(explained), lines, color)


# --- diff -----------------------------------------------------------------------------------------------------------


@click.command()
@data_option
@json_option
@click.argument("old")
@click.argument("new", required=False)
@dump_options
@profile_option
@pass_app
def diff(app: App, old: str, new: str | None, source: Source, profile_name: str | None) -> int:
    """Show the differences between OLD and NEW, dumps or files; NEW is by default the tag on the pad.

    Data elements come first, then blocks. A value that one of the dumps does not contain is not compared. Exit code 1
    if they differ.
    """
    if old == new == STDIN:
        raise click.UsageError("Only one of the dumps can come from stdin.")
    wanted = _wanted(app, profile_name)
    first = one_tag(app, old, source, wanted)
    second = one_tag(app, new, source if new is not None else replace(source, format=None), wanted)
    unknown = tuple(dict.fromkeys((*first.assumed, *second.assumed)))
    differences = compare(
        first.image, second.image, recognise(first.image, wanted), recognise(second.image, wanted), unknown
    )
    say_origin(app, (first, second))
    app.report(Comparison(differences.same, differences, unknown), diff_lines(differences))
    return 0 if differences.same else NOT_GOOD


# --- doctor ---------------------------------------------------------------------------------------------------------


@click.command()
@data_option
@json_option
@click.argument(_DUMP, required=False)
@source_options
@profile_option
@click.option("--barcode", default="", help="Barcode of the item, to compare with.")
@part_of_option("Part in the catalog, to compare with: part 2 of 3 is 2/3.", default=None)
@click.option("--on-loan", is_flag=True, help="The item is on loan.")
@pass_app
def doctor(
    app: App,
    dump: str | None,
    source: Source,
    profile_name: str | None,
    barcode: str,
    part_of: tuple[int, int] | None,
    on_loan: bool,
) -> int:
    """Examine DUMP, a file, or by default every tag on the pad: problems, how serious they are, and what to do.

    Exit code 1 if a problem is major or critical.
    """
    settings = settings_of(app)
    wanted = site_of(app, settings, profile_name).tag_profile(settings.library.isil)
    all_tags = [_on_loan(tag, wanted) if on_loan else tag for tag in tags(app, dump, source, wanted)]
    judged = [recognise(tag.image, wanted) for tag in all_tags]
    unfinished = _unfinished(app)
    is_barcode = partial(is_ours, rules=settings.barcodes) if (app.data / SETTINGS_NAME).exists() else None
    examined: list[ExaminedTag] = []
    for number, tag in enumerate(all_tags):
        own = judged[number].content
        siblings = [
            other.content
            for place, other in enumerate(judged)
            if place != number and own and other.content
            if other.content.primary_item_identifier == own.primary_item_identifier
        ]
        diagnoses = examine(
            tag.image,
            wanted,
            barcode=barcode,
            part=part_of[0] if part_of else None,
            parts=part_of[1] if part_of else None,
            unfinished="uid" not in tag.assumed and tag.image.uid in unfinished,
            siblings=siblings,
            in_stock=not on_loan,
            afi_locked=tag.afi_locked,
            dsfid_locked=tag.dsfid_locked,
            is_barcode=is_barcode,
        )
        examined.append(ExaminedTag(tag.format, tag.assumed, tag.image, judged[number], diagnoses))
    lines: list[str] = []
    for each in examined:
        lines += [
            *([""] if lines else []),
            tell("tag-report.uid", uid=each.image.uid),
            *_diagnosis_lines(each.diagnoses),
        ]
    say_origin(app, all_tags)
    app.report(tuple(examined), lines)
    bad = (Severity.MAJOR, Severity.CRITICAL)
    return NOT_GOOD if any(diagnosis.severity in bad for each in examined for diagnosis in each.diagnoses) else 0


def _unfinished(app: App) -> frozenset[str]:
    """Return the UIDs of tags with an unfinished write in this station's journal."""
    if not app.data.is_dir():
        return frozenset()
    from station.runtime.data_directory import JOURNAL
    from station.store.queries.queries import Queries

    journal = app.data / JOURNAL
    return Queries(journal, app.clock).open_uids() if journal.exists() else frozenset()


def _on_loan(tag: Tag, wanted: TagProfile) -> Tag:
    """Return the tag; if its dump has no AFI, with the AFI of an item on loan."""
    return replace(tag, image=replace(tag.image, afi=wanted.afi_on_loan)) if "afi" in tag.assumed else tag


def _diagnosis_lines(diagnoses: tuple[Diagnosis, ...]) -> list[str]:
    if not diagnoses:
        return [tell("inspect.nothing-wrong")]
    lines: list[str] = []
    for diagnosis in diagnoses:
        lines.append(f"{tell(f'tag-report.severity.{diagnosis.severity.value}'):8}  {tell(sentence(diagnosis))}")
        lines.append(f"{'':8}  {tell('inspect.to-do', advice=advice(diagnosis))}")
        place = "" if diagnosis.offset is None else _place(diagnosis.offset, diagnosis.length)
        more = ", ".join(filter(None, (diagnosis.code, place, diagnosis.detail)))
        lines.append(f"{'':8}  ({more})")
    return lines


def _place(offset: int, length: int) -> str:
    return tell("tag-report.bytes", count=max(length, 1), first=offset, last=offset + length - 1)
