"""`station catalog inspect`: what a file of records holds, before it is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import click

from station.base.cells import cut, table
from station.base.errors import SettingsError, StoreReadOnly
from station.base.files import replace_own
from station.base.settings import Barcodes, Settings
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.learned import learned_sentence
from station.catalog.marc.evidence import Evidence
from station.catalog.record import profiles
from station.catalog.record.item_survey import FieldSeen, ItemSample, ProfileFinds, Survey, as_toml
from station.catalog.record.profiles import OWN_FILE, PROFILE_NAMES, Profile
from station.cli.admin.settings_file import changed
from station.cli.catalog.charset_lines import charset_lines
from station.cli.catalog.record_file import RecordFile
from station.cli.shared.app import (
    DONE,
    NOT_GOOD,
    App,
    confirm,
    data_option,
    json_option,
    pass_app,
    under,
    yes_option,
)
from station.cli.shared.interrupt import stoppable
from station.cli.shared.progress import shown
from station.runtime.data_directory import SETTINGS_NAME
from station.store.catalog_index.plausible import MANY, ONE_IN

PROPOSAL: Final = "proposal"
"""Name by which --choose takes the proposed profile."""
_EVERY: Final = 200
"""Records between two checks of progress and stop."""
_TRIED: Final = 2_000
"""First records that are read again with the proposed profile."""
_FIELDS: Final = 8
"""Fields shown."""
_TITLE: Final = 40
"""Cells of a title."""


@click.command("inspect")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--choose", default="", metavar="NAME", help=f"Write this profile into station.toml, or `{PROPOSAL}`.")
@yes_option
@pass_app
def inspect_command(app: App, file: Path, choose: str, yes: bool) -> int:
    """Show which fields of FILE look like items, and which items each profile finds in it. Nothing is imported.

    For each profile (shipped, and your own in the data directory): items, barcodes that [barcodes] in the settings
    refuses, and five items as the profile reads them. If no profile fits, a profile is proposed from the values in the
    file. With --choose, the profile is written into station.toml after a confirmation; other settings stay as they are.

    Ctrl-C stops and shows what was found so far. Exit code 1 if no profile finds items, or the file was not read to its
    end.
    """
    settings = app.settings()
    survey = Survey(_candidates(app.data), settings.barcodes)
    with stoppable() as should_stop, shown(app) as progress:
        stopped = False
        with closing(RecordFile(file)) as source:
            evidence = source.evidence
            for record in source.records():
                survey.take(record)
                number = survey.records + survey.rejected
                if number % _EVERY == 0:
                    progress(source.progress(number))
                    if stopped := should_stop():
                        break
            proposed = survey.proposal(tell("catalog.inspect.about", file=clean(file.name)))
            tried = _tried(source, proposed, settings.barcodes) if proposed and not stopped else None
    picked = _picked(app, survey, tried, choose) if choose and not stopped else None
    if picked is not None and not yes and (app.json or not sys.stdin.isatty()):
        raise click.UsageError("no one can be asked here: add --yes")
    value = _value(file, survey, settings, tried, evidence, stopped)
    if app.json and picked is not None:  # an error of the write must be the only value on stdout
        _write(app, settings, *picked)
        value["chosen"] = picked[0]
    app.report(value, _lines(survey, settings, tried, evidence, stopped))
    if stopped or (survey.best is None and tried is None):
        return NOT_GOOD
    if picked is not None and not app.json:
        if not yes and not confirm(tell("catalog.inspect.write", profile=picked[0], path=app.data / SETTINGS_NAME)):
            app.note(tell("catalog.inspect.not-written"))
            return NOT_GOOD
        _write(app, settings, *picked)
        app.note(tell("catalog.inspect.written", profile=picked[0], path=app.data / SETTINGS_NAME))
    return DONE


def _candidates(data: Path) -> Iterator[tuple[str, Profile]]:
    """Yield the shipped profiles, and the site's own files that are profiles."""
    for name in PROFILE_NAMES:
        yield name, profiles.load(name)
    for path in sorted(data.glob(f"*{OWN_FILE}")):
        if path.name != SETTINGS_NAME:
            try:
                yield path.name, profiles.own(path.read_text(encoding="utf-8"), path.name)
            except (SettingsError, OSError, UnicodeDecodeError):
                continue  # another file of the site: rules, a template


