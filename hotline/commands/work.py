"""`hotline work`: a worker beside the service, on this machine or another, over one PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hotline.bootstrap import Application, joined_application, make_matcher
from hotline.commands.run import begin_logging, end_now
from hotline.config_file import find_config, load_config
from hotline.crawl_work import Crawling, Disk, Work
from hotline.job_engine import make_job_engine
from hotline.result import Result
from language.errors import HotlineError
from scheduler.job import Job, Plan
from scheduler.service import Service

log = logging.getLogger(__name__)


class NothingToJoin(HotlineError):
    """The configuration lets one process do all the work."""

    code = "nothing-to-join"


def work(config: Path | None, environ: Mapping[str, str]) -> Result:
    """Crawl for the service that rings on the same database, until SIGTERM or SIGINT.

    It neither migrates the database nor brings feeds in step: that is the service's. Raises HotlineError,
    NothingToJoin where `service.engine` is local.
    """
    loaded = load_config(find_config(config, environ), environ)
    if loaded.config.service.is_alone:
        raise NothingToJoin(
            "With `service.engine: local` the service does all crawls itself.",
            hint="Write `service: {engine: procrastinate}`, which needs PostgreSQL.",
        )
    begin_logging()
    with joined_application(loaded.config) as application:
        service = Service(
            lambda: _plan(application),
            stop_within=loaded.config.service.stop_within,
            at_deadline=end_now,
        )
        log.info("waiting for crawls to do")
        with asyncio.Runner() as runner:
            if not runner.run(service.run()):
                end_now()
    return Result("work", {"stopped_at": datetime.now(UTC)}, report=("Stopped.",))


def _plan(application: Application) -> Plan:
    config = application.config
    disk = Disk(application.engine.url, minimum=config.service.minimum_free_mb * 2**20)
    engine = make_job_engine(config)
    crawling = Crawling(application, make_matcher(config), disk, shards=engine.shards)
    work = Work(engine.jobs, crawling.work, at_once=config.service.crawls_at_once)

    def stop() -> None:
        work.end()
        crawling.stop()

    async def close() -> None:
        await crawling.close()
        await engine.close()

    return Plan((Job("crawls", config.service.crawl_every, work.step, stop=stop),), close=close)
