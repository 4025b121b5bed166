"""How far a file has been read, on standard error, for work that takes long."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

AFTER, EVERY = 2.0, 0.2  # seconds
_one = threading.Lock()  # of several files that are open, the first is shown


@contextlib.contextmanager
def progress(file: BinaryIO, name: str) -> Iterator[None]:
    """Show the share of a file that has been read, its rate and the time left, if standard error is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or not file.seekable() or not _one.acquire(blocking=False):
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_show, args=(file.fileno(), name, done), daemon=True)
    try:
        thread.start()
        yield
    finally:
        done.set()
        thread.join()
        _one.release()


def _show(descriptor: int, name: str, done: threading.Event) -> None:
    """Ask the system where the file is read, so that reading itself is as fast as without a bar."""
    if done.wait(AFTER):
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    screen = Console(file=sys.stderr)
    with (
        contextlib.suppress(OSError),  # the terminal has gone; the work goes on
        Progress(*columns, console=screen, transient=True, redirect_stdout=False, redirect_stderr=False) as bar,
    ):
        last = os.lseek(descriptor, 0, os.SEEK_CUR)  # the rate is that from here on
        task = bar.add_task(escape(name), total=os.fstat(descriptor).st_size, completed=last)
        while not done.wait(EVERY):
            place = os.lseek(descriptor, 0, os.SEEK_CUR)
            if place < last:  # read once more
                bar.reset(task)
            bar.update(task, completed=place)
            last = place
