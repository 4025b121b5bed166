"""Interval codes: one length for all numbers of an interval, so that a table of many labels takes few bits.

An interval is 2^w consecutive labels. It has the length l of a codeword in the Huffman code over the intervals, and
each of its labels the length l + w. To give an interval one length is to believe that p is spread evenly in it, so
that with q for p spread so

    mean length = H(p) + D(p||q) + redundancy of the Huffman code over the intervals

exactly. DEFLATE's extra bits, JPEG's categories and pcodec's bins are of this kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.interval_table import starts_of
from codec.codes.lengths import huffman_lengths
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.errors import counted
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.distribution import Distribution
from codec.theory.gaps import gaps_of
from codec.theory.labels import Labels, int_array

# Bits that an interval may take in the table; each is tried, and the smallest of table and payload together is taken.
_PRICES = np.array([2, 3, 4, 5, 6, 8, 10, 12, 16, 24], np.float64)
_EXACT = 1 << 61  # sums of weights below this are exact when they are doubled


def interval_code(
    p: Distribution,
    max_length: int = MAX_CODE_LENGTH,
    escape_weight: Fraction | None = None,
    listed: bool = True,
) -> PrefixCode:
    """The interval code for p of the smallest table and payload, as far as the search goes.

    Parameters
    ----------
    p : Distribution
        Over ints; its weights are counts of readings.
    max_length : int, optional
        No codeword longer than this, in bits.
    escape_weight : number, optional
        Make an escape too, as if it had this weight.
    listed : bool
        Whether intervals may be of the labels of p, instead of all numbers from the least to the greatest, if that is
        smaller. Then numbers that p does not have get no codeword. Where the range has more than 65,536 numbers there
        is no other way.

    Raises
    ------
    ValueError
        If the labels are no ints, or no such code keeps to the greatest length.

    Examples
    --------
    >>> code = interval_code(Distribution([0, 3, 4, 5, 7], [100, 1, 1, 1, 1]), listed=False)
    >>> code.widths.tolist(), code.lengths.tolist()
    ([0, 3], [1, 4, 4, 4, 4, 4, 4, 4, 4])
    """
    labels = p.labels
    if labels.kind != "int":
        raise ValueError(
            f"intervals are of ints, or of numbers with a step, and these labels are of kind {labels.kind}"
        )
    order = np.argsort(labels.values, kind="stable")
    ranked, weights = labels.take(order), p.weights[order]
    apart = gaps_of(ranked)
    if apart.all():
        apart = np.zeros(len(ranked), np.bool_)
    gaps = ranked.take(apart), weights[apart]
    ranked, weights = ranked.take(~apart), weights[~apart]
    low, high = int(ranked.values[0]), int(ranked.values[-1])
    found = []
    room = MAX_SYMBOLS - (escape_weight is not None) - len(gaps[0])
    if high - low < room:
        places = np.array([value - low for value in ranked.values.tolist()])
        spread = np.zeros(high - low + 1, weights.dtype)
        spread[places] = weights
        consecutive = Labels("int", np.arange(0), labels.step, of=labels.of)
        found += _tried(consecutive, low, spread, room, gaps, max_length, escape_weight)
    if listed or not found:
        found += _tried(ranked, None, weights, len(ranked), gaps, max_length, escape_weight)
    if not found:
        raise ValueError(f"no interval code for {counted(len(p), 'label')} has codewords of at most {max_length} bits")
    return min(found, key=lambda code: _size(code, escape_weight))


def _tried(  # noqa: PLR0913
    labels: Labels,
    low: int | None,
    weights: NDArray[Any],
    room: int,
    gaps: tuple[Labels, NDArray[Any]],
    max_length: int,
    escape_weight: Fraction | None,
) -> list[PrefixCode]:
    """A code for each tiling of the places; `low` is the number at place 0, or None if the labels are listed.

    Each of the `gaps` is an interval of its own, behind all others.
    """
    codes = []
    for tiling in _tilings(weights.astype(np.float64), room):
        size = int(starts_of(tiling)[-1])
        own = np.zeros(size + len(gaps[0]), weights.dtype)
        own[: len(weights)], own[size:] = weights, gaps[1]
        widths = np.concatenate([tiling, np.zeros(len(gaps[0]), np.int64)])
        totals = np.add.reduceat(own, starts_of(widths)[:-1])
        lengths = _lengths_of(totals, widths, max_length, escape_weight)
        if lengths is None:
            continue
        values = labels.values.tolist() if low is None else list(range(low, low + size))
        alphabet = replace(labels, values=int_array([*values, *gaps[0].values.tolist()]))
        each = np.repeat(lengths[: len(widths)] + widths, 1 << widths)
        escape = int(lengths[-1]) if escape_weight is not None else 0
        codes.append(PrefixCode(alphabet, each, own, escape, widths))
    return codes


def _lengths_of(
    totals: NDArray[Any], widths: NDArray[np.int64], max_length: int, escape_weight: Fraction | None
) -> NDArray[np.int64] | None:
    """Huffman's lengths of the intervals, the escape's last; those that nothing fell into weigh half a reading."""
    if len(widths) == 1 and escape_weight is None:
        length = 0 if widths[0] else 1
        return np.array([length]) if length + widths[0] <= max_length else None
    try:
        return huffman_lengths(_doubled(totals, escape_weight), max_length - int(widths.max()))
    except ValueError:  # the limit is too low for so many
        return None


def _doubled(totals: NDArray[Any], escape_weight: Fraction | None) -> NDArray[Any]:
    """Twice the weights, as ints of the same proportions, the escape's behind them; 1 for those that are 0."""
    if totals.dtype == np.int64 and escape_weight is None and int(totals.max()) < _EXACT // len(totals):
        return np.asarray(np.maximum(2 * totals, 1))
    weights = [2 * Fraction(weight) or Fraction(1) for weight in totals.tolist()]
    if escape_weight is not None:
        weights.append(2 * Fraction(escape_weight))
    common = int(np.lcm.reduce([weight.denominator for weight in weights]))
    return np.array([int(weight * common) for weight in weights], object)


