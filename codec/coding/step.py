"""What a step of the coding path is, and what the steps know of a stream to be coded and of a file to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codec.codes.context import ContextCode
from codec.codes.prefix import PrefixCode
from codec.coding.piece import Piece
from codec.files.container import Block, Header
from codec.files.section import ByteSource
from codec.readings import restore
from codec.readings.origin import Origin
from codec.readings.stream import Stream
from codec.theory.dense import LookUp, look_up
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

Code = PrefixCode | ContextCode
_SHORTEST_LINE = 2  # bytes: a digit and the end of the line


@dataclass(frozen=True)
class Step:
    """One step of the path, in both directions.

    `there` sees all pieces of a stream in order. `back` sees those of one block in order, and the last piece of the
    block before, if that is known.
    """

    there: Callable[[Iterator[Piece], Job], Iterator[Piece]]
    back: Callable[[Iterator[Piece], Block, Piece | None, File], Iterator[Piece]]


@dataclass(frozen=True)
class Transform:
    """What is coded in place of the readings: a value of the header's field.

    Attributes
    ----------
    number : int
        In the header.
    name : str
        In Python, and of what is coded: "differences".
    option : str
        At the command line, without dashes.
    noun, plural : str
        One of what is coded, "difference", and many.
    help : str
        What the option does.
    base_bytes : int
        Of the base of each block.
    step : Step or None
        None for the readings themselves.
    origin : Origin or None
        Where what is coded seems to come from, if not from where the readings do.
    of : Prediction or None
        What its labels are of, if that is the same for all streams.
    learn : callable or None
        A stream, and an order or None -> what its labels are of.
    """

    number: int
    name: str
    option: str
    noun: str
    plural: str
    help: str
    base_bytes: int = 0
    step: Step | None = None
    origin: Origin | None = None
    of: Prediction | None = None
    learn: Callable[[Stream, int | None], Prediction] | None = None


@dataclass(frozen=True, eq=False)
class Job:
    """What the steps need to know of a stream that is to be coded.

    Attributes
    ----------
    stream : Stream
    transform : Transform
    code : PrefixCode, ContextCode or None
        None while it is being learned.
    block_readings : int
        Readings in a block.
    of : Prediction or None
        What the labels that are coded are of.
    look : function
        How ints of a narrow range are looked up.
    """

    stream: Stream
    transform: Transform
    code: Code | None
    block_readings: int
    of: Prediction | None = None
    look: LookUp = look_up

    @property
    def origin(self) -> Origin:
        """Where what is coded comes from."""
        return self.transform.origin or self.stream.origin


@dataclass(frozen=True, eq=False)
class File:
    """A .huf file whose header has been read; the blocks follow in `source`.

    Attributes
    ----------
    source : file-like
    header : Header
    origin : Origin
        Of the readings.
    transform : Transform
    code : PrefixCode or ContextCode
    engine : str or None
    short : bool
        Whether it is a file of version 2, and `source` reads the one of version 1 that it stands for.
    """

    source: ByteSource
    header: Header
    origin: Origin
    transform: Transform
    code: Code
    engine: str | None = None
    short: bool = False

    @property
    def symbols_origin(self) -> Origin:
        """Where what is coded seems to come from."""
        return self.transform.origin or self.origin

    @property
    def alphabet(self) -> Labels:
        """The labels of the readings as far as the table knows them: none where something else is coded."""
        if self.transform.step is None:
            return self.code.singles
        labels = self.code.alphabet.source
        return labels if labels.of is None else Labels("int", np.zeros(0, np.int64), labels.step)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of output for each label of `alphabet`."""
        return restore.label_sizes(self.alphabet, self.origin)

    @cached_property
    def unrepresentable(self) -> NDArray[np.bool_] | None:
        """Which labels of `alphabet` no reading from there can be; None if all can."""
        return self.origin.unrepresentable(self.alphabet)

    @property
    def least_size(self) -> int:
        """The fewest bytes of output that a reading can take."""
        fixed = restore.fixed_size(self.origin)
        if fixed or self.transform.step is not None:
            return fixed or _SHORTEST_LINE
        return 1 if self.code.has_escape else int(self.sizes.min(initial=1 << 16))
