"""`station callnumber anscr BARCODE`: an item of the catalog index or of the library system; and what the bench says of
it.

The recording is that of the Library of Congress's sample (docs/reference/systems.md#genuine-records), by its fields:
100 Eben, 245 The organ music of Petr Eben, 700 Schiager, 028 CDA67194, 008/18-19 uu, 650 Organ music.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.cli import station
from tests.support.alma_process import CANARY, AlmaProcess, fictitious

BARCODE = "31999000000014"
OTHER = "31999000000022"
BOOK = "31999000000030"
NUMBER = "GO EBEN OMP S94"


def field(tag: str, indicators: str, *pairs: tuple[str, str]) -> Field:
    return Field(tag, Indicators(*indicators), [Subfield(code, value) for code, value in pairs])


def organ_music(*items: tuple[str, str], kind: str = "j") -> Record:
    """Return the recording, with items as (barcode, call number)."""
    made = Record()
    made.leader = Leader(f"00000n{kind}m a2200000 a 4500")
    made.add_field(
        Field("001", data="5"),
        Field("008", data="000000s2000    enkuun              zxx  "),
        field("028", "02", ("a", "CDA67194"), ("b", "Hyperion")),
        field("100", "1 ", ("a", "Eben, Petr,"), ("d", "1929-")),
        field("245", "14", ("a", "The organ music of Petr Eben.")),
        field("650", " 0", ("a", "Organ music.")),
        field("700", "1 ", ("a", "Schiager, Halgeir."), ("4", "prf")),
        *(field("949", "  ", ("a", number), ("w", "ANSCR"), ("i", barcode)) for barcode, number in items),
    )
    return made


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    text = '[library]\nisil = "US-TxDa"\n[catalog]\nprofile = "symphony-949"\nscheme = "anscr"\n'
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    records = [organ_music((BARCODE, ""), (OTHER, "GO EBEN OMP S95")), organ_music((BOOK, ""), kind="a")]
    (tmp_path / "cds.mrc").write_bytes(b"".join(one.as_marc() for one in records))

    def runs(*words: str) -> Result:
        return CliRunner().invoke(station, ["--data", str(tmp_path), *words])

    assert runs("catalog", "import", str(tmp_path / "cds.mrc")).exit_code == 0
    return runs


def test_an_item_of_the_index(run: Callable[..., Result]) -> None:
    done = run("callnumber", "anscr", BARCODE)
    assert done.exit_code == 0, done.output
    assert [line.strip() for line in done.stdout.splitlines()][:3] == [
        f"{BARCODE}: The organ music of Petr Eben",
        "GO: 6XX says Organ music: organ",
        NUMBER,
    ]


def test_the_items_own_number_is_checked(run: Callable[..., Result]) -> None:
    done = run("callnumber", "anscr", OTHER, "--json")
    made = json.loads(done.stdout)
    assert (done.exit_code, made["checked"], made["barcode"]) == (1, "GO EBEN OMP S95", OTHER)
    assert [term for term, _, _ in made["findings"]] == [4]
    assert run("callnumber", "anscr", OTHER, "--check", NUMBER).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((BOOK,), "not of a sound recording"),
        (("31999000000048",), "31999000000048"),
        (("cds.xml",), "there is no file cds.xml"),
        ((BARCODE, "--record", "2"), "--record needs a FILE"),
        ((BARCODE, "--live"), "No library system is configured"),
    ],
)
def test_what_cannot_be_done_is_said(run: Callable[..., Result], words: tuple[str, ...], said: str) -> None:
    done = run("callnumber", "anscr", *words)
    assert done.exit_code not in (0, 70)
    assert said in done.output


def test_the_bench_is_told(run: Callable[..., Result]) -> None:
    """What the index says of an item is what the card of the bench shows."""

    def standing(barcode: str) -> list[str]:
        found: list[str] = json.loads(run("catalog", "show", barcode, "--json").stdout)["standing"]
        return found

    assert standing(BARCODE) == [f"ANSCR number by the record: {NUMBER}. A person confirms the category."]
    assert standing(OTHER) == ["The ANSCR number does not agree with the record in term 4."]
    assert standing(BOOK) == []


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


def test_an_item_of_the_library_system(run: Callable[..., Result], alma: AlmaProcess, tmp_path: Path) -> None:
    item = fictitious(BARCODE)
    item["holding_data"] |= {"call_number": "GO EBEN OMP S95", "call_number_type": {"value": "7", "desc": None}}
    fields = "".join(
        f'<datafield tag="{one.tag}" ind1="{one.indicators[0]}" ind2="{one.indicators[1]}">'
        + "".join(f'<subfield code="{part.code}">{part.value}</subfield>' for part in one.subfields)
        + "</datafield>"
        for one in organ_music().fields
        if not one.is_control_field() and one.indicators
    )
    control = '<controlfield tag="008">000000s2000    enkuun              zxx  </controlfield>'
    record = f"<record><leader>00000njm a2200000 a 4500</leader>{control}{fields}</record>"
    alma.reset({BARCODE: item}, {"bibs": {"99": record}})
    (tmp_path / "credentials").mkdir(mode=0o700)
    (tmp_path / "credentials" / "alma").write_text(CANARY)
    (tmp_path / "credentials" / "alma").chmod(0o600)
    with (tmp_path / "station.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[delivery.alma]\nenabled = true\nbase_url = "{alma.base_url}"\nlook_up_s = 60.0\n')
    done = run("callnumber", "anscr", BARCODE, "--live")
    assert done.exit_code == 0, done.output
    assert NUMBER in done.stdout
