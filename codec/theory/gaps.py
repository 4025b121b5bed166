"""Gaps among numbers: readings that are none, such as an empty cell or "NaN", each kind with an int for its label.

The labels of gaps are 2^31, 2^31 + 1, ...; numbers beside them, as ints, are less than 2^30 away from 0. So a gap
stands last in a sorted table, and no number or difference of numbers is taken for one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codec.theory.labels import Labels

GAP = 1 << 31
MOST_NUMBER = 1 << 30
MOST_KINDS = 16
NAN, MASKED = "nan", "masked"  # the gaps of arrays


def gaps_in(labels: Labels) -> NDArray[np.bool_]:
    """Which labels are gaps, (n,); of a stream that has some."""
    return np.asarray((labels.values >= GAP) & (labels.values < GAP + MOST_KINDS), np.bool_)


def gaps_of(labels: Labels) -> NDArray[np.bool_]:
    """Which labels of a table are gaps, (n,): those with such labels, if all numbers beside them are small enough.

    >>> gaps_of(Labels("int", np.array([7, GAP]))).tolist(), gaps_of(Labels("int", np.array([GAP, 1 << 40]))).tolist()
    ([False, True], [False, False])
    """
    if labels.kind != "int" or not len(labels):
        return np.zeros(len(labels), np.bool_)
    gaps = gaps_in(labels)
    return gaps & bool((np.abs(labels.values[~gaps].astype(np.float64)) <= GAP).all())


def shown_spellings(labels: Labels) -> list[str]:
    """The spellings of labels, those of gaps as "gap".

    >>> shown_spellings(Labels("int", np.array([7, GAP]), "0.1"))
    ['0.7', 'gap']
    """
    gaps = gaps_of(labels)
    if not gaps.any():
        return labels.spellings
    kinds = [f"gap {value - GAP + 1}" if value > GAP else "gap" for value in labels.values[gaps].tolist()]
    names = iter(kinds)
    return [next(names) if is_gap else text for is_gap, text in zip(gaps.tolist(), labels.spellings, strict=True)]


def without_gaps(labels: Labels) -> Labels:
    """The numbers alone."""
    return labels.take(~gaps_in(labels))
