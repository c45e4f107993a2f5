"""The manual and the reference pages against the program: sentences, rules, events, states, profiles, keys, frames."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable

import pytest

from benchmarks import minimum
from station.acquisitions import purchase_orders
from station.base.errors import walk
from station.base.words import english
from station.base.words.telling import what_to_do
from station.catalog.labels import Difference, Template, compare, template
from station.catalog.record import profiles
from station.domain.deliveries.delivery import DeliveryState
from station.domain.events import AnyEvent
from station.domain.item import ITEM_STATUSES
from station.drivers.feig.table import COMMANDS as FEIG
from station.drivers.threem import commands as threem
from station.drivers.threem.frame import START
from station.drivers.threem.reader import BAUD, SILENCE_S
from station.drivers.threem.reading import MOST_READ, SAFE_BLOCKS
from station.manual.markdown import plain
from station.quality.rules import Applies, Rule
from station.tui.drawing.words import LIGHTS
from station.tui.workflows.actions import DEMO_KEYS
from tests.conftest import ROOT
from tests.docs.pages import rows, text
from tests.support.for_each import for_each
from tests.support.told import told

STOPS = "docs/operator/when-it-stops.md"
NOT_AT_THE_BENCH = {
    "capture-unreadable",
    "replay-diverged",
    "control-refused",
    "dump-unreadable",
    "import-barcodes",
    "import-few-call-numbers",
    "import-few-items",
    "file-not-marc",
    "import-refused",
    "not-finished",
    "packing-list-refused",
    "undecodable",
    "vendor-file-refused",
}
"""Only the command line reports these, or (undecodable) `encoding.recognition.recognise` turns them into a judgment."""


SENTENCES = {key: entry.forms[0] for key, entry in english().entries.items()}


def gate_faults() -> dict[str, str]:
    """Return code -> constant beginning of the sentence, for every fault that is not a program error."""
    codes = re.findall(r"^fault\.([a-z-]+)$", "\n".join(SENTENCES), re.M)
    return {
        code: SENTENCES[f"fault.{code}"].partition(" (")[0].partition("{")[0] for code in codes if code != "scan-again"
    }


FAULTS = {
    error.code: SENTENCES[f"error.{error.code}"]
    for error in walk()
    if "never raised itself" not in (error.__doc__ or "") and error.code not in NOT_AT_THE_BENCH
}


NO_STOP = {
    *("not-blind", "still-blind", "own-work", "correction-unknown", "correction-not-open", "reason-missing"),
    *("worker-unknown", "worker-taken", "sign-on-needed", "pin-wrong", "pin-wait", "pin-locked", "pin-missing"),
    *("pin-change-needed", "pin-unfit", "card-unknown", "card-unfit", "card-taken", "barcode-malformed", "bench-busy"),
    *("label-refused", "label-not-saved", "printer-failed", "undo-refused", "in-doubt", "screens-ended"),
    *("other-version", "station-busy", "station-closed", "journal-missing"),
    *("changed-meanwhile", "fresh-pin-needed", "receiving-refused", "departure-refused"),
    *("journal-restored", "backup-unusable", "passphrase-wrong", "update-kept"),
}
"""Codes of remarks, of dialogs and of the command line: the bench never stops with one of them, and their sentence says
all."""
OF_CONVERT = {"not-placed", "not-done", "not-good"}
"""Stops of bulk tagging, whose sentence has its own area of the catalog and its own page of the manual."""


@for_each(("code", "sentence"), sorted((FAULTS | gate_faults()).items()))
def test_the_manual_says_what_to_do_in_the_words_of_the_screen(code: str, sentence: str) -> None:
    lines = [line for line in text(STOPS).splitlines() if line.endswith(f"| `{code}` |")]
    assert len(lines) == 1, f"{code} needs one row in {STOPS}"
    said, advice = (plain(cell.strip()) for cell in lines[0].strip("|").split("|")[:2])
    assert said.startswith(sentence)
    assert (what_to_do(code) == "") == (code in NO_STOP), code
    assert advice.startswith(what_to_do(code)) and len(advice) > 8


def test_what_to_do_is_two_short_sentences_at_most() -> None:
    stops = {key.removeprefix("do."): said for key, said in SENTENCES.items() if key.startswith("do.")}
    assert set(stops) == (set(FAULTS | gate_faults()) | OF_CONVERT | {"scan-again"}) - NO_STOP
    for code, said in stops.items():
        sentences = re.findall(r"[^.]+\.", said)
        assert "".join(sentences) == said and len(sentences) <= 2, code
        assert all(len(sentence.split()) <= 12 for sentence in sentences), code


def test_the_manual_knows_no_code_that_is_gone() -> None:
    written = set(re.findall(r"\| `([a-z-]+)` \|$", text(STOPS), re.M))
    assert written == set(FAULTS | gate_faults())
    assert {"other-item", "second-tag", "other-part", "tag-belongs-to-unfinished"} <= set(gate_faults())


def test_small_remarks_are_those_of_the_bench() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "station/bench").rglob("*.py")))
    sentences = [re.sub(r"\{\w+\}", "...", one) for one in SENTENCES.values()]
    for remark, _ in rows(STOPS, "Small remarks"):
        assert f'"{remark}"' in source or any(one.startswith(remark) for one in sentences), remark


def test_the_lights_are_those_of_the_screen() -> None:
    assert rows("docs/operator/start.md", "What the lights mean") == [
        [light.symbol, light.word, light.meaning] for light in LIGHTS.values()
    ]


def test_the_demos_keys_are_those_of_the_screen() -> None:
    assert [row[0].lower() for row in rows("README.md", "make demo")] == list(DEMO_KEYS)


def test_fields_of_a_rule() -> None:
    assert [row[0] for row in rows("docs/quality.md", "## A rule file")] == list(Rule.__struct_fields__)
    assert [row[0] for row in rows("docs/quality.md", "Conditions in")] == list(Applies.__struct_fields__)


def test_events_and_states() -> None:
    kinds = {str(event.__struct_config__.tag) for event in typing.get_args(AnyEvent)}
    cells = " ".join(row[0] for row in rows("docs/journal.md", "## Events"))
    assert set(re.findall(r"[a-z]+(?:-[a-z]+)*", cells)) == kinds
    assert [row[0] for row in rows("docs/journal.md", "## Outbox")] == [str(state) for state in DeliveryState]


def dollars(codes: str, join: str = ", ") -> str:
    return join.join(f"${code}" for code in codes) or "-"


def profile_row(one: profiles.Profile) -> list[str]:
    """Return a profile as docs/catalog.md shows it."""
    held = one.kind == "holdings"
    at = f"{one.holdings_tag} " if held else ""
    number = dollars(one.call_number, " " if one.joined else ", ")
    if held and number == "-":
        number = "$k $h $i $m"
    first = "first indicator"
    scheme = f"{at}{first}" if one.indicator or (held and not one.scheme) else dollars(one.scheme)
    location = dollars(one.location)
    if held:
        location = f"{dollars(one.item_location)}, else {at}{location}" if one.item_location else f"{at}{location}"
    kind = dollars(one.item_type)
    if one.item_type_default:
        kind += f", else {one.item_type_default[:3]} ${one.item_type_default[3]}"
    library = f"{at}{dollars(one.library)}" if held else dollars(one.library)
    scheme = f"{at}{scheme}" if held and one.scheme else scheme
    part = dollars(one.description) + (f", else {dollars(one.enumeration, ' ')}" if one.enumeration else "")
    rest = [*(dollars(codes) for codes in (one.copy, one.price, one.pieces)), part]
    return [one.name, one.tag, dollars(one.barcode), f"{at}{number}", scheme, library, location, kind, *rest]


def test_profiles() -> None:
    ready = [profiles.load(name) for name in profiles.PROFILE_NAMES]
    assert rows("docs/catalog.md", "## Profiles") == [profile_row(one) for one in ready]
    assert rows("docs/catalog.md", "## What is open") == [[one.name, one.about, one.open] for one in ready]
    assert [row[0] for row in rows("docs/catalog.md", "## A profile of your own")] == list(
        profiles.Profile.__struct_fields__
    )


def status_values(table: dict[str, str]) -> str:
    values = {status: [value for value, meant in table.items() if meant == status] for status in (*ITEM_STATUSES, "")}
    return "; ".join(f"{', '.join(named)}: {status or 'nothing'}" for status, named in values.items() if named)


def test_statuses_of_profiles() -> None:
    ready = [profiles.load(name) for name in profiles.PROFILE_NAMES]
    assert rows("docs/catalog.md", "The profile says where the system writes the status") == [
        [one.name, f"{place[:-1] or one.tag} ${place[-1]}", status_values(dict(table))]
        for one in ready
        for place, table in one.statuses.items()
    ]
    page = text("docs/catalog.md").partition("## Item status")[2].partition("The profile says")[0]
    assert all(f"`{status}`" in page for status in ITEM_STATUSES)


@pytest.mark.parametrize(("page", "read"), [("docs/catalog.md", profiles.own), ("docs/labels.md", template.parse)])
def test_the_example_of_a_file_of_ones_own_is_sound(page: str, read: Callable[[str, str], object]) -> None:
    block = text(page).partition('    name = "ours"')
    assert read("\n".join(line[4:] for line in (block[1] + block[2].partition("\n\n")[0]).splitlines()), "ours.toml")


def test_order_profiles() -> None:
    keys = (
        *("tag", "price", "net_price", "fund", "quantity", "library", "location", "vendor", "invoice", "invoice_date"),
        "vendor_number",
    )
    assert rows("docs/catalog.md", "## Orders") == [
        [one.name, one.tag, *(dollars(getattr(one, key)) for key in keys[1:])]
        for one in map(purchase_orders.load, purchase_orders.ORDER_NAMES)
    ]


def test_label_templates() -> None:
    page = "docs/labels.md"
    ready = [template.shipped(name) for name in template.SHIPPED]
    assert rows(page, "### Templates") == [[one.name, one.about, str(one.width), str(one.height)] for one in ready]
    switches = {row[0]: row[1] for row in rows(page, '"LAW+REF" = "LAW;REF"')}
    fields = [name for name in Template.__struct_fields__ if name not in ("name", "about")]
    assert list(switches) == fields
    plain = Template(name="plain")
    for name in fields:
        match getattr(plain, name):
            case bool(default):
                said = "true" if default else "false"
            case "" | () | {}:
                said = "nothing"
            case tuple(default):
                said = ", ".join(map(str, default))
            case default:
                said = str(default)
        assert switches[name].startswith(said), name


def test_differences_of_a_label() -> None:
    said = dict(rows("docs/labels.md", "### Comparing"))
    assert list(said) == [kind.value for kind in Difference]
    examples = {
        "missing": ("QA", "76.9", ".D3", "2004"),
        "extra": ("QA", "76.9", ".D3", "D38", "c.2", "2004"),
        "other": ("QA", "76.9", ".E3", "D38", "2004"),
        "looks-alike": ("QA", "76.9", ".D3", "D38", "2OO4"),
        "spacing": ("qa", "76.9", ".D3", "D38", "2004"),
    }
    for kind, seen in examples.items():
        (one,) = compare(("QA", "76.9", ".D3", "D38", "2004"), seen)
        assert (one.kind.value, told(one.sentence)) == (kind, said[kind])


def test_feig_commands_and_figures() -> None:
    rows_of_manual = {(f"{row.code:02X}", None if row.sub is None else f"{row.sub:02X}") for row in FEIG}
    for cell, *_ in rows("docs/readers/feig.md", "## Commands the station sends"):
        for piece in cell.split(","):
            code, _, sub = piece.strip().partition(" ")
            assert (code, sub or None) in rows_of_manual, piece
    page = text("docs/readers/feig.md")
    for figure in (minimum.BYTE, minimum.T1, minimum.T2, minimum.T3, minimum.EOF):
        assert f"{figure * 1e6:g} us" in page
    assert f"{minimum.TPROG * 1e3:g} ms" in page
    assert f"{minimum.PSST * 1e3:g} ms" in page
    assert f"{minimum.RF_RESET * 1e3:g} ms" in page


def test_3m_commands_and_limits() -> None:
    said = {
        piece.strip()
        for cell, *_ in rows("docs/readers/3m.md", "## Commands the station sends")
        for piece in cell.split(",")
    }
    plain = {f"{row.code:02X}" for row in threem.COMMANDS if row.start == START} | {"D5 04"}
    assert said <= plain
    page = text("docs/readers/3m.md")
    assert f"{SAFE_BLOCKS} in a write and {MOST_READ} in a read unless set" in page
    assert f"{SILENCE_S * 1e3:g} ms of silence" in page
    assert f"{BAUD} baud" in page
    assert f"{threem.MOST_BLOCKS}" in page


def test_the_unit_runs_the_station_and_holds_no_key() -> None:
    unit = text("hardware/station.service")
    assert "/station run" in unit
    for line in ("Type=simple", "TTYPath=", "Restart=on-failure", "ImportCredential=alma"):
        assert line in unit
