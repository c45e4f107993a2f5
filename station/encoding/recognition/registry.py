"""The data models of the station, in the order in which they are tried.

A new layout is one file with an object that satisfies `data_model.DataModel`, and one line here: recognition,
explanation, the annotated dump and the doctor take it from this table. Each of them also accepts another table as an
argument (`models`), so a program can add its own layout or change the order without changing this file.

The order is that of docs/reference/tag-data.md#recognition (an inference from the common features of the layouts):
models with a check come first, then the fixed marks of 3M, then a complete walk over ISO 28560-2 elements, then merely
plausible readings. The order is only the last tie-breaker, because every model is tried and the best reading wins
(`recognise`).
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
    """Return the data model of this name; raise `ElementInvalid` for an unknown one."""
    for model in models:
        if model.name == name:
            return model
    if name in BY_NAME:
        return BY_NAME[name]
    raise ElementInvalid(f"there is no data model {name!r}")


def writable(name: str, models: tuple[DataModel, ...] = DATA_MODELS) -> WritableModel:
    """Return the data model of this name if it is writable; raise `ElementInvalid`."""
    if not name:
        raise ElementInvalid("this library's tag profile only reads tags: none are written")
    model = data_model(name, models)
    if not isinstance(model, WritableModel):
        raise ElementInvalid(f"tags of {model.title} are read, never written")
    return model
