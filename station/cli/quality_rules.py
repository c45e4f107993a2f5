"""`station quality rules`: the rules of this station, whether a site's file is sound, and one rule in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from station.cli.app import NOT_GOOD, SETTINGS_NAME, App, data_option, json_option, pass_app, table
from station.errors import SettingsError
from station.quality.explain import facts_of, picture
from station.quality.rules import Catalogue, Rule
from station.quality.shipped import shipped, with_site


@click.group()
def rules() -> None:
    """The rules of this station."""


class Listed(msgspec.Struct, frozen=True):
    """A rule in the list."""

    id: str
    number: int
    how: str
    severity: str
    state: str
    """"in force", "retired", "from DAY" or "ended DAY"."""
    owner: str
    title: str


@rules.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Those that are not in force today, too.")
@click.option("--day", default="", metavar="DAY", help="As on this day (2026-09-01) instead of today.")
@pass_app
def list_command(app: App, everything: bool, day: str) -> None:
    """The rules that are in force."""
    day = day or app.clock.now()[:10]
    found = [_listed(rule, day) for rule in _catalogue(app).rules if everything or rule.in_force(day)]
    rows = [(str(one.number), one.id, one.how, one.severity, one.state, one.title) for one in found]
    app.report(found, [*table(rows), f"{len(found)} rules"])


@rules.command()
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path), required=False)
@pass_app
def lint(app: App, file: Path | None) -> None:
    """Is a site's file of rules sound? FILE, or else the one that the settings name."""
    catalogue = _with_file(file) if file is not None else _catalogue(app)
    plain = {rule.id: rule for rule in shipped().rules}
    own = [rule for rule in catalogue.rules if rule.id not in plain]
    changed = [rule for rule in catalogue.rules if rule.id in plain and rule != plain[rule.id]]
    value = {"rules": len(catalogue.rules), "new": [one.id for one in own], "changed": [one.id for one in changed]}
    app.report(value, [f"sound: {len(catalogue.rules)} rules, {len(own)} new, {len(changed)} changed or retired"])


@rules.command()
@data_option
@json_option
@click.argument("id")
@pass_app
def explain(app: App, id: str) -> int:
    """Everything about the rule ID, with its drawing."""
    catalogue, day = _catalogue(app), app.clock.now()[:10]
    rule = catalogue.rule(id, day)
    if rule is None:
        raise click.UsageError(f"There is no rule {id}; see: station quality rules list --all")
    facts = facts_of(rule, catalogue)
    value = {"rule": rule, "words": dict(facts), "reasons": catalogue.words(rule), "sketch": picture(rule)}
    app.report(value, _explained(rule, facts))
    return 0 if rule.in_force(day) else NOT_GOOD


def _explained(rule: Rule, facts: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f"{rule.id}: {rule.title}"
    yield ""
    yield from table(facts)
    if picture(rule):
        yield ""
        yield from picture(rule)


def _listed(rule: Rule, day: str) -> Listed:
    if rule.retired:
        state = "retired"
    elif day < rule.valid_from:
        state = f"from {rule.valid_from}"
    else:
        state = f"ended {rule.valid_to}" if rule.valid_to and rule.valid_to < day else "in force"
    return Listed(rule.id, rule.number, rule.how, rule.severity.value, state, rule.owner, rule.title)


def _catalogue(app: App) -> Catalogue:
    """This station's rules; without a station.toml the shipped ones."""
    from station.wiring import load_rules

    if not (app.data / SETTINGS_NAME).exists():
        return shipped()
    return load_rules(app.settings(), app.data)


def _with_file(file: Path) -> Catalogue:
    try:
        return with_site(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
