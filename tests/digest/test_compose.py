from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.compose import compose
from digest.config import DigestConfig, Order
from digest.links import SignedLinks
from digest.setting import Density
from digest.stories import DayVolume, DigestStory, FeedHealth, IssueMaterial
from digest.view import DigestView, StoryView, Tier
from tests.digest.samples import DIGEST, EMPTY, FRAME, NORMAL, NOTHING, NOW, STORIES, article, many, story


def issue(material: IssueMaterial = NORMAL, **changes: object) -> DigestView:
    return compose(material, replace(FRAME, digest=DIGEST.model_copy(update=changes)))


def only(*stories: DigestStory, **changes: object) -> StoryView:
    view = issue(replace(NORMAL, stories=stories), **changes)
    return view.stories[0]


def said(view: DigestView) -> str:
    return "".join(segment.text for segment in view.summary)


def test_every_story_is_printed_once_or_counted() -> None:
    view = compose(many(30), FRAME, Density(stories=12))
    assert len(view.printed) == 12
    assert sorted(view.printed + view.left_out) == list(range(1, 31))
    assert [shown.number for shown in view.stories] == list(range(1, 13))
    assert "18 more stories did not fit." in view.remainder


def test_the_order_of_the_data_changes_nothing() -> None:
    assert issue(replace(NORMAL, stories=STORIES[::-1])) == issue()


def test_top_stories_are_the_best_of_different_sections() -> None:
    view = issue()
    assert [shown.chips[0] for shown in view.top] == ["Sanctions & trade", "Arms control", "Ukraine war"]
    assert all(shown.score >= 80 and shown.excerpt for shown in view.top)


def test_sections_keep_their_order_and_point_to_top_stories() -> None:
    view = issue()
    assert [section.label for section in view.sections] == [
        "Diplomacy", "Ukraine war", "Sanctions & trade", "Arms control", "NATO", "Energy",
        "Cyber & elections",
    ]  # fmt: skip
    assert [above.number for section in view.sections for above in section.above] == [3, 1, 2]
    assert view.quiet == "Prisoners, Syria"


def test_a_story_without_a_known_subtopic_stands_last() -> None:
    stray = story(99, "unheard-of", 90, 1, "Potomac Post", "Something else entirely")
    view = issue(replace(NORMAL, stories=(*STORIES, stray)))
    assert view.sections[-1].label == "Also on the subject"
    assert view.sections[-1].stories[0].headline == "Something else entirely"


def test_weak_stories_are_briefs_without_text() -> None:
    weak = only(story(1, "nato", 69, 1, "Potomac Post", "Weak", "Some text."))
    strong = only(story(1, "nato", 70, 1, "Potomac Post", "Strong", "Some text."))
    assert (weak.tier, weak.excerpt) == (Tier.BRIEF, ())
    assert strong.tier is Tier.FULL


def test_a_long_section_goes_on_in_briefs_but_updates_keep_their_text() -> None:
    texts = [story(at, "nato", 100 - at, at, "Potomac Post", f"Story {at}", "Text.") for at in range(1, 9)]
    last = replace(texts[-1], update=STORIES[1].update)
    (section,) = issue(replace(NORMAL, stories=(*texts[:-1], last))).sections
    assert [shown.tier for shown in section.stories] == [Tier.FULL] * 5 + [Tier.BRIEF] * 2
    assert section.stories[4].headline == "Story 8"


@pytest.mark.parametrize("order", [Order.SCORE, Order.OUTLETS])
def test_the_story_with_the_best_score_and_most_outlets_leads(order: Order) -> None:
    assert issue(order=order).stories[0].score == 97


def test_newest_first_is_newest_first() -> None:
    old = story(1, "nato", 95, 20, "Potomac Post", "Old")
    new = story(2, "nato", 51, 1, "Potomac Post", "New")
    view = issue(replace(NORMAL, stories=(old, new)), order=Order.NEWEST, maximum=1)
    assert view.printed == (2,)


