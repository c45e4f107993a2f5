"""`station quality rules`: list and explain the rules of this station, check and accept a site's file of rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from station.base.cells import table
from station.base.errors import SettingsError
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, order
from station.domain.events import RulesAccepted
from station.manual.pictures import picture, sketch
from station.manual.rule_facts import english_name_of, facts_of, name_of
from station.quality import rule_words
from station.quality.rulebook.shipped import shipped, with_site
from station.quality.rules import Catalogue, Rule
from station.reports.tables.rules import rules as rules_table
from station.reports.tables.rules import state_words
from station.runtime.data_directory import SETTINGS_NAME
from station.runtime.library_systems import load_rules


@click.group()
def rules() -> None:
    """The rules of this station."""


@rules.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include rules that are not in force.")
@click.option("--day", default="", metavar="DAY", help="Day for which to list (as 2026-09-01) instead of today.")
@pass_app
def list_command(app: App, everything: bool, day: str) -> None:
    """List the rules that are in force."""
    day = day or app.clock.now()[:10]
    shown = [rule for rule in _catalogue(app).rules if everything or rule.in_force(day)]
    listed = rules_table(shown, day).values()
    rows = [
        (
            str(rule.number),
            rule.id,
            tell(f"rule.how.{rule.how}"),
            tell(f"correction.list.severity.{rule.severity.value}"),
            tell(state_words(rule, day)),
            tell(rule_words.title(rule)),
        )
        for rule in shown
    ]
    app.report(listed, [*table(rows), tell("rule.count", count=len(listed))])


@rules.command()
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path), required=False)
@pass_app
def lint(app: App, file: Path | None) -> None:
    """Check a site's file of rules: FILE, by default the file named in the settings."""
    catalogue = _with_file(file) if file is not None else _catalogue(app)
    plain = {rule.id: rule for rule in shipped().rules}
    own = [rule for rule in catalogue.rules if rule.id not in plain]
    changed = [rule for rule in catalogue.rules if rule.id in plain and rule != plain[rule.id]]
    value = {"rules": len(catalogue.rules), "new": [rule.id for rule in own], "changed": [rule.id for rule in changed]}
    app.report(value, [tell("rule.sound", rules=len(catalogue.rules), new=len(own), changed=len(changed))])


@rules.command()
@data_option
@json_option
@click.argument("id")
@pass_app
def explain(app: App, id: str) -> int:
    """Show everything about the rule ID, with its drawing. Exit code 1 if the rule is not in force today."""
    catalogue, day = _catalogue(app), app.clock.now()[:10]
    rule = catalogue.rule(id, day)
    if rule is None:
        raise click.UsageError(f"There is no rule {id}; see: station quality rules list --all")
    facts = facts_of(rule, catalogue)
    drawn = picture(rule, catalogue)
    value = {
        "rule": rule,
        "words": {english_name_of(key): what for key, what in facts},
        "reasons": catalogue.words(rule),
        "sketch": sketch(rule.sketch),
        "picture": drawn,
    }
    app.report(value, _explained(rule, facts, drawn))
    return 0 if rule.in_force(day) else NOT_GOOD


def _explained(rule: Rule, facts: tuple[tuple[str, str], ...], drawn: tuple[str, ...]) -> Iterator[str]:
    yield f"{rule.id}: {tell(rule_words.title(rule))}"
    yield ""
    yield from table([(name_of(key), what) for key, what in facts])
    if drawn:
        yield ""
        yield from drawn


def _catalogue(app: App) -> Catalogue:
    """Return the rules of this station; without a station.toml, the shipped rules."""
    from station.runtime.library_systems import load_rules

    if not (app.data / SETTINGS_NAME).exists():
        return shipped()
    return load_rules(app.settings(), app.data)


def _with_file(file: Path) -> Catalogue:
    try:
        return with_site(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


@rules.command()
@data_option
@json_option
@operator_option
@pass_app
def accept(app: App, operator: str) -> None:
    """Accept the rules as they are now. If sign-on is required, no item can be started under changed rules before that.
    Requires a technician's right."""
    catalogue = load_rules(app.settings(), app.data)
    event = RulesAccepted(digest=catalogue.digest, rules=len(catalogue.rules), operator=asker(app, operator).id)
    order(app, event)
    app.report(event, [tell("rule.accepted", count=event.rules, digest=event.digest[:12])])
