"""What an alert says, in words and in a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from digest.alerts.rules import Alarm, UrgentStory
from digest.alerts.view import AlertView, single_view, summary_view
from digest.render import templates
from tests.digest.alerts.test_rules import HOUR, NOW, article, rule
from tests.digest.test_browser import AXE, AXE_OPTIONS, browser, page, scheme

__all__ = ["browser", "page", "scheme"]  # fixtures of the digest's browser tests

HOSTILE = [
    "<img src=x onerror=document.title=1>",
    "--><script>document.title=1</script>",
    "&lt;svg onload=document.title=1&gt;",
]


def alarm(**fields: Any) -> Alarm:
    first = article(
        title="Envoys extend the limits on warheads",
        text="Envoys of Russia and the United States met. They extended the limits by five years.",
        hits=({"found": "Russia"}, {"found": "United States"}),
        published_at=NOW - HOUR,
        **fields,
    )
    others = [article(number, outlet=f"Outlet {number}") for number in range(2, 14)]
    return Alarm(UrgentStory(1, (first, *others), "13 outlets within 1 h"), "ann@example.net")


def html(view: AlertView) -> str:
    return templates().get_template("alert.html.j2").render(alert=view)


def text(view: AlertView) -> str:
    return templates().get_template("alert.txt.j2").render(alert=view)


def test_an_alert_tells_why_who_when_and_where_in_the_readers_zone() -> None:
    found = text(single_view(alarm(), rule(timezone="Europe/Berlin"), now=NOW))
    assert found.startswith("flash: 13 outlets within 1 h\n\nEnvoys extend the limits on warheads\n")
    assert "Potomac Post, 12:00 CET. Score 80." in found
    assert "and 4 more." in found
    assert "https://example.org/1" in found


def test_matched_terms_are_marked_in_whole_sentences() -> None:
    found = html(single_view(alarm(), rule(), now=NOW))
    assert ">Russia</b>" in found
    assert "by five years.</p>" in found


def test_an_update_says_what_is_new() -> None:
    view = single_view(replace(alarm(), update=1, whats_new=("31 ships",)), rule(), now=NOW)
    assert view.subject.startswith("Update: ")
    assert "New: 31 ships" in text(view)


def test_a_russian_story_has_its_mark() -> None:
    view = single_view(alarm(language="ru"), rule(), now=NOW)
    assert "Potomac Post [RU]" in text(view)
    assert 'lang="ru"' in html(view)


def test_text_lines_keep_to_72_columns() -> None:
    found = text(summary_view([alarm(), alarm()], rule(), now=NOW))
    assert max(len(line) for line in found.splitlines() if "https://" not in line) <= 72


def test_an_alert_is_accessible_and_asks_for_nothing(page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_content(html(summary_view([alarm(), alarm(language="ru")], rule(), now=NOW)))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {AXE_OPTIONS})")
    assert [each["id"] for each in found["violations"] + found["incomplete"]] == []
    assert requests == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("markup", HOSTILE)
def test_row_39_markup_in_a_headline_summary_or_link_does_not_run(page: Page, markup: str) -> None:
    hostile = replace(
        alarm().story.articles[0], title=markup, text=markup, outlet=markup, url=f"javascript:{markup}"
    )
    view = single_view(Alarm(UrgentStory(1, (hostile,), markup), "ann@example.net"), rule(), now=NOW)
    page.set_content(html(view))
    assert page.title() != "1"
    assert "javascript:" not in html(view).replace(markup, "")
