"""station.catalog.callnumber can be taken into another program: it needs only the standard library, and no other part
of the station.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

PACKAGE: Final = "station.catalog.callnumber"
WORK: Final = """
import builtins, io, json, sys
sys.path.insert(0, ROOT)
import station.catalog.callnumber as package
loaded = sorted(sys.modules)
def refuse(*words, **more):
    raise RuntimeError("it opens files")
builtins.open = io.open = refuse
numbers = ["QA76 .A25", "813.54 S5", "A 1.9:993", "WG 120 H31", "B MOZA MF A20", "CD 9"]
found = [package.parse(number) for number in numbers]
words = [package.explain(one) for one in found]
print(json.dumps([loaded, [one.scheme.value for one in found], package.cutter("Carter"), sorted(sys.modules)]))
"""


def test_it_needs_nothing_but_python() -> None:
    """-I -S: no site-packages, so that any other module would be missing."""
    code = WORK.replace("ROOT", repr(str(ROOT)))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    loaded, schemes, cutter, after = json.loads(done.stdout)
    assert schemes == ["lc", "dewey", "sudoc", "nlm", "anscr", "local"]
    assert cutter == "C37"
    ours = {name for name in after if name.partition(".")[0] == "station"}
    assert {name for name in ours if not name.startswith(PACKAGE)} == {"station", "station.catalog"}
    assert not {
        name for name in after if name.partition(".")[0] not in {*sys.stdlib_module_names, "station", "__main__"}
    }
    assert set(after) - set(loaded) <= set(sys.stdlib_module_names), "the package imports nothing at a later time"
