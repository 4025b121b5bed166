"""A line on standard error while work is long: how much is done, at what rate, and how long the rest will take."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from codec.readings.origin import Closing, count_of
from codec.readings.stream import Stream
from codec.theory.labels import Labels

WAIT = 2.0  # seconds before anything is shown

Update = Callable[[int, int | None], None]


@contextlib.contextmanager
def progress(title: str, quiet: bool) -> Iterator[Update]:
    """A function to be told how much is done, and of how much in all (None if that is not known).

    It shows nothing when standard error is no terminal.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with contextlib.ExitStack() as stack:
        began, shown = time.monotonic(), list[Update]()

        def update(done: int, total: int | None) -> None:
            if not shown and time.monotonic() - began >= WAIT:
                shown.append(stack.enter_context(_bar(title)))
            for each in shown:
                each(done, total)

        yield update


@contextlib.contextmanager
def _bar(title: str) -> Iterator[Update]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(20), TaskProgressColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, rate="")
        last = 0

        def update(done: int, total: int | None) -> None:
            nonlocal last
            if done < last:  # another pass
                bar.reset(task)
            last = done
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")

        yield update


def watched(stream: Stream, file: BinaryIO, size: int | None, update: Update) -> Stream:
    """The same stream, whose passes are told of: in bytes of the file of this size, or in readings of an array."""
    count = count_of(stream.origin)

    def pieces(of: Stream) -> Iterator[Labels | Closing]:
        done = 0
        for piece in of.pieces():
            yield piece
            if isinstance(piece, Labels):
                done += len(piece)
                in_bytes = size is not None and count is None
                update(file.tell() if in_bytes else done, size if in_bytes else count)

    others: dict[str, Any] = {
        name: replace(other, pieces=partial(pieces, other))
        for name, other in (("floats", stream.floats), ("gapped", stream.gapped))
        if other is not None
    }
    return replace(stream, pieces=partial(pieces, stream), **others)
