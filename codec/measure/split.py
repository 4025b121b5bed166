"""Where the extra bits of an old table come from: exactly, item by item and reading by reading.

With p the stream's own distribution, the extra bits of the old code over a fresh Huffman code split exactly:

    shape                   D(p' || r given S')     how the readings differ from what the table was made for
    codewords never used    log2 1 / r(S')          codewords kept for readings that do not come
    holes                   log2 1 / K              prefixes that no codeword uses
    escapes                 p'(escape) (raw - H(U)) raw values, above what the unseen readings are worth
    - fresh redundancy      -(E_p[l_fresh] - H(p))  the fresh code rounds to whole bits too

p' is p with the unseen readings lumped into the escape, S' its support, r = 2^-l / K over all codewords of the old
table, U the distribution of the unseen readings, raw the mean bits of a raw value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import PrefixCode
from codec.theory.distribution import Distribution
from codec.theory.information import entropy


@dataclass(frozen=True)
class Culprit:
    """A reading and its part in the extra bits: p (l_old - l_fresh) bits per reading of the stream."""

    label: Any
    spelling: str
    probability: float
    old_length: int
    fresh_length: int
    bits: float


def split(
    p: Distribution, old: PrefixCode, own: NDArray[np.int64], costs: NDArray[np.int64], fresh_mean: float
) -> tuple[tuple[str, float], ...]:
    """The terms of `old - fresh` in bits per reading, which sum to it.

    Parameters
    ----------
    p : Distribution
        Of the stream.
    old : PrefixCode
    own, costs : int64 arrays, (n,)
        For each label of p: the length of its own codeword in `old`, 0 without one; what it costs under `old`.
    fresh_mean : float
        Mean length of the fresh code.
    """
    probabilities, unseen = p.probabilities, own == 0
    kraft = old.kraft_sum()
    lengths, lumped = own[~unseen], probabilities[~unseen]
    escape_share = float(probabilities[unseen].sum())
    escapes = 0.0
    if escape_share:
        lengths, lumped = np.append(lengths, old.escape_length), np.append(lumped, escape_share)
        raw = float(probabilities[unseen] @ (costs[unseen] - old.escape_length)) / escape_share
        escapes = escape_share * (raw - entropy(probabilities[unseen]))
    used = np.exp2(-lengths.astype(np.float64)) / float(kraft)  # r on S'
    shape = float((lumped * np.log2(lumped * used.sum() / used)).sum())
    return (
        ("shape", shape),
        ("codewords never used", -math.log2(used.sum()) + 0.0),
        ("holes", -math.log2(float(kraft)) + 0.0),
        ("escapes", escapes),
        ("the fresh code's own redundancy", p.entropy() - fresh_mean),
    )


def culprits_of(p: Distribution, costs: NDArray[np.int64], fresh: PrefixCode) -> tuple[Culprit, ...]:
    """All labels that the old code can write, the dearest first."""
    parts = p.probabilities * (costs - fresh.lengths)
    order = np.argsort(-parts, kind="stable").tolist()
    labels, spellings = list(p.labels), p.labels.spellings
    return tuple(
        Culprit(
            labels[i], spellings[i], float(p.probabilities[i]), int(costs[i]), int(fresh.lengths[i]), float(parts[i])
        )
        for i in order
        if costs[i]
    )
