"""An array that lies in chunks, and its readings counted chunk by chunk over Dask.

What leaves a task is the readings that occur and their counts, so that sums are exact and small.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE
from codec.codes.prefix import PrefixCode
from codec.coding.learn import as_coded, transformed
from codec.coding.steps import transform_named
from codec.errors import StreamError, option
from codec.readings.floats import in_kind_of
from codec.readings.grid import on_grid, parse_step
from codec.readings.stream import Stream, Tally, merged, tally_stream
from codec.readings.values import from_values
from codec.theory.distribution import Distribution
from codec.theory.floats import multiples
from codec.theory.labels import labels_of

_UNREADABLE = (OSError, ValueError, RuntimeError)  # what stores and their codecs raise for a damaged chunk


@dataclass(frozen=True, eq=False)
class Chunked:
    """An array as its chunks.

    Attributes
    ----------
    name : str
        For messages.
    shape : tuple of int
    dtype : dtype
    grid : tuple of int
        Chunks along each axis.
    pieces : list
        Of each chunk, in the order of C: what gives it when Dask computes it; or the array, and where it lies in it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    grid: tuple[int, ...]
    pieces: list[Any]

    def places(self) -> Iterator[tuple[int, ...]]:
        """Where each chunk lies in the grid."""
        return itertools.product(*map(range, self.grid))

    def each(self, measure: Callable[[Any, tuple[int, ...]], Any]) -> list[Any]:
        """What a function makes of each chunk, over the scheduler that Dask would use: a cluster, if there is one."""
        dask = _dask(self.name)
        task = dask.delayed(partial(_measured, measure, self.name), pure=False)
        tasks = [task(*piece, place) for piece, place in zip(self.pieces, self.places(), strict=True)]
        return list(dask.compute(*tasks, traverse=False))


def _measured(measure: Callable[..., Any], name: str, held: Any, where: Any, place: tuple[int, ...]) -> Any:
    """The task of a chunk: read it, if it has to be, and measure it."""
    return measure(held if where is None else _read(name, held, where), place)


@dataclass(frozen=True)
class Manner:
    """How a chunk is read: rounded to a step, as what a transform or a table stands for."""

    name: str
    step: str | None = None
    transform: str = "readings"
    code: PrefixCode | None = None

    def stream(self, chunk: Any, where: tuple[int, ...]) -> Stream:
        """The readings of a chunk, in the order of C, or what is coded of them: each chunk begins anew."""
        stream = from_values(np.ascontiguousarray(chunk).reshape(-1))
        stream = _named(stream, f"chunk {', '.join(map(str, where))} of {self.name}")
        if self.step is not None:
            stream, _ = on_grid(stream, self.step)
        if self.code is not None:
            return as_coded(in_kind_of(stream, self.code.alphabet.source), self.code)
        return transformed(stream, transform_named(self.transform), BLOCK_SIZE)

    def tally(self, chunk: Any, where: tuple[int, ...]) -> Tally:
        """The readings that occur in a chunk, sorted, and how often each does; floats as they are."""
        stream = self.stream(chunk, where)
        labels, counts = tally_stream(stream)
        if self.code is None and self.step is None and labels.kind == "int" and stream.floats is not None:
            floats = multiples(labels.values, labels.step)  # how many decimals they show, all chunks together say
            labels = labels_of(floats.astype(np.dtype(stream.floats.origin.dtype).newbyteorder("=")))
        return labels, counts


def _named(stream: Stream, name: str) -> Stream:
    floats = None if stream.floats is None else replace(stream.floats, name=name)
    gapped = None if stream.gapped is None else replace(stream.gapped, name=name)
    return replace(stream, name=name, floats=floats, gapped=gapped)


def chunked(array: Any, name: str = "the array") -> Chunked:
    """A Dask array, an xarray DataArray of one, or a Zarr array (or another that has chunks), as its chunks.

    Raises
    ------
    TypeError
        If it lies in no chunks.
    StreamError
        If Dask is not installed.
    """
    dask = _dask(name)
    array = array.data if hasattr(getattr(array, "data", None), "to_delayed") else array
    shape, chunks = getattr(array, "shape", None), getattr(array, "chunks", None)
    if shape is None or chunks is None or not isinstance(getattr(array, "dtype", None), np.dtype):
        raise TypeError(f"{name} is no array in chunks, as those of Dask and Zarr: {type(array).__name__}")
    if hasattr(array, "to_delayed"):
        return Chunked(name, shape, array.dtype, array.numblocks, [(one, None) for one in array.to_delayed().ravel()])
    edges = [range(0, length, size) for length, size in zip(shape, chunks, strict=True)]
    held = dask.delayed(array, pure=False, traverse=False)
    pieces = [
        (held, tuple(map(slice, start, map(sum, zip(start, chunks, strict=True)))))
        for start in itertools.product(*edges)
    ]
    return Chunked(name, shape, array.dtype, tuple(map(len, edges)), pieces)


def _read(name: str, array: Any, where: tuple[slice, ...]) -> NDArray[Any]:
    try:
        return np.asarray(array[where])
    except _UNREADABLE as error:
        place = ", ".join(f"{axis.start}:{axis.stop}" for axis in where)
        raise StreamError(f"{name}[{place}] cannot be read: {type(error).__name__}: {error}") from None


def _dask(name: str) -> Any:
    try:
        import dask
    except ModuleNotFoundError:
        raise StreamError(f"{name} is an array in chunks, which needs Dask: pip install 'codec[zarr]'") from None
    return dask


def distribution_of(
    array: Any, transform: str = "readings", *, step: str | float | None = None, name: str = "the array"
) -> Distribution:
    """The distribution of an array in chunks: exactly that of all its readings, as if they were in memory.

    Parameters
    ----------
    array : dask.array.Array, zarr.Array, or xarray.DataArray of one
    transform : "readings" or "differences"
        Differences of neighbours in the order of C; each chunk begins anew.
    step : str or number, optional
        Round the readings to multiples of it.
    name : str
        For messages.

    Raises
    ------
    StreamError
        If it is empty, holds more than 65,536 different readings, or a chunk cannot be read.

    Examples
    --------
    >>> import dask.array
    >>> p = distribution_of(dask.array.from_array([[100, 105], [105, 110]], chunks=1))
    >>> list(p.labels), p.weights.tolist()
    ([100, 105, 110], [1, 2, 1])
    """
    parts = chunked(array, name)
    how = transform_named(transform)
    if how.learn is not None:
        raise StreamError(f"{name}: {how.plural} are learned of one stream, and not of chunks: give a table of them")
    if transform != "readings" and parts.dtype.kind == "f" and step is None:
        raise StreamError(
            f"{name}: {transform} of floats need one grid for all chunks: name it with {option('--step')}"
        )
    manner = Manner(name, None if step is None else parse_step(str(step)), transform)
    return summed(parts.each(manner.tally), parts)


def summed(tallies: list[Tally], parts: Chunked) -> Distribution:
    """The distribution of all chunks; floats as the decimals that they show, if these give back all of them."""
    labels, counts = merged([tally for tally in tallies if len(tally[0])], parts.name)
    if not len(labels):
        raise StreamError(f"{parts.name} is empty, and has no distribution")
    if labels.kind == "float":
        values = labels.values.view(np.float64).astype(parts.dtype.newbyteorder("="))
        labels = Distribution.from_stream(values).labels
    return Distribution(labels, counts)
