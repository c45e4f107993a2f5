"""Sites as the settings name them."""

from __future__ import annotations

from station.base.settings import Distribution
from station.domain.distribution.box import Site


def sites_of(options: Distribution) -> tuple[Site, ...]:
    """Return the configured sites, in the order of the settings."""
    return tuple(
        Site(code=site.code, name=site.name, libraries=site.libraries, slip=site.slip, days=site.days)
        for site in options.sites
    )