def _tried(source: RecordFile, proposed: Profile, rules: Barcodes) -> ProfileFinds:
    """Return the items that the proposed profile finds in the first records."""
    again = Survey([(PROPOSAL, proposed)], rules)
    for record in islice(source.records(), _TRIED):
        again.take(record)
    return again.finds[0]


# --- choosing ---------------------------------------------------------------------------------------------------------


def _picked(app: App, survey: Survey, tried: ProfileFinds | None, name: str) -> tuple[str, str]:
    """Return (value of catalog.profile, content of the proposed profile's file or ""). Raises `click.UsageError`."""
    chosen = tried if name == PROPOSAL else next((finds for finds in survey.finds if finds.name == name), None)
    if chosen is None:
        known = [finds.name for finds in survey.finds] + ([PROPOSAL] if tried else [])
        raise click.UsageError(tell("catalog.inspect.no-profile", name=clean(name), names=", ".join(known)))
    if not chosen.items:
        raise click.UsageError(tell("catalog.inspect.finds-none", name=chosen.name))
    if name != PROPOSAL:
        return name, ""
    value = f"{chosen.profile.name}{OWN_FILE}"
    if (app.data / value).exists():
        raise click.UsageError(tell("catalog.inspect.exists", path=app.data / value))
    return value, as_toml(chosen.profile)


def _write(app: App, settings: Settings, profile: str, content: str) -> None:
    """Write the profile's name into station.toml, after the file of a proposed profile."""
    path = app.data / SETTINGS_NAME
    try:
        before = path.read_text(encoding="utf-8")
        text = changed(before, settings, "catalog", {"profile": profile})
        if content:
            (app.data / profile).write_text(content, encoding="utf-8")
        replace_own(path, text.encode(), sync=True)
    except OSError as error:
        raise StoreReadOnly(f"{path}: {error}") from error


# --- the report -------------------------------------------------------------------------------------------------------


def _value(
    file: Path,
    survey: Survey,
    settings: Settings,
    tried: ProfileFinds | None,
    evidence: Evidence,
    stopped: bool,
) -> dict[str, object]:
    best = survey.best
    return {
        "file": file.name,
        "records": survey.records,
        "rejected": survey.rejected,
        "noted": survey.noted,
        "charsets": dict(survey.charsets),
        "marc8_evidence": evidence.marc8,
        "windows_evidence": evidence.windows,
        "stopped": stopped,
        "profile": settings.catalog.profile,
        "best": best.name if best else "",
        "fields": [_field_value(seen) for seen in survey.item_fields],
        "profiles": [_found_value(finds) for finds in _ordered(survey)],
        "proposal": None if tried is None else {**_found_value(tried), "file": as_toml(tried.profile)},
    }


def _field_value(seen: FieldSeen) -> dict[str, object]:
    barcode = seen.subfields[seen.barcode]
    return {
        "field": seen.tag,
        "barcode": seen.barcode,
        "fields": seen.fields,
        "values": barcode.values,
        "records": seen.records,
        "most": seen.most,
        "like_barcodes": barcode.like_barcodes,
        "accepted": barcode.ours,
        "subfields": {
            code: {"values": subfield.values, "examples": subfield.examples}
            for code, subfield in sorted(seen.subfields.items())
        },
    }


def _found_value(finds: ProfileFinds) -> dict[str, object]:
    return {
        "profile": finds.name,
        "items": finds.items,
        "records": finds.records,
        "refused": finds.refused,
        "refused_because": finds.why,
        "with_call_number": finds.numbered,
        "samples": finds.samples,
    }


