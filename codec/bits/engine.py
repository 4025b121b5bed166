"""Which engine codes the bits, and when. All give the same bits and the same symbols.

reference   through bitarray: slow and obvious
lanes       NumPy: many lanes in step
compiled    Numba, if it is installed: plain loops, which run in threads; loading it takes about a second
"""

from __future__ import annotations

import importlib.util
import os
import sys
import weakref
from collections.abc import Sequence
from time import perf_counter
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from codec.bits import lanes, reference
from codec.bits.threads import threads_for
from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode

# Lanes of a multiple of 8 symbols are written by whole words; with 2,000 the index costs about 0.005 bits per symbol.
# NumPy decodes the lanes of a block in step: fewer than some 4,000 lanes cost speed, more gain little.
LANE_SIZE = 2000
BLOCK_SIZE = 4096 * LANE_SIZE

NAMES = ("reference", "lanes", "compiled")
# Symbols from which on loading Numba repays itself, and those for which it is worth calling once it is loaded
# (python benchmarks/speed.py --scaling). If nobody knows how many will come, it is loaded once NumPy has taken as long
# as that takes: then the two together take at most twice the better of them.
REPAID = 300_000_000
WORTH_A_CALL = 1_000
LOADING = 1.0  # seconds
_LOADED = 0.6  # the share of both that is left if another package has loaded Numba already
# Symbols, in several blocks, that are decoded in one call.
_AT_ONCE = {"reference": 1, "lanes": BLOCK_SIZE, "compiled": 1 << 20}
_ENOUGH = 4  # a table is good for so many times the symbols that it was made for

_prepared: dict[int, dict[tuple[str, str], tuple[int, Any]]] = {}  # tables of each code, by its id


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
        left = _LOADED if "numba" in sys.modules else 1.0
        enough = symbols >= WORTH_A_CALL if loaded else symbols >= left * REPAID or Coder.seconds >= left * LOADING
        return "compiled" if enough and "compiled" in available() else "lanes"
    if name not in NAMES:
        raise ValueError(f"there is no engine {name!r}; there are {', '.join(NAMES)}")
    if name == "compiled" and name not in available():
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
    """One code through an engine, whose tables are made when they are first needed and kept as long as the code is.

    Parameters
    ----------
    code : PrefixCode or ContextCode
    lane : int
        Symbols in a lane.
    name : str, optional
        Of the engine; by default the quickest for as many symbols as are coming.
    expected : int
        How many symbols are known to come.
    """

    seconds = 0.0  # that all coders of the process have taken with NumPy's engine

    def __init__(self, code: PrefixCode | ContextCode, lane: int, name: str | None = None, expected: int = 0) -> None:
        self._code = code if isinstance(code, ContextCode) else code.all_lengths
        self._lane, self._name, self._expected = lane, name, expected
        if id(code) not in _prepared:
            weakref.finalize(code, _prepared.pop, id(code), None)
        self._tables = _prepared.setdefault(id(code), {})
        self.threads = threads_for(engine_name(name, expected))
        self.at_once = _AT_ONCE[engine_name(name, expected)]  # symbols of blocks worth one call

    def _engine(self) -> ModuleType:
        return engine(self._name, self._expected)

    def _run(self, module: ModuleType, direction: str, count: int, symbols: tuple[Any, ...], *rest: Any) -> Any:
        """Call an engine's function, with the table that it goes by: one made for so many symbols, or a few less."""
        started = perf_counter()
        suffix = "_context" if self._in_context else ""
        size, key = max(count, self._expected), (module.__name__, direction)
        made_for, table = self._tables.get(key, (0, None))
        if table is None or size > _ENOUGH * made_for:
            table = getattr(module, f"prepare_{direction}{suffix}")(self._code, size)
            self._tables[key] = size, table
        found = getattr(module, direction + suffix)(*symbols, table, self._lane, *rest)
        if module is lanes:
            Coder.seconds += perf_counter() - started
        return found

    def encode(self, symbols: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """A block -> payload and lane bits."""
        payload, lane_bits = self._run(self._engine(), "encode", len(symbols), (symbols,))
        return payload, lane_bits

    def encode_several(self, symbols: NDArray[Any], size: int) -> list[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
        """Several blocks of so many symbols, the last perhaps of less: by Numba in one call, if lanes are full."""
        module, lanes_in_block = self._engine(), size // self._lane
        if len(symbols) <= size or size % self._lane or module in (lanes, reference) or self._in_context:
            return [self.encode(symbols[start : start + size]) for start in range(0, len(symbols), size)]
        payload, lane_bits = self._run(module, "encode", len(symbols), (symbols,), lanes_in_block)
        starts = np.arange(0, len(lane_bits), lanes_in_block)
        ends = np.cumsum((np.add.reduceat(lane_bits, starts) + 7) // 8).tolist()
        payloads = [payload[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        return [(one, lane_bits[start : start + lanes_in_block]) for one, start in zip(payloads, starts, strict=True)]

    def decode(
        self, payload: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, room: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """Payload and lane bits -> a block of `count` symbols, in `room` if the engine can fill one.

        Raises
        ------
        DamagedError
            If they hold something else.
        """
        return self._decoded(payload, lane_bits, count, None, room)

    def decode_several(self, blocks: Sequence[Bits], room: NDArray[Any] | None = None) -> NDArray[Any]:
        """The symbols of several blocks, one behind the other: in one call if lanes are full, as `decode` in `room`."""
        first = blocks[0]
        if len(blocks) == 1:
            return self.decode(first.payload, first.lane_bits, first.count, room)
        if self._engine() is reference or any(block.count % self._lane for block in blocks[:-1]):
            return np.concatenate([self.decode(block.payload, block.lane_bits, block.count) for block in blocks])
        payload = np.concatenate([block.payload for block in blocks])
        lane_bits = np.concatenate([block.lane_bits for block in blocks])
        gaps = np.zeros(len(lane_bits), np.int64)
        last_lanes = np.cumsum([len(block.lane_bits) for block in blocks]) - 1
        gaps[last_lanes] = [8 * len(block.payload) - int(block.lane_bits.sum()) for block in blocks]
        return self._decoded(payload, lane_bits, sum(block.count for block in blocks), gaps, room)

    def _decoded(
        self,
        payload: NDArray[np.uint8],
        lane_bits: NDArray[np.int64],
        count: int,
        gaps: NDArray[np.int64] | None,
        room: NDArray[Any] | None,
    ) -> NDArray[Any]:
        module = self._engine()
        fills = room is not None and module not in (lanes, reference) and not self._in_context
        rest = (gaps, room) if fills else () if gaps is None else (gaps,)
        return np.asarray(self._run(module, "decode", count, (payload, lane_bits, count), *rest))

    @property
    def _in_context(self) -> bool:
        return isinstance(self._code, ContextCode)
