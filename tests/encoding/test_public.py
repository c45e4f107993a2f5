"""The public interface: its names, and every example of docs/encoding.md and of the docstrings, exactly as written."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from station import encoding
from station.base.errors import EncodingError
from tests.conftest import ROOT
from tests.encoding.page_examples import run
from tests.support.for_each import for_each

PAGE = ROOT / "docs" / "encoding.md"
MODULES = [info.name for info in pkgutil.walk_packages(encoding.__path__, "station.encoding.")]


def test_every_example_of_the_page_is_true() -> None:
    results, said = run(PAGE)
    assert results.attempted > 40
    assert results.failed == 0, said


def test_a_wrong_example_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE.read_text(encoding="utf-8").replace("'123456789012'", "'123456789013'", 1), encoding="utf-8")
    assert run(path)[0].failed == 1


@for_each("name", ["station.encoding", *MODULES])
def test_every_example_of_a_docstring_is_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_facade_exports_what_it_names_and_the_page_shows_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert encoding.__all__ == sorted(encoding.__all__)
    for name in encoding.__all__:
        value = getattr(encoding, name)
        assert value.__doc__, name
        assert f"`{name}`" in page, name


def test_the_page_shows_every_door() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for door in ("decode", "encode", "recognise", "explain", "annotate", "examine", "migrate", "plan_item", "undo"):
        assert f"import {door}" in page or f", {door}" in page, door


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(data + data)[: len(data)]])
def test_any_bytes_like_value_is_decoded(kind: Callable[[bytes], memoryview]) -> None:
    memory = encoding.encode(encoding.TagContent("123456789012"))
    assert encoding.decode(kind(memory)).content.primary_item_identifier == "123456789012"


@pytest.mark.parametrize("value", ["11 05", [0x11, 0x05], 17, None])
def test_any_other_value_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        encoding.decode(cast(bytes, value))


@pytest.mark.parametrize("call", [lambda: encoding.decode(b""), lambda: encoding.decode(b"\1", model="4M")])
def test_the_first_doors_raise_encoding_errors_alone(call: object) -> None:
    with pytest.raises(EncodingError):
        call()  # type: ignore[operator]
