"""The unit of work of commands and tests: everything rolls back unless it says commit."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlmodel import Session

from storage.errors import translated


class UnitOfWork:
    """One session in one transaction.

        with UnitOfWork(engine) as work:
            work.session.add(…)
            work.commit()

    Leaving without `commit()` rolls back, whether by an exception or not. Crawls do not use it: they
    write through `storage.writer`, many feeds in one transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)

    def __enter__(self) -> Self:
        self.session = Session(self._engine, expire_on_commit=False)
        return self

    def commit(self) -> None:
        """Keep what was done so far. Raises StorageError."""
        with translated():
            self.session.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()  # rolls back, and lets loaded rows live on
