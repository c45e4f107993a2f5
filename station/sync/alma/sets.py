"""Itemized sets of items in Alma: find, create, read, and add members in batches, none twice.

docs/reference/systems.md#alma-calls: at most 1000 members per call, `id_type=BARCODE`; `fail_on_invalid_id=false`
skips barcodes unknown to Alma. A public client's recorded pages of a physical set show that a member's `description` is
the item's barcode; the documentation does not (open). If it is not, the number of members decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from station.base.errors import InDoubt, Rejected, SyncError, Unreachable
from station.base.sentence import Sentence
from station.base.text import clean
from station.sync.alma.client import API, AlmaClient
from station.sync.alma.errors import shown

_T = TypeVar("_T")
_SIZE: Final = re.compile(r"[0-9]{1,9}")

BATCH: Final = 1000
"""Most members in one call."""
PAGE: Final = 100
"""Most members on one page."""
MOST_MEMBERS: Final = 200_000
"""Most members that are read of a set."""
CONTENT: Final = "ITEM"
"""Content type of a set of physical items."""


class AlmaSet(msgspec.Struct, frozen=True):
    """A set, as Alma lists it."""

    id: str
    name: str
    members: int
    content: str = ""


class Member(msgspec.Struct, frozen=True):
    """A member: the item's number, and its description (its barcode, as far as known)."""

    pid: str
    barcode: str


class Added(msgspec.Struct, frozen=True):
    """Result of adding: number of earlier members, number added, and barcodes unknown to Alma."""

    before: int
    added: int
    unknown: tuple[str, ...] = ()


class _Value(msgspec.Struct, frozen=True):
    value: str | int | bool | None = None


class _Set(msgspec.Struct):
    id: str
    name: str = ""
    number_of_members: _Value = _Value()
    content: _Value = _Value()


class _Sets(msgspec.Struct):
    set: list[_Set] = []
    total_record_count: int = 0


class _Member(msgspec.Struct):
    id: str
    description: str | None = None


class _Members(msgspec.Struct):
    member: list[_Member] = []
    total_record_count: int = 0


class AlmaSets:
    """The sets of one institution."""

    def __init__(self, client: AlmaClient) -> None:
        self._client = client

    def named(self, name: str) -> AlmaSet | None:
        """Return the set with exactly this name; None if there is no such set."""
        offset = 0
        while True:
            query = urlencode({"q": f"name~{name}", "limit": PAGE, "offset": offset})
            page = _decoded(self._client.ask(f"{API}/conf/sets?{query}").body, _Sets)
            for row in page.set:
                if row.name == name:
                    return _shown(row)
            offset += len(page.set)
            if not page.set or offset >= page.total_record_count:
                return None

    def get(self, set_id: str) -> AlmaSet:
        """Return the set with this number. Raises `Rejected` if there is none."""
        return _shown(_decoded(self._client.ask(f"{API}/conf/sets/{_number(set_id)}").body, _Set))

    def create(self, name: str, description: str = "", *, private: bool = False) -> AlmaSet:
        """Create an itemized set of physical items. Never sent twice: after `InDoubt`, look it up with `named`."""
        fields = {
            "name": name, "description": description, "type": {"value": "ITEMIZED"}, "content": {"value": CONTENT},
            "private": {"value": "true" if private else "false"}, "status": {"value": "ACTIVE"},
        }  # fmt: skip
        return _after_change(lambda: _shown(_decoded(self._client.send(f"{API}/conf/sets", fields).body, _Set)))

    def members(self, set_id: str) -> Iterator[Member]:
        """Yield all members, page by page."""
        offset = 0
        while offset < MOST_MEMBERS:
            query = urlencode({"limit": PAGE, "offset": offset})
            page = _decoded(self._client.ask(f"{API}/conf/sets/{_number(set_id)}/members?{query}").body, _Members)
            for row in page.member:
                yield Member(clean(row.id, 60), clean(row.description or "", 60))
            offset += len(page.member)
            if not page.member or offset >= page.total_record_count:
                return
        raise Unreachable(Sentence("alma.too-many-members", set=set_id, count=MOST_MEMBERS))

    def missing(self, set_id: str, barcodes: Iterable[str]) -> tuple[str, ...]:
        """Return those barcodes that are not members, in order, each once."""
        known = {member.barcode for member in self.members(set_id)}
        return tuple(barcode for barcode in dict.fromkeys(barcodes) if barcode not in known)

    def add(self, set_id: str, barcodes: Sequence[str], *, before_sending: Callable[[], None] = lambda: None) -> Added:
        """Make these items members, in batches. Existing members are not sent again. `before_sending` is called once,
        right before the first batch."""
        wanted = self.missing(set_id, barcodes)
        already = len(set(barcodes)) - len(wanted)
        if not wanted:
            return Added(already, 0)
        before_sending()
        count = self.get(set_id).members
        query = urlencode({"op": "add_members", "id_type": "BARCODE", "fail_on_invalid_id": "false"})
        for start in range(0, len(wanted), BATCH):
            members = [{"id": barcode} for barcode in wanted[start : start + BATCH]]
            self._client.send(f"{API}/conf/sets/{_number(set_id)}?{query}", {"members": {"member": members}})
        return _after_change(lambda: self._added(set_id, wanted, already, count))

    def _added(self, set_id: str, wanted: Sequence[str], already: int, count: int) -> Added:
        left = self.missing(set_id, wanted)
        grown = self.get(set_id).members - count
        if grown >= len(wanted):  # all were added, whatever their descriptions
            left = ()
        return Added(already, len(wanted) - len(left), left)


def _after_change(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except InDoubt:
        raise
    except Rejected:
        raise
    except SyncError as error:
        raise InDoubt(Sentence("alma.again.change", why=error.coded_detail), body=error.body) from error


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Rejected(Sentence("alma.other-set", why=type(error).__name__), body=shown(body)) from None


def _shown(row: _Set) -> AlmaSet:
    size = str(row.number_of_members.value)
    number = int(size) if _SIZE.fullmatch(size) else 0
    return AlmaSet(clean(row.id, 60), clean(row.name), number, clean(str(row.content.value or ""), 60))


def _number(set_id: str) -> str:
    if not set_id.isascii() or not set_id.isdigit():
        raise Rejected(Sentence("alma.no-set-number", number=repr(clean(set_id, 60))))
    return set_id
