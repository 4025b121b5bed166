"""A fresh table for a stream, made as the old one was."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from codec.codes.constructions import construct
from codec.codes.intervals import interval_code
from codec.codes.prefix import PrefixCode, huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.files.made import Made
from codec.theory.alphabet import MAX_SYMBOLS, merge_tallies
from codec.theory.distribution import Distribution


def retrained(p: Distribution, old: PrefixCode, made: Made | None = None) -> PrefixCode:
    """A table for p, made as the old one was: its construction, greatest length, smoothing and weight of the escape.

    A table that was smoothed, or has an escape, is to survive readings that it was not made from: a fresh one keeps
    the labels that the old one had. Without smoothing each of those counts as half a reading.

    Parameters
    ----------
    p : Distribution
        Of a stream: whole numbers of readings.
    old : PrefixCode
    made : Made, optional
        How the old table was made, if that is known. If not, an escape weighs one reading, and nothing else is kept.

    Examples
    --------
    >>> old = huffman(Distribution("abc", [5, 2, 1]), None, 1)
    >>> fresh = retrained(Distribution("ab", [1, 9]), old)
    >>> list(fresh.alphabet), fresh.lengths.tolist(), fresh.escape_length
    (['a', 'b', 'c'], [3, 1, 3], 2)
    """
    made = made or Made(escape=Fraction(1) if old.escape_length else None, intervals=old.widths is not None)
    if made.smooth is not None or old.escape_length:
        p = _with_labels_of(old, p)
    escape = made.escape
    if made.smooth is not None:
        p, escape = p.smoothed(made.smooth, fill=True), escape and escape * made.smooth.denominator
    elif escape is not None:  # halves, as whole numbers
        weights = p.weights.astype(np.int64)
        p, escape = Distribution(p.labels, np.where(weights > 0, 2 * weights, 1)), 2 * escape
    if made.intervals:
        return interval_code(p, made.max_length or MAX_CODE_LENGTH, escape, listed=False)
    if escape is not None:
        return huffman(p, made.max_length or MAX_CODE_LENGTH, escape)
    return construct(made.construction, p, made.max_length or MAX_CODE_LENGTH)


def _with_labels_of(old: PrefixCode, p: Distribution) -> Distribution:
    """The same distribution, over the labels of the old table too, where they are of one kind and not too many."""
    had = old.alphabet.take(np.flatnonzero(old.lengths))
    if (had.kind, had.step, had.of) != (p.labels.kind, p.labels.step, p.labels.of):
        return p
    labels, counts = merge_tallies([(p.labels, p.weights), (had, np.zeros(len(had), np.int64))])
    return Distribution(labels, counts) if len(labels) < MAX_SYMBOLS else p
