"""The options --since and --until: local dates or times, as the journal writes times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from station.base.text import clean

since_option = click.option("--since", default="", metavar="DATE", help="Only since this date, for example 2026-09-01.")
until_option = click.option("--until", default="", metavar="DATE", help="Only until the end of this date.")


def begin_of(since: str) -> str:
    """Return when a local date or time begins (ISO 8601, UTC); "" for ""."""
    return "" if not since else _utc(_moment("--since", since))


def end_of(until: str) -> str:
    """Return the first time after a local date, or a local time (ISO 8601, UTC); "" for ""."""
    if not until:
        return ""
    moment = _moment("--until", until)
    return _utc(moment + timedelta(days=1) if len(until) == len("2026-09-01") else moment)


def _moment(option: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {clean(text)}: give a date such as 2026-09-01") from error


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
