"""The wheel contains every file of the package, and works where it is unpacked, also for another project."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from station.base.words import SHIPPED
from station.base.words.catalogue import Areas
from tests.architecture.source_files import sources

ROOT = Path(__file__).resolve().parents[2]

SCRATCH = """
import socket

import pytest

import station


def test_where_it_comes_from(pytestconfig):
    assert station.__file__.startswith(SITE), station.__file__
    assert pytestconfig.pluginmanager.get_plugin("station.pytest_plugin").__file__.startswith(SITE)


@pytest.mark.rfid(reader="3m", scenario="two-tags", network=True)
def test_two_tags_on_a_3m_pad(rfid_reader, tags):
    host, port = rfid_reader.port.split(":")
    with socket.create_connection((host, int(port)), 30) as line:
        line.sendall(bytes.fromhex("D60005FE0005FA40"))
        answer = line.makefile("rb").read(26)
    assert answer[:8] == bytes.fromhex("D60017FE00000502")
"""


def copied(folder: Path) -> Path:
    """Copy the input of a build to `folder`: a build would leave files in this tree."""
    unbuilt = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("station", "docs", "hardware"):
        shutil.copytree(ROOT / name, folder / name, ignore=unbuilt)
    beside = ("README.md", "LICENSE", "NOTICE", "SECURITY.md", "CHANGELOG.md", "sbom.cdx.json")
    for name in ("pyproject.toml", "setup.py", *beside):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = copied(tmp_path_factory.mktemp("source"))
    built = tmp_path_factory.mktemp("dist")
    build = f"from setuptools import build_meta; print(build_meta.build_wheel({str(built)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


def test_everything_in_the_package_is_in_the_wheel(site: Path) -> None:
    def files(root: Path) -> set[str]:
        return {
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".png"  # not shipped
        }

    pages = {f"manual/pages/{name}" for name in files(ROOT / "docs/operator")}
    assert "manual/pages/start.md" in pages
    areas = (ROOT / "station/base/words").glob("*/*.po")
    compiled = {f"base/words/{path.parent.name}/{path.stem}.mo" for path in areas}
    assert files(site / "station") == files(ROOT / "station") | pages | compiled
    assert any(name.startswith("emulators/scenarios/") for name in files(site / "station"))


def test_pages_unit_and_rules_are_where_the_doctor_looks(site: Path) -> None:
    (shared,) = site.glob("*.data/data/share/rfid-processing-station")
    files = {str(path.relative_to(shared)) for path in shared.rglob("*") if path.is_file()}
    pages = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")}
    assert pages <= files
    assert {"hardware/station.service", "hardware/99-rfid-station.rules", "SECURITY.md", "sbom.cdx.json"} <= files


def test_it_asks_for_the_packages_that_it_imports_and_no_others() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    used = (
        *project["dependencies"],
        *extras["badges"],
        *extras["statistics"],
        *extras["web"],
        *extras["office"],
        *extras["fleet"],
    )
    asked = {re.split(r"[<>=~[]", package)[0] for package in used}
    names = {
        name.partition(".")[0]
        for source in sources()
        for node in (*source.nodes(ast.Import), *source.nodes(ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    strangers = names - sys.stdlib_module_names - {"station", "pytest"}  # only the pytest plug-in imports pytest
    distributions = packages_distributions()
    assert {distribution.lower() for name in strangers for distribution in distributions[name]} == asked


def test_its_words_are_those_of_the_source(site: Path) -> None:
    def told(areas: Areas) -> dict[str, tuple[str, ...]]:
        return {key: entry.forms for key, entry in areas.items()}

    for path in (site / "station/base/words").glob("*/*.po"):
        path.unlink()
    for language in ("en", "es"):
        assert told(Areas(site / "station/base/words" / language)) == told(Areas(SHIPPED / language))


def test_the_codec_needs_no_other_package(site: Path) -> None:
    """Run every example of docs/encoding.md in a process with only the wheel and the standard library."""
    script = [sys.executable, "-I", "-S", str(ROOT / "tests/encoding/page_examples.py")]
    done = subprocess.run([*script, str(ROOT / "docs/encoding.md"), str(site)], capture_output=True, text=True)
    attempted, *rest = done.stdout.split()
    assert (int(attempted) > 40, rest) == (True, ["0"]), done.stdout + done.stderr


def test_no_file_is_a_link() -> None:
    """Archives and some systems drop links: a link to docs/operator once lost the whole manual."""
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is not a clone")
    files = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line for line in files.splitlines() if line.startswith("120000")] == []
    assert "station/manual/__init__.py" in files


def ran(site: Path, folder: Path, *words: str) -> str:
    there = {**os.environ, "PYTHONPATH": str(site), "STATION_DATA": str(folder / "data")}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=there, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.soak
def test_another_project_uses_its_fixtures(site: Path, tmp_path: Path) -> None:
    (tmp_path / "test_scratch.py").write_text(f"SITE = {str(site)!r}\n{SCRATCH}", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n", encoding="utf-8"
    )
    assert "2 passed" in ran(site, tmp_path, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")


@pytest.mark.soak
def test_its_commands_find_what_they_need(site: Path, tmp_path: Path) -> None:
    assert "barcode" in ran(site, tmp_path, "station", "manual", "ordinary-item")
    assert "two-tags" in ran(site, tmp_path, "station", "emulate", "scenarios")
    assert "barcode-known" in ran(site, tmp_path, "station", "quality", "rules", "list")
    assert ran(site, tmp_path, "station", "sound", "--help")