class TestTheArticleThatSpeaks:
    flights = STORIES[4]  # Russian with text, English without

    def test_it_is_english_where_there_is_one(self) -> None:
        assert only(self.flights).headline.startswith("Oslo to host")

    def test_it_is_in_the_readers_first_language(self) -> None:
        shown = only(self.flights, languages=("ru", "en"))
        assert (shown.language, shown.flag) == ("ru", "RU")
        assert shown.sibling is not None
        assert shown.sibling.outlet == "Fjord Daily"

    def test_a_story_only_in_russian_says_so(self) -> None:
        assert only(STORIES[11]).flag == "RU only"

    def test_one_with_text_goes_before_a_bare_headline(self) -> None:
        bare = article(1, "Hudson Chronicle", "Bare", hours=1)
        told = article(2, "Fjord Daily", "Told", hours=2, text="It was told.")
        both = replace(STORIES[0], articles=(bare, told))
        assert only(both).headline == "Told"

    def test_then_the_outlets_priority_then_the_earliest(self) -> None:
        late = article(1, "Potomac Post", "Late", hours=1)
        early = article(2, "Hudson Chronicle", "Early", hours=2)
        minor = article(3, "Fjord Daily", "Minor", hours=3)
        assert only(replace(STORIES[0], articles=(late, minor, early))).headline == "Early"

    def test_a_text_that_others_carry_too_goes_before_an_earlier_comment(self) -> None:
        comment = article(1, "Potomac Post", "Comment", hours=9)
        wire = article(2, "Hudson Chronicle", "Wire", hours=3)
        copied = article(3, "Potomac Post", "Copied", hours=2, copy_of=2)
        assert only(replace(STORIES[0], articles=(comment, copied, wire))).headline == "Wire"


class TestAlsoIn:
    def test_four_are_named_one_of_them_in_another_language(self) -> None:
        shown = only(STORIES[0])
        assert [outlet.name for outlet in shown.also] == [
            "Potomac Post", "Beltway Wire", "Thames Observer", "Ока-Информ",
        ]  # fmt: skip
        assert shown.also_more == 7

    def test_a_fifth_is_named_rather_than_counted(self) -> None:
        shown = only(STORIES[2])
        assert (len(shown.also), shown.also_more) == (5, 0)

    def test_an_outlet_counts_once(self) -> None:
        twice = [article(at, "Potomac Post", f"Take {at}", hours=at) for at in (1, 2)]
        shown = only(replace(STORIES[0], articles=(*twice, article(3, "Fjord Daily", "Other", hours=1))))
        assert "2 outlets" in shown.details
        assert [outlet.name for outlet in shown.also] == ["Fjord Daily"]

    def test_the_same_text_is_counted(self) -> None:
        assert only(STORIES[0]).same_text == 3

    def test_outlets_are_counted_by_language(self) -> None:
        assert "6 outlets (4 EN, 1 RU, 1 UA)" in only(STORIES[2]).details


class TestMarks:
    def test_days_count_from_the_first_sight_of_the_story(self) -> None:
        assert "day 3" in only(STORIES[1]).details
        assert not any(detail.startswith("day") for detail in only(STORIES[0]).details)

    def test_an_update_says_since_when_and_what(self) -> None:
        shown = only(STORIES[1])
        assert shown.updated == "New since Wed 18 Nov"
        assert "Vienna" in shown.whats_new

    def test_an_update_has_an_excerpt_whatever_its_score(self) -> None:
        update = STORIES[1].update
        assert only(story(1, "nato", 52, 1, "Potomac Post", "T", "Text.", update=update)).excerpt

    def test_an_alert_is_remembered_in_the_readers_time(self) -> None:
        assert "alerted 05:12" in only(STORIES[0]).details

    def test_terms_in_the_excerpt_are_marked_the_others_listed(self) -> None:
        shown = only(STORIES[0])
        assert [piece.text for piece in shown.excerpt if piece.strong] == [
            "U.S. Treasury", "Russian oil", "price cap",
        ]  # fmt: skip
        assert shown.unseen_terms == ("OFAC",)


