"""What random pairs of p and q pay, beside what the KL divergence predicts: is there a bound, and where is none?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codec.codes.constructions import construct
from codec.codes.prefix import huffman
from codec.theory.distribution import Distribution
from codec.theory.information import relative_entropy


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs of believing q, for each pair, in bits a symbol: float64 arrays of shape (n,).

    Attributes
    ----------
    divergence : array
        D(p||q).
    shannon, huffman : array
        E_p[l_q] - H(p) for Shannon's and for Huffman's code for q.
    extra : array
        E_p[l_q] - E_p[l_p] for Huffman's codes.
    """

    divergence: NDArray[np.float64]
    shannon: NDArray[np.float64]
    huffman: NDArray[np.float64]
    extra: NDArray[np.float64]

    @property
    def below(self) -> int:
        """Pairs whose extra bits are less than D(p||q)."""
        return int(np.count_nonzero(self.extra < self.divergence))


def random_pairs(n: int = 300, labels: int = 8, seed: int = 1) -> Costs:
    """Costs of n pairs whose probabilities are drawn evenly from all distributions over so many labels.

    The draws are those of a flat Dirichlet distribution, rounded up to millionths so that they are exact.

    >>> costs = random_pairs(20)
    >>> bool((costs.divergence <= costs.shannon).all() and (costs.shannon < costs.divergence + 1).all())
    True
    """
    if labels < 2:
        raise ValueError(f"a pair of distributions has at least two labels, not {labels}")
    random = np.random.Generator(np.random.PCG64(seed))
    weights = np.ceil(1e6 * random.dirichlet(np.ones(labels), (n, 2))).astype(np.int64)
    rows = []
    for p, q in ((Distribution(range(labels), one), Distribution(range(labels), other)) for one, other in weights):
        h, cost = p.entropy(), huffman(q).expected_length(p)
        shannon = construct("shannon", q).expected_length(p)
        rows.append((relative_entropy(p, q), shannon - h, cost - h, cost - huffman(p).expected_length(p)))
    return Costs(*np.array(rows, np.float64).reshape(-1, 4).T)
