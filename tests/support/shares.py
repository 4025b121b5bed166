"""What is dear: a seeded share of the cases runs by default, the others under slow."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

each_share = pytest.mark.parametrize("share", [0.1, pytest.param(1.0, marks=pytest.mark.slow)])


def some(cases: Iterable[Any], share: float) -> list[Any]:
    """A seeded share of the cases of a loop, in their order; at least one."""
    every = list(cases)
    chosen = set(random.Random(1).sample(range(len(every)), max(1, round(share * len(every)))))
    return [case for place, case in enumerate(every) if place in chosen]


def mostly_slow(cases: Sequence[tuple[Any, ...]], share: float = 0.1) -> list[Any]:
    """Cases for `parametrize`: a seeded share of them as they are, the others marked as slow."""
    kept = some(range(len(cases)), share)
    return [case if place in kept else pytest.param(*case, marks=pytest.mark.slow) for place, case in enumerate(cases)]
