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


def gaps_in(labels: Labels) -> NDArray[np.bool_]:
    """Which labels are gaps, (n,); of a stream that has some."""
    return np.asarray((labels.values >= GAP) & (labels.values < GAP + MOST_KINDS), np.bool_)


def without_gaps(labels: Labels) -> Labels:
    """The numbers alone."""
    return labels.take(~gaps_in(labels))
