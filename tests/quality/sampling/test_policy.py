"""Policies: computed, from the site's table, and refused with the line of a contradiction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import SettingsError
from station.base.settings import Sampling
from station.domain.sampling import Plan
from station.quality.sampling.policy import parse, policy_of
from station.quality.statistics.exact import ExactDistributions
from tests.quality.statistics import oracle
from tests.support.for_each import for_each
from tests.support.told import told

HEAD = 'name = "ours"\nsource = "made up for this test"\n'
FULL = (
    HEAD
    + """
[new]
in_succession = 40

[tightened]
in_succession = 20

[[normal]]
lot_from = 51
lot_to = 280
sample = 20
accept = 1

[[normal]]
lot_from = 281
lot_to = 500
sample = 50
accept = 1

[[reduced]]
lot_from = 51
lot_to = 500
sample = 20
accept = 1
"""
)


class NotAsked:
    """Distributions that must not be used."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def test_the_settings_as_shipped() -> None:
    """By hand: 0.98^114 = 0.09994 <= 0.1 < 0.98^113; 500 items with 10 (25) bad pieces."""
    policy = policy_of(Sampling(), ExactDistributions())
    assert (policy.new.sample, policy.new.lot) == (114, 0)
    assert policy.tightened.sample == 76
    for plan, bad in ((policy.normal, 10), (policy.reduced, 25)):
        assert oracle.hypergeometric(0, plan.sample, 500, bad) <= oracle.Fraction(1, 10)
        assert oracle.hypergeometric(0, plan.sample - 1, 500, bad) > oracle.Fraction(1, 10)
    assert policy.normal.sample > policy.reduced.sample


def test_a_table_that_says_all_needs_no_statistics() -> None:
    policy = policy_of(Sampling(lot=300), NotAsked(), parse(FULL, "ours.toml"))  # type: ignore[arg-type]
    assert policy.new == Plan(lot=0, sample=40, source="ours")
    assert policy.tightened.sample == 20
    assert policy.normal == Plan(lot=300, sample=50, accept=1, source="ours")
    assert policy.reduced == Plan(lot=300, sample=20, accept=1, source="ours")


def test_what_a_table_leaves_out_is_computed() -> None:
    policy = policy_of(Sampling(), ExactDistributions(), parse(HEAD + "[new]\nin_succession = 40\n", "ours.toml"))
    assert (policy.new.source, policy.normal.source) == ("ours", "computed")


def change(old: str, new: str) -> str:
    assert FULL.count(old) >= 1
    return FULL.replace(old, new, 1)


@for_each(
    ("text", "said"),
    [
        ("x = [", "ours.toml: "),
        (FULL.replace(HEAD, ""), r"ours.toml, line 2: .*name"),
        (change("in_succession = 40", "in_succession = 0"), r"ours.toml, line 5: .*>= 1"),
        (change("accept = 1", "accept = -1"), r"ours.toml, line 14: .*>= 0"),
        (change("accept = 1", "limit = 1"), r"ours.toml, line 14: .*unknown field `limit`"),
        (change("sample = 50", "sample = 282"), r"ours.toml, line 16: normal: a sample of 282 from a lot of 281"),
        (change("accept = 1", "accept = 20"), r"ours.toml, line 10: normal: 20 bad ones of 20 are accepted"),
        (
            change("lot_from = 281", "lot_from = 280"),
            r"ours.toml, line 16: normal: lots from 280 are in the row before",
        ),
        (change("lot_to = 280", "lot_to = 50"), r"ours.toml, line 10: normal: lots from 51 to 50"),
        (change("[tightened]", "[relaxed]"), r"ours.toml, line 7: .*unknown field `relaxed`"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        parse(text, "ours.toml")


@pytest.mark.parametrize(
    ("settings", "text", "said"),
    [
        (Sampling(lot=501), FULL, "no row for it at the normal level"),
        (
            Sampling(lot=300),
            change("sample = 50", "sample = 10"),
            "reduced level looks at 20 items, the normal one at 10",
        ),
        (Sampling(lot=100), FULL.replace("accept = 1\n", "accept = 2\n", 1), "accepts fewer bad items"),
        (Sampling(target_rate=0.04), HEAD, "tightened_rate is 0.03, less than"),
        (Sampling(target_rate=0.06, tightened_rate=0.06), HEAD, "reduced_rate is 0.05, less than"),
    ],
)
def test_contradictions_are_refused(settings: Sampling, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        policy_of(settings, ExactDistributions(), parse(text, "ours.toml"))


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    for tried in (text, HEAD + text, FULL + text):
        said = ""
        try:
            parse(tried, "ours.toml")
        except SettingsError as error:
            said = told(error.detail)
        assert said == "" or said.startswith("ours.toml")
