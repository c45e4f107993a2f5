"""A grant of the authenticator is for one person, one purpose, one use, and a short time. Random steps are compared
with a model.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from station.base.settings import Settings
from station.domain.people.sign_on import SIGNING_ON, lending
from station.runtime.identity.authenticator import GRANT_S, Authenticator
from station.store.people.names import People
from tests.conftest import FakeClock

PURPOSES = [SIGNING_ON, lending(SIGNING_ON), lending("question-1")]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from(["w-1", "w-2"]), st.sampled_from(PURPOSES)),
        st.tuples(st.just("redeem"), st.integers(0, 1), st.sampled_from(PURPOSES)),
        st.tuples(st.just("pause"), st.sampled_from([1.0, GRANT_S / 2, GRANT_S]), st.just("")),
    ),
    min_size=4,
    max_size=30,
)


@given(STEPS)
def test_a_grant_is_good_once_in_time_and_for_its_purpose(steps: list[tuple[str, Any, str]]) -> None:
    clock, nobody = FakeClock(), cast(Any, None)
    people = People(Path(tempfile.gettempdir()) / "is-never-opened.db")
    authenticator = Authenticator(people, nobody, nobody, Settings(), clock)
    made: list[tuple[str, str, str, float]] = []
    used: set[str] = set()
    for what, value, purpose in steps:
        if what == "grant":
            made.append((authenticator.grant(value, purpose), value, purpose, clock.monotonic()))
        elif what == "pause":
            clock.pause(value)
        elif value < len(made):
            grant, worker, granted, at = made[value]
            good = grant not in used and granted == purpose and clock.monotonic() - at < GRANT_S
            assert authenticator.redeem(grant, purpose) == (worker if good else "")
            used.add(grant)
        else:
            assert authenticator.redeem("made up", purpose) == ""
    assert len({grant for grant, *_ in made}) == len(made)


def test_a_grant_that_is_late_is_good_for_nothing() -> None:
    clock, nobody = FakeClock(), cast(Any, None)
    authenticator = Authenticator(
        People(Path(tempfile.gettempdir()) / "is-never-opened.db"), nobody, nobody, Settings(), clock
    )
    early, late = authenticator.grant("w-1", SIGNING_ON), authenticator.grant("w-1", SIGNING_ON)
    clock.pause(GRANT_S - 1)
    assert authenticator.redeem(early, SIGNING_ON) == "w-1"
    clock.pause(1)
    assert authenticator.redeem(late, SIGNING_ON) == ""
