"""The emulated Alma's itemized sets: create, list, page through members, add and delete members in batches.

Sources of the bodies: docs of conf/sets, and bodies in public clients and their tests
(docs/reference/systems.md#alma-calls; number_of_members as {"value", "link"}, members as {"id", "description", "link"}
with total_record_count). The sources do not explain the individual codes 60107-60120 and 60176; their use here is this
emulator's choice.
"""

from __future__ import annotations

from typing import Any

from station.emulators.library_systems.alma_bodies import text_of
from station.emulators.library_systems.alma_institution import Institution, Refused

Json = dict[str, Any]

BATCH = 1000
"""Most members in one call."""
PAGE = 100
"""Most rows of one page; the default is 10."""


class Sets:
    """All sets of the institution."""

    def __init__(self, house: Institution, base_url: str) -> None:
        self.house = house
        self.base_url = base_url
        self.sets: dict[str, Json] = {}
        self.members: dict[str, list[str]] = {}

    def listed(self, query: dict[str, str]) -> Json:
        """GET /conf/sets. `q=name~text` matches a part of the name."""
        wanted = query.get("q", "").removeprefix("name~").casefold()
        found = [self.shown(number) for number, made in self.sets.items() if wanted in made["name"].casefold()]
        return {"set": paged(found, query), "total_record_count": len(found)}

    def create(self, sent: object) -> Json:
        """POST /conf/sets."""
        if not isinstance(sent, dict) or not text_of(sent.get("name")):
            raise Refused(400, "60107", "Set name is mandatory.")
        if text_of(sent.get("type")) != "ITEMIZED":
            raise Refused(400, "60108", "Set type is invalid.")
        if not text_of(sent.get("content")):
            raise Refused(400, "60109", "Set content type is mandatory.")
        if any(made["name"] == sent["name"] for made in self.sets.values()):
            raise Refused(400, "60110", f"A set with the name {sent['name']} already exists.")
        number = str(9_000_000_000_000_001 + len(self.sets))
        self.sets[number] = {
            "name": sent["name"], "description": sent.get("description") or "", "content": text_of(sent["content"]),
            "private": text_of(sent.get("private")) or "false",
        }  # fmt: skip
        self.members[number] = []
        self.house.note("set-create", set_id=number, name=sent["name"], content=text_of(sent["content"]))
        return self.shown(number)

    def shown(self, number: str) -> Json:
        """GET /conf/sets/{id}."""
        made = self.known(number)
        link = f"{self.base_url}/almaws/v1/conf/sets/{number}"
        return {
            "id": number, "name": made["name"], "description": made["description"],
            "type": {"value": "ITEMIZED", "desc": "Itemized"}, "content": {"value": made["content"], "desc": made["content"]},
            "private": {"value": made["private"], "desc": None}, "status": {"value": "ACTIVE", "desc": "Active"},
            "created_by": {"value": "emulator", "desc": None}, "created_date": self.house.today(),
            "number_of_members": {"value": len(self.members[number]), "link": f"{link}/members"}, "link": link,
        }  # fmt: skip

    def page(self, number: str, query: dict[str, str]) -> Json:
        """GET /conf/sets/{id}/members. `description` is the barcode (as seen with items of physical sets)."""
        self.known(number)
        rows: list[Json] = []
        for pid in paged(self.members[number], query):
            item = self.house.by_pid(pid)
            mms, holding = item["bib_data"]["mms_id"], item["holding_data"]["holding_id"]
            link = f"{self.base_url}/almaws/v1/bibs/{mms}/holdings/{holding}/items/{pid}"
            rows.append({"id": pid, "description": item["item_data"].get("barcode") or "", "link": link})
        return {"member": rows, "total_record_count": len(self.members[number])}

    def change(self, number: str, sent: object, query: dict[str, str]) -> Json:
        """POST /conf/sets/{id}?op=add_members or delete_members, id_type=BARCODE or none (pids)."""
        self.known(number)
        op = query.get("op", "")
        if op not in ("add_members", "delete_members"):
            raise Refused(400, "60111", f"Operation {op} is not supported.")
        members = sent.get("members") if isinstance(sent, dict) else None
        rows = members.get("member") if isinstance(members, dict) else None
        if not isinstance(rows, list) or not rows:
            raise Refused(400, "60112", "No members were sent.")
        if len(rows) > BATCH:
            raise Refused(400, "60113", f"More than {BATCH} members were sent.")
        pids, bad = [], []
        for row in rows:
            given = str(row.get("id", "")) if isinstance(row, dict) else ""
            found = (
                self.house.all_by_barcode(given) if query.get("id_type") == "BARCODE" else self.house.all_by_pid(given)
            )
            if found:
                pids.append(found[0]["item_data"]["pid"])
            else:
                bad.append(given)
        if bad and query.get("fail_on_invalid_id", "true") == "true":
            raise Refused(400, "60115", f"The following ID(s) are not valid: {', '.join(bad[:10])}")
        before = list(self.members[number])
        if op == "add_members":
            self.members[number] = list(dict.fromkeys(before + pids))
        else:
            self.members[number] = [pid for pid in before if pid not in set(pids)]
        kind = "set-add" if op == "add_members" else "set-remove"
        differing = sorted(set(before) ^ set(self.members[number]))
        if differing:
            self.house.note(kind, set_id=number, pids=differing, invalid=bad)
        return self.shown(number)

    def known(self, number: str) -> Json:
        if number not in self.sets:
            raise Refused(400, "60120", f"Set {number} was not found.")
        return self.sets[number]


def paged(rows: list[Any], query: dict[str, str]) -> list[Any]:
    """Return `limit` rows (0-100, default 10) from `offset` on."""
    try:
        limit, offset = int(query.get("limit", "10")), int(query.get("offset", "0"))
    except ValueError:
        raise Refused(400, "40166411", "Parameter value invalid. Parameter: limit.") from None
    if not 0 <= limit <= PAGE or offset < 0:
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: limit. Value: {limit}.")
    return rows[offset : offset + limit]
