"""A library on invenio-sip2 (AGPL, run as a counterparty in a separate environment; never imported by the station).

`FLASK_APP=invenio_app:app flask selfcheck start NAME -h 127.0.0.1 -p PORT -r library`, with REDIS_URL in the
environment. Effects are appended to the file of EFFECTS, one line for each check-in.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from invenio_access import InvenioAccess
from invenio_accounts import InvenioAccounts
from invenio_db import InvenioDB
from invenio_i18n import InvenioI18N
from invenio_sip2.ext import InvenioSIP2
from invenio_sip2.models import (
    SelfcheckCheckin,
    SelfcheckItemInformation,
)

STATUS = {"31234000000017": "IN_PROCESS"}
TITLES = {"31234000000017": "Führer für Gäste"}


def login(login: str, password: str, **_: Any) -> dict[str, Any]:
    good = (login, password) == ("station", "s3cret")
    return {
        "authenticated": good, "terminal": login, "transaction_user_id": login, "institution_id": "MAIN",
        "library_name": "Main Library", "library_language": "eng",
    }  # fmt: skip


def status(*_: Any, **__: Any) -> dict[str, Any]:
    return {"institution_id": "MAIN"}


def item(item_identifier: str, **_: Any) -> SelfcheckItemInformation | None:
    if item_identifier not in TITLES:
        return None
    return SelfcheckItemInformation(
        item_id=item_identifier, title_id=TITLES[item_identifier], circulation_status=STATUS[item_identifier],
        media_type="BOOK", permanent_location="MAIN", current_location="TS",
    )  # fmt: skip


def checkin(_user: str, item_identifier: str, *_: Any, **__: Any) -> SelfcheckCheckin:
    with Path(os.environ["EFFECTS"]).open("a") as file:
        file.write(f"checkin {item_identifier}\n")
    STATUS[item_identifier] = "AVAILABLE"
    return SelfcheckCheckin(permanent_location="MAIN", checkin=True, title_id=TITLES[item_identifier])


app = Flask("library")
app.config.update(
    SECRET_KEY="for a test",
    SQLALCHEMY_DATABASE_URI="sqlite://",
    SIP2_DATASTORE_REDIS_URL=os.environ["REDIS_URL"],
    SIP2_REMOTE_ACTION_HANDLERS={
        "library": {
            "login_handler": login,
            "system_status_handler": status,
            "item_handlers": {"item": item},
            "circulation_handlers": {"checkin": checkin},
        }
    },
    SIP2_ERROR_DETECTION=True,
)
for extension in (Babel, InvenioDB, InvenioAccess, InvenioAccounts, InvenioI18N, InvenioSIP2):
    extension(app)
