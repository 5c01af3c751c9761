"""`scrapy crawl feeds` by hand, from a checkout."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.crawler.site import Site, answer, rss

_ROOT = Path(__file__).resolve().parents[2]


async def test_scrapy_crawl_feeds_polls_what_the_configuration_names(tmp_path: Path) -> None:
    async with Site() as site:
        site.pages["/feed"] = answer(rss("Kremlin and White House agree on talks", "Weather"))
        site.pages["/robots.txt"] = answer(status=404)
        config = tmp_path / "hotline.yaml"
        config.write_text(
            f"feeds:\n- url: {site.url('/feed?key=s3cret')}\n  name: Paper\n  allow_private: true\n"
            f"storage:\n  url: sqlite:///{tmp_path / 'hotline.db'}\n"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "feeds",
            cwd=_ROOT,
            env={**os.environ, "HOTLINE_CONFIG": str(config)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, log = await process.communicate()
    shown = log.decode()
    assert process.returncode == 0, shown
    assert "Traceback" not in shown
    assert "s3cret" not in shown
    assert site.paths() == ["/feed?key=s3cret"]
    engine = create_engine(f"sqlite:///{tmp_path / 'hotline.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from article")).scalar() == 2
        assert connection.execute(text("select claimed_by from feed")).scalar() == ""
    engine.dispose()
