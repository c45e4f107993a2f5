"""`station tag plan` and `migrate`: what the station would write to a tag, and what happens to its present content.

Only `migrate --write` writes to a tag, through the bench (`cli.tag.rewrite`).
"""

from __future__ import annotations

from dataclasses import replace

import click
import msgspec

from station.base.errors import DoesNotFit, NotPossible, TagLocked
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app
from station.cli.tag.content_options import Values, values_options
from station.cli.tag.encode import TEXT, chosen, model_option, one_way_out, to_option, write_out
from station.cli.tag.source import Source, one_tag, profile_option, settings_of, site_of, source_options
from station.cli.tag.view import say_origin
from station.cli.tag.words import in_english, note_lines, plan_lines, runs, step_sentence
from station.domain.tag_image import TagImage
from station.domain.workflows import RetagTask
from station.encoding.content import Recognition, TagContent, TagProfile, TagState, is_locked, user_memory
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import listing, write_dump
from station.encoding.migration.migration import MigrationNote, NoteKind
from station.encoding.migration.migration import migrate as carry_over
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import writable
from station.encoding.write_plan.image import as_written
from station.encoding.write_plan.plan import plan_item, undo
from station.encoding.write_plan.steps import ChipLimits, Step, WritePlan
from station.quality.tag_words import headline, translated

__all__ = ["migrate", "plan"]

# --- plan -----------------------------------------------------------------------------------------------------------


class PlannedStep(msgspec.Struct, frozen=True):
    """Step of a plan."""

    kind: str
    """Name of the step in `station.encoding.write_plan.steps`."""
    values: Step
    words: str


class PlannedTag(msgspec.Struct, frozen=True):
    """Report of `station tag plan --json`."""

    format: str
    assumed: tuple[str, ...]
    recognition: Recognition
    """Present content of the tag."""
    content: TagContent
    """Content to be written."""
    refused: tuple[str, ...]
    """Why nothing can be written, one sentence per reason; empty = the tag can be written."""
    asks_first: bool
    """True if the bench would ask before it overwrites the tag: it is neither blank nor finished by us for this item."""
    steps: tuple[PlannedStep, ...]
    write_commands: int
    block_writes: int
    locks: tuple[int, ...]
    """Blocks that would be locked permanently."""
    digest: str
    """SHA-256 of the plan."""
    undo: TagImage
    """Tag as it was read, to which `undo` would return it."""
    undo_commands: int | None
    """Write commands of the undo; None = the undo is impossible, or there is no plan."""
    new: TagImage | None


@click.command()
@data_option
@json_option
@click.argument("dump", required=False)
@source_options
@values_options
@profile_option
@model_option
@click.option(
    "--blocks-per-write",
    type=click.IntRange(1, 256),
    default=32,
    show_default=True,
    help="Blocks that reader and chip write with one command.",
)
@pass_app
def plan(
    app: App,
    dump: str | None,
    source: Source,
    values: Values,
    profile_name: str | None,
    model: str | None,
    blocks_per_write: int,
) -> int:
    """Plan the write to the tag of DUMP (or of a file, or on the pad), step by step. Nothing is written to a tag.

    The order of the steps is safe against power loss at any moment. A line shows whether the bench would ask before it
    overwrites something. Exit code 1 if the tag cannot be written.
    """
    profile, content = chosen(app, values, profile_name, model)
    profile = replace(profile, call_number_on_tag=profile.call_number_on_tag or bool(content.shelf_location))
    tag = one_tag(app, dump, source, profile)
    old = tag.image
    limits = ChipLimits.of(
        old.uid,
        blocks_per_write=blocks_per_write,
        dsfid_locked=bool(tag.dsfid_locked),
        afi_locked=bool(tag.afi_locked),
    )
    write_plan: WritePlan | None = None
    refused: tuple[Sentence | str, ...] = ()
    try:
        write_plan = plan_item(old, content, profile, limits=limits)
    except (TagLocked, DoesNotFit, NotPossible) as error:
        refused = _refusals(error, old, content, profile)
    recognition = recognise(old, profile)
    report = PlannedTag(
        format=tag.format,
        assumed=tag.assumed,
        recognition=recognition,
        content=content,
        refused=tuple(in_english(reason) if isinstance(reason, Sentence) else reason for reason in refused),
        asks_first=_asks_first(recognition, content),
        steps=_steps(write_plan),
        write_commands=write_plan.write_commands if write_plan else 0,
        block_writes=write_plan.block_writes if write_plan else 0,
        locks=write_plan.locks if write_plan else (),
        digest=write_plan.digest if write_plan else "",
        undo=old,
        undo_commands=_count_undo_commands(write_plan, limits),
        new=write_plan.new if write_plan else None,
    )
    lines = [tell("tag-report.now", state=headline(recognition, old))]
    if report.asks_first and not refused:
        lines.append(tell("tag-report.asks-first"))
    if write_plan:
        lines += plan_lines(write_plan)
        if write_plan.locks and report.undo_commands is None:
            lines.append(tell("tag-report.no-undo"))
        elif not write_plan.empty and report.undo_commands is not None:
            lines.append(tell("tag-report.undo", count=report.undo_commands))
            lines += listing(old)
    else:
        lines += [tell("tag-report.refused", why=why) for why in refused]
    say_origin(app, [tag])
    app.report(report, lines)
    return NOT_GOOD if refused else 0


def _asks_first(now: Recognition, content: TagContent) -> bool:
    """Decide as `bench.item.gate` does without journal and catalog: only a blank tag and this item's own tag pass."""
    if now.state is TagState.BLANK:
        return False
    return now.state is not TagState.OURS or now.identifier != content.primary_item_identifier


