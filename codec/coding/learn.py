"""The code of a stream: learned from the readings that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.bits.engine import BLOCK_SIZE, engine, engine_name
from codec.bits.threads import in_threads, threads_for
from codec.codes.constructions import construct
from codec.codes.context import ContextCode, context_code
from codec.codes.intervals import interval_code
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.block_size import with_block_size
from codec.coding.options import Options
from codec.coding.piece import Cut
from codec.coding.step import Code, Job, Transform
from codec.coding.steps import LEVELS, transform_named, transform_of
from codec.errors import StreamError, counted, option
from codec.readings.origin import Closing, count_of
from codec.readings.stream import Stream, tally_stream
from codec.readings.values import from_values
from codec.theory.alphabet import MAX_SYMBOLS, find
from codec.theory.distribution import Distribution
from codec.theory.foreign import in_chunks
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction
from codec.theory.tuples import in_tuples, tally_numbers, tuple_radix, tuples_of

MAX_PAIRS = 1 << 22  # of different neighbours


def learned(stream: Stream, how: Options) -> tuple[Code, Options]:
    """The code learned from a stream, without labels from an empty one; and the options with a block size that fits."""
    stream = transformed(stream, how.transform, how.largest_block * how.per_codeword, how.order)
    each = partial(in_threads, threads=threads_for(engine_name(how.engine, count_of(stream.origin) or 0)))
    labels, counts = tally_stream(stream, _engine(stream, how).count_dense, each)
    if not len(labels) and how.transform.learn is not None:
        how = replace(how, transform=LEVELS)  # nothing can be learned of nothing
    code = _learned(stream, labels, counts, how) if len(labels) else PrefixCode(labels, np.zeros(0, np.int64))
    return code, with_block_size(how, code, int(counts.sum()), is_own=True)


def _engine(stream: Stream, how: Options) -> ModuleType:
    return engine(how.engine, count_of(stream.origin) or 0)


def _learned(stream: Stream, labels: Labels, counts: NDArray[np.int64], how: Options) -> Code:
    if how.context:
        return learn_contexts(stream, labels, how)
    if how.intervals:
        return learn_intervals(stream, Distribution(labels, counts), how)
    p = Distribution(labels, counts) if how.per_codeword == 1 else learn_tuples(stream, labels, how.per_codeword)
    return construct(how.construction, p, how.max_length)


def learn_intervals(stream: Stream, p: Distribution, how: Options) -> PrefixCode:
    """The interval code of a stream; StreamError if its readings are no numbers."""
    try:
        return interval_code(p, how.max_length)
    except ValueError as error:
        raise StreamError(f"{stream.name}: {error}") from None


def distribution_of(stream: Any, transform: str = "readings", order: int | None = None) -> Distribution:
    """The distribution of what a transform makes of a stream: of its differences, for example.

    A code for it codes streams with this transform, without being told.

    Parameters
    ----------
    stream : array_like, pandas Series, bytes, str or Stream; or an array of Dask or Zarr
    transform, order
        See `codec.encode`.

    Raises
    ------
    StreamError
        If the stream is empty, or its readings are no numbers.

    Examples
    --------
    >>> p = distribution_of([100, 105, 110, 105], "differences")
    >>> list(p.labels), p.weights.tolist()
    ([-5, 0, 5], [1, 1, 2])
    """
    if in_chunks(stream):
        from codec.arrays.counts import distribution_of as of_chunks

        return of_chunks(stream, transform)
    readings = stream if isinstance(stream, Stream) else from_values(stream)
    labels, counts = tally_stream(transformed(readings, transform_named(transform), BLOCK_SIZE, order))
    if not len(labels):
        raise StreamError(f"{readings.name} is empty, and has no distribution")
    return Distribution(labels, counts)


def as_coded(stream: Stream, code: Code) -> Stream:
    """What a code stands for in a stream: the readings themselves, or what its transform makes of them."""
    how = transform_of(code)
    return transformed(stream, how, BLOCK_SIZE, of=code.singles.of, code=code)


def transformed(
    stream: Stream,
    transform: Transform,
    block_readings: int,
    order: int | None = None,
    of: Prediction | None = None,
    code: Code | None = None,
) -> Stream:
    """What is coded of a stream, as a stream.

    Parameters
    ----------
    order : int, optional
        Of a linear prediction that is learned.
    of : Prediction, optional
        What is to be coded; by default it is learned from the stream.
    code : PrefixCode or ContextCode, optional
        That it is coded with, if that is known: the first difference is one that it has.
    """
    step = transform.step
    if step is None and (code is not None or stream.origin.kind == "array"):
        return stream
    stream = stream.gapped or stream
    if step is None:
        return stream
    of = of or (transform.of if transform.learn is None else transform.learn(stream, order))
    job = Job(stream, transform, code, block_readings, of)

    def pieces() -> Iterator[Labels | Closing]:
        cut = Cut(stream, block_readings)
        for piece in step.there(iter(cut), job):
            yield piece.labels
        yield cut.closing

    return replace(stream, origin=job.origin, pieces=pieces)


def learn_tuples(stream: Stream, base: Labels, k: int) -> Distribution:
    """The distribution of the tuples of k readings of a stream; a last one is filled up with the first label.

    Raises
    ------
    StreamError
        If there are more than 65,536 different ones; the message names the largest k that fits.
    """
    p = _tallied(stream, base, k)
    if p is not None:
        return p
    fits = next(smaller for smaller in range(k - 1, 0, -1) if smaller == 1 or _tallied(stream, base, smaller))
    way_out = f"blocks of {fits} fit" if fits > 1 else "no block of more than one reading fits"
    why = f"has more than {MAX_SYMBOLS:,} different blocks of {k} readings"
    if len(base) ** k > 1 << 63:
        why = f"has {counted(len(base), 'different reading')}, and blocks of {k} of them are too many to number"
    raise StreamError(f"{stream.name} {why}: {way_out}")


def _tallied(stream: Stream, base: Labels, k: int) -> Distribution | None:
    try:
        tuple_radix(len(base), k)
    except ValueError:
        return None
    symbols = (find(base, piece, stream.origin.is_lines)[0] for piece in stream.labels())
    tally = tally_numbers((numbers for numbers, _ in in_tuples(symbols, len(base), k)), MAX_SYMBOLS)
    return None if tally is None else Distribution(tuples_of(tally[0], base, k), tally[1])


def learn_contexts(stream: Stream, alphabet: Labels, how: Options) -> ContextCode:
    """The Huffman codes in context for a stream.

    Raises
    ------
    StreamError
        If there are too many different pairs of neighbouring readings.
    """
    tally = tally_numbers(_pairs(stream, alphabet, how), MAX_PAIRS, _engine(stream, how).count_dense)
    if tally is None:
        raise StreamError(
            f"{stream.name} has more than {MAX_PAIRS:,} different pairs of neighbouring readings, too many for codes "
            f"in context: round them to a grid with {option('--step')}, or code them without {option('--context')}"
        )
    pairs, counts = tally
    before, after = np.divmod(pairs, len(alphabet))
    return context_code(alphabet, before, after, counts, how.max_length or MAX_CODE_LENGTH)


def _pairs(stream: Stream, alphabet: Labels, how: Options) -> Iterator[NDArray[np.int64]]:
    """Numbers of pairs: the symbol before (n at the start of a lane) times n, and the symbol."""
    size, position, last, look = len(alphabet), 0, 0, _engine(stream, how).look_up
    for piece in Cut(stream, how.largest_block):
        symbols = find(alphabet, piece.labels, stream.origin.is_lines, look)[0]
        numbers = np.empty(len(symbols), np.int64)
        numbers[:1], numbers[1:] = last, symbols[:-1]
        numbers[-(position % how.largest_block) % how.lane_size :: how.lane_size] = size
        numbers *= size
        numbers += symbols
        yield numbers
        last, position = symbols[-1], position + len(symbols)
