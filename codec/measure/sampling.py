"""Limits of a finite stream: the bias of its own entropy, and what learning a code from it costs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.theory.information import entropy

ENOUGH = 10  # readings per symbol, below which a stream's own entropy is an underestimate worth a warning


def miller_madow(counts: NDArray[Any]) -> float:
    """Entropy in bits from counts, corrected for the bias of the plain estimate by (m - 1) / (2 N ln 2).

    m is the number of labels seen, N the number of readings. G. A. Miller, Note on the Bias of Information
    Estimates, 1955; in nats there, in bits here.

    Examples
    --------
    >>> miller_madow(np.array([2, 2])) == 1 + 1 / (8 * math.log(2))
    True
    """
    return entropy(counts) + learning_cost(int(np.count_nonzero(counts)), int(counts.sum()))


def learning_cost(labels: int, count: int) -> float:
    """What an ideal code for m labels, from add-½ counts of N readings, is predicted to lose: (m - 1) / (2 N ln 2).

    In bits per reading, for large N. It is a prediction for ideal codes: a Huffman code rounds its lengths, and may
    lose more or less. R. E. Krichevsky, V. K. Trofimov, The Performance of Universal Encoding, 1981.

    Examples
    --------
    >>> round(learning_cost(8, 1000), 6)
    0.005049
    """
    return (labels - 1) / (2 * count * math.log(2))


def too_short(labels: int, count: int) -> bool:
    """Whether there are fewer than ten readings per symbol, so that the stream's own entropy is an underestimate."""
    return count < ENOUGH * labels
