"""Long work, shown while it goes on: a bar on a terminal, plain lines otherwise, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Step = Callable[[str], None]


@contextmanager
def shown_progress(title: str, total: int, *, console: Console | None = None) -> Iterator[Step]:
    """Yield a function to call with one line after each of `total` steps.

    On a terminal the line stands beside the bar and goes when the work is done; in a log it stays.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[line]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total, line="")
        yield lambda line: progress.update(task, advance=1, line=line)


def no_progress(_line: str) -> None:
    """For work that nobody watches."""
