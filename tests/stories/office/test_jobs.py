"""The jobs of the desk, each from start to end by the keyboard alone."""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver.common.keys import Keys

from station.domain.deliveries.intents import Decision
from station.domain.events import DeliveryChanged, PinSet, PullTicked, WorkerRegistered, WorkerRoleChanged
from station.office.app import COLORS
from tests.office.desk import AWAITED, CRITICAL, ITEM, PINS, TICKED, UNSEEN, delivery, events, received
from tests.stories.office.desk import Desk


def test_what_waits_is_seen_today_and_found_in_its_list(desk: Desk) -> None:
    desk.open("/today")
    assert "Needs a person" in desk.text
    desk.go("▲ 5 overdue", "/fix")
    desk.go("Soup for beginners", "/items/")


def test_a_correction_is_assigned_with_a_due_date(desk: Desk) -> None:
    desk.open("/fix")
    desk.go("Title", "/fix?sort")  # the head sorts
    desk.open(f"/fix/{CRITICAL}")
    desk.go("Assign", f"/fix/{CRITICAL}/assign")
    desk.tab_to("Owner")
    desk.press("Bea")
    desk.tab_to("Reason")
    desk.press("she knows the series", Keys.TAB, Keys.ENTER)
    desk.wait_for(f"/fix/{CRITICAL}?")
    assert "Bea" in desk.text and "she knows the series" in desk.text


def test_an_item_is_found_and_its_life_read(desk: Desk) -> None:
    desk.open("/today")
    desk.tab_to("Find an item")
    desk.press(ITEM, Keys.ENTER)
    desk.wait_for(f"/items/{ITEM}")
    assert "Scanned" in desk.text
    desk.go("Alma: note RFID pass", "/outbox/")


def test_a_delivery_is_settled_with_a_reason_and_the_pin(desk: Desk, office_data: Path) -> None:
    sent = delivery(office_data)
    desk.open(f"/outbox/{sent}")
    desk.go("Decide", f"/outbox/{sent}/decide")
    desk.tab_to("Keep theirs")
    desk.press(Keys.SPACE)
    desk.tab_to("Reason")
    desk.press("the note is right")
    desk.press(Keys.TAB, "000000", Keys.ENTER)  # a slip of the finger
    desk.wait_for_problem()
    desk.press(Keys.TAB, Keys.ENTER)  # the summary has the focus; its link leads to the field
    desk.press(PINS["tess"], Keys.ENTER)
    desk.wait_for(f"/outbox/{sent}?")
    decided = [event for event in events(office_data) if isinstance(event, DeliveryChanged) and event.decision]
    assert [(event.decision, event.operator, event.via) for event in decided] == [
        (Decision.KEEP_THEIRS, "w-tess", "office")
    ]


def test_people_figures_rules_and_manual_are_read(desk: Desk) -> None:
    desk.open("/today")
    desk.go("People", "/people")
    desk.go("Tim", "/people/w-tim")
    desk.go("Quality", "/quality")
    desk.go("Reasons", "/quality/reasons")
    desk.go("Rules", "/rules")
    desk.go("Title and author", "/rules/")
    desk.go("Manual", "/manual")
    desk.go("An ordinary item", "/manual/")
    assert desk.heading == "An ordinary item"


def test_a_new_student_is_registered_and_gets_a_first_pin(desk: Desk, office_data: Path) -> None:
    desk.open("/people")
    desk.go("Register a person", "/people/new")
    desk.tab_to("Login")
    desk.press("eve", Keys.TAB, "Eve Ito", Keys.TAB)  # the role trainee is chosen
    desk.tab_to("PIN of Tess")
    desk.press("000000", Keys.ENTER)  # a slip of the finger
    desk.wait_for_problem()
    desk.press(Keys.TAB, Keys.ENTER, PINS["tess"], Keys.ENTER)
    desk.wait_for("/people/w-")
    assert desk.heading == "Eve Ito"
    worker = desk.path.partition("?")[0].removeprefix("/people/")
    desk.go("Give a first PIN", f"/people/{worker}/first-pin")
    desk.tab_to("Give a first PIN")
    desk.press(Keys.ENTER)
    desk.wait_for_text("it is not shown again")
    desk.go("Back to the person", f"/people/{worker}")
    assert "a first one, to be changed" in desk.text
    desk.go("Change the role", f"/people/{worker}/role")
    desk.tab_to("trainee")
    desk.press(Keys.ARROW_DOWN, Keys.TAB, "has learned it", Keys.TAB, Keys.ENTER)
    desk.wait_for(f"/people/{worker}?")
    assert "back to trainee" in desk.text
    changes = [event for event in events(office_data) if getattr(event, "worker", "") == worker]
    assert [type(event) for event in changes] == [WorkerRegistered, PinSet, WorkerRoleChanged]
    assert {(event.operator, event.via) for event in changes} == {("w-tess", "office")}


def test_dark_pages_are_chosen_and_hold(desk: Desk) -> None:
    desk.open("/me")
    desk.go("Choose light or dark", "/me/colors")
    desk.tab_to("As the device")
    desk.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.TAB, Keys.ENTER)
    desk.wait_for_text("Errors by rule")
    desk.open("/fix")
    ground = desk.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    desk.driver.delete_cookie(COLORS)
    assert ground == "rgb(21, 25, 29)"


def test_a_pull_list_is_ticked_by_a_scanner_on_a_telephone(desk: Desk, office_data: Path) -> None:
    here, before = f"/withdrawals/lists/{received(office_data)['pull']}", _ticks(office_data)
    desk.width(390)
    desk.open(f"{here}/tick")
    desk.press(UNSEEN, Keys.ENTER)  # the field has the focus
    desk.wait_for(f"{here}/lines/{UNSEEN}")
    assert "Lakes" in desk.text and "QA76 .A10" in desk.text
    desk.press(Keys.ENTER)
    desk.wait_for_text("Scan a barcode.")
    desk.press("31234000099999", Keys.ENTER)
    desk.wait_for_text("is not on this list")
    desk.driver.execute_script("document.activeElement.blur()")
    desk.press(TICKED, Keys.ENTER)  # a scan beside the field goes there, too
    desk.wait_for(f"{here}/lines/{TICKED}")
    assert _ticks(office_data) == before
    button = desk.driver.find_element("css selector", "button[value=wrong-edition]")
    assert button.size["height"] >= 44 and desk.too_wide() == []
    button.click()
    desk.wait_for_text("Saved. Rivers: wrong edition.")
    desk.press(AWAITED, Keys.ENTER)  # the next one, without a tap
    desk.wait_for(f"{here}/lines/{AWAITED}")
    assert _ticks(office_data) == [*before, (TICKED, "wrong-edition")]


def _ticks(data: Path) -> list[tuple[str, str]]:
    return [(event.line, event.outcome) for event in events(data) if isinstance(event, PullTicked)]
