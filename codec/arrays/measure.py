"""What one table costs all over an array, chunk by chunk, and where; and whether more tables would be cheaper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.arrays.counts import Manner, chunked, summed
from codec.arrays.tables import Tables, tables_tried
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.steps import transform_of
from codec.errors import StreamError
from codec.measure.mismatch import Mismatch, mismatch
from codec.measure.split import split
from codec.readings.grid import parse_step
from codec.readings.stream import Tally
from codec.theory.distribution import Distribution, matched
from codec.theory.shown import brief, shown, shown_as_html


@dataclass(frozen=True)
class ChunkPrice:
    """What the shared table costs on a chunk, in bits per reading where nothing else is said.

    Attributes
    ----------
    place : tuple of int
        In the grid of chunks.
    count, unseen : int
        Readings, and those without a codeword of their own.
    entropy : float
        H(p) of the chunk's own distribution p.
    kl_prediction : float
        D(p||r), r the distribution that the table implies; may be infinite.
    expected_extra : float
        E[l_q] - E[l_p], exact: above the chunk's own Huffman code. May be infinite.
    rounding_difference : float or None
        expected_extra - kl_prediction: what separates them.
    own_bits : int
        All readings of the chunk under its own Huffman code.
    table_bits : int
        That code's own table, which sharing saves.
    """

    place: tuple[int, ...]
    count: int
    unseen: int
    entropy: float
    kl_prediction: float
    expected_extra: float
    rounding_difference: float | None
    own_bits: int
    table_bits: int

    @property
    def extra_bits(self) -> float:
        """All extra bits of the chunk: a whole number, or infinite."""
        extra = self.expected_extra * self.count
        return round(extra) if math.isfinite(extra) else extra

    @property
    def price_bits(self) -> float:
        """What sharing costs: the extra bits less the table that it saves; below 0, sharing pays."""
        return self.extra_bits - self.table_bits


@dataclass(frozen=True)
class ArrayAudit:
    """What one shared table costs on an array in chunks.

    Attributes
    ----------
    shape, grid : tuple of int
        Of the array, and of its chunks.
    count, unseen : int
        Readings, and those without a codeword of their own.
    chunks : tuple of ChunkPrice
        In the order of C.
    whole : Mismatch
        The same columns of all readings together.
    chunk_entropy : float
        The mean of H(p) within chunks, each by its readings: H of all is more by what a chunk tells of its readings.
    split : tuple of (item, bits) or None
        Of `whole.expected_extra`, to which it sums; None if some reading cannot be coded.
    shared_bits : int or None
        All readings under the shared table; None if some reading cannot be coded.
    shared_table_bits : int
    tables : tuple of Tables
        What 1, 2, ... fresh tables would cost, and a table for each chunk.
    distribution : Distribution
        Of all chunks.
    coded : str
        What the table is of: "readings", or "differences" and so on, of which all figures then are.
    is_own : bool
        Whether the shared table is the array's own Huffman code.
    """

    shape: tuple[int, ...]
    grid: tuple[int, ...]
    count: int
    unseen: int
    chunks: tuple[ChunkPrice, ...]
    whole: Mismatch
    chunk_entropy: float
    split: tuple[tuple[str, float], ...] | None
    shared_bits: int | None
    shared_table_bits: int
    tables: tuple[Tables, ...]
    distribution: Distribution
    coded: str
    is_own: bool

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "shape", "grid", "count", "unseen")

    @property
    def dearest(self) -> ChunkPrice:
        """The chunk with the most extra bits; the first that cannot be coded, if there is one."""
        return max(self.chunks, key=lambda chunk: chunk.extra_bits)

    @property
    def cheapest(self) -> Tables:
        """The number of fresh tables with the fewest bits in all."""
        return min(self.tables, key=lambda each: each.bits)


def audit(
    array: Any, code: PrefixCode | Distribution | None, *, step: str | float | None = None, name: str = "the array"
) -> ArrayAudit:
    """Say what coding an array with one table costs in each of its chunks, and whether more tables would be cheaper.

    A table of differences, ranks or residuals is audited on those within chunks, each of which begins anew.

    Parameters
    ----------
    array : dask.array.Array, zarr.Array, or xarray.DataArray of one
    code : PrefixCode or Distribution (or a mapping label -> weight)
        The shared table; None for the Huffman code of the array itself.
    step : str or number, optional
        Round the readings to multiples of it.
    name : str
        For messages.

    Raises
    ------
    StreamError
        If the array is empty, holds more than 65,536 different readings, or a chunk cannot be read.
    TypeError
        If it lies in no chunks.

    Examples
    --------
    >>> import dask.array
    >>> array = dask.array.from_array([100, 105] * 50 + [110] * 100, chunks=100)
    >>> report = audit(array, Distribution([100, 105, 110], [2, 1, 1]))
    >>> [(chunk.place, chunk.kl_prediction, chunk.expected_extra) for chunk in report.chunks]
    [((0,), 0.5, 0.5), ((1,), 2.0, 1.0)]
    """
    parts, shared = chunked(array, name), None if code is None else as_code(code)
    if shared is not None and shared.readings > 1:
        raise StreamError("the table is of several readings in a codeword, and chunks are measured reading by reading")
    manner = Manner(name, None if step is None else parse_step(str(step)), code=shared)
    found = [each for each in parts.each(partial(_priced, manner)) if each is not None]
    tallies = [tally for _, tally, _ in found]
    p = summed(tallies, parts)
    if shared is None:
        shared = huffman(p, MAX_CODE_LENGTH)
    chunks = tuple(price or _price(tally, where, shared) for where, tally, price in found)
    own, costs = _lengths(p, shared)
    whole = mismatch(p, shared)
    finite = math.isfinite(whole.expected_extra)
    count = sum(chunk.count for chunk in chunks)
    own_bits, table_bits = (sum(getattr(chunk, name) for chunk in chunks) for name in ("own_bits", "table_bits"))
    each_own = np.array([chunk.own_bits + chunk.table_bits for chunk in chunks])
    return ArrayAudit(
        shape=parts.shape,
        grid=parts.grid,
        count=count,
        unseen=sum(chunk.unseen for chunk in chunks),
        chunks=chunks,
        whole=whole,
        chunk_entropy=math.fsum(chunk.entropy * chunk.count for chunk in chunks) / count,
        split=split(p, shared, own, costs, whole.own_expected_length) if finite else None,
        shared_bits=int(p.weights @ costs) if finite else None,
        shared_table_bits=8 * len(shared.serialized),
        tables=(
            *tables_tried(p, tallies, each_own),
            Tables(len(chunks), own_bits, table_bits, 0, tuple(range(len(chunks)))),
        ),
        distribution=p,
        coded=transform_of(shared).plural,
        is_own=code is None,
    )


def _priced(manner: Manner, chunk: Any, where: tuple[int, ...]) -> tuple[Any, Tally, ChunkPrice | None] | None:
    """A chunk's tally, and its price if the table is known; None if it has no readings."""
    tally = manner.tally(chunk, where)
    if not len(tally[0]):
        return None
    return where, tally, None if manner.code is None else _price(tally, where, manner.code)


def _price(tally: Tally, where: tuple[int, ...], code: PrefixCode) -> ChunkPrice:
    labels, counts = tally
    p = Distribution(labels, counts)
    price, fresh, (own, _) = mismatch(p, code), huffman(p, MAX_CODE_LENGTH), _lengths(p, code)
    return ChunkPrice(
        place=where,
        count=int(counts.sum()),
        unseen=int(counts[own == 0].sum()),
        entropy=price.entropy,
        kl_prediction=price.kl_prediction,
        expected_extra=price.expected_extra,
        rounding_difference=price.rounding_difference,
        own_bits=int(counts @ fresh.lengths),
        table_bits=8 * len(fresh.serialized),
    )


def _lengths(p: Distribution, code: PrefixCode) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What each label of p has as a codeword of its own, 0 without one, and what it costs."""
    return matched(code.alphabet, p, code.lengths, 0), code.costs_for(p)