class TestSummary:
    def test_it_compares_with_the_days_before(self) -> None:
        assert said(issue()) == "20 stories from 70 articles, 6 % above the 13-day average of 66."

    def test_it_tells_late_articles_from_todays(self) -> None:
        view = issue(replace(NORMAL, stories=STORIES[:1]))
        assert said(view).startswith("1 story from 12 articles. 70 articles matched in the last 24 hours, ")

    def test_a_young_archive_compares_nothing(self) -> None:
        assert said(issue(replace(NORMAL, volume=NORMAL.volume[-3:]))) == "20 stories from 70 articles."

    def test_a_record_is_called_one(self) -> None:
        volume = (*NORMAL.volume[:-1], DayVolume(NOW.date(), 500))
        assert "the most in 14 days (daily average 66)" in said(issue(replace(NORMAL, volume=volume)))

    def test_an_empty_day_is_not_a_broken_one(self) -> None:
        empty, broken = issue(EMPTY), issue(NOTHING)
        assert "1,041 articles were read from 64 of 64 feeds" in said(empty)
        assert empty.subject == "No new stories: US–Russia daily · 19 Nov"
        assert "no feed answered" in said(broken)
        assert broken.subject.startswith("Nothing collected, check Hotline")

    def test_feeds_that_answer_without_news_are_not_broken(self) -> None:
        calm = replace(EMPTY, read=0, health=FeedHealth(total=3, answered=3))
        assert "0 articles were read from 3 of 3 feeds" in said(issue(calm))

    def test_a_catch_up_says_what_it_covers(self) -> None:
        late = replace(NORMAL, since=NOW - timedelta(days=3), missed=2)
        view = issue(late)
        assert view.window == "3 days to 06:30 EST"
        assert view.remarks == (
            "This issue makes up for 2 issues that could not be sent: it covers everything since Mon 16 Nov.",
        )


class TestSubject:
    def test_it_is_the_first_headline_the_rest_and_the_day(self) -> None:
        view = issue()
        assert view.subject.endswith("… (+19) · 19 Nov")
        assert view.subject.startswith("Washington bars insurers of 42 tankers")

    @pytest.mark.parametrize("material", [NORMAL, EMPTY, NOTHING, many(40)])
    def test_it_fits_and_so_does_the_preheader(self, material: IssueMaterial) -> None:
        view = issue(material)
        assert 15 <= len(view.subject) <= 78
        assert 40 <= len(view.preheader) <= 140


def test_times_are_in_the_readers_zone_and_name_it() -> None:
    schedule = DigestConfig.model_validate(
        {"name": "x", "readers": ["a@example.org"], "schedule": {"timezone": "Asia/Dubai"}}
    ).schedule
    view = issue(schedule=schedule)
    assert view.window == "24 hours to 15:30 UTC+4"
    assert view.top[0].details[0] == "13:18"
    assert any("Asia/Dubai" in line for line in view.legend)


def test_feed_health_names_the_longest_failing_first_and_counts_the_rest() -> None:
    failing = tuple(
        replace(NORMAL.health.failing[0], name=f"Feed {at:02}", since=NOW - timedelta(hours=at))
        for at in range(13)
    )
    view = issue(replace(NORMAL, health=FeedHealth(total=20, answered=7, failing=failing)))
    assert view.health.headline == "13 of 20 feeds are failing"
    assert view.health.lines[0].startswith("Feed 12")
    assert view.health.lines[-1] == "and 3 more; hotline status lists them"


def test_links_to_the_listener_appear_only_where_it_answers() -> None:
    without = compose(NORMAL, FRAME)
    links = SignedLinks("https://hotline.example.org", b"secret")
    linked = compose(NORMAL, replace(FRAME, links=links))
    assert without.unsubscribe_url == "mailto:hotline@example.org?subject=unsubscribe%20daily"
    assert not any(shown.judge_url for shown in without.stories)
    assert linked.unsubscribe_url.startswith("https://hotline.example.org/u/")
    assert all(shown.judge_url.startswith("https://hotline.example.org/j/") for shown in linked.stories)
