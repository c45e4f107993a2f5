"""A library on PyPI pysip2 0.1.0: `pysip2_app.py ENCODING` prints its port and serves until it is stopped."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import anyio
from pysip2 import (
    CHECKIN,
    ITEM_INFORMATION,
    ITEM_STATUS_UPDATE,
    LOGIN,
    CheckinResponse,
    ItemInformationResponse,
    ItemStatusUpdateResponse,
    LoginResponse,
    SIP2Server,
)

TITLES = {"31234000000017": "Führer für Gäste"}
STATUS = {"31234000000017": "06"}
app = SIP2Server(encoding=sys.argv[1], institution_id="MAIN", library_name="Main Library", login_required=True)


def effect(text: str) -> None:
    with Path(os.environ["EFFECTS"]).open("a") as file:
        file.write(text + "\n")


@app.route(LOGIN)
async def login(req: Any, _ctx: Any) -> LoginResponse:
    return LoginResponse(ok="1" if (req.login_user_id, req.login_password) == ("station", "s3cret") else "0")


@app.route(ITEM_INFORMATION)
async def item(req: Any, ctx: Any) -> ItemInformationResponse:
    return ItemInformationResponse(
        circulation_status=STATUS.get(req.item_identifier, "01"), security_marker="01", fee_type="01",
        transaction_date=ctx.now_18(), item_identifier=req.item_identifier,
        title_identifier=TITLES.get(req.item_identifier, ""), permanent_location="MAIN", media_type="001",
    )  # fmt: skip


@app.route(CHECKIN)
async def checkin(req: Any, ctx: Any) -> CheckinResponse:
    effect(f"checkin {req.item_identifier}")
    STATUS[req.item_identifier] = "03"
    return CheckinResponse(
        ok="1", resensitize="Y", magnetic_media="U", alert="N", transaction_date=ctx.now_18(), institution_id="MAIN",
        item_identifier=req.item_identifier, permanent_location="MAIN", patron_identifier="P-1234",
    )  # fmt: skip


@app.route(ITEM_STATUS_UPDATE)
async def update(req: Any, ctx: Any) -> ItemStatusUpdateResponse:
    effect(f"properties {req.item_identifier} {req.item_properties}")
    return ItemStatusUpdateResponse(
        item_properties_ok="1", transaction_date=ctx.now_18(), item_identifier=req.item_identifier
    )


async def main() -> None:
    async with app.start() as port:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await anyio.sleep_forever()


anyio.run(main)
