"""Say which item each tag dump belongs to, and what is wrong with the tag.

    python which_item.py on_loan.nfc ...

Uses `station.encoding` alone, which needs Python's standard library and no other package.
"""

from __future__ import annotations

import sys
from pathlib import Path

from station.base.errors import StationError
from station.encoding import TagProfile, examine, read_dump, recognise

OURS = TagProfile(isil="US-InU-Mu")

for name in sys.argv[1:]:
    try:
        image = read_dump(Path(name).read_bytes()).image()
    except StationError as error:
        print(f"{name}: {error}")
        continue
    found = recognise(image, OURS)
    print(f"{name}: {found.identifier or 'no item'} ({found.state.value})")
    for diagnosis in examine(image, OURS):
        print(f"  {diagnosis.severity.value}: {diagnosis.sentence}")
