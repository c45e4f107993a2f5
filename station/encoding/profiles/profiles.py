"""Site profiles: the layout of one library's tags, as data. `data/profiles/*.toml` has ready-made ones; a site may
write its own.

A profile defines the data model, the data elements and the source of each value (a closed list of sources), the AFI
pair, the DSFID, the locked elements, the reserved room, and the minimum size of a chip. `parse` is pure: it takes text
and file name, and returns a `SiteProfile` or raises a `SettingsError` with file name and line.

Choices: every profile writes the identifier, the owner, the set information and the type of usage, because the station
recognizes its own tags by their owner and the parts of a set by their number. A library that wants no usage on its tags
writes class 6, "no usage information on tag" (docs/reference/tag-data.md#type-of-usage). A DSFID is never 00, which
marks an unfinished tag (docs/reference/tag-writing.md#the-algorithm). Nothing is locked unless a profile asks for it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, NoReturn

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import in_decimal, line_of, only_hexadecimal
from station.encoding.iso15962.data_elements import (
    ELEMENTS,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    TYPE_OF_USAGE,
    Form,
)
from station.encoding.profiles.value import (
    ALWAYS,
    CONSTANT,
    DSFIDS,
    ELEMENT_NAMES,
    NAME_OF,
    SAME_AFI,
    SOURCES,
    SiteProfile,
    no_place,
    wrong_dsfid,
)
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.registry import BY_NAME, DATA_MODELS, data_model

READY: Final = ("us-28560-2", "iso-28560-3", "danish-32", "finnish-28560-2", "3m-read-only")
"""Names of the profiles that are part of the station."""

_ONLY: Final[Mapping[int, tuple[str, ...]]] = {
    PRIMARY_ITEM_IDENTIFIER: ("item.barcode",),
    OWNER_INSTITUTION: ("settings.isil",),
    SET_INFORMATION: ("item.part",),
    TYPE_OF_USAGE: (),
    11: ("settings.isil",),
    13: ("item.isbn",),
    19: ("item.media_format",),
    20: (),
}
"""Elements that take only these sources, and constants: one byte, an ISIL or 13 digits."""
_NO_CONSTANT: Final = (PRIMARY_ITEM_IDENTIFIER, OWNER_INSTITUTION, SET_INFORMATION)


@cache
def ready(name: str) -> SiteProfile:
    """Return a profile that is part of the station; raise a `SettingsError` that lists the known ones."""
    if name not in READY:
        raise SettingsError(f'there is no tag profile "{clean(name)}"; known are {", ".join(READY)}')
    text = resources.files("station.encoding").joinpath(f"data/profiles/{name}.toml").read_text(encoding="utf-8")
    return parse(text, f"{name}.toml")


# --- reading a profile ----------------------------------------------------------------------------------------------


def parse(text: str, name: str) -> SiteProfile:
    """Read a profile from TOML text. `name` is the file's name, for messages.

    Raises `SettingsError` "NAME, line N: reason" for anything that is not a valid profile.
    """
    return _Reader(text, name).profile()


_REQUIRED: Final = ("name", "model", "afi_in_stock", "afi_on_loan")
_KNOWN: Final = (
    *_REQUIRED,
    "about",
    "sources",
    "open",
    "dsfid",
    "dsfids_28560_2",
    "dsfids_28560_3",
    "smallest",
    "reserve",
    "lock",
    "leave_out",
    "eas",
    "elements",
)
LARGEST: Final = 8192
"""Maximum bytes of a tag of ISO/IEC 15693: 256 blocks of 32 bytes."""
_BYTE: Final = re.compile(r"[0-9A-Fa-f]{2}")
_TOML_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")


class _Reader:
    """One pass over one file. `_refuse` raises every error, with its line."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = clean(name)
        self._raw: dict[str, Any] = {}

    def profile(self) -> SiteProfile:
        raw = self._raw = self._toml()
        for key in raw:
            if key not in _KNOWN:
                self._refuse(key, self._unknown("key", key, _KNOWN))
        for key in _REQUIRED:
            if key not in raw:
                self._refuse("", f'the key "{key}" is missing')
        model = self._model()
        elements = self._elements(model)
        if elements:
            for oid in ALWAYS:
                if oid not in elements:
                    self._refuse("elements", f'"{NAME_OF[oid]}" is missing: the station always writes it')
        lock = self._oids("lock", elements)
        reserve = self._number("reserve", 0, 16)
        if reserve and model != "28560-2":
            self._refuse("reserve", "only 28560-2 has a content parameter that can hold room")
        in_stock, on_loan = self._byte("afi_in_stock"), self._byte("afi_on_loan")
        if in_stock == on_loan:
            self._refuse("afi_on_loan", SAME_AFI)
        return SiteProfile(
            name=self._words("name"),
            model=model,
            elements=tuple(sorted(elements.items())),
            dsfid=self._dsfid(model, written=bool(elements)),
            afi_in_stock=in_stock,
            afi_on_loan=on_loan,
            smallest=self._number("smallest", 0, LARGEST),
            reserve=reserve,
            lock=frozenset(lock),
            leave_out=self._leave_out(),
            eas=self._flag("eas"),
            dsfids_28560_2=self._bytes("dsfids_28560_2", (0x06,)),
            dsfids_28560_3=self._bytes("dsfids_28560_3", (0x3E,)),
            about=self._words("about"),
            sources=self._texts("sources"),
            open=self._texts("open"),
        )

    def _toml(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except RecursionError as error:
            raise SettingsError(f"{self._name}, line 1: not valid TOML: nested too deeply") from error
        except ValueError as error:
            # Also for numbers of thousands of digits, which int() refuses.
            found = _TOML_LINE.search(str(error))
            line = int(found[1]) if found else max(self._text.count("\n"), 1)
            reason = _TOML_LINE.sub("", str(error)).strip()
            raise SettingsError(f"{self._name}, line {line}: not valid TOML: {clean(reason)}") from error

    def _refuse(self, key: str | tuple[str, ...], reason: str, value: str = "") -> NoReturn:
        """`key`: "" = the file as a whole. `value`: an entry of a list, to find its own line."""
        path = (key,) if isinstance(key, str) else key
        line = line_of(self._text, path, value) if key else 1
        raise SettingsError(f"{self._name}, line {line}: {reason}")

    @staticmethod
    def _unknown(what: str, found: str, known: tuple[str, ...]) -> str:
        near = difflib.get_close_matches(found, known, n=1, cutoff=0.5)
        hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(known)}"
        return f'unknown {what} "{clean(found)}"{hint}'

    # --- single values -----------------------------------------------------------------------------------------------

    def _number(self, key: str, low: int, high: int) -> int:
        value = self._raw.get(key, low)
        if type(value) is not int or not low <= value <= high:
            self._refuse(key, f"{key} must be a whole number from {low} to {high} ({low:#04x} to {high:#04x})")
        return value

    def _byte(self, key: str) -> int:
        value = self._number(key, 0, 0xFF)
        self._hexadecimal(key)
        return value

    def _hexadecimal(self, key: str) -> None:
        if number := in_decimal(self._text, (key,)):
            self._refuse(key, only_hexadecimal(key, number))

    def _flag(self, key: str) -> bool:
        value = self._raw.get(key, False)
        if not isinstance(value, bool):
            self._refuse(key, f"{key} must be true or false")
        return value

    def _words(self, key: str) -> str:
        value = self._raw.get(key, "")
        if not isinstance(value, str):
            self._refuse(key, f"{key} must be a text")
        if key in _REQUIRED and not value.strip():
            self._refuse(key, f"{key} is empty")
        return clean(value, 2000)

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self._refuse(key, f"{key} must be a list of texts")
        return tuple(clean(each, 2000) for each in value)

    def _bytes(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        value = self._raw.get(key, list(default))
        if not isinstance(value, list) or not all(type(each) is int and 0 <= each <= 0xFF for each in value):
            self._refuse(key, f"{key} must be a list of whole numbers from 0 to 255")
        self._hexadecimal(key)
        return tuple(value)

    def _dsfid(self, model: str, *, written: bool) -> int:
        if not written:
            if "dsfid" in self._raw:
                self._refuse("dsfid", "a profile that writes no tags marks none as finished: leave dsfid out")
            return DSFIDS["28560-2"]
        if "dsfid" not in self._raw:
            self._refuse("", 'the key "dsfid" is missing')
        value = self._byte("dsfid")
        if wrong := wrong_dsfid(model, value):
            self._refuse("dsfid", wrong)
        return value

    # --- model and elements ------------------------------------------------------------------------------------------

    def _model(self) -> str:
        value = self._words("model")
        names = tuple(dict.fromkeys((*(model.name for model in DATA_MODELS), *BY_NAME)))
        if value not in names:
            self._refuse("model", self._unknown("data model", value, names))
        return value

    def _elements(self, model: str) -> dict[int, str]:
        """Relative OID -> source, all checked."""
        table = self._raw.get("elements", {})
        if not isinstance(table, dict):
            self._refuse("elements", 'elements must be a table, one line an element: NAME = "SOURCE"')
        row = data_model(model)
        writable = isinstance(row, WritableModel)
        if table and not writable:
            first = next(iter(table))
            self._refuse(("elements", first), f"tags of {row.title} are read, never written: there can be no elements")
        if writable and not table:
            self._refuse("model", f"there is no [elements] table that lists the elements on tags of {row.title}")
        found: dict[int, str] = {}
        for name, source in table.items():
            key = ("elements", name)
            oid = self._oid(key, name)
            if not isinstance(source, str):
                self._refuse(key, f'{name} must be a text that names a source, e.g. "item.barcode"')
            self._check_source(key, oid, source)
            if reason := no_place(model, oid, source):
                self._refuse(key, reason)
            found[oid] = source
        return found

    def _oid(self, key: str | tuple[str, ...], name: str, value: str = "") -> int:
        if name not in ELEMENT_NAMES:
            self._refuse(key, self._unknown("data element", name, tuple(ELEMENT_NAMES)), value)
        return ELEMENT_NAMES[name]

    def _check_source(self, key: tuple[str, ...], oid: int, source: str) -> None:
        name = NAME_OF[oid]
        if source.startswith(CONSTANT):
            constant = source.removeprefix(CONSTANT)
            if oid in _NO_CONSTANT:
                self._refuse(key, f"{name} is different for every tag and comes from {_ONLY[oid][0]}")
            if not constant or clean(constant) != constant:
                self._refuse(key, f"{name}: the constant is empty or holds characters that cannot be stored on a tag")
            if ELEMENTS[oid].form is Form.OCTET and not _BYTE.fullmatch(constant):
                self._refuse(key, f'{name} is one byte: two hexadecimal digits, e.g. "constant:10"')
            if oid == 13 and not re.fullmatch(r"[0-9]{13}", constant):
                self._refuse(key, f"{name} has exactly 13 digits")
        elif source not in SOURCES:
            self._refuse(key, self._unknown("source", source, (*SOURCES, f"{CONSTANT}VALUE")))
        else:
            allowed = _ONLY.get(oid)
            if allowed is not None and source not in allowed:
                choices = [*allowed, *([] if oid in _NO_CONSTANT else ["a constant"])]
                self._refuse(key, f"{name} cannot come from {source}, only from {' or '.join(choices)}")
            if allowed is None and source == "item.part":
                self._refuse(key, "item.part is for set-information only")

    def _oids(self, key: str, written: Mapping[int, str]) -> tuple[int, ...]:
        found = []
        for name in self._texts(key):
            oid = self._oid(key, name, name)
            if oid not in written:
                self._refuse(key, f"{name} cannot be locked: it is not written", name)
            found.append(oid)
        return tuple(found)

    def _leave_out(self) -> tuple[int, ...]:
        found = []
        for name in self._texts("leave_out"):
            oid = self._oid("leave_out", name, name)
            if oid in (PRIMARY_ITEM_IDENTIFIER, SET_INFORMATION):
                self._refuse("leave_out", f"{name} is never left out", name)
            found.append(oid)
        return tuple(found)
