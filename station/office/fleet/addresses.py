"""Addresses on the pages of a center: each leads on to the bench or site that the reader has chosen."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from station.office.asked import BENCH, Asked
from station.office.fleet.over_benches import SITE

_LINK: Final = re.compile(r'(<a\b[^>]*? href=")(/[^"?]*)(\?[^"]*)?"')


def keeping(page: str, asked: Asked, bench: str) -> str:
    """Return a page (HTML) whose links to other pages keep the chosen site and bench. `bench`: of which the page is; "" =
    of the bench that the reader has chosen. Text of a page has no quotation marks, which are escaped."""
    chosen = {name: value for name, value in ((SITE, asked.text(SITE)), (BENCH, bench or asked.text(BENCH))) if value}
    if not chosen:
        return page
    more = urlencode(chosen).replace("&", "&amp;")

    def kept(link: re.Match[str]) -> str:
        before, path, query = link[1], link[2], link[3] or ""
        if path == asked.path or path.startswith("/static") or f"{BENCH}=" in query:
            return link[0]
        return f'{before}{path}{query}{"&amp;" if query else "?"}{more}"'

    return _LINK.sub(kept, page)
