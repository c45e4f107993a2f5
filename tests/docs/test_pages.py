"""Everything that pages refer to exists: files, commands, settings, tests."""

from __future__ import annotations

import re
import shlex
import tomllib
import typing
from pathlib import Path

import click
import msgspec
import pytest

from station.acquisitions.account_plan_file import read as read_plan
from station.acquisitions.order_file import read as read_orders
from station.acquisitions.vendor_file import read as read_vendors
from station.base.settings import Settings
from station.base.settings import parse as parse_settings
from station.cli import station
from station.cli.shared.deferred import loaded
from station.drivers.registry import GROUP
from station.encoding.profiles import profiles
from station.quality.rulebook.shipped import with_site
from station.quality.sampling.policy import parse as parse_plans
from station.sync.alma import mapping as alma_mapping
from tests.conftest import ROOT
from tests.docs.pages import BY_HAND, PAGES, name, slug
from tests.support.for_each import for_each

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:\.venv/bin/)?station (?=[a-z])(.*)")


@for_each("page", PAGES)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.M)
            assert fragment in {slug(heading) for heading in headings}, target


@for_each("page", PAGES)
def test_every_test_and_script_that_a_page_names_exists(page: Path) -> None:
    for path in re.findall(r"`((?:tests|scripts|benchmarks|station)/[\w/.-]+)`", page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def commands_in(page: Path) -> list[str]:
    """Yield the lines of code blocks and code spans that call the program."""
    written = page.read_text(encoding="utf-8")
    pieces = [line.strip() for line in re.findall(r"^ {4,}(\S.*)$", written, re.M)] + re.findall(
        r"`([^`\n]+)`", written
    )
    return [match[1] for piece in pieces if (match := _COMMAND.fullmatch(piece))]


def try_to_parse(line: str) -> None:
    """Parse a command line without running it; raise `click.ClickException` if it is wrong."""
    words = shlex.split(line)
    context = click.Context(station, info_name="station")
    command: click.Command = station
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]}")
        command, words = loaded(found), words[1:]
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=command.name, parent=context)
            if not words:
                return  # the noun alone
    for parameter in command.params:  # a page's FILE need not exist here
        if isinstance(parameter.type, click.Path) and parameter.type.exists:
            words = [("." if word == "FILE" else word) for word in words]
    command.make_context(command.name, [word for word in words if word != "dump.txt"] or [], parent=context)


@for_each("page", BY_HAND)
def test_every_command_that_a_page_shows_can_be_given(page: Path) -> None:
    for line in commands_in(page):
        shown = line.replace(" --file dump.txt", "")
        try:
            try_to_parse(shown)
        except click.ClickException as error:
            pytest.fail(f"station {line}: {error.format_message()}")


def test_commands_are_found_and_wrong_ones_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text\n\n    station doctor --nonsense\n\nand `station outbox forget` or `.venv/bin/station run`\n")
    assert commands_in(page) == ["doctor --nonsense", "outbox forget", "run"]
    for wrong in ("doctor --nonsense", "outbox forget", "outbox show --limit many", "process"):
        with pytest.raises(click.ClickException):
            try_to_parse(wrong)
    assert sum(len(commands_in(shown)) for shown in BY_HAND) > 30


def settings_keys(struct: type = Settings, before: str = "") -> set[str]:
    """Yield every table and key, dotted."""
    found: set[str] = set()
    for key, kind in typing.get_type_hints(struct).items():
        found.add(before + key)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found |= settings_keys(kind, f"{before}{key}.")
    return found


def is_module(dotted: str) -> bool:
    """Tell whether it is a package or file of the program, which looks like a setting: `station.emulators`."""
    path = ROOT / dotted.replace(".", "/")
    return path.exists() or path.with_suffix(".py").exists()


@for_each("page", BY_HAND)
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    known = settings_keys()
    written = page.read_text(encoding="utf-8")
    named = re.findall(r"`\[?([a-z]+(?:\.[a-z0-9_]+)+)\]?`", written)
    tables = {key.partition(".")[0] for key in known}
    suffixes = (".toml", ".py", ".md", ".db", ".jsonl", ".log", ".mrc", ".sock", ".png", ".json", ".service")
    for key in set(named) - {GROUP, "station.pytest_plugin"}:  # names of entry points look like a setting
        if key.partition(".")[0] in tables and not key.endswith(suffixes) and not is_module(key):
            assert key in known, key


def test_unknown_settings_would_be_seen() -> None:
    assert {"reader.port", "delivery.alma.base_url", "rules.site_file"} <= settings_keys()
    assert "reader.prot" not in settings_keys()


@for_each("page", BY_HAND)
def test_every_piece_of_toml_is_sound(page: Path) -> None:
    written = page.read_text(encoding="utf-8")
    fenced = re.findall(r"```toml\n(.*?)```", written, re.S)
    indented = [
        "\n".join(line.strip() for line in block.splitlines())
        for block in re.findall(r"(?:^ {4}\S.*\n)+", written, re.M)
        if block.lstrip().startswith("[")
    ]
    for piece in (*fenced, *indented):
        if {"rule", "change"} & set(tomllib.loads(piece)):
            with_site(piece, name(page))
        elif "new" in tomllib.loads(piece):
            parse_plans(piece, name(page))
        elif "vendor" in tomllib.loads(piece):
            assert len(read_vendors(piece.encode(), name(page))) == 1
        elif "order" in tomllib.loads(piece):
            assert len(read_orders(piece.encode(), name(page))) == 1
        elif "codes" in tomllib.loads(piece):
            assert read_plan(piece.encode(), name(page)).rules
        elif "elements" in tomllib.loads(piece):
            profiles.parse(piece, name(page))
        elif "fields" in tomllib.loads(piece):
            alma_mapping.parse(piece, name(page))
        else:
            parse_settings(piece, name(page))
