"""The data models that the station knows, in the order in which they are tried (tag-data-models.md 7.1).

A new layout is one file with an object that satisfies `datamodel.DataModel`, and one line here.
"""

from __future__ import annotations

from typing import Final

from station.encoding.datamodel import DataModel, WritableModel
from station.encoding.iso28560_2 import Iso28560Part2
from station.encoding.iso28560_3 import Iso28560Part3
from station.encoding.rfid501 import Rfid501
from station.errors import ElementInvalid

DATA_MODELS: Final[tuple[DataModel, ...]] = (
    Iso28560Part3(),
    Rfid501(),
    Iso28560Part2(),
)


def data_model(name: str) -> DataModel:
    """The data model of this name; raises `ElementInvalid` for one that nobody knows."""
    for model in DATA_MODELS:
        if model.name == name:
            return model
    raise ElementInvalid(f"there is no data model {name!r}")


def writable(name: str) -> WritableModel:
    """The data model of this name, if it can be written; raises `ElementInvalid`."""
    model = data_model(name)
    if not isinstance(model, WritableModel):
        raise ElementInvalid(f"tags of {model.title} are read, never written")
    return model
