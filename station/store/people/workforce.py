"""Find workers by name: joins the file of names with the journal's roles (`ports.Workforce`)."""

from __future__ import annotations

from collections.abc import Mapping

from station.base.text import clean
from station.domain.people.rights import Role
from station.domain.people.sign_on import RESERVED, folded, has_id_form, skeletons
from station.domain.ports import Worker
from station.store.people.names import People, Person
from station.store.projections.workers import ACTIVE
from station.store.queries.queries import Queries


class Workforce:
    """Implements `ports.Workforce`. Every answer is read afresh, so an erased worker is gone at once."""

    def __init__(self, people: People, queries: Queries) -> None:
        self._people = people
        self._queries = queries

    def find(self, name: str) -> Worker:
        cleaned = clean(name)
        person = self._people.named(cleaned)
        known = self._queries.workers()
        if person is not None and person.worker in known:
            role, standing = known[person.worker]
            return Worker(
                id=person.worker,
                name=person.name,
                role=role if standing == ACTIVE else None,
                registered=True,
                language=person.language,
            )
        if cleaned in known:
            return Worker(id=cleaned, name="", role=None, registered=True)
        return Worker(id=cleaned, name=cleaned, role=Role.OPERATOR)

    def resembles(self, name: str, operator: str) -> bool:
        """Return True if a reader could take the name of a program for a role, for the id, login or name of a present or
        former worker, or for `operator`, who works where nobody signs on."""
        whole = {folded(known) for known in (*self._queries.workers(), *RESERVED)}
        named = (text for person in self._people.all_of() for text in (person.login, person.name))
        parts = frozenset[str]().union(*map(skeletons, (*Role, operator, *named)))
        return has_id_form(name) or folded(name) in whole or not parts.isdisjoint(skeletons(name))

    def people(self) -> tuple[Person, ...]:
        """Return everyone who still has a name, by login."""
        return self._people.all_of()

    def names(self) -> dict[str, str]:
        """Return the names by id of everyone who still has one."""
        return {person.worker: person.name for person in self._people.all_of()}


class GivenNames(Workforce):
    """The same for an account that may not read the file of names: it has the names that the station gave."""

    def __init__(self, names: Mapping[str, str], queries: Queries) -> None:
        """`names`: by worker id."""
        self._names = names
        self._queries = queries

    def find(self, name: str) -> Worker:
        cleaned = clean(name)
        role, standing = self._queries.workers().get(cleaned, (None, ""))
        if role is None:
            return Worker(id=cleaned, name=cleaned, role=Role.OPERATOR)
        known = self._names.get(cleaned, "")
        return Worker(id=cleaned, name=known, role=role if standing == ACTIVE else None, registered=True)

    def people(self) -> tuple[Person, ...]:
        return tuple(Person(worker, "", name) for worker, name in sorted(self._names.items()))

    def names(self) -> dict[str, str]:
        return dict(self._names)
