"""What a person reads of an obstacle names the right site, title or barcode."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.distribution.box import Site
from station.domain.distribution.obstacle_words import obstacle_words
from station.domain.distribution.packing import Candidate, Obstacle

SITES = (Site(code="EAST", name="East Library", libraries=("E1", "E2")), Site(code="WEST"))


def test_each_obstacle_names_what_a_person_needs() -> None:
    item = Candidate(
        barcode="31234000000015",
        library="e2",
        order_library="WEST",
        reasons=(Sentence("release.no-verdict"),),
        listed_barcode="31234000000099",
    )
    words = {obstacle: tell(obstacle_words(obstacle, item, SITES)) for obstacle in Obstacle}
    assert words[Obstacle.OTHER_SITE] == "It is for East Library. Put it into a box for East Library."
    assert words[Obstacle.OTHER_LIBRARY] == "It was ordered for WEST, and its record says East Library."
    assert words[Obstacle.OTHER_COPY].endswith(": 31234000000099.")
    assert words[Obstacle.NOT_DONE] == f"It is not done. {tell('release.no-verdict')}"
    listed = Candidate(barcode="31234000000015", listed_title="Atlas of rivers")
    assert "Atlas of rivers" in tell(obstacle_words(Obstacle.OTHER_COPY, listed, SITES))
    assert len(set(words.values())) == len(Obstacle) and not any("obstacle." in text for text in words.values())
