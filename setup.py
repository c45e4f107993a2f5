"""What the build adds to a wheel: the message catalogs, compiled. All else is in pyproject.toml."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Final

from setuptools import setup
from setuptools.command.build_py import build_py

WORDS: Final = Path("station/base/words")


class BuildWithWords(build_py):
    """Copies the modules, then compiles the catalogs into the build's own folder: never into the source."""

    def run(self) -> None:
        """An editable install compiles nothing; its catalogs are read as they are written."""
        super().run()
        if not self.editable_mode:
            compile_mo = runpy.run_path(str(WORDS / "gettext_files.py"))["compile_mo"]
            for path in (WORDS / "en").glob("*.po"):
                built = Path(self.build_lib) / path.with_suffix(".mo")
                built.write_bytes(compile_mo(path.read_text(encoding="utf-8")))


setup(cmdclass={"build_py": BuildWithWords})
