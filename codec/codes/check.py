"""Judging codewords that someone has written down: are they a prefix code, what do they cost, where do they lose?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from codec.codes.lengths import huffman_lengths
from codec.theory.distribution import as_distribution
from codec.theory.labels import labels_of
from codec.theory.shown import brief, shown, shown_as_html
from codec.theory.weights import as_integers


@dataclass(frozen=True)
class Loss:
    """A label of p: its codeword, how long it is in a Huffman code, and what the difference costs on average."""

    spelling: str
    probability: float
    codeword: str | None
    least_length: int
    loss: Fraction | float


@dataclass(frozen=True)
class Check:
    """What is to be said of an answer, in bits per symbol; labels by their spellings.

    Attributes
    ----------
    prefix_free : bool
        Whether no codeword begins with another one or equals it.
    collision : tuple of two labels, or None
        The codeword of the first begins that of the second, or equals it.
    kraft_sum : Fraction
        Above 1 for no prefix code; below 1 some codewords could be shorter.
    cost, least_cost : Fraction, or infinity
        E_p[l], and that of a Huffman code for p.
    missing, unknown : tuple of labels
        Those that occur in p and have no codeword, and those with a codeword that are not in p.
    losses : tuple of Loss
        The labels of p in its order; the losses sum to cost - least_cost. A Huffman code is not the only one of least
        cost, so that single losses may be above and below 0 in an optimal answer too.
    """

    prefix_free: bool
    collision: tuple[str, str] | None
    kraft_sum: Fraction
    cost: Fraction | float
    least_cost: Fraction
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    losses: tuple[Loss, ...]

    @property
    def optimal(self) -> bool:
        """Whether it is a prefix code for p, and none costs less."""
        return self.prefix_free and not self.missing and self.cost == self.least_cost

    __str__ = shown
    _repr_html_ = shown_as_html

    def __repr__(self) -> str:
        return brief(self, "optimal", "prefix_free", "collision", "kraft_sum", "cost", "least_cost")


def check(p: Any, codewords: Mapping[Any, str]) -> Check:
    """Judge codewords, an answer to "which code for p is best?".

    Parameters
    ----------
    p : Distribution, a mapping label -> weight, or a list of weights
    codewords : mapping label -> str
        Of 0 and 1. A label is that label of p whose spelling it equals.

    Raises
    ------
    ValueError, TypeError
        For what is no codeword, or no distribution.

    Examples
    --------
    >>> check({"a": 2, "b": 1, "c": 1}, {"a": "0", "b": "10", "c": "11"}).optimal
    True
    >>> answer = check({"a": 2, "b": 1, "c": 1}, {"a": "0", "b": "01", "c": "11"})
    >>> answer.prefix_free, answer.collision, answer.kraft_sum
    (False, ('a', 'b'), Fraction(1, 1))
    """
    p = as_distribution(p)
    if not isinstance(codewords, Mapping) or not all(isinstance(word, str) for word in codewords.values()):
        raise TypeError('codewords are a mapping label -> text of 0 and 1, such as {"a": "0", "b": "10"}')
    words = dict(zip(labels_of(list(codewords)).spellings, codewords.values(), strict=True))
    for label, word in words.items():
        if not word or word.strip("01"):
            raise ValueError(f"the codeword of {label} is {word!r}, and a codeword is a text of 0 and 1, one at least")
    weights, spellings, best = as_integers(p.weights), p.labels.spellings, huffman_lengths(p.weights).tolist()
    total, losses = sum(weights), []
    for spelling, weight, least in zip(spellings, weights, best, strict=True):
        known, share = words.get(spelling), Fraction(weight, total)
        loss = share * (len(known or "") - least) if known or not weight else math.inf
        losses.append(Loss(spelling, float(share), known, least, loss))
    collision = _collision(words)
    least_cost = Fraction(sum(weight * length for weight, length in zip(weights, best, strict=True)), total)
    return Check(
        prefix_free=collision is None,
        collision=collision,
        kraft_sum=sum((Fraction(1, 1 << len(word)) for word in words.values()), Fraction(0)),
        cost=least_cost + sum(each.loss for each in losses),
        least_cost=least_cost,
        missing=tuple(each.spelling for each in losses if each.probability and each.codeword is None),
        unknown=tuple(sorted(set(words).difference(spellings))),
        losses=tuple(losses),
    )


def _collision(words: Mapping[str, str]) -> tuple[str, str] | None:
    """Two labels, the codeword of the first the beginning of the second's; neighbours in order are enough."""
    pairs = pairwise(sorted(words.items(), key=lambda pair: pair[1]))
    return next(((first, second) for (first, word), (second, after) in pairs if after.startswith(word)), None)
