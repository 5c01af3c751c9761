"""The mail in a real browser: Chromium, offline, phones and desks, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest.fitting import fit
from tests.digest.test_parts import DAYS, FRAMES

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
# The mail client owns the landmarks around a message.
AXE_OPTIONS = """{
    runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']},
    rules: {'landmark-one-main': {enabled: false}, 'region': {enabled: false}}
}"""
NUMBERS_ON_ONE_LINE = """[...document.querySelectorAll('td.num')].every(cell => {
    const range = document.createRange(); range.selectNodeContents(cell);
    return range.getClientRects().length === 1;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[320, 360, 680])
def page(browser: Browser, scheme: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 800}, color_scheme=scheme, offline=True
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("day", ["normal", "empty", "hostile", "russian"])
def test_it_is_accessible_and_asks_for_nothing(page: Page, day: str) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_content(fit(DAYS[day], FRAMES["linked"])[1].html)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {AXE_OPTIONS})")

    problems = [
        (rule["id"], rule["nodes"][0]["target"]) for rule in found["violations"] + found["incomplete"]
    ]
    assert problems == []
    assert requests == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(NUMBERS_ON_ONE_LINE)
    assert page.title() != "1"
