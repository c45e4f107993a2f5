"""Names are in one file only and can be erased from it to the last byte; the journal's chain never contains them."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import (
    NotAllowed,
    PeopleUnusable,
    ReasonMissing,
    StoreError,
    StoreTooNew,
    WorkerGone,
    WorkError,
    WorkerTaken,
    WorkerUnknown,
)
from station.base.settings import Settings
from station.domain import events as ev
from station.domain.commands import Command, SignOn
from station.domain.people.rights import RIGHTS, Right, Role, least, may
from station.domain.people.sign_on import THIS_PROGRAM
from station.domain.ports import Worker
from station.store.journal.journal import JournalStore
from station.store.owner import open_store
from station.store.people.names import People, Person
from station.store.people.workforce import Workforce
from station.store.projections import workers
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support.for_each import for_each
from tests.support.station_service import service_of

NAME, LOGIN = "Quetzalcoatlus Northropi", "quetzal"


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.db")


def test_a_name_is_found_by_login_and_id(people: People) -> None:
    assert (people.find(LOGIN), people.by_id("w-1"), people.all_of()) == (None, None, ())
    added = people.add("w-1", " Quetzal\x1b[2J ", f"{NAME}\u202e")
    assert added == Person("w-1", "quetzal[2j", NAME)
    assert people.find("QUETZAL[2J") == people.by_id("w-1") == added
    assert people.rename("w-1", "Q. N.").name == "Q. N."
    assert people.all_of() == (Person("w-1", "quetzal[2j", "Q. N."),)


@pytest.mark.parametrize(("worker", "login"), [("w-1", "other"), ("w-2", "quetzal"), ("w-2", "QUETZAL")])
def test_no_login_and_no_id_is_given_twice(people: People, worker: str, login: str) -> None:
    people.add("w-1", LOGIN, NAME)
    with pytest.raises(WorkerTaken):
        people.add(worker, login, "")
    assert len(people.all_of()) == 1


def test_nobody_is_renamed_who_is_not_there(people: People) -> None:
    with pytest.raises(WorkerUnknown):
        people.rename("w-1", "x")


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@pytest.mark.parametrize("others", [0, 1, 200])
def test_an_erased_name_is_in_no_byte_of_the_data_directory(tmp_path: Path, others: int) -> None:
    """The name is present before; afterwards it is in no file, and the journal's chain verifies."""
    people = People(tmp_path / "people.db")
    store = open_store(tmp_path / "journal.db", FakeClock(), head_directory=tmp_path / "heads")
    for number in range(others):
        people.add(f"w-{number + 10}", f"login{number}", f"Somebody {number}")
    people.add("w-1", LOGIN, NAME)
    store.journal.order(ev.WorkerRegistered(worker="w-1", role=Role.OPERATOR))
    store.journal.order(ev.WorkerRegistered(worker="w-2", role=Role.SYSTEMS))
    store.journal.record(ev.ChoiceMade(code="x", choice="y", operator="w-1"))
    assert any(LOGIN.encode() in content for content in files(tmp_path).values())
    assert any(NAME.encode() in content for content in files(tmp_path).values())
    head = store.queries.head()

    assert people.erase("w-1")
    store.journal.order(ev.WorkerLeft(worker="w-1", erased=True, reason="asked for it", operator="w-2"))
    assert store.close()
    left = files(tmp_path)
    assert set(left) >= {"people.db", "journal.db"}
    for name, content in left.items():
        assert LOGIN.encode() not in content, name
        assert NAME.encode() not in content, name
        assert NAME.encode("utf-16-le") not in content, name
    assert (people.find(LOGIN), people.by_id("w-1"), len(people.all_of())) == (None, None, others)
    report = store.queries.verify(head.hash, tmp_path / "heads")
    assert (report.ok, report.missing_heads) == (True, ())
    assert store.queries.workers()["w-1"] == (Role.OPERATOR, "erased")
    assert not people.erase("w-1"), "a second erasure must do no harm"


