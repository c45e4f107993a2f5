"""The data models that the station knows, in the order in which they are tried.

A new layout is one file with an object that satisfies `data_model.DataModel`, and one line here: recognition, explanation,
the annotated dump and the doctor take it from this table. Each of them also takes another table as an argument
(`models`), so a program can add a layout of its own or change the order without touching this file.

The order is that of tag-data-models.md 7.1 (an inference from what the layouts have in common): what carries a check
comes first, then the fixed marks of 3M, then a complete walk over ISO 28560-2 elements, then what is only plausible.
It is the last tie-breaker and no more, for every model is tried and the best reading wins (`recognise`).
"""

from __future__ import annotations

from typing import Final

from station.base.errors import ElementInvalid
from station.encoding.iso28560_2.codec import Iso28560Part2
from station.encoding.iso28560_3.danish import Danish, Danish32
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.without_crc import Iso28560Part3Claim
from station.encoding.recognition.data_model import DataModel, WritableModel
from station.encoding.recognition.rfid501 import Rfid501

DATA_MODELS: Final[tuple[DataModel, ...]] = (
    Iso28560Part3(),
    Rfid501(),
    Iso28560Part2(),
    Iso28560Part3Claim(),
)
BY_NAME: Final[dict[str, DataModel]] = {
    "danish": Danish(),
    "danish-32": Danish32(),
}
"""Ways of writing that read as one of the above: chosen by name, never tried."""


def data_model(name: str, models: tuple[DataModel, ...] = DATA_MODELS) -> DataModel:
    """The data model of this name; raises `ElementInvalid` for one that nobody knows."""
    for model in models:
        if model.name == name:
            return model
    if name in BY_NAME:
        return BY_NAME[name]
    raise ElementInvalid(f"there is no data model {name!r}")


def writable(name: str, models: tuple[DataModel, ...] = DATA_MODELS) -> WritableModel:
    """The data model of this name, if it can be written; raises `ElementInvalid`."""
    if not name:
        raise ElementInvalid("this library's tag profile only reads tags: none are written")
    model = data_model(name, models)
    if not isinstance(model, WritableModel):
        raise ElementInvalid(f"tags of {model.title} are read, never written")
    return model
