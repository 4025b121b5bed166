"""Which steps lead from readings to symbols: the one place to add one.

The header has two fields for it. `transform` says what is coded in place of the readings, `code` what a codeword
stands for. A code in context needs no step: it is another coder.
"""

from __future__ import annotations

from collections.abc import Iterator

from codec.coding import differences, predicted, symbols, tuples
from codec.coding.piece import Cut, Piece, gathered
from codec.coding.step import Code, Job, Step, Transform

LEVELS = Transform(0, "readings", "", "reading", "readings", "")
TRANSFORMS = (LEVELS, differences.TRANSFORM, predicted.RANKS, predicted.LINEAR, predicted.LINEAR_RANKS)
BASE_BYTES = {transform.number: transform.base_bytes for transform in TRANSFORMS}


def transform_named(name: str) -> Transform:
    """A transform by its name; ValueError names those that there are."""
    for transform in TRANSFORMS:
        if transform.name == name:
            return transform
    raise ValueError(f"there is no transform {name!r}; there are {', '.join(one.name for one in TRANSFORMS)}")


def transform_of(code: Code) -> Transform:
    """The transform whose labels a code is over."""
    of = code.singles.of
    return LEVELS if of is None else transform_named(of.name)


def steps_of(transform: Transform, code: Code) -> tuple[Step, ...]:
    """The steps from readings to symbols, in order."""
    transforming = () if transform.step is None else (transform.step,)
    return (*transforming, symbols.STEP, *([tuples.STEP] if code.readings > 1 else []))


def coded_symbols(readings: Cut, job: Job, block_size: int) -> Iterator[Piece]:
    """The symbols of a stream, a piece for each block."""
    if job.code is None:
        raise TypeError("readings become symbols of a code, and there is none yet")
    pieces = iter(readings)
    for step in steps_of(job.transform, job.code):
        pieces = step.there(pieces, job)
    return gathered(pieces, block_size)
