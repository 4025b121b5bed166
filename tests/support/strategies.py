"""Hypothesis strategies: weights, labels of every kind, distributions, codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.codes.prefix import PrefixCode
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels

Strategy = st.SearchStrategy[Any]

INT_DTYPES = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]

# Small numbers, so that ties are common; and numbers far beyond 64 bits.
counts = st.one_of(st.integers(0, 6), st.integers(0, 10**6), st.integers(0, 2**80))
positive_counts = st.one_of(st.integers(1, 6), st.integers(1, 10**6), st.integers(1, 2**80))
decimal_weights = st.integers(0, 1000).map(lambda k: k / 1000)
fractions = st.fractions(0, 10, max_denominator=50)


def weights(min_size: int = 1, max_size: int = 12) -> Strategy:
    """Valid weights: a list of ints, of decimals as floats, or of fractions; zeros among them, but not alone."""
    size: dict[str, Any] = {"min_size": min_size, "max_size": max_size}
    return st.one_of(st.lists(counts, **size), st.lists(decimal_weights, **size), st.lists(fractions, **size)).filter(
        any
    )


def small_weights(min_size: int = 1, max_size: int = 12, high: int = 9) -> Strategy:
    """Positive ints with many ties."""
    return st.lists(st.integers(1, high), min_size=min_size, max_size=max_size)


ints = st.one_of(
    st.integers(-3, 300), st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), -1, 0, 2**31, 2**63 - 1])
)
unsigned = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1), st.sampled_from([2**63, 2**64 - 1]))
float_patterns = st.one_of(
    st.integers(0, 2**64 - 1),
    st.sampled_from([0, 1 << 63, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48, 0xFFF8 << 48, (0x7FF << 52) | 1]),
    st.integers(-20, 20).map(lambda k: int(np.float64(k / 10).view(np.uint64))),
)
strings = st.one_of(
    st.text("ab", max_size=3),
    st.text(st.characters(exclude_categories=()), max_size=6),  # lone surrogates, NUL, line ends too
    st.sampled_from(["", "\x00", "\udcff", "\udcc3\udca9", "é", "\ud800", "0", "00"]),
)
byte_strings = st.one_of(st.binary(max_size=4), st.sampled_from([b"", b"\x00", b"\xff\xfe"]))


def _objects(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def values_of_kind(kind: str) -> Strategy:
    """Lists of what `Labels.values` holds for labels of this kind."""
    return {"int": ints, "unsigned": unsigned, "float": float_patterns, "str": strings, "bytes": byte_strings}[kind]


def labels_from(kind: str, values: Sequence[Any], step: str = "1") -> Labels:
    """Labels out of what `values_of_kind` gives."""
    if kind == "int":
        return Labels("int", np.array(values, np.int64), step)
    if kind in ("unsigned", "float"):
        return Labels("int" if kind == "unsigned" else kind, np.array(values, np.uint64), step)
    return Labels(kind, _objects(values))


KINDS = ("int", "unsigned", "float", "str", "bytes")


@st.composite
def labels(
    draw: st.DrawFn, min_size: int = 0, max_size: int = 40, unique: bool = False, kinds: Sequence[str] = KINDS
) -> Labels:
    """Labels of one kind: a stretch of a stream, or an alphabet if they are to be unique."""
    kind = draw(st.sampled_from(kinds))
    values = draw(st.lists(values_of_kind(kind), min_size=min_size, max_size=max_size, unique=unique))
    step = draw(st.sampled_from(["1", "1", "0.1", "0.25", "10"])) if kind == "int" else "1"
    return labels_from(kind, values, step)


@st.composite
def distributions(
    draw: st.DrawFn, min_size: int = 1, max_size: int = 12, kinds: Sequence[str] = KINDS, positive: bool = False
) -> Distribution:
    """Distributions over labels of any kind."""
    alphabet = draw(labels(min_size, max_size, unique=True, kinds=kinds))
    size = len(alphabet)
    given = st.lists(positive_counts, min_size=size, max_size=size) if positive else weights(size, size)
    return Distribution(alphabet, draw(given))


@st.composite
def pairs(
    draw: st.DrawFn, min_size: int = 1, max_size: int = 10, positive_q: bool = True
) -> tuple[Distribution, Distribution]:
    """p and q over the same labels, q in an order of its own."""
    size = draw(st.integers(min_size, max_size))
    p = draw(weights(size, size))
    q = draw(st.lists(positive_counts, min_size=size, max_size=size) if positive_q else weights(size, size))
    order = draw(st.permutations(range(size)))
    return Distribution(range(size), p), Distribution(order, [q[i] for i in order])


@st.composite
def complete_lengths(draw: st.DrawFn, min_size: int = 2, max_size: int = 12) -> list[int]:
    """Lengths of Kraft sum 1, in any order: a leaf is split in two until there are enough."""
    lengths = [0]
    for _ in range(draw(st.integers(min_size, max_size)) - 1):
        split = lengths.pop(draw(st.integers(0, len(lengths) - 1)))
        lengths += [split + 1, split + 1]
    return draw(st.permutations(lengths))


@st.composite
def feasible_lengths(draw: st.DrawFn, min_size: int = 1, max_size: int = 12) -> list[int]:
    """Lengths of Kraft sum at most 1: some codewords of a complete code taken away or made longer."""
    lengths = draw(complete_lengths(max(2, min_size), max_size))
    longer = draw(st.lists(st.sampled_from([0, 0, 0, 1, 3, None]), min_size=len(lengths), max_size=len(lengths)))
    changed = [0 if more is None else length + more for length, more in zip(lengths, longer, strict=True)]
    return changed if any(changed) else lengths


@st.composite
def codes(draw: st.DrawFn, max_size: int = 10, kinds: Sequence[str] = KINDS) -> PrefixCode:
    """Prefix codes over labels of any kind, complete or not, with labels that have no codeword."""
    lengths = draw(feasible_lengths(max_size=max_size))
    alphabet = draw(labels(len(lengths), len(lengths), unique=True, kinds=kinds))
    return PrefixCode.from_lengths(alphabet, lengths)


def kraft(lengths: Iterable[int]) -> Fraction:
    """The Kraft sum, from its definition."""
    return sum((Fraction(1, 2**length) for length in lengths if length), Fraction(0))


def examples(whole: int) -> int:
    """How many examples to try: a fifth of them by default, all under slow (see tests/conftest.py)."""
    return whole * settings().max_examples // 100


def tried(examples: int, *positional: Strategy, **named: Strategy) -> Callable[[Callable[..., None]], Any]:
    """Try a property on strategies: on a tenth of the examples by default, on all of them under slow."""

    def decorate(holds: Callable[..., None]) -> Any:
        def test(share: int) -> None:
            settings(max_examples=share, deadline=None)(given(*positional, **named)(holds))()

        test.__name__, test.__doc__, test.__module__ = holds.__name__, holds.__doc__, holds.__module__
        return pytest.mark.parametrize("share", [examples // 10, pytest.param(examples, marks=pytest.mark.slow)])(test)

    return decorate
