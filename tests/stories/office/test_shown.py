"""Pages fit a narrow window and large text, are plain on paper, and load in six tabs at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office.desk import ITEM, OPEN
from tests.stories.office.desk import Desk
from tests.stories.office.test_accessible import MENU, paths

SOME = ("/today", "/fix", "/journal", f"/items/{ITEM}", f"/fix/{OPEN}/assign")


def test_a_narrow_window_needs_no_sideways_scrolling(desk: Desk) -> None:
    desk.width(320)
    _all_fit(desk, SOME)


def test_text_of_twice_the_size_needs_no_sideways_scrolling(desk: Desk) -> None:
    desk.width(1280)
    _all_fit(desk, SOME, larger=True)


@pytest.mark.soak
@pytest.mark.parametrize("width", [320, 390, 1100])
@pytest.mark.parametrize("larger", [False, True])
def test_every_page_fits(desk: Desk, office_data: Path, width: int, larger: bool) -> None:
    desk.width(width)
    _all_fit(desk, paths(office_data), larger=larger and width > 390)


def _all_fit(desk: Desk, pages: tuple[str, ...], *, larger: bool = False) -> None:
    found = {}
    for path in pages:
        desk.open(path)
        if larger:
            desk.driver.execute_script("document.documentElement.style.fontSize = '200%'")
        if wide := desk.too_wide():
            found[path] = wide
    assert found == {}


def test_paper_has_the_list_without_frame_and_forms(desk: Desk) -> None:
    desk.media("print")
    desk.open("/fix?owner=Cataloging")
    for name in ("nav", "header form", "form.leave", ".filters form"):
        for part in desk.driver.find_elements("css selector", name):
            assert not part.is_displayed(), name
    assert desk.driver.find_element("css selector", "main table").is_displayed()
    ground = desk.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_dark_colors_follow_the_system(desk: Desk) -> None:
    desk.media(dark=True)
    desk.open("/today")
    ground = desk.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in ground.strip("rgba()").split(",")[:3]) < 80, ground
    assert desk.violations() == []


def test_six_tabs_with_live_parts_load_and_so_does_the_seventh(desk: Desk) -> None:
    first = desk.driver.current_window_handle
    try:
        for path in ("/today",) * 6 + ("/fix",):
            desk.driver.switch_to.new_window("tab")
            desk.open(path)
            assert desk.heading
    finally:
        for handle in desk.driver.window_handles:
            if handle != first:
                desk.driver.switch_to.window(handle)
                desk.driver.close()
        desk.driver.switch_to.window(first)


def test_pages_and_forms_work_without_script(desk: Desk) -> None:
    desk.scripts(run=False)
    for path in MENU[:4]:
        desk.open(path)
        assert desk.heading
    desk.open("/items")
    field = desk.driver.find_element("id", "find")
    field.send_keys(ITEM)
    field.submit()
    desk.wait_for(f"/items/{ITEM}")
    desk.open(f"/fix/{OPEN}/take")
    desk.driver.find_element("css selector", "main button.main").click()
    desk.wait_for(f"/fix/{OPEN}?")
    assert "Tess" in desk.text
