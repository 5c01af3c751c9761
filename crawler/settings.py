"""Scrapy, set up for Hotline: what `scrapy.cfg` and `crawl_batch` have in common.

Politeness, redirects, robots.txt, time limits and body limits live in crawler.fetcher, behind the
download handler, because Scrapy keeps them per crawl and per host name. So its own are off, and so is
everything that opens a port, reads a local file or keeps a cookie.
"""

from __future__ import annotations

from typing import Any, Self

from scrapy.settings import Settings

from crawler.config import CrawlConfig

_HANDLER = "crawler.handler.PoliteHandler"


class SharedSettings(Settings):
    """Settings of many crawls. Each takes a copy, which Scrapy makes a deep one, three milliseconds for
    what no crawl of ours changes: here a copy is one of names, and the values are shared."""

    def copy(self) -> Self:
        """Settings of their own, with the same values."""
        made = type(self).__new__(type(self))
        made.frozen = False
        made.attributes = dict(self.attributes)
        return made


def scrapy_settings(config: CrawlConfig) -> dict[str, Any]:
    """Settings for a crawl under `config`; a plain dict of plain values."""
    return {
        "SPIDER_MODULES": ["crawler.spiders"],
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS": {
            "http": _HANDLER,
            "https": _HANDLER,
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        "USER_AGENT": config.user_agent,
        "DOWNLOAD_MAXSIZE": config.body_limit,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # One slot without a limit: the gate is the queue, and a slow host must not fill the downloader.
        "CONCURRENT_REQUESTS": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 100_000,
        "CONCURRENT_ITEMS": 1,  # the default makes a hundred tasks per response
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",  # the default scans all hosts
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",  # every poll has its row
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # reads the source of the callback for each response
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "ITEM_PIPELINES": {"crawler.pipelines.StoreResults": 300},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "LOG_FORMATTER": "crawler.log_format.QuietFormatter",
        "HTTPERROR_ALLOW_ALL": True,
        "ROBOTSTXT_OBEY": False,  # obeyed by the fetcher, for pages
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "STATS_DUMP": False,
        "LOGSTATS_INTERVAL": 0,
        "LOG_LEVEL": "INFO",
    }
