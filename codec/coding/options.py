"""How a stream is to be coded: one record, checked once."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from codec.bits.engine import BLOCK_SIZE, LANE_SIZE, engine_name
from codec.codes.constructions import NAMES as CONSTRUCTIONS
from codec.codes.prediction_table import MAX_ORDER
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.step import Transform
from codec.coding.steps import LEVELS
from codec.errors import option
from codec.files.container import MAX_BLOCK_SIZE
from codec.theory.tuples import MAX_READINGS_PER_CODEWORD


@dataclass(frozen=True)
class Options:
    """How a stream is to be coded; see `codec.encode`.

    Attributes
    ----------
    embed_table : bool
        Whether the file carries its code table.
    transform : Transform
        What is coded in place of the readings.
    order : int or None
        Readings that linear prediction looks at, 1 to 16; None for the order of the smallest size.
    per_codeword : int
        Readings in a codeword, where the code is learned.
    context : bool
        Whether to learn a code for each reading that may come before.
    intervals : bool
        Whether to learn an interval code.
    construction : str
        How a code is learned, one of `codec.codes.constructions.NAMES`.
    max_length : int
        No codeword is longer, where the code is learned.
    engine : str or None
    short : bool
        Whether a file of one block is written in the short form, `codec.files.short`.
    lane_size : int
    block_size : int or "auto"
        "auto" follows the stream; see `codec.coding.block_size`.

    Raises
    ------
    ValueError, TypeError
        For a value that no file can be written with, or values that do not go together.
    """

    embed_table: bool = True
    transform: Transform = LEVELS
    order: int | None = None
    per_codeword: int = 1
    context: bool = False
    intervals: bool = False
    construction: str = CONSTRUCTIONS[0]
    max_length: int = MAX_CODE_LENGTH
    engine: str | None = None
    short: bool = False
    lane_size: int = LANE_SIZE
    block_size: int | str = "auto"

    def __post_init__(self) -> None:
        for name in ("embed_table", "context", "intervals", "short"):
            object.__setattr__(self, name, bool(getattr(self, name)))
        for name, most in (
            ("lane_size", MAX_BLOCK_SIZE),
            ("block_size", MAX_BLOCK_SIZE),
            ("per_codeword", MAX_READINGS_PER_CODEWORD),
            ("max_length", MAX_CODE_LENGTH),
        ):
            if name == "block_size" and self.block_size == "auto":
                continue
            value = whole_number(name, getattr(self, name))
            object.__setattr__(self, name, value)
            if not 1 <= value <= most:
                raise ValueError(f"{name} is from 1 to {most:,}, not {value:,}")
        if self.order is not None and not 1 <= whole_number("order", self.order) <= MAX_ORDER:
            raise ValueError(f"order is from 1 to {MAX_ORDER}, not {self.order}")
        if self.construction not in CONSTRUCTIONS:
            raise ValueError(f"there is no construction {self.construction!r}; there are {', '.join(CONSTRUCTIONS)}")
        if self.context and self.per_codeword > 1:
            either = option("--context or --block")
            raise ValueError(f"a code in context is for single readings: give {either}, not both")
        if self.context and self.construction != CONSTRUCTIONS[0]:
            either = option("--context or --construction")
            raise ValueError(f"a code in context is made of Huffman codes: give {either}, not both")
        if self.intervals and (self.context or self.per_codeword > 1 or self.construction != CONSTRUCTIONS[0]):
            others = f"{option('--context')}, {option('--block')} and {option('--construction')}"
            raise ValueError(f"an interval code is a Huffman code for single readings: leave out {others}")
        engine_name(self.engine)

    @property
    def largest_block(self) -> int:
        """The block size, or the largest that "auto" can become."""
        return BLOCK_SIZE if isinstance(self.block_size, str) else self.block_size

    def refuse_learning(self) -> None:
        """Refuse what is said of a code to be learned, where one is given."""
        for name in ("per_codeword", "context", "intervals", "construction", "max_length"):
            if getattr(self, name) != getattr(_USUAL, name):
                raise ValueError(f"{name} is for a code that is learned, and one was given, which says it by itself")

    def refuse_choices(self, given: bool) -> None:
        """Refuse what is said of how to code, where every way is to be tried; `given` is whether a code was."""
        ways = ("transform", "per_codeword", "context", "intervals")
        chosen = ["code"] * given + [name for name in ways if getattr(self, name) != getattr(_USUAL, name)]
        if chosen:
            raise ValueError(f"best tries every way with a code learned for it: leave out {' and '.join(chosen)}")
        if not self.embed_table:
            raise ValueError("best learns a code, and without a table nothing could decode the file")


def whole_number(name: str, value: Any) -> int:
    """The value of an option as a Python int; TypeError if it is not a whole number."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is a whole number, not {value!r}") from None


_USUAL = Options()
