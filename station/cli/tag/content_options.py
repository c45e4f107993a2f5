"""Content of a tag on the command line: `--id`, `--owner`, `--part 2/3`, `--usage`, `--set NAME=VALUE`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import click

from station.base.errors import ElementInvalid
from station.base.text import clean
from station.cli.tag.source import byte
from station.encoding.content import TagContent, TagProfile
from station.encoding.iso15962.data_elements import SHELF_LOCATION
from station.encoding.profiles.value import ELEMENT_NAMES, SOURCES, SiteProfile

MAX_OID: Final = 127


def part_of(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Parse "2/3": part 2 of 3."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", value)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter(f"{clean(value, 40)!r} is not a part of a set; write part 2 of 3 as 2/3.", ctx, param)
    return int(match[1]), int(match[2])


def settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Parse each NAME=VALUE, where NAME is a relative OID or the name of an element, given once."""
    found: dict[int, str] = {}
    for each in values:
        name, equals, text = each.partition("=")
        oid = int(name) if re.fullmatch(r"[0-9]{1,3}", name) else ELEMENT_NAMES.get(name, 0)
        if not equals or not oid:
            wrong = f"{clean(each, 40)!r}: give an OID or a name, and a value, as in title=Momo."
        elif oid < SHELF_LOCATION:
            wrong = "OIDs 1 to 5 have their own options: --id, --owner, --part, --usage."
        elif oid > MAX_OID:
            wrong = f"relative OID {oid} is above {MAX_OID}."
        elif oid in found:
            wrong = f"OID {oid} is given twice."
        else:
            found[oid] = text
            continue
        raise click.BadParameter(wrong, ctx, param)
    return tuple(found.items())


def part_of_option(help_text: str, default: str | None) -> Callable[[Any], Any]:
    """Return the option `--part 2/3`."""
    return click.option("--part", "part_of", callback=part_of, default=default, metavar="PART/PARTS", help=help_text)


@dataclass(frozen=True, slots=True)
class Values:
    """Content of a tag, as given on the command line."""

    identifier: str
    owner: str | None
    part: int
    parts: int
    usage: int | None
    further: tuple[tuple[int, str], ...]

    def isil(self, library: str) -> str:
        """Return the owner: as given, else this library."""
        return library if self.owner is None else self.owner


_OPTIONS: Final = (
    click.option("--id", "identifier", required=True, metavar="BARCODE", help="Primary item identifier."),
    click.option("--owner", metavar="ISIL", help="Owner institution; by default, this library."),
    part_of_option("Part that this tag is on, and the number of parts.", default="1/1"),
    click.option(
        "--usage",
        callback=byte,
        metavar="HEX",
        help="Type of usage in hexadecimal, as 10 or 0x10; by default, the profile's.",
    ),
    click.option(
        "--set",
        "further",
        callback=settings,
        multiple=True,
        metavar="NAME=VALUE",
        help="Any other data element, by relative OID or name, as 17=Momo or title=Momo; repeatable.",
    ),
)


def values_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the content of a tag. The command gets them as `values`."""

    @functools.wraps(function)
    def gathered(
        *args: Any,
        identifier: str,
        owner: str | None,
        part_of: tuple[int, int],
        usage: int | None,
        further: tuple[tuple[int, str], ...],
        **more: Any,
    ) -> Any:
        return function(*args, values=Values(identifier, owner, *part_of, usage, further), **more)

    wrapped: Callable[..., Any] = gathered
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def content_for_site(values: Values, site: SiteProfile, isil: str) -> TagContent:
    """Return the content by a site profile: its constants and usage, overridden by the values. Raises `ElementInvalid`.

    A value that a record would give (title, call number and so on) is only written if `--set` gives it.
    """
    given = dict.fromkeys(SOURCES, "") | {
        "item.barcode": values.identifier,
        "item.parts": str(values.parts),
        "settings.isil": isil,
    }
    return _set(site.content(given, part=values.part, parts=values.parts), values)


def content_for_model(values: Values, profile: TagProfile) -> TagContent:
    """Return the content by the values alone."""
    return _set(
        TagContent(
            primary_item_identifier=values.identifier,
            owner_institution=profile.isil,
            part=values.part,
            parts=values.parts,
        ),
        values,
    )


def _set(content: TagContent, values: Values) -> TagContent:
    for text in (values.identifier, content.owner_institution, *(value for _, value in values.further)):
        if clean(text) != text:
            raise ElementInvalid(f"{clean(text)!r} has characters that cannot be written to a tag, or is too long")
    further = dict(content.further) | dict(values.further)
    shelf = further.pop(SHELF_LOCATION, content.shelf_location)
    return replace(
        content,
        type_of_usage=content.type_of_usage if values.usage is None else values.usage,
        shelf_location=shelf,
        further=tuple(sorted((oid, value) for oid, value in further.items() if value)),
    )
