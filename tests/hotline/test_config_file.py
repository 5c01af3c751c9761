from __future__ import annotations

from pathlib import Path

import pytest

from hotline.config_error import ConfigError
from hotline.config_file import find_config, load_config

FEED = "feeds:\n  - url: https://news.example/rss\n"


def _write(folder: Path, text: str, name: str = "hotline.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _mistakes(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_config(path, environ or {})
    return [str(mistake).removeprefix(f"{path.parent}/") for mistake in raised.value.mistakes]


def test_an_empty_file_is_the_default_configuration(tmp_path: Path) -> None:
    loaded = load_config(_write(tmp_path, "# nothing yet\n"), {})

    assert loaded.config.feeds == ()
    assert loaded.files == (tmp_path / "hotline.yaml",)


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hotline init") as raised:
        load_config(tmp_path / "hotline.yaml", {})

    assert raised.value.code == "config"


@pytest.mark.parametrize(
    ("named", "environ", "found"),
    [
        (Path("x.yaml"), {"HOTLINE_CONFIG": "y.yaml"}, "x.yaml"),
        (None, {"HOTLINE_CONFIG": "y.yaml"}, "y.yaml"),
        (None, {"HOTLINE_CONFIG": ""}, "hotline.yaml"),
        (None, {}, "hotline.yaml"),
    ],
)
def test_the_option_beats_the_variable_beats_this_folder(
    named: Path | None, environ: dict[str, str], found: str
) -> None:
    assert find_config(named, environ) == Path(found)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "feeds:\n  - urll: https://a.example/rss\n  - url: gopher://b\n    name: 24\n"
        "crawl:\n  concurrency: many\nsmpt: {}\n",
    )

    assert _mistakes(path) == [
        "hotline.yaml:2:5: feeds.1.url: this key is missing",
        "hotline.yaml:2:5: feeds.1.urll: there is no such key",
        "hotline.yaml:3:5: feeds.2.url: 'gopher://b' is not an address; it must start with https:// or http://",
        "hotline.yaml:4:5: feeds.2.name: this should be text",
        "hotline.yaml:6:3: crawl.concurrency: this should be a whole number",
        "hotline.yaml:7:1: smpt: there is no such key",
    ]


def test_an_unknown_key_brings_a_suggestion(tmp_path: Path) -> None:
    path = _write(tmp_path, "smpt: {}\nsmtp:\n  prot: 25\ndigests:\n  - schedule: {att: 1}\n")

    with pytest.raises(ConfigError) as raised:
        load_config(path, {})

    hints = {mistake.key: mistake.hint for mistake in raised.value.mistakes}
    assert hints["smpt"] == "Did you mean `smtp`?"
    assert hints["smtp.prot"] == "Did you mean `port`?"
    assert hints["digests.1.schedule.att"] == "Did you mean `at`?"


def test_a_key_like_nothing_known_brings_the_list(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(_write(tmp_path, "digests:\n  - schedule: {qqq: 1}\n"), {})

    assert "Known here: at, days, timezone." in [mistake.hint for mistake in raised.value.mistakes]


def test_included_files_continue_the_lists(tmp_path: Path) -> None:
    path = _write(tmp_path, "include: [feeds/*.yaml]\n" + FEED)
    _write(tmp_path, "feeds:\n  - url: https://b.example/rss\n", "feeds/b.yaml")
    _write(tmp_path, "feeds:\n  - url: https://a.example/rss\ncrawl: {concurrency: 4}\n", "feeds/a.yaml")

    loaded = load_config(path, {})

    assert [feed.url for feed in loaded.config.feeds] == [
        "https://news.example/rss",
        "https://a.example/rss",
        "https://b.example/rss",
    ]
    assert loaded.config.crawl.concurrency == 4
    assert loaded.files == (path, tmp_path / "feeds/a.yaml", tmp_path / "feeds/b.yaml")


def test_a_mistake_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    path = _write(tmp_path, "include: [feeds/*.yaml]\n" + FEED)
    _write(tmp_path, "feeds:\n  - url: https://a.example/rss\n    urll: b\n", "feeds/a.yaml")

    assert _mistakes(path) == ["feeds/a.yaml:3:5: feeds.2.urll: there is no such key"]


def test_includes_that_cannot_work_are_told(tmp_path: Path) -> None:
    path = _write(
        tmp_path, "include: [gone.yaml, none/*.yaml, list.yaml, deep.yaml]\ncrawl: {concurrency: 4}\n"
    )
    _write(tmp_path, "- url: https://a.example/rss\n", "list.yaml")
    _write(tmp_path, "include: [x.yaml]\ncrawl: {concurrency: 5}\n", "deep.yaml")

    assert _mistakes(path) == [
        "deep.yaml: an included file cannot include others",
        "hotline.yaml:1:11: include.1: the file gone.yaml does not exist",
        "hotline.yaml:2:9: crawl.concurrency: this key is also given in an included file",
        "list.yaml:1:1: the file must be made of named parts",
    ]


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path, "smtp: {host: a.example, port: 25}\n")

    config = load_config(
        path, {"HOTLINE_SMTP__PORT": "587", "HOTLINE_CRAWL__ALLOW_PRIVATE": '["bridge.lan"]'}
    ).config

    assert (config.smtp.host, config.smtp.port) == ("a.example", 587)
    assert config.crawl.allow_private == ("bridge.lan",)


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    assert _mistakes(_write(tmp_path, ""), {"HOTLINE_SMTP__PORT": "x", "HOTLINE_SMPT__HOST": "x"}) == [
        "$HOTLINE_SMPT__HOST: smpt: there is no such key",
        "$HOTLINE_SMTP__PORT: smtp.port: this should be a whole number",
    ]


