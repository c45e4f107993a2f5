"""Run the examples of a page as they are written. As a program, it also runs where nothing but the codec is installed:

    python -I -S page_examples.py PAGE FOLDER

FOLDER holds the package. It prints how many examples it has tried, how many failed, and what was imported beside the
package and the standard library.
"""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path


def run(path: Path) -> tuple[doctest.TestResults, str]:
    """How many examples were tried and failed, and what doctest says of those."""
    said: list[str] = []
    text = re.sub(r"^```.*$", "", path.read_text(encoding="utf-8"), flags=re.M)  # a fence is not expected output
    test = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    results = doctest.DocTestRunner(verbose=False).run(test, out=said.append, clear_globs=False)
    return results, "".join(said)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[2])
    results, said = run(Path(sys.argv[1]))
    strangers = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"__main__", "station"}
    print(said, results.attempted, results.failed, *sorted(strangers))
