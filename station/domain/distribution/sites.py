"""Sites as the settings name them."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.settings import Distribution
from station.domain.distribution.box import Site


def sites_of(options: Distribution) -> tuple[Site, ...]:
    """Return the configured sites, in the order of the settings."""
    return tuple(
        Site(code=site.code, name=site.name, libraries=site.libraries, slip=site.slip, days=site.days)
        for site in options.sites
    )


def site_with(code: str, sites: Sequence[Site]) -> Site:
    """Return the site with this code, whatever its case; one that the settings do not name is a site of its own."""
    code = code.strip()
    return next((site for site in sites if site.code.casefold() == code.casefold()), Site(code=code))
