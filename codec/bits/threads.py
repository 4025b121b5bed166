"""Blocks over threads, which stay for the next call: to start them takes as long as to code a million symbols."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import chain, islice
from threading import get_ident
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")

_pools: dict[int, ThreadPoolExecutor] = {}  # by how many work at once: the caller and the threads of the pool
_workers: set[int] = set()  # the threads of all pools
if hasattr(os, "register_at_fork"):  # a child process has none of them
    os.register_at_fork(after_in_child=_pools.clear)
    os.register_at_fork(after_in_child=_workers.clear)


def threads_for(name: str) -> int:
    """How many threads an engine's blocks are worth being spread over: NumPy's calls are too short for them."""
    return len(os.sched_getaffinity(0)) if name == "compiled" and hasattr(os, "sched_getaffinity") else 1


def in_threads(function: Callable[[_T], _R], items: Iterable[_T], threads: int) -> Iterator[_R]:
    """As `map`, in order; with several threads, of which this is one, so many items are worked on at once.

    As many more are held ready.

    >>> list(in_threads(abs, [-1, 2, -3], 2))
    [1, 2, 3]
    """
    items = iter(items)
    begun = list(islice(items, 2)) if threads > 1 and get_ident() not in _workers else []
    if len(begun) < 2:  # a thread for one item takes longer than many an item
        yield from map(function, chain(begun, items))
        return
    if threads not in _pools:
        _pools.setdefault(threads, ThreadPoolExecutor(threads - 1, "codec", lambda: _workers.add(get_ident())))
    pool, waiting = _pools[threads], deque[tuple[_T, Future[_R]]]()
    try:
        for item in chain(begun, items):
            waiting.append((item, pool.submit(function, item)))
            if len(waiting) >= 2 * threads:
                yield _first(function, waiting)
        while waiting:
            yield _first(function, waiting)
    finally:
        # What has begun is waited for; but not in one of these threads, where the garbage collector may close this, and
        # wait for itself.
        begun_already = [future for _, future in waiting if not future.cancel()]
        if get_ident() not in _workers:
            wait(begun_already)


def _first(function: Callable[[_T], _R], waiting: deque[tuple[_T, Future[_R]]]) -> _R:
    """The result for the first item; until it is there, this thread works on what no other has begun."""
    while not waiting[0][1].done():
        place = next((place for place, (_, future) in enumerate(waiting) if future.cancel()), None)
        if place is None:
            break
        item, own = waiting[place][0], Future[_R]()
        try:
            own.set_result(function(item))
        except BaseException:
            for _, future in islice(waiting, place):  # of several errors the first in order counts
                future.result()
            raise
        waiting[place] = item, own
    return waiting.popleft()[1].result()
