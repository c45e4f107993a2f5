"""Add the compiled message catalogs and the commit to a wheel. All other build settings are in pyproject.toml."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Final

from setuptools import setup
from setuptools.command.build_py import build_py

WORDS: Final = Path("station/base/words")


class BuildWithWords(build_py):
    """Copy the modules, then compile the catalogs into the build folder, never into the source."""

    def run(self) -> None:
        """Build. An editable install compiles nothing: it reads the catalogs as text."""
        super().run()
        if not self.editable_mode:
            compile_mo = runpy.run_path(str(WORDS / "gettext_files.py"))["compile_mo"]
            version = runpy.run_path("station/cli/shared/commit.py")
            if commit := version["commit"](Path("station").absolute()):
                (Path(self.build_lib) / "station" / version["COMMIT"]).write_text(commit, encoding="ascii")
            for path in WORDS.glob("*/*.po"):
                built = Path(self.build_lib) / path.with_suffix(".mo")
                built.write_bytes(compile_mo(path.read_text(encoding="utf-8")))


setup(cmdclass={"build_py": BuildWithWords})
