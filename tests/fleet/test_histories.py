"""Random histories of benches and their center: lost, doubled and late batches, clones, older copies that continue or not, dead
machines that are restored and return, forged events. Nothing is lost, doubled or merged, and no right tag is stopped."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.fleet.history import History
from tests.support.postgres import PostgresServer

FEW, MANY = 8, 4000
OF_A_TEST = 2
"""Seeds of one test."""


@pytest.mark.parametrize(
    "first",
    [
        *range(0, FEW, OF_A_TEST),
        *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(FEW, MANY, OF_A_TEST)),
    ],
)
def test_nothing_is_lost_or_merged_and_no_right_tag_is_stopped(
    postgres_server: PostgresServer, tmp_path: Path, first: int
) -> None:
    for seed in range(first, first + OF_A_TEST):
        database = postgres_server.new_database()
        with contextlib.closing(History(postgres_server.address(database), tmp_path / str(seed), seed)) as history:
            history.run()
        postgres_server.drop(database)
