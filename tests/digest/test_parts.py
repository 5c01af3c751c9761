"""What every mail must be, checked on the two parts of all kinds of days."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from urllib.parse import urlsplit

import html5lib
import pytest
import tinycss2

from digest.fitting import ENCODED_LIMIT, HTML_LIMIT, fit
from digest.links import SignedLinks
from digest.message import encoded_size
from digest.render import RenderedDigest
from digest.setting import IssueFrame
from digest.stories import IssueMaterial
from digest.view import DigestView
from tests.digest.samples import (
    DIGEST,
    EMPTY,
    MAIL,
    NORMAL,
    NOTHING,
    READER,
    SECTIONS,
    hostile,
    many,
    russian_heavy,
)

LINKS = SignedLinks("https://hotline.example.org", b"a secret of the tests")
FRAMES = {
    "by mail": IssueFrame(digest=DIGEST, sections=SECTIONS, mail=MAIL, reader=READER),
    "linked": IssueFrame(digest=DIGEST, sections=SECTIONS, mail=MAIL, reader=READER, links=LINKS),
}
DAYS = {
    "normal": NORMAL,
    "empty": EMPTY,
    "nothing": NOTHING,
    "forty": many(40),
    "long addresses": many(40, long_urls=True),
    "hostile": hostile(),
    "russian": russian_heavy(),
}

# What caniemail and the Word engine of Outlook let through, and what may be lost without harm.
SAFE = {
    "margin", "padding", "padding-top", "padding-bottom", "font", "font-size", "font-weight", "font-family",
    "line-height", "color", "background-color", "border-top", "border-left", "text-decoration",
    "text-transform", "letter-spacing", "display",
}  # fmt: skip
LOSSY = {"border-radius", "white-space", "max-width", "max-height", "overflow", "word-break"}
TAGS = set("html head meta title style body div table tbody tr td h1 h2 h3 p a b span br".split())  # noqa: SIM905


class Mail:
    """One issue, rendered and parsed."""

    def __init__(self, material: IssueMaterial, frame: IssueFrame) -> None:
        self.view: DigestView
        self.rendered: RenderedDigest
        self.view, self.rendered = fit(material, frame)
        parser = html5lib.HTMLParser(
            tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False, strict=False
        )
        self.document: ET.Element = parser.parse(self.rendered.html)
        self.errors = parser.errors
        self.elements = [element for element in self.document.iter() if isinstance(element.tag, str)]

    def all(self, tag: str) -> list[ET.Element]:
        return [element for element in self.elements if element.tag == tag]


def words(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


@pytest.fixture(scope="module", params=[(day, frame) for day in DAYS for frame in FRAMES], ids=" ".join)
def mail(request: pytest.FixtureRequest) -> Mail:
    day, frame = request.param
    return Mail(DAYS[day], FRAMES[frame])


class TestHtml:
    def test_it_is_valid_html5(self, mail: Mail) -> None:
        assert mail.errors == []
        assert mail.rendered.html.startswith("<!DOCTYPE html>")

    def test_it_stays_under_the_size_at_which_gmail_clips(self, mail: Mail) -> None:
        assert len(mail.rendered.html.encode()) < HTML_LIMIT
        assert encoded_size(mail.rendered.html) < ENCODED_LIMIT

    def test_it_has_only_known_tags_and_no_handler_or_id(self, mail: Mail) -> None:
        assert {element.tag for element in mail.elements} <= TAGS
        names = {name for element in mail.elements for name in element.attrib}
        assert not any(
            name.startswith("on") or name in {"id", "src", "srcset", "background"} for name in names
        )

    def test_language_title_and_charset_are_declared_early(self, mail: Mail) -> None:
        assert mail.document.get("lang") == "en"
        assert words(mail.all("title")[0]) == mail.view.subject
        assert 0 <= mail.rendered.html.encode().find(b'charset="utf-8"') < 1024

    def test_both_colour_schemes_are_declared(self, mail: Mail) -> None:
        assert 'name="color-scheme" content="light dark"' in mail.rendered.html
        assert "prefers-color-scheme:dark" in mail.rendered.html

    def test_nothing_is_loaded(self, mail: Mail) -> None:
        styles = " ".join(element.get("style", "") for element in mail.elements)
        styles += " ".join(map(words, mail.all("style")))
        assert not re.search(r"url\(|@import|expression|behavior", styles)

    def test_every_table_has_a_role_and_the_chart_speaks(self, mail: Mail) -> None:
        roles = [table.get("role") for table in mail.all("table")]
        assert set(roles) <= {"presentation", "img"}
        charts = [table for table in mail.all("table") if table.get("role") == "img"]
        assert all(re.search(r"(\d+, ){13}\d+\.", chart.get("aria-label", "")) for chart in charts)

    def test_links_are_absolute_and_have_words(self, mail: Mail) -> None:
        for link in mail.all("a"):
            address = urlsplit(link.get("href", ""))
            assert address.scheme in {"https", "mailto"}
            assert address.scheme == "mailto" or address.hostname
            assert len(words(link)) > 1

    def test_headings_are_nested(self, mail: Mail) -> None:
        levels = [int(element.tag[1]) for element in mail.elements if re.fullmatch(r"h\d", element.tag)]
        assert levels.count(1) == 1
        assert all(below - above <= 1 for above, below in pairwise(levels))

    def test_inline_styles_are_those_that_clients_keep(self, mail: Mail) -> None:
        declared = [
            each
            for element in mail.elements
            for each in tinycss2.parse_declaration_list(element.get("style", ""), skip_whitespace=True)
        ]
        assert all(each.type == "declaration" for each in declared)
        assert {each.lower_name for each in declared} <= SAFE | LOSSY

    def test_the_style_block_suits_gmail_and_outlook(self, mail: Mail) -> None:
        block = words(mail.all("style")[0])
        assert len(block) < 16_000
        assert not re.search(r"\S!important", block)
        assert not any(each.type == "error" for each in tinycss2.parse_stylesheet(block))

    def test_no_text_is_smaller_than_eleven_pixels(self, mail: Mail) -> None:
        sizes = re.findall(r"font(?:-size)?:(?:700 )?(\d+)px", mail.rendered.html)
        assert min(map(int, sizes)) >= 11

    def test_the_preheader_fills_the_inbox_line(self, mail: Mail) -> None:
        hidden = [div for div in mail.all("div") if "display:none" in div.get("style", "")]
        assert 40 <= len(words(hidden[0])) <= 140

    def test_no_story_stands_twice(self, mail: Mail) -> None:
        numbers = [words(cell) for cell in mail.all("td") if "num" in cell.get("class", "").split()]
        assert numbers == [str(number) for number in range(1, len(mail.view.stories) + 1)]
        assert len(mail.all("h3")) == len(mail.view.stories)


class TestText:
    def test_lines_are_short_and_addresses_stand_alone(self, mail: Mail) -> None:
        long = [line for line in mail.rendered.text.split("\n") if len(line) > 78]
        assert all(re.fullmatch(r"\s*([\w ?]+:? )?(https|mailto):\S+", line) for line in long)

    def test_it_has_no_markup_of_ours(self, mail: Mail) -> None:
        assert not re.search(
            r"</(p|td|a|span|div)>|<br|style=|&(amp|nbsp|lt|gt|quot|#\d+);", mail.rendered.text
        )

    def test_it_has_no_control_or_direction_characters(self, mail: Mail) -> None:
        both = mail.rendered.text + mail.rendered.html
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", both)

    def test_it_tells_every_story_of_the_html_in_the_same_order(self, mail: Mail) -> None:
        text = re.sub(r"\s", "", mail.rendered.text)
        at = 0
        for heading in mail.all("h3"):
            at = text.index(re.sub(r"\s", "", words(heading)), at)
        assert all(story.url in mail.rendered.text for story in mail.view.stories)

    def test_it_says_all_that_the_html_says_about_feeds_and_limits(self, mail: Mail) -> None:
        squashed = re.sub(r"\s", "", mail.rendered.text)
        sentences = [*mail.view.remainder, *mail.view.health.lines, *mail.view.legend, mail.view.quiet]
        assert all(re.sub(r"\s", "", sentence) in squashed for sentence in sentences)

    def test_unsubscribing_is_in_both_parts(self, mail: Mail) -> None:
        assert f"Unsubscribe: {mail.view.unsubscribe_url}" in mail.rendered.text
        assert any(link.get("href") == mail.view.unsubscribe_url for link in mail.all("a"))


class TestSizeGuard:
    def test_a_day_that_fits_is_not_thinned(self) -> None:
        view = Mail(NORMAL, FRAMES["by mail"]).view
        assert view.left_out == ()
        assert max(len(story.also) for story in view.stories) == 5

    def test_long_addresses_cost_outlets_before_stories(self) -> None:
        roomy = replace(FRAMES["linked"], digest=DIGEST.model_copy(update={"maximum": 60}))
        view = Mail(many(50, long_urls=True), roomy).view
        assert view.left_out == ()
        assert max(len(story.also) for story in view.stories) <= 3

    def test_what_does_not_fit_is_counted(self) -> None:
        mail = Mail(russian_heavy(), FRAMES["linked"])
        assert mail.view.left_out
        assert f"{len(mail.view.left_out)} more stories did not fit." in mail.rendered.text

    def test_one_story_is_always_printed(self) -> None:
        huge = many(1)
        assert len(Mail(huge, FRAMES["by mail"]).view.printed) == 1


class TestStrangersStrings:
    mail = Mail(hostile(), FRAMES["linked"])

    def test_markup_is_shown_as_text(self) -> None:
        assert "<script" not in self.mail.rendered.html.lower()
        assert "<img" not in self.mail.rendered.html
        assert words(self.mail.all("h3")[0]).startswith("<script>alert(1)</script> & “quoted” evil")

    def test_only_web_addresses_are_linked(self) -> None:
        hosts = {urlsplit(link.get("href", "")).hostname for link in self.mail.all("a")}
        assert hosts == {"news.example.com", "hotline.example.org"}

    def test_templates_in_names_are_not_run(self) -> None:
        assert "{{ 0 }} A & B <News>" in self.mail.rendered.text

    def test_an_invented_language_is_no_attribute(self) -> None:
        languages = {element.get("lang") for element in self.mail.elements}
        assert languages <= {None, "en"}
