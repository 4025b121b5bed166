"""Readings minus what those before them predict: the path that ranks and linear prediction share.

What is predicted are the readings, or their ranks: their places among sorted labels. An unknown reading has the rank of
the nearest label, and the prediction goes on from there; it is coded as itself, moved away from zero by more than any
difference of ranks, so that the code's escape can carry it.

The base of a block is the values before its first one, the last one first, 8 bytes each, and zeros for those that the
prediction does not look at; of the first block one value, which stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from codec.codes.prediction_table import MAX_ORDER
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.differences import as_piece, refuse_others
from codec.coding.gaps import around
from codec.coding.linear import FITTED, fitted, predictions, residuals, undone
from codec.coding.piece import Piece
from codec.coding.ranks import ASIDE, as_int64, moved, moved_back, ranks_of
from codec.coding.step import Code, File, Job, Step, Transform
from codec.errors import DamagedError, StreamError, option
from codec.files.container import Block
from codec.readings.origin import Origin
from codec.readings.stream import Stream, tally_stream
from codec.theory.alphabet import find
from codec.theory.gaps import without_gaps
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

_MOST = 1 << 62
_REACH = 1 << 16  # how far from the first reading a value to begin with is looked for


def there(pieces: Iterator[Piece], job: Job) -> Iterator[Piece]:
    """Readings -> what is left of them, and the base of each block.

    Raises
    ------
    StreamError
        If the readings are no ints, or not in the steps of the ranks.
    """
    of = job.of
    if of is None:
        raise TypeError("readings are predicted as a code says, and there is none yet")
    order, position, step, begun = max(1, len(of.weights)), 0, "", False
    history = np.zeros(order, np.int64)
    for piece in pieces:
        step = step or piece.labels.step
        refuse_others(job.stream, piece.labels, step, position)
        if of.ranks is not None and of.ranks.kind != "int":  # words come later
            refuse_others(job.stream, of.ranks, step, position)
        if of.ranks is not None and len(piece.labels) and step != of.ranks.step:
            raise StreamError(
                f"{job.stream.name} has readings in steps of {step}, and the table has ranks of readings in steps of "
                f"{of.ranks.step}: round them with {option('--step', of.ranks.step)}, or make a finer table"
            )
        readings = piece.labels.values
        if of.ranks is not None and readings.dtype == np.uint64 and int(readings.max()) >= 1 << 63:
            why = f"a reading has more than 63 bits, and has no rank: code the readings without {option('--ranks')}"
            raise StreamError(f"{job.stream.name}, near {job.stream.place(position)}: {why}")
        values, aside = (readings, None) if of.ranks is None else ranks_of(of.ranks, readings, job.look)
        values = values.astype(np.int64, copy=False) if of.weights or of.ranks is None else values
        if aside is not None and (np.abs(readings[aside].astype(np.float64)) >= _MOST).any():
            why = f"a reading without a rank has more than 62 bits: leave out {option('--ranks')}"
            raise StreamError(f"{job.stream.name}, near {job.stream.place(position)}: {why}")
        if not begun and len(values):
            history[:] = _beginning(of, int(values[0]), job.code)
        base = history[: order if begun else 1].astype(">i8").tobytes()  # counts where a block begins
        base = base.ljust(job.transform.base_bytes if begun else 8, b"\0")
        begun = True
        left = residuals(values, history, of)
        if aside is not None:
            left[aside] = moved(readings[aside].astype(np.int64))
        yield Piece(Labels("int", left, step if of.ranks is None else "1", of=of), None, base)
        history = np.concatenate([values[::-1][:order], history])[:order]
        position += len(values)


def back(pieces: Iterator[Piece], block: Block, before: Piece | None, file: File) -> Iterator[Piece]:
    """What is left -> the readings of a block.

    Raises
    ------
    DamagedError
        If the base of the block is not the readings before it, or a rank has no label.
    """
    of = file.code.singles.of or Prediction("")
    history = _history_of(block, of, before)
    for piece in pieces:
        left = as_int64(piece.labels.values)[piece.symbols]
        aside = np.abs(left) >= ASIDE if of.ranks is not None else np.zeros(0, np.bool_)
        outside = moved_back(left[aside]) if aside.any() else None
        given = None
        if outside is not None and (np.abs(outside.astype(np.float64)) >= _MOST).any():
            raise DamagedError(f"block {block.sequence} is damaged: a reading without a rank has more than 62 bits")
        if outside is not None:
            given = np.full(len(left), -1)
            given[aside] = ranks_of(of.ranks, outside)[0]
        values = undone(left, history, of, given, file.engine)
        history = np.concatenate([values[::-1][: len(history)], history])[: len(history)]
        if of.ranks is None:
            yield as_piece(values, piece.labels.step, file.origin)
            continue
        if values.min() < 0 or values.max() >= len(of.ranks):
            raise DamagedError(f"block {block.sequence} is damaged: a rank is none of the {len(of.ranks):,}")
        yield Piece(of.ranks, values) if outside is None else _with_outside(of.ranks, values, aside, outside)


def _with_outside(
    ranks: Labels, places: NDArray[np.int64], aside: NDArray[np.bool_], outside: NDArray[np.int64]
) -> Piece:
    """Readings some of which have no rank: those stand behind the ranked labels, in their order."""
    places = places.copy()
    places[aside] = len(ranks) + np.arange(len(outside))
    return Piece(Labels("int", np.concatenate([as_int64(ranks.values), outside]), ranks.step), places)


def _history_of(block: Block, of: Prediction, before: Piece | None) -> NDArray[np.int64]:
    """The values before a block, the last one first, out of its base."""
    order = max(1, len(of.weights))
    history = np.frombuffer(block.base, ">i8").astype(np.int64)
    history = history[:order] if block.sequence else np.repeat(history, order)
    if len(block.base) > 8 * order and any(block.base[8 * order :]):
        raise DamagedError(f"the base of block {block.sequence} has more values than the prediction looks at")
    if of.ranks is not None and (history.min() < 0 or history.max() >= len(of.ranks)):
        raise DamagedError(f"the base of block {block.sequence} is no rank")
    if before is not None:
        last = _values(before, of)[-order:][::-1]
        if (history[: len(last)] != last).any():
            raise DamagedError(f"the base of block {block.sequence} is not the readings before it")
    return history


def _values(piece: Piece, of: Prediction) -> NDArray[np.int64]:
    """What is predicted of the readings of a piece."""
    readings = as_int64(piece.labels.values)[piece.symbols[-max(1, len(of.weights)) :]]
    return readings if of.ranks is None else ranks_of(of.ranks, readings)[0]


def _beginning(of: Prediction, first: int, code: Code | None) -> int:
    """The value that stands for all before the first: itself, or one near it from where the first has a codeword."""
    if code is None or code.alphabet.kind != "int":
        return first
    nearby = first + np.arange(-_REACH, _REACH + 1)
    nearby = nearby[np.argsort(np.abs(nearby - first), kind="stable")]
    if of.ranks is not None:
        nearby = nearby[(nearby >= 0) & (nearby < len(of.ranks))]
    left = Labels("int", first - predictions(nearby * sum(of.weights or (1,)), of))
    symbols, unknown = find(Labels("int", code.alphabet.values), left)
    lengths = code.first_lengths.take(symbols, mode="clip")
    lengths = np.where(False if unknown is None else unknown, 0, lengths)
    if lengths[0] or not lengths.any():
        return first
    return int(nearby[np.where(lengths > 0, lengths, MAX_CODE_LENGTH + 1).argmin()])


def learn_ranks(stream: Stream, order: int | None) -> Prediction:
    """The sorted labels of a stream."""
    return Prediction("ranks", _ranks(stream))


def learn_linear(stream: Stream, order: int | None) -> Prediction:
    """The weights that predict a stream best."""
    return Prediction("linear", None, *fitted(_first_values(stream), order))


def learn_linear_ranks(stream: Stream, order: int | None) -> Prediction:
    """The sorted labels of a stream, and the weights that predict its ranks best."""
    ranks = _ranks(stream)
    values = _first_values(stream)
    places = ranks_of(ranks, values)[0] if ranks.kind == "int" and len(values) else values
    return Prediction("linear ranks", ranks, *fitted(places.astype(np.int64), order))


def _ranks(stream: Stream) -> Labels:
    """The sorted labels of the numbers of a stream."""
    labels = tally_stream(stream)[0]
    return without_gaps(labels) if stream.origin.gaps else labels


def _first_values(stream: Stream) -> NDArray[np.int64]:
    """As many readings as weights are fitted to; none of what are no ints."""
    parts, count = [np.zeros(0, np.int64)], 0
    for labels in stream.labels():
        if labels.kind != "int" or count >= FITTED:
            break
        numbers = without_gaps(labels) if stream.origin.gaps else labels
        parts.append(as_int64(numbers.values[:FITTED]))
        count += len(numbers)
    return np.concatenate(parts)[:FITTED]


RANKS = Transform(
    number=2,
    name="ranks",
    option="ranks",
    noun="difference of ranks",
    plural="differences of ranks",
    help="code differences of ranks: of places among the sorted readings",
    base_bytes=8,
    step=around(Step(there, back)),
    origin=Origin("array", "<i8"),  # ints of 64 bits, whatever the readings were read from
    learn=learn_ranks,
)
LINEAR = replace(
    RANKS,
    number=3,
    name="linear",
    option="linear",
    noun="residual",
    plural="residuals of linear prediction",
    help="code what linear prediction in integers leaves of each reading",
    base_bytes=8 * MAX_ORDER,
    learn=learn_linear,
)
LINEAR_RANKS = replace(
    LINEAR,
    number=4,
    name="linear ranks",
    option="ranks linear",
    noun="residual of ranks",
    plural="residuals of ranks",
    help="",  # it is asked for by the options of both
    learn=learn_linear_ranks,
)
