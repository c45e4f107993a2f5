"""A refusal says its cause first, then what to do, and names the option that answers it. The cause is never in parentheses
behind a general sentence."""

from __future__ import annotations

import re

import pytest

from station.base import words
from station.base.errors import (
    CorrectionUnknown,
    ExtraMissing,
    ItemWithdrawn,
    NotFinished,
    PackingRefused,
    ReasonMissing,
    ReceivingRefused,
    SettingsError,
    StationError,
    VendorFileRefused,
    walk,
)
from station.base.errors.base import ANSWERED_BY
from station.base.sentence import Sentence
from station.base.words import english_area, tell
from station.base.words.telling import command_message
from tests.conftest import ROOT
from tests.support.for_each import for_each

CAUSE = Sentence.verbatim("line 7 has no barcode")


def raised(kind: type[StationError], detail: Sentence) -> StationError:
    error = kind.__new__(kind)
    StationError.__init__(error, detail)
    return error


@for_each("language", ["en", "es"])
def test_no_error_has_its_cause_behind_its_sentence(language: str) -> None:
    words.use(language)
    for kind in walk():
        if kind is NotFinished:
            continue  # it carries the sentence of a fault
        for error in (raised(kind, CAUSE), raised(kind, Sentence("shipment.claim-vendors"))):
            for text in (
                tell(error.sentence),
                tell(error.with_detail),
                tell(error.with_remedy),
                command_message(error),
            ):
                cause = words.alone(tell(error.detail))
                assert f"({tell(error.detail)}" not in text, f"{error.code}: {text}"
                if cause in text:
                    assert text.startswith(cause), f"{error.code}: {text}"


@for_each("language", ["en", "es"])
def test_no_sentence_of_an_error_puts_a_value_in_parentheses(language: str) -> None:
    words.use(language)
    for key in english_area("error"):
        entry = words.entry_of(key)
        assert entry is not None and not any(re.search(r"\(\{", form) for form in entry.forms), key


LINE = Sentence("invoice.of-line", line="1", objection=Sentence("invoice.objection.not-here", invoiced=4, here=3))
SAID = {
    "okay": (
        ReceivingRefused(Sentence("invoicing.reason-needed", objection=LINE)),
        "Line 1: 4 invoiced, 3 here. Say why it may be paid: --reason.",
        "Línea 1: 4 facturados, 3 aquí. Diga por qué se puede pagar: --reason.",
    ),
    "packing list": (
        PackingRefused(Sentence("packing.at", file="a.csv", line=3, what=Sentence("box.no-reason"))),
        "a.csv, line 3: Say why.",
        "a.csv, línea 3: Diga por qué.",
    ),
    "package": (
        ExtraMissing(Sentence("command.missing-package", package="psycopg", command="pip install psycopg")),
        'The package psycopg is missing. Install it with "pip install psycopg".',
        "Falta el paquete psycopg. Instálelo con «pip install psycopg».",
    ),
    "vendor's file": (
        VendorFileRefused("cut off at byte 30"),
        "Cut off at byte 30. The file was not taken.",
        "Cut off at byte 30. El archivo no se aceptó.",
    ),
    "settings": (
        SettingsError("station.toml: no such key"),
        "station.toml: no such key. The settings cannot be used. Correct station.toml.",
        "station.toml: no such key. La configuración no se puede usar. Corrija station.toml.",
    ),
    "without a cause": (
        ReasonMissing(),
        "Nothing is closed without a reason. Give one: --reason.",
        "Nada se cierra sin motivo. Dé uno: --reason.",
    ),
    "name": (
        CorrectionUnknown("c-9"),
        "No correction has the number c-9.",
        "Ninguna corrección tiene el número c-9.",
    ),
    "title": (
        ItemWithdrawn("Dune"),
        '"Dune" leaves the library. Put it with the items that leave the library.',
        "«Dune» sale de la biblioteca. Póngalo con los ejemplares que salen de la biblioteca.",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_refusal_says_its_cause_then_what_to_do(name: str) -> None:
    error, *texts = SAID[name]
    for language, text in zip(("en", "es"), texts, strict=True):
        words.use(language)
        assert command_message(error) == text


def test_an_option_that_answers_a_refusal_is_one_of_the_commands() -> None:
    """The table names keys that exist, and fields that some command takes."""
    catalog = words.english().entries
    source = "".join(path.read_text("utf-8") for path in (ROOT / "station/cli").rglob("*.py"))
    for key, field in ANSWERED_BY.items():
        assert key in catalog and f'"--{field}"' in source, key