def test_a_list_is_not_changed_by_the_environment(tmp_path: Path) -> None:
    assert _mistakes(_write(tmp_path, FEED), {"HOTLINE_FEEDS__0__URL": "x"}) == [
        "$HOTLINE_FEEDS__0__URL: feeds is not a part with keys; change it in the file"
    ]


def test_a_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    assert _mistakes(_write(tmp_path, "smtp:\n  user: a\n  password: s3cret\n")) == [
        "hotline.yaml:3:3: smtp.password: no secret may stand in this file"
    ]


def test_a_section_whose_items_are_all_comments_is_empty(tmp_path: Path) -> None:
    assert load_config(_write(tmp_path, "feeds:\n#  - url: x\n"), {}).config.feeds == ()


def test_a_feed_given_twice_names_the_other(tmp_path: Path) -> None:
    path = _write(tmp_path, FEED + "  - url: https://news.example/rss\n")

    assert _mistakes(path) == [
        "hotline.yaml:3:5: feeds.2.url: https://news.example/rss is also the url of item 1"
    ]


def test_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_bytes("feeds: # новости\n".encode("cp1251"))

    assert _mistakes(path) == ["hotline.yaml: this file cannot be read: it is not UTF-8 text"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_bytes(FEED.encode("utf-8-sig"))

    assert len(load_config(path, {}).config.feeds) == 1


def test_mail_is_sent_from_the_address_that_readers_see(tmp_path: Path) -> None:
    config = load_config(_write(tmp_path, "mail: {from: Desk <desk@news.example>}\n"), {}).config

    assert config.mail.sender.address == "desk@news.example"


def test_two_thousand_feeds_load_in_seconds(tmp_path: Path) -> None:
    items = (f"  - url: https://n{i}.example/rss\n    name: N{i}\n    language: en\n" for i in range(2000))

    assert len(load_config(_write(tmp_path, "feeds:\n" + "".join(items)), {}).config.feeds) == 2000


def test_names_of_files_count_from_the_file_that_names_them(tmp_path: Path) -> None:
    path = _write(tmp_path, "include: [sub/*.yaml]\nsmtp: {user: a, password_file: secret.txt}\n")
    _write(tmp_path, "storage: {url: sqlite:///news.db}\n", "sub/store.yaml")

    config = load_config(path, {}).config

    assert config.smtp.password_file == tmp_path / "secret.txt"
    assert config.storage.url == f"sqlite:///{tmp_path}/sub/news.db"


def test_the_database_lies_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "")
    monkeypatch.chdir(tmp_path.parent)

    config = load_config(Path(tmp_path.name) / "hotline.yaml", {}).config

    assert config.storage.url == f"sqlite:///{tmp_path}/hotline.db"


def test_a_server_for_the_database_is_named_by_the_environment(tmp_path: Path) -> None:
    url = "postgresql+psycopg://hotline@db/hotline"

    assert load_config(_write(tmp_path, ""), {"HOTLINE_STORAGE__URL": url}).config.storage.url == url


_LIST = """\
<opml version="2.0"><body>
  <outline type="rss" text="One" xmlUrl="https://one.example/rss"/>
  <outline type="rss" text="Own, in the list" xmlUrl="https://news.example/rss"/>
</body></opml>
"""


def test_a_list_adds_its_feeds_and_the_files_own_come_first(tmp_path: Path) -> None:
    _write(tmp_path, _LIST, "more.opml")
    path = _write(tmp_path, "feeds_from: more.opml\nfeeds: [{url: https://news.example/rss, name: Own}]\n")

    loaded = load_config(path, {})

    assert [feed.name for feed in loaded.config.feeds] == ["Own", "One"]
    assert loaded.files == (path, tmp_path / "more.opml")


def test_a_list_that_is_missing_or_no_list_is_told(tmp_path: Path) -> None:
    assert _mistakes(_write(tmp_path, "feeds_from: gone.opml\n")) == [
        f"hotline.yaml:1:1: feeds_from: {tmp_path}/gone.opml cannot be read: No such file or directory"
    ]
    _write(tmp_path, "nothing of the kind", "more.opml")
    (mistake,) = _mistakes(_write(tmp_path, "feeds_from: more.opml\n"))
    assert mistake.startswith(f"hotline.yaml:1:1: feeds_from: {tmp_path}/more.opml: ")


def test_ten_thousand_feeds_of_a_list_load_in_seconds(tmp_path: Path) -> None:
    outlines = "".join(f'<outline text="N{i}" xmlUrl="https://n{i}.example/rss"/>' for i in range(10_000))
    _write(tmp_path, f"<opml><body>{outlines}</body></opml>", "more.opml")

    loaded = load_config(_write(tmp_path, "feeds_from: more.opml\n"), {})

    assert len(loaded.config.feeds) == 10_000


def test_a_mistaken_query_is_told_together_with_mistakes_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(
        "feeds:\n- url: paper.example\ntopics:\n  us-russia: {base: us-russia, query: '@us AND @rusia'}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as raised:
        load_config(path, {})
    assert [mistake.key for mistake in raised.value.mistakes] == ["feeds.1.url", "topics.us-russia.query"]
