"""Which engine codes the bits, and when. All give the same bits and the same symbols.

reference   through bitarray: slow and obvious
lanes       NumPy: many lanes in step
compiled    Numba, if it is installed: plain loops, which run in threads; loading it takes about a second
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import get_ident
from types import ModuleType
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from codec.bits import lanes, reference
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode

# Lanes of a multiple of 8 symbols are written by whole words; with 2,000 the index costs about 0.005 bits per symbol.
# NumPy decodes the lanes of a block in step: fewer than some 4,000 lanes cost speed, more gain little.
LANE_SIZE = 2000
BLOCK_SIZE = 4096 * LANE_SIZE

NAMES = ("reference", "lanes", "compiled")
# Symbols from which on loading Numba repays itself, and those for which it is worth calling once it is loaded
# (python benchmarks/speed.py --scaling).
REPAID = 300_000_000
WORTH_A_CALL = 1_000

_T = TypeVar("_T")
_R = TypeVar("_R")


def available() -> tuple[str, ...]:
    """The names of the engines that can be used here, slowest first."""
    return NAMES if importlib.util.find_spec("numba") else NAMES[:-1]


def engine_name(name: str | None = None, symbols: int = 0) -> str:
    """The engine named; or named by the environment variable CODEC_ENGINE; or the quickest for so many symbols.

    Raises
    ------
    ValueError
        If there is no engine of this name, or it cannot be used here.

    Examples
    --------
    >>> engine_name("reference"), engine_name("lanes", 10**9)
    ('reference', 'lanes')
    >>> engine_name("abacus")
    Traceback (most recent call last):
    ValueError: there is no engine 'abacus'; there are reference, lanes, compiled
    """
    name = name or os.environ.get("CODEC_ENGINE") or None
    if name is None:
        loaded = "codec.bits.compiled" in sys.modules
        enough = symbols >= (WORTH_A_CALL if loaded else REPAID)
        return "compiled" if enough and "compiled" in available() else "lanes"
    if name not in NAMES:
        raise ValueError(f"there is no engine {name!r}; there are {', '.join(NAMES)}")
    if name not in available():
        raise ValueError(f"the engine {name!r} needs Numba: pip install 'codec[fast]'")
    return name


def engine(name: str | None = None, symbols: int = 0) -> ModuleType:
    """The module of an engine: see `engine_name`."""
    chosen = engine_name(name, symbols)
    if chosen == "compiled":
        from codec.bits import compiled

        return compiled
    return reference if chosen == "reference" else lanes


class Bits(Protocol):
    """A block of coded symbols."""

    @property
    def payload(self) -> NDArray[np.uint8]:
        """Its bitstream."""

    @property
    def lane_bits(self) -> NDArray[np.int64]:
        """Bits of each lane."""

    @property
    def count(self) -> int:
        """Symbols in it."""


class Coder:
    """One code through an engine, the engine's tables being made when they are first needed.

    Parameters
    ----------
    code : PrefixCode or ContextCode
    lane : int
        Symbols in a lane.
    name : str, optional
        Of the engine; by default the quickest for as many symbols as are coming or done.
    expected : int
        How many symbols are known to come.
    """

    def __init__(self, code: PrefixCode | ContextCode, lane: int, name: str | None = None, expected: int = 0) -> None:
        self._code = code if isinstance(code, ContextCode) else code.all_lengths
        self._lane, self._name, self._expected = lane, name, expected
        self._tables: dict[tuple[str, str], Any] = {}
        self.threads = threads_for(engine_name(name, expected))
        self.at_once = BLOCK_SIZE if engine_name(name, expected) == "lanes" else 1  # symbols of blocks worth one call

    def _ready(self, direction: str, count: int, done: int) -> tuple[Callable[..., Any], Any]:
        """The function of the engine, and the table that it goes by."""
        module = engine(self._name, max(self._expected, done))
        suffix = "_context" if isinstance(self._code, ContextCode) else ""
        key = (module.__name__, direction)
        if key not in self._tables:
            prepare = getattr(module, f"prepare_{direction}{suffix}")
            self._tables[key] = prepare(self._code, max(count, self._expected))
        return getattr(module, direction + suffix), self._tables[key]

    def encode(self, symbols: NDArray[Any], done: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """A block -> payload and lane bits; `done` symbols have been coded before."""
        function, table = self._ready("encode", len(symbols), done)
        payload, lane_bits = function(symbols, table, self._lane)
        return payload, lane_bits

    def decode(self, payload: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, done: int) -> NDArray[Any]:
        """Payload and lane bits -> a block of `count` symbols; DamagedError if they hold something else."""
        function, table = self._ready("decode", count, done)
        return np.asarray(function(payload, lane_bits, count, table, self._lane))

    def decode_several(self, blocks: Sequence[Bits], done: int) -> list[NDArray[Any]]:
        """Several blocks: by NumPy in one call, if their lanes are full."""
        count = sum(block.count for block in blocks)
        full = all(block.count % self._lane == 0 for block in blocks[:-1])
        if len(blocks) == 1 or not full or engine(self._name, max(self._expected, done)) is not lanes:
            return [self.decode(block.payload, block.lane_bits, block.count, done) for block in blocks]
        function, table = self._ready("decode", count, done)
        payload = np.concatenate([block.payload for block in blocks])
        lane_bits = np.concatenate([block.lane_bits for block in blocks])
        gaps = np.zeros(len(lane_bits), np.int64)
        last_lanes = np.cumsum([len(block.lane_bits) for block in blocks]) - 1
        gaps[last_lanes] = [8 * len(block.payload) - int(block.lane_bits.sum()) for block in blocks]
        symbols = function(payload, lane_bits, count, table, self._lane, gaps)
        return np.split(symbols, np.cumsum([block.count for block in blocks[:-1]]))


def threads_for(name: str) -> int:
    """How many threads an engine's blocks are worth being spread over: NumPy's calls are too short for them."""
    return len(os.sched_getaffinity(0)) if name == "compiled" and hasattr(os, "sched_getaffinity") else 1


def in_threads(function: Callable[[_T], _R], items: Iterable[_T], threads: int) -> Iterator[_R]:
    """As `map`, in order; with several threads, so many items are worked on at once, and one is held ready.

    >>> list(in_threads(abs, [-1, 2, -3], 2))
    [1, 2, 3]
    """
    if threads < 2:
        yield from map(function, items)
        return
    waiting: deque[Future[_R]] = deque()
    workers: set[int] = set()

    def work(item: _T) -> _R:
        workers.add(get_ident())
        return function(item)

    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # The garbage collector may close this in any thread, even in one of these or while one starts: to join them
        # there would never end. So what has begun is waited for, and not the threads.
        pool.shutdown(wait=False, cancel_futures=True)
        if get_ident() not in workers:
            wait([future for future in waiting if not future.cancelled()])
