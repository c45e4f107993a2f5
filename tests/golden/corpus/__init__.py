"""The recorded files, read-only."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent
JOURNAL = CORPUS / "journal.db.gz"


def recorded(name: str) -> Any:
    """Return the recording with this name."""
    return json.loads(gzip.decompress((CORPUS / f"{name}.json.gz").read_bytes()))