def _steps(write_plan: WritePlan | None) -> tuple[PlannedStep, ...]:
    if write_plan is None:
        return ()
    words = ((step, in_english(step_sentence(step, write_plan.block_size))) for step in write_plan.steps)
    return tuple(PlannedStep(type(step).__name__, step, sentence) for step, sentence in words)


def _count_undo_commands(write_plan: WritePlan | None, limits: ChipLimits) -> int | None:
    """Return the write commands that restore the old image; None if a planned lock makes that impossible."""
    if write_plan is None:
        return None
    try:
        return undo(write_plan, limits=limits).write_commands
    except TagLocked:
        return None


def _refusals(
    error: TagLocked | DoesNotFit | NotPossible, old: TagImage, content: TagContent, profile: TagProfile
) -> tuple[Sentence | str, ...]:
    """Return why the station would not write: every locked block with other content, not only the first one."""
    if isinstance(error, TagLocked):
        size = max(old.block_size, 1)
        wanted = as_written(content, profile)
        needed = writable(profile.model).encode(wanted, profile, size, len(user_memory(old))).data
        locked = _in_the_way(old, needed)
        if locked:
            return tuple(Sentence("tag-report.block-locked", block=block) for block in locked)
    return (Sentence.joined((error.with_detail, error.remedy), " "),)


def _in_the_way(old: TagImage, needed: bytes) -> tuple[int, ...]:
    """Return the locked blocks of `old` with other content than `needed`, which begins at byte 0."""
    size = max(old.block_size, 1)
    starts = (at for at in range(0, len(needed), size) if is_locked(old, at // size))
    return tuple(
        at // size for at in starts if old.memory[at : at + size][: len(needed) - at] != needed[at : at + size]
    )


# --- migrate --------------------------------------------------------------------------------------------------------


class MigratedTag(msgspec.Struct, frozen=True):
    """Report of `station tag migrate --json`."""

    format: str
    assumed: tuple[str, ...]
    recognition: Recognition
    """Present content of the tag."""
    profile: str
    model: str
    refused: str
    """Why nothing is encoded; "" = it is encoded."""
    notes: tuple[MigrationNote, ...]
    """Result for every element."""
    content: TagContent | None
    image: TagImage | None
    """Tag as it would be; without locks if it needs a new tag."""
    locked_in_the_way: tuple[int, ...]
    """Locked blocks of the old tag with other content: the item then needs a new tag."""


@click.command()
@data_option
@json_option
@click.argument("dump", required=False)
@source_options
@profile_option
@click.option("--take-over", is_flag=True, help="The item is ours now: write our ISIL as its owner.")
@click.option("--barcode", default="", help="Barcode scanned from the item; required for an unfinished or damaged tag.")
@click.option(
    "--write", is_flag=True, help="Write the result to the one tag on the pad, with --barcode as the second gesture."
)
@operator_said("With --write: login of the operator from now on.")
@to_option(TEXT)
@pass_app
def migrate(
    app: App,
    dump: str | None,
    source: Source,
    profile_name: str | None,
    take_over: bool,
    barcode: str,
    write: bool,
    operator: str,
    to: str,
) -> int:
    """Convert the tag of DUMP (or of a file, or on the pad) to the site's own model, with a note for every element.

    Without --write, nothing is written to a tag. Exit code 1 if nothing can be encoded, or something does not fit.
    """
    if write:
        if dump is not None or to != TEXT or profile_name or not barcode:
            raise click.UsageError(
                "--write is for the tag on the pad and the station's own profile, and needs --barcode."
            )
        from station.cli.tag.rewrite import carry_out

        return carry_out(app, RetagTask.MIGRATE, barcode=barcode, number="", timeout=60.0, operator=operator)
    one_way_out(app, to)
    settings = settings_of(app)
    site = site_of(app, settings, profile_name)
    profile = site.tag_profile(settings.library.isil)
    tag = one_tag(app, dump, source, profile)
    old = tag.image
    recognition = recognise(old, profile)
    result = carry_over(
        recognition,
        profile,
        size=max(len(user_memory(old)), 1),
        block_size=max(old.block_size, 1),
        take_over=take_over,
        barcode=barcode,
        keep=site.oids,
    )
    image: TagImage | None = None
    in_the_way: tuple[int, ...] = ()
    if result.encoded is not None:
        data = result.encoded.data
        own = len(user_memory(old))
        in_the_way = _in_the_way(old, data)
        image = replace(
            old,
            memory=data + bytes(own - len(data)) + old.memory[own:],
            afi=profile.afi_in_stock,
            dsfid=profile.dsfid,
            locked=(False,) * old.block_count if in_the_way else old.locked,
        )
    report = MigratedTag(
        format=tag.format,
        assumed=tag.assumed,
        recognition=recognition,
        profile=site.name,
        model=profile.model,
        refused=result.refused,
        notes=result.notes,
        content=result.content,
        image=image,
        locked_in_the_way=in_the_way,
    )
    say_origin(app, [tag])
    words = [
        tell("tag-report.now", state=headline(recognition, old)),
        tell("tag-report.to-be", profile=site.name),
        *note_lines(result.notes),
        *([tell("tag-report.refused", why=translated(result.refused))] if result.refused else []),
        *([tell("tag-report.blocks-locked", blocks=runs(in_the_way))] if in_the_way else []),
    ]
    if to != TEXT:
        for line in words:
            app.note(line)
        if image is not None:
            write_out(write_dump(image, Format(to)), to)
    else:
        app.report(report, [*words, *(listing(image) if image is not None else [])])
    misfit = any(note.kind is NoteKind.DOES_NOT_FIT for note in result.notes)
    return NOT_GOOD if result.refused or misfit else 0
