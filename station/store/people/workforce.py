"""Names to workers: the file of names and the journal's roles, joined (`ports.Workforce`)."""

from __future__ import annotations

from station.base.text import clean
from station.domain.ports import Worker
from station.domain.rights import Role
from station.domain.sign_on import RESERVED, folded, has_id_form
from station.store.people.names import People, Person
from station.store.projections.workers import ACTIVE
from station.store.queries.queries import Queries


class Workforce:
    """`ports.Workforce`. Every answer is read anew: a worker who was erased a moment ago is gone."""

    def __init__(self, people: People, queries: Queries) -> None:
        self._people = people
        self._queries = queries

    def find(self, name: str) -> Worker:
        said = clean(name)
        person = self._people.by_id(said) or self._people.find(said)
        known = self._queries.workers()
        if person is not None and person.worker in known:
            role, standing = known[person.worker]
            return Worker(
                id=person.worker, name=person.name, role=role if standing == ACTIVE else None, registered=True
            )
        if said in known:
            return Worker(id=said, name="", role=None, registered=True)
        return Worker(id=said, name=said, role=Role.OPERATOR)

    def resembles(self, name: str) -> bool:
        """Could a reader take this for somebody who works or has worked here: for an id, a login or a name?"""
        known = {text for one in self._people.all_of() for text in (one.worker, one.login, one.name)}
        return has_id_form(name) or folded(name) in {
            folded(one) for one in (*known, *self._queries.workers(), *RESERVED)
        }

    def people(self) -> tuple[Person, ...]:
        """Everybody who still has a name, by login."""
        return self._people.all_of()

    def names(self) -> dict[str, str]:
        """Name by id, of everybody who still has one."""
        return {person.worker: person.name for person in self._people.all_of()}
