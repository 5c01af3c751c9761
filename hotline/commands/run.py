"""`hotline run`: the service. It polls, reads, issues and sends until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from crawler.redaction import RedactUrls
from hotline.bootstrap import Application, open_application, synchronise
from hotline.config_file import find_config, load_config
from hotline.listener import listening
from hotline.result import Result
from hotline.service_plan import make_plan
from language.errors import HotlineError
from scheduler.job import Plan
from scheduler.service import Service, utc_now
from storage.engine import writing
from storage.instance_lock import instance_lock
from storage.notices import CONFIG_REJECTED, close_notices, open_notice

log = logging.getLogger(__name__)


def run(config: Path | None, environ: Mapping[str, str]) -> Result:
    """Serve until SIGTERM or SIGINT, which ends within `service.stop_within`.

    Raises HotlineError when the configuration is wrong, the database cannot be opened, or another
    service holds it (AlreadyRunning).
    """
    path = find_config(config, environ)
    loaded = load_config(path, environ)
    begin_logging()
    with open_application(loaded.config, now=utc_now()) as application, instance_lock(application.engine):
        loader = PlanLoader(application, path, environ)
        service = Service(
            loader.load,
            stop_within=loaded.config.service.stop_within,
            on_reload=lambda error: remember_reload(application.engine, error, now=utc_now()),
            at_deadline=end_now,
        )
        log.info("watching %d feeds for %d digests", len(loaded.config.feeds), len(loaded.config.digests))
        with asyncio.Runner() as runner:
            clean = runner.run(_serve(service, application, environ))
            log.info("stopped")
            if not clean:
                end_now()
    return Result("run", {"stopped_at": datetime.now(UTC)}, report=("Stopped.",))


async def _serve(service: Service, application: Application, environ: Mapping[str, str]) -> bool:
    """Run the service with its listener; a changed `service.listen` takes effect at the next start."""
    async with listening(application.config, application.engine, environ, clock=utc_now):
        return await service.run()


class PlanLoader:
    """Reads the configuration into a plan, again and again, on one open database."""

    def __init__(self, application: Application, path: Path, environ: Mapping[str, str]) -> None:
        self._application = application
        self._path = path
        self._environ = environ

    def load(self) -> Plan:
        """The plan of the configuration as it is now. Raises HotlineError."""
        loaded = load_config(self._path, self._environ)
        if loaded.config.storage.url != self._application.config.storage.url:
            log.warning("a changed storage.url takes effect at the next start")
        application = replace(self._application, config=loaded.config)
        plan = make_plan(application, self._environ, files=loaded.files)
        synchronise(application, now=utc_now())  # last: a plan that is refused changes nothing
        return plan


def remember_reload(engine: Engine, error: HotlineError | None, *, now: datetime) -> None:
    """Let `hotline status` say that a configuration was refused, until one is taken."""
    with writing(engine) as connection:
        close_notices(connection, CONFIG_REJECTED, now=now)
        if error is not None:
            open_notice(connection, CONFIG_REJECTED, str(error), now=now)


def begin_logging() -> None:
    """Plain lines on standard error, without secrets of URLs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactUrls())
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler]
    )
    for noisy in ("apscheduler", "procrastinate", "scrapy", "watchfiles", "twisted"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def end_now() -> None:
    """Leave without waiting for threads that still wait for a mail server or a database.

    A mail in hand is flagged by then, and claims end by themselves.
    """
    logging.shutdown()
    os._exit(0)
