"""Which engine codes the bits, and when. All give the same bits and the same symbols."""

from __future__ import annotations

import os
from types import ModuleType

from codec.bits import lanes, reference

# Lanes of a multiple of 8 symbols are written by whole words; with 1,000 the index costs about 0.009 bits per symbol.
# NumPy decodes the lanes of a block in step: fewer than some 4,000 lanes cost speed, more gain little.
LANE_SIZE = 1000
BLOCK_SIZE = 4096 * LANE_SIZE

NAMES = ("reference", "lanes")


def available() -> tuple[str, ...]:
    """The names of the engines that can be used here, slowest first."""
    return NAMES


def engine(name: str | None = None) -> ModuleType:
    """The engine of this name; of the environment variable CODEC_ENGINE; or the fastest there is.

    >>> engine("reference").__name__
    'codec.bits.reference'
    >>> engine("abacus")
    Traceback (most recent call last):
    ValueError: there is no engine 'abacus'; there are reference, lanes
    """
    name = name or os.environ.get("CODEC_ENGINE") or "lanes"
    if name not in NAMES:
        raise ValueError(f"there is no engine {name!r}; there are {', '.join(NAMES)}")
    return reference if name == "reference" else lanes
