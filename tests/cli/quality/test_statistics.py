"""`station quality stats` and `station quality sampling`: their output as text, JSON, CSV and SVG."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from station.base.installation import install_command
from station.base.spreadsheet import FORMULA, as_csv, cell
from station.base.text import clean
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.findings import Finding, Outcome, Severity
from station.domain.sampling import Group
from station.domain.verdict import Verdict
from station.quality.sampling.draws import sample_of
from station.quality.statistics import exact
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import chart
from station.reports.statistics_text import notes
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_writer
from tests.store.projections.test_sampling import Desk, item

SEED = "00112233445566778899aabbccddeeff"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    text = template(**{"library.isil": "US-TxDa", "station.operator": "ann"})
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(data: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(station, ["--data", str(data), *map(str, words)])


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def work(data: Path, count: int = 60, bad: int = 3, vendor: str = "", worker: str = "ann") -> None:
    """Record this many items of one worker, the first ones bad."""
    with closing(open_writer(data / JOURNAL)) as sql:
        desk = Desk(sql, worker=worker)
        desk.seeds = (
            f"{random.Random(f'{worker}{vendor}{number}').getrandbits(128):032x}" for number in itertools.count()
        )
        for number in range(count):
            desk.one(Outcome.FAIL if number < bad else Outcome.PASS, item(number + 1000 * len(vendor), vendor))


def test_a_share_never_comes_without_its_interval(run: Callable[..., Result], data: Path) -> None:
    """Sixty items, of which the first three are bad. All three are asked about, because the worker is new."""
    work(data)
    said = run("quality", "stats", "--by", "material").stdout
    assert "book" in said and "%" in said and " to " in said and "confidence range" in said
    (row,) = value(run("quality", "stats", "--by", "material", "--json"))
    person = row["person"]
    assert row["tally"]["judged"] == 60
    assert person["found"] == 3
    assert 0 < person["low"] < person["found"] / person["of"] < person["high"] < 1


def test_twenty_clean_items_say_little(run: Callable[..., Result], data: Path) -> None:
    """By hand: 1 - 0.025^(1/20) = 0.1684."""
    work(data, count=2, bad=0)
    (row,) = value(run("quality", "stats", "--by", "worker", "--json"))
    assert row["person"]["high"] == pytest.approx(1 - 0.025**0.5)
    assert "0 of 2: 0.0 % (0.0 to 84.2 %)" in run("quality", "stats", "--by", "worker").stdout


def test_by_vendor_and_one_only(run: Callable[..., Result], data: Path) -> None:
    work(data, vendor="Baker")
    work(data, vendor="Gobi", bad=0)
    names = [row["tally"]["subject"] for row in value(run("quality", "stats", "--by", "vendor", "--json"))]
    assert names == ["Baker", "Gobi"]
    (only,) = value(run("quality", "stats", "--by", "vendor", "--only", "Gobi", "--json"))
    assert only["tally"]["bad"] == 0
    assert value(run("quality", "stats", "--by", "vendor", "--since", "2099-01-01", "--json")) == []


def test_nothing_yet(run: Callable[..., Result]) -> None:
    assert "No item has a verdict yet" in run("quality", "stats").stdout
    assert "No item was checked by a person yet" in run("quality", "stats", "--chart").stdout
    assert value(run("quality", "stats", "--json")) == []
    assert "no one's work" in run("quality", "sampling", "state").stdout
    assert run("quality", "sampling", "replay").exit_code == 0


def test_charts_in_the_terminal_as_csv_and_as_a_picture(run: Callable[..., Result], data: Path) -> None:
    work(data, count=400, bad=12)
    said = run("quality", "stats", "--chart", "--group", "10", "--svg", data / "chart.svg")
    assert said.exit_code == 0, said.output
    assert "above the limit" in said.stdout and "is too small to show progress" in said.stdout
    (chart,) = value(run("quality", "stats", "--chart", "--group", "10", "--json"))
    points = chart["chart"]["points"]
    assert sum(point["group"]["bad"] for point in points) == 12
    assert points[0]["where"] == "above"
    rows = list(csv.DictReader(io.StringIO(run("quality", "stats", "--chart", "--group", "10", "--csv").stdout)))
    assert [int(row["bad"]) for row in rows] == [point["group"]["bad"] for point in points]
    picture = ElementTree.fromstring((data / "chart.svg").read_text(encoding="utf-8"))
    assert "above the limit" in "".join(picture.itertext())


def test_hostile_names_are_harmless_everywhere(run: Callable[..., Result], data: Path) -> None:
    name = '=HYPERLINK("http://x","<b>&")'
    work(data, vendor=name)
    rows = list(csv.reader(io.StringIO(run("quality", "stats", "--by", "vendor", "--csv").stdout)))
    assert rows[1][0] == f"'{name}"
    run("quality", "stats", "--by", "vendor", "--svg", data / "chart.svg")
    assert name in "".join(ElementTree.fromstring((data / "chart.svg").read_text(encoding="utf-8")).itertext())


@given(st.lists(st.lists(st.text() | st.integers() | st.floats(allow_nan=False), min_size=1), max_size=5))
def test_any_table_is_rfc_4180_and_holds_no_formula(rows: list[list[str | int | float]]) -> None:
    text = as_csv(rows)
    assert "\0" not in text
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    shown = [[cell(one) for one in row] for row in rows]
    assert read == [row if row != [""] else [""] for row in shown]
    for row, cells in zip(rows, read, strict=True):
        for one, said in zip(row, cells, strict=True):
            if isinstance(one, str):
                assert not said.startswith(FORMULA)
                plain = clean(one, 32_766)
                assert said in (plain, f"'{plain}"), "only the cleaned text, at most with an apostrophe"
            else:
                assert type(one)(said) == one, "a whole number must keep all its digits"


@pytest.mark.parametrize(
    "words",
    [
        ("stats", "--since", "yesterday"),
        ("stats", "--by", "colour"),
        ("stats", "--csv", "--json"),
        ("stats", "--chart", "--group", "1"),
        ("stats", "--svg", "/nowhere/at/all.svg"),
        ("sampling", "draw", SEED, "10", "11"),
        ("sampling", "plan", "--rate", "1"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert run("quality", *words).exit_code == 2


# --- sampling -------------------------------------------------------------------------------------------------------


def test_plans_of_the_settings_and_of_any_numbers(run: Callable[..., Result]) -> None:
    levels = value(run("quality", "sampling", "plan", "--json"))
    assert [(row["level"], row["plan"]["sample"]) for row in levels[:2]] == [("new", 114), ("tightened", 76)]
    said = run("quality", "sampling", "plan", "--confidence", "0.95", "--rate", "0.01").stdout
    assert "299 good in succession" in said
    (row,) = value(run("quality", "sampling", "plan", "--lot", "100", "--rate", "0.01", "--json"))
    assert row["plan"]["sample"] == 90
    assert row["passes"]["0.01"] == pytest.approx(0.1)


def test_a_site_with_its_own_table(run: Callable[..., Result], data: Path) -> None:
    settings = (data / "station.toml").read_text(encoding="utf-8")
    (data / "station.toml").write_text(settings.replace('table = ""', 'table = "ours.toml"'), encoding="utf-8")
    assert run("quality", "sampling", "plan").exit_code == 3
    (data / "ours.toml").write_text('name = "ours"\nsource = "us"\n[new]\nin_succession = 0\n', encoding="utf-8")
    refused = run("quality", "sampling", "plan")
    assert refused.exit_code == 3 and "ours.toml, line 4" in refused.stderr
    (data / "ours.toml").write_text('name = "ours"\nsource = "us"\n[new]\nin_succession = 50\n', encoding="utf-8")
    assert "every item, 50 good" in run("quality", "sampling", "plan").stdout


def switch_on(data: Path) -> None:
    text = (data / "station.toml").read_text(encoding="utf-8")
    before, head, after = text.partition("[sampling]")
    (data / "station.toml").write_text(before + head + after.replace("enabled = false", "enabled = true", 1), "utf-8")


def test_the_doctor_says_what_is_asked(run: Callable[..., Result], data: Path) -> None:
    assert "off: every confirmation is asked for every item" in run("doctor").stdout
    switch_on(data)
    assert "every item until 114 in succession are good, then 102 of 500" in run("doctor").stdout


@pytest.mark.parametrize("words", [("quality", "sampling", "plan"), ("run",), ("quality", "stats")])
def test_without_scipy_it_is_said_what_to_install(
    run: Callable[..., Result], data: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    switch_on(data)
    work(data, count=2, bad=0)
    exact._stats.cache_clear()
    exact._special.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.setitem(sys.modules, "scipy", None)
    refused = run(*words)
    exact._stats.cache_clear()
    exact._special.cache_clear()
    assert refused.exit_code == 65
    command = install_command("scipy", "statistics")
    assert f'The package scipy is missing. Install it with "{command}".' in refused.stderr


def test_a_table_that_says_all_needs_no_scipy(
    run: Callable[..., Result], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(data)
    text = (data / "station.toml").read_text(encoding="utf-8").replace('table = ""', 'table = "ours.toml"')
    (data / "station.toml").write_text(text, encoding="utf-8")
    rows = "".join(f"[[{level}]]\nlot_from = 100\nlot_to = 900\nsample = 50\n" for level in ("normal", "reduced"))
    runs = "".join(f"[{level}]\nin_succession = 30\n" for level in ("new", "tightened"))
    (data / "ours.toml").write_text(f'name = "ours"\nsource = "us"\n{runs}{rows}', encoding="utf-8")
    exact._stats.cache_clear()
    exact._special.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert "every item until 30 in succession are good, then 50 of 500" in run("doctor").stdout
    exact._stats.cache_clear()
    exact._special.cache_clear()


def test_what_twenty_items_tell(run: Callable[..., Result]) -> None:
    """By hand: 1 - 0.025^(1/20) = 0.1684."""
    assert (
        run("quality", "sampling", "tells", 20).stdout == "0 of 20: between 0.0 and 16.8 % of all are bad, 95 % sure\n"
    )
    assert value(run("quality", "sampling", "tells", 20, 20, "--json"))["high"] == 1
    assert run("quality", "sampling", "tells", 20, 21).exit_code == 2


def test_a_draw_done_again(run: Callable[..., Result]) -> None:
    drawn = value(run("quality", "sampling", "draw", SEED, 30, 5, "--json"))["drawn"]
    assert set(drawn) == sample_of(SEED, 30, 5)
    said = run("quality", "sampling", "draw", SEED, 30, 5, drawn[0]).stdout
    assert said.startswith(f"{drawn[0]}: asked (")


def test_state_replay_and_what_was_not_asked(run: Callable[..., Result], data: Path) -> None:
    with closing(open_writer(data / JOURNAL)) as sql:
        desk = Desk(sql)
        desk.one(), desk.one()
        left: list[str] = []
        for number in range(10):
            record, drawn = desk.drawn(item(100 + number))
            if drawn.asked:
                desk.judged(record, drawn, Outcome.FAIL)
                break
            desk.judged(record, drawn)
            left.append(record.barcode)  # type: ignore[attr-defined]
    assert "tightened" in run("quality", "sampling", "state").stdout
    found = value(run("quality", "sampling", "replay", "--json"))
    assert found["problems"] == [] and found["draws"] == len(left) + 1
    said = value(run("quality", "sampling", "unasked", "worker", "ann", "--json"))
    assert said["items"] == left
    refused = run("quality", "sampling", "unasked", "worker", "ann", "--recheck", "--operator", "ann")
    assert refused.exit_code != 0 and "train" in refused.stderr
    assert run("people", "add", "sue", "--name", "Sue", "--role", "systems").exit_code == 0
    asked = ("quality", "sampling", "unasked", "worker", "ann", "--recheck", "--operator", "sue", "--json")
    (lot,) = value(run("quality", "sampling", "rejected", "--operator", "sue", "--json"), 1)
    assert (lot["items"], lot["unordered"]) == (left, left)
    assert f"{len(left)} not ordered" in run("quality", "sampling", "rejected", "--operator", "sue").stdout
    board = value(run("board", "--json"), 1)["lots"]
    assert board["count"] == 1 and f"{len(left)} not ordered" in board["oldest"][0]
    assert "! 1 rejected lot to go through" in run("board").stdout
    numbered = ("quality", "sampling", "unasked", "worker", "ann", "--lot", lot["lot"], "--json")
    assert value(run(*numbered))["items"] == left
    assert value(run(*numbered[:-2], lot["lot"] + 1, "--json"))["lot"] is None
    assert value(run(*asked))["ordered"] == left
    (lot,) = value(run("quality", "sampling", "rejected", "--operator", "sue", "--json"), 1)
    assert (lot["items"], lot["unordered"]) == (left, [])
    assert value(run("quality", "sampling", "rejected", "--operator", "bea", "--json")) == [], "not another's"
    queue = value(run("corrections", "list", "--operator", "sue", "--json"))
    found = {one["barcode"]: one for one in queue}
    assert [found[barcode]["kind"] for barcode in left] == ["recheck"] * len(left)
    assert {found[barcode]["worker"] for barcode in left} == {"ann"}
    assert value(run(*asked))["ordered"] == [], "an open order must not be repeated"
    assert value(run("quality", "sampling", "unasked", "vendor", "Baker", "--json"))["lot"] is None


def test_a_draw_that_does_not_follow_is_found(run: Callable[..., Result], data: Path) -> None:
    with closing(open_writer(data / JOURNAL)) as sql:
        desk = Desk(sql)
        desk.one(), desk.one()
        record = item(77)
        drawn, _ = desk.sampler.draw(record, 1, "ann")
        (one,) = drawn.draws
        turned = msgspec.structs.replace(drawn, draws=(msgspec.structs.replace(one, asked=not one.asked),))
        desk.journal.record(turned)
    found = run("quality", "sampling", "replay")
    assert found.exit_code == 1
    assert "is not what its seed gives" in found.stdout


def test_finding_with_a_machine_fault_is_the_machines(run: Callable[..., Result], data: Path) -> None:
    with closing(open_writer(data / JOURNAL)) as sql:
        desk = Desk(sql)
        record = item(1)
        fault = Finding("tag", "The tag", Severity.CRITICAL, Outcome.FAIL, "machine")
        good = Finding("label", "The label", Severity.MAJOR, Outcome.PASS, "ann")
        desk.journal.record(desk.verdict(record, [fault, good], Verdict.FAIL))
    (row,) = value(run("quality", "stats", "--by", "material", "--json"))
    assert (row["person"]["found"], row["person"]["of"]) == (0, 1)
    assert (row["machine"]["found"], row["machine"]["of"]) == (1, 1)


def test_one_worker_does_not_see_another(run: Callable[..., Result], data: Path) -> None:
    work(data, count=5, bad=0, worker="ann")
    work(data, count=5, bad=1, worker="bea")
    mine = value(run("quality", "stats", "--by", "worker", "--json"))
    assert [row["tally"]["subject"] for row in mine] == ["ann"]
    for words in (("stats", "--by", "worker", "--only", "bea"), ("sampling", "unasked", "worker", "bea")):
        refused = run("quality", *words)
        assert refused.exit_code != 0 and "see-others" in refused.stderr
    assert [row["stream"]["subject"] for row in value(run("quality", "sampling", "state", "--json"))] == ["ann"]
    assert run("people", "add", "tess", "--role", "technician").exit_code == 0
    seen = value(run("quality", "stats", "--by", "worker", "--operator", "tess", "--json"))
    assert [row["tally"]["subject"] for row in seen] == ["ann", "bea"]
    assert len(value(run("quality", "sampling", "state", "--operator", "tess", "--json"))) == 2


@pytest.mark.parametrize(("bad", "said"), [(0, "None was bad so far"), (50, "All were bad so far")])
def test_a_chart_without_anything_to_compare_says_which(bad: int, said: str) -> None:
    groups = [Group(subject="a", number=n, first_at="", last_at="", looked=50, bad=bad) for n in range(1, 4)]
    (note,) = notes(chart(groups, ExactDistributions()))
    assert note.startswith(said)
