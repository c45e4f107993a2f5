"""Convert settings to the options of the call number package."""

from __future__ import annotations

from functools import lru_cache

from station.base.settings import CallNumbers
from station.catalog.callnumber import Options, anscr, enumeration, sudoc


@lru_cache(maxsize=8)
def options(numbers: CallNumbers) -> Options:
    """Return the options for these settings (`[catalog.numbers]`)."""
    return Options(
        sudoc=sudoc.Rules(
            letters_first=numbers.sudoc_letters_first,
            senate=sudoc.Senate(numbers.sudoc_senate),
            years_first=numbers.sudoc_years_first,
        ),
        volumes=enumeration.Rules(
            dates_first=numbers.dates_first,
            supplements_first=numbers.supplements_first,
            indexes_first=numbers.indexes_first,
            winter_first=numbers.winter_first,
        ),
        anscr=anscr.Rules(
            categories=anscr.STANDARD.categories | set(numbers.anscr_categories),
            name_letters=numbers.anscr_name_letters,
            title_words=numbers.anscr_title_words,
            title_letters=numbers.anscr_title_letters,
            issue_digits=numbers.anscr_issue_digits,
        ),
    )