def _size(code: PrefixCode, escape_weight: Fraction | None) -> Any:
    """Bits of table and payload."""
    payload: Any = 0 if code.weights is None else code.weights @ code.lengths
    return payload + Fraction(escape_weight or 0) * code.escape_length + 8 * len(code.serialized)


def _tilings(weights: NDArray[np.float64], room: int) -> list[NDArray[np.int64]]:
    """Widths that cover all places in order, one tiling for each price of an interval.

    By dynamic programming from the end: best[x] is the cost of all from place x on. An interval of weight c costs
    c (w + log2(N / c)) and its price. The last one may reach beyond the places, as far as there is room.
    """
    size, total = len(weights), float(weights.sum())
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    widths = np.arange((size - 1).bit_length() + 1)
    places = np.arange(size)
    ends = places + (1 << widths)[:, None]
    inside = sums[np.minimum(ends, size)] - sums[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        costs = np.where(inside > 0, inside * (widths[:, None] + np.log2(total / inside)), 0.0)
    costs[ends > room] = np.inf
    best = np.zeros((2 * size + (1 << int(widths[-1])), len(_PRICES)))
    chosen = np.zeros((size, len(_PRICES)), np.int8)
    steps = 1 << widths
    each = np.arange(len(_PRICES))
    for place in range(size - 1, -1, -1):
        found = costs[:, place, None] + best[place + steps]
        least = found.argmin(axis=0)
        chosen[place] = least
        best[place] = found[least, each] + _PRICES
    tilings = {tuple(_walk(chosen[:, column])): None for column in range(len(_PRICES))}
    return [np.array(tiling, np.int64) for tiling in tilings]


def _walk(chosen: NDArray[np.int8]) -> list[int]:
    widths, place, choices = [], 0, chosen.tolist()
    while place < len(choices):
        widths.append(choices[place])
        place += 1 << choices[place]
    return widths


@dataclass(frozen=True, eq=False)
class Spread:
    """What an interval code believes: p spread evenly within each interval. Lengths in bits per reading.

    Attributes
    ----------
    code : PrefixCode
        With `widths`.
    p : Distribution
        Over labels of the code.

    Examples
    --------
    >>> p = Distribution([0, 1, 2, 3], [4, 2, 1, 1])
    >>> code = interval_code(p, listed=False)
    >>> shown = Spread(code, p)
    >>> p.entropy() + shown.divergence + shown.rounding == code.expected_length(p) == 2
    True
    """

    code: PrefixCode
    p: Distribution

    @property
    def widths(self) -> NDArray[np.int64]:
        """The widths of the code, (m,)."""
        return np.zeros(0, np.int64) if self.code.widths is None else self.code.widths

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The places where the intervals begin, and the end: (m + 1,)."""
        return starts_of(self.widths)

    @cached_property
    def over(self) -> Distribution:
        """The distribution over the intervals, numbered from 0."""
        own = self.p.lookup(self.code.alphabet, self.p.weights, 0)
        return Distribution(range(len(self.widths)), np.add.reduceat(own, self.starts[:-1]))

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The length of each interval's own codeword, (m,): of its labels, without the bits that tell them apart."""
        return self.code.lengths[self.starts[:-1]] - self.widths

    @property
    def divergence(self) -> float:
        """D(p||q), q being p spread evenly within each interval."""
        return self.over.entropy() + float(self.over.probabilities @ self.widths) - self.p.entropy()

    @property
    def rounding(self) -> float:
        """The redundancy of the code over the intervals: what whole bits cost there."""
        return float(self.over.probabilities @ self.lengths) - self.over.entropy()
