"""Exercises with their solutions, drawn by a seed: the same seed gives the same task on every machine."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from codec.codes.prefix import huffman
from codec.show.console import bits
from codec.theory.distribution import Distribution
from codec.theory.information import cross_entropy

LEAST_LABELS, MOST_LABELS = 2, 26
_BLOCKS = 3


@dataclass(frozen=True)
class Exercise:
    """A task in sentences, its distributions (p, then q), the steps of its solution, and the result by name."""

    task: str
    given: tuple[Distribution, ...]
    steps: tuple[str, ...]
    result: dict[str, Any]


def exercise(kind: str, seed: int = 1, labels: int | None = None) -> Exercise:
    """An exercise of one of KINDS.

    Parameters
    ----------
    kind : str
    seed : int
    labels : int, optional
        Of its alphabet, 2 to 26; by default as many as are done by hand.

    Examples
    --------
    >>> drawn = exercise("huffman", seed=3, labels=3)
    >>> drawn.steps
    ('b 0.08 + a 0.21 = 0.29', '(b a) 0.29 + c 0.71 = 1.00')
    """
    if kind not in KINDS:
        raise ValueError(f"no exercise is called {kind!r}; there are {', '.join(KINDS)}")
    make, usual = KINDS[kind]
    count = usual if labels is None else labels
    if not LEAST_LABELS <= count <= MOST_LABELS:
        raise ValueError(f"an exercise has {LEAST_LABELS} to {MOST_LABELS} labels, not {count}")
    return make(np.random.Generator(np.random.PCG64(seed)), count)


def spelled(p: Distribution) -> str:
    """A distribution of hundredths, as the command line takes it: a=0.50,b=0.30,c=0.20."""
    return ",".join(f"{label}={weight / 100:.2f}" for label, weight in zip(p.labels, p.weights.tolist(), strict=True))


def _drawn(random: np.random.Generator, labels: int) -> Distribution:
    """A distribution of hundredths above 0: 100 is cut at random places."""
    cuts = np.sort(np.argsort(random.random(99), kind="stable")[: labels - 1] + 1)
    return Distribution(string.ascii_lowercase[:labels], np.diff([0, *cuts.tolist(), 100]))


def _huffman(random: np.random.Generator, labels: int) -> Exercise:
    p = _drawn(random, labels)
    code = huffman(p)
    names, weights = list(p.labels), [weight / 100 for weight in p.weights.tolist()]
    steps = []
    for merge in code.merges:
        first, second = (f"{names[node]} {weights[node]:.2f}" for node in merge.nodes)
        whole = sum(merge.weights) / 100
        steps.append(f"{first} + {second} = {whole:.2f}")
        names.append(f"({' '.join(names[node].strip('()') for node in merge.nodes)})")
        weights.append(whole)
    words = {label: word.to01() for label, word in code.codewords.items()}
    result = {"codewords": words, "expected_length": code.expected_length(p), "entropy": p.entropy()}
    return Exercise("Build a Huffman code for p. What is its expected length?", (p,), tuple(steps), result)


def _entropy(random: np.random.Generator, labels: int) -> Exercise:
    p = _drawn(random, labels)
    steps = [f"{label}: {x:.2f} × {-math.log2(x):.4f} = {-x * math.log2(x):.4f}" for label, x in _shares(p)]
    task = "What is the entropy of p, the sum of −p log2 p, in bits?"
    return Exercise(task, (p,), tuple(steps), {"entropy": p.entropy()})


def _kl(random: np.random.Generator, labels: int) -> Exercise:
    p, q = _drawn(random, labels), _drawn(random, labels)
    ratios = [(label, x, math.log2(x / y)) for (label, x), (_, y) in zip(_shares(p), _shares(q), strict=True)]
    steps = [f"{label}: {x:.2f} × {bits(ratio)} = {bits(x * ratio)}" for label, x, ratio in ratios]
    price = huffman(q).expected_length(p) - huffman(p).expected_length(p)
    result = {
        "entropy": p.entropy(),
        "cross_entropy": cross_entropy(p, q),
        "relative_entropy": math.fsum(x * ratio for _, x, ratio in ratios),
        "extra_bits": price,
    }
    task = (
        "What is the KL divergence D(p‖q), the sum of p log2 p/q, in bits? "
        "And how many bits more does a Huffman code for q cost than one for p, on readings from p?"
    )
    return Exercise(task, (p, q), tuple(steps), result)


def _block(random: np.random.Generator, labels: int) -> Exercise:
    p = _drawn(random, labels)
    steps, lengths = [], []
    for k in range(1, _BLOCKS + 1):
        blocks = p.extension(k)
        lengths.append(huffman(blocks).expected_length(blocks) / k)
        steps.append(f"blocks of {k}: {len(blocks):,} codewords, {bits(lengths[-1])} bits per symbol")
    task = f"How many bits per symbol do Huffman codes for blocks of 1 to {_BLOCKS} symbols of p need? And the entropy?"
    return Exercise(task, (p,), tuple(steps), {"bits_per_symbol": lengths, "entropy": p.entropy()})


def _shares(p: Distribution) -> list[tuple[str, float]]:
    return list(zip(p.labels, p.probabilities.tolist(), strict=True))


KINDS: dict[str, tuple[Callable[[np.random.Generator, int], Exercise], int]] = {
    "huffman": (_huffman, 6),
    "entropy": (_entropy, 5),
    "kl": (_kl, 4),
    "block": (_block, 2),
}
