"""Write the sample catalog to station/catalog/data/sample.mrc (or to the file named on the command line)."""

from __future__ import annotations

import sys
from pathlib import Path

from station.catalog.sample.sample import catalog

PLACE = Path(__file__).resolve().parent.parent / "station" / "catalog" / "data" / "sample.mrc"


def main() -> None:
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE
    place.write_bytes(catalog())
    print(f"{place}: {place.stat().st_size} bytes")


if __name__ == "__main__":
    main()