def _ordered(survey: Survey) -> list[ProfileFinds]:
    return sorted(survey.finds, key=lambda finds: finds.weight, reverse=True)


def _lines(
    survey: Survey, settings: Settings, tried: ProfileFinds | None, evidence: Evidence, stopped: bool
) -> Iterator[str]:
    yield tell("catalog.inspect.read", records=survey.records, rejected=survey.rejected, noted=survey.noted)
    for line in charset_lines(survey.charsets, evidence):
        yield from under(line)
    if stopped:
        yield tell("catalog.inspect.stopped")
    yield ""
    yield tell("catalog.inspect.fields" if survey.item_fields else "catalog.inspect.no-fields")
    for seen in survey.item_fields[:_FIELDS]:
        yield "  " + tell(
            "catalog.inspect.field",
            field=f"{seen.tag} ${seen.barcode}",
            values=seen.subfields[seen.barcode].values,
            fields=seen.fields,
            records=seen.records,
            most=seen.most,
            accepted=seen.subfields[seen.barcode].ours,
        )
        examples = [
            f"${code} {subfield.examples[0]}" for code, subfield in sorted(seen.subfields.items()) if subfield.examples
        ]
        yield from under("  ".join(examples), 6)
    for finds in _ordered(survey):
        if finds.items:
            yield ""
            yield from _found(finds, settings)
    without = [finds.name for finds in _ordered(survey) if not finds.items]
    if without:
        yield ""
        yield from under(tell("catalog.inspect.find-nothing", names=", ".join(without)))
    yield ""
    yield from _advice(survey, settings, tried)


def _found(finds: ProfileFinds, settings: Settings) -> Iterator[str]:
    chosen = tell("catalog.inspect.in-use") if finds.name == settings.catalog.profile else ""
    yield tell(
        "catalog.inspect.profile",
        name=finds.name,
        items=finds.items,
        records=finds.records,
        refused=finds.refused,
        numbered=finds.numbered,
    ) + (f" {chosen}" if chosen else "")
    if finds.why:
        yield from under(tell(finds.why), 4)
    names = ("barcode", "call-number", "library", "location", "item-type", "copy", "description", "title")
    rows = [tuple(tell(f"catalog.field.{name}") for name in names), *map(_row, finds.samples)]
    shown_columns = [at for at in range(len(names)) if any(row[at] for row in rows[1:])]
    yield from (f"    {line}" for line in table([[row[at] for at in shown_columns] for row in rows]))


def _row(sample: ItemSample) -> tuple[str, ...]:
    item = sample.item
    return (
        item.barcode,
        item.call_number,
        item.library,
        item.location,
        item.item_type,
        item.copy,
        item.description,
        cut(sample.title, _TITLE),
    )


def _advice(survey: Survey, settings: Settings, tried: ProfileFinds | None) -> Iterator[str]:
    best = survey.best
    if tried is not None:
        yield tell("catalog.inspect.proposal")
        yield from (f"    {line}" for line in as_toml(tried.profile).splitlines())
        yield from _found(tried, settings)
        yield from under(tell("catalog.inspect.choose", name=PROPOSAL))
    elif best is None:
        yield from under(tell("catalog.inspect.none"))
    elif best.name == settings.catalog.profile:
        yield from under(tell("catalog.inspect.fits", name=best.name))
    else:
        yield from under(tell("catalog.inspect.better", name=best.name, used=settings.catalog.profile))
        yield from under(tell("catalog.inspect.choose", name=best.name))
    if best is not None and best.refused * (2 if best.items < MANY else ONE_IN) > best.items:
        yield from under(tell("catalog.inspect.barcodes", refused=best.refused, items=best.items))
        if format_known := learned_sentence(survey.barcodes_of(best.profile)):
            yield from under(tell(format_known))