def test_a_renaming_leaves_nothing_of_the_old_name(people: People, tmp_path: Path) -> None:
    people.add("w-1", "q", NAME)
    people.rename("w-1", "Q")
    assert NAME.encode() not in (tmp_path / "people.db").read_bytes()


def test_many_who_register_at_once(people: People) -> None:
    """Eight threads, like as many processes: each name is stored once, and the file is intact."""
    refused: list[Exception] = []

    def work(number: int) -> None:
        try:
            people.add(f"w-{number}", f"login{number // 2}", "x")
        except WorkError as error:
            refused.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(person.login for person in people.all_of()) == ["login0", "login1", "login2", "login3"]
    assert len(refused) == 4


@pytest.mark.parametrize(
    ("statement", "error"),
    [("PRAGMA application_id=1", PeopleUnusable), ("PRAGMA user_version=9", StoreTooNew)],
)
def test_a_file_that_is_not_ours_is_refused(
    people: People, tmp_path: Path, statement: str, error: type[StoreError]
) -> None:
    people.add("w-1", LOGIN, NAME)
    with closing(sqlite3.connect(tmp_path / "people.db")) as sql:
        sql.execute(statement)
    with pytest.raises(error):
        people.find(LOGIN)
    (tmp_path / "people.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(PeopleUnusable):
        people.all_of()


def test_the_file_is_for_its_owner_only(people: People, tmp_path: Path) -> None:
    people.add("w-1", LOGIN, NAME)
    assert (tmp_path / "people.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["people.db"]


# --- roles ----------------------------------------------------------------------------------------------------------

TABLE = """
                    trainee  operator  technician  systems
    process         yes      yes       yes         yes
    mend            yes      yes       yes         yes
    recheck         no       yes       yes         yes
    waive           no       yes       yes         yes
    assign          no       no        yes         yes
    close           no       no        yes         yes
    waive-critical  no       no        yes         yes
    see-others      no       no        yes         yes
    settle          no       no        yes         yes
    train           no       no        yes         yes
    manage-people   no       no        yes         yes
    manage-staff    no       no        no          yes
    erase           no       no        no          yes
    overwrite-foreign no     no        yes         yes
    lock            no       no        yes         yes
    undo            no       yes       yes         yes
    undo-others     no       no        yes         yes
    erase-tag       no       yes       yes         yes
    change-rules    no       no        yes         yes
    count           yes      yes       yes         yes
    settle-difference no     no        yes         yes
    sign-invoice    no       no        yes         yes
    change-orders   no       no        yes         yes
    withdraw        no       no        yes         yes
"""


def test_the_matrix_of_roles_and_rights_cell_by_cell() -> None:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    assert [Role(name) for name in head] == list(Role)
    cells = {(Right(name), role): word for name, *words in lines for role, word in zip(Role, words, strict=True)}
    assert len(cells) == len(Right) * len(Role)
    for (right, role), word in cells.items():
        assert may(role, right) is (word == "yes"), (right, role)
        assert not may(None, right)
    assert set(RIGHTS) == set(Role)
    assert [least(Right.MEND), least(Right.CLOSE), least(Right.ERASE)] == [Role.TRAINEE, Role.TECHNICIAN, Role.SYSTEMS]


STAFF = (
    ev.WorkerRegistered(worker="sys", role=Role.SYSTEMS),
    ev.WorkerRegistered(worker="tess", role=Role.TECHNICIAN),
    ev.WorkerRegistered(worker="bea", role=Role.OPERATOR),
    ev.WorkerRegistered(worker="tim", role=Role.TRAINEE),
    ev.WorkerRegistered(worker="gone", role=Role.OPERATOR),
    ev.WorkerLeft(worker="gone", reason="moved"),
)


def asked(event: ev.PersonEvent, *before: ev.AnyEvent) -> type[WorkError] | None:
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        if before:
            journal.record(*before)
        try:
            journal.order(event)
        except WorkError as error:
            return type(error)
        return None


PEOPLE = {
    "add a trainee": (ev.WorkerRegistered(worker="new", role=Role.TRAINEE), "sys tess"),
    "add an operator": (ev.WorkerRegistered(worker="new", role=Role.OPERATOR), "sys tess"),
    "add a technician": (ev.WorkerRegistered(worker="new", role=Role.TECHNICIAN), "sys"),
    "add systems": (ev.WorkerRegistered(worker="new", role=Role.SYSTEMS), "sys"),
    "promote to operator": (ev.WorkerRoleChanged(worker="tim", role=Role.OPERATOR), "sys tess"),
    "promote to technician": (ev.WorkerRoleChanged(worker="bea", role=Role.TECHNICIAN), "sys"),
    "demote a technician": (ev.WorkerRoleChanged(worker="tess", role=Role.OPERATOR), "sys"),
    "end an operator": (ev.WorkerLeft(worker="bea", reason="x"), "sys tess"),
    "end a technician": (ev.WorkerLeft(worker="tess", reason="x"), "sys"),
    "erase": (ev.WorkerLeft(worker="bea", erased=True, reason="x"), "sys"),
    "erase one who left": (ev.WorkerLeft(worker="gone", erased=True, reason="x"), "sys"),
}


@for_each(("what", "who"), list(itertools.product(PEOPLE, ["sys", "tess", "bea", "tim", "nobody", "gone"])))
def test_who_may_do_what_to_people(what: str, who: str) -> None:
    event, allowed = PEOPLE[what]
    refused = asked(msgspec.structs.replace(event, operator=who), *STAFF)
    expected = WorkerGone if who == "gone" else None if who in allowed.split() else NotAllowed
    assert refused is expected


@for_each(
    ("event", "before", "refused"),
    [
        (ev.WorkerRegistered(worker="first", role=Role.SYSTEMS), (), None),
        (ev.WorkerRegistered(worker="x", role=Role.SYSTEMS), STAFF[2:4], None),
        (ev.WorkerRegistered(worker="sys", role=Role.TRAINEE, operator="sys"), STAFF, WorkerTaken),
        (ev.WorkerRoleChanged(worker="sys", role=Role.OPERATOR, operator="sys"), STAFF, NotAllowed),
        (ev.WorkerLeft(worker="sys", reason="x", operator="sys"), STAFF, NotAllowed),
        (ev.WorkerLeft(worker="sys", erased=True, reason="x", operator="sys"), STAFF, NotAllowed),
        (ev.WorkerLeft(worker="bea", operator="sys"), STAFF, ReasonMissing),
        (ev.WorkerLeft(worker="never", reason="x", operator="sys"), STAFF, WorkerUnknown),
        (ev.WorkerRoleChanged(worker="never", role=Role.TRAINEE, operator="sys"), STAFF, WorkerUnknown),
        (ev.WorkerRoleChanged(worker="gone", role=Role.TRAINEE, operator="sys"), STAFF, WorkerGone),
    ],
)
def test_what_cannot_be_done_to_people(
    event: ev.PersonEvent, before: tuple[ev.AnyEvent, ...], refused: type[WorkError] | None
) -> None:
    assert asked(event, *before) is refused


def test_the_role_of_an_operator_as_events_name_one() -> None:
    with closing(in_memory()) as sql:
        JournalStore(sql, FakeClock()).record(*STAFF)
        found = {who: workers.role_of(sql, who) for who in ("sys", "tim", "gone", "operator", "")}
    assert found == {
        "sys": Role.SYSTEMS,
        "tim": Role.TRAINEE,
        "gone": None,
        "operator": Role.OPERATOR,
        "": Role.OPERATOR,
    }


def test_whoever_left_does_not_come_back_under_the_same_id() -> None:
    with closing(in_memory()) as sql:
        again = ev.WorkerRegistered(worker="gone", role=Role.SYSTEMS)
        JournalStore(sql, FakeClock()).record(
            *STAFF, again, ev.WorkerRoleChanged(worker="gone", role=Role.SYSTEMS), ev.WorkerLeft(worker="gone")
        )
        assert workers.all_of(sql)["gone"] == (Role.OPERATOR, "left")


# --- names and roles together ---------------------------------------------------------------------------------------


def test_whom_a_name_means(tmp_path: Path) -> None:
    people = People(tmp_path / "people.db")
    for worker in ("sys", "bea", "gone", "cut"):
        people.add(f"w-{worker}", worker, worker.title())
    store = open_store(tmp_path / "journal.db", FakeClock())
    try:
        store.journal.record(
            ev.WorkerRegistered(worker="w-sys", role=Role.SYSTEMS),
            ev.WorkerRegistered(worker="w-bea", role=Role.OPERATOR),
            ev.WorkerRegistered(worker="w-gone", role=Role.TECHNICIAN),
            ev.WorkerRegistered(worker="w-erased", role=Role.OPERATOR),
            ev.WorkerLeft(worker="w-gone", reason="x"),
            ev.WorkerLeft(worker="w-erased", erased=True, reason="x"),
            ev.WorkerRegistered(worker="clerk7", role=Role.OPERATOR),
            ev.WorkerLeft(worker="clerk7", erased=True, reason="x"),
        )
        force = Workforce(people, store.queries)
        assert force.resembles("Clerk 7", ""), "no program takes the id of an erased worker"
        assert not force.resembles("clerk8", "")
        found = {name: force.find(name) for name in ("BEA", "w-bea", "gone", "w-erased", "cut", "nobody", "a\x1b[2Jb")}
    finally:
        assert store.close()
    bea = Worker(id="w-bea", name="Bea", role=Role.OPERATOR, registered=True)
    assert found == {
        "BEA": bea,
        "w-bea": bea,
        "gone": Worker(id="w-gone", name="Gone", role=None, registered=True),
        "w-erased": Worker(id="w-erased", name="", role=None, registered=True),
        "cut": Worker(id="cut", name="cut", role=Role.OPERATOR),
        "nobody": Worker(id="nobody", name="nobody", role=Role.OPERATOR),
        "a\x1b[2Jb": Worker(id="a[2Jb", name="a[2Jb", role=Role.OPERATOR),
    }


def test_the_bench_looks_again_when_people_change(tmp_path: Path) -> None:
    """The effect of `station people erase` on a running station: the event is journaled, and the bench checks who is
    signed on."""
    told: list[Command] = []
    store = open_store(tmp_path / "journal.db", FakeClock())
    service = service_of(Settings(), tmp_path, store)
    service._bench.submit = told.append  # type: ignore[method-assign]
    try:
        service.order([ev.WorkerRegistered(worker="w-1", role=Role.SYSTEMS)], THIS_PROGRAM)
        assert told == [SignOn()]
        with pytest.raises(NotAllowed):
            service.order([ev.WorkerLeft(worker="w-1", reason="x", operator="w-1")], THIS_PROGRAM)
        service.order([ev.RetrainingHeld(worker="w-1", operator="w-1")], THIS_PROGRAM)
        assert told == [SignOn(), SignOn()], "an order may concern the current item"
        assert store.queries.workers() == {"w-1": (Role.SYSTEMS, "active")}
    finally:
        assert store.close()


def test_a_name_is_an_id_before_it_is_a_login(tmp_path: Path) -> None:
    people = People(tmp_path / "people.db")
    people.add("w-2", "ann", "Ann")
    people.add("ann", "bea", "Bea")
    people.add("w-1", "tim", "Tim")
    found = [people.named(name) for name in ("ann", "BEA", "w-1", "nobody")]
    assert [person and person.name for person in found] == ["Bea", "Bea", "Tim", None]
