"""Hotline as a Scrapy project, for `scrapy crawl feeds` by hand.

Only what Scrapy must know before a crawler exists stands here; the add-on sets the rest from the
configuration ($HOTLINE_CONFIG, else ./hotline.yaml) when a crawl starts.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from scrapy.settings import BaseSettings

from crawler.redaction import RedactUrls
from crawler.session import CrawlSession
from crawler.settings import scrapy_settings
from hotline.bootstrap import open_application, open_crawler
from hotline.config import Config
from hotline.config_file import find_config, load_config

BOT_NAME = "hotline"
SPIDER_MODULES = ["crawler.spiders"]
TWISTED_REACTOR_ENABLED = False
ADDONS = {"hotline.scrapy_settings.HotlineAddon": 0}
HOTLINE_SESSION = "hotline.scrapy_settings.open_configured_session"


class HotlineAddon:
    """Brings the configuration into Scrapy's settings, and keeps secrets out of its log."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Scrapy's hook, called once per crawl. Raises ConfigError when there is no configuration."""
        for name, value in scrapy_settings(_configuration().crawl).items():
            settings.set(name, value, priority="project")  # they are; -s on the command line wins
        for handler in logging.root.handlers:
            handler.addFilter(RedactUrls())


@asynccontextmanager
async def open_configured_session() -> AsyncIterator[CrawlSession]:
    """What a spider crawls with when nobody hands it a session."""
    with open_application(_configuration(), now=datetime.now(UTC)) as application:
        async with open_crawler(application) as session:
            yield session


def _configuration() -> Config:
    return load_config(find_config(None, os.environ), os.environ).config
