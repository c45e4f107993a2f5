"""What a person does at a desk: opens pages, and uses the keyboard alone; and how the browser shows them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.patience import PATIENCE_S

AXE: Final = "axe_playwright_python"
"""The package that brings axe-core."""
STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
MOST_TABS: Final = 150
"""Steps with Tab after which nothing more is to be found."""
_AXE: Final = """
const [tags, done] = arguments;
axe.run(document, {runOnly: {type: "tag", values: tags}}).then(
  (r) => done(r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 120)).join(" | "))),
  (e) => done(["axe: " + e]));
"""
_FOCUSED: Final = """
const at = document.activeElement;
return (at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || at.value || "").trim();
"""
_WIDER: Final = """
const wide = document.documentElement.clientWidth;
return [document.documentElement.scrollWidth - wide, ...[...document.querySelectorAll("main *")]
  .filter((e) => e.getBoundingClientRect().right > wide + 1 && !e.closest(".table"))
  .map((e) => e.tagName + "." + e.className)];
"""
_LEAVES: Final = """
return [...document.querySelectorAll(".table")].filter((e) => {
  e.scrollLeft = e.scrollWidth;
  const left = e.getBoundingClientRect().left - 1;
  return [...e.querySelectorAll("tr:not(.group)")]
    .some((row) => row.querySelector(":is(th, td):not(.box)").getBoundingClientRect().left < left);
}).map((e) => "first column out of view: " + e.innerText.slice(0, 40));
"""


@cache
def _axe() -> str:
    """Return axe-core."""
    return files(AXE).joinpath("axe.min.js").read_text(encoding="utf-8")


class Desk:
    """A browser at the office."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str) -> None:
        self.driver.get(self.address + path)

    @property
    def path(self) -> str:
        """The page's path with its parameters."""
        return self.driver.current_url.removeprefix(self.address)

    @property
    def heading(self) -> str:
        return self.driver.find_element("tag name", "h1").text

    @property
    def text(self) -> str:
        """The text of the page's main part, as it is shown."""
        return self.driver.find_element("tag name", "main").text

    def sign_in(self, login: str, pin: str) -> None:
        self.driver.find_element("name", "login").send_keys(login)
        self.driver.find_element("name", "pin").send_keys(pin, Keys.ENTER)
        self.wait_for("/today")

    def wait_for(self, path: str) -> None:
        """Wait until the page is one whose path begins so."""
        WebDriverWait(self.driver, PATIENCE_S).until(lambda _: self.path.startswith(path), f"{path} was never shown")

    def wait_for_text(self, text: str) -> None:
        """Wait until the page says this."""
        WebDriverWait(self.driver, PATIENCE_S, ignored_exceptions=(StaleElementReferenceException,)).until(
            lambda _: text in self.text, f"{text!r} was never shown"
        )

    def wait_for_problem(self) -> None:
        """Wait for the page that says what is wrong with a form."""
        WebDriverWait(self.driver, PATIENCE_S).until(lambda driver: driver.title.startswith("Error:"))
        assert "There is a problem" in self.text

    def violations(self) -> list[str]:
        """Return what axe-core finds on the page: rule and elements."""
        if not self.driver.execute_script("return typeof axe !== 'undefined'"):
            self.driver.execute_script(_axe())
        found: list[str] = self.driver.execute_async_script(_AXE, STANDARDS)
        return found

    def speak(self, language: str) -> None:
        """Have the pages speak another language to the person who has signed in."""
        self.open("/me/language")
        self.driver.execute_script("document.querySelector(`main [value=${arguments[0]}]`).selected = true", language)
        self.driver.execute_script("document.querySelector(`main [value=${arguments[0]}]`).checked = true", language)
        self.driver.find_element("css selector", "main button.main").click()
        WebDriverWait(self.driver, PATIENCE_S).until(
            lambda driver: (
                driver.execute_script("return document.documentElement.lang") == language
                and "/me/language" not in self.path
            )
        )

    # --- keyboard alone -------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, name: str) -> None:
        """Press Tab until the link, button or field with this name (or its beginning) has the focus."""
        for _ in range(MOST_TABS):
            self.press(Keys.TAB)
            if str(self.driver.execute_script(_FOCUSED)).startswith(name):
                return
        raise AssertionError(f"Tab never came to {name!r} on {self.path}")

    def go(self, name: str, path: str) -> None:
        """Follow a link, or press a button, by the keyboard; wait for the page that it leads to."""
        self.tab_to(name)
        self.press(Keys.ENTER)
        self.wait_for(path)

    # --- how the page is shown ------------------------------------------------------------------------------------------

    def width(self, pixels: int, *, height: int = 800) -> None:
        values = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 700}
        self._devtools("Emulation.setDeviceMetricsOverride", **values)

    def media(self, media: str = "", *, dark: bool = False) -> None:
        """Show the page as on paper ("print"), or in dark colors."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def scripts(self, *, run: bool) -> None:
        self._devtools("Emulation.setScriptExecutionDisabled", value=not run)

    def restore(self) -> None:
        self._devtools("Emulation.clearDeviceMetricsOverride")
        self._devtools("Emulation.setScriptExecutionDisabled", value=False)
        self.media()

    def too_wide(self) -> list[object]:
        """Return the pixels by which the page is wider than the window, and its elements that are; [] = it fits."""
        found: list[object] = self.driver.execute_script(_WIDER)
        return found if int(str(found[0])) > 0 else []

    def scrolling(self) -> list[str]:
        """Return the tables that are wider than their place."""
        found: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll('.table')].filter((e) => e.scrollWidth > e.clientWidth + 1)"
            ".map((e) => 'table: ' + (e.scrollWidth - e.clientWidth))"
        )
        return found

    def without_first_column(self) -> list[str]:
        """Scroll the tables to their right end; return those whose first column is out of view then."""
        found: list[str] = self.driver.execute_script(_LEAVES)
        return found

    def clipped(self) -> list[str]:
        """Return the tables of which columns are cut off: they are wider than their place, and it does not scroll."""
        found: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll('.table')].filter((e) => e.scrollWidth > e.clientWidth + 1"
            " && getComputedStyle(e).overflowX !== 'auto')"
            ".map((e) => 'table: ' + (e.scrollWidth - e.clientWidth))"
        )
        return found

    def _devtools(self, command: str, **values: Any) -> None:
        self.driver.execute_cdp_cmd(command, values)
